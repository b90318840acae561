"""Rows of the accounts database: accounts, sessions, sign-in links, failed sign-ins, and the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Table, delete, insert, select, update

from statuspage.storage.engine import Connection
from statuspage.storage.tables import account as account_row
from statuspage.storage.tables import audit_log as audit_row
from statuspage.storage.tables import refusal, sign_in_link, throttle
from statuspage.storage.tables import session as session_row


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in. ``language`` is their desk language."""

    id: str
    login: str
    name: str
    role: str
    language: str


@dataclass(frozen=True, slots=True)
class Session:
    """One signed-in browser. All times aware, UTC."""

    account_id: str
    created: datetime
    last_seen: datetime
    expires: datetime


@dataclass(frozen=True, slots=True)
class Failures:
    """Failed sign-ins under one key (an account or a network address), and the time of the last one."""

    count: int
    last_failure: datetime


def insert_account(tx: Connection, account: Account, *, password_hash: str, at: datetime) -> None:
    """Inserts an account. ``password_hash`` is empty if it can only be used with sign-in links."""
    tx.execute(insert(account_row).values(**_account_values(account), password_hash=password_hash, created=at))


def list_accounts(tx: Connection) -> tuple[Account, ...]:
    """All enabled accounts, by login."""
    query = select(account_row).where(account_row.c.disabled.is_(None)).order_by(account_row.c.login)
    return tuple(_account(row) for row in tx.execute(query))


def find_by_login(tx: Connection, login: str) -> Account | None:
    """The account with exactly this login, enabled or disabled."""
    row = tx.execute(select(account_row).where(account_row.c.login == login)).first()
    return _account(row) if row else None


def find_with_password(tx: Connection, login: str) -> tuple[Account, str] | None:
    """The account and its password hash; None if there is none or it is disabled."""
    query = select(account_row).where(account_row.c.login == login, account_row.c.disabled.is_(None))
    row = tx.execute(query).first()
    return (_account(row), str(row.password_hash)) if row else None


def set_password(tx: Connection, account_id: str, password_hash: str) -> None:
    """Replaces the password hash."""
    tx.execute(update(account_row).where(account_row.c.id == account_id).values(password_hash=password_hash))


def disable_account(tx: Connection, account_id: str, at: datetime) -> None:
    """Disables the account, so that nobody can sign in to it."""
    tx.execute(update(account_row).where(account_row.c.id == account_id).values(disabled=at))


def enable_account(tx: Connection, account_id: str) -> None:
    """Enables the account again."""
    tx.execute(update(account_row).where(account_row.c.id == account_id).values(disabled=None))


def set_language(tx: Connection, account_id: str, language: str) -> None:
    """Sets the desk language of this account."""
    tx.execute(update(account_row).where(account_row.c.id == account_id).values(language=language))


def add_session(tx: Connection, digest: str, new_session: Session) -> None:
    """Stores a session under the hash of its token."""
    values = {
        "account_id": new_session.account_id,
        "created": new_session.created,
        "last_seen": new_session.last_seen,
        "expires": new_session.expires,
    }
    tx.execute(insert(session_row).values(token_hash=digest, **values))


def find_session(tx: Connection, digest: str) -> tuple[Session, Account] | None:
    """The session with this hash, and its account; None if it is unknown or the account is disabled."""
    joined = session_row.join(account_row, session_row.c.account_id == account_row.c.id)
    query = select(account_row, session_row.c.created.label("began"), session_row.c.last_seen, session_row.c.expires)
    row = tx.execute(
        query.select_from(joined).where(session_row.c.token_hash == digest, account_row.c.disabled.is_(None))
    ).first()
    return (Session(row.id, row.began, row.last_seen, row.expires), _account(row)) if row else None


def touch_session(tx: Connection, digest: str, at: datetime) -> None:
    """Records that the session was used."""
    tx.execute(update(session_row).where(session_row.c.token_hash == digest).values(last_seen=at))


def end_session(tx: Connection, digest: str) -> None:
    """Ends this session."""
    tx.execute(delete(session_row).where(session_row.c.token_hash == digest))


def end_sessions(tx: Connection, account_id: str) -> int:
    """Ends every session of this account; returns how many there were."""
    return tx.execute(delete(session_row).where(session_row.c.account_id == account_id)).rowcount


def list_sessions(tx: Connection, account_id: str) -> tuple[tuple[str, Session], ...]:
    """The sessions of this account with the hash of their token, the most recently used first."""
    query = select(session_row).where(session_row.c.account_id == account_id).order_by(session_row.c.last_seen.desc())
    return tuple(
        (row.token_hash, Session(row.account_id, row.created, row.last_seen, row.expires)) for row in tx.execute(query)
    )


def set_role(tx: Connection, account_id: str, role: str) -> None:
    """Sets the role of this account."""
    tx.execute(update(account_row).where(account_row.c.id == account_id).values(role=str(role)))


def account_names(tx: Connection) -> dict[str, str]:
    """All names by id, including disabled accounts."""
    return {row.id: row.name for row in tx.execute(select(account_row.c.id, account_row.c.name))}


def delete_expired(tx: Connection, now: datetime) -> None:
    """Deletes expired sessions and links."""
    tx.execute(delete(session_row).where(session_row.c.expires <= now))
    tx.execute(delete(sign_in_link).where(sign_in_link.c.expires <= now))


def add_sign_in_link(tx: Connection, digest: str, account_id: str, *, expires: datetime) -> None:
    """Stores a one-time sign-in link under the hash of its token."""
    tx.execute(insert(sign_in_link).values(token_hash=digest, account_id=account_id, expires=expires))


def use_sign_in_link(tx: Connection, digest: str, now: datetime) -> Account | None:
    """Uses up a sign-in link; None if it is unknown, already used or expired."""
    unused = (sign_in_link.c.token_hash == digest, sign_in_link.c.used_at.is_(None), sign_in_link.c.expires > now)
    if tx.execute(update(sign_in_link).where(*unused).values(used_at=now)).rowcount != 1:
        return None
    joined = sign_in_link.join(account_row, sign_in_link.c.account_id == account_row.c.id)
    conditions = (sign_in_link.c.token_hash == digest, account_row.c.disabled.is_(None))
    row = tx.execute(select(account_row).select_from(joined).where(*conditions)).first()
    return _account(row) if row else None


def find_failures(tx: Connection, key: str) -> Failures | None:
    """The failed sign-ins under this key."""
    row = tx.execute(select(throttle).where(throttle.c.key == key)).first()
    return Failures(row._mapping["count"], row.window_start) if row else None


def save_failures(tx: Connection, key: str, value: Failures) -> None:
    """Replaces the failed sign-ins under this key."""
    tx.execute(delete(throttle).where(throttle.c.key == key))
    tx.execute(insert(throttle).values(key=key, count=value.count, window_start=value.last_failure))


def clear_failures(tx: Connection, key: str) -> None:
    """Deletes the failed sign-ins under this key."""
    tx.execute(delete(throttle).where(throttle.c.key == key))


def record_action(tx: Connection, action: str, *, at: datetime, account_id: str | None = None, **detail: str) -> None:
    """Appends a row to the audit log. Rows are never changed."""
    tx.execute(insert(audit_row).values(action=action, at=at, account_id=account_id, detail=detail))


def was_recorded(tx: Connection, action: str) -> bool:
    """Whether this action was ever recorded."""
    return tx.execute(select(audit_row.c.id).where(audit_row.c.action == action).limit(1)).first() is not None


def list_actions(
    tx: Connection, limit: int, *, before: int | None = None, after: int | None = None
) -> tuple[Mapping[str, Any], ...]:
    """Rows of the audit log, newest first: the newest ones, or those next before or after the row with this number."""
    return _page_rows(tx, audit_row, limit, before, after)


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


def delete_old_refusals(tx: Connection, before: datetime) -> None:
    """Deletes refused attempts before this time."""
    tx.execute(delete(refusal).where(refusal.c.hour < before))


def delete_old_failures(tx: Connection, *, counted_before: datetime, at_home_before: datetime) -> None:
    """Deletes failed sign-ins that no longer count, and outdated known networks of accounts."""
    at_home = throttle.c.key.startswith("home:")
    tx.execute(delete(throttle).where(~at_home, throttle.c.window_start < counted_before))
    tx.execute(delete(throttle).where(at_home, throttle.c.window_start < at_home_before))


def _page_rows(
    tx: Connection, table: Table, limit: int, before: int | None, after: int | None
) -> tuple[Mapping[str, Any], ...]:
    query = select(table).limit(limit)
    if after is not None:
        rows = list(tx.execute(query.where(table.c.id > after).order_by(table.c.id)))[::-1]
    elif before is not None:
        rows = list(tx.execute(query.where(table.c.id < before).order_by(table.c.id.desc())))
    else:
        rows = list(tx.execute(query.order_by(table.c.id.desc())))
    return tuple(dict(row._mapping) for row in rows)


def _account(row: Row[Any]) -> Account:
    return Account(row.id, row.login, row.name, row.role, row.language)


def _account_values(account: Account) -> dict[str, str]:
    return {name: str(getattr(account, name)) for name in ("id", "login", "name", "role", "language")}
