"""A drill's process has no credential, whatever started it, and changes nothing in the live environment."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import requests

from tests.support.drill_isolation import environ_of, holds
from tests.support.fakes.x_server import SECOND, Account, Server, x_server
from tests.support.instance import home
from tests.support.playing import PROGRAM, Player, Serving, clean_environ, serving, until

__all__ = ["home"]

PLANTED = {
    **Account().environ("x-ja"),
    **SECOND.environ("x-en"),
    "STATUSPAGE_INTAKE_SECRET": "planted-intake-secret",
    "STATUSPAGE_BUCKET_SECRET_KEY": "planted-bucket-secret",
    "AWS_SECRET_ACCESS_KEY": "planted-cloud-secret",
    "SMTP_PASSWORD": "planted-mail-secret",
    "PAGER_URL": "https://someone:planted-url-secret@pager.example/",
}
"""Variables in the environment of whoever starts a drill."""

LIST = "STATUSPAGE_SUBSCRIBERS_DATABASE_URL"
"""The location of the subscriber list, which no drill is given."""

MAY_BE_THERE = {
    "PATH", "HOME", "LANG", "LANGUAGE", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LC_TIME", "TZ", "TERM",
    "STATUSPAGE_HOME", "STATUSPAGE_CONTENT", "STATUSPAGE_LANGUAGE", "STATUSPAGE_DRILL_ADDRESS",
    "STATUSPAGE_ENVIRONMENT", "STATUSPAGE_DRILL_INTAKE_SECRET", "STATUSPAGE_DRILL_INTAKE_SECRET_FILE",
    "STATUSPAGE_DRILL_DATABASE_URL", "STATUSPAGE_DRILL_DATABASE_URL_FILE",
    "STATUSPAGE_ACCOUNTS_DATABASE_URL", "STATUSPAGE_ACCOUNTS_DATABASE_URL_FILE",
}  # fmt: skip


@pytest.fixture
def x() -> Iterator[Server]:
    """Where live posts would go."""
    with x_server(Account(), SECOND) as server:
        yield server


@pytest.fixture
def player(home: Path, x: Server) -> Player:
    """A user whose environment is full of credentials."""
    more = {"STATUSPAGE_X_API": x.address, LIST: f"sqlite:///{home}/list.db"}
    return Player(home, clean_environ(**PLANTED, **more))


@pytest.fixture
def served(player: Player) -> Iterator[Serving]:
    """The instance served from that environment."""
    with serving(player) as served:
        yield served


def planted_in(found: Mapping[str, str]) -> list[str]:
    """Names of the planted credentials found by name or by value."""
    values = set(found.values())
    return [name for name, value in PLANTED.items() if name in found or value in values]


def test_the_drill_that_serve_starts_has_none_of_the_credentials_and_live_has_all(served: Serving) -> None:
    drill, live = environ_of(served.child()), environ_of(served.process.pid)
    assert planted_in(live) == list(PLANTED), "the control: they were there to be taken"
    assert LIST in live
    assert planted_in(drill) == []
    assert set(drill) <= MAY_BE_THERE
    assert drill["STATUSPAGE_ENVIRONMENT"] == "drill"


def test_no_part_of_the_drills_memory_holds_a_credential(served: Serving) -> None:
    requests.get(served["drill"], timeout=10)
    assert held(served.process.pid) == list(PLANTED.values()), "the control: live holds them all"
    assert held(served.child()) == []


def held(pid: int) -> list[str]:
    """The planted values found anywhere in a process's writable memory."""
    return [value for value in PLANTED.values() if holds(pid, value.encode())]


STARTED: dict[str, tuple[tuple[str, ...], Mapping[str, str]]] = {
    "serve --drill": (("serve", "--drill", "--drill-port", "0", "--drill-site-port", "0"), {}),
    "worker --drill": (("worker", "--drill"), {}),
    "a worker in an environment that says drill": (("worker",), {"STATUSPAGE_ENVIRONMENT": "drill"}),
    "a verb with --drill": (("incident", "note", "drillxxxxxxx", "-", "--drill"), {}),
    "a verb of drill": (("drill", "start", "--alert", "alertmanager", "--file", "-"), {}),
    "a verb in an environment that says drill": (
        ("incident", "note", "drillxxxxxxx", "-"),
        {"STATUSPAGE_ENVIRONMENT": "drill"},
    ),
}
"""Every way to start a drill from a command line: its arguments, and further variables."""


@pytest.mark.parametrize("option", STARTED)
def test_a_drill_command_leaves_the_credentials_behind_however_it_is_asked_for(player: Player, option: str) -> None:
    args, more = STARTED[option]
    reads = args[0] not in ("serve", "worker")
    given = Player(player.home, {**player.environ, **more})
    process = given.start(*args, stdin=subprocess.PIPE if reads else subprocess.DEVNULL)
    try:
        found = until(lambda: clean_or_none(process.pid))
        assert found is not None
        assert until(lambda: is_at_work(process.pid))
        assert planted_in(found) == []
        assert set(found) <= MAY_BE_THERE
        assert held(process.pid) == []
    finally:
        process.terminate()
        process.communicate(timeout=30)


def test_a_credential_in_a_file_that_the_environment_names_is_not_read_by_a_drill(player: Player) -> None:
    named = player.home.parent / "token"
    named.write_text("planted-file-secret", "utf-8")
    environ = {**player.environ, "STATUSPAGE_OTHER_TOKEN_FILE": str(named)}
    process = Player(player.home, environ).start("worker", "--drill")
    try:
        assert until(lambda: clean_or_none(process.pid))
        assert until(lambda: is_at_work(process.pid))
        assert "STATUSPAGE_OTHER_TOKEN_FILE" not in environ_of(process.pid)
        assert not holds(process.pid, b"planted-file-secret")
    finally:
        process.terminate()
        process.communicate(timeout=30)


def is_at_work(pid: int) -> bool:
    """Whether the program has read its content, which is then in its memory."""
    return holds(pid, "ここに書かれた不具合は、起きていません。".encode()) or waits_to_read(pid)


def waits_to_read(pid: int) -> bool:
    """Whether it is waiting for standard input."""
    at = Path(f"/proc/{pid}/syscall").read_text().split()
    return at[:2] == ["0", "0x0"]  # read of descriptor 0; only on x86-64, elsewhere its memory is searched


def test_a_web_server_that_holds_credentials_is_refused_a_drill(player: Player) -> None:
    environ = {**player.environ, "STATUSPAGE_HOME": str(player.home), "STATUSPAGE_ENVIRONMENT": "drill"}
    asked = [sys.executable, "-P", "-c", "from statuspage import wsgi; wsgi.desk()"]
    result = subprocess.run(asked, env=environ, capture_output=True, text=True, timeout=60)
    assert result.returncode != 0
    assert all(name in result.stderr for name in PLANTED)
    assert [value for value in PLANTED.values() if value in result.stderr] == []


def clean_or_none(pid: int) -> dict[str, str] | None:
    """The environment once the process has become the drill's."""
    found = environ_of(pid)
    return found if "SMTP_PASSWORD" not in found else None


def test_a_whole_drill_leaves_the_live_environment_byte_for_byte_as_it_was(
    served: Serving, player: Player, x: Server
) -> None:
    before = fingerprint(player.home)
    alert = player.ask("drill", "start", "--alert", "alertmanager")["alert"]
    answer = player.ask("report", "--alert", alert, "--yes", "--wait", "--drill")
    assert answer["incident"].startswith("drill")
    assert {d["status"] for d in answer["deliveries"]} == {"delivered"}
    player.ask("resolve", answer["incident"], "--ended", "now", "--yes", "--drill")
    player.ask("drill", "end")
    assert x.posts == []
    assert fingerprint(player.home) == before
    shown = requests.get(f"{served['drill_site']}/ja/incidents/{answer['incident']}/", timeout=10).text
    assert "【訓練】" in shown


def fingerprint(home: Path) -> dict[str, str]:
    """Every published live file, and everything in the live database."""
    files = [path for path in (home / "site").rglob("*") if path.is_file() and ".html" not in path.name]
    prints = {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    prints |= {str(path): "there" for path in (home / "site").rglob("*.html")}
    return prints | {"incidents": dump(home)}


def dump(home: Path) -> str:
    """All incidents, alerts and deliveries of the live environment."""
    with sqlite3.connect(f"file:{home / 'environment.db'}?mode=ro", uri=True) as connection:
        tables = ("incident", "entry", "alert", "alert_step", "delivery", "drill")
        rows = [repr(connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()) for table in tables]
    connection.close()
    return "\n".join(rows)


def test_live_commands_do_reach_x_from_the_same_environment(player: Player, x: Server) -> None:
    environ = {**player.environ, "STATUSPAGE_ADDRESS": "http://127.0.0.1:1"}
    answer = (
        Player(player.home, environ).run("report", "--incident-type", "slow", "--start", "10m", "--yes", "--json").json
    )
    assert {d["channel"]: d["status"] for d in answer["deliveries"]}["x-ja"] == "delivered"
    assert len(x.posts) == 2, "the control: what a drill must not reach can be reached"


def test_the_program_starts_itself_without_the_folder_it_is_called_from(tmp_path: Path, home: Path) -> None:
    (tmp_path / "statuspage.py").write_text("raise SystemExit('the wrong program')", "utf-8")
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        result = Player(home).run("drill", "list", "--json")
    finally:
        os.chdir(before)
    assert (result.code, result.json) == (0, [])
    assert PROGRAM[1] == "-P"
