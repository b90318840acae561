"""What waits for a second person's approval: read from an incident's timeline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from statuspage.domain.facts import estimate_expires_at
from statuspage.domain.incident import Incident, PendingApproval, StepKind, TimelineEntry, TimelineEvent

DECISIONS = (StepKind.APPROVED, StepKind.APPROVAL_REFUSED, StepKind.PUBLISHED_ALONE)
"""Steps that end the waiting."""


@dataclass(frozen=True, slots=True)
class Pending:
    """A notice in its final words that somebody wrote. ``decided`` is the step that ended the waiting, with its place;
    None while it waits."""

    number: int
    at: datetime
    by: str
    waiting: PendingApproval
    decided: TimelineEntry | None = None

    def worn_out(self, incident: Incident, now: datetime) -> str:
        """Why it can go out no more: customers were told something else, or a time in it has passed; "": it can."""
        facts = self.waiting.notice.facts
        if incident.seen != self.waiting.seen:
            return "approval.overtaken"
        promises = (estimate_expires_at(facts.estimate), facts.next_update)
        return "approval.promise" if any(at is not None and at <= now for at in promises) else ""

    def is_of(self, name: str, account: str) -> bool:
        """Whether this person wrote it: by account where both are known, else by name."""
        if account and self.waiting.author:
            return account == self.waiting.author
        return name.strip().casefold() == self.by.strip().casefold()


def pending(incident: Incident) -> tuple[Pending, ...]:
    """Everything that was ever handed to a second person here, oldest first."""
    found = []
    for r in incident.entries:
        if isinstance(r.entry, TimelineEvent) and r.entry.waiting is not None:
            found.append(Pending(r.sequence, r.recorded, r.entry.by, r.entry.waiting, _decided(incident, r.sequence)))
    return tuple(found)


def open_now(incident: Incident) -> tuple[Pending, ...]:
    """What waits now: nobody has decided, and customers were told nothing else meanwhile."""
    return tuple(one for one in pending(incident) if one.decided is None and one.waiting.seen == incident.seen)


def _decided(incident: Incident, number: int) -> TimelineEntry | None:
    for r in incident.entries:
        if isinstance(r.entry, TimelineEvent) and r.entry.of == number and r.entry.step in DECISIONS:
            return r
    return None
