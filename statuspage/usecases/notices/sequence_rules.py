"""Which notice may follow the previous one."""

from __future__ import annotations

from dataclasses import replace

from statuspage.domain import (
    MAINTENANCE_NOTICES,
    WORST_FIRST,
    AffectedAudience,
    Audience,
    Facts,
    Incident,
    NoticeInput,
    NoticeKind,
    State,
    ValidationError,
    is_resolved,
)

OPENING_NOTICES = (NoticeKind.FIRST, NoticeKind.ANNOUNCED)
"""Kinds of notice that open an incident or maintenance."""

OPEN_INCIDENT_NOTICES = (NoticeKind.UPDATE, NoticeKind.PARTLY_RESTORED, NoticeKind.MONITORING, NoticeKind.RESOLVED)
"""Kinds of notice for an incident that is not resolved."""

BEFORE_START_NOTICES = (NoticeKind.ANNOUNCED, NoticeKind.REMINDER, NoticeKind.STARTED)
"""Kinds of notice for maintenance that has not started."""


def sequence_problems(
    incident: Incident | None, notice_kind: NoticeKind, facts: Facts, notice_input: NoticeInput
) -> tuple[ValidationError, ...]:
    """Problems if this notice cannot follow the newest one. ``incident`` is None if the writer has not seen the
    incident yet."""
    if incident is None:
        return ()
    if incident.latest is None:
        return () if notice_kind in OPENING_NOTICES else (ValidationError("notice", "notice.nothing_published"),)
    code = (
        _maintenance_order(incident, notice_kind)
        if incident.is_maintenance or notice_kind in MAINTENANCE_NOTICES
        else _incident_order(incident, notice_kind)
    )
    if not code and _changes_nothing(incident.public_facts or facts, notice_kind, facts) and not notice_input.text:
        code = "same"
    if code:
        return (ValidationError("notice", f"notice.{code}"),)
    is_unfounded = notice_kind is NoticeKind.PARTLY_RESTORED and _improves_nothing(
        incident.public_facts or facts, facts
    )
    return (ValidationError("services", "services.none_better"),) if is_unfounded else ()


def _incident_order(incident: Incident, notice_kind: NoticeKind) -> str:
    if notice_kind is NoticeKind.FIRST:
        return "first"
    if notice_kind is NoticeKind.POSTMORTEM and not incident.is_over:
        return "still_open"
    if notice_kind is NoticeKind.FOLLOW_UP and not is_resolved(incident):
        return "not_resolved"
    return "over" if notice_kind in OPEN_INCIDENT_NOTICES and incident.is_over else ""


def _maintenance_order(incident: Incident, notice_kind: NoticeKind) -> str:
    if incident.is_maintenance is not (notice_kind in MAINTENANCE_NOTICES):
        return "of_incident" if incident.is_maintenance else "of_maintenance"
    if incident.is_over:
        return "maintenance_over"
    return "already_started" if incident.has_started and notice_kind in BEFORE_START_NOTICES else ""


def _changes_nothing(earlier_facts: Facts, notice_kind: NoticeKind, facts: Facts) -> bool:
    """Whether a notice that must change something changes nothing."""
    is_changing = notice_kind in (NoticeKind.CORRECTION, NoticeKind.ANNOUNCED)
    return is_changing and replace(facts, next_update=None) == replace(earlier_facts, next_update=None)


def _improves_nothing(earlier_facts: Facts, facts: Facts) -> bool:
    """Whether every service named before is as bad as before, for as many customers."""
    states = {affected.service: affected.state for affected in facts.affected}
    is_milder = any(
        WORST_FIRST.index(states.get(affected.service, State.OPERATIONAL)) > WORST_FIRST.index(affected.state)
        for affected in earlier_facts.affected
    )
    return bool(earlier_facts.affected) and not is_milder and not _is_for_fewer(earlier_facts.audience, facts.audience)


def _is_for_fewer(earlier: Audience, audience: Audience) -> bool:
    """Whether this audience is smaller: some instead of all, or fewer of the groups."""
    if earlier.groups:
        return set(audience.groups) < set(earlier.groups) and bool(audience.groups)
    was_wide = earlier.extent in (AffectedAudience.ALL, AffectedAudience.CHECKING)
    return was_wide and audience.extent in (AffectedAudience.SOME, AffectedAudience.GROUPS)
