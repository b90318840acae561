"""What a drill showed: measured over the incidents that were opened in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from statuspage import measures
from statuspage.drills.running import NoSuchDrill, every, opened_in
from statuspage.measures import Interval, Stamp
from statuspage.store.drills import Drill
from statuspage.timeline import Incident
from statuspage.world import World


@dataclass(frozen=True, slots=True)
class Told:
    """One incident of a drill: its marks on the clock, the stretches between them, and the longest before the notice.

    ``took`` is the clock's start to the readable first notice, None while it is not readable. ``from_form``: no alert
    started that clock but the form, so the time until somebody noticed is not in it.
    """

    incident: str
    stamps: tuple[Stamp, ...]
    intervals: tuple[Interval, ...]
    slowest: Interval | None
    took: timedelta | None
    from_form: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What a drill showed. ``earlier`` are the times to first notice of the drills before it, the newest first;
    ``before`` is how long each stage took in the newest of them."""

    drill: Drill
    incidents: tuple[Told, ...]
    earlier: tuple[timedelta, ...]
    before: Mapping[str, timedelta] = field(default_factory=dict)

    @property
    def took(self) -> timedelta | None:
        """Alert to readable first notice of the drill's first incident."""
        return self.incidents[0].took if self.incidents else None

    @property
    def from_form(self) -> bool:
        """Whether that clock started with the form, without an alert."""
        return bool(self.incidents) and self.incidents[0].from_form

    @property
    def reached(self) -> bool:
        """Whether the goal was met."""
        return self.took is not None and self.took <= self.drill.goal


def report(world: World, drill_id: str = "", *, now: datetime) -> Report:
    """What this drill showed, by default the newest. Raises NoSuchDrill."""
    known = every(world)
    drill = next((one for one in known if one.id == drill_id or not drill_id), None)
    if drill is None:
        raise NoSuchDrill
    earlier = [_first(world, one, now) for one in known if one.started < drill.started and not one.suspended]
    told = tuple(_told(incident) for incident in opened_in(world, drill, now=now))
    counted = [(one, one.took) for one in earlier if one and one.took is not None]
    before = {stretch.stage: stretch.length for stretch in counted[0][0].intervals} if counted else {}
    return Report(drill, told, tuple(took for _, took in counted), before)


def _first(world: World, drill: Drill, now: datetime) -> Told | None:
    return next((_told(incident) for incident in opened_in(world, drill, now=now)), None)


def _told(incident: Incident) -> Told:
    return Told(
        incident.id,
        measures.stamps(incident),
        measures.intervals(incident),
        measures.slowest(incident),
        measures.time_to_notice(incident),
        incident.t0_source == "form",
    )
