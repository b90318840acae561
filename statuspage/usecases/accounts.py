"""Who may work on the desk: accounts, sessions, one-time links."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from statuspage.domain import escape_control_characters, network_of, unreadable
from statuspage.storage import accounts as rows
from statuspage.storage.accounts import Failures, Person, Session
from statuspage.storage.engine import Database
from statuspage.usecases import audit_log, throttling

IDLE = timedelta(hours=12)
"""A session unused for this long is over: one shift."""

ABSOLUTE = timedelta(days=7)
"""No session lives longer, used or not."""

LINK_LIFE = timedelta(minutes=30)
"""How long a one-time sign-in link holds."""

WRONG_LINKS, LINKS_WITHIN = 20, timedelta(minutes=15)
"""How many wrong links are looked at from one network, and within which span."""

HASHES = 2
"""Passwords looked at at once: each takes 64 MB and a processor while it lasts."""

HASH_PATIENCE = 2.0
"""Seconds that a try waits for its turn to be looked at."""

WAITING = 4
"""Tries that may wait for their turn at once: the desk has threads for other things too."""

PASSWORD_LENGTH = (12, 256)
"""Shortest and longest password, in characters."""

_hasher = PasswordHasher()
_NOBODY = _hasher.hash("nobody has this password")
_turns = BoundedSemaphore(HASHES)
_places = BoundedSemaphore(HASHES + WAITING)


class Role(StrEnum):
    """What somebody may do, each also what the ones below may: look after accounts and take words away for good; lead
    drills, let sending go on and answer for a notice that waits for a second person; tell customers; read."""

    ADMINISTRATOR = "administrator"
    LEAD = "lead"
    REPORTER = "reporter"
    READER = "reader"


RANKS = (Role.READER, Role.REPORTER, Role.LEAD, Role.ADMINISTRATOR)
"""Roles by what they may, the least first."""


class No(StrEnum):
    """Why signing in did not work, as the tail of a label."""

    WRONG = "wrong"
    WAIT = "wait"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The session's token, to be given to the browser and to nobody else, and whose it is."""

    token: str
    person: Person


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """Signing in did not work. ``wait`` is how long no further try is looked at."""

    why: No
    wait: timedelta = timedelta()


class Unfit(Exception):
    """This account cannot be made as asked; the sentence says why."""


def add_account(
    people: Database, login: str, name: str, *, role: Role, language: str, password: str = "", now: datetime
) -> Person:
    """A new account, entered by links until it has a password. ``language`` "": as the browser asks. Raises Unfit."""
    if unreadable(name) or any(unicodedata.category(one)[0] == "C" for one in login):
        raise Unfit("There are invisible characters in the login or the name. Type it again without them.")
    login = plain_login(login)
    if not login or not name.strip():
        raise Unfit("A login and a name are needed.")
    person = Person(secrets.token_hex(6), login, name.strip()[:128], role, language)
    with people.begin() as tx:
        if rows.by_login(tx, login):
            raise Unfit(f"There is already an account {login}.")
        rows.insert_account(tx, person, password=hashed(password) if password else "", at=now)
        rows.audit(tx, "person.added", person=person.id, login=login, at=now)
    return person


def plain_login(login: str) -> str:
    """The login as it is compared and noted down: compatible forms folded, lower case, no blanks around."""
    return escape_control_characters(unicodedata.normalize("NFKC", login).strip().casefold()[:128])


def hashed(password: str) -> str:
    """The password's argon2id hash. Raises Unfit for one too short or too long."""
    shortest, longest = PASSWORD_LENGTH
    if not shortest <= len(password) <= longest:
        raise Unfit(f"A password has {shortest} to {longest} characters.")
    with _turns:
        return _hasher.hash(password)


def set_password(people: Database, person: str, password: str, *, now: datetime) -> None:
    """A new password ends every session of the account. Raises Unfit."""
    secret = hashed(password)
    with people.begin() as tx:
        rows.set_password(tx, person, secret)
        rows.end_sessions(tx, person)
        rows.audit(tx, "password.changed", person=person, at=now)


def disable(people: Database, person: str, *, now: datetime) -> None:
    """Ends the account: its sessions are over, and neither password nor link lets it in again."""
    with people.begin() as tx:
        rows.disable(tx, person, now)
        rows.end_sessions(tx, person)
        rows.audit(tx, "person.disabled", person=person, at=now)


def enable(people: Database, person: str, *, now: datetime) -> None:
    """The account may come in again, by its password or a link."""
    with people.begin() as tx:
        rows.enable(tx, person)
        rows.audit(tx, "person.enabled", person=person, at=now)


def sign_in(people: Database, login: str, password: str, *, address: str, now: datetime) -> SignedIn | TurnedAway:
    """A session for who knows the password. The answer takes as long for an account that does not exist.

    A try counts as failed before it is looked at, so that many at once are no more than as many one by one.
    """
    login, network = plain_login(login), network_of(address)
    with people.read() as tx:
        known = rows.with_password(tx, login)
        keys = throttling.keys(tx, login, network, now)
        wait = throttling.wait(tx, keys, now)
    if not wait:
        with people.begin() as tx:
            if not (wait := throttling.wait(tx, keys, now)):
                before, next_wait = throttling.count(tx, keys, now)
    if wait:
        return TurnedAway(No.WAIT, wait)
    person, secret = known or (None, "")
    fits = _fits(secret or _NOBODY, password)
    if fits and person is not None and secret:
        _take_back(people, before)
        return _begin(people, person, address=address, how="password", now=now)
    if fits is None:
        _take_back(people, before)
        return TurnedAway(No.WAIT, timedelta(seconds=HASH_PATIENCE))
    with people.begin() as tx:
        audit_log.refuse(tx, "sign.in.refused", account=person.id if person else "", network=network, now=now)
    return TurnedAway(No.WRONG, next_wait)


def create_sign_in_link(people: Database, person: str, *, now: datetime) -> str:
    """The token of a sign-in link that works once and soon expires."""
    token = secrets.token_urlsafe(32)
    with people.begin() as tx:
        rows.add_link(tx, _digest(token), person, expires=now + LINK_LIFE)
        rows.audit(tx, "link.made", person=person, at=now)
    return token


def sign_in_by_link(people: Database, token: str, *, address: str, now: datetime) -> SignedIn | TurnedAway:
    """A session for who holds an unused, fresh link; the link is used up.

    Whoever brings many that are none is not looked at for a while, unless with one that is.
    """
    network = network_of(address)
    with people.begin() as tx:
        person = rows.use_link(tx, _digest(token), now)
        heard = person is not None or throttling.counted(tx, f"link:{network}", WRONG_LINKS, LINKS_WITHIN, now=now)
        if person is None and heard:
            audit_log.refuse(tx, "link.refused", account="", network=network, now=now)
    if person is None:
        return TurnedAway(No.LINK) if heard else TurnedAway(No.WAIT, LINKS_WITHIN)
    return _begin(people, person, address=address, how="link", now=now)


def session(people: Database, token: str, *, now: datetime) -> tuple[Session, Person] | None:
    """The session behind a browser's token and whose it is; None when it is over or unknown."""
    if not token or len(token) > 100:
        return None
    with people.read() as tx:
        found = rows.session(tx, _digest(token))
    if found is None or now >= min(found[0].expires, found[0].seen + IDLE):
        return None
    return found


def used(people: Database, token: str, session: Session, *, now: datetime) -> None:
    """Somebody did something with this session: it stays alive. Written once a minute at most."""
    if now - session.seen > timedelta(minutes=1):
        with people.begin() as tx:
            rows.touch_session(tx, _digest(token), now)


def sign_out(people: Database, token: str, *, now: datetime) -> None:
    """Ends this one session."""
    with people.begin() as tx:
        rows.end_session(tx, _digest(token))
        rows.audit(tx, "signed.out", at=now)


def sign_out_everywhere(people: Database, person: str, *, now: datetime) -> int:
    """Ends every session of this person; returns how many there were."""
    with people.begin() as tx:
        ended = rows.end_sessions(tx, person)
        rows.audit(tx, "signed.out.everywhere", person=person, sessions=str(ended), at=now)
    return ended


def speak(people: Database, person: str, language: str) -> None:
    """The desk speaks this language to this person from now on."""
    with people.begin() as tx:
        rows.set_language(tx, person, language)


def all_accounts(people: Database) -> tuple[Person, ...]:
    """All accounts, by login."""
    with people.read() as tx:
        return rows.all_accounts(tx)


def by_login(people: Database, login: str) -> Person | None:
    """The account with this login."""
    with people.read() as tx:
        return rows.by_login(tx, plain_login(login))


def promote(people: Database, person: str, role: Role, *, by: str, now: datetime) -> None:
    """Somebody has another role from now on; it holds for what they ask next."""
    with people.begin() as tx:
        rows.set_role(tx, person, role)
        rows.audit(tx, "role.changed", person=by, of=person, role=str(role), at=now)


def sessions(people: Database, person: str, *, now: datetime) -> tuple[tuple[str, Session], ...]:
    """This person's sessions that are not over, the one used last first, each under its name."""
    with people.read() as tx:
        found = rows.sessions(tx, person)
    live = [(digest, one) for digest, one in found if now < min(one.expires, one.seen + IDLE)]
    return tuple((_name(digest), one) for digest, one in live)


def end_session(people: Database, person: str, name: str, *, by: str, now: datetime) -> bool:
    """Ends the session of this name; False where this person has none."""
    with people.begin() as tx:
        found = [digest for digest, _ in rows.sessions(tx, person) if _name(digest) == name]
        for digest in found:
            rows.end_session(tx, digest)
            rows.audit(tx, "session.ended", person=by, of=person, at=now)
    return bool(found)


def session_name(token: str) -> str:
    """What the session of this token is called where sessions are listed."""
    return _name(_digest(token)) if token else ""


def has_anyone_signed_in(people: Database) -> bool:
    """Whether somebody ever has, by whichever account."""
    with people.read() as tx:
        return rows.is_audited(tx, "signed.in")


def names(people: Database) -> Mapping[str, str]:
    """Everybody's name by the account's id, also of accounts that have ended."""
    with people.read() as tx:
        return rows.names(tx)


def _name(digest: str) -> str:
    return digest[:16]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _fits(secret: str, password: str) -> bool | None:
    """Whether it is this password; None where too many others were looked at meanwhile."""
    if not _places.acquire(blocking=False):
        return None
    try:
        return _verified(secret, password)
    finally:
        _places.release()


def _verified(secret: str, password: str) -> bool | None:
    if not _turns.acquire(timeout=HASH_PATIENCE):
        return None
    try:
        return _hasher.verify(secret, password[: PASSWORD_LENGTH[1] + 1])
    except (VerificationError, InvalidHashError):
        return False
    finally:
        _turns.release()


def _take_back(people: Database, before: throttling.Tries) -> None:
    with people.begin() as tx:
        throttling.take_back(tx, before)


def _begin(people: Database, person: Person, *, address: str, how: str, now: datetime) -> SignedIn:
    token = secrets.token_urlsafe(32)
    with people.begin() as tx:
        rows.add_session(tx, _digest(token), Session(person.id, now, now, now + ABSOLUTE))
        rows.forgive(tx, throttling.account(person.login))
        rows.keep_failures(tx, throttling.home(person.login, network_of(address)), Failures(0, now))
        rows.sweep(tx, now)
        rows.audit(tx, "signed.in", person=person.id, how=how, address=address, at=now)
    return SignedIn(token, person)
