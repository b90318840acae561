"""The texts of a scorecard: the same lines for the page, the terminal, Markdown and tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from statuspage.domain import (
    ActionItem,
    ActionState,
    Answer,
    CallAttempt,
    Evaluation,
    Evidence,
    Grade,
    GradedObjective,
    Promise,
    RecordedNotice,
    answers,
    asks,
    channel_type_name,
    is_named,
)
from statuspage.rendering.plain_language import Level, reason_for
from statuspage.rendering.wording import format_inline
from statuspage.storage.drill_injects import DrillInject, Observation
from statuspage.usecases.drills.scorecard import LanguageFinding, Score
from statuspage.usecases.drills.scorecard_formatter import (
    ScorecardFormatter,
    ScoreLine,
    Section,
    join_items,
    locale_rules,
    person_label,
)

REQUIRED_FACTS = ("scope", "start")
"""Facts that a first report must have; the others are optional."""

GRADE_MARKS = {
    Grade.PERFORMED: "ok",
    Grade.SOME_CHALLENGES: "part",
    Grade.MAJOR_CHALLENGES: "down",
    Grade.UNABLE: "down",
    None: "",
}
"""The mark of a grade: ok, part, down; "" if it has not been judged."""


def scorecard_sections(score: Score, formatter: ScorecardFormatter) -> tuple[Section, ...]:
    """Every section that is not empty, in reading order."""
    lines_by_section = {
        "objectives": [_objective_line(result, score, formatter) for result in score.graded_objectives],
        "marks": [*_mark_lines(score, formatter)],
        "facts": [*_fact_lines(score, formatter)],
        "plain": [*_plain_language_lines(score, formatter)],
        "injects": [_inject_line(record, score, formatter) for record in score.fired],
        "promises": [_promise_line(promise, formatter) for promise in score.promises],
        "calls": [_call_line(attempt, score, formatter) for attempt in score.calls],
        "people": [*_people_lines(score, formatter)],
        "notes": [_observation_line(note, score, formatter) for note in score.observations],
        "evidence": [*_evidence_lines(score, formatter)],
        "actions": [_action_line(action, formatter) for action in score.actions],
    }
    return tuple(
        Section(
            id,
            formatter.label(f"desk.scorecard.{id}"),
            tuple(section_lines),
            _result_of(id, section_lines, formatter),
            _mark_of(id, section_lines),
        )
        for id, section_lines in lines_by_section.items()
        if section_lines
    )


def _mark_of(id: str, lines: Sequence[ScoreLine]) -> str:
    """The worst mark of a section; its calls and checks are good only if each of them is."""
    worst = next((mark for mark in ("down", "part", "ok") if any(line.mark == mark for line in lines)), "")
    is_partial = id in ("calls", "evidence") and worst == "ok" and any(not line.mark for line in lines)
    return "part" if is_partial else worst


def _result_of(id: str, lines: Sequence[ScoreLine], formatter: ScorecardFormatter) -> str:
    """A section in a few words: how much of it is good, or that nobody has judged it yet."""
    judged = [line for line in lines if line.mark]
    if id in ("objectives", "injects") and not judged:
        return formatter.label("desk.scorecard.not_judged")
    good = sum(line.mark == "ok" for line in judged)
    if id == "plain":
        return (
            lines[0].text if len(judged) == good else formatter.label("desk.scorecard.result.plain", count=len(lines))
        )
    if id in ("marks", "people", "notes", "actions"):
        return formatter.label("desk.scorecard.result.count", count=len(lines))
    if id in ("objectives", "injects") and len(judged) < len(lines):
        slots = {"good": good, "all": len(judged), "open": len(lines) - len(judged)}
        return formatter.label(f"desk.scorecard.result.{id}_open", **slots)
    return formatter.label(
        f"desk.scorecard.result.{id}", good=good, all=len(judged) if id in ("facts", "objectives") else len(lines)
    )


def _objective_line(result: GradedObjective, score: Score, formatter: ScorecardFormatter) -> ScoreLine:
    text = formatter.pick_text(result.objective.text) or formatter.label(
        f"desk.scorecard.objective.{result.objective.id}"
    )
    grade = (
        formatter.label(f"desk.scorecard.grade.{result.grade}")
        if result.grade
        else formatter.label("desk.scorecard.ungraded")
    )
    detail = _evidence_text(result.evidence, formatter)
    if result.override:
        by = person_label(result.override.actor, score.drill, formatter)
        detail = formatter.label("desk.scorecard.overruled", by=by, reason=result.override.reason, ours=detail)
    lines = [detail, *(_evaluation_text(evaluation, score, formatter) for evaluation in result.evaluations)]
    return ScoreLine(text, "\n".join(lines), grade, GRADE_MARKS[result.grade], result.objective.id)


def _evaluation_text(evaluation: Evaluation, score: Score, formatter: ScorecardFormatter) -> str:
    """What an evaluator gave, and why."""
    return formatter.label(
        "desk.scorecard.evaluated",
        by=person_label(evaluation.actor, score.drill, formatter),
        grade=formatter.label(f"desk.scorecard.grade.{evaluation.grade}"),
        evidence=evaluation.evidence,
    )


def _evidence_text(evidence: Evidence, formatter: ScorecardFormatter) -> str:
    slots: dict[str, object] = {}
    for name, value in evidence.slots.items():
        if isinstance(value, timedelta):
            slots[name] = formatter.format_length(value)
        elif isinstance(value, tuple):
            slots[name] = join_items([formatter.label(f"desk.fact.{fact}") for fact in value], formatter)
        else:
            slots[name] = value
    code = "facts_all" if evidence.code == "facts" and not evidence.slots["lacking"] else evidence.code
    return formatter.label(f"desk.scorecard.because.{code}", **slots)


def _mark_lines(score: Score, formatter: ScorecardFormatter) -> Iterator[ScoreLine]:
    """The times beside the one number."""
    for mark in score.report.incidents[0].marks if score.report.incidents else ():
        between = f"{formatter.clock.format_time(mark.start)} → {formatter.clock.format_time(mark.end)}"
        name = formatter.label(f"desk.scorecard.mark_of.{mark.name}")
        yield ScoreLine(name, between, formatter.format_length(mark.took))


def _fact_lines(score: Score, formatter: ScorecardFormatter) -> Iterator[ScoreLine]:
    """Which facts the first notice had, in its own words, and when the last of them came."""
    if score.first_notice is None:
        return
    notice_texts = score.first_notice.notice.texts
    rows = {row.key: row for row in (notice_texts.get(formatter.language) or next(iter(notice_texts.values()))).rows}
    missing = {*REQUIRED_FACTS, *_facts_missed(score)}
    for key in ("scope", "audience", "start", "estimate", "next_update", "workaround"):
        row, is_given = rows.get(key), key in score.facts
        if not is_given and key == "audience" and key not in missing:
            continue
        time = format_inline(row.time, locale_rules(formatter)) if row and row.time else ""
        text = time or (row.placeholder or next(iter(row.lines), "")) if row else ""
        absent = formatter.label("desk.scorecard.fact_missing" if key in missing else "desk.scorecard.fact_optional")
        mark = "ok" if is_given else "down" if key in missing else ""
        yield ScoreLine(
            formatter.label(f"desk.fact.{key}"),
            _arrival_text(key, score, formatter),
            text if is_given else absent,
            mark,
        )
    yield from _waiting_lines(score, formatter)


def _facts_missed(score: Score) -> Iterator[str]:
    """Facts that the objectives of this drill ask for, and its first notice did not have."""
    for graded in score.graded_objectives:
        lacking = graded.evidence.slots.get("lacking")
        yield from lacking if isinstance(lacking, tuple) else ()


ANSWER_FIELDS = {"scope": "services", "start": "start", "estimate": "estimate"}
"""The fields of an engineer's answer that belong to the facts of a first report."""


def first_answer_with(fact: str, score: Score) -> Answer | None:
    """The first answer with a fact of the first notice; None if no answer was needed for it."""
    return next(
        (
            answer
            for answer in _answers_before_report(score)
            if ANSWER_FIELDS.get(fact) in answer.engineer_answer.fields
        ),
        None,
    )


def _arrival_text(fact: str, score: Score, formatter: ScorecardFormatter) -> str:
    answer = first_answer_with(fact, score)
    return formatter.label("desk.scorecard.arrived", time=formatter.clock.format_time(answer.at)) if answer else ""


def _waiting_lines(score: Score, formatter: ScorecardFormatter) -> Iterator[ScoreLine]:
    """How long the first report waited for engineers: from the request to the first answer, or to the report."""
    requests = asks(score.incident) if score.incident and score.first_notice else ()
    if not requests or score.first_notice is None or requests[0].at > score.first_notice.recorded:
        return
    answered_at = next((answer.at for answer in _answers_before_report(score) if answer.at >= requests[0].at), None)
    length = formatter.format_length((answered_at or score.first_notice.recorded) - requests[0].at)
    detail = formatter.label(
        "desk.scorecard.asked_answered" if answered_at else "desk.scorecard.asked_open", length=length
    )
    text = formatter.label("desk.scorecard.asked", time=formatter.clock.format_time(requests[0].at))
    yield ScoreLine(text, detail, mark="ok" if answered_at else "part")


def _answers_before_report(score: Score) -> tuple[Answer, ...]:
    """The answers that came before the first report."""
    if score.incident is None or score.first_notice is None:
        return ()
    return tuple(answer for answer in answers(score.incident) if answer.at <= score.first_notice.recorded)


def _plain_language_lines(score: Score, formatter: ScorecardFormatter) -> Iterator[ScoreLine]:
    notices = score.incident.notices if score.incident else ()
    if notices and not score.language_findings:
        yield ScoreLine(formatter.label("desk.scorecard.plain_none"), mark="ok")
    for item in score.language_findings:
        yield _finding_line(item, formatter)
    for notice in notices:
        if notice.notice.warning_classes:
            yield _warnings_line(notice, score, formatter)


def _warnings_line(recorded: RecordedNotice, score: Score, formatter: ScorecardFormatter) -> ScoreLine:
    """The highest number of difficult words that a notice had while it was written, and the number when it was
    published."""
    notice_texts, warning_classes = recorded.notice.texts, recorded.notice.warning_classes
    label = (notice_texts.get(formatter.language) or next(iter(notice_texts.values()))).label
    remaining = sum(item.sequence == recorded.sequence for item in score.language_findings)
    counts = [
        (formatter.label(f"plain.class.{warning_class}"), warning_classes.count(warning_class))
        for warning_class in dict.fromkeys(warning_classes)
    ]
    detail = join_items(
        [formatter.label("desk.scorecard.warnings_of_class", name=name, count=count) for name, count in counts],
        formatter,
    )
    text = formatter.label("desk.scorecard.warnings", notice=label, count=len(warning_classes), left=remaining)
    return ScoreLine(text, detail, mark="" if remaining else "ok")


def _finding_line(item: LanguageFinding, formatter: ScorecardFormatter) -> ScoreLine:
    better_wording = item.finding.better_wording
    instead = formatter.label("desk.scorecard.instead", instead=better_wording) if better_wording else ""
    mark = "down" if item.finding.level is Level.ERROR else "part"
    labels = formatter.catalog.packs[formatter.language].labels
    return ScoreLine(f"{item.word} {instead}".strip(), reason_for(item.finding, labels), item.language, mark)


def _inject_line(record: DrillInject, score: Score, formatter: ScorecardFormatter) -> ScoreLine:
    handled = score.handled_injects.get(record.number)
    time_text = formatter.clock.format_time(record.fired_at or score.drill.started)
    if record.planned_at is not None and formatter.clock.format_time(record.planned_at) != time_text:
        planned = formatter.clock.format_time(record.planned_at)
        time_text = formatter.label("desk.scorecard.inject_moved", planned=planned, fired=time_text)
    expected = formatter.pick_text(record.inject.expected_action)
    detail = formatter.label("desk.scorecard.expected", text=expected) if expected else ""
    detail = "\n".join(filter(None, (detail, handled.text if handled else "")))
    state = formatter.label(f"desk.scorecard.handled.{'yes' if handled.done else 'no'}") if handled else ""
    mark = "" if handled is None else "ok" if handled.done else "down"
    return ScoreLine(
        formatter.pick_text(record.inject.subject), detail, f"{time_text}  {state}".rstrip(), mark, str(record.number)
    )


def _promise_line(promise: Promise, formatter: ScorecardFormatter) -> ScoreLine:
    due = formatter.label("desk.scorecard.promised", time=formatter.clock.format_time(promise.due))
    outcome = formatter.label("desk.scorecard.never_came")
    if promise.kept_at:
        outcome = formatter.label("desk.scorecard.came", time=formatter.clock.format_time(promise.kept_at))
    paused = formatter.format_length(promise.pause)
    detail = formatter.label("desk.scorecard.caveat.paused", paused=paused) if promise.pause else ""
    return ScoreLine(due, detail, outcome, mark="ok" if promise.was_on_time else "part" if promise.kept_at else "down")


def _observation_line(observation: Observation, score: Score, formatter: ScorecardFormatter) -> ScoreLine:
    """A note with its time; one from after the end says so."""
    drill = score.drill
    is_hot_wash = drill.ended is not None and observation.at >= drill.ended
    time_text = formatter.clock.format_time(observation.at)
    detail = formatter.label("desk.scorecard.hot_wash") if is_hot_wash else ""
    return ScoreLine(
        observation.text, detail, f"{time_text} {person_label(observation.actor, drill, formatter)}".rstrip()
    )


def _action_line(action: ActionItem, formatter: ScorecardFormatter) -> ScoreLine:
    details = (
        action.owner,
        _day_text(action.due, formatter) if action.state is ActionState.OPEN else "",
        formatter.label(f"desk.actions.state.{action.state}") if action.state is not ActionState.OPEN else "",
        action.reason,
    )
    return ScoreLine(action.text, value="  ".join(filter(None, details)), key=str(action.id))


def _call_line(attempt: CallAttempt, score: Score, formatter: ScorecardFormatter) -> ScoreLine:
    """One attempt to reach somebody, with the way and who tried. Of people, only whether they were left out."""
    is_absent = is_named(score.drill.absent_names, (attempt.person,))
    person = formatter.label("desk.scorecard.call_absent" if is_absent else "desk.scorecard.call_other")
    if formatter.catalog.site.names_people_in_drills:
        person = attempt.person
    time = formatter.clock.format_time(attempt.at)
    spec = formatter.catalog.notification_channels.get(attempt.channel)
    labels = formatter.catalog.packs[formatter.language].labels
    way = f"{channel_type_name(spec.type, labels)} {spec.account}".strip() if spec else ""
    way = way or formatter.label("desk.call_way.facts" if attempt.channel else "desk.call_way.phone")
    by = person_label(attempt.actor, score.drill, formatter) if attempt.actor else ""
    return ScoreLine(
        formatter.label("desk.scorecard.call_line", time=time, person=person),
        "  ".join(filter(None, (way, by))),
        formatter.label("desk.scorecard.call_reached" if attempt.was_reached else "desk.scorecard.call_missed"),
        "ok" if attempt.was_reached else "",
    )


def _people_lines(score: Score, formatter: ScorecardFormatter) -> Iterator[ScoreLine]:
    """Which roles were played, and who was left out on purpose. Stages and roles are measured, never people."""
    excluded = [(formatter.label("desk.scorecard.excluded"), score.drill.excluded_people)]
    roles = [(formatter.label(f"desk.drill_role.{role}"), names) for role, names in score.drill.roles.items()]
    for text, names in (*roles, *excluded):
        count = formatter.label("desk.scorecard.result.count", count=len(names))
        named = join_items([*names], formatter) if formatter.catalog.site.names_people_in_drills else count
        if names:
            yield ScoreLine(text, value=named)


def _evidence_lines(score: Score, formatter: ScorecardFormatter) -> Iterator[ScoreLine]:
    for check in score.drill.note.get("cleanup", ()):
        mark = {True: "ok", False: "down", None: ""}[check["is_ok"]]
        state = {True: "fine", False: "wrong", None: "unknown"}[check["is_ok"]]
        yield ScoreLine(formatter.label(f"cli.clean_{check['subject']}_{state}", count=check["count"]), mark=mark)


def _day_text(day: date | None, formatter: ScorecardFormatter) -> str:
    return formatter.label("desk.scorecard.due", day=formatter.clock.format_short_date(day)) if day else ""
