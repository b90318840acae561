"""The issue of an action item in a tracker: wanted, then open or closed there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from statuspage.domain.post_incident.action_item import ActionItem, ActionState

FOLLOW_EVERY = timedelta(minutes=10)
"""How often an issue is looked at."""

FOLLOW_CLOSED_FOR = timedelta(days=90)
"""How long the issue of an item that is done or dropped is still looked at."""


class IssueState(StrEnum):
    """*Wanted*: it is to be made. *Reopened*: it was closed, and is open again. *Missing*: it is no longer there."""

    WANTED = "wanted"
    OPEN = "open"
    CLOSED = "closed"
    REOPENED = "reopened"
    MISSING = "missing"


class IssueQuestion(StrEnum):
    """What an issue asks of its item: to be done, because the issue is closed; or to be opened again."""

    DONE = "done"
    REOPEN = "reopen"


@dataclass(frozen=True, slots=True)
class ActionIssue:
    """The issue of one action item.

    ``marker`` stands in the text of the issue: whoever makes it again looks for it first. ``number`` and ``url`` are 0
    and "" until it is made. ``next_at`` is when it is made or looked at next; None: not again. ``attempts`` counts
    those since it was last asked for or seen; ``reason`` is a label's key (``receipt.reason.KEY``) if the last one
    failed, ``detail`` the tracker's own words.
    """

    item: int
    repository: str
    marker: str
    requested_at: datetime
    requested_by: str
    state: IssueState = IssueState.WANTED
    number: int = 0
    url: str = ""
    attempts: int = 0
    next_at: datetime | None = None
    reason: str = ""
    detail: str = ""


def issue_question(item: ActionItem, issue: ActionIssue) -> IssueQuestion | None:
    """What the issue asks of its item; None: nothing."""
    if issue.state is IssueState.CLOSED and item.state is ActionState.OPEN:
        return IssueQuestion.DONE
    if issue.state is IssueState.REOPENED and item.state is ActionState.DONE:
        return IssueQuestion.REOPEN
    return None


def seen_state(known: IssueState, *, is_open: bool) -> IssueState:
    """The state after the tracker said whether the issue is open."""
    if not is_open:
        return IssueState.CLOSED
    return IssueState.REOPENED if known in (IssueState.CLOSED, IssueState.REOPENED) else IssueState.OPEN


def next_look(item: ActionItem, now: datetime) -> datetime | None:
    """When the issue is looked at again; None if its item was closed long ago."""
    if item.closed_at is not None and now - item.closed_at > FOLLOW_CLOSED_FOR:
        return None
    return now + FOLLOW_EVERY
