"""Parses the answers of a notice, and a follow-up: answers to questions that were still open when it was over."""

from __future__ import annotations

from dataclasses import replace

from statuspage.domain.catalog import Catalog
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
