"""Tokens for the API: made, listed, checked and ended. Each acts for its owner, and never with more rights."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from statuspage.domain import has_unreadable_characters, strip_invisible
from statuspage.storage import accounts as account_rows
from statuspage.storage import audit_log as audit_rows
from statuspage.storage.accounts import Account
from statuspage.storage.api import ApiToken
from statuspage.storage.api import tokens as rows
from statuspage.storage.audit_log import Actor
from statuspage.storage.engine import Database
from statuspage.usecases import audit_log, throttling
from statuspage.usecases.accounts import describe, token_hash

PREFIX = "spt_"
"""How a token begins, so that scanners of source code recognise one."""

MAX_LIFETIME_DAYS = 366
"""The maximum lifetime of a token, in days."""

NAME_LIMIT = 40
"""Maximum characters of a token's name."""

MAX_TOKENS = 20
"""The maximum number of tokens of one account."""


class Scope(StrEnum):
    """What a token may do, each including those before it: read; propose what a person then publishes; publish and act
    for its owner."""

    READ = "read"
    PROPOSE = "propose"
    PUBLISH = "publish"


SCOPES = tuple(Scope)
"""Scopes by their rights, lowest first."""

ENVIRONMENTS = ("live", "drill")


class TokenRefused(Exception):
    """The token cannot be made as requested. ``reason`` is the last part of a label key (``api.refusal.REASON``)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made. Its ``secret`` is shown once and kept nowhere."""

    token: ApiToken
    secret: str


def includes(scope: str, needed: Scope) -> bool:
    """Whether a scope includes another one. An unknown scope includes none."""
    return scope in SCOPES and SCOPES.index(Scope(scope)) >= SCOPES.index(needed)


def create_token(
    database: Database,
    owner: Account,
    name: str,
    *,
    environment: str,
    scope: Scope,
    days: int,
    by: Actor,
    now: datetime,
) -> NewToken:
    """Makes a token for an environment that acts for its owner until it expires. Raises TokenRefused."""
    name = strip_invisible(name).strip()
    if not name or len(name) > NAME_LIMIT or has_unreadable_characters(name):
        raise TokenRefused("name")
    if not 1 <= days <= MAX_LIFETIME_DAYS:
        raise TokenRefused("days")
    if environment not in ENVIRONMENTS:
        raise TokenRefused("environment")
    secret = f"{PREFIX}{secrets.token_urlsafe(32)}"
    token = ApiToken(
        secrets.token_hex(6), owner, name, environment, str(scope), now, now + timedelta(days=days)
    )  # fmt: skip
    with database.begin() as tx:
        if account_rows.find(tx, owner.id) is None:
            raise TokenRefused("owner")
        if sum(not has_ended(each, now) for each in rows.list_tokens(tx, owner.id)) >= MAX_TOKENS:
            raise TokenRefused("too_many")
        rows.insert_token(tx, token, token_hash(secret))
        after = {"environment": environment, "scope": str(scope), "expires": f"{token.expires:%Y-%m-%d}"}
        audit_rows.record_action(
            tx, "token.created", at=now, by=by, target=f"{name} – {describe(owner)}", after=after
        )  # fmt: skip
    return NewToken(token, secret)


def list_tokens(database: Database, account_id: str = "") -> tuple[ApiToken, ...]:
    """The tokens that nobody has ended, of one account or of all, also expired ones."""
    with database.read() as tx:
        return rows.list_tokens(tx, account_id)


def end_token(database: Database, id: str, *, by: Actor, now: datetime, owner: str = "") -> bool:
    """Ends a token, if it belongs to this ``owner`` ("": whoever it belongs to); False if there is none such."""
    with database.begin() as tx:
        token = rows.find_by_id(tx, id)
        if token is None or (owner and token.owner.id != owner) or not rows.end_token(tx, id, now):
            return False
        target = f"{token.name} – {describe(token.owner)}"
        audit_rows.record_action(tx, "token.ended", at=now, by=by, target=target)
    return True


def has_ended(token: ApiToken, now: datetime) -> bool:
    """Whether it has expired or was ended."""
    return token.ended is not None or now >= token.expires


def find_valid(database: Database, secret: str, *, environment: str, now: datetime) -> ApiToken | None:
    """The token with this secret; None if there is none for this environment, it is over, or its owner is disabled."""
    if not secret.startswith(PREFIX) or len(secret) > 100:
        return None
    with database.read() as tx:
        token = rows.find_token(tx, token_hash(secret))
    return token if token and token.environment == environment and not has_ended(token, now) else None


def touch(database: Database, token: ApiToken, *, now: datetime) -> None:
    """Records that it was used. Written at most once a minute."""
    if token.last_used is None or now - token.last_used > timedelta(minutes=1):
        with database.begin() as tx:
            rows.touch_token(tx, token.id, now)


def count_refusal(database: Database, address: str, *, now: datetime) -> None:
    """Counts a wrong token, by the hour and its network."""
    with database.begin() as tx:
        audit_log.record_refusal(tx, "token.refused", account_id="", network=throttling.network_of(address), now=now)


def record_use(
    database: Database, token: ApiToken, operation: str, *, address: str, target: str, now: datetime
) -> None:
    """Records in the audit log what was changed with a token, and for whom."""
    by = Actor(token.owner.id, token.owner.name, address)
    with database.begin() as tx:
        audit_rows.record_action(
            tx, "api.used", at=now, by=by, target=target, token=token.name, operation=operation
        )  # fmt: skip
