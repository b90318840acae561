"""The site as files on this machine: whole files or none, and a new release by one rename of a link."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

from statuspage.targets.following import ALL, Following

_KEPT = 3  # releases: the one in use and two to go back to
_WRITERS = 2  # threads that compress and write a new release
_SYNCING = 8  # files that wait for the disk at once: it writes a hundred together as fast as a few
_AHEAD = 64  # pages that may wait for them
_PATIENCE = 30.0  # seconds to wait for another writer
_REASONS = {
    errno.EROFS: ("read_only", "The folder of the public site is on a read-only file system."),
    errno.ENOSPC: ("full", "The disk of the public site is full."),
    errno.EDQUOT: ("full", "The disk quota of the public site is used up."),
    errno.EACCES: ("denied", "This program may not write to the folder of the public site."),
    errno.EPERM: ("denied", "This program may not write to the folder of the public site."),
}


class Unwritable(Exception):
    """The site could not be written, in one plain sentence; what was readable before still is.

    ``code`` is read_only, full, denied, busy or failed.
    """

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code

    def __reduce__(self) -> tuple[type[Unwritable], tuple[str, str]]:
        return type(self), (self.code, str(self))


class Behind(Exception):
    """A newer state of the site has been written meanwhile; nothing was replaced. Read again, then write again."""


class Folder:
    """A site under ``root``: ``current`` is a link to the release in use, the folder a web server serves."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.following = Following(root)

    @property
    def current(self) -> Path:
        """What readers see."""
        return self.root / "current"

    @property
    def ready(self) -> bool:
        """Whether a first release is in place."""
        return self.current.is_dir()

    @property
    def stamp(self) -> str:
        """What the release in use was made from, as ``switch`` was told; "" when nobody knows."""
        try:
            release, _, stamp = (self.root / "made-from").read_text().partition(" ")
        except OSError:
            return ""
        return stamp if release == self.current.resolve().name else ""

    @property
    def fence(self) -> int:
        """The largest number under which it was written; 0 when it never was."""
        path = self.root / "fence"
        return int(path.read_text() or 0) if path.exists() else 0

    def has(self, name: str) -> bool:
        """Whether readers can read this file."""
        return (self.current / name).is_file()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """One writer at a time, whatever process or thread it is in. Raises Unwritable after 30 seconds of waiting."""
        with self._held("lock"):
            yield

    def write(self, files: Mapping[str, bytes], *, fence: int, about: str = "") -> int:
        """Replaces these files in their order, each whole; returns how many differed from what was there.

        To be called in one's ``turn``. ``fence`` larger than any before, else Behind is raised. ``about`` is
        remembered for a build that is under way.
        """
        with _plainly():
            self._pass(fence)
            changed = {name: data for name, data in files.items() if not _same(self.current / name, data)}
            self.following.note(changed)
            with _cleared(self.root / "stage"):
                _replace(self.current, self._stage(changed))
            if about and self._journal.exists():
                with self._journal.open("a") as journal:
                    journal.write(f"{about}\n")
        return len(changed)

    @contextmanager
    def building(self) -> Iterator[None]:
        """While a build is under way: one at a time, and what is published meanwhile is remembered for it."""
        with self._held("build.lock"):
            with _plainly():
                self._journal.write_text("")
            try:
                yield
            finally:
                self._journal.unlink(missing_ok=True)

    def meanwhile(self) -> tuple[str, ...]:
        """What ``write`` was about since the build began, each once."""
        return tuple(dict.fromkeys(self._journal.read_text().split()))

    @contextmanager
    def release(self, fence: int) -> Iterator[Release]:
        """An empty release to fill; leftovers of one that was never finished are cleared away."""
        path = self.root / "releases" / f"{fence:012d}"
        with _plainly():
            shutil.rmtree(path, ignore_errors=True)
            path.mkdir(parents=True)
        with _cleared(path), closing(Release(path)) as release:
            yield release

    def switch(self, release: Release, *, fence: int, stamp: str = "") -> None:
        """Readers see this release from now on, all of it; old ones are removed. To be called in one's ``turn``.

        ``stamp`` says what it was made from.
        """
        release.finish()
        with _plainly():
            (self.root / "made-from").write_text(f"{release.path.name} {stamp}")
            self._pass(fence)
            os.sync()
            link = self.root / "current.new"
            link.unlink(missing_ok=True)
            link.symlink_to(release.path.relative_to(self.root))
            self.following.note((ALL,))
            link.replace(self.current)
            _sync_folder(self.root)
            for old in sorted((self.root / "releases").iterdir())[:-_KEPT]:
                if old.name != release.path.name:
                    shutil.rmtree(old, ignore_errors=True)

    def forget(self) -> None:
        """Takes away every release but the one in use, and whatever an interrupted writer left."""
        with self.building(), self.turn(), _plainly():
            shutil.rmtree(self.root / "stage", ignore_errors=True)
            for old in (self.root / "releases").iterdir():
                if old.name != self.current.resolve().name:
                    shutil.rmtree(old)

    @property
    def _journal(self) -> Path:
        return self.root / "meanwhile"

    @contextmanager
    def _held(self, name: str) -> Iterator[None]:
        with _plainly():
            self.root.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self.root / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            _lock(descriptor)
            yield
        finally:
            os.close(descriptor)

    def _pass(self, fence: int) -> None:
        if self.fence >= fence:
            raise Behind(f"the site has been written under {self.fence}, after {fence}")
        path = self.root / "fence"
        fresh = path.with_suffix(".new")
        fresh.write_text(str(fence))
        fresh.replace(path)

    def _stage(self, files: Mapping[str, bytes]) -> dict[str, Path]:
        """Writes the files beside the site, safely on disk; what an interrupted writer left there is removed."""
        stage = self.root / "stage"
        shutil.rmtree(stage, ignore_errors=True)
        stage.mkdir()
        staged = {name: stage / str(number) for number, name in enumerate(files)}
        with ThreadPoolExecutor(_SYNCING) as pool:
            for _ in pool.map(_write_synced, staged.values(), files.values()):
                pass  # the first that could not be written is raised here
        return staged


class Release:
    """A folder that nobody reads yet, so files are simply written, by threads of its own while others are made.

    ``files`` is how many lie there of those that were written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files = 0
        self._made: set[str] = set()
        self._pool = ThreadPoolExecutor(_WRITERS)
        self._waiting: deque[Future[int]] = deque()

    def write(self, make: Callable[[], Mapping[str, bytes]], *, again: bool = False) -> None:
        """Has the files made and written soon. ``again``: some of them are there already and were counted."""
        self._waiting.append(self._pool.submit(self._written, make, again))
        if len(self._waiting) > _AHEAD:
            self._finish_one()

    def finish(self) -> None:
        """Returns when all is written; raises what went wrong."""
        while self._waiting:
            self._finish_one()

    def close(self) -> None:
        """Lets its threads go."""
        self._pool.shutdown(cancel_futures=True)

    def _finish_one(self) -> None:
        with _plainly():
            self.files += self._waiting.popleft().result()

    def _written(self, make: Callable[[], Mapping[str, bytes]], again: bool) -> int:
        files = make()
        there = sum((self.path / name).exists() for name in files) if again else 0
        for name, data in files.items():
            folder = name.rpartition("/")[0]
            if folder not in self._made:
                (self.path / folder).mkdir(parents=True, exist_ok=True)
                self._made.add(folder)
            (self.path / name).write_bytes(data)
        return len(files) - there


@contextmanager
def _cleared(path: Path) -> Iterator[None]:
    """What could not be finished is not left to fill the disk."""
    try:
        yield
    except BaseException:
        shutil.rmtree(path, ignore_errors=True)
        raise


def _replace(folder: Path, staged: Mapping[str, Path]) -> None:
    touched: dict[Path, None] = {}
    for name, fresh in staged.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.replace(path)
        touched[path.parent] = None
    with ThreadPoolExecutor(_SYNCING) as pool:
        for _ in pool.map(_sync_folder, touched):
            pass


def _same(path: Path, data: bytes) -> bool:
    try:
        return path.stat().st_size == len(data) and path.read_bytes() == data
    except FileNotFoundError:
        return False


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> None:
    for _ in _tries(_PATIENCE):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue
        return
    raise Unwritable("busy", "Another process is writing the public site and does not finish.")


def _tries(patience: float) -> Iterable[int]:
    until = time.monotonic() + patience
    number = 0
    while number == 0 or time.monotonic() < until:
        yield number
        number += 1
        time.sleep(0.02)


@contextmanager
def _plainly() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        code, sentence = _REASONS.get(error.errno or 0, ("failed", "The public site could not be written."))
        raise Unwritable(code, f"{sentence} ({error.strerror or error})") from error
