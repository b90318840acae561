"""The figures of a drill's incidents: when their clock starts, what is taken out of it, and which of them counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from statuspage import serialization
from statuspage.domain import (
    Alert,
    AlertState,
    ClockStep,
    Incident,
    Interval,
    ResponseClock,
    ResponseMark,
    Stamp,
    response_marks,
    response_times,
)
from statuspage.storage import alerts, drill_injects, incidents
from statuspage.storage.drills import Drill
from statuspage.storage.engine import Connection

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
    is_clock_changed: bool = False
    marks: tuple[ResponseMark, ...] = ()

    @property
    def started_from_form(self) -> bool:
        """Whether the form started its clock, so that the time until somebody noticed is not included."""
        return self.clock.source == "form"


def kind_of_start(source: str) -> str:
    """*alert*, by the monitor's time or its receipt; *announced*, without any time until somebody noticed; or
    *form*."""
    return "alert" if source == "received" else source


def have_same_scenario(drill: Drill, other: Drill) -> bool:
    """Whether both had the same scenario or, without one, the same title."""
    return drill.scenario == other.scenario and (bool(drill.scenario) or drill.title == other.title)


def incident_reports(tx: Connection, drill: Drill, now: datetime) -> tuple[IncidentReport, ...]:
    """The drill's incidents, the one that counts first; the others in the order in which they were opened."""
    drill_incidents = _incidents_of(tx, drill, now)
    counting_incident = _counting_incident(drill_incidents)
    ordered = sorted(drill_incidents, key=lambda candidate: candidate is not counting_incident)
    return tuple(
        _report_incident(
            incident,
            _counted(tx, drill, incident, now, incident is counting_incident),
            drill.ended or now,
            drill.broken_at,
        )
        for incident in ordered
    )


def counted_in_drill(tx: Connection, drill: Drill, incident: Incident, now: datetime) -> ResponseClock:
    """The clock of an incident in a drill."""
    counting_incident = _counting_incident(_incidents_of(tx, drill, now))
    return _counted(tx, drill, incident, now, counting_incident is None or counting_incident.id == incident.id)


def _incidents_of(tx: Connection, drill: Drill, now: datetime) -> tuple[Incident, ...]:
    """Those opened in the drill, also if the machine's clock was set back meanwhile."""
    steps = clock_steps(drill)
    earliest = min((drill.started, *(step.at + step.change for step in steps)))
    latest = max((drill.ended or now, *(step.at for step in steps)))
    return incidents.opened_between(tx, earliest, latest)


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


def _report_incident(
    incident: Incident, clock: ResponseClock, until: datetime, broken_at: datetime | None
) -> IncidentReport:
    end = response_times.readable_at(incident) or until
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
        clock.is_changed_between(clock.start, end),
        response_marks(incident, clock, broken_at),
    )


def _counted(tx: Connection, drill: Drill, incident: Incident, now: datetime, is_counting: bool) -> ResponseClock:
    """From the drill's first alert, even if the report did not join it; any but the incident that counts leaves out
    alerts that had another incident by then. Without any alert, from the drill's announcement.

    Nothing after the first valid notice changes it. If a report was written before the script's alert arrived, or about
    something else, the form started the clock, and a note says so.
    """
    drill_end = drill.ended or now
    pauses = tuple(
        (pause.started_at, min(pause.ended_at or drill_end, drill_end))
        for pause in drill_injects.list_pauses(tx, drill.id)
    )
    first_notice = response_times.first_standing(incident)
    end = min(first_notice.recorded, drill_end) if first_notice else drill_end
    alert = alerts.find_first_alert(tx, drill.started, end, incident=None if is_counting else incident)
    counted_as = partial(ResponseClock, pauses=pauses, steps=clock_steps(drill))
    if alert is not None and (started_at := max(alert.t0, drill.started)) <= max(incident.t0, drill.started):
        source = "received" if alert.is_stale else "alert"
        return counted_as(started_at, source, acknowledged=_acknowledged_stamp(alert))
    if incident.t0_source != "form":
        return counted_as(max(incident.t0, drill.started), incident.t0_source)
    if drill.alert and alerts.find_first_alert(tx, drill.started, end) is not None:
        return counted_as(incident.t0, "form")
    return counted_as(drill.started, "announced")


def clock_steps(drill: Drill) -> tuple[ClockStep, ...]:
    """How the clock of our machine was set during the drill."""
    return tuple(serialization.from_json_value(ClockStep, item) for item in drill.note.get("clock_steps", ()))


def _acknowledged_stamp(alert: Alert) -> Stamp | None:
    first_step = next((step for step in alert.steps if step.state not in NOT_TAKEN), None)
    return Stamp("acknowledged", first_step.at, first_step.actor) if first_step else None
