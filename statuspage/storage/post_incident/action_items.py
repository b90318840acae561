"""Action items, in the accounts database, which both desks share: one list over incidents and drills."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from statuspage.domain import ActionItem, ActionPriority, ActionState
from statuspage.storage.tables import action_item as rows


def insert_item(tx: Connection, item: ActionItem) -> ActionItem:
    """Stores a new item and returns it with its number. ``item.id`` is ignored."""
    values = {name: value for name, value in asdict(item).items() if name != "id"}
    id: int = tx.execute(insert(rows).values(_plain(values)).returning(rows.c.id)).scalar_one()
    return ActionItem(id=id, **values)


def find_item(tx: Connection, id: int) -> ActionItem | None:
    """One item; None if the number is unknown."""
    row = tx.execute(select(rows).where(rows.c.id == id)).one_or_none()
    return _item(row) if row else None


def list_items(
    tx: Connection, *, environment: str = "", subject: str = "", state: ActionState | None = None
) -> tuple[ActionItem, ...]:
    """Items, those that are due first come first; without a day last."""
    query = select(rows)
    for column, value in ((rows.c.environment, environment), (rows.c.subject, subject), (rows.c.state, state)):
        if value:
            query = query.where(column == str(value))
    return tuple(_item(row) for row in tx.execute(query.order_by(rows.c.due.nulls_last(), rows.c.id)))


def update_item(tx: Connection, id: int, version: int, **change: Any) -> bool:
    """Changes an item. False if somebody else has changed it since this version."""
    condition = (rows.c.id == id) & (rows.c.version == version)
    return tx.execute(update(rows).where(condition).values(**_plain(change), version=version + 1)).rowcount == 1


def unannounced_items(tx: Connection, environment: str) -> tuple[ActionItem, ...]:
    """The items of this environment that have changed since other programs were told of them, the oldest first."""
    query = select(rows).where(rows.c.environment == environment, rows.c.announced < rows.c.version)
    return tuple(_item(row) for row in tx.execute(query.order_by(rows.c.id)))


def mark_announced(tx: Connection, item: ActionItem) -> None:
    """Records that other programs are told of this version."""
    condition = (rows.c.id == item.id) & (rows.c.announced < item.version)
    tx.execute(update(rows).where(condition).values(announced=item.version))


def texts_of(tx: Connection, environment: str, subjects: Collection[str]) -> tuple[tuple[int, dict[str, str]], ...]:
    """The words of the items of these incidents or drills, each with its number."""
    condition = (rows.c.environment == environment) & rows.c.subject.in_(subjects)
    found = tx.execute(select(rows).where(condition).order_by(rows.c.id))
    return tuple((row.id, {name: getattr(row, name) for name in ("text", "owner", "link", "reason")}) for row in found)


def replace_texts(tx: Connection, id: int, texts: Mapping[str, str]) -> None:
    """Replaces the words of an item, in a redaction."""
    tx.execute(update(rows).where(rows.c.id == id).values(**texts, version=rows.c.version + 1))


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.value if isinstance(value, (ActionState, ActionPriority)) else value
        for name, value in values.items()
    }


def _item(row: Row[Any]) -> ActionItem:
    values = {**row._mapping, "state": ActionState(row.state), "priority": ActionPriority(row.priority)}
    return ActionItem(**values)
