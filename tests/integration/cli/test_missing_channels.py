"""A terminal without the settings of the server's channels: nothing is published that would not reach them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from statuspage.storage import stats
from statuspage.storage.engine.database import Database
from tests.support.instance import Cli, cli, home

__all__ = ["cli", "home"]

REPORT = ("report", "--incident-type", "booking", "--start", "about:5m", "--yes")


def worker_seen(home: Path, *channels: str, ago: timedelta = timedelta()) -> None:
    """A worker has recorded that it runs, and to which channels it can send."""
    with Database(f"sqlite:///{home / 'environment.db'}", "environment").begin() as tx:
        stats.record_heartbeat(tx, f"worker-{ago}", datetime.now(UTC) - ago, channels)


def test_nothing_is_published_past_the_channels_of_the_server(cli: Cli, home: Path) -> None:
    worker_seen(home, "x-ja")
    refused = cli(*REPORT)
    assert refused.code == 1
    assert "Nothing was published" in refused.err
    assert "x-ja" in refused.err and "--quiet" in refused.err
    assert cli("show", "--json").json == []
    assert cli(*REPORT, "--quiet", "--json").code == 0
    assert len(cli("show", "--json").json) == 1


def test_only_the_workers_that_run_now_count(cli: Cli, home: Path) -> None:
    worker_seen(home, "x-ja", ago=timedelta(hours=2))
    worker_seen(home)
    assert cli(*REPORT).code == 0
