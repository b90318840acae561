"""Parses what only notices after the end say: answers of a follow-up, the postmortem, and the promise of one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from statuspage.domain.catalog import Catalog
from statuspage.domain.fact_request import unanswered_questions
from statuspage.domain.facts import Facts, NoticeKind
from statuspage.domain.notice_input import NoticeInput, strip_invisible
from statuspage.domain.time_parsing import TimeParser
from statuspage.domain.validation import POSTMORTEM_LIMIT, ValidationError, text_problems

REPORT_LIMIT = timedelta(days=90)
"""A postmortem is promised for no later day."""


def parse_follow_up(notice_input: NoticeInput, previous: Facts) -> Facts:
    """The published facts with the answers to questions that were still open, and with what to do now."""
    return replace(
        previous,
        answers={**parse_answers(notice_input), **previous.answers},
        workarounds=tuple(dict.fromkeys((*previous.workarounds, *notice_input.workarounds))),
        next_update=None,
        extra=parse_extra(notice_input),
        postmortem={},
    )


def follow_up_problems(
    notice_input: NoticeInput, notice: NoticeKind, catalog: Catalog, previous: Facts | None
) -> tuple[ValidationError, ...]:
    """Problems with the answers of a follow-up: none at all, one that nobody waits for, or another one than customers
    already have."""
    if notice is not NoticeKind.FOLLOW_UP or previous is None:
        return ()
    answers = parse_answers(notice_input)
    changed = [q for q, answer in answers.items() if previous.answers.get(q, answer) != answer]
    if changed:
        return tuple(ValidationError(f"answer.{question}", "answer.given") for question in changed)
    open_questions = unanswered_questions(previous, catalog)
    if not open_questions:
        return (ValidationError("notice", "notice.nothing_open"),)
    open_ids = {question.id for question in open_questions}
    unasked = [question for question in answers if question not in open_ids and question not in previous.answers]
    if unasked:
        return tuple(ValidationError(f"answer.{question}", "answer.not_open") for question in unasked)
    if not open_ids & answers.keys():
        return (ValidationError(f"answer.{open_questions[0].id}", "answer.follow_up"),)
    return ()


def parse_answers(notice_input: NoticeInput) -> dict[str, str]:
    """The answers, by question, without those that are still being checked."""
    return {question: answer for question, answer in notice_input.answers.items() if answer and answer != "checking"}


def parse_extra(notice_input: NoticeInput) -> dict[str, str]:
    """The free text, by language, without empty ones."""
    return {language: strip_invisible(text) for language, text in notice_input.extra.items() if strip_invisible(text)}


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
