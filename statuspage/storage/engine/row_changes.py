"""Notes what a request or a command changes in the databases, so that nothing changes without a line in the audit
log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Delete, Insert, Table, Update, event, select
from sqlalchemy.engine import CursorResult, Engine

SHOWN: Mapping[str, tuple[str, ...]] = {
    "action_item": ("state", "owner", "priority", "due"),
    "alert": ("state", "incident", "group_lead"),
    "call_attempt": ("person", "was_reached"),
    "channel_health": ("closed_until",),
    "delivery": ("status",),
    "drill": ("leader", "ended", "paused_since"),
    "entry": ("kind",),
    "incident": ("is_over",),
    "incident_report_version": ("state",),
    "inject": ("state",),
    "retrospective": ("state", "causes"),
    "scheduled_drill": ("leader", "state"),
    "site": ("held_since",),
    "subscriber": ("status", "language"),
    "topic": ("state",),
}
"""The columns whose values before and after are kept. None holds a text for customers, an address or a secret."""

MOST_NOTED = 20
"""The maximum number of values that are kept."""

BOOKKEEPING = frozenset(
    {
        *("session", "throttle", "refusal", "draft", "request_count", "intake_count", "worker_heartbeat"),
        *("sign_in_link", "provider_attempt"),
    }
)
"""Tables that may change without anything having been done: sessions, counters, sign-ins that begin, what is being
typed."""


@dataclass
class RowChanges:
    """The tables in which rows were changed, and what was before and after in the columns ``SHOWN``: values by
    ``TABLE KEY COLUMN``."""

    tables: set[str] = field(default_factory=set)
    before: dict[str, object] = field(default_factory=dict)
    after: dict[str, object] = field(default_factory=dict)

    @property
    def lack_a_line(self) -> bool:
        """Whether something was changed, and no line of the audit log was written with it."""
        return bool(self.tables - BOOKKEEPING) and "audit_log" not in self.tables

    def add(self, other: RowChanges) -> None:
        """Adds the changes of a transaction."""
        self.tables |= other.tables
        self.before = _first_ones({**other.before, **self.before})
        self.after = _first_ones({**self.after, **other.after})


def _first_ones(values: Mapping[str, object]) -> dict[str, object]:
    return dict(list(values.items())[:MOST_NOTED])


_collected: ContextVar[RowChanges | None] = ContextVar("row_changes", default=None)
_IN_TRANSACTION = "statuspage.row_changes"
_EARLIER = "statuspage.earlier_rows"


def start_collecting() -> RowChanges:
    """From now on, committed changes of this thread are noted in the returned object, until ``stop_collecting``."""
    changes = RowChanges()
    _collected.set(changes)
    return changes


def stop_collecting() -> None:
    """Nothing more is noted in this thread."""
    _collected.set(None)


@contextmanager
def noted_once_committed() -> Iterator[RowChanges | None]:
    """What a transaction inside changes counts only once it is committed. None if nobody collects changes."""
    collected = _collected.get()
    changes = None if collected is None else RowChanges()
    yield changes
    if collected is not None and changes is not None:
        collected.add(changes)


def note_in(tx: Connection, changes: RowChanges | None) -> None:
    """The changes of this transaction are noted in ``changes``."""
    tx.info[_IN_TRANSACTION] = changes


def follow_statements(engine: Engine) -> None:
    """Lets the statements of this engine be noted."""
    event.listen(engine, "before_execute", _before_statement)
    event.listen(engine, "after_execute", _after_statement)


def _before_statement(tx: Connection, statement: Any, multiparams: Any, params: Any, options: Any) -> None:
    """Keeps the rows that an update is about to change, and forgets those of one that failed."""
    tx.info.pop(_EARLIER, None)
    if tx.info.get(_IN_TRANSACTION) is None or not isinstance(statement, Update) or len(multiparams) > 1:
        return
    table = statement.table
    if isinstance(table, Table) and table.name in SHOWN and statement.whereclause is not None:
        query = select(*table.primary_key.columns, *_shown(table)).where(statement.whereclause).limit(MOST_NOTED)
        tx.info[_EARLIER] = [dict(row._mapping) for row in tx.execute(query, {**(multiparams or [{}])[0], **params})]


def _after_statement(
    tx: Connection, statement: Any, multiparams: Any, params: Any, options: Any, result: CursorResult[Any]
) -> None:
    changes: RowChanges | None = tx.info.get(_IN_TRANSACTION)
    if changes is None or not isinstance(statement, (Insert, Update, Delete)) or result.rowcount == 0:
        return
    table = statement.table
    if not isinstance(table, Table):
        return
    changes.tables.add(table.name)
    if table.name in SHOWN and isinstance(statement, Update):
        _note_update(tx, changes, table, tx.info.pop(_EARLIER, []))
    elif table.name in SHOWN and isinstance(statement, Insert):
        _note_insert(changes, table, result)


def _note_update(tx: Connection, changes: RowChanges, table: Table, earlier: Sequence[dict[str, Any]]) -> None:
    for row in earlier:
        keys = [column == row[column.name] for column in table.primary_key.columns]
        now = tx.execute(select(*_shown(table)).where(*keys)).first()
        for name, value in ({} if now is None else dict(now._mapping)).items():
            if value != row[name]:
                key = _column_key(table, row, name)
                changes.before.setdefault(key, _plain(row[name]))
                changes.after[key] = _plain(value)


def _note_insert(changes: RowChanges, table: Table, result: CursorResult[Any]) -> None:
    rows = result.context.compiled_parameters
    for row in rows[:MOST_NOTED]:
        for column in _shown(table):
            if row.get(column.name) not in (None, ""):
                changes.after[_column_key(table, row, column.name)] = _plain(row[column.name])


def _shown(table: Table) -> list[Any]:
    return [table.columns[name] for name in SHOWN[table.name]]


def _column_key(table: Table, row: Mapping[str, Any], column: str) -> str:
    """``TABLE KEY COLUMN``; without the key of a new row that the database numbers itself."""
    key = "-".join(str(row[each.name]) for each in table.primary_key.columns if row.get(each.name) is not None)
    return " ".join(filter(None, (table.name, key, column)))


def _plain(value: object) -> object:
    """As a JSON value."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value if value is None or isinstance(value, (str, int, list, dict)) else str(value)
