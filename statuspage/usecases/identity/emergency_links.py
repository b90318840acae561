"""Emergency links: one-time sign-in links on paper, for when the identity provider is down."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from statuspage.storage import accounts as rows
from statuspage.storage import audit_log as audit_rows
from statuspage.storage.accounts import Account
from statuspage.storage.audit_log import Actor
from statuspage.storage.engine import Database
from statuspage.storage.identity import EmergencyLink, emergencies, emergency_links, identities
from statuspage.usecases import accounts, audit_log, throttling
from statuspage.usecases.accounts import SignedIn, SignInFailure, SignInRefused, describe, token_hash

LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's Base32: none of them looks like another."""

CODE_LENGTH, CODE_GROUP = 24, 4
"""Letters in a code (5 bits each), and how many are printed together."""

VALID_FOR_DAYS = (180, 366)
"""For how many days a link is valid by default, and at most."""

MAX_LINKS = 20
"""How many links are made at once at most."""


@dataclass(frozen=True, slots=True)
class NewEmergencyLink:
    """A link to be printed. Its code is kept nowhere."""

    number: int
    code: str = field(repr=False)


def create(
    database: Database, account_id: str, *, count: int, days: int, by: Actor, now: datetime
) -> tuple[NewEmergencyLink, ...]:
    """Makes links to this account that work once each, for this many days."""
    made = []
    count, days = min(max(count, 1), MAX_LINKS), min(max(days, 1), VALID_FOR_DAYS[1])
    with database.begin() as tx:
        target = describe(rows.find(tx, account_id))
        for _ in range(count):
            code = "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))
            expires = now + timedelta(days=days)
            number = emergency_links.add_emergency_link(
                tx, token_hash(code), account_id, by=by.name, at=now, expires=expires
            )
            made.append(NewEmergencyLink(number, "-".join(re.findall(f".{{{CODE_GROUP}}}", code))))
        numbers = ", ".join(str(link.number) for link in made)
        audit_rows.record_action(tx, "emergency_link.created", at=now, by=by, target=target, links=numbers)
    return tuple(made)


def read_code(text: str) -> str:
    """The code as it is kept, from what somebody typed: O is read as 0, I and L as 1, all else of no meaning left
    out."""
    letters = text.upper().translate(str.maketrans("OIL", "011"))
    return "".join(letter for letter in letters[:200] if letter in LETTERS)


def sign_in_by_code(database: Database, code: str, *, address: str, now: datetime) -> SignedIn | SignInRefused:
    """Starts a session for an unused link and uses it up. Wrong codes count like wrong sign-in links."""
    network = throttling.network_of(address)
    with database.begin() as tx:
        used = emergency_links.use_emergency_link(tx, token_hash(read_code(code)), address=address, now=now)
        account = rows.find(tx, used[1]) if used else None
        is_allowed = account is not None or throttling.is_try_allowed_in(
            tx, f"link:{network}", accounts.WRONG_LINKS, accounts.LINKS_WITHIN, now=now
        )
        if used and account is not None:
            by = Actor(account.id, account.name, address)
            audit_rows.record_action(
                tx, emergencies.LINK_USED, at=now, by=by, target=describe(account), link=str(used[0])
            )
        elif is_allowed:
            audit_log.record_refusal(tx, "link.refused", account_id="", network=network, now=now)
    if account is not None:
        return accounts.start_session(database, account, address=address, method="emergency_link", now=now)
    if is_allowed:
        return SignInRefused(SignInFailure.INVALID_LINK)
    return SignInRefused(SignInFailure.TOO_MANY_TRIES, accounts.LINKS_WITHIN)


def record_local_sign_in(database: Database, account: Account, *, address: str, now: datetime) -> bool:
    """Records that somebody who belongs to a provider signed in with a password or a one-time link instead."""
    with database.begin() as tx:
        if not identities.is_bound(tx, account.id):
            return False
        by = Actor(account.id, account.name, address)
        audit_rows.record_action(tx, emergencies.LOCAL_SIGN_IN, at=now, by=by, target=describe(account))
    return True


def list_links(database: Database) -> tuple[EmergencyLink, ...]:
    """All emergency links, the newest first."""
    with database.read() as tx:
        return emergency_links.list_emergency_links(tx)


def revoke(database: Database, number: int, *, by: Actor, now: datetime) -> bool:
    """Makes an unused link void; False if there is none with this number."""
    with database.begin() as tx:
        was_revoked = emergency_links.revoke_emergency_link(tx, number, by=by.name, now=now)
        if was_revoked:
            audit_rows.record_action(tx, "emergency_link.revoked", at=now, by=by, link=str(number))
    return was_revoked
