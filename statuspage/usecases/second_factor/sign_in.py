"""The second step of signing in, and fresh authentication: proving again that it is still the same person."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from statuspage.storage import accounts as account_rows
from statuspage.storage import second_factors as rows
from statuspage.storage.accounts import Account, Session
from statuspage.storage.engine import Database
from statuspage.storage.second_factors import AccountMessage
from statuspage.usecases import accounts, passwords, sign_in_stages, throttling
from statuspage.usecases.accounts import SignedIn
from statuspage.usecases.second_factor.proofs import Proof, Rejected, prove
from statuspage.usecases.secret_store import SecretStore
from statuspage.usecases.sign_in_stages import Stage


@dataclass(frozen=True, slots=True)
class Finished:
    """A sign-in that is complete, and the second factor that completed it."""

    signed_in: SignedIn
    method: str


FRESH_FOR = timedelta(minutes=15)
"""How long after a password, link or second factor the settings may be changed without another one."""


def pending_account(database: Database, token: str, *, now: datetime) -> Account | None:
    """The account that gave its password or link in this browser, and whose second factor is awaited."""
    with database.read() as tx:
        found = account_rows.find_session(tx, accounts.token_hash(token)) if token else None
    if found is None or found[0].stage != Stage.SECOND_FACTOR or now >= found[0].expires:
        return None
    return found[1]


def finish_sign_in(
    database: Database, store: SecretStore | None, token: str, proof: Proof, *, address: str, now: datetime
) -> Finished | Rejected | None:
    """Starts the session, with a new token, if the second factor is right. None if no sign-in waits for one."""
    account = pending_account(database, token, now=now)
    if account is None:
        return None
    method = prove(database, store, account, proof, address=address, now=now)
    if isinstance(method, Rejected):
        return method
    new_token = secrets.token_urlsafe(32)
    session = sign_in_stages.new_session(account, method=method, stage=Stage.FULL, now=now)
    with database.begin() as tx:
        account_rows.end_session(tx, accounts.token_hash(token))
        account_rows.add_session(tx, accounts.token_hash(new_token), session)
        accounts.record_sign_in(tx, account, address=address, method=method, now=now)
    return Finished(SignedIn(new_token, account), method)


def renew(database: Database, token: str, *, has_added_factor: bool = False, now: datetime) -> str:
    """Records that this session's owner has just proved again who they are. ``has_added_factor``: they have set up the
    second factor that was required; if it exists, the session opens the desk from now on. Returns its new token."""
    new_token = secrets.token_urlsafe(32)
    old, new = accounts.token_hash(token), accounts.token_hash(new_token)
    with database.begin() as tx:
        if (found := account_rows.find_session(tx, old)) is not None:
            session, account = found
            is_set_up = has_added_factor and rows.has_factor(tx, account.id)
            stage = str(Stage.FULL) if is_set_up else session.stage
            account_rows.renew_session(tx, old, new, stage=stage, at=now)
    return new_token


def is_fresh(session: Session, *, now: datetime) -> bool:
    """Whether the session's owner has proved recently who they are."""
    return now - session.verified_at < FRESH_FOR


def has_password(database: Database, account: Account) -> bool:
    """Whether the account has a password."""
    with database.read() as tx:
        credentials = account_rows.find_with_password(tx, account.login)
    return bool(credentials and credentials[1])


def is_own_password(
    database: Database, account: Account, password: str, *, address: str, now: datetime
) -> bool | Rejected:
    """Whether this is the account's password. Wrong ones count like those of a sign-in."""
    with database.begin() as tx:
        keys = throttling.throttle_keys(tx, account.login, throttling.network_of(address), now)
        if wait := throttling.required_wait(tx, keys, now):
            return Rejected(wait)
        earlier_tries, _ = throttling.count_try(tx, keys, now)
        credentials = account_rows.find_with_password(tx, account.login)
    is_correct = passwords.is_password(credentials[1] if credentials else "", password)
    if is_correct is not False:
        with database.begin() as tx:
            throttling.undo_try(tx, earlier_tries)
    return is_correct is True


def take_messages(database: Database, account: Account) -> tuple[AccountMessage, ...]:
    """What others changed about signing in to this account since its last sign-in. Told once."""
    with database.begin() as tx:
        return rows.take_messages(tx, account.id)
