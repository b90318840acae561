"""The audit log, and the counts of refused attempts by strangers, read page by page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from statuspage.storage import audit_log as rows
from statuspage.storage.audit_log import COMMAND_LINE, EVERYTHING, Actor, LogFilter
from statuspage.storage.engine import Connection, Database, RowChanges

__all__ = [
    "COMMAND_LINE",
    "EVERYTHING",
    "Actor",
    "LogFilter",
    "Page",
    "actions_and_people",
    "export_lines",
    "list_actions",
    "list_refusals",
    "record_changes",
    "record_refusal",
]

MAX_NETWORKS = 5
"""The maximum number of networks listed for refused attempts per hour; the newest are kept."""

EXPORT_BATCH = 500
"""Rows read at a time for an export."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, newest first. ``older`` and ``newer`` are where the neighbouring pages begin; None if there is
    none."""

    rows: tuple[Row, ...]
    older: int | None = None
    newer: int | None = None


def record_refusal(tx: Connection, action: str, *, account_id: str, network: str, now: datetime) -> None:
    """Records a stranger's refused attempt. ``account_id`` is the account they tried to use, "" if it does not exist.

    Attempts are counted by the hour, so that strangers add at most one row per hour and account.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    refusal = rows.find_refusal(tx, action, account_id, hour)
    if refusal is None:
        new_refusal = {
            "action": action,
            "account_id": account_id,
            "hour": hour,
            "last_at": now,
            "count": 1,
            "networks": [network],
        }
        rows.insert_refusal(tx, new_refusal)
        return
    networks = [*(other for other in refusal["networks"] if other != network), network][-MAX_NETWORKS:]
    rows.update_refusal(tx, refusal["id"], count=refusal["count"] + 1, last_at=now, networks=networks)


def record_changes(
    accounts_db: Database,
    action: str,
    changes: RowChanges,
    *,
    target: str = "",
    by: Actor,
    now: datetime,
    **detail: str,
) -> None:
    """Records what was changed in the databases by something that has no line of its own. Without a target it is what
    the changed rows are of."""
    named = target or ", ".join(sorted({name for key in changes.after if (name := _subject(key))}))
    before, after = changes.before or None, changes.after or None
    with accounts_db.begin() as tx:
        rows.record_action(tx, action, at=now, by=by, target=named, before=before, after=after, **detail)


def _subject(key: str) -> str:
    """The incident, alert or other thing that a changed row is of; "" for a new row that has no name yet."""
    table, name, *column = key.split(" ")
    return (name.rpartition("-")[0] if table in ("entry", "inject") else name) if column else ""


def list_actions(
    database: Database,
    limit: int,
    *,
    before: int | None = None,
    after: int | None = None,
    only: LogFilter = EVERYTHING,
) -> Page:
    """Recorded actions: the newest, or those before or after a row; only those that the filter names."""
    return _read_page(database, partial(rows.list_actions, only=only), limit, before, after)


def actions_and_people(database: Database) -> tuple[tuple[str, ...], Mapping[str, str]]:
    """The actions that were ever recorded, and the people by the id of their account, with their newest name."""
    with database.read() as tx:
        return rows.list_action_names(tx), rows.list_people(tx)


def export_lines(database: Database, only: LogFilter = EVERYTHING, *, after: int = 0) -> Iterator[str]:
    """The rows after this number, oldest first, each as one line of JSON."""
    while True:
        with database.read() as tx:
            batch = rows.list_actions(tx, EXPORT_BATCH, after=after, only=only)
        if not batch:
            return
        for row in reversed(batch):
            after = row["id"]
            yield json.dumps({**row, "at": row["at"].isoformat()}, ensure_ascii=False) + "\n"


def list_refusals(database: Database, limit: int, *, before: int | None = None, after: int | None = None) -> Page:
    """Refused attempts by hour, with the same paging."""
    return _read_page(database, rows.list_refusals, limit, before, after)


def _read_page(
    database: Database, read_rows: Callable[..., tuple[Row, ...]], limit: int, before: int | None, after: int | None
) -> Page:
    with database.read() as tx:
        page_rows = read_rows(tx, limit, before=before, after=after)
        if not page_rows:
            return Page(())
        first_id, last_id = page_rows[0]["id"], page_rows[-1]["id"]
        older, newer = read_rows(tx, 1, before=last_id), read_rows(tx, 1, after=first_id)
    return Page(page_rows, last_id if older else None, first_id if newer else None)
