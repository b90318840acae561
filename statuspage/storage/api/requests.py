"""Rows of requests to the API that were sent with a key, and what was answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from statuspage.storage.engine import Connection
from statuspage.storage.tables import api_request


@dataclass(frozen=True, slots=True)
class KeptRequest:
    """One request. ``status`` is 0 until it is answered; ``plan`` is what it was about to store. ``incident`` is the
    one whose texts are in the ``body``, "" if none are."""

    token: str
    key: str
    digest: str
    claimed_at: datetime
    plan: Mapping[str, Any] = field(default_factory=dict)
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    incident: str = ""


_NAMES = ("token", "key", "digest", "claimed_at", "plan", "status", "headers", "body", "incident")


def find_request(tx: Connection, token: str, key: str) -> KeptRequest | None:
    """The request with this key, if the token has sent one."""
    row = tx.execute(select(api_request).where(*_is(token, key))).first()
    return KeptRequest(**{name: row._mapping[name] for name in _NAMES}) if row else None


def insert_request(tx: Connection, request: KeptRequest) -> None:
    """Stores a request that is being carried out."""
    tx.execute(insert(api_request).values({name: getattr(request, name) for name in _NAMES}))


def claim_again(tx: Connection, token: str, key: str, at: datetime) -> None:
    """Records that an interrupted request is being carried out again."""
    tx.execute(update(api_request).where(*_is(token, key)).values(claimed_at=at))


def set_plan(tx: Connection, token: str, key: str, plan: Mapping[str, Any]) -> None:
    """Records what the request is about to store."""
    tx.execute(update(api_request).where(*_is(token, key)).values(plan=dict(plan)))


def set_answer(tx: Connection, token: str, key: str, **answer: Any) -> None:
    """Records what was answered: ``status``, ``headers``, ``body``, ``incident``."""
    tx.execute(update(api_request).where(*_is(token, key)).values(**answer))


def delete_request(tx: Connection, token: str, key: str) -> None:
    """Forgets a request that changed nothing."""
    tx.execute(delete(api_request).where(*_is(token, key)))


def delete_older(tx: Connection, before: datetime) -> None:
    """Forgets what was sent before this time."""
    tx.execute(delete(api_request).where(api_request.c.claimed_at < before))


def forget_bodies(tx: Connection, incident: str) -> int:
    """Removes the answers with texts of this incident; their keys stay known. Returns how many there were."""
    mine = (api_request.c.incident == incident, api_request.c.body != "")
    return tx.execute(update(api_request).where(*mine).values(body="", status=410)).rowcount


def _is(token: str, key: str) -> tuple[Any, ...]:
    return (api_request.c.token == token, api_request.c.key == key)
