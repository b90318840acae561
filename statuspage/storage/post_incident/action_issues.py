"""The issues of action items, in the accounts database beside their items."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from statuspage.domain import ActionIssue, IssueState
from statuspage.storage.tables import action_issue as rows
from statuspage.storage.tables import action_item as items


def insert_issue(tx: Connection, issue: ActionIssue) -> None:
    """Stores that an issue is wanted. There is at most one for an item."""
    tx.execute(insert(rows).values(_plain(asdict(issue))))


def find_issue(tx: Connection, item: int) -> ActionIssue | None:
    """The issue of an item; None if it has none."""
    row = tx.execute(select(rows).where(rows.c.item == item)).one_or_none()
    return _issue(row) if row else None


def issues_of(tx: Connection, numbers: Collection[int]) -> Mapping[int, ActionIssue]:
    """The issues of these items, by item."""
    found = tx.execute(select(rows).where(rows.c.item.in_(numbers)))
    return {row.item: _issue(row) for row in found}


def due_issues(tx: Connection, environment: str, now: datetime, limit: int) -> tuple[ActionIssue, ...]:
    """The issues of this environment's items that are to be made or looked at, those that are due longest first."""
    query = select(rows).join(items, items.c.id == rows.c.item)
    query = query.where(items.c.environment == environment, rows.c.next_at <= now)
    return tuple(_issue(row) for row in tx.execute(query.order_by(rows.c.next_at, rows.c.item).limit(limit)))


def claim_issue(tx: Connection, issue: ActionIssue, until: datetime) -> bool:
    """Reserves an attempt until this time, during which it has no reason. False if another worker has it."""
    condition = (rows.c.item == issue.item) & (rows.c.next_at == issue.next_at) & (rows.c.attempts == issue.attempts)
    claimed = {"next_at": until, "attempts": issue.attempts + 1, "reason": "", "detail": ""}
    change = update(rows).where(condition).values(claimed)
    return tx.execute(change).rowcount == 1


def update_issue(tx: Connection, item: int, **change: Any) -> None:
    """Changes the issue of an item."""
    tx.execute(update(rows).where(rows.c.item == item).values(**_plain(change)))


def follow_again(tx: Connection, item: int, now: datetime) -> None:
    """Looks at the issue of this item again, if it was made and is no longer followed."""
    condition = (rows.c.item == item) & (rows.c.number > 0) & rows.c.next_at.is_(None)
    tx.execute(update(rows).where(condition).values(next_at=now))


def retry_issue(tx: Connection, item: int, now: datetime) -> bool:
    """Makes the issue now, if the last attempt failed. False while another attempt goes on."""
    condition = (rows.c.item == item) & (rows.c.number == 0) & (rows.c.reason != "")
    return tx.execute(update(rows).where(condition).values(next_at=now)).rowcount == 1


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.value if isinstance(value, IssueState) else value for name, value in values.items()}


def _issue(row: Row[Any]) -> ActionIssue:
    values = {name: value for name, value in row._mapping.items() if name in ActionIssue.__dataclass_fields__}
    return ActionIssue(**{**values, "state": IssueState(row.state)})
