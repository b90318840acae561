"""The audit log, and the counts of refused attempts by strangers, read page by page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from statuspage.storage import audit_log as rows
from statuspage.storage.audit_log import COMMAND_LINE, Actor
from statuspage.storage.engine import Connection, Database
from statuspage.usecases.throttling import FORGET_AFTER, TRUSTED_FOR

__all__ = ["COMMAND_LINE", "Actor", "Page", "list_actions", "list_refusals", "record_refusal"]

REFUSALS_KEPT_FOR = timedelta(days=90)
"""How long the counts of refused attempts are kept."""

MAX_NETWORKS = 5
"""The maximum number of networks listed for refused attempts per hour; the newest are kept."""

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
        rows.delete_old_refusals(tx, now - REFUSALS_KEPT_FOR)
        rows.delete_old_failures(tx, counted_before=now - FORGET_AFTER, at_home_before=now - TRUSTED_FOR)
        return
    networks = [*(other for other in refusal["networks"] if other != network), network][-MAX_NETWORKS:]
    rows.update_refusal(tx, refusal["id"], count=refusal["count"] + 1, last_at=now, networks=networks)


def list_actions(database: Database, limit: int, *, before: int | None = None, after: int | None = None) -> Page:
    """Recorded actions: the newest, or those before or after a row."""
    return _read_page(database, rows.list_actions, limit, before, after)


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
