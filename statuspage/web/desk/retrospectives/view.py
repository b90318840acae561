"""A retrospective as its page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask import url_for

from statuspage.domain import ContributingCause, Interval, RetrospectiveNote, Section
from statuspage.usecases.retrospectives import (
    PART_ORDER,
    Retrospective,
    RetrospectiveFormatter,
    TimelineItem,
    TimelineKind,
)
from statuspage.web.desk.translations import Translator

BAR_WIDTH = 470
"""The width of the drawing of the minutes, in its own units."""


@dataclass(frozen=True, slots=True)
class MinutesRow:
    """One stage: how long it took, and where its bar lies on the whole time."""

    label: str
    took: str
    x: int
    width: int
    is_longest: bool


@dataclass(frozen=True, slots=True)
class NoteRow:
    """One note of a section."""

    note: RetrospectiveNote
    byline: str


@dataclass(frozen=True, slots=True)
class PartRow:
    """One question with its prompts, and its notes."""

    id: str
    title: str
    prompt: str
    notes: list[NoteRow]


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One item of the timeline."""

    time: str
    text: str
    details: str
    is_notice: bool


@dataclass(frozen=True, slots=True)
class CauseChoice:
    """One contributing cause."""

    id: str
    label: str
    is_chosen: bool


def formatter_of(translator: Translator) -> RetrospectiveFormatter:
    """Formats plain text: the page escapes it, and files take it unchanged."""

    def say(key: str, **slots: object) -> str:
        return translator.pack.labels.get(key, key).format(**slots)

    return RetrospectiveFormatter(say, translator.times, translator.pack)


def minutes_rows(counted: Sequence[Interval], translator: Translator) -> list[MinutesRow]:
    """Where the minutes went, each stage beside the others on one line of time."""
    whole = sum((interval.duration for interval in counted), timedelta())
    longest = max(counted, key=lambda interval: interval.duration, default=None)
    rows, passed = [], timedelta()
    for interval in counted:
        x = round(BAR_WIDTH * (passed / whole)) if whole else 0
        width = round(BAR_WIDTH * (interval.duration / whole)) if whole else 0
        label = translator.t(f"stage.{interval.stage}")
        rows.append(MinutesRow(label, translator.stopwatch(interval.duration), x, max(width, 2), interval is longest))
        passed += interval.duration
    return rows


def part_rows(retrospective: Retrospective, translator: Translator) -> list[PartRow]:
    """The four questions and what went well."""
    return [
        PartRow(
            section.value,
            translator.t(f"retro.section.{section}"),
            translator.t(f"retro.prompt.{section}"),
            [_note_row(note, translator) for note in retrospective.record.notes_in(Section(section))],
        )
        for section in PART_ORDER
    ]


def timeline_rows(retrospective: Retrospective, translator: Translator) -> list[TimelineRow]:
    """The timeline, oldest first."""
    formatter = formatter_of(translator)
    return [_timeline_row(item, formatter, translator) for item in retrospective.timeline]


def cause_choices(retrospective: Retrospective, translator: Translator) -> list[CauseChoice]:
    """All contributing causes, with those that were chosen."""
    return [
        CauseChoice(cause.value, translator.t(f"retro.cause.{cause}"), cause in retrospective.record.causes)
        for cause in ContributingCause
    ]


def origin_of(retrospective: Retrospective) -> str:
    """The page of the incident, or the scorecard of the drill."""
    if retrospective.drill:
        return url_for("scorecard.show_scorecard", drill_id=retrospective.subject)
    return url_for("incidents.show_incident", incident_id=retrospective.subject)


def _note_row(note: RetrospectiveNote, translator: Translator) -> NoteRow:
    changed = translator.t("retro.changed_by", name=note.changed_by) if note.changed_by else ""
    byline = (note.author, translator.times.format_day_time(note.created_at), changed)
    return NoteRow(note, translator.t("join").join(filter(None, byline)))


def _timeline_row(item: TimelineItem, formatter: RetrospectiveFormatter, translator: Translator) -> TimelineRow:
    return TimelineRow(
        translator.times.format_day_time(item.at),
        formatter.text_of(item),
        translator.t("join").join(filter(None, (item.actor, item.source))),
        item.kind is TimelineKind.NOTICE,
    )
