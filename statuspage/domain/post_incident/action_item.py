"""Action items: what a team decided to change after an incident or a drill, followed up until it is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

ESCALATE_AFTER = timedelta(days=1)
"""How late an item must be before leads are reminded beside its owner."""

REMIND_EVERY = timedelta(days=7)
"""How often they are reminded after that."""

DEFAULT_TERM = timedelta(days=14)
"""An item without a due day is reminded of when it is this old, as if it were due then."""


class ActionState(StrEnum):
    """Whether there is still something to do. A dropped item has a reason."""

    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


class ActionPriority(StrEnum):
    """How soon it must be done, the most urgent first."""

    URGENT = "urgent"
    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


@dataclass(frozen=True, slots=True)
class ActionItem:
    """One action item.

    ``environment`` and ``subject`` say what it came from: an incident, or a drill. ``cause`` is the published cause of
    that incident. ``owner`` is a person or a team, ``owner_account`` the account of that person ("": no account).
    ``link`` is its issue in a tracker. ``reason`` is why it was dropped. ``version`` counts its changes;
    ``announced`` is the one that other programs were told of last.
    """

    id: int
    environment: str
    subject: str
    text: str
    created_at: datetime
    created_by: str = ""
    cause: str = ""
    owner: str = ""
    owner_account: str = ""
    priority: ActionPriority = ActionPriority.NORMAL
    due: date | None = None
    link: str = ""
    state: ActionState = ActionState.OPEN
    reason: str = ""
    closed_at: datetime | None = None
    closed_by: str = ""
    version: int = 1
    announced: int = 0

    def is_late(self, today: date) -> bool:
        """Whether its day has passed and it is still open."""
        return self.state is ActionState.OPEN and self.due is not None and self.due < today


@dataclass(frozen=True, slots=True)
class ActionReminder:
    """A reminder that is due. ``number`` counts those of one due day; ``to_leads``: leads get it beside the owner."""

    number: int
    to_leads: bool


def due_reminder(item: ActionItem, today: date) -> ActionReminder | None:
    """The newest reminder of this item that is due today: on its day to the owner, then to the leads too, every week.

    None before its day, and once it is done or dropped.
    """
    late = today - (item.due or item.created_at.date() + DEFAULT_TERM)
    if item.state is not ActionState.OPEN or late < timedelta():
        return None
    if late < ESCALATE_AFTER:
        return ActionReminder(0, to_leads=False)
    return ActionReminder(1 + (late - ESCALATE_AFTER) // REMIND_EVERY, to_leads=True)
