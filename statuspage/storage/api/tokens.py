"""Rows of tokens for the API, each with its owner."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from statuspage.storage.accounts import Account
from statuspage.storage.engine import Connection
from statuspage.storage.tables import account, api_token


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token for one environment, without its secret. ``owner`` is the account for which it acts."""

    id: str
    owner: Account
    name: str
    environment: str
    scope: str
    created: datetime
    expires: datetime
    last_used: datetime | None = None
    ended: datetime | None = None


_JOINED = api_token.join(account, api_token.c.account_id == account.c.id)
_OWNER = [account.c[name].label(f"owner_{name}") for name in ("id", "login", "name", "role", "language")]
_SELECT = select(api_token, *_OWNER).select_from(_JOINED)


def insert_token(tx: Connection, token: ApiToken, token_hash: str) -> None:
    """Stores a new token under its hash."""
    names = ("id", "name", "environment", "scope", "created", "expires")
    values = {name: getattr(token, name) for name in names}
    tx.execute(insert(api_token).values(token_hash=token_hash, account_id=token.owner.id, **values))


def find_token(tx: Connection, token_hash: str) -> ApiToken | None:
    """The token with this hash, also if it has expired or ended; None if there is none or its owner is disabled."""
    row = tx.execute(_SELECT.where(api_token.c.token_hash == token_hash, account.c.disabled.is_(None))).first()
    return _token(row) if row else None


def find_by_id(tx: Connection, id: str) -> ApiToken | None:
    """The token with this id."""
    row = tx.execute(_SELECT.where(api_token.c.id == id)).first()
    return _token(row) if row else None


def list_tokens(tx: Connection, account_id: str = "") -> tuple[ApiToken, ...]:
    """The tokens that have not been ended, of one account or of all, the newest first."""
    query = _SELECT.where(api_token.c.ended.is_(None)).order_by(api_token.c.created.desc(), api_token.c.id)
    query = query.where(api_token.c.account_id == account_id) if account_id else query
    return tuple(_token(row) for row in tx.execute(query))


def touch_token(tx: Connection, id: str, at: datetime) -> None:
    """Records that the token was used."""
    tx.execute(update(api_token).where(api_token.c.id == id).values(last_used=at))


def end_token(tx: Connection, id: str, at: datetime) -> bool:
    """Ends this token; False if it had ended."""
    open_token = (api_token.c.id == id, api_token.c.ended.is_(None))
    return tx.execute(update(api_token).where(*open_token).values(ended=at)).rowcount == 1


def end_tokens(tx: Connection, account_id: str, at: datetime) -> int:
    """Ends all tokens of this account; returns how many there were."""
    open_tokens = (api_token.c.account_id == account_id, api_token.c.ended.is_(None))
    return tx.execute(update(api_token).where(*open_tokens).values(ended=at)).rowcount


def end_all_tokens(tx: Connection, at: datetime) -> int:
    """Ends the tokens of all accounts; returns how many there were."""
    return tx.execute(update(api_token).where(api_token.c.ended.is_(None)).values(ended=at)).rowcount


def _token(row: Row[Any]) -> ApiToken:
    owner = Account(row.owner_id, row.owner_login, row.owner_name, row.owner_role, row.owner_language)
    times = (row.created, row.expires, row.last_used, row.ended)
    return ApiToken(row.id, owner, row.name, row.environment, row.scope, *times)
