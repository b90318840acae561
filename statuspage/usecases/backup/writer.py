"""Writes a backup while the instance is in use: one file, whole or not at all."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from statuspage import __version__, serialization
from statuspage.settings import DatabaseUrl, Settings
from statuspage.storage.engine import Database, transfer
from statuspage.usecases.backup.manifest import FILES, FOLDERS, FORMAT, MANIFEST, Kept, Manifest, Sum

PIECE = 1 << 20
"""Bytes read at a time."""


class InUse(Exception):
    """Another backup is being written to the same file."""


def create_backup(here: Settings, file: Path, *, now: datetime) -> Manifest:
    """Writes all of the instance into ``file``; one that is there stands until the new one is whole and on the disk.

    Each set of books is one state of it, whatever is written meanwhile. Raises InUse, moving.Old, Busy, Broken.
    """
    with _workplace(file) as work:
        books = {one.name: _copied(one, here.home, work) for one in here.books if one.url or one.file.is_file()}
        fresh = work / "backup"
        fresh.touch(0o600)
        with ZipFile(fresh, "w", ZIP_DEFLATED) as packed:
            sums = {name: _packed(packed, name, path) for name, path in _books(books, work)}
            sums |= {
                name: found for name, path in _backup_files(here, file) if (found := _checksum(packed, name, path))
            }
            manifest = Manifest(FORMAT, __version__, now, books, sums, tuple(sorted(here.secrets)))
            packed.writestr(MANIFEST, json.dumps(serialization.to_json_value(manifest), ensure_ascii=False, indent=1))
        _put_in_place(fresh, file)
    return manifest


@contextmanager
def _workplace(file: Path) -> Iterator[Path]:
    """A folder beside the file that only its owner reads. What an interrupted attempt left in it is made again."""
    lock = file.with_name(f"{file.name}.lock")
    with lock.open("a", encoding="ascii") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse from None
        work = file.with_name(f"{file.name}.new")
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir(0o700)
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)
            lock.unlink(missing_ok=True)


def _copied(books: DatabaseUrl, home: Path, work: Path) -> Kept:
    copy = work / f"{books.name}.db"
    source = Database(books.address, books.kind)
    try:
        transfer.copy(source, copy)
    finally:
        source.close()
    taken = Database(f"sqlite:///{copy}", books.kind)
    try:
        return Kept(books.kind, books.file.relative_to(home).as_posix(), taken.revision)
    finally:
        taken.close()


def _books(books: Mapping[str, Kept], work: Path) -> Iterator[tuple[str, Path]]:
    for name, kept in books.items():
        yield kept.file, work / f"{name}.db"


def _backup_files(here: Settings, file: Path) -> Iterator[tuple[str, Path]]:
    """Every file to carry beside the books, by its name below the instance's folder."""
    for name in FILES:
        yield name, here.home / name
    for folder in FOLDERS:
        place = here.content if folder == "content" else here.home / folder
        for path in sorted(place.rglob("*")):
            below = path.relative_to(place)
            hidden = any(part.startswith(".") for part in below.parts)  # what version control keeps for itself
            if path.is_file() and not hidden and not path.name.startswith(file.name):
                yield f"{folder}/{below.as_posix()}", path


def _checksum(packed: ZipFile, name: str, path: Path) -> Sum | None:
    """None for a file that is not there, or went away while others were being carried."""
    with suppress(FileNotFoundError):
        return _packed(packed, name, path)
    return None


def _packed(packed: ZipFile, name: str, path: Path) -> Sum:
    size, digest = 0, hashlib.sha256()
    entry = ZipInfo(name)
    entry.compress_type, entry.external_attr = ZIP_DEFLATED, 0o600 << 16
    with path.open("rb") as source, packed.open(entry, "w", force_zip64=True) as target:
        while piece := source.read(PIECE):
            target.write(piece)
            digest.update(piece)
            size += len(piece)
    return Sum(size, digest.hexdigest())


def _put_in_place(fresh: Path, file: Path) -> None:
    with fresh.open("rb+") as written:
        os.fsync(written.fileno())
    fresh.replace(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
