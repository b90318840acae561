"""The phrase book: every notice of every kind in one representative story, as customers get it, to be read aloud."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from statuspage.content.validation.sample_incidents import Trial, sample_notices
from statuspage.domain import Catalog, NoticeText
from statuspage.rendering.wording import compose

SHOWN = ("page", "x", "short")
"""The media that are shown: the notice itself, a post, what is read out on the phone."""


def phrasebook(catalog: Catalog, languages: Sequence[str], *, midnight: datetime, address: str) -> str:
    """The phrase book of these languages in Markdown; its stories are set on the day that begins at ``midnight``."""
    shown = replace(catalog, media={name: medium for name, medium in catalog.media.items() if name in SHOWN})
    parts: list[str] = []
    for kind, stories in groupby(sample_notices(shown, midnight, address), key=lambda one: one.facts.kind):
        names = (catalog.books[language].phrases[f"kind.{kind}.name"].replace("|", "") for language in languages)
        parts += [f"## {' / '.join(names)}", ""]
        for one in stories:
            parts += _notice(one, shown, languages)
    return "\n".join(parts).rstrip("\n") + "\n"


def _notice(one: Trial, catalog: Catalog, languages: Sequence[str]) -> Iterator[str]:
    words = compose(one.notice, one.facts, catalog=catalog, story=one.story, now=one.now)
    yield f"### {' / '.join(words[language].label for language in languages)}"
    yield ""
    for language in languages:
        yield from _notice_lines(words[language])


def _notice_lines(words: NoticeText) -> Iterator[str]:
    yield f"**{words.title}** · {words.status}"
    yield ""
    for medium in SHOWN:
        yield f"- `{medium}`"
        yield ""
        yield from (f"  {line}  " if line else "" for line in words.media[medium].body.split("\n"))
        yield ""
