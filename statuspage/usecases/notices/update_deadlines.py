"""Promises that time makes due: colleagues are reminded before and after, and when planned work takes too long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from statuspage.domain import NOW, Incident, NoticeKind, NotificationReason, RecordedNotice
from statuspage.storage import incidents, staff_notifications
from statuspage.usecases.environment import Environment
from statuspage.usecases.on_call import StaffMessage, current, notify

STALE = timedelta(hours=12)
"""After so long nobody is reminded any more: what was missed then is seen on the desk."""


@dataclass(frozen=True, slots=True)
class _Due:
    key: str
    cause: NotificationReason
    label: str
    incident: Incident
    at: datetime


def promised(incident: Incident) -> tuple[RecordedNotice, datetime] | None:
    """The notice that promised the next one, and by when; None where none is owed."""
    latest = next((n for n in reversed(incident.notices) if n.notice.notice is not NoticeKind.ACCOUNT), None)
    if latest is None or incident.over or latest.notice.facts.next_update is None:
        return None
    return latest, latest.notice.facts.next_update


def remind(world: Environment, *, now: datetime) -> int:
    """Colleagues hear once before a promised update is due, once when it is late, and once when planned work goes on
    past its end. Returns how many words are new.

    Nothing while the books are on hold, or a drill stands still.
    """
    duty_file = world.catalog.duty
    if not duty_file.tell:
        return 0
    with world.store.read() as tx:
        if notify.quiet(tx):
            return 0
        found = [due for one in incidents.open_now(tx) for due in _due_deadlines(one, duty_file.remind, now)]
        new = [due for due in found if not staff_notifications.known(tx, f"{due.key}.")]
    return sum(_tell(world, due, now) for due in new)


def _tell(world: Environment, due: _Due, now: datetime) -> int:
    """In a transaction of its own, in which it is looked once more whether it still is so."""
    who = current.called(world, (NOW,), now=now)
    with world.store.begin() as tx:
        incident = incidents.load(tx, due.incident.id)
        if incident is None or due.key not in {
            one.key for one in _due_deadlines(incident, world.catalog.duty.remind, now)
        }:
            return 0
        words = incident.latest.notice.words if incident.latest else {}
        language = notify.book(world).language
        mine = words.get(language) or next(iter(words.values()))
        title = notify.staff_label(world, f"{due.label}.title", title=mine.title)
        lines = [notify.staff_label(world, f"{due.label}.text", time=notify.staff_clock(world).clock(due.at))]
        lines += [link] if (link := notify.desk_link(world)) else []
        word = StaffMessage(due.cause, title, tuple(lines), incident=incident.id)
        return notify.enqueue_staff_notification(tx, world, due.key, word, world.catalog.duty.tell, who, now=now)


def _due_deadlines(incident: Incident, before: timedelta, now: datetime) -> Iterator[_Due]:
    if incident.maintenance and incident.planned is not None:
        if incident.overrun(now) and now < incident.planned.end + STALE:
            key = f"overrun.{incident.id}.{incident.seen}"
            yield _Due(key, NotificationReason.OVERRUN, "overrun", incident, incident.planned.end)
        return
    found = promised(incident)
    if found is None:
        return
    latest, at = found
    key = f"promise.{incident.id}.{latest.sequence}"
    if at <= now < at + STALE:
        yield _Due(f"{key}.late", NotificationReason.PROMISE, "late", incident, at)
    elif at - before <= now < at and latest.recorded < at - before:
        yield _Due(f"{key}.soon", NotificationReason.PROMISE, "soon", incident, at)
