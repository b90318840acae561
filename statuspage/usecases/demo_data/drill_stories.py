"""The drills of a year: each scenario played once, quicker from time to time."""

from __future__ import annotations

from datetime import datetime, timedelta

from statuspage.domain import (
    NoticeInput,
    NoticeKind,
    Precision,
    Scenario,
    StartInput,
    notice_input_from_facts,
    service_input,
)
from statuspage.storage import alerts as stored_alerts
from statuspage.usecases import alerts, drills
from statuspage.usecases.demo_data.player import Player, required_answers
from statuspage.usecases.drills import Setup

MINUTE = timedelta(minutes=1)


def play_drill(player: Player, scenario: Scenario, at: datetime, minutes: int) -> None:
    """A drill whose first report is out ``minutes`` after its alert."""
    catalog, leader, reporter = player.env.site.catalog, player.person, player.person
    language = next(iter(scenario.title))
    goal = scenario.notice_goal or catalog.site.notice_goal
    drills.start_drill(
        player.env,
        title=scenario.title[language],
        leader=leader,
        goal=goal,
        setup=Setup(scenario=scenario, language=language, roles={"leader": (leader,), "reporter": (reporter,)}),
        now=at,
    )
    drills.advance_drill(player.env, now=at)
    with player.env.databases.environment.read() as tx:
        waiting = stored_alerts.open_alerts(tx)
    alert = waiting[-1] if waiting else player.raise_alert(scenario.services[0], at)
    acknowledged, confirmed = at + (minutes // 3 or 1) * MINUTE, at + (minutes // 2 or 1) * MINUTE
    alerts.acknowledge(player.env, alert.id, actor=reporter, now=acknowledged)
    incident = alerts.confirm(player.env, alert.id, actor=reporter, now=confirmed).id
    published = at + minutes * MINUTE
    target = player.target(incident, reporter, confirmed)
    player.publish(_first_input(player, scenario, at), NoticeKind.FIRST, target, reporter, published)
    drills.advance_drill(player.env, now=published + MINUTE)
    _resolve(player, incident, reporter, published + 12 * MINUTE)
    drills.end_drill(player.env, now=published + 14 * MINUTE)


def _resolve(player: Player, incident: str, reporter: str, over: datetime) -> None:
    resolved = notice_input_from_facts(player.facts_of(incident), over)
    resolved_input = NoticeInput(
        incident_type=resolved.incident_type,
        services=resolved.services,
        start=resolved.start,
        answers=resolved.answers,
        ended=over - 2 * MINUTE,
    )
    target = player.target(incident, reporter, over)
    player.publish(resolved_input, NoticeKind.RESOLVED, target, reporter, over)


def _first_input(player: Player, scenario: Scenario, start: datetime) -> NoticeInput:
    incident_type = player.env.site.catalog.incident_types[scenario.incident_type]
    return NoticeInput(
        incident_type=scenario.incident_type,
        services=tuple(service_input(affected) for affected in scenario.services),
        start=StartInput(Precision.ABOUT, start),
        answers=required_answers(incident_type),
    )
