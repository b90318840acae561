"""What a person has to confirm before a notice is published: an old time, a start after an alert that joined late, a
second incident of the same service, or maintenance of a service that has some planned for that time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from statuspage.domain import Facts, Incident, NoticeInput, NoticeKind
from statuspage.storage import incidents
from statuspage.storage.engine import Database
from statuspage.usecases.alerts import find_earlier_start
from statuspage.usecases.environment import Environment
from statuspage.usecases.notices.notice_problems import parse_and_check
from statuspage.usecases.notices.results import Doubt, NoticeTarget

OLD_AFTER = timedelta(days=1)
"""How long before its notice something may have begun or ended without a question."""


def find_doubts(
    env: Environment, notice_input: NoticeInput, *, notice_kind: NoticeKind, target: NoticeTarget, now: datetime
) -> tuple[Doubt, ...]:
    """The points of this notice to confirm, in the form's order."""
    with env.databases.environment.read() as tx:
        incident = incidents.load_incident(tx, target.incident_id)
    facts, _ = parse_and_check(env, notice_input, notice_kind, target, incident, now)
    return doubts_in(env.databases.environment, facts, notice_kind, target, incident, now)


def doubts_in(
    database: Database,
    facts: Facts,
    notice_kind: NoticeKind,
    target: NoticeTarget,
    incident: Incident | None,
    now: datetime,
) -> tuple[Doubt, ...]:
    """The same for known facts. ``incident`` is as it is before this notice, None if it is new."""
    previous = incident.public_facts if incident else None
    own_id = target.incident_id
    others = (*_same_services(database, facts, notice_kind, own_id), *_same_plans(database, facts, notice_kind, own_id))
    return (*others, *_late_alerts(database, facts, notice_kind, incident), *_old_times(facts, previous, now))


def _late_alerts(
    database: Database, facts: Facts, notice_kind: NoticeKind, incident: Incident | None
) -> Iterator[Doubt]:
    """The alert that joined after the latest notice and fired before the start that this one states."""
    if incident is None or facts.start is None:
        return
    with database.read() as tx:
        fired_at = find_earlier_start(tx, incident, notice_kind, since_latest=True)
    if fired_at is not None and fired_at < facts.start.at:
        yield Doubt("start", f"alert {fired_at.isoformat()}", at=fired_at, is_late_alert=True)


def _old_times(facts: Facts, previous: Facts | None, now: datetime) -> Iterator[Doubt]:
    """The times of long ago that customers have not been told yet."""
    started, start_before = (known.start.at if known and known.start else None for known in (facts, previous))
    ended, end_before = facts.ended_at, previous.ended_at if previous else None
    for field, at, before in (("start", started, start_before), ("ended", ended, end_before)):
        if at is not None and at != before and now - at > OLD_AFTER:
            yield Doubt(field, f"{field} {at.isoformat()}", at=at)


def _same_services(database: Database, facts: Facts, notice_kind: NoticeKind, own_id: str) -> Iterator[Doubt]:
    """Published incidents that are still open and affect a service of this first report."""
    services = {affected.service for affected in facts.affected}
    if notice_kind is not NoticeKind.FIRST or not services:
        return
    with database.read_for_site() as tx:  # nothing but their titles is needed
        affected = incidents.affected_by_open_incidents(tx)
        ids = [id for id in affected if id != own_id and not services.isdisjoint(affected[id])]
        others = {incident.id: incident for incident in incidents.load_incidents(tx, ids)}
    for id in ids:
        if not others[id].is_maintenance:
            yield Doubt("services", f"services {id}", incident=others[id])


def _same_plans(database: Database, facts: Facts, notice_kind: NoticeKind, own_id: str) -> Iterator[Doubt]:
    """Published maintenance that is not over, has a service of this announcement, and overlaps its window."""
    window, services = facts.maintenance_window, {affected.service for affected in facts.affected}
    if notice_kind is not NoticeKind.ANNOUNCED or window is None:
        return
    with database.read() as tx:
        found = incidents.open_incidents(tx)
    for incident in found:
        plan, public = incident.maintenance_window, incident.public_facts
        if incident.id == own_id or plan is None or public is None:
            continue
        overlaps = plan.start < window.end and window.start < plan.end
        if overlaps and services & {affected.service for affected in public.affected}:
            yield Doubt("services", f"services {incident.id}", incident=incident)
