"""Parses the input of a notice and collects every problem that prevents its publication."""

from __future__ import annotations

from datetime import datetime

from statuspage.domain import (
    Facts,
    Incident,
    NoticeInput,
    NoticeKind,
    ValidationError,
    find_forbidden_phrase,
    parse_notice,
    strip_invisible,
)
from statuspage.usecases.environment import Environment
from statuspage.usecases.notices.plain_language import plain_language_problems
from statuspage.usecases.notices.results import NoticeTarget
from statuspage.usecases.notices.sequence_rules import sequence_problems
from statuspage.usecases.notices.staff_names import name_problems


def parse_and_check(
    env: Environment,
    notice_input: NoticeInput,
    notice_kind: NoticeKind,
    target: NoticeTarget,
    incident: Incident | None,
    now: datetime,
) -> tuple[Facts, tuple[ValidationError, ...]]:
    """The facts with every problem: in the input, marks of another environment, and a notice that cannot follow the
    last one."""
    previous = incident.public_facts if incident else None
    facts, problems = parse_notice(
        notice_input, catalog=env.site.catalog, notice=notice_kind, now=now, previous=previous
    )
    incident_as_seen = incident if incident and incident.latest_sequence == target.latest_sequence else None
    return facts, (
        *problems,
        *_mark_problems(env, notice_input),
        *name_problems(env, notice_input),
        *plain_language_problems(env.site.catalog, notice_input, notice_kind),
        *sequence_problems(incident_as_seen, notice_kind, facts, notice_input),
    )


def _mark_problems(env: Environment, notice_input: NoticeInput) -> tuple[ValidationError, ...]:
    """Problems with text that has another environment's mark, which could not be published, or claims that this is not
    a drill."""
    texts = [(f"extra.{language}", text) for language, text in notice_input.extra.items()]
    texts += [(f"text.{language}", text) for language, text in notice_input.text.items()]
    texts += [(f"postmortem.{language}", text) for language, text in notice_input.postmortem.items()]
    texts = [(field, strip_invisible(text)) for field, text in texts]
    mark_errors = [
        ValidationError(field, "text.mark", {"mark": mark})
        for field, text in texts
        for mark in env.site.assets.forbidden_marks
        if mark in text
    ]
    forbidden = [(field, find_forbidden_phrase(text, env.site.catalog.forbidden_phrases)) for field, text in texts]
    return (
        *mark_errors,
        *(ValidationError(field, "text.denies", {"text": phrase}) for field, phrase in forbidden if phrase),
    )
