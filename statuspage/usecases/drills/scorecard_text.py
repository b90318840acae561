"""A scorecard in words: the same lines for the page, the terminal, Markdown and tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from statuspage.domain import (
    Answer,
    Catalog,
    Evidence,
    Grade,
    GradedObjective,
    Interval,
    LocaleRules,
    Promise,
    RecordedNotice,
    Texts,
    answers,
    asks,
    format_duration,
)
from statuspage.rendering.plain_language import Level, reason_for
from statuspage.rendering.wording import Clock, format_inline, join_list
from statuspage.storage.drill_injects import DrillInject
from statuspage.usecases.drills.drill_report import Report
from statuspage.usecases.drills.scorecard import LanguageFinding, Score

LabelLookup = Callable[..., str]
"""A label in the reader's language: its full key, and its slots."""

REQUIRED_FACTS = ("scope", "started")
"""Facts that a first report must have; the others are there when somebody knows them."""

GRADE_MARKS = {
    Grade.PERFORMED: "ok",
    Grade.SOME_CHALLENGES: "part",
    Grade.MAJOR_CHALLENGES: "down",
    Grade.UNABLE: "down",
    None: "",
}
"""How a grade looks: ok, part, down; "" where nobody has judged it."""


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One line of a section. ``mark`` is ok, part, down or ""; ``key`` names what a person may say about it."""

    text: str
    detail: str = ""
    value: str = ""
    mark: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the card with its heading; ``id`` is stable."""

    id: str
    title: str
    lines: tuple[ScoreLine, ...]


@dataclass(frozen=True, slots=True)
class ScorecardFormatter:
    """What the words of a card need: labels, the clock and the language of whoever reads it."""

    label: LabelLookup
    clock: Clock
    catalog: Catalog
    language: str

    def format_list(self, items: Sequence[str]) -> str:
        """Several things in one line; "" for none."""
        return join_list(items, self.catalog.packs[self.language].locale_rules) if items else ""

    def pick_text(self, texts: Texts, default: str = "") -> str:
        """A text of the script in the reader's language, else in another that it has."""
        return texts.get(self.language) or next(iter(texts.values()), default)


def scorecard_sections(score: Score, formatter: ScorecardFormatter) -> tuple[Section, ...]:
    """Every section that has something to say, in the order in which it is read."""
    lines_by_section = {
        "objectives": [_objective_line(result, formatter) for result in score.graded_objectives],
        "facts": [*_fact_lines(score, formatter)],
        "plain": [*_plain_language_lines(score, formatter)],
        "injects": [_inject_line(record, score, formatter) for record in score.fired],
        "promises": [_promise_line(promise, formatter) for promise in score.promises],
        "people": [*_people_lines(score, formatter)],
        "notes": [ScoreLine(note.text, value=f"{formatter.clock.format_time(note.at)} {note.actor}".rstrip()) for note in score.observations],
        "evidence": [*_evidence_lines(score, formatter)],
        "actions": [
            ScoreLine(action.text, value="  ".join(filter(None, (action.owner, _day_text(action.until, formatter)))), key=str(n))
            for n, action in enumerate(score.actions, 1)
        ],
    }  # fmt: skip
    return tuple(
        Section(id, formatter.label(f"desk.score.{id}"), tuple(section_lines))
        for id, section_lines in lines_by_section.items()
        if section_lines
    )


def caveat_labels(report: Report, label: LabelLookup) -> tuple[str, ...]:
    """What is said beside the figure wherever it stands: what was counted otherwise than usual, in few words each."""
    return tuple(
        label(f"desk.score.otherwise.{caveat}", paused=format_duration(report.pause_time)) for caveat in report.caveats
    )


def headline_caveats(report: Report, label: LabelLookup) -> tuple[str, ...]:
    """The same but for what a headline says already: that it was broken off."""
    return caveat_labels(report, label)[1 if report.drill.is_suspended else 0 :]


def explain_slowest(score: Score, formatter: ScorecardFormatter) -> tuple[str, str]:
    """What slowed it most, in one sentence, and what helps against it; "" twice where nothing can be said."""
    if score.drill.is_suspended:
        return "", ""
    if score.last_stage is not None:
        elapsed = format_duration(score.report.incidents[0].clock.elapsed_until(score.last_stage.at))
        stage = formatter.label(f"desk.stage.{score.last_stage.stage}")
        hint = formatter.label(f"desk.score.hint.{_next_stage(score.last_stage.stage)}")
        return formatter.label("desk.score.stuck", stage=stage, at=elapsed), hint
    incident_report = score.report.incidents[0] if score.report.incidents else None
    if (
        incident_report is None
        or incident_report.duration is None
        or incident_report.slowest is None
        or incident_report.slowest.duration < timedelta(seconds=1)
    ):
        return "", ""
    return _slowest_sentence(incident_report.slowest, incident_report.duration, formatter), formatter.label(
        f"desk.score.hint.{incident_report.slowest.stage}"
    )


def _slowest_sentence(interval: Interval, total: timedelta, formatter: ScorecardFormatter) -> str:
    stage = formatter.label(f"desk.score.slow.{interval.stage}")
    return formatter.label(
        "desk.score.slowest", stage=stage, length=format_duration(interval.duration), whole=format_duration(total)
    )


def _next_stage(stage: str) -> str:
    """What was not reached any more, once this stage was."""
    if stage in ("alerted", "received"):
        return "acknowledged"
    order = ("announced", "acknowledged", "confirmed", "opened", "published", "readable")
    index = order.index(stage) if stage in order else order.index("confirmed")
    return order[min(index + 1, len(order) - 1)]


def _objective_line(result: GradedObjective, formatter: ScorecardFormatter) -> ScoreLine:
    text = formatter.pick_text(result.objective.text) or formatter.label(f"desk.score.objective.{result.objective.id}")
    grade = (
        formatter.label(f"desk.score.grade.{result.grade}") if result.grade else formatter.label("desk.score.ungraded")
    )
    detail = _evidence_text(result.evidence, formatter)
    if result.override:
        detail = formatter.label(
            "desk.score.overruled", by=result.override.actor, reason=result.override.reason, ours=detail
        )
    return ScoreLine(text, detail, grade, GRADE_MARKS[result.grade], result.objective.id)


def _evidence_text(evidence: Evidence, formatter: ScorecardFormatter) -> str:
    slots: dict[str, object] = {}
    for name, value in evidence.slots.items():
        if isinstance(value, timedelta):
            slots[name] = format_duration(value)
        elif isinstance(value, tuple):
            slots[name] = _join_list([formatter.label(f"desk.fact.{fact}") for fact in value], formatter)
        else:
            slots[name] = value
    code = "facts_all" if evidence.code == "facts" and not evidence.slots["lacking"] else evidence.code
    return formatter.label(f"desk.score.because.{code}", **slots)


def _fact_lines(score: Score, formatter: ScorecardFormatter) -> Iterator[ScoreLine]:
    """Which facts the first notice had, with its own words for them, and when the last of them came."""
    if score.first_notice is None:
        return
    notice_texts = score.first_notice.notice.words
    rows = {row.key: row for row in (notice_texts.get(formatter.language) or next(iter(notice_texts.values()))).rows}
    for key in ("scope", "who", "started", "estimate", "next", "workaround"):
        row, is_given = rows.get(key), key in score.facts
        if not is_given and key == "who":
            continue
        time = format_inline(row.time, _locale_rules(formatter)) if row and row.time else ""
        text = time or (row.soft or next(iter(row.lines), "")) if row else ""
        absent = formatter.label("desk.score.fact_missing" if key in REQUIRED_FACTS else "desk.score.fact_optional")
        mark = "ok" if is_given else "down" if key in REQUIRED_FACTS else ""
        yield ScoreLine(
            formatter.label(f"desk.fact.{key}"),
            _arrival_text(key, score, formatter),
            text if is_given else absent,
            mark,
        )
    yield from _waiting_lines(score, formatter)


ANSWER_FIELDS = {"scope": "services", "started": "since", "estimate": "estimate"}
"""What an engineer's answer calls the facts of a first report."""


def first_answer_with(fact: str, score: Score) -> Answer | None:
    """The first answer that brought a fact of the first notice; None where nobody was needed for it."""
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
    return (
        formatter.label("desk.score.arrived", time=formatter.clock.format_time(answer.at), name=answer.actor)
        if answer
        else ""
    )


def _waiting_lines(score: Score, formatter: ScorecardFormatter) -> Iterator[ScoreLine]:
    """How long engineers were waited for before the first report: from the question to the first answer, or to it."""
    requests = asks(score.incident) if score.incident and score.first_notice else ()
    if not requests or score.first_notice is None or requests[0].at > score.first_notice.recorded:
        return
    answered_at = next((answer.at for answer in _answers_before_report(score) if answer.at >= requests[0].at), None)
    length = format_duration((answered_at or score.first_notice.recorded) - requests[0].at)
    detail = formatter.label("desk.score.asked_answered" if answered_at else "desk.score.asked_open", length=length)
    text = formatter.label("desk.score.asked", time=formatter.clock.format_time(requests[0].at))
    yield ScoreLine(text, detail, mark="ok" if answered_at else "part")


def _answers_before_report(score: Score) -> tuple[Answer, ...]:
    """The answers that came before the first report."""
    if score.incident is None or score.first_notice is None:
        return ()
    return tuple(answer for answer in answers(score.incident) if answer.at <= score.first_notice.recorded)


def _plain_language_lines(score: Score, formatter: ScorecardFormatter) -> Iterator[ScoreLine]:
    notices = score.incident.notices if score.incident else ()
    if notices and not score.language_findings:
        yield ScoreLine(formatter.label("desk.score.plain_none"), mark="ok")
    for item in score.language_findings:
        yield _finding_line(item, formatter)
    for notice in notices:
        if notice.notice.warning_classes:
            yield _warnings_line(notice, score, formatter)


def _warnings_line(recorded: RecordedNotice, score: Score, formatter: ScorecardFormatter) -> ScoreLine:
    """How many hard words a notice had at the most while it was written, and how many when it went out."""
    notice_texts, warning_classes = recorded.notice.words, recorded.notice.warning_classes
    label = (notice_texts.get(formatter.language) or next(iter(notice_texts.values()))).label
    remaining = sum(item.sequence == recorded.sequence for item in score.language_findings)
    counts = [
        (formatter.label(f"plain.class.{warning_class}"), warning_classes.count(warning_class))
        for warning_class in dict.fromkeys(warning_classes)
    ]
    detail = _join_list(
        [formatter.label("desk.score.met_class", name=name, count=count) for name, count in counts], formatter
    )
    text = formatter.label("desk.score.met", notice=label, count=len(warning_classes), left=remaining)
    return ScoreLine(text, detail, mark="" if remaining else "ok")


def _finding_line(item: LanguageFinding, formatter: ScorecardFormatter) -> ScoreLine:
    instead = (
        formatter.label("desk.score.instead", instead=item.finding.replacement) if item.finding.replacement else ""
    )
    mark = "down" if item.finding.level is Level.ERROR else "part"
    labels = formatter.catalog.packs[formatter.language].labels
    return ScoreLine(f"{item.word} {instead}".strip(), reason_for(item.finding, labels), item.language, mark)


def _inject_line(record: DrillInject, score: Score, formatter: ScorecardFormatter) -> ScoreLine:
    handled = score.handled_injects.get(record.number)
    time_text = formatter.clock.format_time(record.fired_at or score.drill.started)
    if record.planned_at is not None and formatter.clock.format_time(record.planned_at) != time_text:
        time_text = f"{formatter.clock.format_time(record.planned_at)} → {time_text}"
    expected = formatter.pick_text(record.inject.expect)
    detail = formatter.label("desk.score.expected", text=expected) if expected else ""
    detail = "\n".join(filter(None, (detail, handled.text if handled else "")))
    state = formatter.label(f"desk.score.handled.{'yes' if handled.done else 'no'}") if handled else ""
    mark = "" if handled is None else "ok" if handled.done else "down"
    return ScoreLine(
        formatter.pick_text(record.inject.subject), detail, f"{time_text}  {state}".rstrip(), mark, str(record.number)
    )


def _promise_line(promise: Promise, formatter: ScorecardFormatter) -> ScoreLine:
    due = formatter.label("desk.score.promised", time=formatter.clock.format_time(promise.due))
    outcome = formatter.label("desk.score.never_came")
    if promise.kept:
        outcome = formatter.label("desk.score.came", time=formatter.clock.format_time(promise.kept))
    detail = (
        formatter.label("desk.score.otherwise.paused", paused=format_duration(promise.paused)) if promise.paused else ""
    )
    return ScoreLine(due, detail, outcome, mark="ok" if promise.was_on_time else "part" if promise.kept else "down")


def _people_lines(score: Score, formatter: ScorecardFormatter) -> Iterator[ScoreLine]:
    """Who played which part, whose hand each stage was in, and who was kept out on purpose."""
    for role, names in score.drill.roles.items():
        yield ScoreLine(formatter.label(f"desk.drill_role.{role}"), value=_join_list([*names], formatter))
    stages_by_person: dict[str, list[str]] = {}
    for stamp in score.report.incidents[0].stamps if score.report.incidents else ():
        if stamp.actor:
            stages_by_person.setdefault(stamp.actor, []).append(formatter.label(f"desk.stage.{stamp.stage}"))
    for name, stages in stages_by_person.items():
        yield ScoreLine(name, value=_join_list(stages, formatter))
    if score.drill.excluded_people:
        yield ScoreLine(
            formatter.label("desk.score.kept_out"), value=_join_list([*score.drill.excluded_people], formatter)
        )


def _evidence_lines(score: Score, formatter: ScorecardFormatter) -> Iterator[ScoreLine]:
    for check in score.drill.note.get("clean", ()):
        mark = {True: "ok", False: "down", None: ""}[check["fine"]]
        state = {True: "fine", False: "wrong", None: "unknown"}[check["fine"]]
        yield ScoreLine(formatter.label(f"cli.clean_{check['what']}_{state}", count=check["count"]), mark=mark)


def _day_text(day: str, formatter: ScorecardFormatter) -> str:
    return (
        formatter.label("desk.score.until", day=formatter.clock.format_short_date(date.fromisoformat(day)))
        if day
        else ""
    )


def _join_list(items: Sequence[str], formatter: ScorecardFormatter) -> str:
    return join_list(items, _locale_rules(formatter))


def _locale_rules(formatter: ScorecardFormatter) -> LocaleRules:
    return formatter.catalog.packs[formatter.language].locale_rules
