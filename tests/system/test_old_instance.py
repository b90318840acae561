"""An instance kept since the first tables of the program works on: its page, its history, its people, its queue.

``tests/kept/first.json`` holds its rows as that program wrote them: one incident that is over, one that is open and
whose post has not gone out, an alert, an account.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Boolean, Connection, DateTime, MetaData, Table, delete, insert
from sqlalchemy.types import JSON

from statuspage.settings import read_settings
from statuspage.storage.engine import transfer
from statuspage.storage.engine.database import Database
from statuspage.storage.engine.migrate import alembic_config
from statuspage.usecases import accounts, backup
from statuspage.usecases.accounts import SignedIn
from tests.support.database import url_of
from tests.support.fakes.x_server import Account, x_server
from tests.support.instance import home, made_instance, settings_of
from tests.support.paths import ROOT
from tests.support.playing import Player, clean_environ, until

__all__ = ["home", "made_instance"]

KEPT: Mapping[str, Any] = json.loads((ROOT / "tests" / "kept" / "first.json").read_text("utf-8"))
OVER, OPEN = "pnjdhcdepjve", "7drxcrzcn141"


def put(url: str, books: str) -> None:
    """The books as they were then: tables of the first migration, with the rows in them."""
    store = Database(url, books)
    with store.begin() as tx:
        command.upgrade(alembic_config(tx, books), KEPT[books]["revision"])
        there = MetaData()
        there.reflect(tx)
        for table in there.sorted_tables:
            if table.name in KEPT[books]["tables"]:
                fill(tx, table, KEPT[books]["tables"][table.name])
    store.close()


def fill(tx: Connection, table: Table, kept: Mapping[str, Any]) -> None:
    tx.execute(delete(table))
    rows = [{n: as_is(table, n, v) for n, v in zip(kept["columns"], row, strict=True)} for row in kept["rows"]]
    tx.execute(insert(table), rows)
    transfer.advance_sequence(tx, table)


def as_is(table: Table, name: str, value: Any) -> Any:
    """What the file of SQLite held, as this database takes it."""
    match table.columns[name].type, value:
        case _, None:
            return None
        case DateTime(timezone=True), str():
            return datetime.fromisoformat(value).replace(tzinfo=UTC)
        case DateTime(), str():
            return datetime.fromisoformat(value)
        case Boolean(), int():
            return bool(value)
        case JSON(), str():
            return json.loads(value)
    return value


@pytest.fixture
def old(home: Path) -> Player:
    """Somebody with the new program in front of that instance; nothing has been started yet."""
    for file, books in (("world.db", "world"), ("people.db", "people")):
        (home / file).unlink(missing_ok=True)
        put(url_of(home / file, role={"world": "live", "people": "people"}[books]), books)
    (home / "last-sent").write_text("6", "ascii")
    return Player(home, clean_environ(**settings_of(home)))


@pytest.mark.usefixtures("database")
def test_an_instance_of_the_first_tables_works_on(old: Player, database: str) -> None:
    assert {one["id"] for one in old.ask("show")} == {OPEN}
    assert len(old.ask("alerts")) == 1
    assert old.ask("build")["files"] > 100
    page = (old.home / "site" / "current" / "en" / "incidents" / OVER / "index.html").read_text("utf-8")
    assert 'id="n-5"' in page
    told = old.ask("resolve", OPEN, "--ended", "now", "--quiet", "--yes")
    assert told["sequence"] > 4
    assert old.ask("people", "list")[0]["login"] == "sato"
    copies = {path.name for path in old.home.glob("*.before-*")}
    assert ("world.db.before-world0001" in copies) is (database == "sqlite")
    _signs_in(old)


def _signs_in(player: Player) -> None:
    here = read_settings({**player.environ, "STATUSPAGE_HOME": str(player.home)})
    (books,) = (one for one in here.database_urls if one.name == "people")
    store = Database(books.current_url, books.schema)
    entered = accounts.sign_in(store, "sato", "correct horse battery", address="127.0.0.1", now=datetime.now(UTC))
    store.close()
    assert isinstance(entered, SignedIn)
    assert entered.account.name == "佐藤"


def test_what_was_waiting_then_goes_out_once(old: Player) -> None:
    with x_server(Account()) as x:
        ways = {**Account().environ("x-ja"), "STATUSPAGE_X_API": x.address, "STATUSPAGE_ADDRESS": "http://127.0.0.1:1"}
        worker = Player(old.home, {**old.environ, **ways}).start("worker")
        try:
            assert until(lambda: x.posts, 60)
        finally:
            worker.terminate()
            worker.communicate(timeout=30)
        assert len(x.posts) == 1
    (one,) = (d for d in old.ask("show", OPEN)["deliveries"] if d["channel"] == "x-ja")
    assert one["end"] == "sent"


def test_a_backup_made_before_the_upgrade_is_of_the_old_tables_and_is_brought_up_when_restored(
    old: Player, tmp_path: Path
) -> None:
    here = read_settings({**old.environ, "STATUSPAGE_HOME": str(old.home)})
    made = backup.create_backup(here, tmp_path / "before.zip", now=datetime.now(UTC))
    assert (made.books["live"].revision, made.books["people"].revision) == ("world0001", "people0001")
    assert not list(old.home.glob("*.before-*")), "the books were only read"
    other = Player(tmp_path / "other")
    assert other.run("restore-backup", str(tmp_path / "before.zip"), str(other.home)).code == 0
    said = other.run("show", "--json")
    assert said.err.startswith("On hold: ")
    assert {one["id"] for one in said.json} == {OPEN}
    assert [d["end"] for d in other.ask("queue", "list")["deliveries"] if d["channel"] == "x-ja"] == ["look"]


def test_of_copies_made_before_upgrades_the_newest_three_are_kept(tmp_path: Path) -> None:
    put(f"sqlite:///{tmp_path / 'world.db'}", "world")
    for number in range(4):
        (tmp_path / f"world.db.before-world{number:02}").touch()
    store = Database.for_environment(f"sqlite:///{tmp_path / 'world.db'}")
    store.migrate()
    store.close()
    left = sorted(path.name for path in tmp_path.glob("world.db.before-*"))
    assert (len(left), "world.db.before-world0001" in left) == (3, True)
