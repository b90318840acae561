"""A second person's approval: the words go out exactly as they were written, or back to who wrote them."""

from __future__ import annotations

from datetime import datetime

from statuspage.domain import (
    Incident,
    Pending,
    StepKind,
    TimelineEvent,
    find_forbidden_phrase,
    pending,
    strip_invisible,
    text_problems,
)
from statuspage.storage import drafts
from statuspage.storage import incidents as rows
from statuspage.storage.engine import Connection
from statuspage.usecases.environment import Environment
from statuspage.usecases.incidents import NotNow, there
from statuspage.usecases.notices.publication import append_notice
from statuspage.usecases.notices.results import Published

REASON_LIMIT = 300
"""Characters of a reason."""


def approve(
    world: Environment, incident_id: str, number: int, *, by: str, now: datetime, account: str = ""
) -> Published:
    """The notice goes out in its frozen words. ``account`` is the id of who approves, "" on the command line.

    Raises NoSuchIncident, and NotNow where it no longer waits, can no longer go out, or who wrote it approves it.
    """
    with world.store.begin() as tx:
        incident, found = _waiting(tx, incident_id, number, now)
        if found.is_of(by, account):
            raise NotNow("approval.yourself")
        return _go(world, tx, incident, found, TimelineEvent(StepKind.APPROVED, by=by, of=number), now)


def go_alone(world: Environment, incident_id: str, number: int, *, by: str, reason: str, now: datetime) -> Published:
    """In need, without a second person: the lead answers for it, and the reason is kept. Raises as ``approve``."""
    why = _checked_reason(world, reason)
    with world.store.begin() as tx:
        incident, found = _waiting(tx, incident_id, number, now)
        return _go(world, tx, incident, found, TimelineEvent(StepKind.PUBLISHED_ALONE, by=by, text=why, of=number), now)


def refuse(world: Environment, incident_id: str, number: int, *, by: str, reason: str, now: datetime) -> None:
    """It goes back to who wrote it, with the reason; the form still has what was typed. Raises as ``approve``."""
    why = _checked_reason(world, reason)
    with world.store.begin() as tx:
        incident = there(tx, incident_id)
        _undecided(incident, number)
        step = TimelineEvent(StepKind.APPROVAL_REFUSED, by=by, text=why, of=number)
        rows.append(tx, incident_id, step, happened=now, recorded=now)


def _go(
    world: Environment, tx: Connection, incident: Incident, found: Pending, step: TimelineEvent, now: datetime
) -> Published:
    rows.append(tx, incident.id, step, happened=now, recorded=now)
    sequence = append_notice(world, tx, incident.id, found.waiting.notice, found.waiting.seen, now, found.waiting.to)
    drafts.drop(tx, f"{incident.id}:{found.waiting.notice.notice}"[:32], found.waiting.author)
    return Published(incident.id, sequence)


def _waiting(tx: Connection, incident_id: str, number: int, now: datetime) -> tuple[Incident, Pending]:
    incident = there(tx, incident_id)
    found = _undecided(incident, number)
    if why := found.worn_out(incident, now):
        raise NotNow(why)
    return incident, found


def _undecided(incident: Incident, number: int) -> Pending:
    found = next((one for one in pending(incident) if one.number == number), None)
    if found is None or found.decided is not None:
        raise NotNow("approval.none")
    return found


def _checked_reason(world: Environment, text: str) -> str:
    reason = strip_invisible(text)
    if (
        not reason
        or find_forbidden_phrase(reason, world.catalog.never)
        or any(text_problems("reason", reason, REASON_LIMIT))
    ):
        raise NotNow("approval.reason")
    return reason
