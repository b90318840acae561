"""Refuses a notice that says *not known* although an engineer has answered since the last one."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from statuspage.cli.context import CommandContext
from statuspage.cli.errors import Refusal
from statuspage.cli.show import clock_of
from statuspage.domain import (
    Answer,
    Estimate,
    Facts,
    Known,
    NotBefore,
    NoticeKind,
    Range,
    unheard_answers,
)
from statuspage.storage import incidents
from statuspage.usecases.environment import Environment


def refuse_unheard_answers(
    command: CommandContext, env: Environment, incident_id: str, notice: NoticeKind, facts: Facts
) -> None:
    """Raises Refusal with the flags that say what the engineers said, unless every answer is in these facts."""
    with env.databases.environment.read() as tx:
        incident = incidents.load_incident(tx, incident_id)
    now, catalog = command.now(), env.site.catalog
    unheard = unheard_answers(incident, notice, facts, catalog, now=now) if incident else {}
    if not unheard:
        return
    zone, clock = ZoneInfo(catalog.site.zone), clock_of(command, catalog)
    flags = {name: _flags(name, answer, incident_id, zone, now) for name, answer in unheard.items()}
    raise Refusal(
        command.text("answers_unheard"),
        *(
            command.text("answer_unheard", name=answer.actor, time=clock.format_time(answer.at), flags=flags[name])
            for name, answer in unheard.items()
        ),
        reasons=[
            {"fact": name, "by": answer.actor, "sequence": answer.sequence, "flags": flags[name]}
            for name, answer in unheard.items()
        ],
    )


def _flags(name: str, answer: Answer, incident_id: str, zone: ZoneInfo, now: datetime) -> str:
    """The flags that say this fact, or the command that does."""
    facts = answer.engineer_answer.facts
    match name:
        case "estimate":
            return f"--estimate {_estimate(facts.estimate, zone, now)}"
        case "start" if facts.start:
            return f"--start {facts.start.precision}:{_time(facts.start.at, zone, now)}"
        case "ended" if facts.ended_at:
            return f"statuspage resolve {incident_id} --ended {_time(facts.ended_at, zone, now)}"
    question = name.removeprefix("answer.")
    return f"--answer {question}={facts.answers.get(question, '')}"


def _estimate(estimate: Estimate, zone: ZoneInfo, now: datetime) -> str:
    match estimate:
        case Known(at=at):
            return _time(at, zone, now)
        case NotBefore(at=at):
            return f"not-before:{_time(at, zone, now)}"
        case Range(earliest=earliest, latest=latest):
            return f"{_time(earliest, zone, now)}..{_time(latest, zone, now)}"
    return "unknown"


def _time(at: datetime, zone: ZoneInfo, now: datetime) -> str:
    """A time as the flags take it: the time of day if that is enough, else with its date."""
    local = at.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == now.astimezone(zone).date() else f"{local:%Y-%m-%dT%H:%M}"
