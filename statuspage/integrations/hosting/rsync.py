"""A folder on a server reached over SSH, using only rsync: no shell is needed there.

The file with the fence is fetched before anything is sent, and again before the front pages. rsync has no conditional
write, so if two machines upload in the same second, the second check detects it, not the server.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from statuspage.domain import HostSpec
from statuspage.integrations.hosting import subprocesses
from statuspage.integrations.hosting.base import (
    FENCE_FILE,
    Difference,
    UploadBatch,
    UploadFailed,
    fence_content,
    is_ours,
    parse_fence,
    refuse_foreign_files,
    refuse_newer,
    upload_waves,
)
from statuspage.integrations.hosting.options import HOST, PATH, PORT, SSH, HostType, Option
from statuspage.integrations.hosting.subprocesses import LONG, QUICK, CompletedRun, last_line

OPTIONS: Mapping[str, Option] = {
    "host": Option(HOST, "deploy@www.example.com", required=True),
    "path": Option(PATH, "/srv/status", required=True),
    "port": Option(PORT, "22"),
    **SSH,
}

_MISSING = (23,)  # some files could not be transferred: here it always means that the folder is missing
_FENCE_ALONE = ("--dirs", f"--include=/{FENCE_FILE}", "--exclude=*")
"""Requests the folder and filters the fence file out of it, because rrsync fails if a file requested by name is
missing."""
_SSH_FAILED = 255
_RRSYNC = ("rrsync error: ", "Error: ")  # the latter for its own failures, such as a missing folder
_DENIED = ("Permission denied", "Host key verification failed", "Too many authentication failures")


class RsyncFolder:
    """One folder on one server. It needs the gzip copies too, because its web server serves them."""

    gzip_copies = True
    renewal_interval = timedelta(0)

    def __init__(self, spec: HostSpec, secrets: Mapping[str, str], folder: Path) -> None:
        self._keep = spec.kept_paths
        self._destination = f"{spec.options['host']}:{spec.options['path'].rstrip('/')}/"
        self._ssh = subprocesses.ssh_command(spec.options, spec.options.get("port", ""))
        self._folder = folder

    def compare(self, files: Mapping[str, Path]) -> Difference:
        """Compares with rsync's dry run, which reads every file on both sides."""
        with tempfile.TemporaryDirectory(dir=self._folder) as directory:
            tree = Path(directory)
            for name, path in files.items():
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                (tree / name).hardlink_to(path)
            output = self._rsync_output(
                "--recursive",
                "--checksum",
                "--dry-run",
                "--delete",
                "--out-format=%i %n",
                f"{tree}/",
                self._destination,
            )
        changes = [line.split(" ", 1) for line in output.splitlines() if " " in line]
        removed = tuple(
            sorted(
                name
                for name in (name.strip() for flags, name in changes if flags == "*deleting")
                if self._is_file(name)
            )
        )
        refuse_foreign_files(removed, self._read_fence())
        transfers = [(flags, name) for flags, name in changes if flags[:2] in ("<f", ">f") and name in files]
        new = tuple(sorted(name for flags, name in transfers if "+" in flags))
        return Difference(new, tuple(sorted(name for flags, name in transfers if "+" not in flags)), removed)

    def upload(self, batch: UploadBatch) -> int:
        """Uploads the fence and the pages, checks the fence again, then uploads feeds and front pages; each file is
        replaced as a whole."""
        refuse_newer(self._read_fence(), batch.fence)
        with tempfile.TemporaryDirectory(dir=self._folder) as directory:
            tree = Path(directory)
            (tree / FENCE_FILE).write_bytes(fence_content(batch.fence))
            for name, path in batch.files.items():
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                (tree / name).hardlink_to(path)
            leaves, machines, fronts = upload_waves(batch.files)
            changed = self._send(tree, [FENCE_FILE, *leaves], batch)
            if machines or fronts:
                refuse_newer(self._read_fence(), batch.fence)
                changed += self._send(tree, [*machines, *fronts], batch)
            return changed + self._remove(tree, batch.removed)

    def _send(self, tree: Path, names: Sequence[str], batch: UploadBatch) -> int:
        """Sends these files; returns how many differed."""
        if not names:
            return 0
        timeout = QUICK if len(batch.files) < 1000 else LONG
        args = ["--files-from=-", "--from0", "--checksum", "--delay-updates", "--out-format=%i %n", f"{tree}/"]
        output = self._rsync_output(*args, self._destination, stdin=_null_separated(names), timeout=timeout)
        return sum(1 for line in output.splitlines() if line.startswith("<f") and not line.endswith(f" {FENCE_FILE}"))

    def _remove(self, tree: Path, names: Sequence[str]) -> int:
        for name in names:
            (tree / name).parent.mkdir(parents=True, exist_ok=True)  # otherwise rsync reports a vanished file
        if names:
            args = ["--files-from=-", "--from0", "--delete-missing-args", f"{tree}/"]
            self._rsync_output(*args, self._destination, stdin=_null_separated(names))
        return len(names)

    def _read_fence(self) -> int | None:
        """The fence at the host; None if no site of ours has been there."""
        with tempfile.TemporaryDirectory(dir=self._folder) as directory:
            result = self._run_rsync(*_FENCE_ALONE, self._destination, f"{directory}/", timeout=QUICK)
            if result.exit_code in _MISSING and "No such file" in result.stderr:
                return None
            if result.exit_code:
                raise UploadFailed(_rsync_reason(result), _rsync_error(result))
            path = Path(directory) / FENCE_FILE
            return parse_fence(path.read_bytes()) if path.exists() else None

    def _is_file(self, name: str) -> bool:
        return not name.endswith("/") and is_ours(name, self._keep)

    def _rsync_output(self, *args: str, stdin: bytes = b"", timeout: float = LONG) -> str:
        result = self._run_rsync(*args, stdin=stdin, timeout=timeout)
        if result.exit_code:
            raise UploadFailed(_rsync_reason(result), _rsync_error(result))
        return result.stdout.decode("utf-8", "replace")

    def _run_rsync(self, *args: str, stdin: bytes = b"", timeout: float) -> CompletedRun:
        *options, source, destination = args
        base_args = ["rsync", "--times", "--perms", "--chmod=D755,F644", "--timeout=30", "--rsh", self._ssh]
        return subprocesses.run([*base_args, *options, "--", source, destination], env={}, timeout=timeout, stdin=stdin)


def _null_separated(names: Iterable[str]) -> bytes:
    return b"".join(name.encode() + b"\0" for name in names)


def _rsync_reason(result: CompletedRun) -> str:
    if any(phrase in result.stderr for phrase in _DENIED):
        return "denied"
    return "unreachable" if result.exit_code in (_SSH_FAILED, 10, 12, 20, 30, 35) else "failed"


def _rsync_error(result: CompletedRun) -> str:
    """The most specific error: that of ssh, that of rrsync on the other side, else rsync's last line but one."""
    lines = [line for line in result.stderr.splitlines() if not line.startswith("rsync error:")]
    best = [line for line in lines if line.startswith("ssh:") or any(phrase in line for phrase in (*_DENIED, *_RRSYNC))]
    return f"{last_line(chr(10).join(best or lines)) or last_line(result.stderr)} (exit {result.exit_code})"


HOST_TYPE = HostType(OPTIONS, (), (), RsyncFolder)
