"""The stories of a year in live: what broke, who noticed it, what customers were told and when it was over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from statuspage.domain import (
    MAINTENANCE,
    Affected,
    AffectedAudience,
    AudienceInput,
    EstimateInput,
    EstimateShape,
    IncidentType,
    NoticeInput,
    NoticeKind,
    Precision,
    StartInput,
    notice_input_from_facts,
    service_input,
)
from statuspage.usecases import alerts, notices
from statuspage.usecases.demo_data.player import Player, all_answers, required_answers

Story = Iterator[datetime]
"""Does one step each time it is advanced, and yields the time of the next one."""

MINUTE = timedelta(minutes=1)

ANSWERED = 0.9
"""The share of incidents of which no question is open when they end."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """What breaks: from when on, for how long, and whether a monitor notices it."""

    incident_type: IncidentType
    affected: tuple[Affected, ...]
    start: datetime
    length: timedelta
    is_monitored: bool


def incident_story(player: Player, trouble: Trouble) -> Story:
    """An incident from its start to its end."""
    actor, rng, name = player.person, player.rng, player.env.new_id()
    noticed = trouble.start + rng.randint(2, 5) * MINUTE
    yield noticed
    if trouble.is_monitored:
        alert = player.raise_alert(trouble.affected[0], noticed, name=name)
        at = noticed + rng.randint(1, 4) * MINUTE
        yield at
        alerts.acknowledge(player.env, alert.id, actor=actor, now=at)
        at += rng.randint(1, 3) * MINUTE
        yield at
        known = alerts.confirm(player.env, alert.id, actor=actor, now=at)
        if known.latest is not None:
            return  # The alert was grouped with those of an incident that customers know of.
        target = player.target(known.id, actor, at)
    else:
        at = noticed
        target = notices.new_incident_target(player.env, now=at)
    at += rng.randint(1, 5) * MINUTE
    yield at
    incident = player.publish(_first_input(player, trouble, at), NoticeKind.FIRST, target, actor, at)
    yield from _updates(player, trouble, incident, actor, at)
    end = trouble.start + trouble.length
    if trouble.is_monitored:
        yield end
        player.raise_alert(trouble.affected[0], noticed, ended_at=end, name=name)
    at = end + rng.randint(3, 9) * MINUTE
    if (due := player.facts_of(incident).next_update) is not None and due > end:
        at = min(at, due)  # The promise of the next update is kept.
    yield at
    cause = next(iter(trouble.incident_type.causes), "")
    over = replace(_again(player, incident, at), ended=end, cause=cause, next_update=None)
    if rng.random() < ANSWERED:
        over = replace(over, answers=all_answers(trouble.incident_type))
    player.publish(over, NoticeKind.RESOLVED, player.target(incident, actor, at), actor, at)


def _first_input(player: Player, trouble: Trouble, now: datetime) -> NoticeInput:
    kind, rng = trouble.incident_type, player.rng
    estimate = EstimateInput()
    if kind.gives_estimate and rng.random() < 0.4:
        estimate = EstimateInput(EstimateShape.KNOWN, _round(now + rng.choice((40, 60, 90)) * MINUTE))
    extent = rng.choice((AffectedAudience.ALL, AffectedAudience.SOME, AffectedAudience.CHECKING))
    return NoticeInput(
        incident_type=kind.id,
        services=tuple(service_input(affected) for affected in trouble.affected),
        audience=AudienceInput(extent),
        start=StartInput(rng.choice((Precision.EXACT, Precision.ABOUT)), trouble.start),
        estimate=estimate,
        workarounds=tuple(id for id in kind.workarounds if not id.startswith("after-"))[:1],
        answers=required_answers(kind),
    )


def _updates(player: Player, trouble: Trouble, incident: str, actor: str, at: datetime) -> Story:
    """An update before each one that was promised, while it lasts."""
    kind, end = trouble.incident_type, trouble.start + trouble.length
    actions = tuple(action for action in kind.current_actions if action != "looking") or kind.current_actions
    while True:
        due = player.facts_of(incident).next_update or at + kind.cadence
        at = max(due - player.rng.randint(2, 6) * MINUTE, at + 5 * MINUTE)
        if at >= end:
            return
        yield at
        notice_input = replace(
            _again(player, incident, at), current_action=player.rng.choice(actions) if actions else ""
        )
        player.publish(notice_input, NoticeKind.UPDATE, player.target(incident, actor, at), actor, at)


def _again(player: Player, incident: str, now: datetime) -> NoticeInput:
    """What was published, to be published again."""
    return notice_input_from_facts(player.facts_of(incident), now)


def maintenance_story(player: Player, service: str, begins: datetime) -> Story:
    """Planned work: announced a week before, reminded of, begun and finished on time."""
    actor, ends = player.person, begins + timedelta(hours=2)
    at = begins - timedelta(days=7)
    yield at
    plan = NoticeInput(
        incident_type=MAINTENANCE,
        services=(service_input(Affected(service, player.env.site.catalog.incident_types[MAINTENANCE].state)),),
        begins=begins,
        ends=ends,
    )
    target = notices.new_incident_target(player.env, now=at)
    incident = player.publish(plan, NoticeKind.ANNOUNCED, target, actor, at)
    for at in (begins - timedelta(days=1), begins):
        yield at
        notices.scheduled.publish_due(player.env, now=at)
        player.settle_site(at)
    at = ends - player.rng.randint(5, 40) * MINUTE
    yield at
    facts = player.facts_of(incident)
    services = tuple(service_input(affected) for affected in facts.affected)
    done = NoticeInput(incident_type=MAINTENANCE, services=services, ended=at)
    player.publish(done, NoticeKind.FINISHED, player.target(incident, actor, at), actor, at)


def false_alarm_story(player: Player, affected: Affected, at: datetime) -> Story:
    """An alert that turns out to be none."""
    yield at
    alert = player.raise_alert(affected, at)
    at += player.rng.randint(2, 9) * MINUTE
    yield at
    alerts.false_alarm(player.env, alert.id, actor=player.person, now=at)


def open_alert_story(player: Player, affected: Affected, at: datetime, *, is_watched: bool) -> Story:
    """An alert that somebody still has to look at, or is watching."""
    yield at
    alert = player.raise_alert(affected, at)
    if is_watched:
        at += 3 * MINUTE
        yield at
        alerts.watch(player.env, alert.id, actor=player.person, now=at)


def _round(at: datetime) -> datetime:
    """The next full ten minutes."""
    return at.replace(second=0, microsecond=0) + (10 - at.minute % 10) * MINUTE
