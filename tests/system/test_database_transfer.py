"""Moving to PostgreSQL: everything or nothing, compared, and interrupted without loss."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.exc import IntegrityError

from statuspage.storage import incidents
from statuspage.storage.engine import transfer
from statuspage.storage.engine.database import Database
from tests.support.instance import home, settings_of
from tests.support.playing import Player, clean_environ, serving, until
from tests.support.postgres import Postgres, postgres
from tests.support.times import at

__all__ = ["home"]

LIVE = "STATUSPAGE_DATABASE_URL"


@pytest.fixture
def on_files(home: Path) -> Player:
    """A user whose instance has its databases in files and has published something."""
    player = Player(home)
    player.ask("report", "--incident-type", "booking", "--start", "10m", "--yes")
    player.ask("drill", "list")
    return player


@pytest.fixture
def moving_to(on_files: Player, on_postgresql: Postgres) -> Player:
    """The same, with three empty databases named in the environment."""
    return Player(on_files.home, clean_environ(**settings_of(on_files.home)))


def rows_in(url: str) -> dict[str, transfer.TableChecksum]:
    """The content of these databases."""
    store = Database.for_environment(url)
    with store.read() as tx:
        found = transfer.table_checksums(tx, "environment")
    store.close()
    return found


def test_all_is_moved_and_work_goes_on_there(on_files: Player, moving_to: Player) -> None:
    file = on_files.home / "environment.db"
    before = rows_in(f"sqlite:///{file}")
    answer = moving_to.ask("db", "move")
    assert set(answer["moved"]) == {"live", "drill", "accounts", "subscribers"}
    assert rows_in(moving_to.environ[LIVE]) == before
    assert before["entry"].row_count > 1
    assert (file.exists(), file.with_name("environment.db.moved").exists()) == (False, True)
    (open_now,) = moving_to.ask("show")
    update = moving_to.ask("update", open_now["id"], "--next-update", "30m", "--yes")
    assert update["deliveries"][0]["status"] == "delivered"
    assert moving_to.ask("db", "move")["moved"] == {"live": None, "drill": None, "accounts": None, "subscribers": None}


def test_a_program_that_still_has_the_file_open_cannot_write_into_it(on_files: Player, moving_to: Player) -> None:
    left_over = Database.for_environment(f"sqlite:///{on_files.home / 'environment.db'}")
    with left_over.read() as tx:
        (_known,) = incidents.open_incidents(tx)
    moving_to.ask("db", "move")
    with pytest.raises(IntegrityError, match="has been moved"), left_over.begin() as tx:
        incidents.open_incident(tx, "a" * 12, at=at("12:00"), t0=at("12:00"), t0_source="form")
    left_over.close()


def test_while_somebody_serves_nothing_is_moved(on_files: Player, moving_to: Player) -> None:
    with serving(on_files):
        result = moving_to.run("db", "move")
    assert (result.code, "Stop it first" in result.err) == (1, True)
    assert (on_files.home / "environment.db").exists()


def test_without_a_place_nothing_is_moved(on_files: Player) -> None:
    result = on_files.run("db", "move")
    assert (result.code, result.err.startswith("Set STATUSPAGE_DATABASE_URL")) == (1, True)


def test_a_database_with_other_rows_is_refused_and_both_stay_as_they_are(moving_to: Player) -> None:
    store = Database.for_environment(moving_to.environ[LIVE])
    store.migrate()
    with store.begin() as tx:
        incidents.open_incident(tx, "a" * 12, at=at("12:00"), t0=at("12:00"), t0_source="form")
    store.close()
    before = rows_in(moving_to.environ[LIVE])
    result = moving_to.run("db", "move")
    assert (result.code, "already contains data" in result.err) == (1, True)
    assert rows_in(moving_to.environ[LIVE]) == before
    assert (moving_to.home / "environment.db").exists()


@contextmanager
def held_up(url: str) -> Iterator[None]:
    """Makes writers of deliveries wait during the block."""
    store = Database.for_environment(url)
    store.migrate()
    store.close()
    with psycopg.connect(url) as holder:
        holder.execute("LOCK TABLE delivery IN SHARE MODE")
        yield


def is_waiting(server: Postgres) -> bool:
    waiting = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO delivery%'"
    return bool(server.run(waiting))


@pytest.mark.parametrize("round", range(3))
def test_killed_in_the_middle_nothing_is_lost_and_the_next_move_does_all(
    on_files: Player, moving_to: Player, on_postgresql: Postgres, round: int
) -> None:
    before = rows_in(f"sqlite:///{on_files.home / 'environment.db'}")
    with held_up(moving_to.environ[LIVE]):
        process = moving_to.start("db", "move")
        until(lambda: is_waiting(on_postgresql))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.communicate()
    until(lambda: not is_waiting(on_postgresql))
    there = rows_in(moving_to.environ[LIVE])
    assert {name for name, held in there.items() if held.row_count} == {"site"}, "nothing is half there"
    assert rows_in(f"sqlite:///{on_files.home / 'environment.db'}") == before
    assert len(on_files.ask("show")) == 1, "on its files the instance works on as before"
    moving_to.ask("db", "move")
    assert rows_in(moving_to.environ[LIVE]) == before


def test_killed_after_the_last_row_before_the_file_is_put_aside_the_next_move_finishes(
    on_files: Player, moving_to: Player
) -> None:
    file = on_files.home / "environment.db"
    before = rows_in(f"sqlite:///{file}")
    as_it_was = shutil.copy(file, on_files.home / "copy.db")
    moving_to.ask("db", "move")
    Path(as_it_was).replace(file)  # As if the file's own transaction had never been completed.
    assert moving_to.ask("db", "move")["moved"]["live"] == sum(held.row_count for held in before.values())
    assert rows_in(moving_to.environ[LIVE]) == before
    assert not file.exists()


def test_when_the_server_goes_down_in_the_middle_nothing_is_lost(on_files: Player) -> None:
    with postgres() as server:
        url = server.url(server.create(owner="live"), "live")
        player = Player(on_files.home, clean_environ(**{LIVE: url}))
        before = rows_in(f"sqlite:///{on_files.home / 'environment.db'}")
        with pytest.raises(psycopg.OperationalError), held_up(url):
            process = player.start("db", "move")
            until(lambda: is_waiting(server))
            server.stop(at_once=True)
            assert process.wait(60) == 1
        process.communicate()
        server.start()
        assert {name for name, held in rows_in(url).items() if held.row_count} == {"site"}
        player.ask("db", "move")
        assert rows_in(url) == before
