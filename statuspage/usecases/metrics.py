"""Metrics of the program for Prometheus. All but those of HTTP and of the process come from the database."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import accumulate
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from statuspage import __version__
from statuspage.integrations.hosting import Folder
from statuspage.storage import channel_health, drills, monitor_activity, send_hold, stats
from statuspage.storage.engine import Connection
from statuspage.storage.monitor_activity import TAKEN
from statuspage.usecases.environment import Environment, shared_status

NOTICE_BUCKETS = (60, 120, 300, 600, 900, 1800, 3600, 7200)
"""Upper bounds in seconds from an alert to the first notice about it."""

READABLE_BUCKETS = (1, 2, 5, 10, 30, 60, 300, 900)
"""Upper bounds in seconds from publishing to the moment when the page was read back."""

Samples = Iterable[tuple[Sequence[str], float]]
"""Values, each after the values of its labels."""


class _Families(CollectorRegistry):
    """Metrics that were read just now."""

    def __init__(self, families: Iterable[Metric]) -> None:
        super().__init__()
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def render_metrics(env: Environment, *, now: datetime, others: Iterable[Metric] = ()) -> str:
    """All metrics in the text format 0.0.4, with ``others`` that this process counts itself. Raises DatabaseBusy,
    DatabaseBroken."""
    with env.databases.environment.read() as tx:
        families = [
            *_queue_families(tx, now),
            *_incident_families(env.drill_status_path, tx),
            *_monitor_families(tx, now),
            *_delay_families(tx),
            *_worker_families(tx, now),
            *_program_families(env, tx),
        ]
    return generate_latest(_Families([*families, *others])).decode()


def _queue_families(tx: Connection, now: datetime) -> Iterator[Metric]:
    help_text = "Deliveries that are not settled, by channel and status."
    yield _gauge("queue_deliveries", help_text, ("channel", "status"), stats.queue_depths(tx).items())
    oldest = stats.oldest_waiting(tx)
    waited = max((now - oldest).total_seconds(), 0.0) if oldest else 0.0
    yield _single("queue_oldest_waiting_seconds", "Age of the oldest delivery that has not gone out.", waited)
    paused = {
        (circuit.channel,): 1.0 for circuit in channel_health.troubled_channels(tx) if circuit.closed_until is not None
    }
    yield _gauge("channel_paused", "1 for each channel to which sending is paused.", ("channel",), paused.items())
    help_text = "Deliveries that ended, by channel and status."
    yield _counter("deliveries", help_text, ("channel", "status"), stats.count_settled(tx).items())


def _incident_families(drill_status_path: Path | None, tx: Connection) -> Iterator[Metric]:
    states = {(state,): float(count) for state, count in stats.count_open_alerts(tx).items()}
    yield _gauge("alerts", "Open alerts, by state.", ("state",), states.items())
    yield _single("open_incidents", "Open incidents, without maintenance.", stats.count_open_incidents(tx))
    yield _single("drill_running", "1 while a drill runs.", _is_drill_running(drill_status_path, tx))
    yield _timestamp("last_publish", "When the newest notice was published.", stats.last_notice_at(tx))


def _monitor_families(tx: Connection, now: datetime) -> Iterator[Metric]:
    counts = monitor_activity.list_counts(tx)
    taken = {(row.source,): row.count for row in counts if row.outcome == TAKEN}
    refused = {(row.source, row.outcome): row.count for row in counts if row.outcome != TAKEN}
    yield _counter("intake_taken", "Messages of monitors that were taken, by source.", ("source",), taken.items())
    help_text = "Messages of monitors that were refused, by source and reason."
    yield _counter("intake_refused", help_text, ("source", "reason"), refused.items())
    heartbeats = monitor_activity.list_heartbeats(tx)
    ages = {(row.source, row.name): max((now - row.last_at).total_seconds(), 0.0) for row in heartbeats}
    yield _gauge(
        "monitor_heartbeat_age_seconds", "Age of each monitor's newest heartbeat.", ("source", "name"), ages.items()
    )


def _delay_families(tx: Connection) -> Iterator[Metric]:
    help_text = "From an alert to the first notice about it."
    yield _histogram("alert_to_notice_seconds", help_text, NOTICE_BUCKETS, stats.alert_to_notice_seconds(tx))
    help_text = "From publishing a notice until the page was read back."
    yield _histogram("readable_seconds", help_text, READABLE_BUCKETS, stats.readable_seconds(tx))


def _worker_families(tx: Connection, now: datetime) -> Iterator[Metric]:
    yield _timestamp("worker_heartbeat", "When a worker last recorded its heartbeat.", stats.last_heartbeat(tx))
    ages = {(worker,): max((now - seen).total_seconds(), 0.0) for worker, seen in stats.list_heartbeats(tx).items()}
    yield _gauge("worker_age_seconds", "How long ago each worker was seen.", ("worker",), ages.items())


def _program_families(env: Environment, tx: Connection) -> Iterator[Metric]:
    written_at = _front_page_written_at(env.site_folder)
    yield _single("front_page_written_timestamp_seconds", "When the front page was last written.", written_at)
    is_on_hold = send_hold.find_hold_start(tx) is not None
    yield _single("send_hold", "1 while the database is older than what was sent.", is_on_hold)
    help_text = "Errors in the content; while there are any, previous content stays in use."
    yield _single("content_errors", help_text, len(env.content.errors))
    labels = {(__version__, env.name): 1.0}
    yield _gauge("info", "Version and environment of the program.", ("version", "environment"), labels.items())


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


def _single(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"statuspage_{name}", help_text, value=float(value))


def _timestamp(name: str, help_text: str, at: datetime | None) -> Metric:
    """A time in seconds since 1970; 0: never."""
    return _single(f"{name}_timestamp_seconds", help_text, at.timestamp() if at else 0.0)


def _gauge(name: str, help_text: str, labels: Sequence[str], samples: Samples) -> Metric:
    family = GaugeMetricFamily(f"statuspage_{name}", help_text, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family


def _counter(name: str, help_text: str, labels: Sequence[str], samples: Samples) -> Metric:
    family = CounterMetricFamily(f"statuspage_{name}", help_text, labels=labels)
    for values, value in samples:
        family.add_metric(values, value)
    return family


def _histogram(name: str, help_text: str, bounds: Sequence[int], seconds: Sequence[float]) -> Metric:
    """How many of the values are at most each bound."""
    counts = [0] * (len(bounds) + 1)
    for value in seconds:
        counts[bisect_left(bounds, value)] += 1
    names = [*(f"{float(bound)}" for bound in bounds), "+Inf"]
    buckets = list(zip(names, map(float, accumulate(counts)), strict=True))
    return HistogramMetricFamily(f"statuspage_{name}", help_text, buckets=buckets, sum_value=sum(seconds))
