"""Rows of second factors: passkeys, apps that show codes, recovery codes; and the rules and messages about them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from statuspage.storage.engine import Connection
from statuspage.storage.tables import account_message, authenticator_app, recovery_code, sign_in_rule
from statuspage.storage.tables import passkey as passkey_row


@dataclass(frozen=True, slots=True)
class Passkey:
    """One passkey of an account. ``host`` is the host name for which it works; ``credential_id`` and ``public_key`` are
    in URL-safe Base64. All times aware, UTC."""

    id: str
    host: str
    credential_id: str
    public_key: str
    sign_count: int
    name: str
    created: datetime
    last_used: datetime | None


@dataclass(frozen=True, slots=True)
class AuthenticatorApp:
    """The app of an account that shows codes, and the time step of the last code that was accepted."""

    last_step: int
    created: datetime


@dataclass(frozen=True, slots=True)
class RecoveryCode:
    """One unused recovery code."""

    number: int
    code_hash: str


@dataclass(frozen=True, slots=True)
class AccountMessage:
    """What somebody else changed about signing in to an account."""

    at: datetime
    action: str
    account_name: str


def add_passkey(tx: Connection, account_id: str, passkey: Passkey) -> None:
    """Stores a passkey."""
    names = ("id", "host", "credential_id", "public_key", "sign_count", "name", "created", "last_used")
    values = {name: getattr(passkey, name) for name in names}
    tx.execute(insert(passkey_row).values(account_id=account_id, **values))


def list_passkeys(tx: Connection, account_id: str) -> tuple[Passkey, ...]:
    """The passkeys of this account, the oldest first."""
    query = select(passkey_row).where(passkey_row.c.account_id == account_id)
    rows = tx.execute(query.order_by(passkey_row.c.created, passkey_row.c.id))
    return tuple(
        Passkey(
            row.id, row.host, row.credential_id, row.public_key, row.sign_count, row.name, row.created, row.last_used
        )
        for row in rows
    )


def use_passkey(tx: Connection, id: str, *, sign_count: int, at: datetime) -> None:
    """Records that a passkey was used."""
    tx.execute(update(passkey_row).where(passkey_row.c.id == id).values(sign_count=sign_count, last_used=at))


def remove_passkey(tx: Connection, account_id: str, id: str) -> bool:
    """Deletes this passkey of the account; False if there is none."""
    own = (passkey_row.c.account_id == account_id, passkey_row.c.id == id)
    return tx.execute(delete(passkey_row).where(*own)).rowcount == 1


def set_app(tx: Connection, account_id: str, app: AuthenticatorApp) -> None:
    """Replaces the app of this account."""
    remove_app(tx, account_id)
    values = {"last_step": app.last_step, "created": app.created}
    tx.execute(insert(authenticator_app).values(account_id=account_id, **values))


def find_app(tx: Connection, account_id: str) -> AuthenticatorApp | None:
    """The app of this account."""
    row = tx.execute(select(authenticator_app).where(authenticator_app.c.account_id == account_id)).first()
    return AuthenticatorApp(row.last_step, row.created) if row else None


def use_step(tx: Connection, account_id: str, step: int) -> bool:
    """Uses up the codes up to this time step; False if it was used before."""
    unused = (authenticator_app.c.account_id == account_id, authenticator_app.c.last_step < step)
    return tx.execute(update(authenticator_app).where(*unused).values(last_step=step)).rowcount == 1


def remove_app(tx: Connection, account_id: str) -> None:
    """Deletes the app of this account."""
    tx.execute(delete(authenticator_app).where(authenticator_app.c.account_id == account_id))


def set_recovery_codes(tx: Connection, account_id: str, hashes: tuple[str, ...]) -> None:
    """Replaces the recovery codes of this account by these, numbered from 0."""
    tx.execute(delete(recovery_code).where(recovery_code.c.account_id == account_id))
    for number, code_hash in enumerate(hashes):
        tx.execute(insert(recovery_code).values(account_id=account_id, number=number, code_hash=code_hash))


def list_recovery_codes(tx: Connection, account_id: str) -> tuple[RecoveryCode, ...]:
    """The unused recovery codes of this account."""
    unused = (recovery_code.c.account_id == account_id, recovery_code.c.used_at.is_(None))
    rows = tx.execute(select(recovery_code).where(*unused).order_by(recovery_code.c.number))
    return tuple(RecoveryCode(row.number, row.code_hash) for row in rows)


def use_recovery_code(tx: Connection, account_id: str, code: RecoveryCode, at: datetime) -> bool:
    """Uses up a recovery code; False if it was used or replaced meanwhile."""
    same = (
        recovery_code.c.account_id == account_id,
        recovery_code.c.number == code.number,
        recovery_code.c.code_hash == code.code_hash,
        recovery_code.c.used_at.is_(None),
    )
    return tx.execute(update(recovery_code).where(*same).values(used_at=at)).rowcount == 1


def accounts_with_factors(tx: Connection) -> frozenset[str]:
    """The ids of the accounts that have a passkey or an app."""
    columns = (passkey_row.c.account_id, authenticator_app.c.account_id)
    return frozenset(id for column in columns for (id,) in tx.execute(select(column)))


def has_factor(tx: Connection, account_id: str) -> bool:
    """Whether this account has a passkey or an app."""
    return bool(find_app(tx, account_id) or list_passkeys(tx, account_id))


def remove_all(tx: Connection, account_id: str) -> None:
    """Deletes every second factor of this account."""
    tx.execute(delete(passkey_row).where(passkey_row.c.account_id == account_id))
    remove_app(tx, account_id)
    set_recovery_codes(tx, account_id, ())


def find_rule(tx: Connection, name: str) -> str:
    """The value of this rule of signing in; "" if none was chosen."""
    row = tx.execute(select(sign_in_rule).where(sign_in_rule.c.name == name)).first()
    return str(row.value) if row else ""


def set_rule(tx: Connection, name: str, value: str) -> None:
    """Sets this rule of signing in."""
    tx.execute(delete(sign_in_rule).where(sign_in_rule.c.name == name))
    tx.execute(insert(sign_in_rule).values(name=name, value=value))


def add_message(tx: Connection, account_id: str, message: AccountMessage) -> None:
    """Keeps what this account is to be told."""
    values = {"at": message.at, "action": message.action, "account_name": message.account_name[:128]}
    tx.execute(insert(account_message).values(account_id=account_id, **values))


def take_messages(tx: Connection, account_id: str) -> tuple[AccountMessage, ...]:
    """What this account is to be told, the oldest first. They are told once."""
    own = account_message.c.account_id == account_id
    rows = tx.execute(select(account_message).where(own).order_by(account_message.c.id)).all()
    if rows:
        tx.execute(delete(account_message).where(own))
    return tuple(AccountMessage(row.at, row.action, row.account_name) for row in rows)
