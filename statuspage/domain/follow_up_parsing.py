"""Parses the answers of a notice, and a follow-up: answers to questions that were still open when it was over."""

from __future__ import annotations

from dataclasses import replace

from statuspage.domain.catalog import IncidentType
from statuspage.domain.fact_request import unanswered_questions
from statuspage.domain.facts import Facts, NoticeKind
from statuspage.domain.notice_input import NoticeInput, strip_invisible
from statuspage.domain.validation import ValidationError


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
    notice_input: NoticeInput, notice: NoticeKind, incident_type: IncidentType | None, previous: Facts | None
) -> tuple[ValidationError, ...]:
    """Problems with the answers of a follow-up: none at all, or another answer than customers already have."""
    if notice is not NoticeKind.FOLLOW_UP or previous is None:
        return ()
    answers = parse_answers(notice_input)
    changed = [q for q, answer in answers.items() if previous.answers.get(q, answer) != answer]
    if changed:
        return tuple(ValidationError(f"answer.{question}", "answer.given") for question in changed)
    open_questions = unanswered_questions(previous, incident_type)
    if not open_questions:
        return (ValidationError("notice", "notice.nothing_open"),)
    if not any(question.id in answers for question in open_questions):
        return (ValidationError(f"answer.{open_questions[0].id}", "answer.follow_up"),)
    return ()


def parse_answers(notice_input: NoticeInput) -> dict[str, str]:
    """The answers, by question, without those that are still being checked."""
    return {question: answer for question, answer in notice_input.answers.items() if answer and answer != "checking"}


def parse_extra(notice_input: NoticeInput) -> dict[str, str]:
    """The free text, by language, without empty ones."""
    return {language: strip_invisible(text) for language, text in notice_input.extra.items() if strip_invisible(text)}
