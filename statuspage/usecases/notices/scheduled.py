"""Automatic notices of maintenance: reminder and start, with texts approved together with the plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from statuspage.domain import Facts, Incident, Notice, NoticeKind, Precision, ScheduledNotice, StartTime
from statuspage.rendering.wording import IncidentContext, compose
from statuspage.storage import incidents, send_hold
from statuspage.storage.engine import Connection
from statuspage.usecases.environment import Environment
from statuspage.usecases.notices.enqueue import enqueue_deliveries, log_published

PLAN_NOTICES = (NoticeKind.ANNOUNCED, NoticeKind.EXTENDED)
"""Kinds of notice that others may follow automatically."""


def schedule_follow_ups(
    env: Environment,
    notice_kind: NoticeKind,
    facts: Facts,
    context: IncidentContext,
    *,
    now: datetime,
    chosen_channels: tuple[str, ...] | None = None,
) -> tuple[ScheduledNotice, ...]:
    """The automatic notices after this plan: the reminder, and the start; each with its text."""
    plan = facts.maintenance_window
    if notice_kind not in PLAN_NOTICES or plan is None or facts.start is not None:
        return ()
    later_context = replace(
        context,
        previous_facts=facts,
        report_count=context.report_count + 1,
        first_notice_at=context.first_notice_at or now,
    )
    started_facts = replace(facts, start=StartTime(Precision.EXACT, plan.start))
    catalog = replace(env.site.catalog, media=env.site.catalog.published_media)
    times = [(NoticeKind.REMINDER, plan.remind_at, facts), (NoticeKind.STARTED, plan.start, started_facts)]
    return tuple(
        ScheduledNotice(
            follow_up_kind,
            at,
            planned_facts,
            compose(follow_up_kind, planned_facts, catalog=catalog, incident=later_context, now=at),
            chosen_channels,
        )
        for follow_up_kind, at, planned_facts in times
        if at is not None and at > now
    )


def pending_follow_ups(incident: Incident, now: datetime) -> tuple[ScheduledNotice, ...]:
    """The automatic notices to come, the next one first."""
    if not incident.is_maintenance or incident.is_over or incident.has_started:
        return ()
    plan = next((n for n in reversed(incident.notices) if n.notice.notice in PLAN_NOTICES), None)
    if plan is None:
        return ()
    reminded = any(n.notice.notice is NoticeKind.REMINDER and n.sequence > plan.sequence for n in incident.notices)
    return tuple(
        item for item in plan.notice.scheduled if now < _expires_at(item) and not (reminded and _is_reminder(item))
    )


def publish_due(env: Environment, *, now: datetime) -> tuple[str, ...]:
    """Publishes due notices, each once. Returns the incidents' ids.

    A late reminder is not sent once the work should have started. A late start notice is sent, with the true time,
    until the work should be over. Nothing is published during a send hold, because it may already be public.
    """
    with env.databases.environment.read() as tx:
        if send_hold.find_hold_start(tx) is not None:
            return ()
        incident_ids = [incident.id for incident in incidents.open_incidents(tx) if _due_scheduled(incident, now)]
    return tuple(incident_id for incident_id in incident_ids if _publish_scheduled(env, incident_id, now))


def _publish_scheduled(env: Environment, incident_id: str, now: datetime) -> bool:
    try:
        with env.databases.environment.begin() as tx:
            incident = incidents.load_incident(tx, incident_id)
            scheduled_notice = _due_scheduled(incident, now) if incident else None
            if incident is None or scheduled_notice is None:
                return False
            sequence = _append_scheduled(env, tx, incident, scheduled_notice, now)
    except (incidents.DuplicateNotice, incidents.NoticeConflict):
        return False  # Somebody else did it, or published something newer at the same moment.
    log_published(incident_id, sequence, scheduled_notice.notice)
    return True


def _append_scheduled(
    env: Environment, tx: Connection, incident: Incident, scheduled_notice: ScheduledNotice, now: datetime
) -> int:
    key = f"{incident.id}.{incident.latest_sequence}.{scheduled_notice.notice}"
    notice = Notice(scheduled_notice.notice, scheduled_notice.facts, scheduled_notice.texts, key=key)
    happened = scheduled_notice.at if scheduled_notice.notice is NoticeKind.STARTED else now
    sequence = incidents.append_entry(
        tx, incident.id, notice, happened=happened, recorded=now, after=incident.latest_sequence
    )
    enqueue_deliveries(tx, env, incident.id, sequence, now=now, chosen_channels=scheduled_notice.channels)
    return sequence


def _due_scheduled(incident: Incident, now: datetime) -> ScheduledNotice | None:
    """The newest due notice: if both are due, customers are told that it has started."""
    return next((item for item in reversed(pending_follow_ups(incident, now)) if item.at <= now), None)


def _is_reminder(scheduled_notice: ScheduledNotice) -> bool:
    return scheduled_notice.notice is NoticeKind.REMINDER


def _expires_at(scheduled_notice: ScheduledNotice) -> datetime:
    plan = scheduled_notice.facts.maintenance_window
    if plan is None:
        return scheduled_notice.at
    return plan.start if _is_reminder(scheduled_notice) else plan.end
