"""A folder on a server that is reached by SSH, through the rsync program alone: no shell is needed there.

A file with our fence is fetched before anything is sent, and again before the fronts; rsync has no conditional write,
so that two machines in the same second are told apart by the second look, not by the server.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from statuspage.domain import TargetSpec
from statuspage.integrations.hosting import subprocesses
from statuspage.integrations.hosting.base import (
    MARK,
    Difference,
    NotCarried,
    UploadBatch,
    fence_in,
    is_ours,
    mark,
    refuse_newer,
    refuse_strangers,
    waves,
)
from statuspage.integrations.hosting.host_type import HostType
from statuspage.integrations.hosting.options import HOST, PATH, PORT, SSH, Option
from statuspage.integrations.hosting.subprocesses import LONG, QUICK, Done, last_line

OPTIONS: Mapping[str, Option] = {
    "host": Option(HOST, "deploy@www.example.com", needed=True),
    "path": Option(PATH, "/srv/status", needed=True),
    "port": Option(PORT, "22"),
    **SSH,
}

_MISSING = (23,)  # some files could not be transferred: here always that the folder asked for is not there
_MARK_ALONE = ("--dirs", f"--include=/{MARK}", "--exclude=*")
"""Asks for the folder and takes the mark out of it: rrsync ends where a file that is asked for by name is not there."""
_SSH_FAILED = 255
_RRSYNC = ("rrsync error: ", "Error: ")  # the latter where it stumbles, as over a folder that is not there
_DENIED = ("Permission denied", "Host key verification failed", "Too many authentication failures")


class Server:
    """One folder on one server. It takes the compressed twins too: its web server chooses them."""

    twins = True
    pace = timedelta(0)

    def __init__(self, spec: TargetSpec, secrets: Mapping[str, str], folder: Path) -> None:
        self._keep = spec.keep
        self._place = f"{spec.options['host']}:{spec.options['path'].rstrip('/')}/"
        self._ssh = subprocesses.ssh(spec.options, spec.options.get("port", ""))
        self._folder = folder

    def compare(self, files: Mapping[str, Path]) -> Difference:
        """By rsync's own dry run, which reads every file on both sides."""
        with tempfile.TemporaryDirectory(dir=self._folder) as made:
            tree = Path(made)
            for name, path in files.items():
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                (tree / name).hardlink_to(path)
            said = self._must(
                "--recursive", "--checksum", "--dry-run", "--delete", "--out-format=%i %n", f"{tree}/", self._place
            )
        changes = [line.split(" ", 1) for line in said.splitlines() if " " in line]
        gone = tuple(sorted(n for n in (n.strip() for w, n in changes if w == "*deleting") if self._is_file(n)))
        refuse_strangers(gone, self._fence())
        sent = [(what, name) for what, name in changes if what[:2] in ("<f", ">f") and name in files]
        new = tuple(sorted(name for what, name in sent if "+" in what))
        return Difference(new, tuple(sorted(name for what, name in sent if "+" not in what)), gone)

    def carry(self, load: UploadBatch) -> int:
        """The fence, the pages, the fence again, then what speaks of all; each file takes its place whole."""
        refuse_newer(self._fence(), load.fence)
        with tempfile.TemporaryDirectory(dir=self._folder) as made:
            tree = Path(made)
            (tree / MARK).write_bytes(mark(load.fence))
            for name, path in load.files.items():
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                (tree / name).hardlink_to(path)
            leaves, machines, fronts = waves(load.files)
            changed = self._send(tree, [MARK, *leaves], load)
            if machines or fronts:
                refuse_newer(self._fence(), load.fence)
                changed += self._send(tree, [*machines, *fronts], load)
            return changed + self._remove(tree, load.gone)

    def _send(self, tree: Path, names: Sequence[str], load: UploadBatch) -> int:
        """So many files differed."""
        if not names:
            return 0
        timeout = QUICK if len(load.files) < 1000 else LONG
        args = ["--files-from=-", "--from0", "--checksum", "--delay-updates", "--out-format=%i %n", f"{tree}/"]
        said = self._must(*args, self._place, stdin=_listed(names), timeout=timeout)
        return sum(1 for line in said.splitlines() if line.startswith("<f") and not line.endswith(f" {MARK}"))

    def _remove(self, tree: Path, names: Sequence[str]) -> int:
        for name in names:
            (tree / name).parent.mkdir(parents=True, exist_ok=True)  # else rsync says that something vanished
        if names:
            args = ["--files-from=-", "--from0", "--delete-missing-args", f"{tree}/"]
            self._must(*args, self._place, stdin=_listed(names))
        return len(names)

    def _fence(self) -> int | None:
        """The fence of what is there; None where no site of ours has been."""
        with tempfile.TemporaryDirectory(dir=self._folder) as made:
            done = self._rsync(*_MARK_ALONE, self._place, f"{made}/", timeout=QUICK)
            if done.code in _MISSING and "No such file" in done.err:
                return None
            if done.code:
                raise NotCarried(_rsync_reason(done), _rsync_words(done))
            found = Path(made) / MARK
            return fence_in(found.read_bytes()) if found.exists() else None

    def _is_file(self, name: str) -> bool:
        return not name.endswith("/") and is_ours(name, self._keep)

    def _must(self, *args: str, stdin: bytes = b"", timeout: float = LONG) -> str:
        done = self._rsync(*args, stdin=stdin, timeout=timeout)
        if done.code:
            raise NotCarried(_rsync_reason(done), _rsync_words(done))
        return done.out.decode("utf-8", "replace")

    def _rsync(self, *args: str, stdin: bytes = b"", timeout: float) -> Done:
        *options, source, place = args
        fixed = ["rsync", "--times", "--perms", "--chmod=D755,F644", "--timeout=30", "--rsh", self._ssh]
        return subprocesses.run([*fixed, *options, "--", source, place], env={}, timeout=timeout, stdin=stdin)


def _listed(names: Iterable[str]) -> bytes:
    return b"".join(name.encode() + b"\0" for name in names)


def _rsync_reason(done: Done) -> str:
    if any(word in done.err for word in _DENIED):
        return "denied"
    return "unreachable" if done.code in (_SSH_FAILED, 10, 12, 20, 30, 35) else "failed"


def _rsync_words(done: Done) -> str:
    """What the program that knows best said: ssh, rrsync on the other side, else rsync before its last line."""
    lines = [line for line in done.err.splitlines() if not line.startswith("rsync error:")]
    best = [line for line in lines if line.startswith("ssh:") or any(word in line for word in (*_DENIED, *_RRSYNC))]
    return f"{last_line(chr(10).join(best or lines)) or last_line(done.err)} (exit {done.code})"


HOST_TYPE = HostType(OPTIONS, (), (), Server)
