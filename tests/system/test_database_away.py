"""A real PostgreSQL that is stopped for a while, under long-running programs."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
import requests
from structlog import BoundLogger, PrintLogger, wrap_logger
from structlog.testing import LogCapture

from statuspage.domain.bulk_send import BATCH
from statuspage.domain.catalog import Catalog
from statuspage.domain.queue_item import DeliveryStatus
from statuspage.storage.engine.database import Database
from tests.support.bulk_sends import OPTIONS, OWN_PAGES, address, delivery_of_notice, enqueue_for_all, subscribe
from tests.support.bulk_sends_killed import NAMES, environment_at
from tests.support.database import DATABASES
from tests.support.fakes.mail_sink import Sink, mail_sink
from tests.support.instance import settings_of
from tests.support.playing import Player, block_of, clean_environ, serving, until
from tests.support.postgres import Postgres, postgres
from tests.support.site import composed

SUBSCRIBERS = int(os.environ.get("AWAY_SUBSCRIBERS", "300"))
AWAY = float(os.environ.get("AWAY_SECONDS", "10"))
"""Seconds for which the server is stopped. ``make soak`` has more of both."""

LONGEST_SEND = 120 + SUBSCRIBERS / 10

CHANNEL = f"""
[subscribers-ja]
type = "subscribers"
language = "ja"
medium = "mail"
sender = "status@example.com"
rate = "30"
connections = "{OPTIONS["connections"]}"
notices = ["all"]
"""
WORKERS = {"worker": 1, "three workers": 3}
PROCESSES = {**WORKERS, "serve": 2}

SAYS_SO = "The database does not answer yet."
PORTS = [part for name in ("", "site-", "drill-", "drill-site-", "signup-") for part in (f"--{name}port", "0")]


@pytest.fixture
def server() -> Iterator[Postgres]:
    """A server that a test may stop."""
    with postgres() as found:
        DATABASES.use(found)
        yield found
        DATABASES.use(None)


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    with mail_sink(tmp_path / "taken") as found:
        yield found


@pytest.fixture(scope="module")
def with_channel(made_instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance with a bulk channel. No sentence depends on it, so that the content counts as checked."""
    home = Path(shutil.copytree(made_instance, tmp_path_factory.mktemp("many") / "instance", symlinks=True))
    with (home / "content" / "channels.toml").open("a") as file:
        file.write(CHANNEL)
    return home


@pytest.fixture
def player(with_channel: Path, tmp_path: Path, server: Postgres, sink: Sink) -> Player:
    """A user of such an instance, whose databases are on that server."""
    home = Path(shutil.copytree(with_channel, tmp_path / "instance", symlinks=True))
    more = {"STATUSPAGE_SUBSCRIBERS_JA_SERVER": sink.address, "STATUSPAGE_PUBLIC_ADDRESS": OWN_PAGES}
    more["STATUSPAGE_ADDRESS"] = "http://127.0.0.1:9"  # nothing waits for the page here
    return Player(home, clean_environ(**settings_of(home), **more))


@contextmanager
def working(player: Player) -> Iterator[subprocess.Popen[bytes]]:
    """A running ``worker``."""
    process = player.start("worker")
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=60)


@contextmanager
def running(player: Player, verb: str) -> Iterator[Sequence[subprocess.Popen[bytes]]]:
    """The processes of ``serve``, of one worker or of several, at work."""
    if verb == "serve":
        with serving(player) as served:
            yield [served.process]
        return
    with ExitStack() as until_left:
        processes = [until_left.enter_context(working(player)) for _ in range(WORKERS[verb])]
        began = until(lambda: player.errors().count("Processing the queue") == len(processes), 180)
        assert began, player.errors()
        yield processes


def lines(player: Player, event: str) -> list[str]:
    """The databases for which a log has this event."""
    answer = [json.loads(line) for line in player.errors().splitlines() if line.startswith("{")]
    return sorted(one["database"] for one in answer if one["event"] == event)


def has_said_that_all_are_back(player: Player) -> bool:
    """Once for each that was away; those that are away for long are said to be again and again."""
    away, back = lines(player, "database unavailable"), lines(player, "database available again")
    return back == away if AWAY < 60 else set(back) == set(away)


def stop(server: Postgres, how: str) -> None:
    """Stops it as ``pg_ctl stop -m`` does. *Smart* waits for all who are connected; after some seconds it is *fast*."""
    if how == "smart":
        server.process.send_signal(signal.SIGTERM)
        time.sleep(5)
    server.stop(at_once=how == "immediate")


@pytest.mark.parametrize(
    ("verb", "how"),
    [
        *((verb, how) for verb in ("worker", "serve") for how in ("fast", "immediate")),
        ("serve", "smart"),
        ("three workers", "fast"),
    ],
)
def test_a_server_that_is_stopped_in_the_middle_of_a_bulk_send_ends_nothing_and_all_goes_on_when_it_is_back(
    player: Player, server: Postgres, sink: Sink, catalog: Catalog, verb: str, how: str
) -> None:
    settings = zip(NAMES, ("", "ACCOUNTS_", "SUBSCRIBERS_"), strict=True)
    urls = {name: player.environ[f"STATUSPAGE_{prefix}DATABASE_URL"] for name, prefix in settings}
    env = environment_at(player.home.parent, catalog, sink.address, urls)
    with running(player, verb) as processes:
        started = len(player.errors())
        assert env.databases.subscribers is not None
        subscribe(env.databases.subscribers, [address(number) for number in range(SUBSCRIBERS)])
        sequence = enqueue_for_all(env, composed(catalog, ("12:03", "first")), datetime.now(UTC))
        assert until(lambda: len(sink.taken()) > 30, 60), player.errors()
        stop(server, how)
        time.sleep(AWAY)
        before = len(sink.taken())
        assert [process.poll() for process in processes] == [None] * len(processes), player.errors()
        server.start()
        back = time.monotonic()
        assert until(lambda: len(sink.taken()) > before, LONGEST_SEND), player.errors()
        wait = time.monotonic() - back
        sent = until(lambda: delivery_of_notice(env, sequence).status is DeliveryStatus.DELIVERED, LONGEST_SEND)
        assert sent, player.errors()
        assert [process.poll() for process in processes] == [None] * len(processes)
        assert until(lambda: has_said_that_all_are_back(player), 30), player.errors()
    env.databases.environment.close()
    env.databases.subscribers.close()
    assert {process.returncode for process in processes} == {0}
    arrived = Counter(to for _, to in sink.taken().elements())
    assert (before < SUBSCRIBERS, len(arrived)) == (True, SUBSCRIBERS)
    twice = sum(count > 1 for count in arrived.values())
    print(f"{len(arrived)} of {SUBSCRIBERS} reached, {before} before {AWAY:.0f} s without a server; twice: {twice};")
    print(f"the next one {wait:.1f} s after its return; lines of log: {player.errors()[started:].count('event')}")
    assert (twice <= BATCH * int(OPTIONS["connections"]), max(arrived.values()) <= 2) == (True, True)
    away = Counter(lines(player, "database unavailable"))
    assert {"environment", "subscribers"} <= set(away)
    most = PROCESSES[verb] * (1 + int(AWAY / 60))
    assert max(away.values()) <= most, "once, in each process, and once a minute"
    assert "Traceback" not in player.errors()


def test_while_it_is_away_the_subscribers_pages_say_that_and_nothing_of_too_many_requests(
    player: Player, server: Postgres
) -> None:
    with serving(player) as served:
        pages = served["signup"]
        assert requests.get(f"{pages}/readyz", timeout=30).text == "ok\n"
        server.stop()
        health = requests.get(f"{pages}/readyz", timeout=30)
        page = requests.get(f"{pages}/en/unsubscribe/abc.def", timeout=30)
        server.start()
        assert until(lambda: requests.get(f"{pages}/readyz", timeout=30).status_code == 200)
    assert (health.status_code, health.text) == (503, "The database does not answer.\n")
    assert (page.status_code, "This is not available right now" in page.text) == (503, True)
    assert "Too many requests" not in page.text


@pytest.mark.parametrize("verb", ["worker", "serve", "signup"])
def test_started_while_it_is_away_they_wait_and_say_so_in_one_line(player: Player, server: Postgres, verb: str) -> None:
    if verb == "signup":
        assert player.run("show").code == 0, "the tables are the worker's to make"
    server.stop()
    process = player.start(verb, *(PORTS if verb == "serve" else ["--port", "0"] if verb == "signup" else []), "--json")
    try:
        assert until(lambda: SAYS_SO in player.errors(), 60), player.errors()
        time.sleep(3)
        assert process.poll() is None
        assert player.errors().count("\n") == 1, player.errors()
        server.start()
        if verb == "worker":
            assert until(lambda: "Processing the queue" in player.errors(), 60), player.errors()
        else:
            assert json.loads(block_of(process, player))["pid"] == process.pid
        process.terminate()
        process.communicate(timeout=60)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 0
    assert player.errors().count(SAYS_SO) == 1


@pytest.mark.parametrize("verb", ["worker", "serve", "signup"])
def test_told_not_to_wait_they_end_with_an_error_at_once(player: Player, server: Postgres, verb: str) -> None:
    server.stop()
    ports = PORTS if verb == "serve" else ["--port", "0"] if verb == "signup" else []
    answer = player.run(verb, *ports, "--database-wait", "0")
    server.start()
    assert answer.code == 1, answer.err
    assert SAYS_SO not in answer.err
    assert "cannot be reached" in answer.err


def test_told_to_stop_while_it_waits_it_stops(player: Player, server: Postgres) -> None:
    server.stop()
    process = player.start("worker")
    assert until(lambda: SAYS_SO in player.errors(), 60), player.errors()
    process.terminate()
    process.communicate(timeout=30)
    assert process.returncode == 0
    server.start()


@pytest.mark.parametrize("wrong", ["password", "database", "user"])
def test_a_server_that_does_not_let_us_in_is_an_error_at_once(player: Player, server: Postgres, wrong: str) -> None:
    url = player.environ["STATUSPAGE_DATABASE_URL"]
    if wrong == "password":
        rules = server.folder / "data" / "pg_hba.conf"
        rules.write_text(f"local all live scram-sha-256\n{rules.read_text()}")
        server.process.send_signal(signal.SIGHUP)
        assert until(lambda: refused(url.replace("live@", "live:wrong@")))
    changed = {"password": ("live@", "live:wrong@"), "database": ("/test", "/no-test"), "user": ("live@", "nobody@")}
    other = replace(player, environ={**player.environ, "STATUSPAGE_DATABASE_URL": url.replace(*changed[wrong])})
    for verb in ("worker", "serve"):
        result = other.run(verb, *(PORTS if verb == "serve" else []))
        assert (result.code, result.out) == (1, "")
        assert result.err.startswith("The database refused access."), result.err


def refused(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return True
    return False


def test_a_database_that_was_away_is_written_down_once_when_it_goes_and_once_when_it_is_back(
    server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = LogCapture()
    monkeypatch.setattr("statuspage.storage.engine.database._log", wrap_logger(PrintLogger(), [written], BoundLogger))
    store = Database(server.url(server.create()), "accounts")
    store.migrate()
    server.stop()
    for _ in range(5):
        assert trouble(store)
    server.start()
    for _ in range(5):
        assert not trouble(store)
    store.close()
    events = [(one["event"], one["database"]) for one in written.entries]
    assert events == [("database unavailable", "accounts"), ("database available again", "accounts")]


def test_databases_that_are_away_together_are_one_line_a_minute(
    server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    written, now = LogCapture(), 1000.0
    monkeypatch.setattr("statuspage.storage.engine.database._log", wrap_logger(PrintLogger(), [written], BoundLogger))
    monkeypatch.setattr("statuspage.storage.engine.database.time.monotonic", lambda: now)
    stores = [Database(server.url(server.create()), "accounts") for _ in range(3)]
    for store in stores:
        store.migrate()
    server.stop()
    for _ in range(60):
        assert all(trouble(store) for store in stores)
        now += 20
    server.start()
    for store in stores:
        store.close()
    assert len(written.entries) <= 3 + 60 * 20 / 60


def trouble(store: Database) -> bool:
    try:
        with store.read() as tx:
            tx.exec_driver_sql("SELECT 1")
    except Exception:
        return True
    return False
