"""Restores an instance from a backup. The file is not trusted: it is checked completely before any of it is used."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from pydantic import ValidationError

from statuspage import serialization
from statuspage.integrations import age
from statuspage.settings import ACCOUNTS_FILE, DatabaseUrl
from statuspage.storage import retention, send_hold
from statuspage.storage.engine import Database, is_known, sqlite, transfer
from statuspage.usecases.backup.erasures import Erasures, apply_to_accounts, apply_to_subscribers
from statuspage.usecases.backup.manifest import (
    FORMAT,
    MANIFEST,
    DatabaseEntry,
    FileChecksum,
    InvalidBackup,
    Manifest,
    is_allowed_name,
)
from statuspage.usecases.environment import restore_guard
from statuspage.usecases.instance import InstanceExists

STAGED = "restored.new"
"""The staging folder until everything is complete. If it exists and ``content`` does not, a restore was interrupted."""

MAX_MANIFEST_BYTES = 20_000_000
"""Maximum bytes read of a manifest."""

MAX_FILES = 100_000

PLACED_LAST = ("drill", "content")
"""Moved into place last, because a folder without content is not an instance."""

SHARED_FOLDERS = ("content/", "content-passed/", "drill/content-passed/")
"""These contain no secret, and other programs may write to them; everything else is readable by the owner only."""

CHUNK_SIZE = 1 << 20


def restore(
    file: Path,
    home: Path,
    databases: Mapping[str, DatabaseUrl],
    *,
    identity: Path | None = None,
    erasures: Erasures | None = None,
    now: datetime,
) -> Manifest:
    """Restores the backup into the empty folder ``home``, migrated to this program's tables.

    Each database goes where ``databases`` says, into an empty database on a server or into a file. Sending is on hold
    at the first start of each environment, because its data may be older than what was sent. Every session, link and
    token ends, because it may have ended since. ``identity`` is the file
    with the age key of an encrypted backup; whoever is in ``erasures`` does not come back. Raises InvalidBackup,
    InstanceExists, TargetNotEmpty, DatabaseBusy, DatabaseBroken, AgeNotInstalled, InvalidIdentity, WrongIdentity,
    DamagedFile. An interrupted restore starts over.
    """
    with _decrypted(file, identity, home) as archive_file, _open_archive(archive_file) as archive:
        manifest = _read_manifest(archive)
        staged = _prepare_staging(home)
        _check_disk_space(manifest, home)
        for name, checksum in manifest.files.items():
            _unpack(archive, name, checksum, staged / name)
    for name, entry in manifest.databases.items():
        _install_database(entry, staged, databases.get(name), erasures, made_at=manifest.created_at, now=now)
    _put_in_place(staged, home)
    return manifest


@contextmanager
def _decrypted(file: Path, identity: Path | None, home: Path) -> Iterator[Path]:
    """The archive: the file itself, or an encrypted one decrypted beside the new folder, for this user only, as long as
    it is read."""
    if not age.is_encrypted(file):
        yield file
        return
    if identity is None:
        raise InvalidBackup("identity")
    home.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".statuspage-", dir=home.parent) as folder:
        plain = Path(folder) / "backup"
        plain.touch(0o600)
        age.decrypt_file(file, plain, identity)
        yield plain


@contextmanager
def _open_archive(file: Path) -> Iterator[ZipFile]:
    try:
        with ZipFile(file) as archive:
            yield archive
    except (BadZipFile, EOFError, NotImplementedError) as error:
        raise InvalidBackup("unreadable") from error


def _read_manifest(archive: ZipFile) -> Manifest:
    """The manifest, checked against the actual content of the archive."""
    names = archive.namelist()
    if MANIFEST not in names or archive.getinfo(MANIFEST).file_size > MAX_MANIFEST_BYTES:
        raise InvalidBackup("unreadable")
    try:
        manifest = serialization.from_json(Manifest, archive.read(MANIFEST).decode())
    except (ValidationError, UnicodeDecodeError) as error:
        raise InvalidBackup("unreadable") from error
    if manifest.format > FORMAT:
        raise InvalidBackup("newer", manifest.program_version)
    database_files = {entry.file for entry in manifest.databases.values()}
    for name in (
        file_name for file_name in manifest.files if file_name not in database_files and not is_allowed_name(file_name)
    ):
        raise InvalidBackup("unexpected_file", name)
    for name, entry in manifest.databases.items():
        _check_entry(name, entry, manifest)
    if sorted(names) != sorted([MANIFEST, *manifest.files]) or len(names) > MAX_FILES:
        raise InvalidBackup("damaged", MANIFEST)
    return manifest


_DATABASE_FILES = {"live": "environment.db", "drill": "drill/environment.db", "accounts": ACCOUNTS_FILE}


def _check_entry(name: str, entry: DatabaseEntry, manifest: Manifest) -> None:
    if entry.file != _DATABASE_FILES.get(name, f"{name}.db") or not name.isalpha() or entry.file not in manifest.files:
        raise InvalidBackup("unexpected_file", entry.file)
    try:
        is_known_revision = is_known(entry.revision, entry.kind)
    except KeyError:
        is_known_revision = False
    if not is_known_revision:
        raise InvalidBackup("newer", manifest.program_version)


def _prepare_staging(home: Path) -> Path:
    staged = home / STAGED
    home.mkdir(parents=True, exist_ok=True)
    if staged.is_dir() and not (home / "content").exists():
        for leftover in home.iterdir():
            shutil.rmtree(leftover) if leftover.is_dir() and not leftover.is_symlink() else leftover.unlink()
    if any(home.iterdir()):
        raise InstanceExists(home)
    staged.mkdir(0o700)
    return staged


def _check_disk_space(manifest: Manifest, home: Path) -> None:
    if sum(checksum.size for checksum in manifest.files.values()) > shutil.disk_usage(home).free:
        raise InvalidBackup("no_space")


def _unpack(archive: ZipFile, name: str, checksum: FileChecksum, path: Path) -> None:
    """Extracts this file, at most as many bytes as the manifest says, and verifies its checksum."""
    path.parent.mkdir(parents=True, exist_ok=True)
    size, digest = 0, hashlib.sha256()
    mode = 0o666 if name.startswith(SHARED_FOLDERS) else 0o600
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as target, archive.open(name) as source:
        while size <= checksum.size and (chunk := source.read(CHUNK_SIZE)):
            target.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    if (size, digest.hexdigest()) != (checksum.size, checksum.digest):
        raise InvalidBackup("damaged", name)


def _install_database(
    entry: DatabaseEntry,
    staged: Path,
    database_url: DatabaseUrl | None,
    erasures: Erasures | None,
    *,
    made_at: datetime,
    now: datetime,
) -> None:
    """Migrates the database to this program's tables and puts it in place."""
    file = staged / entry.file
    if not sqlite.is_intact(file):
        raise InvalidBackup("damaged", entry.file)
    database = Database(f"sqlite:///{file}", entry.kind)
    try:
        if database.revision != entry.revision:
            raise InvalidBackup("damaged", entry.file)
        database.migrate()
        if entry.kind == "environment":
            _mark_as_restored(database, file.parent, now)
        if entry.kind == "accounts":
            _end_access(database, made_at)
        if erasures is not None:
            _erase_again(database, erasures, now)
        if database_url is not None and database_url.url:
            _transfer_to_server(database, database_url)
    finally:
        database.close()
    for leftover in file.parent.glob(f"{file.name}.before-*"):
        leftover.unlink()
    if database_url is not None and database_url.url:
        file.unlink()


def _end_access(database: Database, made_at: datetime) -> None:
    """Ends sessions, links and tokens as of the backup: the same each time, so that a restore can be repeated."""
    with database.begin() as tx:
        retention.end_all_access(tx, made_at)
    database.scrub()


def _erase_again(database: Database, erasures: Erasures, now: datetime) -> None:
    """Erases what was erased since the backup, from the file as well."""
    if database.schema not in ("accounts", "subscribers"):
        return
    with database.begin() as tx:
        if database.schema == "accounts":
            apply_to_accounts(tx, erasures)
        else:
            apply_to_subscribers(tx, erasures, now=now)
    database.scrub()


def _mark_as_restored(database: Database, home: Path, now: datetime) -> None:
    """Records beside the databases that more was sent than they contain, so that they start with a send hold."""
    with database.read() as tx:
        fence = send_hold.current_fence(tx)
    # The hosts' pages were made from a database with a higher counter; minutes since 1970 are always higher.
    restore_guard.remember_sent(home, max(int(now.timestamp() // 60), fence + 1))


def _transfer_to_server(database: Database, database_url: DatabaseUrl) -> None:
    target = Database(database_url.url, database_url.schema)
    try:
        target.migrate()
        transfer.move_database(database, target)
    finally:
        target.close()


def _put_in_place(staged: Path, home: Path) -> None:
    order = sorted(
        staged.iterdir(), key=lambda path: (PLACED_LAST.index(path.name) + 1 if path.name in PLACED_LAST else 0, path)
    )
    for path in order:
        path.rename(home / path.name)
    staged.rmdir()
