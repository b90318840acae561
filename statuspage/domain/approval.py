"""Requests for a second person's approval, read from an incident's timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from statuspage.domain.facts import estimate_expires_at
from statuspage.domain.incident import EventKind, Incident, PendingApproval, TimelineEntry, TimelineEvent

DECISIONS = (EventKind.APPROVED, EventKind.APPROVAL_REFUSED, EventKind.PUBLISHED_WITHOUT_APPROVAL)
"""Events that end the wait for approval."""


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """A notice in its final wording that waits for approval. ``decision`` is the event that ended the wait, with its
    sequence; None while it waits."""

    sequence: int
    requested_at: datetime
    actor: str
    pending_approval: PendingApproval
    decision: TimelineEntry | None = None

    def expiry_reason(self, incident: Incident, now: datetime) -> str:
        """Why it can no longer be published: a newer notice is out, or a time in it has passed. "" if it can."""
        facts = self.pending_approval.notice.facts
        if incident.latest_sequence != self.pending_approval.latest_sequence:
            return "approval.superseded"
        promises = (estimate_expires_at(facts.estimate), facts.next_update)
        return "approval.promise_passed" if any(promise is not None and promise <= now for promise in promises) else ""

    def is_written_by(self, name: str, account: str) -> bool:
        """Whether this person wrote it: compared by account if both are known, else by name."""
        if account and self.pending_approval.author_account:
            return account == self.pending_approval.author_account
        return name.strip().casefold() == self.actor.strip().casefold()


def approval_requests(incident: Incident) -> tuple[ApprovalRequest, ...]:
    """Every approval request of the incident, oldest first."""
    requests = []
    for item in incident.entries:
        if isinstance(item.entry, TimelineEvent) and item.entry.pending_approval is not None:
            requests.append(
                ApprovalRequest(
                    item.sequence,
                    item.recorded,
                    item.entry.actor,
                    item.entry.pending_approval,
                    _find_decision(incident, item.sequence),
                )
            )
    return tuple(requests)


def open_approval_requests(incident: Incident) -> tuple[ApprovalRequest, ...]:
    """Requests still waiting: nobody has decided, and no other notice has been published since."""
    return tuple(
        request
        for request in approval_requests(incident)
        if request.decision is None and request.pending_approval.latest_sequence == incident.latest_sequence
    )


def is_only_proposed(incident: Incident) -> bool:
    """Whether only a program has spoken of it: its timeline is a proposal, and what was decided about it."""
    proposal = (EventKind.WORDS_READY, EventKind.APPROVAL_REQUESTED, EventKind.APPROVAL_REFUSED)
    entries = [item.entry for item in incident.entries]
    return bool(entries) and all(isinstance(entry, TimelineEvent) and entry.event in proposal for entry in entries)


def _find_decision(incident: Incident, sequence: int) -> TimelineEntry | None:
    for item in incident.entries:
        if (
            isinstance(item.entry, TimelineEvent)
            and item.entry.answers_to == sequence
            and item.entry.event in DECISIONS
        ):
            return item
    return None
