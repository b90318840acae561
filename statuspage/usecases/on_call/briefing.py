"""Briefs staff on an incident: the facts so far and what is still open, through the channels named in the content."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from statuspage.domain import (
    NOW,
    Catalog,
    Incident,
    InternalNote,
    NotificationReason,
    find_forbidden_phrase,
    has_unreadable_characters,
)
from statuspage.storage import alerts, incidents
from statuspage.usecases.alerts import NoSuchAlert
from statuspage.usecases.environment import Environment
from statuspage.usecases.incidents import ActionRefused, require_incident
from statuspage.usecases.on_call import current, notify
from statuspage.usecases.on_call.notify import StaffMessage

if TYPE_CHECKING:
    from statuspage.domain import Alert
    from statuspage.storage.engine import Connection


def brief_staff(env: Environment, incident_id: str, text: str = "", *, actor: str, now: datetime) -> int:
    """Notifies staff through every channel named in the content, mentions who is on call, and records it on the
    timeline. Returns the event's sequence.

    ``text``, if any, comes first. Raises NoSuchIncident, or ActionRefused for a text that is not allowed.
    """
    _refuse_text(env.site.catalog, text)
    with env.databases.environment.begin() as tx:
        incident = require_incident(tx, incident_id)
        title, *lines = _briefing_lines(tx, env.site.catalog, incident)
        lines = [*text.split("\n"), *lines] if text else lines
        note = InternalNote("\n".join((title, *lines)), actor)
        sequence = incidents.append_entry(tx, incident_id, note, happened=now, recorded=now)
        message = StaffMessage(
            NotificationReason.BRIEFING, title, (*lines, *_desk_link_line(env)), incident=incident_id
        )
        responders = current.resolve_recipients(env, (NOW,), now=now)
        notify.enqueue_staff_notification(
            tx,
            env,
            f"briefing.{incident_id}.{sequence}",
            message,
            env.site.catalog.on_call.incident_channels,
            responders,
            now=now,
        )
    return sequence


def brief_alert(env: Environment, alert_id: str, *, now: datetime) -> Alert:
    """Briefs staff on an alert that is not an incident yet; once for each alert. Raises NoSuchAlert."""
    with env.databases.environment.begin() as tx:
        alert = alerts.find_alert(tx, alert_id)
        if alert is None:
            raise NoSuchAlert
        title, *lines = _alert_lines(env.site.catalog, alert)
        message = StaffMessage(NotificationReason.BRIEFING, title, (*lines, *_desk_link_line(env)), alert=alert_id)
        responders = current.resolve_recipients(env, (NOW,), now=now)
        notify.enqueue_staff_notification(
            tx, env, f"briefing.{alert_id}", message, env.site.catalog.on_call.incident_channels, responders, now=now
        )
    return alert


def _refuse_text(catalog: Catalog, text: str) -> None:
    if has_unreadable_characters(text):
        raise ActionRefused("text.characters")
    if find_forbidden_phrase(text, catalog.forbidden_phrases):
        raise ActionRefused("text.denies_note")


def _briefing_lines(tx: Connection, catalog: Catalog, incident: Incident) -> list[str]:
    """What customers were told and what not, as prepared for staff; before the first notice, the alert's text."""
    pack = notify.staff_pack(catalog)
    if incident.latest is not None:
        notice_texts = incident.latest.notice.texts
        notice_text = notice_texts.get(pack.language) or next(iter(notice_texts.values()))
        if "colleagues" in notice_text.media:
            return notify.strip_marks(catalog, notice_text.media["colleagues"].body).split("\n")
    incident_alerts = alerts.alerts_of_incident(tx, incident.id)
    if incident_alerts:
        return _alert_lines(catalog, incident_alerts[0])
    return [
        notify.staff_label(catalog, "briefing.title", title=incident.id),
        notify.staff_label(catalog, "briefing.open"),
    ]


def _alert_lines(catalog: Catalog, alert: Alert) -> list[str]:
    signal, clock = alert.monitor_alert, notify.staff_clock(catalog)
    lines = [notify.staff_label(catalog, "briefing.title", title=notify.strip_marks(catalog, signal.title))]
    since = clock.format_recent(min(signal.started_at, alert.received_at), now=alert.received_at)
    lines.append(notify.staff_label(catalog, "briefing.since", time=since))
    lines += [signal.summary] if signal.summary and signal.summary != signal.title else []
    return [*lines, notify.staff_label(catalog, "briefing.open")]


def _desk_link_line(env: Environment) -> tuple[str, ...]:
    link = notify.desk_link(env)
    return (notify.staff_label(env.site.catalog, "briefing.desk", link=link),) if link else ()
