"""Rows of changed content files: what each file was before, so that a change can be undone byte for byte."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select

from statuspage.storage.engine import Connection
from statuspage.storage.tables import content_change

CHANGES_KEPT = 200
"""The number of changes that can be undone; older ones stay in the audit log only."""


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file of the content folder before and after a change; None where there is no such file."""

    file: str
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True, slots=True)
class ContentChange:
    """One change. ``action``, ``target``, ``before`` and ``after`` are those of its row in the audit log. ``id`` is 0
    before it is stored."""

    at: datetime
    account_name: str
    action: str
    target: str
    files: tuple[ChangedFile, ...]
    before: object = None
    after: object = None
    id: int = 0


def insert_change(tx: Connection, change: ContentChange) -> int:
    """Stores a change and deletes those that are too old; returns its id."""
    files = [[each.file, _encode(each.before), _encode(each.after)] for each in change.files]
    values = {name: getattr(change, name) for name in ("at", "account_name", "action", "target", "before", "after")}
    (id,) = tx.execute(insert(content_change).values(**values, files=files)).inserted_primary_key or (0,)
    tx.execute(delete(content_change).where(content_change.c.id <= int(id) - CHANGES_KEPT))
    return int(id)


def list_changes(tx: Connection, limit: int) -> tuple[ContentChange, ...]:
    """The latest changes, newest first."""
    return tuple(map(_change, tx.execute(select(content_change).order_by(content_change.c.id.desc()).limit(limit))))


def find_change(tx: Connection, id: int) -> ContentChange | None:
    """The change with this id."""
    row = tx.execute(select(content_change).where(content_change.c.id == id)).first()
    return _change(row) if row else None


def _change(row: Row[Any]) -> ContentChange:
    values = row._mapping
    files = tuple(ChangedFile(file, _decode(before), _decode(after)) for file, before, after in values["files"])
    return ContentChange(
        row.at, row.account_name, row.action, row.target, files, before=row.before, after=row.after, id=row.id
    )


def _encode(content: bytes | None) -> str | None:
    return None if content is None else b64encode(content).decode()


def _decode(text: str | None) -> bytes | None:
    return None if text is None else b64decode(text)
