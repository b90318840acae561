"""Facts as lines on a page: what an engineer said, and what the form says, in the reader's words."""

from __future__ import annotations

from datetime import datetime

from statuspage.domain import Estimate, Facts, IncidentType, Known, MissedEstimate, NotBefore, Range, Unknown
from statuspage.web.desk.translations import Translator


def fact_label(name: str, kind: IncidentType | None, voice: Translator) -> str:
    """What a fact is called; one of the kind's own by its question."""
    if not name.startswith("answer."):
        return voice.t(f"engineers.fact.{name}")
    question = name.removeprefix("answer.")
    return voice.book.phrases.get(f"kind.{kind.id if kind else ''}.question.{question}.ask", question)


def line(name: str, facts: Facts, voice: Translator, now: datetime) -> str:
    """What is said of this fact; "" where nothing is."""
    match name:
        case "services":
            return voice.listed(_service_lines(facts, voice))
        case "since" if facts.started:
            at = _when(facts.started.at, voice, now)
            return voice.t(f"engineers.since.{facts.started.precision}", time=at)
        case "estimate":
            return _estimate_text(facts.estimate, voice, now)
        case "ended" if facts.ended:
            return _when(facts.ended, voice, now)
    question = name.removeprefix("answer.")
    answer = facts.answers.get(question, "")
    return voice.book.phrases.get(f"kind.{facts.kind}.question.{question}.answer.{answer}.label", answer)


def _service_lines(facts: Facts, voice: Translator) -> list[str]:
    names = voice.book.services
    return [
        voice.t(
            "engineers.service",
            name=names[one.service].name if one.service in names else one.service,
            state=voice.t(f"state.{one.state}"),
        )
        for one in facts.ticked
    ]


def _estimate_text(estimate: Estimate, voice: Translator, now: datetime) -> str:
    match estimate:
        case Unknown():
            return voice.t("report.unknown")
        case Known(at=at):
            return voice.t("engineers.estimate.known", time=_when(at, voice, now))
        case NotBefore(at=at):
            return voice.t("engineers.estimate.not_before", time=_when(at, voice, now))
        case Range(earliest=first, latest=last):
            return voice.t("engineers.estimate.range", first=_when(first, voice, now), last=_when(last, voice, now))
        case MissedEstimate(now=inner):
            return _estimate_text(inner, voice, now)


def _when(at: datetime, voice: Translator, now: datetime) -> str:
    same_day = voice.times.day(at) == voice.times.day(now)
    return voice.times.clock(at) if same_day else voice.times.day_clock(at)
