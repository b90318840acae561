"""Facts as lines on a page, from an engineer or the form, in the reader's language."""

from __future__ import annotations

from datetime import datetime

from statuspage.domain import Estimate, Facts, IncidentType, Known, MissedEstimate, NotBefore, Range, Unknown
from statuspage.web.desk.translations import Translator


def fact_label(name: str, incident_type: IncidentType | None, translator: Translator) -> str:
    """The name of a fact; for one of the incident type's own questions, the question."""
    if not name.startswith("answer."):
        return translator.t(f"fact_requests.fact.{name}")
    question = name.removeprefix("answer.")
    return translator.pack.phrases.get(
        f"incident_type.{incident_type.id if incident_type else ''}.question.{question}.prompt", question
    )


def fact_line(name: str, facts: Facts, translator: Translator, now: datetime) -> str:
    """The text of this fact; "" if there is none."""
    match name:
        case "services":
            return translator.format_list(_service_lines(facts, translator))
        case "start" if facts.start:
            time_text = _time_text(facts.start.at, translator, now)
            return translator.t(f"fact_requests.start.{facts.start.precision}", time=time_text)
        case "estimate":
            return _estimate_text(facts.estimate, translator, now)
        case "ended" if facts.ended_at:
            return _time_text(facts.ended_at, translator, now)
    question = name.removeprefix("answer.")
    answer = facts.answers.get(question, "")
    if not answer and name.startswith("answer."):
        return translator.t("audience.checking")
    return translator.pack.phrases.get(
        f"incident_type.{facts.incident_type}.question.{question}.answer.{answer}.label", answer
    )


def _service_lines(facts: Facts, translator: Translator) -> list[str]:
    names = translator.pack.services
    return [
        translator.t(
            "fact_requests.service",
            name=names[affected.service].name if affected.service in names else _typed_id(affected.service),
            state=translator.t(f"state.{affected.state}"),
        )
        for affected in facts.named_services
    ]


def _typed_id(service: str) -> str:
    """The id of an unknown service, safe to show: ids are ASCII, and other characters may reverse text."""
    return service.encode("ascii", "replace").decode()


def _estimate_text(estimate: Estimate, translator: Translator, now: datetime) -> str:
    match estimate:
        case Unknown():
            return translator.t("report.unknown")
        case Known(at=at):
            return translator.t("fact_requests.estimate.known", time=_time_text(at, translator, now))
        case NotBefore(at=at):
            return translator.t("fact_requests.estimate.not_before", time=_time_text(at, translator, now))
        case Range(earliest=first, latest=last):
            return translator.t(
                "fact_requests.estimate.range",
                first=_time_text(first, translator, now),
                last=_time_text(last, translator, now),
            )
        case MissedEstimate(current=inner):
            return _estimate_text(inner, translator, now)


def _time_text(at: datetime, translator: Translator, now: datetime) -> str:
    return translator.times.format_recent(at, now=now)
