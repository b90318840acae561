"""Run in its own mount namespace: a PostgreSQL server whose disk is filled, first that of the tables, then that of its
write-ahead log, without which it cannot continue."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from secrets import token_hex

import psycopg

from statuspage.storage import incidents
from statuspage.storage.engine.database import Database, DatabaseBroken, DatabaseBusy
from tests.support.postgres import Postgres, postgres
from tests.support.times import at

MEGABYTES = 32
"""Megabytes of the disk of the tables; an empty database takes eight."""

LOG_MEGABYTES = 64
"""Megabytes of the disk of the log, whose segments have sixteen."""


def small_disk(folder: Path, megabytes: int) -> Path:
    """A disk of this size, owned by the server's user."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], check=True)
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    folder.chmod(0o700)
    return folder


def fill(disk: Path) -> Path:
    """Writes until the disk is full; returns the file that fills it."""
    ballast = disk / "ballast"
    with ballast.open("ab", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return ballast


def opened(store: Database, id: str) -> str:
    """The error when an incident with large texts is opened; "" if it is stored."""
    try:
        with store.begin() as tx:
            incidents.open_incident(tx, id, at=at("12:00"), t0=at("12:00"), t0_source=token_hex(40_000))
    except DatabaseBroken as broken:
        return broken.code
    except DatabaseBusy:
        return "busy"
    return ""


def known(store: Database) -> list[str]:
    """The stored incidents."""
    with store.read() as tx:
        return sorted(incident.id for incident in incidents.open_incidents(tx))


def rows(server: Postgres, folder: Path) -> dict[str, object]:
    """The disk of the tables is full, and then no longer is."""
    disk = small_disk(folder / "rows", MEGABYTES)
    server.run(f"CREATE TABLESPACE small LOCATION '{disk}'")
    server.run("CREATE DATABASE books TEMPLATE template0 OWNER live TABLESPACE small")
    store = Database.for_environment(server.url("books", "live"))
    store.migrate()
    first = opened(store, "first")
    ballast = fill(disk)
    full, while_full = opened(store, "second"), known(store)
    ballast.unlink()
    found = {"first": first, "full": full, "while_full": while_full, "after": opened(store, "third")}
    store.close()
    return found


def log(server: Postgres, folder: Path) -> dict[str, object]:
    """The disk of the log is full: the server stops by itself, and comes back once there is room."""
    server.stop()
    disk = small_disk(folder / "log", LOG_MEGABYTES)
    kept = server.folder / "data" / "pg_wal"
    shutil.copytree(kept, disk / "pg_wal")
    shutil.rmtree(kept)
    kept.symlink_to(disk / "pg_wal")
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", "postgres:postgres", str(disk)], check=True)
    server.start()
    store = Database.for_environment(server.url("books", "live"))
    before = opened(store, "fourth")
    ballast = fill(disk)
    try:
        for _ in range(LOG_MEGABYTES):
            server.run("SELECT pg_logical_emit_message(true, 'x', 'x')")
            server.run("SELECT pg_switch_wal()")
    except psycopg.OperationalError:
        server.process.wait(30)
    gone = opened(store, "fifth")
    ballast.unlink()
    server.start()
    found = {"before": before, "gone": gone, "then": opened(store, "sixth"), "kept": known(store)}
    store.close()
    return found


def main() -> None:
    """Prints what was observed."""
    folder = Path(sys.argv[1])
    with postgres(restart_after_crash="off") as server:
        print(json.dumps({**rows(server, folder), **log(server, folder)}))


if __name__ == "__main__":
    main()
