"""A real PostgreSQL server for the tests, in its own folder, on a socket in it; deleted afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

BINARIES = ("/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql*/bin")
PATIENCE = 30.0
"""Seconds within which the server must answer."""

ROLES = ("live", "drill", "accounts", "subscribers")
"""Three users of the server, none of whom is its superuser."""

SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "max_connections": "100",
    "shared_buffers": "32MB",
    "lc_messages": "C",
    "timezone": "Asia/Tokyo",  # Not UTC, as for many operators.
}


@dataclass(eq=False)
class Postgres:
    """A running server. Most tests need only ``url`` and ``create``; the rest causes trouble."""

    folder: Path
    process: subprocess.Popen[bytes]
    settings: dict[str, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def url(self, database: str, role: str = "postgres") -> str:
        """The URL of a database, for this user."""
        return f"postgresql://{role}@/{database}?host={self.folder}"

    def create(self, template: str = "template0", *, owner: str = "postgres") -> str:
        """Makes a new database like ``template``; returns its name."""
        name = f"test{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template} OWNER {owner}")
        return name

    def drop(self, database: str) -> None:
        """Drops the database, even if it is in use."""
        self.run(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def run(self, statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """One statement as the superuser; its rows, if it has any."""
        with psycopg.connect(self.url(database), autocommit=True) as master:
            done = master.execute(statement)
            return done.fetchall() if done.description else []

    def stop(self, *, at_once: bool = False) -> None:
        """Stops it and cuts every connection; ``at_once`` as in a power failure."""
        self.process.send_signal(signal.SIGQUIT if at_once else signal.SIGINT)
        self.process.wait(PATIENCE)

    def start(self) -> None:
        """Starts it again after ``stop``."""
        self.process = _started(self.folder, self.settings)


@contextmanager
def postgres(**settings: str) -> Iterator[Postgres]:
    """A new server with the three roles, during the block. ``settings`` are lines of its configuration."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    folder.chmod(0o755)
    if os.geteuid() == 0:
        shutil.chown(folder, _account().pw_name, _account().pw_gid)
    try:
        _as_its_user(
            "initdb",
            "-D",
            f"{folder}/data",
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        )
        wanted = {**SETTINGS, "unix_socket_directories": str(folder), **settings}
        made = Postgres(folder, _started(folder, wanted), wanted)
        try:
            for role in ROLES:
                made.run(f"CREATE ROLE {role} LOGIN")
            yield made
        finally:
            made.stop(at_once=True)
    finally:
        shutil.rmtree(folder)


def _started(folder: Path, settings: dict[str, str]) -> subprocess.Popen[bytes]:
    options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    command = _command("postgres", "-D", f"{folder}/data", *options)
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=folder)
    end = time.monotonic() + PATIENCE
    while True:
        try:
            psycopg.connect(f"postgresql://postgres@/postgres?host={folder}").close()
        except psycopg.OperationalError:
            assert process.poll() is None, (folder / "log").read_text()
            assert time.monotonic() < end, (folder / "log").read_text()
            time.sleep(0.02)
        else:
            return process


def _as_its_user(program: str, *args: str) -> None:
    result = subprocess.run(_command(program, *args), capture_output=True, text=True, cwd="/", timeout=120)
    assert result.returncode == 0, result.stderr


def _command(program: str, *args: str) -> Sequence[str]:
    """The command as another user, because PostgreSQL refuses to run as root, and so that it ends with the tests."""
    other = (f"--reuid={_account().pw_uid}", f"--regid={_account().pw_gid}", "--clear-groups")
    return ["setpriv", *(other if os.geteuid() == 0 else ()), "--pdeathsig=QUIT", _binary(program), *args]


def _account() -> pwd.struct_passwd:
    """The account created by its package."""
    return pwd.getpwnam("postgres")


def _binary(program: str) -> str:
    found = sorted(path for pattern in BINARIES for path in Path("/").glob(f"{pattern[1:]}/{program}"))
    place = shutil.which(program) or (str(found[-1]) if found else None)
    assert place, f"There is no {program} here. `make test-all` installs PostgreSQL on Debian."
    return place
