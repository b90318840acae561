"""Planned work goes on by itself: its reminder and its start go out from words approved with the plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from statuspage.domain import Facts, Incident, Notice, NoticeKind, Precision, Scheduled, StartTime
from statuspage.rendering.wording import IncidentContext, compose
from statuspage.storage import incidents, send_hold
from statuspage.storage.engine import Connection
from statuspage.usecases.environment import Environment
from statuspage.usecases.notices.enqueue import enqueue_deliveries

PLANS = (NoticeKind.ANNOUNCED, NoticeKind.EXTENDED)
"""Notices on which others may follow by themselves."""


def scheduled(
    world: Environment,
    notice: NoticeKind,
    facts: Facts,
    story: IncidentContext,
    *,
    now: datetime,
    to: tuple[str, ...] | None = None,
) -> tuple[Scheduled, ...]:
    """What goes out by itself after this plan: the reminder, and that it has started; each with its words."""
    plan = facts.planned
    if notice not in PLANS or plan is None or facts.started is not None:
        return ()
    later = replace(story, previous=facts, number=story.number + 1, posted=story.posted or now)
    begun = replace(facts, started=StartTime(Precision.EXACT, plan.start))
    catalog = replace(world.catalog, media=world.catalog.carried)
    times = [(NoticeKind.REMINDER, plan.remind, facts), (NoticeKind.STARTED, plan.start, begun)]
    return tuple(
        Scheduled(kind, at, one, compose(kind, one, catalog=catalog, story=later, now=at), to)
        for kind, at, one in times
        if at is not None and at > now
    )


def waiting(incident: Incident, now: datetime) -> tuple[Scheduled, ...]:
    """What will still go out by itself, the next one first."""
    if not incident.maintenance or incident.over or incident.begun:
        return ()
    plan = next((n for n in reversed(incident.notices) if n.notice.notice in PLANS), None)
    if plan is None:
        return ()
    reminded = any(n.notice.notice is NoticeKind.REMINDER and n.sequence > plan.sequence for n in incident.notices)
    return tuple(s for s in plan.notice.scheduled if now < _too_late(s) and not (reminded and _reminds(s)))


def go_out(world: Environment, *, now: datetime) -> tuple[str, ...]:
    """Puts on record what is due by now, each once. Returns the incidents' ids.

    A late reminder is not sent once the work should have started; that it started is sent late, with the true time,
    until it should be over. Nothing while the books are on hold: it may be public already.
    """
    with world.store.read() as tx:
        if send_hold.since(tx) is not None:
            return ()
        found = [incident.id for incident in incidents.open_now(tx) if _due_scheduled(incident, now)]
    return tuple(one for one in found if _publish_scheduled(world, one, now))


def _publish_scheduled(world: Environment, incident_id: str, now: datetime) -> bool:
    try:
        with world.store.begin() as tx:
            incident = incidents.load(tx, incident_id)
            due = _due_scheduled(incident, now) if incident else None
            if incident is None or due is None:
                return False
            _append(world, tx, incident, due, now)
    except (incidents.Repeated, incidents.Overtaken):
        return False  # Somebody else did it, or told customers something newer in this very moment.
    return True


def _append(world: Environment, tx: Connection, incident: Incident, due: Scheduled, now: datetime) -> None:
    key = f"{incident.id}.{incident.seen}.{due.notice}"
    notice = Notice(due.notice, due.facts, due.words, key=key)
    happened = due.at if due.notice is NoticeKind.STARTED else now
    sequence = incidents.append(tx, incident.id, notice, happened=happened, recorded=now, after=incident.seen)
    enqueue_deliveries(tx, world, incident.id, sequence, now=now, to=due.to)


def _due_scheduled(incident: Incident, now: datetime) -> Scheduled | None:
    """The newest of what is due: where both are, customers are told that it has started."""
    return next((s for s in reversed(waiting(incident, now)) if s.at <= now), None)


def _reminds(one: Scheduled) -> bool:
    return one.notice is NoticeKind.REMINDER


def _too_late(one: Scheduled) -> datetime:
    plan = one.facts.planned
    if plan is None:
        return one.at
    return plan.start if _reminds(one) else plan.end
