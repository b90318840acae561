"""Keeps changes of an instance's content files: the files stay the truth, and nothing in them is lost."""

from __future__ import annotations

import difflib
import hashlib
import os
import shutil
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

from statuspage.content import loading
from statuspage.content.editing import Edit, apply_edits
from statuspage.domain import ContentError
from statuspage.storage import audit_log, content_changes
from statuspage.storage.audit_log import Actor
from statuspage.storage.content_changes import ChangedFile, ContentChange
from statuspage.storage.engine import Database, DatabaseBusy
from statuspage.usecases.content import ContentFolders, active_content
from statuspage.usecases.environment import lock_in_time

PATIENCE = 15.0
"""How many seconds a change waits for those of others, each of which takes a few: the content is checked."""

DIGEST_LENGTH = 16
"""Hexadecimal digits for each file: two versions of it never share them by chance."""

LISTED = 20
"""The number of changes that are offered to be undone."""


@dataclass(frozen=True, slots=True)
class ContentStore:
    """Where content files are, and where their changes are recorded."""

    folders: ContentFolders
    accounts: Database

    def read(self, file: str) -> bytes | None:
        """A file of the content folder; None if there is none. ``services.toml`` that the instance does not have is its
        starter's, which the instance would replace as a whole."""
        path = self.folders.current / file
        with suppress(FileNotFoundError):
            return path.read_bytes()
        return loading.ContentFolder(self.folders.current).read_bytes(file) if file == "services.toml" else None

    def read_values(self, file: str) -> Mapping[str, Any]:
        """What a TOML file of the content folder says; nothing if there is none, or none that can be read."""
        with suppress(tomllib.TOMLDecodeError, UnicodeDecodeError):
            return tomllib.loads((self.read(file) or b"").decode("utf-8-sig"))
        return {}

    def fingerprint(self, files: Iterable[str], *, seen: Mapping[str, str] = MappingProxyType({})) -> str:
        """Changes with any byte of these files; has a part of its own for each, so that ``changed_since`` can name
        those that differ. ``seen`` has the fingerprints of single files that were seen before, by file."""
        return "-".join(seen[file] if file in seen else self._file_digest(file) for file in sorted(set(files)))

    def changed_since(self, seen: str, files: Iterable[str]) -> tuple[str, ...]:
        """Those of these files that are not as they were at this fingerprint; all if it is one of other files."""
        watched, digests = sorted(set(files)), seen.split("-")
        if len(digests) != len(watched):
            return tuple(watched)
        return tuple(file for file, digest in zip(watched, digests, strict=True) if self._file_digest(file) != digest)

    def _file_digest(self, file: str) -> str:
        content = self.read(file)
        state = "missing" if content is None else "present"
        return hashlib.sha256(f"{file}\0{state}\0".encode() + (content or b"")).hexdigest()[:DIGEST_LENGTH]

    def is_writable(self) -> bool:
        """Whether files can be changed here: a file is made and deleted, because rights alone do not tell."""
        try:
            with tempfile.TemporaryFile(dir=self.folders.current, prefix=".statuspage-"):
                return True
        except OSError:
            return False


def value_at(tables: Mapping[str, Any], key: str) -> Any:
    """What nested tables say under a dotted key; None if they say nothing."""
    value: Any = tables
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


@dataclass(frozen=True, slots=True)
class FileChange:
    """A change that somebody makes: what is edited in which files.

    ``seen`` is the fingerprint of ``watched`` as it was when the screen was opened. ``action`` and ``target`` name it
    in the audit log, with ``before`` and ``after`` as people read them. ``contents`` are files that it replaces as a
    whole, by name; None deletes one.
    """

    edits: Mapping[str, Sequence[Edit]]
    watched: tuple[str, ...]
    seen: str
    action: str
    target: str
    before: object = None
    after: object = None
    contents: Mapping[str, bytes | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Kept:
    """The change is in the files. ``id`` undoes it; 0 if nothing was different."""

    id: int


@dataclass(frozen=True, slots=True)
class Rejected:
    """The content would have these errors; nothing was changed."""

    errors: tuple[ContentError, ...]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Files were changed since the screen was opened; nothing was written."""

    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NotWritable:
    """The folder cannot be written. ``proposals`` are, for each file, the lines to change by hand, as a unified
    diff."""

    proposals: tuple[tuple[str, str], ...]


Outcome: TypeAlias = Kept | Rejected | Conflict | NotWritable


def keep(store: ContentStore, change: FileChange, *, by: Actor, now: datetime) -> Outcome:
    """Checks a change and writes it. Raises EditFailed if a file cannot be edited."""
    with _one_at_a_time(store.folders.current):
        if newer := store.changed_since(change.seen, change.watched):
            return Conflict(newer)
        files = (*_changed_files(store, change.edits), *_replaced_files(store, change.contents))
        record = ContentChange(now, by.name, change.action, change.target, files, change.before, change.after)
        return _keep_files(store, record, by=by)


def undo(store: ContentStore, id: int, *, by: Actor, now: datetime) -> Outcome:
    """Puts the files of a change back, byte for byte. A conflict if they have been changed again since."""
    with _one_at_a_time(store.folders.current):
        with store.accounts.read() as tx:
            change = content_changes.find_change(tx, id)
        if change is None:
            return Conflict(())
        newer = tuple(each.file for each in change.files if _present(store, each.file) != each.after)
        if newer:
            return Conflict(newer)
        files = tuple(ChangedFile(each.file, each.after, each.before) for each in change.files)
        record = ContentChange(now, by.name, "settings.undone", change.target, files, change.after, change.before)
        return _keep_files(store, record, by=by)


def list_changes(store: ContentStore) -> tuple[tuple[ContentChange, bool], ...]:
    """The latest changes, newest first, each with whether it can be undone as it is."""
    with store.accounts.read() as tx:
        changes = content_changes.list_changes(tx, LISTED)
    return tuple((change, all(_present(store, each.file) == each.after for each in change.files)) for change in changes)


def _keep_files(store: ContentStore, change: ContentChange, *, by: Actor) -> Outcome:
    if not change.files:
        return Kept(0)
    errors = _check(store.folders, change.files, change.at)
    if errors:
        return Rejected(errors)
    try:
        with store.accounts.begin() as tx:  # what cannot be written is not recorded either
            id = content_changes.insert_change(tx, change)
            audit_log.record_action(
                tx,
                change.action,
                at=change.at,
                by=by,
                target=change.target,
                before=change.before,
                after=change.after,
                files=", ".join(each.file for each in change.files),
            )
            _write(store.folders.current, change.files)
    except OSError:
        return NotWritable(tuple((each.file, _difference(each)) for each in change.files))
    return Kept(id)


def _changed_files(store: ContentStore, edits: Mapping[str, Sequence[Edit]]) -> tuple[ChangedFile, ...]:
    """The files that differ after the edits."""
    files = []
    for file, file_edits in edits.items():
        after = apply_edits(store.read(file) or b"", file_edits)
        if after != (before := _present(store, file)) and (after or before):
            files.append(ChangedFile(file, before, after))
    return tuple(files)


def _replaced_files(store: ContentStore, contents: Mapping[str, bytes | None]) -> tuple[ChangedFile, ...]:
    """The files that are replaced as a whole and differ afterwards."""
    pairs = ((file, _present(store, file), after) for file, after in contents.items())
    return tuple(ChangedFile(file, before, after) for file, before, after in pairs if before != after)


def _present(store: ContentStore, file: str) -> bytes | None:
    with suppress(FileNotFoundError):
        return (store.folders.current / file).read_bytes()
    return None


def _check(folders: ContentFolders, files: Sequence[ChangedFile], now: datetime) -> tuple[ContentError, ...]:
    """The errors that the content has with these files and does not have now: the same check as ``check``."""
    with tempfile.TemporaryDirectory(prefix="statuspage-") as temporary:
        current, passed, cache = (Path(temporary) / name for name in ("content", "passed", "cache"))
        # Sentences that passed are not tried again, nor are languages in which nothing has changed.
        copy = ContentFolders(current, passed, cache, (folders.passed,), folders.checks or folders.cache)
        _copy_files(folders.current, copy.current)
        for each in files:
            _write_file(copy.current / each.file, each.after)
        errors = active_content.check_active(copy, now=now)
        if errors:
            known = _errors_now(folders, now)
            errors = tuple(error for error in errors if (error.file, error.key, error.message) not in known)
        if not errors:
            active_content.adopt_verdict(copy, folders)
        return errors


def copy_content(store: ContentStore, folder: Path) -> None:
    """Copies the content files to a folder that does not exist yet, to try a change there."""
    _copy_files(store.folders.current, folder)


def _copy_files(source: Path, folder: Path) -> None:
    shutil.copytree(source, folder, ignore=shutil.ignore_patterns(".*"))


def _errors_now(folders: ContentFolders, now: datetime) -> frozenset[tuple[str, str, str]]:
    errors = active_content.check_active(folders, now=now)
    return frozenset((error.file, error.key, error.message) for error in errors)


def _write(folder: Path, files: Sequence[ChangedFile]) -> None:
    """Writes all files or none. Raises OSError."""
    written: list[ChangedFile] = []
    try:
        for each in files:
            _write_file(folder / each.file, each.after)
            written.append(each)
    except OSError:
        for each in written:
            with suppress(OSError):
                _write_file(folder / each.file, each.before)
        raise


def _write_file(path: Path, content: bytes | None) -> None:
    """Replaces a file as a whole, with its rights; the file itself where the path is a link to it."""
    target = path.resolve()
    if content is None:
        target.unlink(missing_ok=True)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(target.stat().st_mode & 0o777 if target.exists() else 0o644)
        Path(name).replace(target)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _difference(each: ChangedFile) -> str:
    if b"\0" in (each.before or b"") + (each.after or b""):
        return f"{each.file}: {len(each.before or b'')} -> {len(each.after or b'')} bytes"
    before, after = ((content or b"").decode("utf-8", "replace").splitlines() for content in (each.before, each.after))
    return "\n".join(difflib.unified_diff(before, after, each.file, each.file, lineterm="", n=2))


@contextmanager
def _one_at_a_time(folder: Path) -> Iterator[None]:
    """Whoever changes the files of this folder, on this machine, waits for the others. Raises DatabaseBusy after
    ``PATIENCE``: whoever can read the folder can keep its lock."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        with suppress(OSError):  # Some network file systems cannot lock a folder.
            if not lock_in_time(descriptor, PATIENCE):
                raise DatabaseBusy(str(folder))
        yield
    finally:
        os.close(descriptor)
