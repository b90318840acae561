"""Notices that programs propose: how many may wait, and what becomes of an incident that nobody has confirmed."""

from __future__ import annotations

from datetime import datetime

from statuspage.domain import EventKind, Incident, Notice, NoticeKind, TimelineEvent, approval
from statuspage.storage import incidents
from statuspage.storage.engine import Connection
from statuspage.usecases.notices.results import NoticeTarget, TooManyProposals


def refuse_too_many(tx: Connection, notice: Notice, limit: int) -> None:
    """Raises TooManyProposals if that many others of the notice's actor wait, in all incidents that are not over."""
    waiting = [
        request.pending_approval.notice
        for incident in incidents.open_incidents(tx)
        for request in approval.open_approval_requests(incident)
    ]
    if sum(each.actor == notice.actor and each.key != notice.key for each in waiting) >= limit:
        raise TooManyProposals


def keep_for_decision(tx: Connection, target: NoticeTarget, now: datetime) -> None:
    """The incident in which a proposed first report waits. Nobody has confirmed it or opened its form."""
    incidents.open_incident(tx, target.incident_id, at=now, t0=target.form_opened_at or now, t0_source="form")


def confirm_proposed(tx: Connection, incident: Incident, notice: Notice, *, actor: str, now: datetime) -> None:
    """Records that whoever publishes the first report of a proposed incident confirms it."""
    if notice.notice is NoticeKind.FIRST and incident.first_time_of(EventKind.CONFIRMED) is None:
        event = TimelineEvent(EventKind.CONFIRMED, actor=actor)
        incidents.append_entry(tx, incident.id, event, happened=now, recorded=now)


def close_if_only_proposed(tx: Connection, incident_id: str, *, actor: str, now: datetime) -> None:
    """Closes the incident whose proposals are all refused and that nobody has confirmed: there is none."""
    incident = incidents.load_incident(tx, incident_id)
    if incident is None or not approval.is_only_proposed(incident) or approval.open_approval_requests(incident):
        return
    event = TimelineEvent(EventKind.CLOSED, actor=actor)
    incidents.append_entry(tx, incident_id, event, happened=now, recorded=now)
