"""Writes a backup while the instance is in use: one file, complete or not at all."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import shutil
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from statuspage import __version__, serialization
from statuspage.integrations import age
from statuspage.settings import DatabaseUrl, Settings
from statuspage.storage.engine import Database, transfer
from statuspage.usecases.backup.manifest import FILES, FOLDERS, FORMAT, MANIFEST, DatabaseEntry, FileChecksum, Manifest

CHUNK_SIZE = 1 << 20
"""The number of bytes read at a time."""


class BackupInProgress(Exception):
    """Another backup is being written to the same file."""


def create_backup(settings: Settings, file: Path, *, recipients: Sequence[str] = (), now: datetime) -> Manifest:
    """Writes the whole instance to ``file``. An existing file is kept until the new one is complete and synced to disk.

    Each database is one consistent snapshot. With ``recipients``, age public keys, only their owners can read the file;
    what is not encrypted yet is in a folder beside it that only this user can read, and is removed. Raises
    BackupInProgress, OutdatedSchema, DatabaseBusy, DatabaseBroken, InvalidRecipient, AgeNotInstalled.
    """
    with _locked_work_folder(file) as work:
        databases = {
            database_url.name: _copy_database(database_url, settings.home, work)
            for database_url in settings.database_urls
            if database_url.url or database_url.file.is_file()
        }
        temporary = work / "backup"
        temporary.touch(0o600)
        with ZipFile(temporary, "w", ZIP_DEFLATED) as archive:
            checksums = {name: _pack_file(archive, name, path) for name, path in _database_files(databases, work)}
            checksums |= {
                name: checksum
                for name, path in _backup_files(settings, file)
                if (checksum := _pack_if_there(archive, name, path, settings.home / "drill"))
            }
            manifest = Manifest(FORMAT, __version__, now, databases, checksums, tuple(sorted(settings.secrets)))
            archive.writestr(MANIFEST, json.dumps(serialization.to_json_value(manifest), ensure_ascii=False, indent=1))
        _put_in_place(_encrypted(temporary, recipients) if recipients else temporary, file)
    return manifest


def _encrypted(plain: Path, recipients: Sequence[str]) -> Path:
    encrypted = plain.with_name("encrypted")
    encrypted.touch(0o600)
    age.encrypt_file(plain, encrypted, recipients)
    plain.unlink()
    return encrypted


@contextmanager
def _locked_work_folder(file: Path) -> Iterator[Path]:
    """A folder beside the file, readable by its owner only. What is left of an interrupted attempt is removed."""
    lock = file.with_name(f"{file.name}.lock")
    descriptor = os.open(lock, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as lock_file:
        try:
            fcntl.flock(lock_file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupInProgress from None
        work = file.with_name(f"{file.name}.new")
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(0o700)
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)
            lock.unlink(missing_ok=True)


def _copy_database(database_url: DatabaseUrl, home: Path, work: Path) -> DatabaseEntry:
    copy = work / f"{database_url.name}.db"
    source = Database(database_url.current_url, database_url.schema)
    try:
        transfer.copy_to_file(source, copy)
    finally:
        source.close()
    copied = Database(f"sqlite:///{copy}", database_url.schema)
    try:
        return DatabaseEntry(database_url.schema, database_url.file.relative_to(home).as_posix(), copied.revision)
    finally:
        copied.close()


def _database_files(databases: Mapping[str, DatabaseEntry], work: Path) -> Iterator[tuple[str, Path]]:
    for name, entry in databases.items():
        yield entry.file, work / f"{name}.db"


def _backup_files(settings: Settings, file: Path) -> Iterator[tuple[str, Path]]:
    """Every file to include besides the databases, by its path in the instance folder."""
    for name in FILES:
        yield name, settings.home / name
    for folder in FOLDERS:
        root = settings.content if folder == "content" else settings.home / folder
        for path in sorted(root.rglob("*")):
            relative_path = path.relative_to(root)
            is_hidden = any(part.startswith(".") for part in relative_path.parts)  # Files of version control.
            if path.is_file() and not is_hidden and not path.name.startswith(file.name):
                yield f"{folder}/{relative_path.as_posix()}", path


def _pack_if_there(archive: ZipFile, name: str, path: Path, drill_home: Path) -> FileChecksum | None:
    """Adds a file and returns its checksum; None if it does not exist, was deleted meanwhile, or is no file of the
    drill although it lies in its folder."""
    with suppress(FileNotFoundError, _NotInDrill):
        return _pack_file(archive, name, path, opener=_drill_opener(drill_home) if name.startswith("drill/") else None)
    return None


class _NotInDrill(Exception):
    """A link leads out of the drill's folder, or it is no regular file."""


def _drill_opener(drill_home: Path) -> Callable[[str, int], int]:
    """Opens only regular files in the drill's folder: its user could put links to files of live there."""

    def open_plain(name: str, flags: int) -> int:
        try:
            descriptor = os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
        except OSError as error:
            raise (_NotInDrill if error.errno == errno.ELOOP else error) from None
        status, real = os.fstat(descriptor), Path(name).resolve()
        is_inside = real.is_relative_to(drill_home.resolve()) and os.path.samestat(status, real.lstat())
        if not is_inside or not stat.S_ISREG(status.st_mode):
            os.close(descriptor)
            raise _NotInDrill
        return descriptor

    return open_plain


def _pack_file(
    archive: ZipFile, name: str, path: Path, *, opener: Callable[[str, int], int] | None = None
) -> FileChecksum:
    size, digest = 0, hashlib.sha256()
    entry = ZipInfo(name)
    entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o600 << 16
    with open(path, "rb", opener=opener) as source, archive.open(entry, "w", force_zip64=True) as target:
        while chunk := source.read(CHUNK_SIZE):
            target.write(chunk)
            digest.update(chunk)
            size += len(chunk)
    return FileChecksum(size, digest.hexdigest())


def _put_in_place(temporary: Path, file: Path) -> None:
    with temporary.open("rb+") as file_handle:
        os.fsync(file_handle.fileno())
    temporary.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
