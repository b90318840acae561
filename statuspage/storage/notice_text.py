"""Keeps what a notice says on the site apart from what it says elsewhere, which is nine tenths of its words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from statuspage.domain import SITE_MEDIA, Notice, Text
from statuspage.serialization import from_json

SITE = "site"
"""Of a transaction: it wants the words of the site's own media alone."""

Plain = dict[str, Any]


def parted(body: Plain) -> tuple[Plain, Plain | None]:
    """A notice in its plain form, as its row keeps it: what the site says, and the rest by language and medium."""
    apart = {language: _without(words["media"]) for language, words in body["words"].items()}
    if not any(apart.values()):
        return body, None
    words = {
        language: {**said, "media": {name: said["media"][name] for name in said["media"] if name in SITE_MEDIA}}
        for language, said in body["words"].items()
    }
    return {**body, "words": words}, apart


def joined(body: Plain, apart: Plain | None) -> Plain:
    """The whole again, in its plain form."""
    if apart is None:
        return body
    words = {
        language: {**said, "media": {**said["media"], **apart.get(language, {})}}
        for language, said in body["words"].items()
    }
    return {**body, "words": words}


def whole(notice: Notice, apart: str | None) -> Notice:
    """The same of a notice that was read without the rest, and of the rest as JSON."""
    if apart is None:
        return notice
    rest = from_json(dict[str, dict[str, Text]], apart)
    words = {
        language: replace(said, media={**said.media, **rest.get(language, {})})
        for language, said in notice.words.items()
    }
    return replace(notice, words=words)


def for_site(tx: Connection) -> bool:
    """Whether this transaction wants no more than the site says."""
    return tx.get_execution_options().get("words") == SITE


def _without(media: Plain) -> Plain:
    return {name: text for name, text in media.items() if name not in SITE_MEDIA}
