"""Rows of the accounts database: accounts, sessions, sign-in links and failed sign-ins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from statuspage.storage.engine import Connection
from statuspage.storage.tables import account as account_row
from statuspage.storage.tables import session as session_row
from statuspage.storage.tables import sign_in_link, throttle


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in. ``language`` is their desk language."""

    id: str
    login: str
    name: str
    role: str
    language: str


@dataclass(frozen=True, slots=True)
class Person:
    """An account as administrators see it. ``last_seen`` is None while nobody has used it."""

    account: Account
    last_seen: datetime | None
    disabled: datetime | None
    has_password: bool


@dataclass(frozen=True, slots=True)
class Session:
    """One browser of an account: how somebody signed in, what is still missing (``stage``), and when a password, link
    or second factor was last given. All times aware, UTC."""

    account_id: str
    created: datetime
    last_seen: datetime
    expires: datetime
    method: str
    stage: str
    verified_at: datetime


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


def find(tx: Connection, account_id: str) -> Account | None:
    """The account with this id, enabled or disabled."""
    row = tx.execute(select(account_row).where(account_row.c.id == account_id)).first()
    return _account(row) if row else None


def list_people(tx: Connection) -> tuple[Person, ...]:
    """All accounts, enabled or disabled, by name."""
    query = select(account_row).order_by(account_row.c.disabled.is_not(None), account_row.c.name, account_row.c.login)
    return tuple(
        Person(_account(row), row.last_seen, row.disabled, bool(row.password_hash)) for row in tx.execute(query)
    )


def other_administrators(tx: Connection, account_id: str, role: str) -> int:
    """How many other enabled accounts with this role have been used."""
    known = (account_row.c.role == role, account_row.c.disabled.is_(None))
    rows = tx.execute(select(account_row.c.id, account_row.c.last_seen).where(*known)).all()
    return sum(row.id != account_id and row.last_seen is not None for row in rows)


def touch_account(tx: Connection, account_id: str, at: datetime) -> None:
    """Records that somebody used the account."""
    tx.execute(update(account_row).where(account_row.c.id == account_id).values(last_seen=at))


def end_sign_in_links(tx: Connection, account_id: str) -> None:
    """Makes the unused sign-in links of this account void."""
    tx.execute(delete(sign_in_link).where(sign_in_link.c.account_id == account_id, sign_in_link.c.used_at.is_(None)))


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
        "method": new_session.method,
        "stage": new_session.stage,
        "verified_at": new_session.verified_at,
    }
    tx.execute(insert(session_row).values(token_hash=digest, **values))


def find_session(tx: Connection, digest: str) -> tuple[Session, Account] | None:
    """The session with this hash, and its account; None if it is unknown or the account is disabled."""
    joined = session_row.join(account_row, session_row.c.account_id == account_row.c.id)
    of_account = (account_row.c[name] for name in ("id", "login", "name", "role", "language"))
    of_session = (session_row.c[name] for name in ("created", "last_seen", "expires", "method", "stage", "verified_at"))
    query = select(*of_account, *of_session)
    row = tx.execute(
        query.select_from(joined).where(session_row.c.token_hash == digest, account_row.c.disabled.is_(None))
    ).first()
    return (_session(row, row.id), _account(row)) if row else None


def renew_session(tx: Connection, digest: str, new_digest: str, *, stage: str, at: datetime) -> None:
    """Puts a session under the hash of a new token, at this stage, with its owner just verified."""
    changes = {"token_hash": new_digest, "stage": stage, "verified_at": at}
    tx.execute(update(session_row).where(session_row.c.token_hash == digest).values(**changes))


def touch_session(tx: Connection, digest: str, at: datetime) -> None:
    """Records that the session was used."""
    tx.execute(update(session_row).where(session_row.c.token_hash == digest).values(last_seen=at))


def end_session(tx: Connection, digest: str) -> None:
    """Ends this session."""
    tx.execute(delete(session_row).where(session_row.c.token_hash == digest))


def end_sessions(tx: Connection, account_id: str, *, kept: str = "") -> int:
    """Ends every session of this account, except the one with the hash ``kept``; returns how many there were."""
    ended = (session_row.c.account_id == account_id, session_row.c.token_hash != kept)
    return tx.execute(delete(session_row).where(*ended)).rowcount


def end_all_sessions(tx: Connection, *, kept: str, now: datetime, seen_since: datetime) -> int:
    """Ends the sessions of all accounts, except the one with the hash ``kept``; returns how many of them were valid:
    neither expired nor unused since ``seen_since``."""
    others = session_row.c.token_hash != kept
    valid = (others, session_row.c.expires > now, session_row.c.last_seen > seen_since)
    count = tx.execute(select(func.count()).select_from(session_row).where(*valid)).scalar_one()
    tx.execute(delete(session_row).where(others))
    return count


def list_sessions(tx: Connection, account_id: str) -> tuple[tuple[str, Session], ...]:
    """The sessions of this account with the hash of their token, the most recently used first."""
    query = select(session_row).where(session_row.c.account_id == account_id).order_by(session_row.c.last_seen.desc())
    return tuple((row.token_hash, _session(row, row.account_id)) for row in tx.execute(query))


def set_role(tx: Connection, account_id: str, role: str) -> None:
    """Sets the role of this account."""
    tx.execute(update(account_row).where(account_row.c.id == account_id).values(role=str(role)))


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


def _account(row: Row[Any]) -> Account:
    return Account(row.id, row.login, row.name, row.role, row.language)


def _session(row: Row[Any], account_id: str) -> Session:
    return Session(account_id, row.created, row.last_seen, row.expires, row.method, row.stage, row.verified_at)


def _account_values(account: Account) -> dict[str, str]:
    return {name: str(getattr(account, name)) for name in ("id", "login", "name", "role", "language")}
