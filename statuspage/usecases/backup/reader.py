"""Makes an instance of a backup. The file is not trusted: nothing of it is used before all of it has been looked at."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from pydantic import ValidationError

from statuspage import serialization
from statuspage.settings import DatabaseUrl
from statuspage.storage import send_hold
from statuspage.storage.engine import Database, is_known, sqlite, transfer
from statuspage.usecases.backup.manifest import FORMAT, MANIFEST, Kept, Manifest, Sum, Unfit, may_hold
from statuspage.usecases.environment import restore_guard
from statuspage.usecases.instance import AlreadyThere

STAGED = "restored.new"
"""Where everything lies until it is whole. While this folder is there and ``content`` is not, a restore was cut off."""

MOST_MANIFEST = 20_000_000
"""Bytes of the largest manifest that is read."""

MOST_FILES = 100_000

LAST = ("drill", "content")
"""What is put in place last: without content a folder is no instance."""

PREPARED = ("content/", "content-passed/", "drill/content-passed/")
"""No secret is in these, and others may write in them; all else only the owner reads."""

PIECE = 1 << 20


def restore(file: Path, home: Path, books: Mapping[str, DatabaseUrl], *, now: datetime) -> Manifest:
    """Makes the empty folder ``home`` the instance that was backed up, in the tables this program needs.

    Books go where ``books`` says, into a server's empty database or into a file. On its first start each world is on
    hold: what it knows may be older than what was sent. Raises Unfit, AlreadyThere, moving.Filled, Busy, Broken. What
    an interrupted attempt left behind is made again.
    """
    with _open_archive(file) as packed:
        manifest = _manifest(packed)
        staged = _emptied(home)
        _room(manifest, home)
        for name, held in manifest.files.items():
            _unpack(packed, name, held, staged / name)
    for name, kept in manifest.books.items():
        _move_databases(kept, staged, books.get(name), now)
    _put_in_place(staged, home)
    return manifest


@contextmanager
def _open_archive(file: Path) -> Iterator[ZipFile]:
    try:
        with ZipFile(file) as packed:
            yield packed
    except (BadZipFile, EOFError, NotImplementedError) as error:
        raise Unfit("unreadable") from error


def _manifest(packed: ZipFile) -> Manifest:
    """What is in it: as it says, and in it indeed."""
    names = packed.namelist()
    if MANIFEST not in names or packed.getinfo(MANIFEST).file_size > MOST_MANIFEST:
        raise Unfit("unreadable")
    try:
        found = serialization.from_json(Manifest, packed.read(MANIFEST).decode())
    except (ValidationError, UnicodeDecodeError) as error:
        raise Unfit("unreadable") from error
    if found.format > FORMAT:
        raise Unfit("newer", found.program)
    own = {kept.file for kept in found.books.values()}
    for name in (one for one in found.files if one not in own and not may_hold(one)):
        raise Unfit("strange", name)
    for name, kept in found.books.items():
        _fits(name, kept, found)
    if sorted(names) != sorted([MANIFEST, *found.files]) or len(names) > MOST_FILES:
        raise Unfit("damaged", MANIFEST)
    return found


_SHELVES = {"live": "world.db", "drill": "drill/world.db"}


def _fits(name: str, kept: Kept, found: Manifest) -> None:
    if kept.file != _SHELVES.get(name, f"{name}.db") or not name.isalpha() or kept.file not in found.files:
        raise Unfit("strange", kept.file)
    try:
        known = is_known(kept.revision, kept.kind)
    except KeyError:
        known = False
    if not known:
        raise Unfit("newer", found.program)


def _emptied(home: Path) -> Path:
    staged = home / STAGED
    home.mkdir(parents=True, exist_ok=True)
    if staged.is_dir() and not (home / "content").exists():
        for left in home.iterdir():
            shutil.rmtree(left) if left.is_dir() and not left.is_symlink() else left.unlink()
    if any(home.iterdir()):
        raise AlreadyThere
    staged.mkdir(0o700)
    return staged


def _room(manifest: Manifest, home: Path) -> None:
    if sum(held.size for held in manifest.files.values()) > shutil.disk_usage(home).free:
        raise Unfit("room")


def _unpack(packed: ZipFile, name: str, held: Sum, place: Path) -> None:
    """This file, not a byte longer than the manifest says, and with that sum."""
    place.parent.mkdir(parents=True, exist_ok=True)
    size, digest = 0, hashlib.sha256()
    mode = 0o666 if name.startswith(PREPARED) else 0o600
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as target, packed.open(name) as source:
        while size <= held.size and (piece := source.read(PIECE)):
            target.write(piece)
            digest.update(piece)
            size += len(piece)
    if (size, digest.hexdigest()) != (held.size, held.digest):
        raise Unfit("damaged", name)


def _move_databases(kept: Kept, staged: Path, place: DatabaseUrl | None, now: datetime) -> None:
    """The books in the tables that this program needs, and where they are to be."""
    file = staged / kept.file
    if not sqlite.is_whole(file):
        raise Unfit("damaged", kept.file)
    store = Database(f"sqlite:///{file}", kept.kind)
    try:
        if store.revision != kept.revision:
            raise Unfit("damaged", kept.file)
        store.migrate()
        if kept.kind == "world":
            _mark(store, file.parent, now)
        if place is not None and place.url:
            _carry(store, place)
    finally:
        store.close()
    for left in file.parent.glob(f"{file.name}.before-*"):
        left.unlink()
    if place is not None and place.url:
        file.unlink()


def _mark(store: Database, home: Path, now: datetime) -> None:
    """Beside the books: that more was sent than they know of, so that they start on hold."""
    with store.read() as tx:
        drawn = send_hold.fence(tx)
    # Targets hold a page made from books that counted further than these: minutes since 1970 are more than any.
    restore_guard.remember_sent(home, max(int(now.timestamp() // 60), drawn + 1))


def _carry(store: Database, place: DatabaseUrl) -> None:
    target = Database(place.url, place.kind)
    try:
        target.migrate()
        transfer.move(store, target)
    finally:
        target.close()


def _put_in_place(staged: Path, home: Path) -> None:
    order = sorted(staged.iterdir(), key=lambda path: (LAST.index(path.name) + 1 if path.name in LAST else 0, path))
    for path in order:
        path.rename(home / path.name)
    staged.rmdir()
