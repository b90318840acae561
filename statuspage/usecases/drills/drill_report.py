"""The result of a drill, measured by the incidents opened in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from statuspage.domain import Alert, AlertState, Incident, Interval, ResponseClock, Stamp, response_times
from statuspage.storage import alerts, drill_injects, incidents
from statuspage.storage import drills as stored_drills
from statuspage.storage.drills import Drill
from statuspage.storage.engine import Connection, Database
from statuspage.usecases.drills.lifecycle import NoSuchDrill, all_drills
from statuspage.usecases.environment import Environment

NOT_TAKEN = (AlertState.WAITING, AlertState.CLOSED, AlertState.FALSE_ALARM)
"""States of an alert that nobody has acknowledged."""


@dataclass(frozen=True, slots=True)
class IncidentReport:
    """One incident of a drill: its stages, the intervals between them, and the longest one before the notice.

    ``duration`` is from the clock's start to the first readable notice that was not withdrawn (None: there is none
    yet). ``clock`` says when it starts and what is excluded; ``pause_time`` is how much of it was paused, in
    ``pause_count`` pauses.
    """

    incident_id: str
    stamps: tuple[Stamp, ...]
    intervals: tuple[Interval, ...]
    slowest: Interval | None
    duration: timedelta | None
    clock: ResponseClock
    pause_time: timedelta = timedelta()
    pause_count: int = 0
    was_withdrawn: bool = False

    @property
    def started_from_form(self) -> bool:
        """Whether the form started its clock, so that the time until somebody noticed is not included."""
        return self.clock.source == "form"


@dataclass(frozen=True, slots=True)
class Report:
    """The result of a drill. The first of ``incidents`` is the one that counts, because its first valid notice was
    readable first. ``earlier_durations`` are the times to first notice of earlier drills of the same scenario with the
    same kind of clock start, newest first; ``earlier_stages`` is how long each stage took in the newest of them."""

    drill: Drill
    incidents: tuple[IncidentReport, ...]
    earlier_durations: tuple[timedelta, ...]
    earlier_stages: Mapping[str, timedelta] = field(default_factory=dict)

    @property
    def duration(self) -> timedelta | None:
        """From the clock's start to the readable first notice of the incident that counts."""
        return self.incidents[0].duration if self.incidents else None

    @property
    def started_from_form(self) -> bool:
        """Whether that clock started with the form, without an alert."""
        return bool(self.incidents) and self.incidents[0].started_from_form

    @property
    def source(self) -> str:
        """What started that clock: alert, received, announced or form."""
        return self.incidents[0].clock.source if self.incidents else "alert" if self.drill.alert else "announced"

    @property
    def start_kind(self) -> str:
        """The kind of clock start; only figures of the same kind are compared."""
        return kind_of_start(self.source)

    @property
    def pause_time(self) -> timedelta:
        """The pause time excluded from that figure; while there is no figure, until now."""
        return self.incidents[0].pause_time if self.incidents else timedelta()

    @property
    def was_withdrawn(self) -> bool:
        """Whether an earlier notice was published and withdrawn."""
        return any(incident.was_withdrawn for incident in self.incidents)

    @property
    def is_goal_met(self) -> bool:
        """Whether the goal was met. A suspended drill never meets it."""
        return self.duration is not None and self.duration <= self.drill.goal and not self.drill.is_suspended

    @property
    def caveats(self) -> tuple[str, ...]:
        """Notes that must accompany the figure everywhere: how it differs from the usual one."""
        applies = {
            "suspended": self.drill.is_suspended,
            "tutorial": self.drill.is_solo,
            "form": self.started_from_form,
            "announced": self.source == "announced",
            "received": self.source == "received",
            "paused": bool(self.pause_time) and self.incidents[0].pause_count == 1,
            "pauses": bool(self.pause_time) and self.incidents[0].pause_count > 1,
            "withdrawn": self.was_withdrawn,
        }
        return tuple(name for name, is_true in applies.items() if is_true)


def report(env: Environment, drill_id: str = "", *, now: datetime) -> Report:
    """The report of this drill, by default the newest. Raises NoSuchDrill."""
    drills = all_drills(env.databases.environment)
    drill = next((candidate for candidate in drills if candidate.id == drill_id or not drill_id), None)
    if drill is None:
        raise NoSuchDrill
    with env.databases.environment.read() as tx:
        incident_reports = _incident_reports(tx, drill, now)
        comparable = [candidate for candidate in drills if _is_comparable(candidate, drill)]
        first_reports = [
            reports[0] for comparable_drill in comparable if (reports := _incident_reports(tx, comparable_drill, now))
        ]
    base = Report(drill, incident_reports, ())
    same_start = [item for item in first_reports if kind_of_start(item.clock.source) == base.start_kind]
    timed = [(item, item.duration) for item in same_start if item.duration is not None]
    earlier_stages = {interval.stage: interval.duration for interval in timed[0][0].intervals} if timed else {}
    return replace(base, earlier_durations=tuple(duration for _, duration in timed), earlier_stages=earlier_stages)


def counted_from(database: Database, incident: Incident, *, now: datetime) -> ResponseClock:
    """How the figures of this incident count; as in its drill, if it was opened in one."""
    with database.read() as tx:
        drill = stored_drills.find_drill_at(tx, incident.opened)
        return _counted_in_drill(tx, drill, incident, now) if drill else response_times.default_clock(incident)


def kind_of_start(source: str) -> str:
    """*alert*, by the monitor's time or its receipt; *announced*, without any time until somebody noticed; or
    *form*."""
    return "alert" if source == "received" else source


def have_same_scenario(drill: Drill, other: Drill) -> bool:
    """Whether both had the same scenario or, without one, the same title."""
    return drill.scenario == other.scenario and (bool(drill.scenario) or drill.title == other.title)


def _is_comparable(candidate: Drill, drill: Drill) -> bool:
    """Whether it came before, ran to its end, and had the same scenario."""
    return have_same_scenario(candidate, drill) and candidate.started < drill.started and not candidate.is_suspended


def _incident_reports(tx: Connection, drill: Drill, now: datetime) -> tuple[IncidentReport, ...]:
    """The drill's incidents, the one that counts first; the others in the order in which they were opened."""
    drill_incidents = incidents.opened_between(tx, drill.started, drill.ended or now)
    counting_incident = _counting_incident(drill_incidents)
    ordered = sorted(drill_incidents, key=lambda candidate: candidate is not counting_incident)
    return tuple(_report_incident(tx, drill, incident, now) for incident in ordered)


def _counting_incident(drill_incidents: Sequence[Incident]) -> Incident | None:
    """The incident whose first valid notice was readable first; if there is none, the one published first, then the one
    opened first."""
    readable_times = [
        (at, n)
        for n, incident in enumerate(drill_incidents)
        if (at := response_times.readable_at(incident)) is not None
    ]
    first_notices = [
        (notice, n)
        for n, incident in enumerate(drill_incidents)
        if (notice := response_times.first_standing(incident)) is not None
    ]
    not_withdrawn = [n for n, incident in enumerate(drill_incidents) if not response_times.has_withdrawal(incident)]
    ranking = (
        [n for _, n in sorted(readable_times)]
        or [n for _, n in sorted((notice.recorded, n) for notice, n in first_notices)]
        or not_withdrawn
    )
    return drill_incidents[ranking[0]] if ranking else next(iter(drill_incidents), None)


def _report_incident(tx: Connection, drill: Drill, incident: Incident, now: datetime) -> IncidentReport:
    clock = _counted_in_drill(tx, drill, incident, now)
    end = response_times.readable_at(incident) or drill.ended or now
    return IncidentReport(
        incident.id,
        response_times.stamps(incident, clock),
        response_times.intervals(incident, clock),
        response_times.slowest(incident, clock),
        response_times.time_to_notice(incident, clock),
        clock,
        clock.pause_between(clock.start, end),
        sum(pause_start < end and pause_end > clock.start for pause_start, pause_end in clock.pauses),
        response_times.has_withdrawal(incident),
    )


def _counted_in_drill(tx: Connection, drill: Drill, incident: Incident, now: datetime) -> ResponseClock:
    """The clock of an incident in a drill: from its own alert, else from the drill's first one even if the report did
    not join it, unless that alert had its own incident by then; without any alert, from the drill's announcement.

    Nothing after the first valid notice changes it. If a report was written before the script's alert arrived, or about
    something else, the form started the clock, and a note says so.
    """
    drill_end = drill.ended or now
    pauses = tuple(
        (pause.started_at, min(pause.ended_at or drill_end, drill_end))
        for pause in drill_injects.list_pauses(tx, drill.id)
    )
    if incident.t0_source != "form":
        return ResponseClock(max(incident.t0, drill.started), incident.t0_source, pauses)
    first_notice = response_times.first_standing(incident)
    end = min(first_notice.recorded, drill_end) if first_notice else drill_end
    alert = alerts.find_first_alert(tx, drill.started, end, incident=incident)
    if alert is not None and (started_at := max(alert.t0, drill.started)) <= incident.t0:
        return ResponseClock(started_at, "received" if alert.is_stale else "alert", pauses, _acknowledged_stamp(alert))
    if drill.alert and alerts.find_first_alert(tx, drill.started, end) is not None:
        return ResponseClock(incident.t0, "form", pauses)
    return ResponseClock(drill.started, "announced", pauses)


def _acknowledged_stamp(alert: Alert) -> Stamp | None:
    first_step = next((step for step in alert.steps if step.state not in NOT_TAKEN), None)
    return Stamp("acknowledged", first_step.at, first_step.actor) if first_step else None
