"""Keys of requests: the same request again gets the same answer, whoever was killed meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from statuspage.storage.api import KeptRequest
from statuspage.storage.api import requests as rows
from statuspage.storage.engine import Database

KEPT_FOR = timedelta(hours=24)
"""How long a key is remembered."""

LEASE = timedelta(minutes=1)
"""After this time, a request without an answer was interrupted."""


class KeyReused(Exception):
    """The key was sent with another request."""


class RequestRunning(Exception):
    """The same request is being carried out now."""


class RequestInterrupted(Exception):
    """The same request was interrupted, and nobody knows whether it took effect."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered. ``incident`` is the one whose texts are in the ``body``, "" if none are."""

    status: int
    body: str
    headers: Mapping[str, str] = field(default_factory=dict)
    incident: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to carry out a request. ``plan`` is what it was about to store when it was interrupted; empty if it is
    carried out for the first time."""

    database: Database
    token: str
    key: str
    plan: Mapping[str, Any] = field(default_factory=dict)

    def keep_plan(self, plan: Mapping[str, Any]) -> None:
        """Records what will be stored, before it is, so that it can be found if the program is killed meanwhile."""
        with self.database.begin() as tx:
            rows.set_plan(tx, self.token, self.key, plan)

    def answer(self, answer: KeptAnswer) -> None:
        """Records the answer."""
        values = {"status": answer.status, "headers": dict(answer.headers), "body": answer.body}
        with self.database.begin() as tx:
            rows.set_answer(tx, self.token, self.key, incident=answer.incident, **values)

    def release(self) -> None:
        """Forgets the key, because the request changed nothing."""
        with self.database.begin() as tx:
            rows.delete_request(tx, self.token, self.key)


def claim(database: Database, token: str, key: str, digest: str, *, now: datetime) -> Claim | KeptAnswer:
    """The right to carry out the request, or the answer it got. Raises KeyReused, RequestRunning,
    RequestInterrupted."""
    with database.begin() as tx:
        rows.delete_older(tx, now - KEPT_FOR)
        known = rows.find_request(tx, token, key)
        if known is None:
            rows.insert_request(tx, KeptRequest(token, key, digest, now))
            return Claim(database, token, key)
        if known.digest != digest:
            raise KeyReused
        if known.status:
            return KeptAnswer(known.status, known.body, known.headers, known.incident)
        if now - known.claimed_at < LEASE:
            raise RequestRunning
        if not known.plan:
            raise RequestInterrupted
        rows.claim_again(tx, token, key, now)
        return Claim(database, token, key, known.plan)
