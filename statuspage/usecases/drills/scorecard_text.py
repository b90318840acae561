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

MARKS = {Grade.PERFORMED: "ok", Grade.SOME: "part", Grade.MAJOR: "down", Grade.UNABLE: "down", None: ""}
"""How a grade looks: ok, part, down; "" where nobody has judged it."""


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One line of a section. ``mark`` is ok, part, down or ""; ``key`` names what a person may say about it."""

    text: str
    detail: str = ""
    right: str = ""
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

    say: Say
    clock: Clock
    catalog: Catalog
    language: str

    def listed(self, items: Sequence[str]) -> str:
        """Several things in one line; "" for none."""
        return listed(items, self.catalog.books[self.language].writing) if items else ""

    def text(self, texts: Texts, instead: str = "") -> str:
        """A text of the script in the reader's language, else in another that it has."""
        return texts.get(self.language) or next(iter(texts.values()), instead)


def card(score: Score, teller: Teller) -> tuple[Section, ...]:
    """Every section that has something to say, in the order in which it is read."""
    lines = {
        "objectives": [_objective(one, teller) for one in score.graded],
        "facts": [*_fact_lines(score, teller)],
        "plain": [*_plain_language_lines(score, teller)],
        "injects": [_inject(fed, score, teller) for fed in score.fired],
        "promises": [_promise_line(one, teller) for one in score.promises],
        "people": [*_people(score, teller)],
        "notes": [ScoreLine(o.text, right=f"{teller.clock.clock(o.at)} {o.by}".rstrip()) for o in score.observations],
        "evidence": [*_evidence(score, teller)],
        "actions": [
            ScoreLine(each.text, right="  ".join(filter(None, (each.owner, _day_text(each.until, teller)))), key=str(n))
            for n, each in enumerate(score.actions, 1)
        ],
    }  # fmt: skip
    return tuple(Section(id, teller.say(f"desk.score.{id}"), tuple(found)) for id, found in lines.items() if found)


def otherwise(report: Report, say: Say) -> tuple[str, ...]:
    """What is said beside the figure wherever it stands: what was counted otherwise than usual, in few words each."""
    return tuple(say(f"desk.score.otherwise.{one}", paused=shown(report.paused)) for one in report.otherwise)


def counted(report: Report, say: Say) -> tuple[str, ...]:
    """The same but for what a headline says already: that it was broken off."""
    return otherwise(report, say)[1 if report.drill.suspended else 0 :]


def slowest(score: Score, teller: Teller) -> tuple[str, str]:
    """What slowed it most, in one sentence, and what helps against it; "" twice where nothing can be said."""
    if score.drill.suspended:
        return "", ""
    if score.stuck is not None:
        at = shown(score.report.incidents[0].counted.after(score.stuck.at))
        stage = teller.say(f"desk.stage.{score.stuck.stage}")
        hint = teller.say(f"desk.score.hint.{_after(score.stuck.stage)}")
        return teller.say("desk.score.stuck", stage=stage, at=at), hint
    told = score.report.incidents[0] if score.report.incidents else None
    if told is None or told.took is None or told.slowest is None or told.slowest.length < timedelta(seconds=1):
        return "", ""
    return _sentence(told.slowest, told.took, teller), teller.say(f"desk.score.hint.{told.slowest.stage}")


def _sentence(stretch: Interval, whole: timedelta, teller: Teller) -> str:
    stage = teller.say(f"desk.score.slow.{stretch.stage}")
    return teller.say("desk.score.slowest", stage=stage, length=shown(stretch.length), whole=shown(whole))


def _after(stage: str) -> str:
    """What was not reached any more, once this stage was."""
    if stage in ("alerted", "received"):
        return "acknowledged"
    order = ("announced", "acknowledged", "confirmed", "opened", "published", "readable")
    place = order.index(stage) if stage in order else order.index("confirmed")
    return order[min(place + 1, len(order) - 1)]


def _objective(one: Graded, teller: Teller) -> ScoreLine:
    text = teller.text(one.objective.text) or teller.say(f"desk.score.objective.{one.objective.id}")
    grade = teller.say(f"desk.score.grade.{one.grade}") if one.grade else teller.say("desk.score.ungraded")
    detail = _because(one.evidence, teller)
    if one.overruled:
        detail = teller.say("desk.score.overruled", by=one.overruled.by, reason=one.overruled.reason, ours=detail)
    return ScoreLine(text, detail, grade, MARKS[one.grade], one.objective.id)


def _because(evidence: Evidence, teller: Teller) -> str:
    slots: dict[str, object] = {}
    for name, value in evidence.slots.items():
        if isinstance(value, timedelta):
            slots[name] = shown(value)
        elif isinstance(value, tuple):
            slots[name] = _listed([teller.say(f"desk.fact.{fact}") for fact in value], teller)
        else:
            slots[name] = value
    code = "facts_all" if evidence.code == "facts" and not evidence.slots["lacking"] else evidence.code
    return teller.say(f"desk.score.because.{code}", **slots)


def _fact_lines(score: Score, teller: Teller) -> Iterator[ScoreLine]:
    """Which facts the first notice had, with its own words for them, and when the last of them came."""
    if score.first is None:
        return
    words = score.first.notice.words
    said = {row.key: row for row in (words.get(teller.language) or next(iter(words.values()))).rows}
    for key in ("scope", "who", "started", "estimate", "next", "workaround"):
        row, there = said.get(key), key in score.facts
        if not there and key == "who":
            continue
        time = in_line(row.time, _writing(teller)) if row and row.time else ""
        text = time or (row.soft or next(iter(row.lines), "")) if row else ""
        absent = teller.say("desk.score.fact_missing" if key in NEEDED else "desk.score.fact_optional")
        mark = "ok" if there else "down" if key in NEEDED else ""
        yield ScoreLine(teller.say(f"desk.fact.{key}"), _arrived(key, score, teller), text if there else absent, mark)
    yield from _waited(score, teller)


ANSWERED = {"scope": "services", "started": "since", "estimate": "estimate"}
"""What an engineer's answer calls the facts of a first report."""


def arrival(fact: str, score: Score) -> Answer | None:
    """The first answer that brought a fact of the first notice; None where nobody was needed for it."""
    return next((one for one in _before(score) if ANSWERED.get(fact) in one.said.fields), None)


def _arrived(fact: str, score: Score, teller: Teller) -> str:
    told = arrival(fact, score)
    return teller.say("desk.score.arrived", time=teller.clock.clock(told.at), name=told.by) if told else ""


def _waited(score: Score, teller: Teller) -> Iterator[ScoreLine]:
    """How long engineers were waited for before the first report: from the question to the first answer, or to it."""
    asked = asks(score.incident) if score.incident and score.first else ()
    if not asked or score.first is None or asked[0].at > score.first.recorded:
        return
    came = next((one.at for one in _before(score) if one.at >= asked[0].at), None)
    length = shown((came or score.first.recorded) - asked[0].at)
    detail = teller.say("desk.score.asked_answered" if came else "desk.score.asked_open", length=length)
    text = teller.say("desk.score.asked", time=teller.clock.clock(asked[0].at))
    yield ScoreLine(text, detail, mark="ok" if came else "part")


def _before(score: Score) -> tuple[Answer, ...]:
    """The answers that came before the first report."""
    if score.incident is None or score.first is None:
        return ()
    return tuple(one for one in answers(score.incident) if one.at <= score.first.recorded)


def _plain_language_lines(score: Score, teller: Teller) -> Iterator[ScoreLine]:
    notices = score.incident.notices if score.incident else ()
    if notices and not score.strange:
        yield ScoreLine(teller.say("desk.score.plain_none"), mark="ok")
    for one in score.strange:
        yield _strange(one, teller)
    for told in notices:
        if told.notice.met:
            yield _met(told, score, teller)


def _met(told: RecordedNotice, score: Score, teller: Teller) -> ScoreLine:
    """How many hard words a notice had at the most while it was written, and how many when it went out."""
    words, met = told.notice.words, told.notice.met
    label = (words.get(teller.language) or next(iter(words.values()))).label
    left = sum(one.sequence == told.sequence for one in score.strange)
    counts = [(teller.say(f"plain.class.{one}"), met.count(one)) for one in dict.fromkeys(met)]
    detail = _listed([teller.say("desk.score.met_class", name=name, count=count) for name, count in counts], teller)
    text = teller.say("desk.score.met", notice=label, count=len(met), left=left)
    return ScoreLine(text, detail, mark="" if left else "ok")


def _strange(one: Strange, teller: Teller) -> ScoreLine:
    instead = teller.say("desk.score.instead", instead=one.finding.instead) if one.finding.instead else ""
    mark = "down" if one.finding.level is Level.ERROR else "part"
    labels = teller.catalog.books[teller.language].labels
    return ScoreLine(f"{one.word} {instead}".strip(), why_of(one.finding, labels), one.language, mark)


def _inject(fed: Fed, score: Score, teller: Teller) -> ScoreLine:
    seen = score.handled.get(fed.number)
    at = teller.clock.clock(fed.fired or score.drill.started)
    if fed.planned is not None and teller.clock.clock(fed.planned) != at:
        at = f"{teller.clock.clock(fed.planned)} → {at}"
    expected = teller.text(fed.inject.expect)
    detail = teller.say("desk.score.expected", text=expected) if expected else ""
    detail = "\n".join(filter(None, (detail, seen.text if seen else "")))
    state = teller.say(f"desk.score.handled.{'yes' if seen.done else 'no'}") if seen else ""
    mark = "" if seen is None else "ok" if seen.done else "down"
    return ScoreLine(teller.text(fed.inject.subject), detail, f"{at}  {state}".rstrip(), mark, str(fed.number))


def _promise_line(one: Promise, teller: Teller) -> ScoreLine:
    due = teller.say("desk.score.promised", time=teller.clock.clock(one.due))
    came = teller.say("desk.score.never_came")
    if one.kept:
        came = teller.say("desk.score.came", time=teller.clock.clock(one.kept))
    detail = teller.say("desk.score.otherwise.paused", paused=shown(one.paused)) if one.paused else ""
    return ScoreLine(due, detail, came, mark="ok" if one.in_time else "part" if one.kept else "down")


def _people(score: Score, teller: Teller) -> Iterator[ScoreLine]:
    """Who played which part, whose hand each stage was in, and who was kept out on purpose."""
    for role, names in score.drill.roles.items():
        yield ScoreLine(teller.say(f"desk.drill_role.{role}"), right=_listed([*names], teller))
    hands: dict[str, list[str]] = {}
    for stamp in score.report.incidents[0].stamps if score.report.incidents else ():
        if stamp.by:
            hands.setdefault(stamp.by, []).append(teller.say(f"desk.stage.{stamp.stage}"))
    for name, stages in hands.items():
        yield ScoreLine(name, right=_listed(stages, teller))
    if score.drill.kept_out:
        yield ScoreLine(teller.say("desk.score.kept_out"), right=_listed([*score.drill.kept_out], teller))


def _evidence(score: Score, teller: Teller) -> Iterator[ScoreLine]:
    for one in score.drill.note.get("clean", ()):
        mark = {True: "ok", False: "down", None: ""}[one["fine"]]
        state = {True: "fine", False: "wrong", None: "unknown"}[one["fine"]]
        yield ScoreLine(teller.say(f"cli.clean_{one['what']}_{state}", count=one["count"]), mark=mark)


def _day_text(day: str, teller: Teller) -> str:
    return teller.say("desk.score.until", day=teller.clock.short(date.fromisoformat(day))) if day else ""


def _listed(items: Sequence[str], teller: Teller) -> str:
    return listed(items, _writing(teller))


def _writing(teller: Teller) -> LocaleRules:
    return teller.catalog.books[teller.language].writing
