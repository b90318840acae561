"""People left out of the running drill, and attempts to reach somebody. Outside a drill nobody is left out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime, timedelta

from statuspage.domain import CallAttempt, Responder, ValidationError, is_named
from statuspage.storage import accounts, call_attempts, drills
from statuspage.storage.engine import Connection, Database
from statuspage.usecases.environment import Environment

SHOWN_FOR = timedelta(hours=4)
"""How long an attempt is shown beside the person."""


FACTS_LINK = "facts"
"""The way of an attempt by the link of a fact request."""


class NobodyOfThatName(Exception):
    """There is no such person to call."""


def absent_people(database: Database) -> tuple[str, ...]:
    """Every name of those left out of the running drill."""
    with database.read() as tx:
        return absent_in(tx)


def absent_in(tx: Connection) -> tuple[str, ...]:
    """The same, within a transaction."""
    drill = drills.find_running_drill(tx)
    return drill.absent_names if drill else ()


def names_of(env: Environment, names: Collection[str]) -> tuple[str, ...]:
    """These names, and every other by which ``on_call.toml`` and the accounts know the same people."""
    with env.databases.accounts.read() as tx:
        logins = [(account.name, account.login) for account in accounts.list_accounts(tx)]
    known = tuple(names)
    for people in (logins, [responder.known_as for responder in _responders(env)], logins):
        known += tuple(name for person in people if is_named(known, person) for name in person)
    return tuple(dict.fromkeys(known))


def record_missed(tx: Connection, responders: Iterable[Responder], channel: str, *, now: datetime) -> None:
    """Records that the program would have notified these people, who are left out."""
    for responder in responders:
        call_attempts.insert_attempt(tx, CallAttempt(now, responder.name, channel=channel))


def record_link(tx: Connection, recipient: str, *, actor: str, now: datetime) -> None:
    """Records that the link of a fact request was meant for somebody who is left out."""
    if is_named(absent_in(tx), (recipient,)):
        call_attempts.insert_attempt(tx, CallAttempt(now, recipient, actor, FACTS_LINK))


def name_problems(tx: Connection, name: str) -> tuple[ValidationError, ...]:
    """Why somebody of this name cannot answer: they are left out of the running drill."""
    return (ValidationError("name", "answer.left_out"),) if is_named(absent_in(tx), (name,)) else ()


def record_call(env: Environment, person: str, *, was_reached: bool, actor: str, now: datetime) -> bool:
    """Records a phone call. Returns whether it reached the person: never somebody left out of the running drill.

    Raises NobodyOfThatName.
    """
    with env.databases.environment.begin() as tx:
        absent = absent_in(tx)
        names = next((known for known in _people(env, absent) if is_named((person,), known)), None)
        if names is None:
            raise NobodyOfThatName
        attempt = CallAttempt(now, names[0], actor, was_reached=was_reached and not is_named(absent, names))
        call_attempts.insert_attempt(tx, attempt)
    return attempt.was_reached


def _people(env: Environment, absent: Collection[str]) -> Iterator[tuple[str, ...]]:
    """Everybody who can be called, by all their names, the one that is shown first."""
    for responder in _responders(env):
        yield (responder.name, *responder.known_as)
    for name in absent:
        yield (name,)


def _responders(env: Environment) -> Collection[Responder]:
    return env.site.catalog.on_call.responders.values()


def attempts_to(database: Database, people: Collection[str], *, since: datetime) -> tuple[CallAttempt, ...]:
    """The attempts to reach one of these people, oldest first."""
    with database.read() as tx:
        attempts = call_attempts.attempts_between(tx, since, datetime.max.replace(tzinfo=UTC))
    return tuple(attempt for attempt in attempts if is_named(people, (attempt.person,)))


def latest_attempts(database: Database, *, now: datetime) -> dict[str, CallAttempt]:
    """The newest attempt that somebody made for each person, of the last hours or of the running drill."""
    with database.read() as tx:
        drill = drills.find_running_drill(tx)
        since = max(now - SHOWN_FOR, drill.started) if drill else now - SHOWN_FOR
        attempts = call_attempts.attempts_between(tx, since, now)
    return {attempt.person: attempt for attempt in attempts if attempt.actor}
