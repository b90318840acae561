"""How well a drill went: its objectives graded with their evidence, promises kept, and what slowed it most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from statuspage.domain.drill_scenario import FACTS, TIMED, Objective
from statuspage.domain.facts import AffectedAudience, NoticeKind, Unknown
from statuspage.domain.incident import Incident, RecordedNotice
from statuspage.domain.response_times import Counted, Stamp, counted_of, first_standing, stamps

A_LITTLE_LATE = 1.5
"""Up to this many times its minutes, a stage was reached with some challenges; after that with major ones."""


class Grade(StrEnum):
    """How an objective was met, in the four steps of HSEEP (P, S, M, U)."""

    PERFORMED = "performed"
    SOME = "some"
    MAJOR = "major"
    UNABLE = "unable"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a grade rests on: the tail of a label and its slots; lengths stay lengths, and facts their names."""

    code: str
    slots: Mapping[str, str | int | timedelta | tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Overruled:
    """The leader's own grade, and why."""

    grade: Grade
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Graded:
    """An objective with its grade. ``found`` is ours, None where only the leader can tell, or nothing called for it."""

    objective: Objective
    found: Grade | None
    evidence: Evidence
    overruled: Overruled | None = None

    @property
    def grade(self) -> Grade | None:
        """The leader's grade where there is one, else ours."""
        return self.overruled.grade if self.overruled else self.found


@dataclass(frozen=True, slots=True)
class Promise:
    """The next update as a notice promised it. ``kept`` is when it came, None where it did not; ``paused`` how long the
    drill stood still meanwhile, which leaves so much more time."""

    sequence: int
    due: datetime
    kept: datetime | None = None
    paused: timedelta = timedelta()

    @property
    def in_time(self) -> bool:
        """Whether it came by its time."""
        return self.kept is not None and self.kept - self.paused <= self.due


@dataclass(frozen=True, slots=True)
class Played:
    """What is graded: the incident, how many errors and warnings its words had, whether a wrong fact was fed in, when
    the drill ended (while it runs: now; None: everything has fallen due), and how its figures count."""

    incident: Incident | None
    errors: int = 0
    warnings: int = 0
    misled: bool = False
    until: datetime | None = None
    counted: Counted | None = None


def graded(objectives: Sequence[Objective], played: Played, overruled: Mapping[str, Overruled]) -> tuple[Graded, ...]:
    """Every objective with its grade and what it rests on."""
    return tuple(Graded(one, *_graded(one, played), overruled.get(one.id)) for one in objectives)


def _graded(objective: Objective, played: Played) -> tuple[Grade | None, Evidence]:
    if objective.measure == "leader":
        return None, Evidence("leader")
    if played.incident is None or not played.incident.entries:
        return Grade.UNABLE, Evidence("nothing")
    if objective.measure in TIMED:
        return _timed(objective, played.incident, played.counted or counted_of(played.incident))
    if objective.measure == "facts":
        return _grade_facts(objective, played.incident)
    if objective.measure == "promises":
        return _promises(played.incident, played.until, played.counted)
    if objective.measure == "plain":
        return _grade_plain_language(played.incident, played)
    return _corrected(played.incident, played.misled)


def _timed(objective: Objective, incident: Incident, counted: Counted) -> tuple[Grade, Evidence]:
    marks = {stamp.stage: stamp.at for stamp in stamps(incident, counted)}
    within = objective.within or timedelta()
    if objective.measure not in marks:
        return Grade.UNABLE, Evidence("never", {"within": within})
    took = counted.after(marks[objective.measure])
    met = Evidence("took", {"took": took, "within": within})
    if took <= within:
        return Grade.PERFORMED, met
    return (Grade.SOME if took <= within * A_LITTLE_LATE else Grade.MAJOR), met


def had(notice: RecordedNotice) -> tuple[str, ...]:
    """Which facts a notice had. That something is not known yet counts, where the notice says so."""
    facts = notice.notice.facts
    there = {
        "scope": bool(facts.affected),
        "who": facts.who.reach is not AffectedAudience.CHECKING,
        "started": facts.started is not None,
        "estimate": bool(facts.estimate != Unknown() or _says(notice, "estimate")),
        "workaround": bool(facts.workarounds),
        "next": facts.next_update is not None,
    }
    return tuple(fact for fact in FACTS if there[fact])


def _says(notice: RecordedNotice, row: str) -> bool:
    return any(one.key == row for words in notice.notice.words.values() for one in words.rows)


def _grade_facts(objective: Objective, incident: Incident) -> tuple[Grade, Evidence]:
    wanted = objective.facts or ("scope", "started", "estimate")
    if (first := first_standing(incident)) is None:
        return Grade.UNABLE, Evidence("no_notice")
    there = had(first)
    lacking = tuple(fact for fact in wanted if fact not in there)
    told = Evidence("facts", {"there": len(wanted) - len(lacking), "all": len(wanted), "lacking": lacking})
    if not lacking:
        return Grade.PERFORMED, told
    return (Grade.SOME if len(lacking) == 1 else Grade.MAJOR), told


def promises(incident: Incident, until: datetime | None, counted: Counted | None = None) -> tuple[Promise, ...]:
    """What was promised and was kept, or fell due before ``until`` (None: all of it)."""
    how = counted or counted_of(incident)
    told = [one for one in incident.notices if one.notice.notice is not NoticeKind.ACCOUNT]
    found = []
    for number, notice in enumerate(told):
        due = notice.notice.facts.next_update
        if due is None or notice.notice.notice is NoticeKind.RESOLVED:
            continue
        after = told[number + 1].recorded if number + 1 < len(told) else None
        paused = how.paused(notice.recorded, after or until or due)
        if after is None and until is not None and due + paused > until:
            continue
        found.append(Promise(notice.sequence, due, after, paused))
    return tuple(found)


def _promises(incident: Incident, until: datetime | None, counted: Counted | None) -> tuple[Grade | None, Evidence]:
    if not incident.notices:
        return Grade.UNABLE, Evidence("no_notice")
    made = promises(incident, until, counted)
    if not made:
        return None, Evidence("no_promise")
    kept = sum(one.in_time for one in made)
    told = Evidence("promises", {"kept": kept, "all": len(made)})
    if kept == len(made):
        return Grade.PERFORMED, told
    return (Grade.SOME if kept * 2 >= len(made) else Grade.MAJOR), told


def _grade_plain_language(incident: Incident, played: Played) -> tuple[Grade, Evidence]:
    if not incident.notices:
        return Grade.UNABLE, Evidence("no_notice")
    found = played.errors + played.warnings
    told = Evidence("plain" if found else "plain_none", {"found": found})
    if not found:
        return Grade.PERFORMED, told
    return (Grade.MAJOR if played.errors else Grade.SOME), told


def _corrected(incident: Incident, misled: bool) -> tuple[Grade | None, Evidence]:
    if not misled:
        return None, Evidence("not_misled")
    done = any(one.notice.notice is NoticeKind.CORRECTION for one in incident.notices)
    return (Grade.PERFORMED, Evidence("corrected")) if done else (Grade.UNABLE, Evidence("uncorrected"))


def reached(incident: Incident | None, counted: Counted | None = None) -> Stamp | None:
    """The last mark before it stopped, where no first notice became readable; None where one did, or nothing began."""
    marks = stamps(incident, counted) if incident else ()
    return None if not marks or any(one.stage == "readable" for one in marks) else marks[-1]
