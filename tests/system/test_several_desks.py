"""Two machines with a home each share one PostgreSQL: gunicorn serves the desk of one, the other has a worker."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.support.hosts import free_port
from tests.support.instance import home, settings_of
from tests.support.paths import ROOT
from tests.support.playing import PATIENCE, Player, clean_environ, until
from tests.support.postgres import Postgres

__all__ = ["home"]

GUIDE = ROOT / "docs" / "guides" / "operate.md"


@pytest.fixture
def players(home: Path, on_postgresql: Postgres) -> tuple[Player, Player]:
    """Both machines, as docs/guides/postgresql.md says: the same content, the same ``secret``, the same place to
    publish to."""
    other = home.parent / "other-machine" / "instance"
    shutil.copytree(home, other, symlinks=True, ignore=shutil.ignore_patterns("*.db*", "site", "drill"))
    shutil.rmtree(home / "site")
    (home / "site").mkdir()
    (other / "site").symlink_to(home / "site")
    environ = clean_environ(**settings_of(home), STATUSPAGE_ADDRESS="http://127.0.0.1:9")
    return Player(home, environ), Player(other, environ)


def status(address: str) -> int:
    """0: no answer within some seconds."""
    try:
        return requests.get(address, timeout=5).status_code
    except requests.RequestException:
        return 0


@contextmanager
def with_gunicorn(player: Player) -> Iterator[str]:
    """The desk, served by the command of the guide on a free port. Its log is beside the home."""
    (command,) = re.findall(r"^(gunicorn .+)$", GUIDE.read_text("utf-8"), re.MULTILINE)
    port = free_port()
    words = command.replace("'", "").replace("127.0.0.1:8000", f"127.0.0.1:{port}").split()
    assert f"127.0.0.1:{port}" in words
    environ = {**player.environ, "STATUSPAGE_HOME": str(player.home)}
    with (player.home.parent / "gunicorn.txt").open("wb") as log:
        program = [sys.executable, "-P", "-m", words[0], *words[1:]]
        process = subprocess.Popen(program, env=environ, stdout=log, stderr=log)
    try:
        assert until(lambda: status(f"http://127.0.0.1:{port}/livez") == 200, PATIENCE), process.poll()
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)
    assert process.returncode == 0


def test_a_notice_of_one_machine_is_carried_out_by_the_other_machines_worker(players: tuple[Player, Player]) -> None:
    first, second = players
    with with_gunicorn(second) as desk:
        assert requests.get(f"{desk}/readyz", timeout=30).json()["status"] == "ok"
        assert requests.get(f"{desk}/healthz", timeout=30).status_code == 503, "no worker yet"
        worker = first.start("worker")
        try:
            assert until(lambda: requests.get(f"{desk}/healthz", timeout=30).status_code == 200, 120), first.errors()
            report = second.run("report", "--incident-type", "booking", "--start", "10m", "--yes", "--json")
            assert report.code == 0, report.err
            id = json.loads(report.out)["incident"]
            assert id in first.run("incident", "list").out, "read from the shared database"
            page = home_page(first)
            assert until(lambda: id in page.read_text("utf-8"), 60), first.errors()
        finally:
            worker.terminate()
            worker.communicate(timeout=60)
    assert worker.returncode == 0
    log = (second.home.parent / "gunicorn.txt").read_text("utf-8")
    events = [json.loads(line)["event"] for line in log.splitlines() if line.startswith("{")]
    assert (events.count("started"), events.count("stopped")) == (2, 2), "each of gunicorn's two processes"
    assert "Traceback" not in log


def home_page(player: Player) -> Path:
    return player.home / "site" / "current" / "ja" / "index.html"
