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
    "host": Option(HOST, "deploy@www.example.com", required=True),
    "path": Option(PATH, "/srv/status", required=True),
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

    gzip_copies = True
    renewal_interval = timedelta(0)

    def __init__(self, spec: TargetSpec, secrets: Mapping[str, str], folder: Path) -> None:
        self._keep = spec.kept_paths
        self._destination = f"{spec.options['host']}:{spec.options['path'].rstrip('/')}/"
        self._ssh = subprocesses.ssh(spec.options, spec.options.get("port", ""))
        self._folder = folder

    def compare(self, files: Mapping[str, Path]) -> Difference:
        """By rsync's own dry run, which reads every file on both sides."""
        with tempfile.TemporaryDirectory(dir=self._folder) as directory:
            tree = Path(directory)
            for name, path in files.items():
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                (tree / name).hardlink_to(path)
            output = self._rsync_output(
                "--recursive", "--checksum", "--dry-run", "--delete", "--out-format=%i %n", f"{tree}/", self._destination
            )
        changes = [line.split(" ", 1) for line in output.splitlines() if " " in line]
        removed = tuple(sorted(name for name in (name.strip() for flags, name in changes if flags == "*deleting") if self._is_file(name)))
        refuse_strangers(removed, self._read_fence())
        transfers = [(flags, name) for flags, name in changes if flags[:2] in ("<f", ">f") and name in files]
        new = tuple(sorted(name for flags, name in transfers if "+" in flags))
        return Difference(new, tuple(sorted(name for flags, name in transfers if "+" not in flags)), removed)

    def upload(self, batch: UploadBatch) -> int:
        """The fence, the pages, the fence again, then what speaks of all; each file takes its place whole."""
        refuse_newer(self._read_fence(), batch.fence)
        with tempfile.TemporaryDirectory(dir=self._folder) as directory:
            tree = Path(directory)
            (tree / MARK).write_bytes(mark(batch.fence))
            for name, path in batch.files.items():
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                (tree / name).hardlink_to(path)
            leaves, machines, fronts = waves(batch.files)
            changed = self._send(tree, [MARK, *leaves], batch)
            if machines or fronts:
                refuse_newer(self._read_fence(), batch.fence)
                changed += self._send(tree, [*machines, *fronts], batch)
            return changed + self._remove(tree, batch.removed)

    def _send(self, tree: Path, names: Sequence[str], batch: UploadBatch) -> int:
        """So many files differed."""
        if not names:
            return 0
        timeout = QUICK if len(batch.files) < 1000 else LONG
        args = ["--files-from=-", "--from0", "--checksum", "--delay-updates", "--out-format=%i %n", f"{tree}/"]
        output = self._rsync_output(*args, self._destination, stdin=_listed(names), timeout=timeout)
        return sum(1 for line in output.splitlines() if line.startswith("<f") and not line.endswith(f" {MARK}"))

    def _remove(self, tree: Path, names: Sequence[str]) -> int:
        for name in names:
            (tree / name).parent.mkdir(parents=True, exist_ok=True)  # else rsync says that something vanished
        if names:
            args = ["--files-from=-", "--from0", "--delete-missing-args", f"{tree}/"]
            self._rsync_output(*args, self._destination, stdin=_listed(names))
        return len(names)

    def _read_fence(self) -> int | None:
        """The fence of what is there; None where no site of ours has been."""
        with tempfile.TemporaryDirectory(dir=self._folder) as directory:
            result = self._run_rsync(*_MARK_ALONE, self._destination, f"{directory}/", timeout=QUICK)
            if result.exit_code in _MISSING and "No such file" in result.stderr:
                return None
            if result.exit_code:
                raise NotCarried(_rsync_reason(result), _rsync_words(result))
            path = Path(directory) / MARK
            return fence_in(path.read_bytes()) if path.exists() else None

    def _is_file(self, name: str) -> bool:
        return not name.endswith("/") and is_ours(name, self._keep)

    def _rsync_output(self, *args: str, stdin: bytes = b"", timeout: float = LONG) -> str:
        result = self._run_rsync(*args, stdin=stdin, timeout=timeout)
        if result.exit_code:
            raise NotCarried(_rsync_reason(result), _rsync_words(result))
        return result.stdout.decode("utf-8", "replace")

    def _run_rsync(self, *args: str, stdin: bytes = b"", timeout: float) -> Done:
        *options, source, destination = args
        base_args = ["rsync", "--times", "--perms", "--chmod=D755,F644", "--timeout=30", "--rsh", self._ssh]
        return subprocesses.run([*base_args, *options, "--", source, destination], env={}, timeout=timeout, stdin=stdin)


def _listed(names: Iterable[str]) -> bytes:
    return b"".join(name.encode() + b"\0" for name in names)


def _rsync_reason(result: Done) -> str:
    if any(phrase in result.stderr for phrase in _DENIED):
        return "denied"
    return "unreachable" if result.exit_code in (_SSH_FAILED, 10, 12, 20, 30, 35) else "failed"


def _rsync_words(result: Done) -> str:
    """What the program that knows best said: ssh, rrsync on the other side, else rsync before its last line."""
    lines = [line for line in result.stderr.splitlines() if not line.startswith("rsync error:")]
    best = [line for line in lines if line.startswith("ssh:") or any(phrase in line for phrase in (*_DENIED, *_RRSYNC))]
    return f"{last_line(chr(10).join(best or lines)) or last_line(result.stderr)} (exit {result.exit_code})"


HOST_TYPE = HostType(OPTIONS, (), (), Server)
