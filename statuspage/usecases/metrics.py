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

    database: bool
    content: bool
    held: bool = False
    worker: timedelta | None = None

    @property
    def well(self) -> bool:
        """Whether what is published goes out. Older content and a hold are said, but restarting mends neither."""
        return self.database and self.worker is not None and self.worker <= LATE


Samples = Mapping[tuple[tuple[str, str], ...], float]
"""Values by their labels."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One gauge: what it is called, what it means."""

    name: str
    means: str
    samples: Samples


def health(world: Environment, *, now: datetime) -> Health:
    """How this world's program fares; a database that does not answer is an answer too."""
    content = not world.faults
    with suppress(Busy, Broken), world.store.read() as tx:
        seen, held = stats.last_beat(tx), send_hold.since(tx) is not None
        age = None if seen is None else max(now - seen, timedelta())
        return Health(database=True, content=content, held=held, worker=age)
    return Health(database=False, content=content)


def metrics_text(world: Environment, *, now: datetime) -> str:
    """All figures, one a line. Raises Busy, Broken."""
    with world.store.read() as tx:
        found = [*_of_queue(tx, now), *_of_incidents(world, tx), *_of_program(world, tx)]
    return "".join(line + "\n" for figure in found for line in _figure_lines(figure))


def _of_queue(tx: Connection, now: datetime) -> Iterator[Figure]:
    depths: Samples = {
        (("channel", channel), ("end", end)): count for (channel, end), count in stats.depths(tx).items()
    }
    yield Figure("queue_deliveries", "Deliveries that are not settled, by channel and how they stand.", depths)
    oldest = stats.oldest_waiting(tx)
    waited = max((now - oldest).total_seconds(), 0.0) if oldest else 0.0
    yield _single("queue_oldest_waiting_seconds", "Age of the oldest delivery that has not gone out.", waited)
    paused: Samples = {
        (("channel", lane.channel),): 1.0 for lane in channel_health.troubled(tx) if lane.until is not None
    }
    yield Figure("channel_paused", "1 for each channel that is left in peace for now.", paused)


def _of_incidents(world: Environment, tx: Connection) -> Iterator[Figure]:
    states: Samples = {(("state", state),): count for state, count in stats.alerts_by_state(tx).items()}
    yield Figure("alerts", "Alerts that still want somebody, by state.", states)
    yield _single("open_incidents", "Incidents that are open, planned work apart.", stats.open_incidents(tx))
    yield _single("drill_running", "1 while a drill runs.", _drill_runs(world, tx))
    yield _moment("last_publish", "When the newest notice was put on record.", stats.last_notice(tx))


def _of_program(world: Environment, tx: Connection) -> Iterator[Figure]:
    yield _moment("worker_beat", "When a worker was last seen at work.", stats.last_beat(tx))
    yield _single("front_renewed_timestamp_seconds", "When the front was last written.", _front(world))
    yield _single("on_hold", "1 while the books are older than what was sent.", send_hold.since(tx) is not None)
    yield _single("content_faults", "Faults for which an older content is in use.", len(world.faults))
    about = (("version", __version__), ("world", world.name))
    yield Figure("info", "Which program this is.", {about: 1})


def _drill_runs(world: Environment, tx: Connection) -> bool:
    if world.drill_summary is None:
        return drills.running(tx) is not None
    told = shared_status.read_status(world.drill_summary)
    return told is not None and told.drill is not None


def _front(world: Environment) -> float:
    try:
        return (world.target.current / "index.html").stat().st_mtime
    except OSError:
        return 0.0


def _single(name: str, means: str, value: float) -> Figure:
    return Figure(name, means, {(): float(value)})


def _moment(name: str, means: str, at: datetime | None) -> Figure:
    """A moment in seconds since 1970; 0: never."""
    return _single(f"{name}_timestamp_seconds", means, at.timestamp() if at else 0.0)


def _figure_lines(figure: Figure) -> Iterator[str]:
    name = f"statuspage_{figure.name}"
    yield f"# HELP {name} {figure.means}"
    yield f"# TYPE {name} gauge"
    for labels, value in figure.samples.items():
        # What JSON escapes in ids of content (quotation mark, backslash, line feed) the format escapes the same way.
        said = ",".join(f"{key}={json.dumps(text, ensure_ascii=False)}" for key, text in labels)
        yield f"{name}{{{said}}} {float(value)!r}" if said else f"{name} {float(value)!r}"
