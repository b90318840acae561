"""Facts as text, from an engineer or the form, in a reader's language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from statuspage.domain import Estimate, Facts, Known, LanguagePack, MissedEstimate, NotBefore, Range, Unknown


@dataclass(frozen=True, slots=True)
class FactFormatter:
    """What the text of a fact needs: labels by their whole key, the language pack, and how a time is said."""

    label: Callable[..., str]
    pack: LanguagePack
    time_text: Callable[[datetime], str]


def fact_name(name: str, incident_type: str, formatter: FactFormatter) -> str:
    """The name of a fact; for one of the incident type's own questions, the question."""
    if not name.startswith("answer."):
        return formatter.label(f"desk.fact_requests.fact.{name}")
    question = name.removeprefix("answer.")
    return formatter.pack.phrases.get(f"incident_type.{incident_type}.question.{question}.prompt", question)


def fact_text(name: str, facts: Facts, formatter: FactFormatter) -> str:
    """The text of this fact; "" if there is none."""
    match name:
        case "services":
            return formatter.label("desk.list_comma").join(_service_lines(facts, formatter))
        case "start" if facts.start:
            time_text = formatter.time_text(facts.start.at)
            return formatter.label(f"desk.fact_requests.start.{facts.start.precision}", time=time_text)
        case "estimate":
            return _estimate_text(facts.estimate, formatter)
        case "ended" if facts.ended_at:
            return formatter.time_text(facts.ended_at)
    question = name.removeprefix("answer.")
    answer = facts.answers.get(question, "")
    if not answer and name.startswith("answer."):
        return formatter.label("desk.audience.checking")
    key = f"incident_type.{facts.incident_type}.question.{question}.answer.{answer}.label"
    return formatter.pack.phrases.get(key, answer)


def _service_lines(facts: Facts, formatter: FactFormatter) -> list[str]:
    names = formatter.pack.services
    return [
        formatter.label(
            "desk.fact_requests.service",
            name=names[affected.service].name if affected.service in names else _typed_id(affected.service),
            state=formatter.label(f"desk.state.{affected.state}"),
        )
        for affected in facts.named_services
    ]


def _typed_id(service: str) -> str:
    """The id of an unknown service, safe to show: ids are ASCII, and other characters may reverse text."""
    return service.encode("ascii", "replace").decode()


def _estimate_text(estimate: Estimate, formatter: FactFormatter) -> str:
    label, time_text = formatter.label, formatter.time_text
    match estimate:
        case Unknown():
            return label("desk.report.unknown")
        case Known(at=at):
            return label("desk.fact_requests.estimate.known", time=time_text(at))
        case NotBefore(at=at):
            return label("desk.fact_requests.estimate.not_before", time=time_text(at))
        case Range(earliest=first, latest=last):
            return label("desk.fact_requests.estimate.range", first=time_text(first), last=time_text(last))
        case MissedEstimate(current=inner):
            return _estimate_text(inner, formatter)
