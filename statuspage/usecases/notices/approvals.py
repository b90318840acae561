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
    env: Environment, incident_id: str, sequence: int, *, actor: str, now: datetime, account_id: str = ""
) -> Published:
    """The notice goes out in its frozen words. ``account`` is the id of who approves, "" on the command line.

    Raises NoSuchIncident, and NotNow where it no longer waits, can no longer go out, or who wrote it approves it.
    """
    with env.database.begin() as tx:
        incident, request = _waiting(tx, incident_id, sequence, now)
        if request.is_written_by(actor, account_id):
            raise NotNow("approval.yourself")
        return _go(env, tx, incident, request, TimelineEvent(StepKind.APPROVED, actor=actor, of=sequence), now)


def go_alone(env: Environment, incident_id: str, sequence: int, *, actor: str, reason: str, now: datetime) -> Published:
    """In need, without a second person: the lead answers for it, and the reason is kept. Raises as ``approve``."""
    checked_reason = _checked_reason(env, reason)
    with env.database.begin() as tx:
        incident, request = _waiting(tx, incident_id, sequence, now)
        return _go(env, tx, incident, request, TimelineEvent(StepKind.PUBLISHED_WITHOUT_APPROVAL, actor=actor, text=checked_reason, of=sequence), now)


def refuse(env: Environment, incident_id: str, sequence: int, *, actor: str, reason: str, now: datetime) -> None:
    """It goes back to who wrote it, with the reason; the form still has what was typed. Raises as ``approve``."""
    checked_reason = _checked_reason(env, reason)
    with env.database.begin() as tx:
        incident = there(tx, incident_id)
        _undecided(incident, sequence)
        event = TimelineEvent(StepKind.APPROVAL_REFUSED, actor=actor, text=checked_reason, of=sequence)
        rows.append(tx, incident_id, event, happened=now, recorded=now)


def _go(
    env: Environment, tx: Connection, incident: Incident, request: Pending, event: TimelineEvent, now: datetime
) -> Published:
    rows.append(tx, incident.id, event, happened=now, recorded=now)
    sequence = append_notice(env, tx, incident.id, request.pending_approval.notice, request.pending_approval.seen, now, request.pending_approval.to)
    drafts.drop(tx, f"{incident.id}:{request.pending_approval.notice.notice}"[:32], request.pending_approval.author)
    return Published(incident.id, sequence)


def _waiting(tx: Connection, incident_id: str, sequence: int, now: datetime) -> tuple[Incident, Pending]:
    incident = there(tx, incident_id)
    request = _undecided(incident, sequence)
    if problem_code := request.expiry_reason(incident, now):
        raise NotNow(problem_code)
    return incident, request


def _undecided(incident: Incident, sequence: int) -> Pending:
    request = next((candidate for candidate in pending(incident) if candidate.sequence == sequence), None)
    if request is None or request.decision is not None:
        raise NotNow("approval.none")
    return request


def _checked_reason(env: Environment, text: str) -> str:
    reason = strip_invisible(text)
    if (
        not reason
        or find_forbidden_phrase(reason, env.catalog.forbidden_phrases)
        or any(text_problems("reason", reason, REASON_LIMIT))
    ):
        raise NotNow("approval.reason")
    return reason
