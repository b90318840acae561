"""Who sends a request: the token, the rights of its owner now, and how much it has sent."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from flask import request

from statuspage.storage.api import ApiToken
from statuspage.storage.engine import DatabaseBusy
from statuspage.usecases import drills, throttling
from statuspage.usecases.api import tokens
from statuspage.usecases.environment import Environment
from statuspage.web.api.limits import RateLimits
from statuspage.web.api.operations import Operation
from statuspage.web.api.problems import Problem
from statuspage.web.desk import has_at_least

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="statuspage"'}


def authenticate(env: Environment, limits: RateLimits, strangers: RateLimits, *, now: datetime) -> ApiToken:
    """The valid token of the request. Raises Problem if there is none, or if it has sent too many requests."""
    kind, _, secret = request.headers.get("Authorization", "").partition(" ")
    database = env.databases.accounts
    token = None
    if kind.casefold() == "bearer" and secret.strip():
        token = tokens.find_valid(database, secret.strip(), environment=env.name, now=now)
        network = throttling.network_of(request.remote_addr or "")
        if token is None and not strangers.take(network):
            with suppress(DatabaseBusy):
                tokens.count_refusal(database, network, now=now)
    if token is None:
        raise Problem("unauthenticated", headers=CHALLENGE)
    if wait := limits.take(token.id):
        raise Problem("too-many", headers={"Retry-After": str(wait)})
    with suppress(DatabaseBusy):  # When it was last used is told by the next request.
        tokens.touch(database, token, now=now)
    return token


def authorize(env: Environment, token: ApiToken, operation: Operation) -> None:
    """Checks the scope, and the present role of the owner. Raises Problem."""
    if not tokens.includes(token.scope, operation.scope):
        raise Problem("scope", f"{operation.scope} is needed; this token may {token.scope}.")
    if not has_at_least(token.owner.role, operation.role):
        raise Problem("role", f"{operation.role} is needed; {token.owner.login} is {token.owner.role}.")
    owner = token.owner
    if drills.drill_without(env.databases.environment, (owner.name, owner.login), owner.name):
        raise Problem("left-out")
