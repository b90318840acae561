"""Which notice may follow on what customers have been told."""

from __future__ import annotations

from dataclasses import replace

from statuspage.domain import OF_MAINTENANCE, Facts, Incident, NoticeInput, NoticeKind, ValidationError

OPENING = (NoticeKind.FIRST, NoticeKind.ANNOUNCED)
"""Notices that begin a story."""

WHILE_OPEN = (NoticeKind.UPDATE, NoticeKind.PARTLY_RESTORED, NoticeKind.WATCHING, NoticeKind.RESOLVED)
"""Notices of trouble that nobody has called over."""

AHEAD = (NoticeKind.ANNOUNCED, NoticeKind.REMINDER, NoticeKind.STARTED)
"""Notices of planned work that has not started."""


def out_of_place(
    told: Incident | None, notice: NoticeKind, facts: Facts, typed: NoticeInput
) -> tuple[ValidationError, ...]:
    """What does not follow on the newest notice. ``told`` is None where the writer has not seen that one yet."""
    if told is None:
        return ()
    if told.latest is None:
        return () if notice in OPENING else (ValidationError("notice", "notice.untold"),)
    code = (
        _maintenance_order(told, notice) if told.maintenance or notice in OF_MAINTENANCE else _of_trouble(told, notice)
    )
    if not code and _same(told.told_last or facts, notice, facts) and not typed.text:
        code = "same"
    return (ValidationError("notice", f"notice.{code}"),) if code else ()


def _of_trouble(told: Incident, notice: NoticeKind) -> str:
    if notice is NoticeKind.FIRST:
        return "first"
    if notice is NoticeKind.ACCOUNT and not told.over:
        return "still_open"
    return "over" if notice in WHILE_OPEN and told.over else ""


def _maintenance_order(told: Incident, notice: NoticeKind) -> str:
    if told.maintenance is not (notice in OF_MAINTENANCE):
        return "of_trouble" if told.maintenance else "of_plan"
    if told.over:
        return "plan_over"
    return "begun" if told.begun and notice in AHEAD else ""


def _same(before: Facts, notice: NoticeKind, facts: Facts) -> bool:
    """Whether a notice that is there to change something changes nothing."""
    changing = notice in (NoticeKind.CORRECTION, NoticeKind.ANNOUNCED)
    return changing and replace(facts, next_update=None) == replace(before, next_update=None)
