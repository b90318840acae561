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
    Graded,
    Interval,
    LocaleRules,
    Promise,
    RecordedNotice,
    Texts,
    answers,
    asks,
    shown,
)
from statuspage.rendering.plain_language import Level, why_of
from statuspage.rendering.wording import Clock, in_line, listed
from statuspage.storage.drill_injects import Fed
from statuspage.usecases.drills.drill_report import Report
from statuspage.usecases.drills.scorecard import Score, Strange

Say = Callable[..., str]
"""A label in the reader's language: its full key, and its slots."""

NEEDED = ("scope", "started")
"""Facts that a first report must have; the others are there when somebody knows them."""

MARKS = {Grade.PERFORMED: "ok", Grade.SOME_CHALLENGES: "part", Grade.MAJOR_CHALLENGES: "down", Grade.UNABLE: "down", None: ""}
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
class Teller:
    """What the words of a card need: labels, the clock and the language of whoever reads it."""

    label: Say
    clock: Clock
    catalog: Catalog
    language: str

    def format_list(self, items: Sequence[str]) -> str:
        """Several things in one line; "" for none."""
        return listed(items, self.catalog.packs[self.language].locale_rules) if items else ""

    def pick_text(self, texts: Texts, default: str = "") -> str:
        """A text of the script in the reader's language, else in another that it has."""
        return texts.get(self.language) or next(iter(texts.values()), default)


def card(score: Score, formatter: Teller) -> tuple[Section, ...]:
    """Every section that has something to say, in the order in which it is read."""
    lines_by_section = {
        "objectives": [_objective(result, formatter) for result in score.graded_objectives],
        "facts": [*_fact_lines(score, formatter)],
        "plain": [*_plain_language_lines(score, formatter)],
        "injects": [_inject(record, score, formatter) for record in score.fired],
        "promises": [_promise_line(promise, formatter) for promise in score.promises],
        "people": [*_people(score, formatter)],
        "notes": [ScoreLine(note.text, value=f"{formatter.clock.format_time(note.at)} {note.by}".rstrip()) for note in score.observations],
        "evidence": [*_evidence(score, formatter)],
        "actions": [
            ScoreLine(action.text, value="  ".join(filter(None, (action.owner, _day_text(action.until, formatter)))), key=str(n))
            for n, action in enumerate(score.actions, 1)
        ],
    }  # fmt: skip
    return tuple(Section(id, formatter.label(f"desk.score.{id}"), tuple(section_lines)) for id, section_lines in lines_by_section.items() if section_lines)


def otherwise(report: Report, label: Say) -> tuple[str, ...]:
    """What is said beside the figure wherever it stands: what was counted otherwise than usual, in few words each."""
    return tuple(label(f"desk.score.otherwise.{caveat}", paused=shown(report.pause_time)) for caveat in report.caveats)


def counted(report: Report, label: Say) -> tuple[str, ...]:
    """The same but for what a headline says already: that it was broken off."""
    return otherwise(report, label)[1 if report.drill.is_suspended else 0 :]


def slowest(score: Score, formatter: Teller) -> tuple[str, str]:
    """What slowed it most, in one sentence, and what helps against it; "" twice where nothing can be said."""
    if score.drill.is_suspended:
        return "", ""
    if score.last_stage is not None:
        elapsed = shown(score.report.incidents[0].clock.elapsed_until(score.last_stage.at))
        stage = formatter.label(f"desk.stage.{score.last_stage.stage}")
        hint = formatter.label(f"desk.score.hint.{_after(score.last_stage.stage)}")
        return formatter.label("desk.score.stuck", stage=stage, at=elapsed), hint
    incident_report = score.report.incidents[0] if score.report.incidents else None
    if incident_report is None or incident_report.duration is None or incident_report.slowest is None or incident_report.slowest.duration < timedelta(seconds=1):
        return "", ""
    return _sentence(incident_report.slowest, incident_report.duration, formatter), formatter.label(f"desk.score.hint.{incident_report.slowest.stage}")


def _sentence(interval: Interval, total: timedelta, formatter: Teller) -> str:
    stage = formatter.label(f"desk.score.slow.{interval.stage}")
    return formatter.label("desk.score.slowest", stage=stage, length=shown(interval.duration), whole=shown(total))


def _after(stage: str) -> str:
    """What was not reached any more, once this stage was."""
    if stage in ("alerted", "received"):
        return "acknowledged"
    order = ("announced", "acknowledged", "confirmed", "opened", "published", "readable")
    index = order.index(stage) if stage in order else order.index("confirmed")
    return order[min(index + 1, len(order) - 1)]


def _objective(result: Graded, formatter: Teller) -> ScoreLine:
    text = formatter.pick_text(result.objective.text) or formatter.label(f"desk.score.objective.{result.objective.id}")
    grade = formatter.label(f"desk.score.grade.{result.grade}") if result.grade else formatter.label("desk.score.ungraded")
    detail = _because(result.evidence, formatter)
    if result.override:
        detail = formatter.label("desk.score.overruled", by=result.override.actor, reason=result.override.reason, ours=detail)
    return ScoreLine(text, detail, grade, MARKS[result.grade], result.objective.id)


def _because(evidence: Evidence, formatter: Teller) -> str:
    slots: dict[str, object] = {}
    for name, value in evidence.slots.items():
        if isinstance(value, timedelta):
            slots[name] = shown(value)
        elif isinstance(value, tuple):
            slots[name] = _listed([formatter.label(f"desk.fact.{fact}") for fact in value], formatter)
        else:
            slots[name] = value
    code = "facts_all" if evidence.code == "facts" and not evidence.slots["lacking"] else evidence.code
    return formatter.label(f"desk.score.because.{code}", **slots)


def _fact_lines(score: Score, formatter: Teller) -> Iterator[ScoreLine]:
    """Which facts the first notice had, with its own words for them, and when the last of them came."""
    if score.first_notice is None:
        return
    notice_texts = score.first_notice.notice.words
    rows = {row.key: row for row in (notice_texts.get(formatter.language) or next(iter(notice_texts.values()))).rows}
    for key in ("scope", "who", "started", "estimate", "next", "workaround"):
        row, is_given = rows.get(key), key in score.facts
        if not is_given and key == "who":
            continue
        time = in_line(row.time, _writing(formatter)) if row and row.time else ""
        text = time or (row.soft or next(iter(row.lines), "")) if row else ""
        absent = formatter.label("desk.score.fact_missing" if key in NEEDED else "desk.score.fact_optional")
        mark = "ok" if is_given else "down" if key in NEEDED else ""
        yield ScoreLine(formatter.label(f"desk.fact.{key}"), _arrived(key, score, formatter), text if is_given else absent, mark)
    yield from _waited(score, formatter)


ANSWERED = {"scope": "services", "started": "since", "estimate": "estimate"}
"""What an engineer's answer calls the facts of a first report."""


def arrival(fact: str, score: Score) -> Answer | None:
    """The first answer that brought a fact of the first notice; None where nobody was needed for it."""
    return next((answer for answer in _before(score) if ANSWERED.get(fact) in answer.engineer_answer.fields), None)


def _arrived(fact: str, score: Score, formatter: Teller) -> str:
    answer = arrival(fact, score)
    return formatter.label("desk.score.arrived", time=formatter.clock.format_time(answer.at), name=answer.actor) if answer else ""


def _waited(score: Score, formatter: Teller) -> Iterator[ScoreLine]:
    """How long engineers were waited for before the first report: from the question to the first answer, or to it."""
    requests = asks(score.incident) if score.incident and score.first_notice else ()
    if not requests or score.first_notice is None or requests[0].at > score.first_notice.recorded:
        return
    answered_at = next((answer.at for answer in _before(score) if answer.at >= requests[0].at), None)
    length = shown((answered_at or score.first_notice.recorded) - requests[0].at)
    detail = formatter.label("desk.score.asked_answered" if answered_at else "desk.score.asked_open", length=length)
    text = formatter.label("desk.score.asked", time=formatter.clock.format_time(requests[0].at))
    yield ScoreLine(text, detail, mark="ok" if answered_at else "part")


def _before(score: Score) -> tuple[Answer, ...]:
    """The answers that came before the first report."""
    if score.incident is None or score.first_notice is None:
        return ()
    return tuple(answer for answer in answers(score.incident) if answer.at <= score.first_notice.recorded)


def _plain_language_lines(score: Score, formatter: Teller) -> Iterator[ScoreLine]:
    notices = score.incident.notices if score.incident else ()
    if notices and not score.language_findings:
        yield ScoreLine(formatter.label("desk.score.plain_none"), mark="ok")
    for item in score.language_findings:
        yield _strange(item, formatter)
    for notice in notices:
        if notice.notice.warning_classes:
            yield _met(notice, score, formatter)


def _met(recorded: RecordedNotice, score: Score, formatter: Teller) -> ScoreLine:
    """How many hard words a notice had at the most while it was written, and how many when it went out."""
    notice_texts, warning_classes = recorded.notice.words, recorded.notice.warning_classes
    label = (notice_texts.get(formatter.language) or next(iter(notice_texts.values()))).label
    remaining = sum(item.sequence == recorded.sequence for item in score.language_findings)
    counts = [(formatter.label(f"plain.class.{warning_class}"), warning_classes.count(warning_class)) for warning_class in dict.fromkeys(warning_classes)]
    detail = _listed([formatter.label("desk.score.met_class", name=name, count=count) for name, count in counts], formatter)
    text = formatter.label("desk.score.met", notice=label, count=len(warning_classes), left=remaining)
    return ScoreLine(text, detail, mark="" if remaining else "ok")


def _strange(item: Strange, formatter: Teller) -> ScoreLine:
    instead = formatter.label("desk.score.instead", instead=item.finding.replacement) if item.finding.replacement else ""
    mark = "down" if item.finding.level is Level.ERROR else "part"
    labels = formatter.catalog.packs[formatter.language].labels
    return ScoreLine(f"{item.word} {instead}".strip(), why_of(item.finding, labels), item.language, mark)


def _inject(record: Fed, score: Score, formatter: Teller) -> ScoreLine:
    handled = score.handled_injects.get(record.number)
    time_text = formatter.clock.format_time(record.fired_at or score.drill.started)
    if record.planned_at is not None and formatter.clock.format_time(record.planned_at) != time_text:
        time_text = f"{formatter.clock.format_time(record.planned_at)} → {time_text}"
    expected = formatter.pick_text(record.inject.expect)
    detail = formatter.label("desk.score.expected", text=expected) if expected else ""
    detail = "\n".join(filter(None, (detail, handled.text if handled else "")))
    state = formatter.label(f"desk.score.handled.{'yes' if handled.done else 'no'}") if handled else ""
    mark = "" if handled is None else "ok" if handled.done else "down"
    return ScoreLine(formatter.pick_text(record.inject.subject), detail, f"{time_text}  {state}".rstrip(), mark, str(record.number))


def _promise_line(promise: Promise, formatter: Teller) -> ScoreLine:
    due = formatter.label("desk.score.promised", time=formatter.clock.format_time(promise.due))
    outcome = formatter.label("desk.score.never_came")
    if promise.kept:
        outcome = formatter.label("desk.score.came", time=formatter.clock.format_time(promise.kept))
    detail = formatter.label("desk.score.otherwise.paused", paused=shown(promise.paused)) if promise.paused else ""
    return ScoreLine(due, detail, outcome, mark="ok" if promise.was_on_time else "part" if promise.kept else "down")


def _people(score: Score, formatter: Teller) -> Iterator[ScoreLine]:
    """Who played which part, whose hand each stage was in, and who was kept out on purpose."""
    for role, names in score.drill.roles.items():
        yield ScoreLine(formatter.label(f"desk.drill_role.{role}"), value=_listed([*names], formatter))
    stages_by_person: dict[str, list[str]] = {}
    for stamp in score.report.incidents[0].stamps if score.report.incidents else ():
        if stamp.actor:
            stages_by_person.setdefault(stamp.actor, []).append(formatter.label(f"desk.stage.{stamp.stage}"))
    for name, stages in stages_by_person.items():
        yield ScoreLine(name, value=_listed(stages, formatter))
    if score.drill.excluded_people:
        yield ScoreLine(formatter.label("desk.score.kept_out"), value=_listed([*score.drill.excluded_people], formatter))


def _evidence(score: Score, formatter: Teller) -> Iterator[ScoreLine]:
    for check in score.drill.note.get("clean", ()):
        mark = {True: "ok", False: "down", None: ""}[check["fine"]]
        state = {True: "fine", False: "wrong", None: "unknown"}[check["fine"]]
        yield ScoreLine(formatter.label(f"cli.clean_{check['what']}_{state}", count=check["count"]), mark=mark)


def _day_text(day: str, formatter: Teller) -> str:
    return formatter.label("desk.score.until", day=formatter.clock.format_short_date(date.fromisoformat(day))) if day else ""


def _listed(items: Sequence[str], formatter: Teller) -> str:
    return listed(items, _writing(formatter))


def _writing(formatter: Teller) -> LocaleRules:
    return formatter.catalog.packs[formatter.language].locale_rules
