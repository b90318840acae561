"""Runs git and rsync with argument lists, a clean environment, and a time limit."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from statuspage.integrations.hosting.base import UploadFailed

QUICK, LONG = 40.0, 900.0
"""Time limits in seconds for what one notice changes, and for a whole site."""

_INHERITED = ("PATH", "HOME", "SSH_AUTH_SOCK", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy", "SSL_CERT_FILE")


@dataclass(frozen=True, slots=True)
class CompletedRun:
    """The exit status and output of a program."""

    exit_code: int
    stdout: bytes
    stderr: str


def run(
    args: Sequence[str], *, env: Mapping[str, str], timeout: float, stdin: bytes = b"", cwd: Path | None = None
) -> CompletedRun:
    """Runs a program to its end. Raises UploadFailed if it does not exist or takes too long."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    try:
        process = subprocess.Popen(  # noqa: S603 (a list of arguments, each of them checked or made by us)
            args,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**inherited, "LC_ALL": "C", **env},
            cwd=cwd,
            start_new_session=True,
        )
    except FileNotFoundError as error:
        raise UploadFailed("no_program", args[0]) from error
    with process:
        try:
            out, err = process.communicate(stdin, timeout)
        except subprocess.TimeoutExpired:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # with its child processes, such as ssh
            process.communicate()
            raise UploadFailed("slow", args[0]) from None
    return CompletedRun(process.returncode, out, err.decode("utf-8", "replace"))


def ssh_command(options: Mapping[str, str], port: str = "") -> str:
    """The command with which git and rsync reach an SSH server. It never prompts and accepts only known hosts."""
    args = ["ssh", "-F", "none", "-oBatchMode=yes", "-oStrictHostKeyChecking=yes", "-oConnectTimeout=10"]
    args += ["-oForwardAgent=no", "-oClearAllForwardings=yes", "-oServerAliveInterval=10"]
    if port:
        args += ["-p", port]
    if known_hosts := options.get("known_hosts"):
        args += [f"-oUserKnownHostsFile={Path(known_hosts).expanduser()}", "-oGlobalKnownHostsFile=/dev/null"]
    if identity := options.get("identity"):
        args += ["-oIdentitiesOnly=yes", "-i", str(Path(identity).expanduser())]
    return shlex.join(args)


def last_line(text: str) -> str:
    """The last line of a program's output, which is usually the error."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""
