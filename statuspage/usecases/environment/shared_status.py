"""The summary that one environment writes for the other: what is open, response times, subscriber counts."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from statuspage import serialization
from statuspage.domain import (
    Alert,
    Incident,
    SubscriberStatus,
    SubscriberType,
    has_withdrawal,
    response_marks,
    response_times,
    time_to_notice,
)
from statuspage.integrations.channels import TYPES
from statuspage.storage import alerts, drills, incidents, subscribers
from statuspage.storage.drills import Drill
from statuspage.storage.engine import Connection, Database, DatabaseBroken, DatabaseBusy
from statuspage.usecases import instance
from statuspage.usecases.drill_figures import incident_reports
from statuspage.usecases.environment.file_lock import lock_in_time, open_lock
from statuspage.usecases.environment.model import Environment

NEWEST_FIGURES = 50
"""The number of notices in the figures, newest first."""

NEWEST_DRILLS = 20
"""The number of drills in the figures, newest first."""

ALERTS_SHOWN = 5
"""The maximum number of unacknowledged alerts listed, oldest first."""

REFRESH_INTERVAL = timedelta(seconds=30)
"""After this long the whole summary is written again, even if nothing has changed."""

UNTITLED = "und"
"""The language key for an alert's title: the language of its monitor is unknown (BCP 47)."""


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An open incident, or an unacknowledged alert. ``titles`` by language: what customers read or, if nothing is
    public, the monitor's title; empty if neither is known."""

    id: str
    opened: datetime
    titles: Mapping[str, str] = field(default_factory=dict)

    def title_in(self, language: str) -> str:
        """Its title in this language, else in the first one available."""
        return self.titles.get(language) or next(iter(self.titles.values()), "")


@dataclass(frozen=True, slots=True)
class ResponseFigure:
    """How long customers waited for the first valid notice of one incident. ``source`` is the start of the clock:
    alert, received, announced or form; ``withdrawn``: an earlier notice was published and withdrawn; ``stages``: how
    long each stage until then took. ``scenario`` is that of the drill (its id, else its title), "" in live.
    ``marks`` are the times beside it."""

    id: str
    at: datetime
    took: timedelta
    source: str = "alert"
    withdrawn: bool = False
    stages: Mapping[str, timedelta] = field(default_factory=dict)
    scenario: str = ""
    marks: Mapping[str, timedelta] = field(default_factory=dict)

    @property
    def caveats(self) -> tuple[str, ...]:
        """Notes that must accompany the figure: how it differs from the usual one."""
        return (*([self.source] if self.source != "alert" else []), *(["withdrawn"] if self.withdrawn else []))


@dataclass(frozen=True, slots=True)
class StatusSummary:
    """The state of an environment at ``written_at``. ``drill_started_at`` is when the running drill started.
    ``subscriber_counts`` are the recipients by channel. It has the number of unacknowledged alerts, and the oldest of
    them in ``oldest_alerts``; in ``taken_alerts`` those that somebody acknowledged and is looking at. ``desk_url`` is
    the address of its desk, "" if unknown."""

    written_at: datetime
    open_incidents: tuple[OpenItem, ...] = ()
    figures: tuple[ResponseFigure, ...] = ()
    drill_started_at: datetime | None = None
    subscriber_counts: Mapping[str, int] = field(default_factory=dict)
    oldest_alerts: tuple[OpenItem, ...] = ()
    unacknowledged: int = 0
    desk_url: str = ""
    taken_alerts: tuple[OpenItem, ...] = ()


def write_first_status(home: Path, *, now: datetime) -> None:
    """Writes the summary of a new environment, in which nothing has happened."""
    with _write_lock(home) as is_held:
        if is_held:
            _write_summary(home, StatusSummary(now))


def write_status(env: Environment, *, now: datetime) -> None:
    """Writes this environment's summary to its folder, complete or not at all.

    Writers take turns from reading the database to renaming the file, so that an older state never replaces a newer
    one.
    """
    with _write_lock(env.home) as is_held:
        if is_held:
            _write_summary(env.home, _build_summary(env, now))


def refresh_status(env: Environment, *, now: datetime) -> bool:
    """Updates what is open in this environment's summary, and the rest if it is due. Fast enough to run for every alert
    and every second. False if another process keeps the lock, and nothing was looked at."""
    with _write_lock(env.home) as is_held:
        if not is_held:
            return False
        summary = read_status(_summary_path(env.home))
        if summary is None or not timedelta(0) <= now - summary.written_at < REFRESH_INTERVAL:
            _write_summary(env.home, _build_summary(env, now))
        elif (updated := _with_open(env.databases.environment, summary)) != summary:
            _write_summary(env.home, updated)
        return True


@contextmanager
def change_alerts(env: Environment, *, now: datetime) -> Iterator[Connection]:
    """A transaction that changes which alerts wait; the summary is written after its commit.

    If the summary cannot be written, nothing else fails: the worker tries again within a second.
    """
    with env.databases.environment.begin() as tx:
        yield tx
    with suppress(DatabaseBusy, DatabaseBroken, OSError):
        refresh_status(env, now=now)


def read_status(path: Path) -> StatusSummary | None:
    """The summary in this file; None if there is none, or it cannot be read."""
    try:
        return serialization.from_json_value(StatusSummary, json.loads(path.read_text("utf-8")))
    except (OSError, ValueError):
        return None


def _summary_path(home: Path) -> Path:
    return home / "summary.json"


@contextmanager
def _write_lock(home: Path) -> Iterator[bool]:
    """Whether we may write: not while another process keeps the lock, as one does that was stopped while it wrote."""
    with open_lock(_summary_path(home).with_name("summary.lock")) as lock_file:
        yield lock_in_time(lock_file.fileno())


def _write_summary(home: Path, summary: StatusSummary) -> None:
    path = _summary_path(home)
    temporary = path.with_name(f"{path.name}.new")
    temporary.write_text(json.dumps(serialization.to_json_value(summary), ensure_ascii=False), "utf-8")
    temporary.replace(path)


def _with_open(database: Database, summary: StatusSummary) -> StatusSummary:
    """The summary, updated with the present open incidents and waiting alerts."""
    with database.read() as tx:
        updated = _with_alerts(tx, summary)
        is_unchanged = {item.id for item in summary.open_incidents} == set(incidents.open_incident_ids(tx))
        return updated if is_unchanged else replace(updated, open_incidents=_open_incidents(tx))


def _with_alerts(tx: Connection, summary: StatusSummary) -> StatusSummary:
    count, oldest = alerts.unacknowledged_alerts(tx, ALERTS_SHOWN)
    taken = alerts.acknowledged_alerts(tx, ALERTS_SHOWN)
    return replace(summary, oldest_alerts=_alert_items(oldest), unacknowledged=count, taken_alerts=_alert_items(taken))


def _alert_items(some: Sequence[Alert]) -> tuple[OpenItem, ...]:
    return tuple(OpenItem(alert.id, alert.t0, {UNTITLED: alert.monitor_alert.title}) for alert in some)


def _open_incidents(tx: Connection) -> tuple[OpenItem, ...]:
    return tuple(
        OpenItem(incident.id, incident.opened, _incident_titles(tx, incident))
        for incident in incidents.open_incidents(tx)
        if not incident.is_maintenance
    )


def _build_summary(env: Environment, now: datetime) -> StatusSummary:
    with env.databases.environment.read() as tx:
        summary = _with_alerts(tx, StatusSummary(now, _open_incidents(tx)))
        running, figures = drills.find_running_drill(tx), _figures(tx, now)
    return replace(
        summary,
        figures=tuple(figure for figure in figures if figure is not None),
        drill_started_at=running.started if running else None,
        subscriber_counts=_subscriber_counts(env),
        desk_url=env.desk_url or instance.served_addresses(env.home).get("desk", ""),
    )


def _subscriber_counts(env: Environment) -> dict[str, int]:
    if env.databases.subscribers is None:
        return {}
    with env.databases.subscribers.read() as tx:
        active = [row for row in subscribers.count_subscribers(tx) if row.status is SubscriberStatus.ACTIVE]
    channel_audiences = {
        spec.id: (TYPES[spec.type].subscription_kind, spec.language) for spec in env.site.catalog.channels.values()
    }
    return {
        id: sum(
            row.count
            for row in active
            if row.kind is subscriber_type and (subscriber_type is SubscriberType.WEBHOOK or row.language == language)
        )
        for id, (subscriber_type, language) in channel_audiences.items()
        if subscriber_type is not None
    }


def _incident_titles(tx: Connection, incident: Incident) -> dict[str, str]:
    if incident.latest:
        return {language: notice_text.title for language, notice_text in incident.latest.notice.texts.items()}
    first_alerts = alerts.alerts_of_incident(tx, incident.id, 1)
    return {UNTITLED: first_alerts[0].monitor_alert.title} if first_alerts else {}


def _figures(tx: Connection, now: datetime) -> list[ResponseFigure | None]:
    """The figures of the newest incidents; in a drill environment those of the newest drills that can be compared."""
    played = drills.list_drills(tx)
    if played:
        return [_drill_figure(tx, drill, now) for drill in played[:NEWEST_DRILLS]]
    by_id = {incident.id: incident for incident, _ in incidents.latest_notices(tx, NEWEST_FIGURES)}
    return [_response_figure(incident) for incident in by_id.values()]


def _drill_figure(tx: Connection, drill: Drill, now: datetime) -> ResponseFigure | None:
    """The one number of this drill; None if it has none, or one that is in no line with others."""
    if drill.ended is None or not drill.is_measured:
        return None
    report = next(iter(incident_reports(tx, drill, now)), None)
    if report is None or report.duration is None or report.started_from_form or report.is_clock_changed:
        return None
    scenario = drill.scenario or drill.title
    return ResponseFigure(
        report.incident_id, drill.started, report.duration, report.clock.source, report.was_withdrawn, {}, scenario
    )


def _response_figure(incident: Incident) -> ResponseFigure | None:
    duration = time_to_notice(incident)
    if duration is None:
        return None
    end = response_times.readable_at(incident)
    measured = response_times.intervals(incident)
    stages = {interval.stage: interval.duration for interval in measured if end and interval.end <= end}
    marks = {mark.name: mark.took for mark in response_marks(incident, response_times.default_clock(incident))}
    return ResponseFigure(
        incident.id, incident.t0, duration, incident.t0_source, has_withdrawal(incident), stages, marks=marks
    )
