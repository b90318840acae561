"""A second person's approval: the text is published exactly as written, or returned to its author."""

from __future__ import annotations

from datetime import datetime

from statuspage.domain import (
    ApprovalRequest,
    Catalog,
    EventKind,
    Incident,
    TimelineEvent,
    approval_requests,
    find_forbidden_phrase,
    strip_invisible,
    text_problems,
)
from statuspage.storage import drafts, incidents
from statuspage.storage.engine import Connection
from statuspage.usecases.environment import Environment
from statuspage.usecases.incidents import ActionRefused, require_incident
from statuspage.usecases.notices import proposals
from statuspage.usecases.notices.publication import append_notice
from statuspage.usecases.notices.results import Published

REASON_LIMIT = 300
"""Maximum characters of a reason."""


def approve_notice(
    env: Environment, incident_id: str, sequence: int, *, actor: str, now: datetime, account_id: str = ""
) -> Published:
    """Publishes the notice with its frozen text. ``account_id`` is the approver's, "" on the command line.

    Raises NoSuchIncident, or ActionRefused if it is no longer pending, can no longer be published, or its author tries
    to approve it.
    """
    with env.databases.environment.begin() as tx:
        incident, request = _find_waiting(tx, incident_id, sequence, now)
        if request.is_written_by(actor, account_id):
            raise ActionRefused("approval.own_notice")
        return _publish_approved(
            env, tx, incident, request, TimelineEvent(EventKind.APPROVED, actor=actor, answers_to=sequence), now
        )


def publish_without_approval(
    env: Environment, incident_id: str, sequence: int, *, actor: str, reason: str, now: datetime
) -> Published:
    """Publishes without a second person in an emergency; the lead is responsible, and the reason is stored. Raises the
    errors of ``approve_notice``."""
    checked_reason = _validate_reason(env.site.catalog, reason)
    with env.databases.environment.begin() as tx:
        incident, request = _find_waiting(tx, incident_id, sequence, now)
        return _publish_approved(
            env,
            tx,
            incident,
            request,
            TimelineEvent(EventKind.PUBLISHED_WITHOUT_APPROVAL, actor=actor, text=checked_reason, answers_to=sequence),
            now,
        )


def refuse_approval(
    env: Environment, incident_id: str, sequence: int, *, actor: str, reason: str, now: datetime
) -> None:
    """Returns it to its author, with the reason; the form keeps what was typed. An incident of which only a program
    spoke is closed. Raises the errors of ``approve_notice``."""
    checked_reason = _validate_reason(env.site.catalog, reason)
    with env.databases.environment.begin() as tx:
        incident = require_incident(tx, incident_id)
        _find_undecided(incident, sequence)
        event = TimelineEvent(EventKind.APPROVAL_REFUSED, actor=actor, text=checked_reason, answers_to=sequence)
        incidents.append_entry(tx, incident_id, event, happened=now, recorded=now)
        proposals.close_if_only_proposed(tx, incident_id, actor=actor, now=now)


def _publish_approved(
    env: Environment, tx: Connection, incident: Incident, request: ApprovalRequest, event: TimelineEvent, now: datetime
) -> Published:
    proposals.confirm_proposed(tx, incident, request.pending_approval.notice, actor=event.actor, now=now)
    incidents.append_entry(tx, incident.id, event, happened=now, recorded=now)
    sequence = append_notice(
        env,
        tx,
        incident.id,
        request.pending_approval.notice,
        request.pending_approval.latest_sequence,
        now,
        request.pending_approval.channels,
    )
    drafts.delete_draft(
        tx, f"{incident.id}:{request.pending_approval.notice.notice}"[:32], request.pending_approval.author_account
    )
    return Published(incident.id, sequence)


def _find_waiting(tx: Connection, incident_id: str, sequence: int, now: datetime) -> tuple[Incident, ApprovalRequest]:
    incident = require_incident(tx, incident_id)
    request = _find_undecided(incident, sequence)
    if problem_code := request.expiry_reason(incident, now):
        raise ActionRefused(problem_code)
    return incident, request


def _find_undecided(incident: Incident, sequence: int) -> ApprovalRequest:
    request = next((candidate for candidate in approval_requests(incident) if candidate.sequence == sequence), None)
    if request is None or request.decision is not None:
        raise ActionRefused("approval.none")
    return request


def _validate_reason(catalog: Catalog, text: str) -> str:
    reason = strip_invisible(text)
    if (
        not reason
        or find_forbidden_phrase(reason, catalog.forbidden_phrases)
        or any(text_problems("reason", reason, REASON_LIMIT))
    ):
        raise ActionRefused("approval.reason")
    return reason
