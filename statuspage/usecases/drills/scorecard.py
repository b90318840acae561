"""The scorecard of a drill: what was to be reached and was, what was fed in, what was said, and what to mend."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from statuspage import serialization
from statuspage.domain import (
    Grade,
    Graded,
    Incident,
    InjectKind,
    Objective,
    Overruled,
    Played,
    Promise,
    RecordedNotice,
    Stamp,
    first_standing,
    graded,
    had,
    promises,
    reached,
    unreadable,
)
from statuspage.rendering.plain_language import Context, Finding, Level, find_unplain
from statuspage.storage import drill_injects, incidents
from statuspage.storage import drills as rows
from statuspage.storage.drill_injects import Fed, InjectState, Observation
from statuspage.storage.drills import Drill
from statuspage.storage.engine import Connection
from statuspage.usecases.drills.drill_report import Report, report
from statuspage.usecases.drills.lifecycle import NoSuchDrill, objectives_of
from statuspage.usecases.environment import Environment

USUAL = ("readable", "facts", "promises", "plain")
"""What every drill is held to when its script says nothing else."""

LIMIT = 500
"""Characters of a reason, or of an action."""


class NoSuchObjective(Exception):
    """The drill has no objective, or no inject, of this name."""


class NoWords(Exception):
    """A reason or an action is missing, too long, or has characters in it that cannot be read."""


@dataclass(frozen=True, slots=True)
class Strange:
    """Something that the check for plain language found in a published notice; ``word`` is what it is about."""

    sequence: int
    language: str
    word: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class Handled:
    """Whether an inject was dealt with, as the leader saw it."""

    done: bool
    by: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """What is to be mended after a drill, by whom and by which day (ISO 8601, "" where none is set)."""

    text: str
    owner: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """Everything a scorecard shows of one drill.

    ``incident`` is the one that counts. ``facts`` are those its first notice had that still stands. ``stuck`` is the
    last stage reached where no first notice could be read. ``handled`` maps an inject's number to what the leader saw.
    """

    report: Report
    incident: Incident | None
    graded: tuple[Graded, ...]
    facts: tuple[str, ...]
    promises: tuple[Promise, ...]
    strange: tuple[Strange, ...]
    script: tuple[Fed, ...]
    handled: Mapping[int, Handled]
    observations: tuple[Observation, ...]
    actions: tuple[Action, ...]
    stuck: Stamp | None

    @property
    def drill(self) -> Drill:
        """The drill."""
        return self.report.drill

    @property
    def first(self) -> RecordedNotice | None:
        """The first notice that still stands; None where there was none."""
        return first_standing(self.incident) if self.incident else None

    @property
    def fired(self) -> tuple[Fed, ...]:
        """The injects that were fed in, but for the tutorial's own words."""
        return tuple(f for f in self.script if f.fired is not None and f.inject.kind is not InjectKind.GUIDE)


def score(world: Environment, drill_id: str = "", *, now: datetime) -> Score:
    """The scorecard of this drill, by default the newest. Raises NoSuchDrill."""
    found = report(world, drill_id, now=now)
    drill = found.drill
    with world.store.read() as tx:
        incident = incidents.load(tx, found.incidents[0].incident) if found.incidents else None
        script, seen = drill_injects.injects_of(tx, drill.id), drill_injects.observed(tx, drill.id)
    strange = tuple(_strange(world, incident)) if incident else ()
    levels = [one.finding.level for one in strange]
    misled = any(f.inject.kind is InjectKind.WRONG and f.state is InjectState.FIRED for f in script)
    until, counted = drill.ended or now, found.incidents[0].counted if found.incidents else None
    played = Played(incident, levels.count(Level.ERROR), levels.count(Level.WARNING), misled, until, counted)
    first = first_standing(incident) if incident else None
    return Score(
        report=found,
        incident=incident,
        graded=graded(_objectives(drill), played, _overruled(drill)),
        facts=had(first) if first else (),
        promises=promises(incident, until, counted) if incident else (),
        strange=strange,
        script=script,
        handled={int(n): serialization.load(Handled, one) for n, one in drill.note.get("handled", {}).items()},
        observations=seen,
        actions=tuple(serialization.load(Action, one) for one in drill.note.get("actions", ())),
        stuck=reached(incident, counted),
    )


def overrule(world: Environment, drill_id: str, objective: str, grade: Grade | None, *, reason: str, by: str) -> None:
    """The leader's own grade in place of ours, with a reason; None takes it back.

    Raises NoSuchDrill, NoSuchObjective, NoWords.
    """
    with world.store.begin() as tx:
        drill = _drill(tx, drill_id)
        if objective not in {one.id for one in _objectives(drill)}:
            raise NoSuchObjective
        kept = {id: one for id, one in drill.note.get("grades", {}).items() if id != objective}
        if grade is not None:
            kept[objective] = serialization.to_json_value(Overruled(grade, _action_words(reason), by))
        rows.annotate(tx, drill.id, {**drill.note, "grades": kept})


def handle(world: Environment, drill_id: str, number: int, done: bool, *, by: str, text: str = "") -> None:
    """Whether an inject was dealt with. Raises NoSuchDrill, NoSuchObjective, NoWords."""
    with world.store.begin() as tx:
        drill = _drill(tx, drill_id)
        if number not in {fed.number for fed in drill_injects.injects_of(tx, drill.id) if fed.fired}:
            raise NoSuchObjective
        seen = serialization.to_json_value(Handled(done, by, _action_words(text) if text.strip() else ""))
        kept = {**drill.note.get("handled", {}), str(number): seen}
        rows.annotate(tx, drill.id, {**drill.note, "handled": kept})


def add_action(world: Environment, drill_id: str, text: str, *, owner: str = "", until: str = "") -> Action:
    """Something to mend, kept with the drill. Raises NoSuchDrill, NoWords."""
    action = Action(_action_words(text), _action_words(owner) if owner.strip() else "", until)
    with world.store.begin() as tx:
        drill = _drill(tx, drill_id)
        rows.annotate(
            tx,
            drill.id,
            {**drill.note, "actions": [*drill.note.get("actions", ()), serialization.to_json_value(action)]},
        )
    return action


def drop(world: Environment, drill_id: str, number: int) -> None:
    """Takes the action of this number, from 1, off the list. Raises NoSuchDrill, NoSuchObjective."""
    with world.store.begin() as tx:
        drill = _drill(tx, drill_id)
        kept: list[Any] = [*drill.note.get("actions", ())]
        if not 0 < number <= len(kept):
            raise NoSuchObjective
        del kept[number - 1]
        rows.annotate(tx, drill.id, {**drill.note, "actions": kept})


def _drill(tx: Connection, drill_id: str) -> Drill:
    found = rows.find_drill(tx, drill_id) if drill_id else next(iter(rows.all_drills(tx)), None)
    if found is None:
        raise NoSuchDrill
    return found


def _action_words(text: str) -> str:
    tidy = text.strip()
    if not tidy or len(tidy) > LIMIT or unreadable(tidy):
        raise NoWords
    return tidy


def _objectives(drill: Drill) -> tuple[Objective, ...]:
    own = objectives_of(drill)
    return own or tuple(Objective(m, {}, m, drill.goal if m == "readable" else None) for m in USUAL)


def _overruled(drill: Drill) -> Mapping[str, Overruled]:
    return {id: serialization.load(Overruled, one) for id, one in drill.note.get("grades", {}).items()}


def _strange(world: Environment, incident: Incident) -> Iterator[Strange]:
    """What the check for plain language says of every published notice, the drill's own marks aside."""
    for told in incident.notices:
        context = Context(told.notice.notice)
        for language, words in told.notice.words.items():
            book = world.catalog.books[language]
            text = book.writing.gap.join(s.text for s in words.sentences)
            for mark in (book.marks.start, book.marks.end):
                text = text.replace(mark, "")
            for one in find_unplain(text, language=language, catalog=world.catalog, context=context):
                if one.kind != "drill" and one.level is not Level.HINT:
                    yield Strange(told.sequence, language, text[one.start : one.end], one)
