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

    def title(self, language: str) -> str:
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
    def otherwise(self) -> tuple[str, ...]:
        """What is to be said beside the figure: how it came about otherwise than usual."""
        return (*([self.source] if self.source != "alert" else []), *(["withdrawn"] if self.withdrawn else []))


@dataclass(frozen=True, slots=True)
class Summary:
    """The state of a world at ``written``; ``drill``: since when a drill runs in it; ``subscribers``: how many are told
    by each channel that goes to those who asked for it. ``untaken`` counts the alerts that nobody has taken, ``alerts``
    are the oldest of them; ``desk`` is where they are taken, "" when nobody knows."""

    written: datetime
    open: tuple[Open, ...] = ()
    figures: tuple[Figure, ...] = ()
    drill: datetime | None = None
    subscribers: Mapping[str, int] = field(default_factory=dict)
    alerts: tuple[Open, ...] = ()
    untaken: int = 0
    desk: str = ""


def write_status(world: Environment, *, now: datetime) -> None:
    """Puts this world's summary into its folder, whole or not at all.

    Writers take turns from reading the books to renaming the file, so that an older state never replaces a newer one.
    """
    with _turn(world):
        _put(world, _of(world, now))


def renew(world: Environment, *, now: datetime) -> None:
    """Brings what goes on into this world's summary, and all the rest when that is due: quick, so that it can be asked
    for with every alert and every second."""
    with _turn(world):
        found = read_status(_path(world))
        if found is None or not timedelta(0) <= now - found.written < RENEWED:
            _put(world, _of(world, now))
        elif (fresh := _going_on(world, found)) != found:
            _put(world, fresh)


@contextmanager
def changing(world: Environment, *, now: datetime) -> Iterator[Connection]:
    """A transaction that changes which alerts wait: once it is in the books, the summary says so.

    That it cannot be written now is no reason to stop anything: the worker tries again within a second.
    """
    with world.store.begin() as tx:
        yield tx
    with suppress(Busy, Broken, OSError):
        renew(world, now=now)


def read_status(path: Path) -> Summary | None:
    """The summary that lies there; None when there is none, or it cannot be read."""
    try:
        return serialization.load(Summary, json.loads(path.read_text("utf-8")))
    except (OSError, ValueError):
        return None


def _path(world: Environment) -> Path:
    return world.home / "summary.json"


@contextmanager
def _turn(world: Environment) -> Iterator[None]:
    with _path(world).with_name("summary.lock").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        yield


def _put(world: Environment, summary: Summary) -> None:
    path = _path(world)
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text(json.dumps(serialization.to_json_value(summary), ensure_ascii=False), "utf-8")
    fresh.replace(path)


def _going_on(world: Environment, found: Summary) -> Summary:
    """The summary with what is open and what waits as it is now."""
    with world.store.read() as tx:
        fresh = _with_alerts(tx, found)
        same = {one.id for one in found.open} == set(incidents.open_ids(tx))
        return fresh if same else replace(fresh, open=_open(tx))


def _with_alerts(tx: Connection, summary: Summary) -> Summary:
    count, oldest = alerts.untaken(tx, SHOWN)
    waiting = tuple(Open(one.id, one.received, {UNTITLED: one.signal.title}) for one in oldest)
    return replace(summary, alerts=waiting, untaken=count)


def _open(tx: Connection) -> tuple[Open, ...]:
    return tuple(Open(i.id, i.opened, _titles(tx, i)) for i in incidents.open_now(tx) if not i.maintenance)


def _of(world: Environment, now: datetime) -> Summary:
    with world.store.read() as tx:
        summary = _with_alerts(tx, Summary(now, _open(tx)))
        told = {incident.id: incident for incident, _ in incidents.notices(tx, NEWEST_FIGURES)}
        running = drills.running(tx)
    figures = [_figure(incident) for incident in told.values()]
    return replace(
        summary,
        figures=tuple(figure for figure in figures if figure is not None),
        drill=running.started if running else None,
        subscribers=_subscriber_counts(world),
        desk=world.desk or instance.served_at(world.home).get("desk", ""),
    )


def _subscriber_counts(world: Environment) -> dict[str, int]:
    if world.subscribers is None:
        return {}
    with world.subscribers.read() as tx:
        active = [one for one in subscribers.counts(tx) if one.standing is Standing.ACTIVE]
    many = {spec.id: (TYPES[spec.type].many, spec.language) for spec in world.catalog.channels.values()}
    return {
        id: sum(one.count for one in active if one.kind is kind and (kind is Kind.WEBHOOK or one.language == language))
        for id, (kind, language) in many.items()
        if kind is not None
    }


def _titles(tx: Connection, incident: Incident) -> dict[str, str]:
    if incident.latest:
        return {language: one.title for language, one in incident.latest.notice.words.items()}
    first = alerts.alerts_of_incident(tx, incident.id, 1)
    return {UNTITLED: first[0].signal.title} if first else {}


def _figure(incident: Incident) -> Figure | None:
    took = time_to_notice(incident)
    if took is None:
        return None
    return Figure(incident.id, incident.t0, took, incident.t0_source, withdrew(incident))
