"""Figures about the program itself, from the books, as Prometheus reads them (text format 0.0.4)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from statuspage import __version__
from statuspage.storage import channel_health, drills, send_hold, stats
from statuspage.storage.engine import Broken, Busy, Connection
from statuspage.usecases.environment import Environment, shared_status

LATE = timedelta(seconds=90)
"""After this long without a sign of a worker it is taken for gone: six times its beat."""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether the program can do its work. ``worker``: how long ago one was seen at work, None: none within a day."""

    is_database_up: bool
    is_content_current: bool
    is_on_hold: bool = False
    worker_age: timedelta | None = None

    @property
    def is_healthy(self) -> bool:
        """Whether what is published goes out. Older content and a hold are said, but restarting mends neither."""
        return self.is_database_up and self.worker_age is not None and self.worker_age <= LATE


Samples = Mapping[tuple[tuple[str, str], ...], float]
"""Values by their labels."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One gauge: what it is called, what it means."""

    name: str
    help_text: str
    samples: Samples


def health(env: Environment, *, now: datetime) -> Health:
    """How this world's program fares; a database that does not answer is an answer too."""
    is_content_current = not env.content_errors
    with suppress(Busy, Broken), env.database.read() as tx:
        last_seen, is_on_hold = stats.last_beat(tx), send_hold.since(tx) is not None
        age = None if last_seen is None else max(now - last_seen, timedelta())
        return Health(is_database_up=True, is_content_current=is_content_current, is_on_hold=is_on_hold, worker_age=age)
    return Health(is_database_up=False, is_content_current=is_content_current)


def metrics_text(env: Environment, *, now: datetime) -> str:
    """All figures, one a line. Raises Busy, Broken."""
    with env.database.read() as tx:
        gauges = [*_of_queue(tx, now), *_of_incidents(env, tx), *_of_program(env, tx)]
    return "".join(line + "\n" for gauge in gauges for line in _figure_lines(gauge))


def _of_queue(tx: Connection, now: datetime) -> Iterator[Figure]:
    depths: Samples = {
        (("channel", channel), ("end", status)): count for (channel, status), count in stats.depths(tx).items()
    }
    yield Figure("queue_deliveries", "Deliveries that are not settled, by channel and how they stand.", depths)
    oldest = stats.oldest_waiting(tx)
    waited = max((now - oldest).total_seconds(), 0.0) if oldest else 0.0
    yield _single("queue_oldest_waiting_seconds", "Age of the oldest delivery that has not gone out.", waited)
    paused: Samples = {
        (("channel", circuit.channel),): 1.0 for circuit in channel_health.troubled(tx) if circuit.until is not None
    }
    yield Figure("channel_paused", "1 for each channel that is left in peace for now.", paused)


def _of_incidents(env: Environment, tx: Connection) -> Iterator[Figure]:
    states: Samples = {(("state", state),): count for state, count in stats.alerts_by_state(tx).items()}
    yield Figure("alerts", "Alerts that still want somebody, by state.", states)
    yield _single("open_incidents", "Incidents that are open, planned work apart.", stats.open_incidents(tx))
    yield _single("drill_running", "1 while a drill runs.", _drill_runs(env, tx))
    yield _moment("last_publish", "When the newest notice was put on record.", stats.last_notice(tx))


def _of_program(env: Environment, tx: Connection) -> Iterator[Figure]:
    yield _moment("worker_beat", "When a worker was last seen at work.", stats.last_beat(tx))
    yield _single("front_renewed_timestamp_seconds", "When the front was last written.", _front(env))
    yield _single("on_hold", "1 while the books are older than what was sent.", send_hold.since(tx) is not None)
    yield _single("content_faults", "Faults for which an older content is in use.", len(env.content_errors))
    version_labels = (("version", __version__), ("world", env.name))
    yield Figure("info", "Which program this is.", {version_labels: 1})


def _drill_runs(env: Environment, tx: Connection) -> bool:
    if env.drill_status_path is None:
        return drills.running(tx) is not None
    summary = shared_status.read_status(env.drill_status_path)
    return summary is not None and summary.drill_started_at is not None


def _front(env: Environment) -> float:
    try:
        return (env.site_folder.current / "index.html").stat().st_mtime
    except OSError:
        return 0.0


def _single(name: str, help_text: str, value: float) -> Figure:
    return Figure(name, help_text, {(): float(value)})


def _moment(name: str, help_text: str, at: datetime | None) -> Figure:
    """A moment in seconds since 1970; 0: never."""
    return _single(f"{name}_timestamp_seconds", help_text, at.timestamp() if at else 0.0)


def _figure_lines(gauge: Figure) -> Iterator[str]:
    name = f"statuspage_{gauge.name}"
    yield f"# HELP {name} {gauge.help_text}"
    yield f"# TYPE {name} gauge"
    for labels, value in gauge.samples.items():
        # What JSON escapes in ids of content (quotation mark, backslash, line feed) the format escapes the same way.
        label_text = ",".join(f"{key}={json.dumps(text, ensure_ascii=False)}" for key, text in labels)
        yield f"{name}{{{label_text}}} {float(value)!r}" if label_text else f"{name} {float(value)!r}"
