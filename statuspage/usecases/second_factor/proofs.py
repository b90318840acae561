"""Checks what somebody gives as a second factor: a code of the app, a recovery code, or a passkey."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from statuspage.integrations import one_time_codes, passkeys
from statuspage.storage import accounts as account_rows
from statuspage.storage import audit_log as audit_rows
from statuspage.storage import second_factors as rows
from statuspage.storage.accounts import Account
from statuspage.storage.audit_log import Actor
from statuspage.storage.engine import Database
from statuspage.usecases import accounts, audit_log, passwords, throttling
from statuspage.usecases.second_factor.factors import app_key_name
from statuspage.usecases.secret_store import SecretStore

_APP_CODE = re.compile(r"[0-9]{6}")
_RECOVERY_CODE = re.compile(r"([0-9])([a-z2-9]{12})")

CHALLENGE_AGE = timedelta(minutes=10)
"""How long a passkey may take to answer."""


@dataclass(frozen=True, slots=True)
class PasskeyAnswer:
    """A browser's answer to this challenge, for this site."""

    site: passkeys.Site
    challenge: bytes
    answer: str


@dataclass(frozen=True, slots=True)
class Proof:
    """What somebody gave: a code, of the app or for recovery, or the answer of a passkey."""

    code: str = ""
    passkey: PasskeyAnswer | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """It proves nothing. ``wait`` is how long further attempts are not checked."""

    wait: timedelta = timedelta()


def prove(
    database: Database, store: SecretStore | None, account: Account, proof: Proof, *, address: str, now: datetime
) -> str | Rejected:
    """How the account was proved: *app*, *passkey* or *recovery_code*.

    Each attempt is counted as failed before it is checked. Failures make one wait, by account and by network; whoever
    gets here knows the password already, so that strangers keep nobody waiting.
    """
    network = throttling.network_of(address)
    keys = (f"code:{account.id}", f"address:{network}")
    with database.begin() as tx:
        if wait := throttling.required_wait(tx, keys, now):
            return Rejected(wait)
        earlier, next_wait = throttling.count_try(tx, keys, now)
    if method := _check(database, store, account, proof, now):
        with database.begin() as tx:
            throttling.undo_try(tx, earlier)
            account_rows.clear_failures(tx, keys[0])
        return method
    with database.begin() as tx:
        audit_log.record_refusal(tx, "factor.refused", account_id=account.id, network=network, now=now)
    return Rejected(next_wait)


def _check(database: Database, store: SecretStore | None, account: Account, proof: Proof, now: datetime) -> str:
    """How it was proved; "" if it was not."""
    if proof.passkey is not None:
        return "passkey" if _is_passkey(database, account, proof.passkey, now) else ""
    code = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", proof.code[:100])).casefold()
    if _APP_CODE.fullmatch(code):
        return "app" if _is_app_code(database, store, account, code, now) else ""
    if match := _RECOVERY_CODE.fullmatch(code):
        return "recovery_code" if _is_recovery_code(database, account, match[1], match[2], now) else ""
    return ""


def _is_app_code(database: Database, store: SecretStore | None, account: Account, code: str, now: datetime) -> bool:
    key = store.effective_values().get(app_key_name(account.id), "") if store else ""
    step = one_time_codes.matching_step(key, code, now) if key else None
    if step is None:
        return False
    with database.begin() as tx:
        return rows.use_step(tx, account.id, step)


def _is_recovery_code(database: Database, account: Account, number: str, letters: str, now: datetime) -> bool:
    with database.read() as tx:
        codes = {code.number: code for code in rows.list_recovery_codes(tx, account.id)}
    code = codes.get(int(number))
    typed = "-".join((number, letters[:4], letters[4:8], letters[8:]))
    if not passwords.is_password(code.code_hash if code else "", typed) or code is None:
        return False
    with database.begin() as tx:
        if not rows.use_recovery_code(tx, account.id, code, now):
            return False
        by = Actor(account.id, account.name)
        audit_rows.record_action(tx, "factor.code_used", at=now, by=by, target=accounts.describe(account))
    return True


def _is_passkey(database: Database, account: Account, given: PasskeyAnswer, now: datetime) -> bool:
    try:
        used_id = passkeys.answering_id(given.answer)
        with database.read() as tx:
            known = {passkey.credential_id: passkey for passkey in rows.list_passkeys(tx, account.id)}
        if (key := known.get(used_id)) is None or key.host != given.site.host:
            return False
        count = passkeys.verify(
            given.site,
            given.answer,
            challenge=given.challenge,
            public_key=key.public_key,
            sign_count=key.sign_count,
        )
    except passkeys.InvalidPasskey:
        return False
    once = f"challenge:{accounts.token_hash(given.challenge.hex())}"
    with database.begin() as tx:
        if not throttling.is_try_allowed_in(tx, once, 1, CHALLENGE_AGE, now=now):
            return False
        rows.use_passkey(tx, key.id, sign_count=count, at=now)
    return True
