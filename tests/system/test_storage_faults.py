"""Database failures, really produced; docs/reference/faults.md lists each fault with its test."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from statuspage.domain.catalog import Catalog
from statuspage.domain.incident import InternalNote
from statuspage.storage import incidents
from statuspage.storage.engine.database import Database, DatabaseBroken, DatabaseBusy
from statuspage.usecases import accounts
from statuspage.usecases.environment import restore_guard
from tests.support import desk
from tests.support.database import DATABASES, made, url_of
from tests.support.desk import Clock, clock, signed_in
from tests.support.instance import home
from tests.support.paths import ROOT
from tests.support.playing import Player, until
from tests.support.postgres import Postgres, postgres
from tests.support.times import at

__all__ = ["clock", "home"]

NAMESPACE = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--"]


def opened(store: Database, id: str = "a" * 12) -> None:
    with store.begin() as tx:
        incidents.open_incident(tx, id, at=at("12:00"), t0=at("12:00"), t0_source="form")


def known(store: Database) -> list[str]:
    with store.read() as tx:
        return [incident.id for incident in incidents.open_incidents(tx)]


def trouble(store: Database, id: str = "b" * 12) -> str:
    """The error when an incident is opened; "" if there is none."""
    try:
        opened(store, id)
    except DatabaseBroken as broken:
        return broken.code
    except DatabaseBusy:
        return "busy"
    return ""


# Files


def test_on_a_full_disk_nothing_is_half_stored_and_on_a_read_only_one_nothing_at_all(tmp_path: Path) -> None:
    result = subprocess.run(
        [*NAMESPACE, sys.executable, "-m", "tests.support.full_disk", str(tmp_path)],
        capture_output=True, text=True, timeout=120, cwd=ROOT,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    seen = json.loads(result.stdout)
    assert (seen["first"], seen["full"], seen["after"], seen["then"]) == ("", "full", "", "")
    assert seen["read_only"] in ("read_only", "denied")
    assert (seen["while_full"], seen["kept"], seen["whole"]) == (1, 3, "ok")


def test_a_folder_that_is_gone_for_a_while_is_told_as_such_and_nothing_is_lost(tmp_path: Path) -> None:
    folder, elsewhere = tmp_path / "instance", tmp_path / "elsewhere"
    folder.mkdir()
    store, newcomer = (Database.for_environment(f"sqlite:///{folder}/environment.db") for _ in range(2))
    store.migrate()
    opened(store)
    folder.rename(elsewhere)
    assert trouble(newcomer, "c" * 12) == "denied"
    assert not folder.exists(), "no empty database was made instead"
    assert trouble(store) == "", "a connection that was open writes into the file that it knows"
    elsewhere.rename(folder)
    assert trouble(newcomer, "d" * 12) == ""
    assert known(newcomer) == known(store) == ["a" * 12, "b" * 12, "d" * 12]
    store.close()
    newcomer.close()


def test_a_damaged_file_is_told_as_such_and_left_alone(home: Path) -> None:
    for name in ("environment.db-wal", "environment.db-shm"):
        (home / name).unlink(missing_ok=True)
    with (home / "environment.db").open("r+b") as file:
        file.write(b"This is no database.")
    damaged = (home / "environment.db").read_bytes()
    result = Player(home).run("show")
    assert (result.code, result.err) == (
        1,
        "The database file is damaged. Nothing was stored. Stop the program and restore the last backup.\n",
    )
    assert (home / "environment.db").read_bytes() == damaged


# A server


@pytest.fixture
def server() -> Iterator[Postgres]:
    """A server that a test may harm, with very few connections."""
    with postgres(max_connections="9", superuser_reserved_connections="3") as found:
        DATABASES.use(found)
        yield found
        DATABASES.use(None)


@pytest.fixture
def store(server: Postgres, tmp_path: Path) -> Iterator[Database]:
    found = made(tmp_path / "environment.db", "environment", role="live")
    yield found
    found.close()


def test_a_connection_cut_in_the_middle_leaves_nothing_half_stored(store: Database, server: Postgres) -> None:
    with pytest.raises(DatabaseBroken, match="cut"), store.begin() as tx:
        incidents.open_incident(tx, "a" * 12, at=at("12:00"), t0=at("12:00"), t0_source="form")
        server.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'live'")
        incidents.next_fence(tx)
    assert known(store) == []
    assert trouble(store) == "", "the next one works at once"


def test_after_a_restart_of_the_server_work_goes_on(store: Database, server: Postgres) -> None:
    opened(store)
    server.stop()
    server.start()
    assert trouble(store) == ""
    assert known(store) == ["a" * 12, "b" * 12]


def test_after_a_crash_of_the_server_all_that_was_said_to_be_stored_is(store: Database, server: Postgres) -> None:
    opened(store)
    server.process.send_signal(signal.SIGQUIT)
    server.process.wait()
    assert trouble(store) == "away"
    server.start()
    assert known(store) == ["a" * 12]


def test_while_the_server_is_away_the_desk_says_so_and_keeps_what_was_typed(
    server: Postgres, tmp_path: Path, catalog: Catalog, clock: Clock
) -> None:
    env = desk.environment_in(tmp_path, catalog)
    browser = signed_in(env, clock).open("/incidents/new")
    server.stop()
    browser.send({"incident_type": "booking", "start": "5m", "do": "publish", "extra-ja": "大切な文"})
    assert browser.page.status_code == 503
    assert "データベースに接続できません" in browser.words
    assert "大切な文" in browser.text
    answer = browser.client.post("/intake/alertmanager", data=desk.alertmanager(at("11:55")))
    assert (answer.status_code, "Nothing was stored" in answer.text) == (503, True)
    server.start()
    browser.send()
    assert browser.page.status_code == 200
    assert len(known(env.databases.environment)) == 1


def test_when_every_connection_is_taken_nothing_is_stored_and_later_it_is(store: Database, server: Postgres) -> None:
    opened(store)
    store.close()
    url = server.url(store.engine.url.database or "", "accounts")
    held = [psycopg.connect(url) for _ in range(6)]
    assert trouble(store) in ("busy", "away")
    for connection in held:
        connection.close()
    assert until(lambda: trouble(store) == "")  # the server notices after a while that they are gone


def test_a_user_without_rights_is_told_apart_from_a_server_that_is_away(store: Database, server: Postgres) -> None:
    opened(store)
    stranger = Database.for_environment(server.url(store.engine.url.database or "", "drill"))
    assert trouble(stranger) == "denied"
    stranger.close()
    assert known(store) == ["a" * 12]


def test_a_standby_can_be_read_and_says_that_it_cannot_be_written(store: Database, server: Postgres) -> None:
    opened(store)
    server.stop()
    standby = server.folder / "data" / "standby.signal"
    standby.touch()
    server.start()
    assert trouble(store) == "read_only"
    assert known(store) == ["a" * 12]
    server.stop()
    standby.unlink()
    server.start()
    assert trouble(store) == "", "once it is the first server, work goes on"


@contextmanager
def copied(server: Postgres) -> Iterator[Postgres]:
    """A standby at an address of its own, with what the server held."""
    with tempfile.TemporaryDirectory(prefix="pg-") as parent:
        folder = Path(parent) / "second"
        server.stop()
        Path(parent).chmod(0o755)
        subprocess.run(["cp", "-a", server.folder, folder], check=True)
        server.start()
        (folder / "data" / "standby.signal").touch()
        second = Postgres(folder, server.process, {**server.settings, "unix_socket_directories": str(folder)})
        second.start()
        yield second
        second.stop(at_once=True)


def test_when_another_server_takes_over_at_another_address_work_goes_on_there(
    store: Database, server: Postgres
) -> None:
    opened(store)
    name = store.engine.url.database or ""
    with copied(server) as second:
        url = f"{server.url(name)},{second.folder}&target_session_attrs=read-write"
        both = Database.for_environment(url)
        opened(both, "c" * 12)
        assert known(store) == ["a" * 12, "c" * 12], "the control: it is the first server"
        server.stop(at_once=True)
        assert trouble(both) in ("away", "cut"), "nobody has taken over yet"
        second.run("SELECT pg_promote()")
        assert until(lambda: trouble(both) == "")
        assert known(both) == ["a" * 12, "b" * 12], "what the second server holds"
        both.close()
        server.start()


# Either


def test_on_a_full_disk_a_server_stores_nothing_half_and_goes_on_once_there_is_room() -> None:
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        Path(folder).chmod(0o755)  # The server runs as a different user than the tests.
        result = subprocess.run(
            [*NAMESPACE, sys.executable, "-m", "tests.support.full_disk_server", folder],
            capture_output=True, text=True, timeout=120, cwd=ROOT,
        )  # fmt: skip
    assert result.returncode == 0, result.stderr
    seen = json.loads(result.stdout)
    assert (seen["first"], seen["full"], seen["while_full"], seen["after"]) == ("", "full", ["first"], "")
    assert (seen["before"], seen["gone"], seen["then"]) == ("", "away", "")
    assert seen["kept"] == ["first", "fourth", "sixth", "third"]


def test_a_clock_set_back_changes_neither_order_nor_what_is_held(
    tmp_path: Path, database: str, clock: Clock, catalog: Catalog
) -> None:
    env = desk.environment_in(tmp_path, catalog)
    opened(env.databases.environment)
    for text in ("first", "second", "third"):
        with env.databases.environment.begin() as tx:
            incidents.append_entry(tx, "a" * 12, InternalNote(text), happened=clock(), recorded=clock())
        clock.later(hours=-1)
    with env.databases.environment.read() as tx:
        incident = incidents.load_incident(tx, "a" * 12)
    assert incident is not None
    notes = [entry.entry.text for entry in incident.entries if isinstance(entry.entry, InternalNote)]
    assert notes == ["first", "second", "third"]
    restore_guard.detect_restored_backup(env.databases.environment, env.home, now=clock())
    assert restore_guard.held_since(env.databases.environment) is None


def test_no_statement_asks_the_databases_own_clock() -> None:
    package = Path(accounts.__file__).parent / "store"
    texts = {path.name: path.read_text("utf-8") for path in package.rglob("*.py")}
    words = ("func.now", "CURRENT_TIMESTAMP", "now()", "datetime('now')", "onupdate")
    assert [name for name, text in texts.items() for word in words if word in text] == []


def test_a_writer_that_stands_still_holds_up_the_others_only_so_long(on_postgresql: Postgres, tmp_path: Path) -> None:
    store = made(tmp_path / "environment.db", "environment")
    with psycopg.connect(url_of(tmp_path / "environment.db")) as still:
        still.execute("SELECT pg_advisory_xact_lock(hashtext('statuspage writes'), hashtext(current_schema()))")
        assert trouble(store) == "busy"
    assert trouble(store) == ""
    with store.read() as tx:
        limit = tx.exec_driver_sql("SHOW idle_in_transaction_session_timeout").scalar_one()
    assert limit == "30s"
