"""Parses what only a postmortem says, and the day until which one is promised."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import Facts, NoticeKind
from statuspage.domain.notice_input import NoticeInput, strip_invisible
from statuspage.domain.time_parsing import TimeParser
from statuspage.domain.validation import POSTMORTEM_LIMIT, ValidationError, text_problems

REPORT_LIMIT = timedelta(days=90)
"""A postmortem is promised for no later day."""


def parse_postmortem(notice_input: NoticeInput, notice: NoticeKind) -> dict[str, str]:
    """The report by language, without empty ones."""
    texts = notice_input.postmortem.items() if notice is NoticeKind.POSTMORTEM else ()
    return {language: strip_invisible(text) for language, text in texts if strip_invisible(text)}


def parse_preventions(notice_input: NoticeInput, notice: NoticeKind, previous: Facts | None) -> tuple[str, ...]:
    """What is done against a recurrence, each once; a correction of anything else keeps it."""
    if notice is NoticeKind.CORRECTION and previous is not None:
        return previous.preventions
    return tuple(dict.fromkeys(notice_input.preventions)) if notice is NoticeKind.POSTMORTEM else ()


def parse_report_by(
    notice_input: NoticeInput,
    notice: NoticeKind,
    time_parser: TimeParser,
    previous: Facts | None,
    errors: list[ValidationError],
) -> date | None:
    """The day until which a postmortem is promised: typed for a resolved notice, kept by a correction."""
    if notice is NoticeKind.CORRECTION and previous is not None and previous.ended_at is not None:
        return previous.report_by
    text = notice_input.report_by.strip()
    if notice is not NoticeKind.RESOLVED or not text:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        errors.append(ValidationError("report_by", "report_by.unreadable", {"value": text}))
        return None
    today = time_parser.now.astimezone(ZoneInfo(time_parser.zone)).date()
    if day < today:
        errors.append(ValidationError("report_by", "report_by.past"))
    elif day > today + REPORT_LIMIT:
        errors.append(ValidationError("report_by", "report_by.far"))
    return day


def postmortem_problems(
    notice_input: NoticeInput, facts: Facts, notice: NoticeKind, catalog: Catalog
) -> tuple[ValidationError, ...]:
    """Problems with a postmortem: an unknown prevention, one that says nothing of its own, or a text that a language
    lacks while others have one, unless it was left out explicitly."""
    if notice is not NoticeKind.POSTMORTEM:
        return ()
    known = catalog.leading_pack.lists["prevention"]
    errors = [
        ValidationError("prevention", "prevention.unknown", {"value": chosen})
        for chosen in facts.preventions
        if chosen not in known
    ]
    if facts.postmortem or not facts.preventions:
        errors += [
            ValidationError(f"postmortem.{required}", "postmortem.missing")
            for required in notice_input.only or catalog.languages
            if required not in facts.postmortem
        ]
    for language, text in facts.postmortem.items():
        if language not in catalog.languages:
            errors.append(ValidationError(f"postmortem.{language}", "language.unknown", {"value": language}))
        errors += text_problems(f"postmortem.{language}", text, POSTMORTEM_LIMIT)
    return tuple(errors)
