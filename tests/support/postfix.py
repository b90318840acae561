"""A real Postfix for the tests, with its own configuration, queue and mailboxes, on a loopback port."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import cast

from tests.support.hosts import free_port

DOMAIN = "mail.example"
"""The domain of its mailboxes."""

PATIENCE = 60.0
"""Seconds within which it must start, deliver and stop."""

MAILS = 65534
"""The id of the user who owns the mailboxes: Debian's nobody."""

_PROGRAMS = "/usr/lib/postfix/sbin"
_QUEUES = "active bounce corrupt defer deferred flush hold incoming maildrop pid private public saved trace".split()
_SERVICES = """
cleanup   unix       n - n - 0 cleanup
qmgr      unix       n - n 300 1 qmgr
rewrite   unix       - - n - - trivial-rewrite
bounce    unix       - - n - 0 bounce
defer     unix       - - n - 0 bounce
trace     unix       - - n - 0 bounce
proxymap  unix       - - n - - proxymap
error     unix       - - n - - error
retry     unix       - - n - - error
virtual   unix       - n n - - virtual
anvil     unix       - - n - 1 anvil
postlog   unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True)
class Postfix:
    """A running Postfix."""

    port: int
    folder: Path

    @property
    def address(self) -> str:
        """The address as our settings name it."""
        return f"smtp-plain://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """Its log."""
        file = self.folder / "log"
        return file.read_text("utf-8", "replace") if file.exists() else ""

    def emails(self, to: str, *, count: int) -> list[EmailMessage]:
        """The emails in this mailbox in order of arrival; waits until there are ``count``."""
        files, end = self._files(to), time.monotonic() + PATIENCE
        while len(files) < count:
            assert time.monotonic() < end, self.log
            time.sleep(0.05)
            files = self._files(to)
        assert len(files) == count, files
        return [cast(EmailMessage, message_from_bytes(file.read_bytes(), policy=policy.default)) for file in files]

    def _files(self, to: str) -> list[Path]:
        return sorted((self.folder / "boxes" / to.partition("@")[0] / "new").glob("*"), key=os.path.getmtime)


@contextmanager
def postfix(names: Sequence[str]) -> Iterator[Postfix]:
    """A new server with these mailboxes, during the block. No file or service of the system is changed."""
    assert Path(_PROGRAMS, "master").exists(), "There is no Postfix here. `make test-all` installs it on Debian."
    folder = Path(tempfile.mkdtemp(prefix="postfix-"))
    folder.chmod(0o755)
    port = free_port()
    try:
        _furnish(folder, port, names)
        # The server must not outlive the tests that started it.
        command = ["setpriv", "--pdeathsig=TERM", f"{_PROGRAMS}/master", "-c", str(folder / "settings"), "-d"]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True) as master:
            running = Postfix(port, folder)
            _greeted(running, master)
            try:
                yield running
            finally:
                master.terminate()
                master.wait(PATIENCE)
    finally:
        shutil.rmtree(folder)


def _furnish(folder: Path, port: int, names: Sequence[str]) -> None:
    settings, boxes, queue = (folder / name for name in ("settings", "boxes", "queue"))
    for root_folder in (settings, boxes, queue, folder / "data"):
        root_folder.mkdir()
    for name in _QUEUES:
        (queue / name).mkdir()
        shutil.copystat(folder, queue / name)
        if name != "pid":
            shutil.chown(queue / name, "postfix")
    shutil.chown(folder / "data", "postfix")
    os.chown(boxes, MAILS, MAILS)
    (settings / "names").write_text("".join(f"{name}@{DOMAIN} {name}/\n" for name in names))
    (settings / "master.cf").write_text(f"127.0.0.1:{port} inet n - n - - smtpd{_SERVICES}")
    (settings / "main.cf").write_text(f"""compatibility_level = 3.6
myhostname = mx.fitline.example
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
queue_directory = {queue}
data_directory = {folder / "data"}
daemon_directory = {_PROGRAMS}
maillog_file = {folder / "log"}
maillog_file_prefixes = {folder}
alias_maps =
virtual_mailbox_domains = {DOMAIN}
virtual_mailbox_base = {boxes}
virtual_mailbox_maps = texthash:{settings / "names"}
virtual_uid_maps = static:{MAILS}
virtual_gid_maps = static:{MAILS}
""")


def _greeted(running: Postfix, master: subprocess.Popen[bytes]) -> None:
    """Waits until it sends its greeting."""
    end = time.monotonic() + PATIENCE
    while True:
        assert master.poll() is None and time.monotonic() < end, running.log
        try:
            with socket.create_connection(("127.0.0.1", running.port), 5) as line:
                line.settimeout(PATIENCE)
                if line.recv(4) == b"220 ":
                    return
        except OSError:
            time.sleep(0.05)
