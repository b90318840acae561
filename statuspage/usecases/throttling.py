"""Limits how often somebody may try to sign in, by account and by network."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address

from statuspage.storage import accounts
from statuspage.storage.accounts import Failures
from statuspage.storage.engine import Connection, Database

FREE_TRIES = 5
"""Failures allowed without a wait, per account and per network."""

ACCOUNT_WAIT = timedelta(seconds=30)
"""The longest wait that strangers can cause for an account."""

ADDRESS_WAIT = timedelta(minutes=15)
"""The longest wait for one network."""

FORGET_AFTER = timedelta(hours=1)
"""Older failures no longer count."""

TRUSTED_FOR = timedelta(days=30)
"""A network from which the account has signed in this recently does not wait because of failures elsewhere."""

Tries = Mapping[str, Failures | None]
"""The counts before an attempt, by key."""


def throttle_keys(tx: Connection, login: str, network: str, now: datetime) -> tuple[str, ...]:
    """The keys for which an attempt is counted. On the account's home network, failures from elsewhere cause no
    delay."""
    home_failures = accounts.find_failures(tx, home_network_key(login, network))
    if home_failures and now - home_failures.last_failure < TRUSTED_FOR:
        return (f"address:{network}",)
    return (account_key(login), f"address:{network}")


def account_key(login: str) -> str:
    """The key of an account, whether it exists or not. It has only sixteen bits, so that the typed login, which is
    sometimes a password in the wrong field, cannot be recovered from it."""
    return f"account:{hashlib.sha256(login.encode()).hexdigest()[:4]}"


def home_network_key(login: str, network: str) -> str:
    """The key that records that an account has signed in from this network."""
    return f"home:{login}:{network}"


def required_wait(tx: Connection, keys: tuple[str, ...], now: datetime) -> timedelta:
    """How long attempts with these keys are not checked."""
    return max(_remaining_wait(key, accounts.find_failures(tx, key), now) for key in keys)


def count_try(tx: Connection, keys: tuple[str, ...], now: datetime) -> tuple[Tries, timedelta]:
    """Counts an attempt. Returns the counts before it, and the wait if it fails."""
    earlier = {key: accounts.find_failures(tx, key) for key in keys}
    waits = []
    for key, failures in earlier.items():
        new_count = (failures.count if failures and now - failures.last_failure < FORGET_AFTER else 0) + 1
        accounts.save_failures(tx, key, Failures(new_count, now))
        waits.append(_wait_for(key, new_count))
    return earlier, max(waits)


def undo_try(tx: Connection, earlier: Tries) -> None:
    """Undoes an attempt that did not fail. Other attempts made meanwhile still count."""
    for key, earlier_failures in earlier.items():
        current = accounts.find_failures(tx, key)
        if current is None:
            continue
        if current.count > 1:
            last = (
                earlier_failures.last_failure
                if earlier_failures and earlier_failures.count == current.count - 1
                else current.last_failure
            )
            accounts.save_failures(tx, key, Failures(current.count - 1, last))
        else:
            accounts.clear_failures(tx, key)


def is_try_allowed(database: Database, key: str, limit: int, period: timedelta, *, now: datetime) -> bool:
    """Whether one more action is allowed for this key: at most ``limit`` within ``period``. Counts it."""
    with database.begin() as tx:
        return is_try_allowed_in(tx, key, limit, period, now=now)


def is_try_allowed_in(tx: Connection, key: str, limit: int, period: timedelta, *, now: datetime) -> bool:
    """Like ``is_try_allowed``, within a transaction. A refused attempt is not recorded."""
    failures = accounts.find_failures(tx, key)
    recent_failures = failures if failures and now - failures.last_failure < period else Failures(0, now)
    if recent_failures.count >= limit:
        return False
    accounts.save_failures(tx, key, Failures(recent_failures.count + 1, recent_failures.last_failure))
    return True


def _remaining_wait(key: str, failures: Failures | None, now: datetime) -> timedelta:
    wait = _wait_for(key, failures.count) if failures else timedelta()
    return max(failures.last_failure + wait - now, timedelta()) if failures and wait else timedelta()


def _wait_for(key: str, failures: int) -> timedelta:
    longest = ACCOUNT_WAIT if key.startswith("account:") else ADDRESS_WAIT
    excess = failures - FREE_TRIES
    return timedelta() if excess < 0 else min(timedelta(seconds=2 ** min(excess, 12)), longest)


def network_of(address: str) -> str:
    """The key for attempts from this address: the address itself; for IPv6 its first 64 bits.

    A household has at least a /64 of IPv6 (RFC 6177), so its single addresses do not distinguish people. Text that is
    not an address is returned unchanged.
    """
    try:
        ip = ip_address(address)
    except ValueError:
        return address
    if isinstance(ip, IPv6Address):
        return str(ip.ipv4_mapped or IPv6Address(int(ip) >> 64 << 64))
    return str(ip)
