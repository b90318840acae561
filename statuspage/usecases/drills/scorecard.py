"""The scorecard of a drill: objectives, injects, wording, and action items."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from statuspage import serialization
from statuspage.domain import (
    ActionItem,
    CallAttempt,
    Catalog,
    DrillResult,
    Evaluation,
    Grade,
    GradedObjective,
    GradeOverride,
    Incident,
    InjectKind,
    Objective,
    Promise,
    RecordedNotice,
    Stamp,
    facts_in_notice,
    first_standing,
    grade_objectives,
    has_unreadable_characters,
    last_stage_reached,
    promises,
)
from statuspage.rendering.plain_language import CheckContext, Finding, Level, find_unplain
from statuspage.storage import call_attempts, drill_injects, drills, incidents
from statuspage.storage.drill_injects import DrillInject, InjectState, Observation
from statuspage.storage.drills import Drill
from statuspage.storage.engine import Connection, Database
from statuspage.usecases import action_items
from statuspage.usecases.drills.drill_report import Report, report
from statuspage.usecases.drills.lifecycle import objectives_of
from statuspage.usecases.drills.live_precedence import NoSuchDrill
from statuspage.usecases.environment import Environment

DEFAULT_OBJECTIVES = ("readable", "facts", "promises", "plain")
"""The objectives of a drill whose scenario has none."""

TEXT_LIMIT = 500
"""Maximum characters of a reason."""


class NoSuchObjective(Exception):
    """The drill has no objective or inject with this name or number."""


class InvalidText(Exception):
    """A reason is missing, too long, or has unreadable characters."""


@dataclass(frozen=True, slots=True)
class LanguageFinding:
    """A plain-language finding in a published notice. ``word`` is what was found."""

    sequence: int
    language: str
    word: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class HandledInject:
    """Whether an inject was handled, according to the leader."""

    done: bool
    actor: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """The data of a drill's scorecard.

    ``incident`` is the one that counts. ``facts`` are those of its first valid notice. ``last_stage`` is the last stage
    reached if no first notice could be read. ``handled_injects`` maps an inject's number to the leader's judgement.
    ``calls`` are the attempts to reach somebody.
    """

    report: Report
    incident: Incident | None
    graded_objectives: tuple[GradedObjective, ...]
    facts: tuple[str, ...]
    promises: tuple[Promise, ...]
    language_findings: tuple[LanguageFinding, ...]
    script: tuple[DrillInject, ...]
    handled_injects: Mapping[int, HandledInject]
    observations: tuple[Observation, ...]
    actions: tuple[ActionItem, ...]
    last_stage: Stamp | None
    calls: tuple[CallAttempt, ...]

    @property
    def drill(self) -> Drill:
        """The drill."""
        return self.report.drill

    @property
    def first_notice(self) -> RecordedNotice | None:
        """The first notice that was not withdrawn; None if there was none."""
        return first_standing(self.incident) if self.incident else None

    @property
    def fired(self) -> tuple[DrillInject, ...]:
        """The fired injects, except the texts of the tutorial."""
        return tuple(
            record
            for record in self.script
            if record.fired_at is not None and record.inject.kind is not InjectKind.GUIDE
        )


def build_scorecard(env: Environment, drill_id: str = "", *, now: datetime) -> Score:
    """The scorecard of this drill, by default the newest. Raises NoSuchDrill."""
    drill_report = report(env, drill_id, now=now)
    drill, counting = drill_report.drill, next(iter(drill_report.incidents), None)
    with env.databases.environment.read() as tx:
        incident = incidents.load_incident(tx, counting.incident_id) if counting else None
        script, observations = drill_injects.list_injects(tx, drill.id), drill_injects.list_observations(tx, drill.id)
        calls = call_attempts.attempts_between(tx, drill.started, drill.ended or now)
    language_findings = tuple(_language_findings(env.site.catalog, incident)) if incident else ()
    played = _result(drill_report, incident, language_findings, script, now)
    first_notice = first_standing(incident) if incident else None
    return Score(
        report=drill_report,
        incident=incident,
        graded_objectives=grade_objectives(_objectives(drill), played, _overruled(drill), _evaluations(drill)),
        facts=facts_in_notice(first_notice) if first_notice else (),
        promises=promises(incident, played.until, played.clock) if incident else (),
        language_findings=language_findings,
        script=script,
        handled_injects=_handled(drill),
        observations=observations,
        actions=action_items.items_of(env, drill.id),
        last_stage=last_stage_reached(incident, played.clock),
        calls=calls,
    )


def _result(
    drill_report: Report,
    incident: Incident | None,
    language_findings: tuple[LanguageFinding, ...],
    script: tuple[DrillInject, ...],
    now: datetime,
) -> DrillResult:
    """What the objectives are graded by."""
    drill, levels = drill_report.drill, [item.finding.level for item in language_findings]
    return DrillResult(
        incident,
        levels.count(Level.ERROR),
        levels.count(Level.WARNING),
        any(item.inject.kind is InjectKind.WRONG_FACT and item.state is InjectState.FIRED for item in script),
        drill.ended or now,
        drill_report.incidents[0].clock if drill_report.incidents else None,
        drill.is_tabletop,
    )


def overrule_grade(
    database: Database, drill_id: str, objective: str, grade: Grade | None, *, reason: str, actor: str
) -> None:
    """Sets the leader's own grade in place of the computed one, with a reason; None removes it.

    Raises NoSuchDrill, NoSuchObjective, InvalidText.
    """
    with database.begin() as tx:
        drill = _drill(tx, drill_id)
        if objective not in {candidate.id for candidate in _objectives(drill)}:
            raise NoSuchObjective
        grades = {id: value for id, value in drill.note.get("grades", {}).items() if id != objective}
        if grade is not None:
            grades[objective] = serialization.to_json_value(GradeOverride(grade, _clean_text(reason), actor))
        drills.set_note(tx, drill.id, {**drill.note, "grades": grades})


def evaluate_objective(
    database: Database, drill_id: str, objective: str, grade: Grade | None, *, evidence: str, actor: str
) -> None:
    """Records an evaluator's grade beside the others', with its evidence; None takes it back.

    Raises NoSuchDrill, NoSuchObjective, InvalidText.
    """
    with database.begin() as tx:
        drill = _drill(tx, drill_id)
        if objective not in {candidate.id for candidate in _objectives(drill)}:
            raise NoSuchObjective
        of_others = [item for item in _evaluations(drill).get(objective, ()) if item.actor != actor]
        own = [] if grade is None else [Evaluation(grade, _clean_text(evidence), actor)]
        evaluations = {**drill.note.get("evaluations", {}), objective: serialization.to_json_value([*of_others, *own])}
        drills.set_note(tx, drill.id, {**drill.note, "evaluations": evaluations})


def mark_handled(database: Database, drill_id: str, number: int, done: bool, *, actor: str, text: str = "") -> None:
    """Records whether an inject was handled. Raises NoSuchDrill, NoSuchObjective, InvalidText."""
    with database.begin() as tx:
        drill = _drill(tx, drill_id)
        if number not in {record.number for record in drill_injects.list_injects(tx, drill.id) if record.fired_at}:
            raise NoSuchObjective
        handled = serialization.to_json_value(HandledInject(done, actor, _clean_text(text) if text.strip() else ""))
        all_handled = {**drill.note.get("handled", {}), str(number): handled}
        drills.set_note(tx, drill.id, {**drill.note, "handled": all_handled})


def _drill(tx: Connection, drill_id: str) -> Drill:
    drill = drills.find_drill(tx, drill_id) if drill_id else next(iter(drills.list_drills(tx)), None)
    if drill is None:
        raise NoSuchDrill
    return drill


def _clean_text(text: str) -> str:
    tidy = text.strip()
    if not tidy or len(tidy) > TEXT_LIMIT or has_unreadable_characters(tidy):
        raise InvalidText
    return tidy


def _objectives(drill: Drill) -> tuple[Objective, ...]:
    own_objectives = objectives_of(drill)
    return own_objectives or tuple(
        Objective(measure, {}, measure, drill.goal if measure == "readable" else None) for measure in DEFAULT_OBJECTIVES
    )


def _handled(drill: Drill) -> Mapping[int, HandledInject]:
    return {
        int(n): serialization.from_json_value(HandledInject, item) for n, item in drill.note.get("handled", {}).items()
    }


def _overruled(drill: Drill) -> Mapping[str, GradeOverride]:
    return {id: serialization.from_json_value(GradeOverride, item) for id, item in drill.note.get("grades", {}).items()}


def _evaluations(drill: Drill) -> Mapping[str, tuple[Evaluation, ...]]:
    return {
        id: tuple(serialization.from_json_value(Evaluation, item) for item in items)
        for id, items in drill.note.get("evaluations", {}).items()
    }


def _language_findings(catalog: Catalog, incident: Incident) -> Iterator[LanguageFinding]:
    """The plain-language findings in every published notice, without its drill marks."""
    for recorded in incident.notices:
        context = CheckContext(recorded.notice.notice)
        for language, words in recorded.notice.texts.items():
            pack = catalog.packs[language]
            text = pack.locale_rules.gap.join(sentence.text for sentence in words.sentences)
            for mark in (pack.marks.start, pack.marks.end):
                text = text.replace(mark, "")
            for finding in find_unplain(text, language=language, catalog=catalog, context=context):
                if finding.category != "drill" and finding.level is not Level.HINT:
                    yield LanguageFinding(recorded.sequence, language, text[finding.start : finding.end], finding)
