"""Desk accounts: sign-in, sessions, one-time links."""

from __future__ import annotations

import hashlib
import secrets
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from statuspage.domain import escape_control_characters, has_unreadable_characters
from statuspage.storage import accounts as rows
from statuspage.storage import audit_log as audit_rows
from statuspage.storage.accounts import Account, Failures, Session
from statuspage.storage.api import tokens as api_tokens
from statuspage.storage.audit_log import Actor
from statuspage.storage.engine import Connection, Database
from statuspage.usecases import audit_log, passwords, sign_in_stages, throttling
from statuspage.usecases.sign_in_stages import Stage

IDLE_TIMEOUT = timedelta(hours=12)
"""A session that is unused for this long ends; about one shift."""

MAX_SESSION_AGE = sign_in_stages.MAX_SESSION_AGE

LINK_LIFETIME = timedelta(minutes=30)
"""Lifetime of a one-time sign-in link."""

WRONG_LINKS, LINKS_WITHIN = 20, timedelta(minutes=15)
"""The number of wrong links checked from one network, and the period for that."""


class Role(StrEnum):
    """The role of an account. Each role includes the rights of those below it: administer accounts and redact; lead
    drills, release the send hold and publish without a second person; publish notices; read."""

    ADMINISTRATOR = "administrator"
    LEAD = "lead"
    REPORTER = "reporter"
    VIEWER = "viewer"


NOBODY = Actor()
"""Who acts where nobody is known, such as a program that sets up an instance."""

RANKS = (Role.VIEWER, Role.REPORTER, Role.LEAD, Role.ADMINISTRATOR)
"""Roles by their rights, lowest first."""


class SignInFailure(StrEnum):
    """Why sign-in failed, as the last part of a label key."""

    WRONG_CREDENTIALS = "wrong_credentials"
    TOO_MANY_TRIES = "too_many_tries"
    INVALID_LINK = "invalid_link"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The session's token, only for the browser, its account, and what is still missing."""

    token: str
    account: Account
    stage: Stage = Stage.FULL


@dataclass(frozen=True, slots=True)
class SignInRefused:
    """Sign-in failed. ``wait`` is how long further attempts are not checked."""

    reason: SignInFailure
    wait: timedelta = timedelta()


class InvalidAccount(Exception):
    """The account cannot be created or changed as requested. The message says why."""


def add_account(
    database: Database,
    login: str,
    name: str,
    *,
    role: Role,
    language: str,
    password: str = "",
    by: Actor = NOBODY,
    now: datetime,
) -> Account:
    """Creates an account; without a password it is used by sign-in links. ``language`` "": that of the browser. Raises
    InvalidAccount, passwords.InvalidPassword."""
    if has_unreadable_characters(name) or any(unicodedata.category(character)[0] == "C" for character in login):
        raise InvalidAccount("There are invisible characters in the login or the name. Type it again without them.")
    login = normalize_login(login)
    if not login or not name.strip():
        raise InvalidAccount("A login and a name are needed.")
    account = Account(secrets.token_hex(6), login, name.strip()[:128], role, language)
    with database.begin() as tx:
        if rows.find_by_login(tx, login):
            raise InvalidAccount(f"There is already an account {login}.")
        words = (account.name, login)
        rows.insert_account(
            tx, account, password_hash=passwords.hash_valid(password, words=words) if password else "", at=now
        )
        audit_rows.record_action(
            tx, "account.added", at=now, by=by, target=describe(account), after={"role": str(role)}
        )
    return account


def normalize_login(login: str) -> str:
    """The login as it is compared and recorded: NFKC form, lower case, without surrounding spaces."""
    return escape_control_characters(unicodedata.normalize("NFKC", login).strip().casefold()[:128])


def set_password(
    database: Database,
    account_id: str,
    password: str,
    *,
    words: Collection[str] = (),
    by: Actor = NOBODY,
    kept_session: str = "",
    now: datetime,
) -> None:
    """Sets a password and ends all sessions of the account, except the one with the token ``kept_session``, and its API
    tokens. ``words`` are names of the company, which make a password easy to guess. Raises
    passwords.InvalidPassword."""
    with database.read() as tx:
        account = rows.find(tx, account_id)
    own_words = (account.name, account.login) if account else ()
    password_hash = passwords.hash_valid(password, words=(*own_words, *words))
    with database.begin() as tx:
        rows.set_password(tx, account_id, password_hash)
        rows.end_sessions(tx, account_id, kept=token_hash(kept_session) if kept_session else "")
        api_tokens.end_tokens(tx, account_id, now)
        audit_rows.record_action(tx, "password.changed", at=now, by=by, target=describe(account))


def sign_in(database: Database, login: str, password: str, *, address: str, now: datetime) -> SignedIn | SignInRefused:
    """Starts a session if the password is correct. Takes as long for an account that does not exist.

    An attempt is counted as failed before it is checked, so that parallel attempts get no advantage.
    """
    login, network = normalize_login(login), throttling.network_of(address)
    with database.read() as tx:
        credentials = rows.find_with_password(tx, login)
        keys = throttling.throttle_keys(tx, login, network, now)
        wait = throttling.required_wait(tx, keys, now)
    if not wait:
        with database.begin() as tx:
            if not (wait := throttling.required_wait(tx, keys, now)):
                earlier_tries, next_wait = throttling.count_try(tx, keys, now)
    if wait:
        return SignInRefused(SignInFailure.TOO_MANY_TRIES, wait)
    account, password_hash = credentials or (None, "")
    is_correct = passwords.is_password(password_hash, password)
    if is_correct and account is not None and password_hash:
        _forget_try(database, earlier_tries)
        return start_session(database, account, address=address, method="password", now=now)
    if is_correct is None:
        _forget_try(database, earlier_tries)
        return SignInRefused(SignInFailure.TOO_MANY_TRIES, timedelta(seconds=passwords.HASH_PATIENCE))
    with database.begin() as tx:
        audit_log.record_refusal(
            tx, "sign.in.refused", account_id=account.id if account else "", network=network, now=now
        )
    return SignInRefused(SignInFailure.WRONG_CREDENTIALS, next_wait)


def create_sign_in_link(
    database: Database, account_id: str, *, by: Actor = NOBODY, lifetime: timedelta = LINK_LIFETIME, now: datetime
) -> str:
    """The token of a sign-in link that works once and then expires."""
    token = secrets.token_urlsafe(32)
    with database.begin() as tx:
        rows.add_sign_in_link(tx, token_hash(token), account_id, expires=now + lifetime)
        audit_rows.record_action(tx, "link.created", at=now, by=by, target=describe(rows.find(tx, account_id)))
    return token


def sign_in_by_link(database: Database, token: str, *, address: str, now: datetime) -> SignedIn | SignInRefused:
    """Starts a session for an unused, valid link and uses it up.

    Links from a network that has sent many wrong ones are not accepted for a while, except a correct one.
    """
    network = throttling.network_of(address)
    with database.begin() as tx:
        account = rows.use_sign_in_link(tx, token_hash(token), now)
        is_allowed = account is not None or throttling.is_try_allowed_in(
            tx, f"link:{network}", WRONG_LINKS, LINKS_WITHIN, now=now
        )
        if account is None and is_allowed:
            audit_log.record_refusal(tx, "link.refused", account_id="", network=network, now=now)
    if account is None:
        return (
            SignInRefused(SignInFailure.INVALID_LINK)
            if is_allowed
            else SignInRefused(SignInFailure.TOO_MANY_TRIES, LINKS_WITHIN)
        )
    return start_session(database, account, address=address, method="link", now=now)


def find_session(database: Database, token: str, *, now: datetime) -> tuple[Session, Account] | None:
    """The session of a browser's token and its account; None if it has ended or is unknown."""
    if not token or len(token) > 100:
        return None
    with database.read() as tx:
        session_and_account = rows.find_session(tx, token_hash(token))
    if session_and_account is None or not _is_open(session_and_account[0], now):
        return None
    return session_and_account


def _is_open(session: Session, now: datetime) -> bool:
    has_ended = now >= min(session.expires, session.last_seen + IDLE_TIMEOUT)
    return not has_ended and session.stage != Stage.SECOND_FACTOR


def touch_session(database: Database, token: str, session: Session, *, now: datetime) -> None:
    """Keeps the session alive. Written at most once a minute."""
    if now - session.last_seen > timedelta(minutes=1):
        with database.begin() as tx:
            rows.touch_session(tx, token_hash(token), now)
            rows.touch_account(tx, session.account_id, now)


def sign_out(database: Database, token: str, *, address: str = "", now: datetime) -> None:
    """Ends this session."""
    with database.begin() as tx:
        session_and_account = rows.find_session(tx, token_hash(token))
        rows.end_session(tx, token_hash(token))
        account = session_and_account[1] if session_and_account else None
        audit_rows.record_action(tx, "signed.out", at=now, by=_as_actor(account, address))


def sign_out_everywhere(database: Database, account_id: str, *, by: Actor = NOBODY, now: datetime) -> int:
    """Ends every session and API token of this account; returns how many sessions there were."""
    with database.begin() as tx:
        count = rows.end_sessions(tx, account_id)
        api_tokens.end_tokens(tx, account_id, now)
        account = rows.find(tx, account_id)
        audit_rows.record_action(
            tx, "signed.out.everywhere", at=now, by=by, target=describe(account), sessions=str(count)
        )
    return count


def set_language(database: Database, account_id: str, language: str) -> None:
    """Sets the desk language of this account."""
    with database.begin() as tx:
        rows.set_language(tx, account_id, language)


def all_accounts(database: Database) -> tuple[Account, ...]:
    """All accounts, by login."""
    with database.read() as tx:
        return rows.list_accounts(tx)


def find_by_login(database: Database, login: str) -> Account | None:
    """The account with this login."""
    with database.read() as tx:
        return rows.find_by_login(tx, normalize_login(login))


def list_sessions(database: Database, account_id: str, *, now: datetime) -> tuple[tuple[str, Session], ...]:
    """The open sessions of this account, the most recently used first, each with its name."""
    with database.read() as tx:
        all_sessions = rows.list_sessions(tx, account_id)
    return tuple((_short_digest(digest), session) for digest, session in all_sessions if _is_open(session, now))


def end_session(database: Database, account_id: str, name: str, *, by: Actor, now: datetime) -> bool:
    """Ends the session with this name; False if the account has none."""
    with database.begin() as tx:
        digests = [digest for digest, _ in rows.list_sessions(tx, account_id) if _short_digest(digest) == name]
        for digest in digests:
            rows.end_session(tx, digest)
            audit_rows.record_action(tx, "session.ended", at=now, by=by, target=describe(rows.find(tx, account_id)))
    return bool(digests)


def session_name(token: str) -> str:
    """The name by which lists of sessions identify this token's session."""
    return _short_digest(token_hash(token)) if token else ""


def has_anyone_signed_in(database: Database) -> bool:
    """Whether any account has ever signed in."""
    with database.read() as tx:
        return any(person.last_seen is not None for person in rows.list_people(tx))


def describe(account: Account | None) -> str:
    """The account as the audit log names it: name and login."""
    return f"{account.name} ({account.login})" if account else ""


def _as_actor(account: Account | None, address: str) -> Actor:
    return Actor(account.id, account.name, address) if account else Actor(origin=address)


def _short_digest(digest: str) -> str:
    return digest[:16]


def token_hash(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def _forget_try(database: Database, earlier_tries: throttling.Tries) -> None:
    with database.begin() as tx:
        throttling.undo_try(tx, earlier_tries)


def start_session(
    database: Database,
    account: Account,
    *,
    address: str,
    method: str,
    verified_at: datetime | None = None,
    now: datetime,
) -> SignedIn:
    """Starts a session for somebody who was recognised by this method, now or at ``verified_at``. If the account has a
    second factor, the session waits for it and opens nothing yet (``second_factor.finish_sign_in``)."""
    token = secrets.token_urlsafe(32)
    with database.begin() as tx:
        stage = sign_in_stages.stage_after(tx, account, method)
        session = sign_in_stages.new_session(account, method=method, stage=stage, verified_at=verified_at, now=now)
        rows.add_session(tx, token_hash(token), session)
        rows.delete_expired(tx, now)
        if stage is not Stage.SECOND_FACTOR:
            record_sign_in(tx, account, address=address, method=method, now=now)
    return SignedIn(token, account, stage)


def record_sign_in(tx: Connection, account: Account, *, address: str, method: str, now: datetime) -> None:
    """Records a sign-in that is complete, and forgets the failed attempts before it."""
    rows.clear_failures(tx, throttling.account_key(account.login))
    rows.save_failures(tx, throttling.home_network_key(account.login, throttling.network_of(address)), Failures(0, now))
    rows.touch_account(tx, account.id, now)
    audit_rows.record_action(tx, "signed.in", at=now, by=_as_actor(account, address), method=method)
