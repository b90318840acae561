"""Rows of the audit log, and of the counts of refused attempts by strangers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, func, insert, or_, select, update

from statuspage.storage.engine import Connection, log_on_commit
from statuspage.storage.tables import audit_log as audit_row
from statuspage.storage.tables import refusal, throttle


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: the account ("" without one), the name it has then, and from where: a network address, or
    ``COMMAND_LINE``."""

    account_id: str = ""
    name: str = ""
    origin: str = ""


COMMAND_LINE = "command line"


@dataclass(frozen=True, slots=True)
class LogFilter:
    """Which rows of the audit log: by whom (an account's id, or a name without an account), which action, of what
    (part of the target), from ``since`` until before ``until``. "" and None: any."""

    person: str = ""
    action: str = ""
    target: str = ""
    since: datetime | None = None
    until: datetime | None = None


EVERYTHING = LogFilter()

LOGGED_ELSEWHERE = frozenset({"signed.in"})
"""Actions with a line of their own in the log."""


def record_action(
    tx: Connection,
    action: str,
    *,
    at: datetime,
    by: Actor,
    target: str = "",
    before: object = None,
    after: object = None,
    **detail: str,
) -> None:
    """Appends a row to the audit log. Rows are never changed.

    ``target`` is what was changed, as people call it; ``before`` and ``after`` are what it was and is, as JSON values;
    None where there was or is nothing. None of them may contain a secret.
    """
    values = {
        "at": at,
        "account_id": by.account_id,
        "account_name": by.name[:128],
        "origin": by.origin[:64],
        "action": action,
        "target": target[:256],
        "before": before,
        "after": after,
        "detail": detail,
    }
    tx.execute(insert(audit_row).values(values))
    if action not in LOGGED_ELSEWHERE:
        log_on_commit(tx, "audit", action=action, account=by.account_id or by.origin, target=target)


def list_actions(
    tx: Connection,
    limit: int,
    *,
    before: int | None = None,
    after: int | None = None,
    only: LogFilter = EVERYTHING,
) -> tuple[Mapping[str, Any], ...]:
    """Rows of the audit log, newest first: the newest ones, or those next before or after the row with this number."""
    return _page_rows(tx, audit_row, limit, before, after, _conditions(only))


def list_action_names(tx: Connection) -> tuple[str, ...]:
    """Every action that was recorded."""
    return tuple(tx.execute(select(audit_row.c.action).distinct().order_by(audit_row.c.action)).scalars())


def list_people(tx: Connection) -> dict[str, str]:
    """Everybody who did something: the newest name by the account's id, or by the name itself without an account."""
    newest = select(func.max(audit_row.c.id)).group_by(audit_row.c.account_id, audit_row.c.account_name)
    query = select(audit_row.c.account_id, audit_row.c.account_name).where(audit_row.c.id.in_(newest))
    return {id or name: name for id, name in tx.execute(query.order_by(audit_row.c.id)) if id or name}


def list_refusals(
    tx: Connection, limit: int, *, before: int | None = None, after: int | None = None
) -> tuple[Mapping[str, Any], ...]:
    """Refused attempts by people without an account, with the same order and parameters as ``list_actions``."""
    return _page_rows(tx, refusal, limit, before, after)


def find_refusal(tx: Connection, action: str, account_id: str, hour: datetime) -> Mapping[str, Any] | None:
    """The row that counts these refused attempts in this hour."""
    conditions = (refusal.c.action == action, refusal.c.account_id == account_id, refusal.c.hour == hour)
    row = tx.execute(select(refusal).where(*conditions)).first()
    return dict(row._mapping) if row else None


def insert_refusal(tx: Connection, values: Mapping[str, Any]) -> None:
    """Inserts a row that counts refused attempts in one hour."""
    tx.execute(insert(refusal).values(**values))


def update_refusal(tx: Connection, id: int, **values: Any) -> None:
    """Updates a row of refused attempts."""
    tx.execute(update(refusal).where(refusal.c.id == id).values(**values))


def delete_old_failures(tx: Connection, *, counted_before: datetime, at_home_before: datetime) -> None:
    """Deletes failed sign-ins that no longer count, and outdated known networks of accounts."""
    at_home = throttle.c.key.startswith("home:")
    tx.execute(delete(throttle).where(~at_home, throttle.c.window_start < counted_before))
    tx.execute(delete(throttle).where(at_home, throttle.c.window_start < at_home_before))


def _conditions(only: LogFilter) -> list[ColumnElement[bool]]:
    columns = audit_row.c
    conditions: list[ColumnElement[bool]] = []
    if only.person:
        without_account = and_(columns.account_id == "", columns.account_name == only.person)
        conditions.append(or_(columns.account_id == only.person, without_account))
    if only.action:
        conditions.append(columns.action == only.action)
    if only.target:
        conditions.append(func.lower(columns.target).contains(only.target.lower(), autoescape=True))
    if only.since:
        conditions.append(columns.at >= only.since)
    if only.until:
        conditions.append(columns.at < only.until)
    return conditions


def _page_rows(
    tx: Connection,
    table: Table,
    limit: int,
    before: int | None,
    after: int | None,
    conditions: Sequence[ColumnElement[bool]] = (),
) -> tuple[Mapping[str, Any], ...]:
    query = select(table).where(*conditions).limit(limit)
    if after is not None:
        rows = list(tx.execute(query.where(table.c.id > after).order_by(table.c.id)))[::-1]
    elif before is not None:
        rows = list(tx.execute(query.where(table.c.id < before).order_by(table.c.id.desc())))
    else:
        rows = list(tx.execute(query.order_by(table.c.id.desc())))
    return tuple(dict(row._mapping) for row in rows)
