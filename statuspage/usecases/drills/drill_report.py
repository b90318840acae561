"""The result of a drill, measured by the incidents opened in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from statuspage.domain import Incident, ResponseClock, response_times
from statuspage.storage import drills as stored_drills
from statuspage.storage import incidents
from statuspage.storage.drills import Drill
from statuspage.storage.engine import Database
from statuspage.usecases.drill_figures import (
    IncidentReport,
    counted_in_drill,
    have_same_scenario,
    incident_reports,
    kind_of_start,
)
from statuspage.usecases.drills.lifecycle import all_drills
from statuspage.usecases.drills.live_precedence import NoSuchDrill
from statuspage.usecases.environment import Environment


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
    def is_clock_changed(self) -> bool:
        """Whether somebody or something set the clock of our machine while it counted."""
        return bool(self.incidents) and self.incidents[0].is_clock_changed

    @property
    def is_goal_met(self) -> bool:
        """Whether the goal was met. A suspended drill never meets it."""
        return self.duration is not None and self.duration <= self.drill.goal and not self.drill.is_suspended

    @property
    def caveats(self) -> tuple[str, ...]:
        """Notes that must accompany the figure everywhere: how it differs from the usual one, or why there is none."""
        if self.drill.is_tabletop:
            return ("tabletop",)
        applies = {
            "suspended": self.drill.is_suspended,
            "tutorial": self.drill.is_solo,
            "form": self.started_from_form,
            "announced": self.source == "announced",
            "received": self.source == "received",
            "paused": bool(self.pause_time) and self.incidents[0].pause_count == 1,
            "pauses": bool(self.pause_time) and self.incidents[0].pause_count > 1,
            "withdrawn": self.was_withdrawn,
            "clock": self.is_clock_changed,
            "surprise": self.drill.is_secret,
        }
        return tuple(name for name, is_true in applies.items() if is_true)


def report(env: Environment, drill_id: str = "", *, now: datetime) -> Report:
    """The report of this drill, by default the newest. Raises NoSuchDrill."""
    drills = all_drills(env.databases.environment)
    drill = next((candidate for candidate in drills if candidate.id == drill_id or not drill_id), None)
    if drill is None:
        raise NoSuchDrill
    with env.databases.environment.read() as tx:
        reports_of_drill = () if drill.is_tabletop else incident_reports(tx, drill, now)
        comparable = [candidate for candidate in drills if _is_comparable(candidate, drill)]
        first_reports = [
            reports[0] for comparable_drill in comparable if (reports := incident_reports(tx, comparable_drill, now))
        ]
    base = Report(drill, reports_of_drill, ())
    same_start = [item for item in first_reports if kind_of_start(item.clock.source) == base.start_kind]
    timed = [(item, item.duration) for item in same_start if item.duration is not None]
    earlier_stages = {interval.stage: interval.duration for interval in timed[0][0].intervals} if timed else {}
    return replace(base, earlier_durations=tuple(duration for _, duration in timed), earlier_stages=earlier_stages)


def counted_from(database: Database, incident: Incident, *, now: datetime) -> ResponseClock:
    """How the figures of this incident count; as in its drill, if it was opened in one."""
    with database.read() as tx:
        drill = stored_drills.find_drill_at(tx, incident.opened)
        return counted_in_drill(tx, drill, incident, now) if drill else response_times.default_clock(incident)


def time_to_notice_of(database: Database, incident_id: str, opened: datetime, *, now: datetime) -> timedelta | None:
    """The time to the first report of an incident opened in a drill, as that drill counts; None outside drills."""
    with database.read() as tx:
        drill = stored_drills.find_drill_at(tx, opened)
        incident = incidents.load_incident(tx, incident_id) if drill else None
        if drill is None or incident is None:
            return None
        return response_times.time_to_notice(incident, counted_in_drill(tx, drill, incident, now))


def _is_comparable(candidate: Drill, drill: Drill) -> bool:
    """Whether it came before, was played to its end, and had the same scenario."""
    was_played = not candidate.is_suspended and not candidate.is_tabletop and not drill.is_tabletop
    return have_same_scenario(candidate, drill) and candidate.started < drill.started and was_played
