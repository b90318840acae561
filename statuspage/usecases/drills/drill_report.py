"""What a drill showed: measured over the incidents that were opened in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from statuspage.domain import Alert, AlertState, Counted, Incident, Interval, Stamp, response_times
from statuspage.storage import alerts, drill_injects, incidents
from statuspage.storage import drills as rows
from statuspage.storage.drills import Drill
from statuspage.storage.engine import Connection
from statuspage.usecases.drills.lifecycle import NoSuchDrill, all_drills
from statuspage.usecases.environment import Environment

NOBODYS = (AlertState.WAITING, AlertState.CLOSED, AlertState.FALSE_ALARM)
"""States of an alert in which nobody has it."""


@dataclass(frozen=True, slots=True)
class IncidentReport:
    """One incident of a drill: its marks on the clock, the stretches between them, and the longest before the notice.

    ``took`` is the clock's start to the readable first notice that still stands, None while there is none;
    ``counted`` says from when that counts and what is taken out; ``paused`` is how much pause lies in it, in so many
    ``pauses``.
    """

    incident: str
    stamps: tuple[Stamp, ...]
    intervals: tuple[Interval, ...]
    slowest: Interval | None
    took: timedelta | None
    counted: Counted
    paused: timedelta = timedelta()
    pauses: int = 0
    withdrawn: bool = False

    @property
    def from_form(self) -> bool:
        """Whether the form started its clock, so that the time until somebody noticed is not in it."""
        return self.counted.source == "form"


@dataclass(frozen=True, slots=True)
class Report:
    """What a drill showed. The first of ``incidents`` is the one that counts: whose first notice that still stands was
    readable first. ``earlier`` are the times to first notice of the drills of the same scenario before it that count
    from the same kind of start, the newest first; ``before`` is how long each stage took in the newest of them."""

    drill: Drill
    incidents: tuple[IncidentReport, ...]
    earlier: tuple[timedelta, ...]
    before: Mapping[str, timedelta] = field(default_factory=dict)

    @property
    def took(self) -> timedelta | None:
        """The clock's start to the readable first notice of the incident that counts."""
        return self.incidents[0].took if self.incidents else None

    @property
    def from_form(self) -> bool:
        """Whether that clock started with the form, without an alert."""
        return bool(self.incidents) and self.incidents[0].from_form

    @property
    def source(self) -> str:
        """What that clock started with: alert, received, announced or form."""
        return self.incidents[0].counted.source if self.incidents else "alert" if self.drill.alert else "announced"

    @property
    def kind(self) -> str:
        """The kind of that start: only figures of one kind are compared."""
        return kind_of_start(self.source)

    @property
    def paused(self) -> timedelta:
        """How much pause was taken out of that figure; until now while there is none."""
        return self.incidents[0].paused if self.incidents else timedelta()

    @property
    def withdrawn(self) -> bool:
        """Whether a notice was published before that one and withdrawn."""
        return any(one.withdrawn for one in self.incidents)

    @property
    def reached(self) -> bool:
        """Whether the goal was met. A drill that was broken off met none."""
        return self.took is not None and self.took <= self.drill.goal and not self.drill.suspended

    @property
    def otherwise(self) -> tuple[str, ...]:
        """What is to be said beside the figure wherever it stands: how it came about otherwise than usual."""
        said = {
            "suspended": self.drill.suspended,
            "tutorial": self.drill.alone,
            "form": self.from_form,
            "announced": self.source == "announced",
            "received": self.source == "received",
            "paused": bool(self.paused) and self.incidents[0].pauses == 1,
            "pauses": bool(self.paused) and self.incidents[0].pauses > 1,
            "withdrawn": self.withdrawn,
        }
        return tuple(name for name, so in said.items() if so)


def report(world: Environment, drill_id: str = "", *, now: datetime) -> Report:
    """What this drill showed, by default the newest. Raises NoSuchDrill."""
    known = all_drills(world)
    drill = next((one for one in known if one.id == drill_id or not drill_id), None)
    if drill is None:
        raise NoSuchDrill
    with world.store.read() as tx:
        told = _all(tx, drill, now)
        like = [one for one in known if _comparable(one, drill)]
        firsts = [found[0] for one in like if (found := _all(tx, one, now))]
    shown = Report(drill, told, ())
    alike = [one for one in firsts if kind_of_start(one.counted.source) == shown.kind]
    counted = [(one, one.took) for one in alike if one.took is not None]
    before = {stretch.stage: stretch.length for stretch in counted[0][0].intervals} if counted else {}
    return replace(shown, earlier=tuple(took for _, took in counted), before=before)


def counting(world: Environment, incident: Incident, *, now: datetime) -> Counted:
    """How the figures of this incident count: as its drill has it, where it was opened in one."""
    with world.store.read() as tx:
        drill = rows.at(tx, incident.opened)
        return _counted(tx, drill, incident, now) if drill else response_times.counted_of(incident)


def kind_of_start(source: str) -> str:
    """*alert*, whether by the monitor's time or its receipt; *announced*, which has no time until somebody noticed;
    or *form*."""
    return "alert" if source == "received" else source


def same_story(one: Drill, other: Drill) -> bool:
    """Whether both had the same scenario; without a script, the same that was imagined."""
    return one.scenario == other.scenario and (bool(one.scenario) or one.title == other.title)


def _comparable(one: Drill, drill: Drill) -> bool:
    """Whether it came before, to its end, with the same story."""
    return same_story(one, drill) and one.started < drill.started and not one.suspended


def _all(tx: Connection, drill: Drill, now: datetime) -> tuple[IncidentReport, ...]:
    """Its incidents, the one that counts first; else as they were opened."""
    opened = incidents.opened_between(tx, drill.started, drill.ended or now)
    first = _counts(opened)
    order = sorted(opened, key=lambda one: one is not first)
    return tuple(_report_incident(tx, drill, incident, now) for incident in order)


def _counts(opened: Sequence[Incident]) -> Incident | None:
    """The incident whose first standing notice was readable first; else was published first; else was opened first."""
    readable = [(at, n) for n, one in enumerate(opened) if (at := response_times.readable_at(one)) is not None]
    said = [(one, n) for n, each in enumerate(opened) if (one := response_times.first_standing(each)) is not None]
    kept = [n for n, one in enumerate(opened) if not response_times.withdrew(one)]
    numbers = [n for _, n in sorted(readable)] or [n for _, n in sorted((one.recorded, n) for one, n in said)] or kept
    return opened[numbers[0]] if numbers else next(iter(opened), None)


def _report_incident(tx: Connection, drill: Drill, incident: Incident, now: datetime) -> IncidentReport:
    how = _counted(tx, drill, incident, now)
    end = response_times.readable_at(incident) or drill.ended or now
    return IncidentReport(
        incident.id,
        response_times.stamps(incident, how),
        response_times.intervals(incident, how),
        response_times.slowest(incident, how),
        response_times.time_to_notice(incident, how),
        how,
        how.paused(how.start, end),
        sum(a < end and b > how.start for a, b in how.pauses),
        response_times.withdrew(incident),
    )


def _counted(tx: Connection, drill: Drill, incident: Incident, now: datetime) -> Counted:
    """From its own alert, else from the drill's first one, also where the report did not join it, unless that had an
    incident of its own by then; without any, from the drill's announcement.

    What comes after the first notice that stands moves nothing. Whoever wrote before the alert of the script came, or
    about something else than it, started a clock with the form, which is said.
    """
    until = drill.ended or now
    pauses = tuple((one.began, min(one.ended or until, until)) for one in drill_injects.paused(tx, drill.id))
    if incident.t0_source != "form":
        return Counted(max(incident.t0, drill.started), incident.t0_source, pauses)
    told = response_times.first_standing(incident)
    end = min(told.recorded, until) if told else until
    alert = alerts.first_between(tx, drill.started, end, of=incident)
    if alert is not None and (began := max(alert.began, drill.started)) <= incident.t0:
        return Counted(began, "received" if alert.old else "alert", pauses, _taken(alert))
    if drill.alert and alerts.first_between(tx, drill.started, end) is not None:
        return Counted(incident.t0, "form", pauses)
    return Counted(drill.started, "announced", pauses)


def _taken(alert: Alert) -> Stamp | None:
    found = next((step for step in alert.steps if step.state not in NOBODYS), None)
    return Stamp("acknowledged", found.at, found.by) if found else None
