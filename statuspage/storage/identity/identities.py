"""Rows of accounts bound to an identity provider, and of sign-ins through it that have begun."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from statuspage.storage.engine import Connection
from statuspage.storage.tables import account, identity, provider_attempt


@dataclass(frozen=True, slots=True)
class BoundAccount:
    """The account of somebody at a provider. ``has_group_role``: the provider's groups decide its role."""

    account_id: str
    has_group_role: bool


@dataclass(frozen=True, slots=True)
class Attempt:
    """A sign-in that has begun. ``account_id`` is the account to be connected, "" for a sign-in; ``saved_form`` is what
    was typed before it, as JSON; ``is_confirmation``: the account's owner only proves again who they are."""

    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    expires: datetime
    account_id: str = ""
    return_path: str = ""
    saved_form: str = field(default="", repr=False)
    is_confirmation: bool = False


def find_bound_account(tx: Connection, issuer: str, subject: str) -> BoundAccount | None:
    """The account of this subject at this provider."""
    row = tx.execute(select(identity).where(identity.c.issuer == issuer, identity.c.subject == subject)).first()
    return BoundAccount(row.account_id, row.has_group_role) if row else None


def is_bound(tx: Connection, account_id: str, issuer: str | None = None) -> bool:
    """Whether the account belongs to somebody at this provider, or at any."""
    conditions = [identity.c.account_id == account_id]
    if issuer is not None:
        conditions.append(identity.c.issuer == issuer)
    return tx.execute(select(identity.c.subject).where(*conditions).limit(1)).first() is not None


def has_group_role(tx: Connection, account_id: str, issuer: str) -> bool:
    """Whether the groups of this provider decide the role of the account."""
    decided = (identity.c.account_id == account_id, identity.c.issuer == issuer, identity.c.has_group_role.is_(True))
    return tx.execute(select(identity.c.subject).where(*decided)).first() is not None


def find_unused_account(tx: Connection, login: str) -> str | None:
    """The id of an enabled account with this login that nobody has used yet and that is bound to nobody."""
    unused = (account.c.login == login, account.c.disabled.is_(None), account.c.last_seen.is_(None))
    bound = select(identity.c.account_id)
    account_id = tx.execute(select(account.c.id).where(*unused, account.c.id.not_in(bound))).scalar_one_or_none()
    return None if account_id is None else str(account_id)


def is_enabled(tx: Connection, account_id: str) -> bool:
    """Whether the account exists and is not disabled."""
    query = select(account.c.id).where(account.c.id == account_id, account.c.disabled.is_(None))
    return tx.execute(query).first() is not None


def bind_account(
    tx: Connection, issuer: str, subject: str, account_id: str, *, has_group_role: bool, at: datetime
) -> None:
    """Binds the account to this subject."""
    values = {"issuer": issuer, "subject": subject, "account_id": account_id, "has_group_role": has_group_role}
    tx.execute(insert(identity).values(**values, bound_at=at))


def record_group_role(tx: Connection, issuer: str, subject: str) -> None:
    """Records that the provider's groups decide the role from now on."""
    matches = (identity.c.issuer == issuer, identity.c.subject == subject)
    tx.execute(update(identity).where(*matches).values(has_group_role=True))


def save_attempt(
    tx: Connection, state_hash: str, browser_hash: str, attempt: Attempt, *, network: str, now: datetime
) -> None:
    """Keeps a sign-in that begins on this network, and deletes those that expired."""
    tx.execute(delete(provider_attempt).where(provider_attempt.c.expires <= now))
    hashes = {"state_hash": state_hash, "browser_hash": browser_hash}
    tx.execute(insert(provider_attempt).values(**hashes, network=network, **asdict(attempt)))


def count_saved_forms(tx: Connection, network: str, *, now: datetime) -> tuple[int, int]:
    """How many forms are kept for sign-ins that have begun: in all, and on this network."""
    kept = (provider_attempt.c.saved_form != "", provider_attempt.c.expires > now)
    query = select(func.count()).select_from(provider_attempt).where(*kept)
    own = query.where(provider_attempt.c.network == network)
    return tx.execute(query).scalar_one(), tx.execute(own).scalar_one()


def take_attempt(tx: Connection, state_hash: str, browser_hash: str, *, now: datetime) -> Attempt | None:
    """The sign-in that this browser has begun, once; None if there is none, or it expired."""
    is_same = (provider_attempt.c.state_hash == state_hash, provider_attempt.c.browser_hash == browser_hash)
    row = tx.execute(select(provider_attempt).where(*is_same, provider_attempt.c.expires > now)).first()
    if row is None or tx.execute(delete(provider_attempt).where(*is_same)).rowcount != 1:
        return None
    kept = (row.nonce, row.code_verifier, row.expires, row.account_id, row.return_path, row.saved_form)
    return Attempt(*kept, is_confirmation=row.is_confirmation)
