"""The list of people who were erased since a backup, so that they do not come back with it."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from statuspage import serialization
from statuspage.settings import DatabaseUrl, Settings
from statuspage.storage import retention, subscribers
from statuspage.storage.engine import Connection, Database, transfer
from statuspage.storage.retention import SuppressedHash
from statuspage.usecases.backup.manifest import InvalidBackup

FORMAT = 1

MAX_BYTES = 500_000_000


@dataclass(frozen=True, slots=True)
class Erasures:
    """Who must not come back: hashes of addresses that are erased or suppressed, or that unsubscribed, and the ids of
    disabled accounts. ``key`` is a fingerprint of the key that made the hashes, which every backup contains."""

    format: int
    made_at: datetime
    key: str
    suppressed: tuple[SuppressedHash, ...] = ()
    unsubscribed: tuple[str, ...] = ()
    accounts: Mapping[str, datetime] = field(default_factory=dict)


def collect_erasures(settings: Settings, *, now: datetime) -> Erasures | None:
    """The present list of this instance; None if its databases have the tables of another version of the program.

    Raises DatabaseBusy, DatabaseBroken.
    """
    try:
        return _collect(settings, now)
    except transfer.OutdatedSchema:
        return None


def _collect(settings: Settings, now: datetime) -> Erasures:
    urls = {url.name: url for url in settings.database_urls if url.url or url.file.is_file()}
    disabled: Mapping[str, datetime] = {}
    if "accounts" in urls:
        with closing(_open(urls["accounts"])) as database, database.read() as tx:
            disabled = retention.list_disabled(tx)
    if "subscribers" not in urls:
        return Erasures(FORMAT, now, "", accounts=disabled)
    with closing(_open(urls["subscribers"])) as database:
        with database.read() as tx:
            if not retention.has_subscribers(tx):
                return Erasures(FORMAT, now, "", accounts=disabled)
        return _collect_subscribers(database, disabled, now)


def _collect_subscribers(database: Database, disabled: Mapping[str, datetime], now: datetime) -> Erasures:
    """Makes the key of the hashes if there is none yet, so that the next backup has it."""
    with database.begin() as tx:
        suppressed, unsubscribed = retention.list_suppressed(tx), retention.list_unsubscribed(tx, now)
        return Erasures(FORMAT, now, _fingerprint(tx, now), suppressed, unsubscribed, disabled)


def write_erasures(erasures: Erasures, file: Path) -> None:
    """Writes the list as a whole; only its owner can read it, and no link that somebody put there is followed."""
    temporary = file.with_name(f"{file.name}.part")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as target:
        target.write(json.dumps(serialization.to_json_value(erasures), indent=1))
    temporary.replace(file)


def read_erasures(file: Path) -> Erasures:
    """Reads a list. Raises InvalidBackup."""
    try:
        if file.stat().st_size > MAX_BYTES:
            raise InvalidBackup("erased_unreadable", file.name)
        erasures = serialization.from_json(Erasures, file.read_text("utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        raise InvalidBackup("erased_unreadable", file.name) from error
    if erasures.format > FORMAT:
        raise InvalidBackup("erased_unreadable", file.name)
    return erasures


def apply_to_subscribers(tx: Connection, erasures: Erasures, *, now: datetime) -> None:
    """Erases and suppresses in a restored database what was erased and suppressed since. Raises InvalidBackup if the
    list is of another instance."""
    if not erasures.key or not retention.has_subscribers(tx):
        return
    if _fingerprint(tx, now) != erasures.key:
        raise InvalidBackup("erased_foreign")
    retention.suppress_again(tx, erasures.suppressed, frozenset(erasures.unsubscribed), now=now)


def apply_to_accounts(tx: Connection, erasures: Erasures) -> None:
    """Disables in a restored database the accounts that were disabled since, and ends their sessions."""
    retention.disable_again(tx, erasures.accounts)


def _open(url: DatabaseUrl) -> Database:
    database = Database(url.current_url, url.schema)
    if not database.is_current:
        database.close()
        raise transfer.OutdatedSchema(url.schema)
    return database


def _fingerprint(tx: Connection, now: datetime) -> str:
    return hashlib.sha256(b"erased " + subscribers.hashing_key(tx, now).secret).hexdigest()[:16]
