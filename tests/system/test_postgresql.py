"""An instance on PostgreSQL: three databases, three users, and live's password is known to live only."""

from __future__ import annotations

from pathlib import Path
from threading import Thread

import pytest

from statuspage import settings
from statuspage.domain.alert import MonitorAlert, Proposal
from statuspage.settings import SharedDatabase
from statuspage.storage import alerts, deliveries, incidents
from statuspage.storage.engine.database import Database, InvalidDatabaseUrl
from tests.support.database import made
from tests.support.drill_isolation import environ_of, holds
from tests.support.instance import home, settings_of
from tests.support.playing import Player, clean_environ, serving
from tests.support.postgres import Postgres
from tests.support.times import at

__all__ = ["home"]

LIVE, DRILL, ACCOUNTS, ASKED = (
    f"STATUSPAGE_{name}DATABASE_URL" for name in ("", "DRILL_", "ACCOUNTS_", "SUBSCRIBERS_")
)


@pytest.fixture
def player(home: Path, on_postgresql: Postgres) -> Player:
    """A user with an instance on PostgreSQL; live's user has a password, which this server does not check."""
    given = settings_of(home)
    given[LIVE] = given[LIVE].replace("//live@", "//live:planted-database-secret@")
    return Player(home, clean_environ(**given))


def test_a_whole_instance_lives_on_postgresql_and_the_drill_is_not_given_lives_password(player: Player) -> None:
    with serving(player) as served:
        player.ask("drill", "start", "--alert", "alertmanager")
        report = player.ask("report", "--incident-type", "booking", "--start", "10m", "--yes")
        assert {d["channel"]: d["status"] for d in report["deliveries"]} == {"site": "delivered"}
        live, drill = served.process.pid, served.child()
        secret = b"planted-database-secret"
        assert holds(live, secret), "the control: live holds it"
        assert not holds(drill, secret)
        assert LIVE not in environ_of(drill)
        assert environ_of(drill)[DRILL].startswith("postgresql://drill@")
    rows = {role: rows_of(player, name) for role, name in (("live", LIVE), ("drill", DRILL))}
    assert rows == {"live": (1, 0), "drill": (0, 1)}, "each environment wrote into its own database"


def rows_of(player: Player, name: str) -> tuple[int, int]:
    """The numbers of stored incidents and drills."""
    store = Database.for_environment(player.environ[name])
    with store.read() as tx:
        counts = [tx.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one() for table in ("incident", "drill")]
    store.close()
    return counts[0], counts[1]


ELSEWHERE = "postgresql://drill:other@db.example/drill"


@pytest.mark.parametrize(
    "given",
    [
        {LIVE: "postgresql://live@db.example/one", DRILL: "postgresql://drill@db.example/one"},
        {LIVE: "postgresql://live@db.example/one", ACCOUNTS: "postgresql://live@db.example/one"},
        {DRILL: ELSEWHERE, ACCOUNTS: ELSEWHERE},
        {LIVE: "postgresql://live:pw@db.example/one", DRILL: "postgresql://live:pw@db.example/two"},
        {LIVE: "postgresql://live:pw@db.example/one", ACCOUNTS: "postgresql://live:pw@db.example/two"},
        {LIVE: "postgresql://live:pw@db.example/one", ASKED: "postgresql://live:pw@db.example/two"},
        {DRILL: ELSEWHERE, ASKED: "postgresql://drill:other@db.example/three"},
    ],
    ids=[
        "drill in live",
        "accounts in live",
        "drill in accounts",
        "the drill knows live's key",
        "the accounts' key is live's",
        "the subscribers' key is live's",
        "the drill knows the subscribers' key",
    ],
)
def test_databases_that_are_not_kept_apart_are_refused(given: dict[str, str]) -> None:
    with pytest.raises(SharedDatabase):
        _ = settings.read_settings(given, home="/srv/a").databases


def test_each_database_of_its_own_is_taken_and_never_shown() -> None:
    given = {
        LIVE: "postgresql://live:pw123456@db.example/live",
        DRILL: ELSEWHERE,
        ACCOUNTS: "sqlite:////srv/accounts.db",
    }
    settings_read = settings.read_settings(given, home="/srv/a").databases
    assert (settings_read.live, settings_read.drill, settings_read.accounts) == tuple(given.values())
    assert "pw123456" not in repr(settings_read)


def test_the_three_are_told_apart_on_the_command_line(home: Path) -> None:
    same = "postgresql://live@db.example/one"
    result = Player(home, clean_environ(**{LIVE: same, DRILL: same})).run("show")
    assert result.code == 2
    assert (
        result.err == "Live, the drill, the accounts and the subscribers each need their own database. Live and the "
        "subscribers each need their own user, too.\n"
    )


@pytest.mark.parametrize("url", ["mysql://root@db.example/one", "nonsense"])
def test_another_kind_of_database_is_refused(url: str) -> None:
    with pytest.raises(InvalidDatabaseUrl) as refused:
        Database(url)
    assert refused.value.code == "unknown"
    assert "example" not in str(refused.value)


def test_what_is_longer_than_expected_is_kept_as_sqlite_keeps_it(on_postgresql: Postgres, tmp_path: Path) -> None:
    signal = MonitorAlert("alertmanager", "f" * 600, "Booking", "", {}, at("11:56"))
    with made(tmp_path / "environment.db", "environment").begin() as tx:
        kept = alerts.receive_alert(tx, signal, id="a1", received_at=at("11:57"), proposal=Proposal("booking"))
    assert kept.monitor_alert.identity == "f" * 600


def test_writers_take_turns_and_readers_wait_for_nobody(on_postgresql: Postgres, tmp_path: Path) -> None:
    one, two = (
        Database.for_environment(made(tmp_path / "environment.db", "environment").engine.url.render_as_string())
        for _ in range(2)
    )
    order: list[str] = []
    with one.begin() as tx:
        other = Thread(target=lambda: order.append(write(two)))
        other.start()
        with two.read() as reading:
            assert incidents.open_incidents(reading) == ()
        with two.begin_without_turn() as beside:
            assert deliveries.due_channels(beside, at("12:00")) == ()
        other.join(0.2)
        assert other.is_alive()
        order.append("one")
        incidents.next_fence(tx)
    other.join()
    assert order == ["one", "two"]
    one.close()
    two.close()


def write(store: Database) -> str:
    with store.begin() as tx:
        assert incidents.next_fence(tx) == 2
    return "two"
