"""The site as files on this machine. Files are replaced as a whole, and a new build by renaming one link."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from statuspage.integrations.hosting.sync_state import ALL_FILES, SyncState

_BUILDS_KEPT = 3  # builds kept: the one in use and two to go back to
_SYNC_THREADS = 8  # files synced at once: a disk writes a hundred together as fast as a few
_LOCK_TIMEOUT = 30.0  # seconds to wait for another writer
_REASONS = {
    errno.EROFS: ("read_only", "The folder of the public site is on a read-only file system."),
    errno.ENOSPC: ("full", "The disk of the public site is full."),
    errno.EDQUOT: ("full", "The disk quota of the public site is used up."),
    errno.EACCES: ("denied", "This program may not write to the folder of the public site."),
    errno.EPERM: ("denied", "This program may not write to the folder of the public site."),
}


class Unwritable(Exception):
    """The site could not be written, with the reason in one sentence. What was readable before still is.

    ``code`` is read_only, full, denied, busy or failed.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code

    def __reduce__(self) -> tuple[type[Unwritable], tuple[str, str]]:
        return type(self), (self.code, str(self))


class StaleWriteError(Exception):
    """A newer state of the site was written meanwhile; nothing was replaced. Read again, then write again."""


class Folder:
    """A site under ``root``. Its link ``current`` points to the build in use, which is the folder a web server
    serves."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.sync_state = SyncState(root)

    @property
    def current(self) -> Path:
        """The folder that readers see."""
        return self.root / "current"

    @property
    def is_ready(self) -> bool:
        """Whether a first build is in place."""
        return self.current.is_dir()

    @property
    def stamp(self) -> str:
        """What the build in use was made from, as passed to ``switch``; "" if unknown."""
        try:
            build, _, stamp = (self.root / "made-from").read_text().partition(" ")
        except OSError:
            return ""
        return stamp if build == self.current.resolve().name else ""

    @property
    def fence(self) -> int:
        """The largest fence with which it was written; 0 if it never was."""
        path = self.root / "fence"
        return int(path.read_text() or 0) if path.exists() else 0

    def has_file(self, name: str) -> bool:
        """Whether this file is published."""
        return (self.current / name).is_file()

    @contextmanager
    def write_lock(self) -> Iterator[None]:
        """One writer at a time, across processes and threads. Raises Unwritable after waiting for 30 seconds."""
        with self._hold_lock("lock"):
            yield

    def changed_files(self, files: Mapping[str, bytes]) -> dict[str, bytes]:
        """Those files that are new or differ from the published ones. Call it inside ``write_lock``.

        After an interrupted write, returns all of them, because a gzip copy may be newer than its file.
        """
        with _translate_errors():
            if any(self._stage_folder.glob("*")):
                return dict(files)
            return {name: data for name, data in files.items() if not _has_content(self.current / name, data)}

    def write_files(self, files: Mapping[str, bytes], *, fence: int, subject: str = "") -> None:
        """Replaces these files in order, each as a whole.

        Call it inside ``write_lock``. ``fence`` must be larger than all previous ones, otherwise raises
        StaleWriteError. ``subject`` is recorded for a build in progress.
        """
        with _translate_errors():
            self._advance_fence(fence)
            self.sync_state.mark_changed(files)
            with _removed_on_failure(self._stage_folder), ThreadPoolExecutor(_SYNC_THREADS) as pool:
                _replace(str(self.current), self._stage_files(files, pool), pool)
            if subject and self._journal.exists():
                with self._journal.open("a") as journal:
                    journal.write(f"{subject}\n")

    @contextmanager
    def build_lock(self) -> Iterator[None]:
        """One build at a time. What is published meanwhile is recorded for it."""
        with self._hold_lock("build.lock"):
            with _translate_errors():
                self._journal.write_text("")
            try:
                yield
            finally:
                self._journal.unlink(missing_ok=True)

    def changed_during_build(self) -> tuple[str, ...]:
        """The subjects of ``write_files`` since the build began, without duplicates."""
        return tuple(dict.fromkeys(self._journal.read_text().split()))

    @contextmanager
    def new_build(self, fence: int) -> Iterator[Build]:
        """An empty build to fill. Removes what is left of an unfinished one."""
        path = self.root / "releases" / f"{fence:012d}"
        with _translate_errors():
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir(parents=True)
        with _removed_on_failure(path):
            yield Build(path, self.current.resolve() if self.is_ready else None)

    def switch(self, build: Build, *, fence: int, stamp: str = "") -> None:
        """Puts this build in use as a whole and removes old ones. Call it inside ``write_lock``.

        ``stamp`` says what it was made from.
        """
        with _translate_errors():
            (self.root / "made-from").write_text(f"{build.path.name} {stamp}")
            self._advance_fence(fence)
            os.sync()
            link = self.root / "current.new"
            link.unlink(missing_ok=True)
            link.symlink_to(build.path.relative_to(self.root))
            self.sync_state.mark_changed((ALL_FILES,))
            link.replace(self.current)
            _sync(self.root)
            for old_build in sorted((self.root / "releases").iterdir())[:-_BUILDS_KEPT]:
                if old_build.name != build.path.name:
                    shutil.rmtree(old_build, ignore_errors=True)

    def remove_old_builds(self) -> None:
        """Removes every build except the one in use, and the leftovers of an interrupted write."""
        with self.build_lock(), self.write_lock(), _translate_errors():
            shutil.rmtree(self._stage_folder, ignore_errors=True)
            for old_build in (self.root / "releases").iterdir():
                if old_build.name != self.current.resolve().name:
                    shutil.rmtree(old_build)

    @property
    def _stage_folder(self) -> Path:
        return self.root / "stage"

    @property
    def _journal(self) -> Path:
        return self.root / "meanwhile"

    @contextmanager
    def _hold_lock(self, name: str) -> Iterator[None]:
        with _translate_errors():
            self.root.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.root / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o660)
            with suppress(PermissionError):  # Whoever can read a lock can keep it, and nothing would be published.
                os.fchmod(descriptor, os.fstat(descriptor).st_mode & 0o770)
        try:
            _lock(descriptor)
            yield
        finally:
            os.close(descriptor)

    def _advance_fence(self, fence: int) -> None:
        if self.fence >= fence:
            raise StaleWriteError(f"the site has been written under {self.fence}, after {fence}")
        path = self.root / "fence"
        temporary = path.with_suffix(".new")
        temporary.write_text(str(fence))
        temporary.replace(path)

    def _stage_files(self, files: Mapping[str, bytes], pool: Executor) -> dict[str, str]:
        """Writes the files beside the site, synced to disk. Removes the leftovers of an interrupted write."""
        shutil.rmtree(self._stage_folder, ignore_errors=True)
        self._stage_folder.mkdir()
        staged = {name: f"{self._stage_folder}/{index}" for index, name in enumerate(files)}
        for name, path in staged.items():
            _write_file(path, files[name])
        _sync_all(staged.values(), pool)
        return staged


class Build:
    """A folder that is not in use yet, so that files can simply be written. ``file_count`` is how many it has.

    A file that is the same in the ``earlier`` build is linked from there: nothing is written, and a web server still
    tells clients that it has not changed.
    """

    def __init__(self, path: Path, earlier: Path | None = None) -> None:
        self.path = path
        self.earlier = earlier
        self.file_count = 0
        self._folders: set[str] = set()

    def write_files(self, files: Mapping[str, bytes], *, may_overwrite: bool = False) -> None:
        """Writes the files. ``may_overwrite``: some were already written and counted."""
        with _translate_errors():
            existing = sum(Path(self.path, name).exists() for name in files) if may_overwrite else 0
            for name, data in files.items():
                folder = name.rpartition("/")[0]
                if folder not in self._folders:
                    Path(self.path, folder).mkdir(parents=True, exist_ok=True)
                    self._folders.add(folder)
                Path(self.path, name).unlink(missing_ok=True)  # Written before, it may be a link to a published file.
                if not self._link_earlier(name, data):
                    _write_file(f"{self.path}/{name}", data)
        self.file_count += len(files) - existing

    def _link_earlier(self, name: str, data: bytes) -> bool:
        """Whether the file was linked. One that a publication replaces at this moment is written again when the build
        is completed."""
        if self.earlier is None or not _has_content(self.earlier / name, data):
            return False
        try:
            os.link(self.earlier / name, self.path / name)
        except OSError:  # Not every file system has links.
            return False
        return True


def _write_file(path: str, data: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)
    try:
        while data:
            data = data[os.write(descriptor, data) :]
    finally:
        os.close(descriptor)


@contextmanager
def _removed_on_failure(path: Path) -> Iterator[None]:
    """Removes an unfinished file or folder, so that it does not fill the disk."""
    try:
        yield
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise


def _replace(folder: str, staged: Mapping[str, str], pool: Executor) -> None:
    touched: dict[str, None] = {}
    for name, staged_path in staged.items():
        parent = f"{folder}/{name}".rpartition("/")[0]
        if parent not in touched:
            Path(parent).mkdir(parents=True, exist_ok=True)
            touched[parent] = None
        Path(staged_path).replace(f"{folder}/{name}")
    _sync_all(touched, pool)


def _sync_all(paths: Iterable[str], pool: Executor) -> None:
    """Returns once these files and folders are synced to disk; the threads of the pool share the work."""
    path_list = list(paths)
    for future in [pool.submit(_sync, *path_list[offset::_SYNC_THREADS]) for offset in range(_SYNC_THREADS)]:
        future.result()


def _has_content(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except FileNotFoundError:
        return False


def _sync(*paths: str | Path) -> None:
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _lock(descriptor: int) -> None:
    for _ in _attempts(_LOCK_TIMEOUT):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        return
    raise Unwritable("busy", "Another process is writing the public site and does not finish.")


def _attempts(timeout: float) -> Iterable[int]:
    deadline = time.monotonic() + timeout
    attempt = 0
    while attempt == 0 or time.monotonic() < deadline:
        yield attempt
        attempt += 1
        time.sleep(0.02)


@contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        code, sentence = _REASONS.get(error.errno or 0, ("failed", "The public site could not be written."))
        raise Unwritable(code, f"{sentence} ({error.strerror or error})") from error
