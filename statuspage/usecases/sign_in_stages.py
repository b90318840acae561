"""What is still missing after a password or link: nothing, a second factor, or one that the role requires."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from statuspage.storage import second_factors as rows
from statuspage.storage.accounts import Account, Session
from statuspage.storage.engine import Connection, Database

SECOND_STEP_LIFETIME = timedelta(minutes=10)
"""How long a sign-in waits for its second factor."""

MAX_SESSION_AGE = timedelta(days=7)
"""The maximum length of a session, used or not."""

LOCAL_METHODS = ("password", "link")
"""Ways to sign in that end here, and after which a second factor is asked. Others vouch for the person themselves."""

_RULE = "second_factor"


class Stage(StrEnum):
    """How far a session has come: it opens the desk; it waits for the second factor and opens nothing; it opens only
    the page where the required second factor is set up."""

    FULL = "full"
    SECOND_FACTOR = "second_factor"
    SETUP = "setup"


class Requirement(StrEnum):
    """Who must have a second factor."""

    NOBODY = "nobody"
    LEADS = "leads"
    EVERYBODY = "everybody"


_ROLES = {
    Requirement.NOBODY: frozenset[str](),
    Requirement.LEADS: frozenset({"lead", "administrator"}),
    Requirement.EVERYBODY: frozenset({"viewer", "reporter", "lead", "administrator"}),
}


def requirement(database: Database) -> Requirement:
    """Who must have a second factor on this instance."""
    with database.read() as tx:
        return requirement_in(tx)


def requirement_in(tx: Connection) -> Requirement:
    """Like ``requirement``, within a transaction."""
    value = rows.find_rule(tx, _RULE)
    return Requirement(value) if value in list(Requirement) else Requirement.NOBODY


def set_requirement_in(tx: Connection, new: Requirement) -> None:
    """Sets who must have a second factor, within a transaction."""
    rows.set_rule(tx, _RULE, str(new))


def is_required_in(tx: Connection, role: str) -> bool:
    """Whether accounts with this role must have a second factor."""
    return role in _ROLES[requirement_in(tx)]


def stage_after(tx: Connection, account: Account, method: str) -> Stage:
    """What is still missing after signing in by this method."""
    if method not in LOCAL_METHODS:
        return Stage.FULL
    if rows.has_factor(tx, account.id):
        return Stage.SECOND_FACTOR
    return Stage.SETUP if is_required_in(tx, account.role) else Stage.FULL


def new_session(
    account: Account, *, method: str, stage: Stage, verified_at: datetime | None = None, now: datetime
) -> Session:
    """A session that begins now. ``verified_at`` is when its owner proved who they are, None: now."""
    lifetime = SECOND_STEP_LIFETIME if stage is Stage.SECOND_FACTOR else MAX_SESSION_AGE
    return Session(account.id, now, now, now + lifetime, method, str(stage), verified_at or now)
