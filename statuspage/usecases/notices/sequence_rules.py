"""Which notice may follow on what customers have been told."""

from __future__ import annotations

from dataclasses import replace

from statuspage.domain import OF_MAINTENANCE, Facts, Incident, NoticeInput, NoticeKind, ValidationError

OPENING = (NoticeKind.FIRST, NoticeKind.ANNOUNCED)
"""Notices that begin a story."""

WHILE_OPEN = (NoticeKind.UPDATE, NoticeKind.PARTLY_RESTORED, NoticeKind.MONITORING, NoticeKind.RESOLVED)
"""Notices of trouble that nobody has called over."""

AHEAD = (NoticeKind.ANNOUNCED, NoticeKind.REMINDER, NoticeKind.STARTED)
"""Notices of planned work that has not started."""


def out_of_place(
    incident: Incident | None, notice_kind: NoticeKind, facts: Facts, notice_input: NoticeInput
) -> tuple[ValidationError, ...]:
    """What does not follow on the newest notice. ``told`` is None where the writer has not seen that one yet."""
    if incident is None:
        return ()
    if incident.latest is None:
        return () if notice_kind in OPENING else (ValidationError("notice", "notice.untold"),)
    code = (
        _maintenance_order(incident, notice_kind) if incident.is_maintenance or notice_kind in OF_MAINTENANCE else _of_trouble(incident, notice_kind)
    )
    if not code and _same(incident.public_facts or facts, notice_kind, facts) and not notice_input.text:
        code = "same"
    return (ValidationError("notice", f"notice.{code}"),) if code else ()


def _of_trouble(incident: Incident, notice_kind: NoticeKind) -> str:
    if notice_kind is NoticeKind.FIRST:
        return "first"
    if notice_kind is NoticeKind.POSTMORTEM and not incident.is_over:
        return "still_open"
    return "over" if notice_kind in WHILE_OPEN and incident.is_over else ""


def _maintenance_order(incident: Incident, notice_kind: NoticeKind) -> str:
    if incident.is_maintenance is not (notice_kind in OF_MAINTENANCE):
        return "of_trouble" if incident.is_maintenance else "of_plan"
    if incident.is_over:
        return "plan_over"
    return "begun" if incident.has_started and notice_kind in AHEAD else ""


def _same(earlier_facts: Facts, notice_kind: NoticeKind, facts: Facts) -> bool:
    """Whether a notice that is there to change something changes nothing."""
    is_changing = notice_kind in (NoticeKind.CORRECTION, NoticeKind.ANNOUNCED)
    return is_changing and replace(facts, next_update=None) == replace(earlier_facts, next_update=None)
