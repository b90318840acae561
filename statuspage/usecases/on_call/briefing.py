"""Colleagues hear of trouble: the facts so far and what is still open, by the ways the content names."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from statuspage.domain import NOW, Incident, InternalNote, NotificationReason, find_forbidden_phrase, unreadable
from statuspage.storage import alerts, incidents
from statuspage.usecases.alerts import NoSuchAlert
from statuspage.usecases.environment import Environment
from statuspage.usecases.incidents import NotNow, there
from statuspage.usecases.on_call import current, notify
from statuspage.usecases.on_call.notify import StaffMessage

if TYPE_CHECKING:
    from statuspage.domain import Alert
    from statuspage.storage.engine import Connection


def tell_colleagues(world: Environment, incident_id: str, text: str = "", *, by: str, now: datetime) -> int:
    """Colleagues are told by every way that the content names, whoever is on duty is called by name, and it stands on
    the timeline. Returns the note's sequence.

    ``text`` stands first, where somebody typed something. Raises NoSuchIncident, and NotNow for a text that is refused.
    """
    _refuse(world, text)
    with world.store.begin() as tx:
        incident = there(tx, incident_id)
        title, *lines = _told_customers(tx, world, incident)
        lines = [*text.split("\n"), *lines] if text else lines
        note = InternalNote("\n".join((title, *lines)), by)
        sequence = incidents.append(tx, incident_id, note, happened=now, recorded=now)
        word = StaffMessage(NotificationReason.TOLD, title, (*lines, *_link(world)), incident=incident_id)
        who = current.called(world, (NOW,), now=now)
        notify.enqueue_staff_notification(
            tx, world, f"told.{incident_id}.{sequence}", word, world.catalog.duty.tell, who, now=now
        )
    return sequence


def of_alert(world: Environment, alert_id: str, *, now: datetime) -> Alert:
    """The same of an alert that is no incident yet; once for each alert. Raises NoSuchAlert."""
    with world.store.begin() as tx:
        alert = alerts.find_alert(tx, alert_id)
        if alert is None:
            raise NoSuchAlert
        title, *lines = _of_alert(world, alert)
        word = StaffMessage(NotificationReason.TOLD, title, (*lines, *_link(world)), alert=alert_id)
        who = current.called(world, (NOW,), now=now)
        notify.enqueue_staff_notification(tx, world, f"told.{alert_id}", word, world.catalog.duty.tell, who, now=now)
    return alert


def _refuse(world: Environment, text: str) -> None:
    if unreadable(text):
        raise NotNow("text.characters")
    if find_forbidden_phrase(text, world.catalog.never):
        raise NotNow("text.denies_note")


def _told_customers(tx: Connection, world: Environment, incident: Incident) -> list[str]:
    """What was told customers with what they were not, as prepared for colleagues; before that what the alert says."""
    book = notify.book(world)
    if incident.latest is not None:
        words = incident.latest.notice.words
        mine = words.get(book.language) or next(iter(words.values()))
        if "colleagues" in mine.media:
            return notify.bare(world, mine.media["colleagues"].body).split("\n")
    joined = alerts.alerts_of_incident(tx, incident.id)
    if joined:
        return _of_alert(world, joined[0])
    return [notify.staff_label(world, "told.title", title=incident.id), notify.staff_label(world, "told.open")]


def _of_alert(world: Environment, alert: Alert) -> list[str]:
    signal, clock = alert.signal, notify.staff_clock(world)
    lines = [notify.staff_label(world, "told.title", title=notify.bare(world, signal.title))]
    lines.append(notify.staff_label(world, "told.since", time=clock.clock(min(signal.starts_at, alert.received))))
    lines += [signal.summary] if signal.summary and signal.summary != signal.title else []
    return [*lines, notify.staff_label(world, "told.open")]


def _link(world: Environment) -> tuple[str, ...]:
    link = notify.desk_link(world)
    return (notify.staff_label(world, "told.desk", link=link),) if link else ()
