"""What one world lets the other know: which incidents are open, how long first reports took, how many are told."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from statuspage import records
from statuspage.channels import TYPES
from statuspage.measures import time_to_notice, withdrew
from statuspage.store import drills, incidents, subscribers
from statuspage.subscriptions import Kind, Standing
from statuspage.timeline import Incident
from statuspage.world import World

NEWEST = 50
"""How many notices back the figures reach."""


@dataclass(frozen=True, slots=True)
class Open:
    """Trouble that is not over. ``titles`` by language; none while nothing is public."""

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
    by each channel that goes to those who asked for it."""

    written: datetime
    open: tuple[Open, ...] = ()
    figures: tuple[Figure, ...] = ()
    drill: datetime | None = None
    subscribers: Mapping[str, int] = field(default_factory=dict)


def write(world: World, *, now: datetime) -> None:
    """Puts this world's summary into its folder, whole or not at all.

    Writers take turns from reading the books to renaming the file, so that an older state never replaces a newer one.
    """
    path = world.home / "summary.json"
    fresh = path.with_name(f"{path.name}.new")
    with path.with_name("summary.lock").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        fresh.write_text(json.dumps(records.dump(_of(world, now)), ensure_ascii=False), "utf-8")
        fresh.replace(path)


def read(path: Path) -> Summary | None:
    """The summary that lies there; None when there is none, or it cannot be read."""
    try:
        return records.load(Summary, json.loads(path.read_text("utf-8")))
    except (OSError, ValueError):
        return None


def _of(world: World, now: datetime) -> Summary:
    with world.store.read() as tx:
        opened = [incident for incident in incidents.open_now(tx) if not incident.maintenance]
        told = {incident.id: incident for incident, _ in incidents.notices(tx, NEWEST)}
        running = drills.running(tx)
    figures = [_figure(incident) for incident in told.values()]
    return Summary(
        written=now,
        open=tuple(Open(i.id, i.opened, _titles(i)) for i in opened),
        figures=tuple(figure for figure in figures if figure is not None),
        drill=running.started if running else None,
        subscribers=_told(world),
    )


def _told(world: World) -> dict[str, int]:
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


def _titles(incident: Incident) -> dict[str, str]:
    words = incident.latest.notice.words if incident.latest else {}
    return {language: one.title for language, one in words.items()}


def _figure(incident: Incident) -> Figure | None:
    took = time_to_notice(incident)
    if took is None:
        return None
    return Figure(incident.id, incident.t0, took, incident.t0_source, withdrew(incident))
