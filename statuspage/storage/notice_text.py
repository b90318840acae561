"""Stores a notice's texts for other media separately from those for the site, because they are nine tenths of its
text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from statuspage.domain import SITE_MEDIA, MediumText, Notice
from statuspage.serialization import from_json

SITE = "site"
"""Execution option of a transaction that needs only the texts for the site's own media."""

JsonObject = dict[str, Any]


def split_media(body: JsonObject) -> tuple[JsonObject, JsonObject | None]:
    """A notice as JSON, split as its row stores it: the site's texts, and the rest by language and medium."""
    other_media = {language: _without(language_text["media"]) for language, language_text in body["texts"].items()}
    if not any(other_media.values()):
        return body, None
    texts = {
        language: {
            **language_text,
            "media": {name: language_text["media"][name] for name in language_text["media"] if name in SITE_MEDIA},
        }
        for language, language_text in body["texts"].items()
    }
    return {**body, "texts": texts}, other_media


def join_media(body: JsonObject, other_media: JsonObject | None) -> JsonObject:
    """The complete notice as JSON."""
    if other_media is None:
        return body
    texts = {
        language: {**language_text, "media": {**language_text["media"], **other_media.get(language, {})}}
        for language, language_text in body["texts"].items()
    }
    return {**body, "texts": texts}


def restore_media(notice: Notice, other_media_json: str | None) -> Notice:
    """Adds the other media (JSON) to a notice that was read without them."""
    if other_media_json is None:
        return notice
    other_media = from_json(dict[str, dict[str, MediumText]], other_media_json)
    texts = {
        language: replace(notice_text, media={**notice_text.media, **other_media.get(language, {})})
        for language, notice_text in notice.texts.items()
    }
    return replace(notice, texts=texts)


def is_for_site(tx: Connection) -> bool:
    """Whether this transaction needs only the site's texts."""
    return tx.get_execution_options().get("words") == SITE


def _without(media: JsonObject) -> JsonObject:
    return {name: text for name, text in media.items() if name not in SITE_MEDIA}
