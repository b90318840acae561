"""What one world lets the other know: what goes on in it, how long first reports took, how many are told."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

from statuspage import serialization
from statuspage.domain import Incident, Kind, Standing, time_to_notice, withdrew
from statuspage.integrations.channels import TYPES
from statuspage.storage import alerts, drills, incidents, subscribers
from statuspage.storage.engine import Broken, Busy, Connection
from statuspage.usecases import instance
from statuspage.usecases.environment.model import Environment

NEWEST_FIGURES = 50
"""How many notices back the figures reach."""

SHOWN = 5
"""How many of the alerts that nobody has taken are named, the oldest ones."""

RENEWED = timedelta(seconds=30)
"""After so long the whole summary is written again even when nothing has changed."""

UNTITLED = "und"
"""Where the title of an alert stands among titles by language: nobody knows in which one its monitor wrote (BCP 47)."""


@dataclass(frozen=True, slots=True)
class Open:
    """Trouble that is not over, or an alert that nobody has taken. ``titles`` by language: what customers are told;
    while nothing is public, what the monitor calls it; none where neither is known."""

    id: str
    opened: datetime
    titles: Mapping[str, str] = field(default_factory=dict)

    def title_in(self, language: str) -> str:
        """Its title in this language, else in the first that it has."""
        return self.titles.get(language) or next(iter(self.titles.values()), "")


@dataclass(frozen=True, slots=True)
class Figure:
    """How long customers waited for the first notice of one incident that still stands. ``source`` is what the clock
    started with: alert, received or form; ``withdrawn``: another notice had been published before, and withdrawn."""

    id: str
    at: datetime
    took: timedelta
    source: str = "alert"
    withdrawn: bool = False

    @property
    def caveats(self) -> tuple[str, ...]:
        """What is to be said beside the figure: how it came about otherwise than usual."""
        return (*([self.source] if self.source != "alert" else []), *(["withdrawn"] if self.withdrawn else []))


@dataclass(frozen=True, slots=True)
class Summary:
    """The state of a world at ``written``; ``drill``: since when a drill runs in it; ``subscribers``: how many are told
    by each channel that goes to those who asked for it. ``untaken`` counts the alerts that nobody has taken, ``alerts``
    are the oldest of them; ``desk`` is where they are taken, "" when nobody knows."""

    written_at: datetime
    open_incidents: tuple[Open, ...] = ()
    figures: tuple[Figure, ...] = ()
    drill_started_at: datetime | None = None
    subscriber_counts: Mapping[str, int] = field(default_factory=dict)
    oldest_alerts: tuple[Open, ...] = ()
    unacknowledged: int = 0
    desk_url: str = ""


def write_status(env: Environment, *, now: datetime) -> None:
    """Puts this world's summary into its folder, whole or not at all.

    Writers take turns from reading the books to renaming the file, so that an older state never replaces a newer one.
    """
    with _turn(env):
        _put(env, _of(env, now))


def renew(env: Environment, *, now: datetime) -> None:
    """Brings what goes on into this world's summary, and all the rest when that is due: quick, so that it can be asked
    for with every alert and every second."""
    with _turn(env):
        summary = read_status(_path(env))
        if summary is None or not timedelta(0) <= now - summary.written_at < RENEWED:
            _put(env, _of(env, now))
        elif (updated := _going_on(env, summary)) != summary:
            _put(env, updated)


@contextmanager
def changing(env: Environment, *, now: datetime) -> Iterator[Connection]:
    """A transaction that changes which alerts wait: once it is in the books, the summary says so.

    That it cannot be written now is no reason to stop anything: the worker tries again within a second.
    """
    with env.database.begin() as tx:
        yield tx
    with suppress(Busy, Broken, OSError):
        renew(env, now=now)


def read_status(path: Path) -> Summary | None:
    """The summary that lies there; None when there is none, or it cannot be read."""
    try:
        return serialization.load(Summary, json.loads(path.read_text("utf-8")))
    except (OSError, ValueError):
        return None


def _path(env: Environment) -> Path:
    return env.home / "summary.json"


@contextmanager
def _turn(env: Environment) -> Iterator[None]:
    with _path(env).with_name("summary.lock").open("a") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        yield


def _put(env: Environment, summary: Summary) -> None:
    path = _path(env)
    temporary = path.with_name(f"{path.name}.new")
    temporary.write_text(json.dumps(serialization.to_json_value(summary), ensure_ascii=False), "utf-8")
    temporary.replace(path)


def _going_on(env: Environment, summary: Summary) -> Summary:
    """The summary with what is open and what waits as it is now."""
    with env.database.read() as tx:
        updated = _with_alerts(tx, summary)
        is_unchanged = {item.id for item in summary.open_incidents} == set(incidents.open_ids(tx))
        return updated if is_unchanged else replace(updated, open_incidents=_open(tx))


def _with_alerts(tx: Connection, summary: Summary) -> Summary:
    count, oldest = alerts.untaken(tx, SHOWN)
    waiting = tuple(Open(alert.id, alert.received, {UNTITLED: alert.signal.title}) for alert in oldest)
    return replace(summary, oldest_alerts=waiting, unacknowledged=count)


def _open(tx: Connection) -> tuple[Open, ...]:
    return tuple(Open(incident.id, incident.opened, _titles(tx, incident)) for incident in incidents.open_now(tx) if not incident.is_maintenance)


def _of(env: Environment, now: datetime) -> Summary:
    with env.database.read() as tx:
        summary = _with_alerts(tx, Summary(now, _open(tx)))
        by_id = {incident.id: incident for incident, _ in incidents.notices(tx, NEWEST_FIGURES)}
        running = drills.running(tx)
    figures = [_figure(incident) for incident in by_id.values()]
    return replace(
        summary,
        figures=tuple(figure for figure in figures if figure is not None),
        drill_started_at=running.started if running else None,
        subscriber_counts=_subscriber_counts(env),
        desk_url=env.desk_url or instance.served_at(env.home).get("desk", ""),
    )


def _subscriber_counts(env: Environment) -> dict[str, int]:
    if env.subscribers_db is None:
        return {}
    with env.subscribers_db.read() as tx:
        active = [row for row in subscribers.counts(tx) if row.standing is Standing.ACTIVE]
    channel_audiences = {spec.id: (TYPES[spec.type].subscription_kind, spec.language) for spec in env.catalog.channels.values()}
    return {
        id: sum(row.count for row in active if row.kind is subscriber_type and (subscriber_type is Kind.WEBHOOK or row.language == language))
        for id, (subscriber_type, language) in channel_audiences.items()
        if subscriber_type is not None
    }


def _titles(tx: Connection, incident: Incident) -> dict[str, str]:
    if incident.latest:
        return {language: notice_text.title for language, notice_text in incident.latest.notice.words.items()}
    first_alerts = alerts.alerts_of_incident(tx, incident.id, 1)
    return {UNTITLED: first_alerts[0].signal.title} if first_alerts else {}


def _figure(incident: Incident) -> Figure | None:
    duration = time_to_notice(incident)
    if duration is None:
        return None
    return Figure(incident.id, incident.t0, duration, incident.t0_source, withdrew(incident))
