"""What administrators do with accounts: invite, change the role, disable, reset; always so that one of them stays."""

from __future__ import annotations

import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from statuspage.storage import accounts as rows
from statuspage.storage import audit_log as audit_rows
from statuspage.storage.accounts import Account, Person
from statuspage.storage.api import tokens as api_tokens
from statuspage.storage.audit_log import COMMAND_LINE, Actor
from statuspage.storage.engine import Connection, Database
from statuspage.storage.identity import emergency_links
from statuspage.usecases import accounts
from statuspage.usecases.accounts import NOBODY, Role, describe

INVITATION_LIFETIME = timedelta(days=7)
"""Lifetime of the link in an invitation."""


class Refusal(StrEnum):
    """Why an account was not changed, as the last part of a label key."""

    LAST_ADMINISTRATOR = "last_administrator"
    UNKNOWN = "unknown"


class AccountRefused(Exception):
    """The account stays as it is."""

    def __init__(self, reason: Refusal) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Invitation:
    """A new account and the token of its first sign-in link."""

    account: Account
    token: str


def list_people(database: Database) -> tuple[Person, ...]:
    """All accounts by name, the disabled ones last."""
    with database.read() as tx:
        return rows.list_people(tx)


def invite(
    database: Database, name: str, *, login: str, role: Role, language: str, by: Actor, now: datetime
) -> Invitation:
    """Creates an account with a link that works once within a week. Without a ``login`` it is made from the name.
    Raises InvalidAccount."""
    login = login or _free_login(database, name)
    account = accounts.add_account(database, login, name, role=role, language=language, by=by, now=now)
    token = accounts.create_sign_in_link(database, account.id, by=by, lifetime=INVITATION_LIFETIME, now=now)
    return Invitation(account, token)


def change_role(database: Database, account_id: str, role: Role, *, by: Actor, now: datetime) -> None:
    """Changes an account's role, effective from its next request. Raises AccountRefused."""
    with database.begin() as tx:
        account = _find(tx, account_id)
        if account.role == role:
            return
        if role is not Role.ADMINISTRATOR:
            _keep_one_administrator(tx, account, by)
        rows.set_role(tx, account_id, role)
        audit_rows.record_action(
            tx,
            "role.changed",
            at=now,
            by=by,
            target=describe(account),
            before={"role": account.role},
            after={"role": str(role)},
        )


def change_language(database: Database, account_id: str, language: str, *, by: Actor, now: datetime) -> None:
    """Changes the desk language of an account. Raises AccountRefused."""
    with database.begin() as tx:
        account = _find(tx, account_id)
        if account.language == language:
            return
        rows.set_language(tx, account_id, language)
        audit_rows.record_action(
            tx,
            "language.changed",
            at=now,
            by=by,
            target=describe(account),
            before={"language": account.language},
            after={"language": language},
        )


def disable(database: Database, account_id: str, *, by: Actor = NOBODY, now: datetime) -> None:
    """Disables the account: its sessions and tokens end, and neither password nor link works any more. Raises
    AccountRefused."""
    with database.begin() as tx:
        account = _find(tx, account_id)
        _keep_one_administrator(tx, account, by)
        rows.disable_account(tx, account_id, now)
        rows.end_sessions(tx, account_id)
        rows.end_sign_in_links(tx, account_id)
        emergency_links.revoke_emergency_links_of(tx, account_id, by=by.name, now=now)
        api_tokens.end_tokens(tx, account_id, now)
        audit_rows.record_action(tx, "account.disabled", at=now, by=by, target=describe(account))


def enable(database: Database, account_id: str, *, by: Actor = NOBODY, now: datetime) -> None:
    """Enables the account again, for its password or a link. Raises AccountRefused."""
    with database.begin() as tx:
        account = _find(tx, account_id)
        rows.enable_account(tx, account_id)
        audit_rows.record_action(tx, "account.enabled", at=now, by=by, target=describe(account))


def reset(database: Database, account_id: str, *, by: Actor, now: datetime) -> str:
    """The token of a new link; password, sessions, tokens and earlier links of the account end. Raises
    AccountRefused."""
    with database.begin() as tx:
        account = _find(tx, account_id)
        rows.set_password(tx, account_id, "")
        rows.end_sessions(tx, account_id)
        rows.end_sign_in_links(tx, account_id)
        emergency_links.revoke_emergency_links_of(tx, account_id, by=by.name, now=now)
        api_tokens.end_tokens(tx, account_id, now)
        audit_rows.record_action(tx, "account.reset", at=now, by=by, target=describe(account))
    return accounts.create_sign_in_link(database, account_id, by=by, lifetime=INVITATION_LIFETIME, now=now)


def _find(tx: Connection, account_id: str) -> Account:
    account = rows.find(tx, account_id)
    if account is None:
        raise AccountRefused(Refusal.UNKNOWN)
    return account


def _keep_one_administrator(tx: Connection, account: Account, by: Actor) -> None:
    """Refuses what would leave no administrator who has signed in before: an invitation may never arrive. Whoever works
    on the machine itself can always let somebody in again."""
    if by.origin == COMMAND_LINE:
        return
    if account.role == Role.ADMINISTRATOR and not rows.other_administrators(tx, account.id, Role.ADMINISTRATOR):
        raise AccountRefused(Refusal.LAST_ADMINISTRATOR)


def _free_login(database: Database, name: str) -> str:
    """A login from the name; a random one if the name has no letters that everybody can type."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    base = ".".join(re.findall(r"[a-z0-9]+", ascii_name))[:40] or f"user-{secrets.token_hex(2)}"
    with database.read() as tx:
        number = next(count for count in range(1, 1000) if not rows.find_by_login(tx, _numbered(base, count)))
    return _numbered(base, number)


def _numbered(base: str, count: int) -> str:
    return base if count == 1 else f"{base}{count}"


def sign_out_everybody(
    database: Database, *, kept_session: str, ends_tokens: bool, by: Actor, now: datetime
) -> tuple[int, int]:
    """Ends every session of all accounts, except the one with this token, and on request every API token; returns how
    many there were of each."""
    with database.begin() as tx:
        kept = accounts.token_hash(kept_session)
        sessions = rows.end_all_sessions(tx, kept=kept, now=now, seen_since=now - accounts.IDLE_TIMEOUT)
        tokens = api_tokens.end_all_tokens(tx, now) if ends_tokens else 0
        ended = {"sessions": str(sessions), "tokens": str(tokens)}
        audit_rows.record_action(tx, "signed.out.everybody", at=now, by=by, **ended)
    return sessions, tokens


def record_intervention(
    database: Database, action: str, *, by: Actor, target: str, now: datetime, **detail: str
) -> None:
    """Records that an account ended a drill that somebody else leads (*drill.ended*), or handed over its lead
    (*drill.lead_changed*). ``target`` is the drill's id."""
    with database.begin() as tx:
        audit_rows.record_action(tx, action, at=now, by=by, target=target, **detail)
