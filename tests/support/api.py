"""A program that uses the API, with a token of somebody with an account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from statuspage.usecases import account_administration, accounts
from statuspage.usecases.accounts import Role
from statuspage.usecases.api import Scope, tokens
from statuspage.usecases.api.tokens import NewToken
from statuspage.usecases.environment.model import Environment
from statuspage.web.api import create_api
from tests.support.desk import Clock, person_in

_keys = count(1)


def new_token(
    env: Environment,
    clock: Clock,
    scope: Scope = Scope.PROPOSE,
    role: Role = Role.REPORTER,
    *,
    login: str = "",
    name: str = "bot",
    environment: str = "",
    days: int = 30,
) -> NewToken:
    """A token of somebody with this role, in their own environment unless another one is named."""
    owner = person_in(env, login or str(role), f"{role}さん", password="")
    database = env.databases.accounts
    account_administration.change_role(database, owner.id, role, by=accounts.NOBODY, now=clock())
    where = environment or env.name
    by = accounts.NOBODY
    return tokens.create_token(database, owner, name, environment=where, scope=scope, days=days, by=by, now=clock())


@dataclass
class Program:
    """Sends requests with its token."""

    app: Flask
    secret: str
    answer: TestResponse = field(init=False)

    def get(self, path: str, **more: Any) -> Any:
        """The body of the answer to a GET."""
        return self.send("GET", path, **more)

    def post(self, path: str, body: object, *, key: str = "", match: str = "", **more: Any) -> Any:
        """The body of the answer to a POST, with a new key unless one is given."""
        headers = {"Idempotency-Key": key or f"key-{next(_keys):06}", **({"If-Match": match} if match else {})}
        return self.send("POST", path, json=body, headers=headers, **more)

    def put(self, path: str, body: object, *, match: str) -> Any:
        """The body of the answer to a PUT."""
        return self.send("PUT", path, json=body, headers={"If-Match": match})

    def send(self, method: str, path: str, headers: Mapping[str, str] | None = None, **more: Any) -> Any:
        """The body of the answer."""
        sent = {"Authorization": f"Bearer {self.secret}", **(headers or {})}
        self.answer = self.app.test_client().open(f"/api/v1{path}", method=method, headers=sent, **more)
        return self.answer.get_json()

    @property
    def status(self) -> int:
        """The status of the last answer."""
        return self.answer.status_code


def program(
    env: Environment, clock: Clock, scope: Scope = Scope.PROPOSE, role: Role = Role.REPORTER, **more: Any
) -> Program:
    """A program with a new token."""
    return Program(create_api(env, clock=clock), new_token(env, clock, scope, role, **more).secret)


FIRST: Mapping[str, Any] = {
    "incident_type": "booking",
    "services": [{"service": "booking", "state": "partial"}],
    "start": {"precision": "about", "time": "2026-07-04T02:55:00Z"},
    "estimate": {"shape": "unknown"},
}
"""The facts of a first report."""
