"""Renders the phrase book: every notice of every incident type in one sample, as customers read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import groupby

from statuspage.content.validation.sample_incidents import Trial, generate_sample_notices
from statuspage.domain import Catalog, NoticeText
from statuspage.rendering.wording import compose

SHOWN_MEDIA = ("page", "x", "short")
"""The media it contains: the notice itself, a post, and the phone script."""


def render_phrasebook(catalog: Catalog, languages: Sequence[str], *, midnight: datetime, address: str) -> str:
    """The phrase book in these languages, as Markdown. Its incidents happen on the day that begins at ``midnight``."""
    shown_catalog = replace(
        catalog, media={name: medium for name, medium in catalog.media.items() if name in SHOWN_MEDIA}
    )
    lines: list[str] = []
    for incident_type, trials in groupby(
        generate_sample_notices(shown_catalog, midnight, address), key=lambda trial: trial.facts.incident_type
    ):
        names = (
            catalog.packs[language].phrases[f"incident_type.{incident_type}.name"].replace("|", "")
            for language in languages
        )
        lines += [f"## {' / '.join(names)}", ""]
        for trial in trials:
            lines += _render_notice(trial, shown_catalog, languages)
    return "\n".join(lines).rstrip("\n") + "\n"


def _render_notice(trial: Trial, catalog: Catalog, languages: Sequence[str]) -> Iterator[str]:
    texts = compose(trial.notice, trial.facts, catalog=catalog, incident=trial.context, now=trial.now)
    yield f"### {' / '.join(texts[language].label for language in languages)}"
    yield ""
    for language in languages:
        yield from _render_texts(texts[language])


def _render_texts(notice_text: NoticeText) -> Iterator[str]:
    yield f"**{notice_text.title}** · {notice_text.status}"
    yield ""
    for medium in SHOWN_MEDIA:
        yield f"- `{medium}`"
        yield ""
        yield from (f"  {line}  " if line else "" for line in notice_text.media[medium].body.split("\n"))
        yield ""
