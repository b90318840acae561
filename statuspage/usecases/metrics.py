"""Metrics of the program, from the database, in Prometheus' text format 0.0.4."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from statuspage import __version__
from statuspage.integrations.hosting import Folder
from statuspage.storage import channel_health, drills, send_hold, stats
from statuspage.storage.engine import Connection, DatabaseBroken, DatabaseBusy
from statuspage.usecases.environment import Environment, shared_status

WORKER_TIMEOUT = timedelta(seconds=90)
"""A worker without a heartbeat for this long counts as dead: six times its interval."""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the program can work. ``worker`` is how long ago one was seen, None: none within a day."""

    is_database_up: bool
    is_content_current: bool
    is_on_hold: bool = False
    worker_age: timedelta | None = None

    @property
    def is_healthy(self) -> bool:
        """Whether published notices are delivered. Outdated content and a send hold are reported but do not count,
        because a restart fixes neither."""
        return self.is_database_up and self.worker_age is not None and self.worker_age <= WORKER_TIMEOUT


Samples = Mapping[tuple[tuple[str, str], ...], float]
"""Values by their labels."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """One gauge: its name and help text."""

    name: str
    help_text: str
    samples: Samples


def check_health(env: Environment, *, now: datetime) -> Health:
    """The health of this environment. If a database does not answer, that is part of the result."""
    is_content_current = not env.content.errors
    with suppress(DatabaseBusy, DatabaseBroken), env.databases.environment.read() as tx:
        last_seen, is_on_hold = stats.last_heartbeat(tx), send_hold.find_hold_start(tx) is not None
        age = None if last_seen is None else max(now - last_seen, timedelta())
        return Health(is_database_up=True, is_content_current=is_content_current, is_on_hold=is_on_hold, worker_age=age)
    return Health(is_database_up=False, is_content_current=is_content_current)


def render_metrics(env: Environment, *, now: datetime) -> str:
    """All metrics, one per line. Raises DatabaseBusy, DatabaseBroken."""
    with env.databases.environment.read() as tx:
        gauges = [*_queue_gauges(tx, now), *_incident_gauges(env.drill_status_path, tx), *_program_gauges(env, tx)]
    return "".join(line + "\n" for gauge in gauges for line in _gauge_lines(gauge))


def _queue_gauges(tx: Connection, now: datetime) -> Iterator[Gauge]:
    depths: Samples = {
        (("channel", channel), ("status", status)): count for (channel, status), count in stats.queue_depths(tx).items()
    }
    yield Gauge("queue_deliveries", "Deliveries that are not settled, by channel and status.", depths)
    oldest = stats.oldest_waiting(tx)
    waited = max((now - oldest).total_seconds(), 0.0) if oldest else 0.0
    yield _single_gauge("queue_oldest_waiting_seconds", "Age of the oldest delivery that has not gone out.", waited)
    paused: Samples = {
        (("channel", circuit.channel),): 1.0
        for circuit in channel_health.troubled_channels(tx)
        if circuit.closed_until is not None
    }
    yield Gauge("channel_paused", "1 for each channel to which sending is paused.", paused)


def _incident_gauges(drill_status_path: Path | None, tx: Connection) -> Iterator[Gauge]:
    states: Samples = {(("state", state),): count for state, count in stats.count_open_alerts(tx).items()}
    yield Gauge("alerts", "Open alerts, by state.", states)
    yield _single_gauge("open_incidents", "Open incidents, without maintenance.", stats.count_open_incidents(tx))
    yield _single_gauge("drill_running", "1 while a drill runs.", _is_drill_running(drill_status_path, tx))
    yield _timestamp_gauge("last_publish", "When the newest notice was published.", stats.last_notice_at(tx))


def _program_gauges(env: Environment, tx: Connection) -> Iterator[Gauge]:
    yield _timestamp_gauge("worker_heartbeat", "When a worker last recorded its heartbeat.", stats.last_heartbeat(tx))
    yield _single_gauge(
        "front_page_written_timestamp_seconds",
        "When the front page was last written.",
        _front_page_written_at(env.site_folder),
    )
    yield _single_gauge(
        "send_hold", "1 while the database is older than what was sent.", send_hold.find_hold_start(tx) is not None
    )
    yield _single_gauge(
        "content_errors",
        "Errors in the content; while there are any, previous content stays in use.",
        len(env.content.errors),
    )
    version_labels = (("version", __version__), ("environment", env.name))
    yield Gauge("info", "Version and environment of the program.", {version_labels: 1})


def _is_drill_running(drill_status_path: Path | None, tx: Connection) -> bool:
    if drill_status_path is None:
        return drills.find_running_drill(tx) is not None
    summary = shared_status.read_status(drill_status_path)
    return summary is not None and summary.drill_started_at is not None


def _front_page_written_at(site_folder: Folder) -> float:
    try:
        return (site_folder.current / "index.html").stat().st_mtime
    except OSError:
        return 0.0


def _single_gauge(name: str, help_text: str, value: float) -> Gauge:
    return Gauge(name, help_text, {(): float(value)})


def _timestamp_gauge(name: str, help_text: str, at: datetime | None) -> Gauge:
    """A time in seconds since 1970; 0: never."""
    return _single_gauge(f"{name}_timestamp_seconds", help_text, at.timestamp() if at else 0.0)


def _gauge_lines(gauge: Gauge) -> Iterator[str]:
    name = f"statuspage_{gauge.name}"
    yield f"# HELP {name} {gauge.help_text}"
    yield f"# TYPE {name} gauge"
    for labels, value in gauge.samples.items():
        # JSON escapes quotation mark, backslash and line feed in content ids just as this format does.
        label_text = ",".join(f"{key}={json.dumps(text, ensure_ascii=False)}" for key, text in labels)
        yield f"{name}{{{label_text}}} {float(value)!r}" if label_text else f"{name} {float(value)!r}"
