"""The second factors that an account has: set up, removed, reset."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from statuspage.integrations import one_time_codes, passkeys
from statuspage.storage import accounts as account_rows
from statuspage.storage import audit_log
from statuspage.storage import second_factors as rows
from statuspage.storage.accounts import Account
from statuspage.storage.api import tokens as api_tokens
from statuspage.storage.audit_log import Actor
from statuspage.storage.engine import Connection, Database
from statuspage.storage.second_factors import AccountMessage, AuthenticatorApp, Passkey
from statuspage.usecases import accounts, passwords, sign_in_stages
from statuspage.usecases.secret_store import SecretStore
from statuspage.usecases.sign_in_stages import Requirement

MAX_PASSKEYS = 20
"""The number of passkeys that one account may have."""

RECOVERY_CODES = 10

CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits that nobody mistakes for one another."""

CODE_GROUPS, GROUP_LENGTH = 3, 4
"""A recovery code has twelve of them: 59 bits."""


class FactorRefused(Exception):
    """Nothing was changed. ``reason`` is the last part of a label key: *wrong_code*, *wrong_passkey*, *too_many*,
    *still_required*."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Factors:
    """What an account has. ``codes`` is the number of unused recovery codes; ``is_required``: it must have one."""

    passkeys: tuple[Passkey, ...]
    app: AuthenticatorApp | None
    codes: int
    is_required: bool

    @property
    def has_any(self) -> bool:
        """Whether sign-in asks for one."""
        return bool(self.passkeys or self.app)


def app_key_name(account_id: str) -> str:
    """The name under which an app's key is kept among the secrets."""
    return f"app-key {account_id}"


def has_app_keys(store: SecretStore | None) -> bool:
    """Whether keys of apps can be kept here, and codes be checked. A drill knows no secrets."""
    return store is not None and not store.problem


def factors_of(database: Database, account: Account) -> Factors:
    """The second factors of this account."""
    with database.read() as tx:
        return _factors_in(tx, account)


def list_accounts_with_factors(database: Database) -> frozenset[str]:
    """The ids of the accounts that have a second factor."""
    with database.read() as tx:
        return rows.accounts_with_factors(tx)


def new_app_key() -> str:
    """A key for an app. It counts once ``set_up_app`` has seen one of its codes."""
    return one_time_codes.new_key()


def set_up_app(
    database: Database, store: SecretStore, account: Account, key: str, *, code: str, by: Actor, now: datetime
) -> None:
    """Keeps the key of an app whose present code this is. Raises FactorRefused, NoSecretStore."""
    step = one_time_codes.matching_step(key, code, now)
    if step is None:
        raise FactorRefused("wrong_code")
    store.change({app_key_name(account.id): key}, by=by.name, now=now)
    with database.begin() as tx:
        rows.set_app(tx, account.id, AuthenticatorApp(step, now))
        audit_log.record_action(tx, "factor.app_added", at=now, by=by, target=accounts.describe(account))


def remove_app(
    database: Database, store: SecretStore | None, account: Account, *, kept_session: str, by: Actor, now: datetime
) -> None:
    """Removes the app. Other sessions end. Raises FactorRefused."""
    with database.begin() as tx:
        rows.remove_app(tx, account.id)
        _after_removal(tx, account, kept_session)
        audit_log.record_action(tx, "factor.app_removed", at=now, by=by, target=accounts.describe(account))
    _forget_key(store, account.id, by, now)


def add_passkey(
    database: Database,
    account: Account,
    *,
    site: passkeys.Site,
    answer: str,
    challenge: bytes,
    name: str,
    by: Actor,
    now: datetime,
) -> None:
    """Keeps the passkey that a browser made for this site. Raises FactorRefused."""
    try:
        made = passkeys.read_new_passkey(site, answer, challenge=challenge)
    except passkeys.InvalidPasskey as error:
        raise FactorRefused("wrong_passkey") from error
    with database.begin() as tx:
        known = rows.list_passkeys(tx, account.id)
        if len(known) >= MAX_PASSKEYS:
            raise FactorRefused("too_many")
        new = Passkey(
            secrets.token_hex(6), site.host, made.credential_id, made.public_key, made.sign_count, name[:64], now, None
        )
        rows.add_passkey(tx, account.id, new)
        audit_log.record_action(
            tx, "factor.passkey_added", at=now, by=by, target=accounts.describe(account), after={"name": new.name}
        )


def remove_passkey(
    database: Database, account: Account, id: str, *, kept_session: str, by: Actor, now: datetime
) -> bool:
    """Removes a passkey; False if there is none. Other sessions end. Raises FactorRefused."""
    with database.begin() as tx:
        name = next((passkey.name for passkey in rows.list_passkeys(tx, account.id) if passkey.id == id), "")
        if not rows.remove_passkey(tx, account.id, id):
            return False
        _after_removal(tx, account, kept_session)
        audit_log.record_action(
            tx, "factor.passkey_removed", at=now, by=by, target=accounts.describe(account), before={"name": name}
        )
    return True


def make_recovery_codes(database: Database, account: Account, *, by: Actor, now: datetime) -> tuple[str, ...]:
    """Ten new recovery codes; the earlier ones become void. Only their hashes are kept."""
    codes = tuple(_new_code(number) for number in range(RECOVERY_CODES))
    hashes = tuple(passwords.hash_password(code) for code in codes)
    with database.begin() as tx:
        rows.set_recovery_codes(tx, account.id, hashes)
        audit_log.record_action(tx, "factor.codes_made", at=now, by=by, target=accounts.describe(account))
    return codes


def reset(database: Database, store: SecretStore | None, account: Account, *, by: Actor, now: datetime) -> None:
    """Removes every second factor of somebody who lost theirs. Their sessions and API tokens end, and they are told at
    their next sign-in."""
    with database.begin() as tx:
        rows.remove_all(tx, account.id)
        account_rows.end_sessions(tx, account.id)
        api_tokens.end_tokens(tx, account.id, now)
        rows.add_message(tx, account.id, AccountMessage(now, "factor.reset", by.name or by.origin))
        audit_log.record_action(tx, "factor.reset", at=now, by=by, target=accounts.describe(account))
    _forget_key(store, account.id, by, now)


def set_requirement(database: Database, new: Requirement, *, by: Actor, now: datetime) -> None:
    """Sets who must have a second factor, from their next sign-in on."""
    with database.begin() as tx:
        old = sign_in_stages.requirement_in(tx)
        if old is new:
            return
        sign_in_stages.set_requirement_in(tx, new)
        audit_log.record_action(
            tx,
            "factor.requirement_changed",
            at=now,
            by=by,
            before={"required": str(old)},
            after={"required": str(new)},
        )


def _factors_in(tx: Connection, account: Account) -> Factors:
    return Factors(
        rows.list_passkeys(tx, account.id),
        rows.find_app(tx, account.id),
        len(rows.list_recovery_codes(tx, account.id)),
        sign_in_stages.is_required_in(tx, account.role),
    )


def _after_removal(tx: Connection, account: Account, kept_session: str) -> None:
    """Recovery codes go with the last factor, which nobody who must have one can remove. Raises FactorRefused."""
    left = _factors_in(tx, account)
    if not left.has_any:
        if left.is_required:
            raise FactorRefused("still_required")
        rows.set_recovery_codes(tx, account.id, ())
    account_rows.end_sessions(tx, account.id, kept=accounts.token_hash(kept_session))


def _forget_key(store: SecretStore | None, account_id: str, by: Actor, now: datetime) -> None:
    if store is not None and app_key_name(account_id) in store.list_kept():
        store.change({app_key_name(account_id): None}, by=by.name, now=now)


def _new_code(number: int) -> str:
    letters = "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_GROUPS * GROUP_LENGTH))
    groups = [letters[start : start + GROUP_LENGTH] for start in range(0, len(letters), GROUP_LENGTH)]
    return "-".join((str(number), *groups))
