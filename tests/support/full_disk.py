"""Run in its own mount namespace: a database file on a small disk that is filled, then made read-only."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from statuspage.storage import incidents
from statuspage.storage.engine.database import Database, DatabaseBroken
from tests.support.times import at

KILOBYTES = 2048


def opened(store: Database, id: str) -> str:
    """The error when an incident is opened; "" if it is stored."""
    try:
        with store.begin() as tx:
            incidents.open_incident(tx, id, at=at("12:00"), t0=at("12:00"), t0_source="form" + "x" * 20_000)
    except DatabaseBroken as broken:
        return broken.code
    return ""


def known(store: Database) -> int:
    with store.read() as tx:
        return len(incidents.open_incidents(tx))


def play(disk: Path) -> dict[str, object]:
    """Everything that was observed."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={KILOBYTES}k", "tmpfs", str(disk)], check=True)
    store = Database.for_environment(f"sqlite:///{disk / 'environment.db'}")
    store.migrate()
    first = opened(store, "first")
    (disk / "ballast").write_bytes(b"x")
    with (disk / "ballast").open("ab", buffering=0) as ballast:
        try:
            while True:
                ballast.write(b"x" * 4096)
        except OSError:
            pass
    full = opened(store, "second")
    while_full = known(store)
    (disk / "ballast").unlink()
    after = opened(store, "third")
    store.close()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    read_only = opened(store, "fourth")
    store.close()
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    then = opened(store, "fifth")
    kept = known(store)
    store.close()
    with closing(sqlite3.connect(disk / "environment.db")) as raw:
        whole = raw.execute("PRAGMA integrity_check").fetchone()[0]
    return {"first": first, "full": full, "while_full": while_full, "after": after, "read_only": read_only,
            "then": then, "kept": kept, "whole": whole}  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(play(Path(sys.argv[1]))))
