"""Deadlines of promised reports to customers: staff are reminded on the promised day, and once it has passed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from statuspage.domain import NOW, NotificationReason
from statuspage.storage import incident_records, staff_notifications
from statuspage.storage.engine import Connection
from statuspage.storage.incident_records import IncidentRecord
from statuspage.usecases.action_items import REMINDERS_FROM
from statuspage.usecases.environment import Environment
from statuspage.usecases.incident_list import headline_in
from statuspage.usecases.on_call import StaffMessage, current, notify


@dataclass(frozen=True, slots=True)
class _Deadline:
    """One reminder. The day is in its key, so that another promised day is reminded of."""

    record: IncidentRecord
    day: date
    is_late: bool

    @property
    def key(self) -> str:
        return f"report.{self.record.id}.{self.day}.{'late' if self.is_late else 'due'}"

    @property
    def labels(self) -> tuple[str, str]:
        """The keys of its title and its text."""
        if self.is_late:
            return "report_overdue.title", "report_overdue.text"
        return "report_due.title", "report_due.text"


def remind_staff(env: Environment, *, now: datetime) -> int:
    """Notifies staff once on the day of a promised report and once when it is late, from ten o'clock. Returns how many
    notifications are new.

    Does nothing during a send hold. Only where action items are followed up: a drill promises nothing.
    """
    local = now.astimezone(ZoneInfo(env.site.catalog.site.zone))
    channel_ids = env.site.catalog.on_call.incident_channels
    if not env.follows_up_actions or local.time() < REMINDERS_FROM or not channel_ids:
        return 0
    with env.databases.environment.read() as tx:
        if notify.is_paused(tx) or not list(_new_deadlines(tx, local.date())):
            return 0
    responders = current.resolve_recipients(env, (NOW,), now=now)
    with env.databases.environment.begin() as tx:
        return sum(
            notify.enqueue_staff_notification(
                tx, env, deadline.key, _message(env, deadline), channel_ids, responders, now=now
            )
            for deadline in list(_new_deadlines(tx, local.date()))
        )


def _new_deadlines(tx: Connection, today: date) -> Iterator[_Deadline]:
    """The reminders that are due and not queued yet. Of a report that is late, the one of its day is left out."""
    for record in incident_records.promised_reports(tx):
        day = record.figures.report_by
        if day and day <= today:
            deadline = _Deadline(record, day, day < today)
            if not staff_notifications.has_notification(tx, f"{deadline.key}."):
                yield deadline


def _message(env: Environment, deadline: _Deadline) -> StaffMessage:
    catalog, id = env.site.catalog, deadline.record.id
    title, text = deadline.labels
    language, link = notify.staff_pack(catalog).language, notify.desk_link(env)
    headline = notify.strip_marks(catalog, headline_in(deadline.record.figures.headlines, (language,)))
    day = notify.staff_clock(catalog).format_short_date(deadline.day)
    lines = [notify.staff_label(catalog, text, day=day)]
    lines += [f"{link.rstrip('/')}/incidents/{id}"] if link else []
    return StaffMessage(
        NotificationReason.REPORT_DUE, notify.staff_label(catalog, title, title=headline), tuple(lines), incident=id
    )
