"""Who is on duty now and next, as rosters say it, and who that makes us call."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from statuspage.domain import EVERYBODY, NEXT, NOW, OnCallPolicy, Responder, RosterSpec
from statuspage.integrations import rosters
from statuspage.integrations.rosters import Rota, fetch
from statuspage.usecases.environment import Environment


@dataclass(frozen=True, slots=True)
class Standing:
    """One roster at a moment. ``fetched`` is how old its copy is (None: it is a file of the content, or was never
    fetched); ``trouble`` why it may be wrong (``desk.duty.trouble.KEY``), "" when all is well."""

    id: str
    rota: Rota
    fetched_at: datetime | None = None
    problem_code: str = ""


def rosters_now(env: Environment, *, now: datetime) -> tuple[Standing, ...]:
    """Every roster of the content. Nothing is fetched: that is the worker's business."""
    return tuple(_of(env, spec, now) for spec in env.catalog.on_call.rosters.values())


def renew(env: Environment, *, now: datetime) -> None:
    """Fetches the rosters that have an address. Only a world that knows addresses does."""
    fetch.renew(env.rosters_folder, env.roster_urls, now=now)


def called(env: Environment, recipients: Iterable[str], *, now: datetime) -> tuple[Responder, ...]:
    """The people a step means, each once. Where the rosters name nobody, those who are called otherwise."""
    policy, roster_statuses = env.catalog.on_call, rosters_now(env, now=now)
    responders = [responder for recipient in recipients for responder in _meant(recipient, policy, roster_statuses)]
    reachable = [responder for responder in responders if responder.id] or [policy.responders[id] for id in policy.fallback]
    return tuple(dict.fromkeys(reachable))


def _meant(recipient: str, policy: OnCallPolicy, roster_statuses: tuple[Standing, ...]) -> Iterable[Responder]:
    if recipient == NOW:
        return [responder for status in roster_statuses for responder in status.rota.on_call]
    if recipient == NEXT:
        return [responder for status in roster_statuses for responder in status.rota.next_on_call]
    return policy.responders.values() if recipient == EVERYBODY else [policy.responders[recipient]]


def _of(env: Environment, spec: RosterSpec, now: datetime) -> Standing:
    copy = fetch.copy_of(env.rosters_folder, spec.id) if spec.has_address else fetch.Copy()
    problem_code = copy.problem if copy.fetched_at or copy.problem or not spec.has_address else "never"
    calendars = [*spec.calendars.values(), *filter(None, (copy.text,))]
    zone, responders = ZoneInfo(env.catalog.site.zone), env.catalog.on_call.responders.values()
    try:
        rota = rosters.rota(calendars, responders, zone, now)
    except rosters.Unreadable:
        return Standing(spec.id, Rota(), copy.fetched_at, "unreadable")
    return Standing(spec.id, rota, copy.fetched_at, problem_code)
