"""Escalates an alert that nobody acknowledges: more people are notified through more urgent channels over time."""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime, timedelta

from statuspage.domain import Alert, AlertState, Catalog, Escalation, EscalationStep, NotificationReason
from statuspage.storage import alerts, staff_notifications
from statuspage.storage.engine import Connection
from statuspage.usecases.environment import Environment
from statuspage.usecases.on_call import current, notify
from statuspage.usecases.on_call.notify import StaffMessage


def run_escalation(env: Environment, *, now: datetime) -> int:
    """Sends the notifications of each due step once. Returns how many are new.

    Only one escalation runs at a time, about the oldest of the waiting alerts. It ends when somebody acknowledges one,
    or when no waiting alert is still firing. Alerts that waited beside it then stay quiet for ``quiet_period``, and
    escalate if nobody acknowledges them. Later alerts escalate at once. Does nothing during a send hold, or while a
    drill is paused.
    """
    if not env.site.catalog.on_call.steps:
        return 0
    with env.databases.environment.read() as tx:
        if not _has_work(tx, env.site.catalog, now):
            return 0
    with env.databases.environment.begin() as tx:
        return _advance(tx, env, now)


def _has_work(tx: Connection, catalog: Catalog, now: datetime) -> bool:
    """Checks without a lock whether there is anything to begin, to continue or to end."""
    if notify.is_paused(tx):
        return False
    return staff_notifications.find_running_escalation(tx) is not None or bool(_due_alerts(tx, catalog, now))


def _advance(tx: Connection, env: Environment, now: datetime) -> int:
    escalation, waiting = staff_notifications.find_running_escalation(tx), _firing_alerts(tx)
    if escalation is None:
        due_alerts = _due_alerts(tx, env.site.catalog, now)
        escalation = staff_notifications.begin_escalation(tx, due_alerts[0].id, now) if due_alerts else None
    elif not waiting:
        staff_notifications.end_escalation(tx, now)
    return _notify_due_steps(tx, env, escalation, waiting, now) if escalation and waiting else 0


def _notify_due_steps(
    tx: Connection, env: Environment, escalation: Escalation, waiting: list[Alert], now: datetime
) -> int:
    """Sends the steps that are due; if several were missed, only the last one, which is the most urgent."""
    due_steps = [
        (n, step) for n, step in enumerate(env.site.catalog.on_call.steps) if escalation.started_at + step.after <= now
    ]
    last_delay = max((step.after for _, step in due_steps), default=None)
    return sum(
        _take_step(tx, env, escalation, n, step, waiting, now) for n, step in due_steps if step.after == last_delay
    )


def _take_step(
    tx: Connection,
    env: Environment,
    escalation: Escalation,
    step_number: int,
    step: EscalationStep,
    waiting: list[Alert],
    now: datetime,
) -> int:
    grouped_count = sum(group.firing for group in alerts.summarize_groups(tx, [alert.id for alert in waiting]).values())
    message = _staff_message(env, escalation, waiting, len(waiting) - 1 + grouped_count, now)
    responders = current.resolve_recipients(env, step.recipients, now=now)
    return notify.enqueue_staff_notification(
        tx, env, f"escalation.{escalation.id}.{step_number}", message, (step.channel,), responders, now=now
    )


def _staff_message(
    env: Environment, escalation: Escalation, waiting: list[Alert], more_count: int, now: datetime
) -> StaffMessage:
    alert = next((candidate for candidate in waiting if candidate.id == escalation.alert), waiting[0])
    clock = notify.staff_clock(env.site.catalog)
    waited = max(int((now - alert.received_at).total_seconds()) // 60, 0)
    lines = [
        notify.staff_label(
            env.site.catalog, "escalation.since", time=clock.format_time(alert.received_at), minutes=waited
        )
    ]
    lines += [notify.staff_label(env.site.catalog, "escalation.more", count=more_count)] if more_count else []
    lines.append(notify.staff_label(env.site.catalog, "escalation.take", link=notify.desk_link(env)).strip())
    title = notify.staff_label(
        env.site.catalog, "escalation.title", title=notify.strip_marks(env.site.catalog, alert.monitor_alert.title)
    )
    return StaffMessage(NotificationReason.ESCALATION, title, tuple(lines), alert=alert.id, escalation=escalation.id)


def _firing_alerts(tx: Connection) -> list[Alert]:
    """Unacknowledged alerts that are still firing; oldest first."""
    waiting = [alert for alert in alerts.open_alerts(tx) if alert.state is AlertState.WAITING]
    groups = alerts.summarize_groups(tx, [alert.id for alert in waiting])
    return [
        alert
        for alert in waiting
        if alert.monitor_alert.ended_at is None or (alert.id in groups and groups[alert.id].firing)
    ]


def _due_alerts(tx: Connection, catalog: Catalog, now: datetime) -> list[Alert]:
    """The firing alerts, without those in their quiet period because somebody acknowledged another one."""
    waiting = _firing_alerts(tx)
    escalation_ends = staff_notifications.escalation_ends(tx, waiting[0].received_at) if waiting else ()
    return [
        alert for alert in waiting if _is_past_quiet_period(alert, escalation_ends, catalog.on_call.quiet_period, now)
    ]


def _is_past_quiet_period(
    alert: Alert, escalation_ends: tuple[datetime, ...], quiet_period: timedelta, now: datetime
) -> bool:
    """Whether the alert may escalate: nobody has acknowledged another one since it arrived, or that was long ago."""
    index = bisect_left(escalation_ends, alert.received_at)
    return index == len(escalation_ends) or now >= escalation_ends[index] + quiet_period
