"""Who is on call now and next by the rosters, and who is therefore notified."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from statuspage.domain import EVERYBODY, NEXT, NOW, OnCallPolicy, Responder, RosterSpec
from statuspage.integrations import rosters
from statuspage.integrations.rosters import OnCallPeriod
from statuspage.usecases.environment import Environment
from statuspage.usecases.on_call import absence


@dataclass(frozen=True, slots=True)
class RosterStatus:
    """One roster at a moment, without those ``left_out`` of the running drill: the age of its copy (None: it is a file
    of the content, or was never fetched), and why it may be wrong (``desk.on_call.roster_problem.KEY``; "": all is
    well)."""

    id: str
    rota: OnCallPeriod
    fetched_at: datetime | None = None
    problem_code: str = ""
    left_out: tuple[Responder, ...] = ()


def current_rosters(env: Environment, *, now: datetime) -> tuple[RosterStatus, ...]:
    """Every roster of the content. Nothing is fetched: the worker does that."""
    absent = absence.absent_people(env.databases.environment)
    return tuple(_without(status, absent) for status in _all_rosters(env, now))


def _all_rosters(env: Environment, now: datetime) -> tuple[RosterStatus, ...]:
    return tuple(_roster_status(env, spec, now) for spec in env.site.catalog.on_call.rosters.values())


def _without(status: RosterStatus, absent: tuple[str, ...]) -> RosterStatus:
    on_call, next_on_call = (
        tuple(responder for responder in some if not responder.is_one_of(absent))
        for some in (status.rota.on_call, status.rota.next_on_call)
    )
    left_out = tuple(responder for responder in status.rota.on_call if responder.is_one_of(absent))
    rota = replace(status.rota, on_call=on_call, next_on_call=next_on_call)
    return replace(status, rota=rota, left_out=left_out)


def refresh_rosters(env: Environment, *, now: datetime) -> None:
    """Fetches the rosters that have a URL; only an environment that knows the URLs does."""
    rosters.fetch.refresh_rosters(env.rosters_folder, env.content.roster_urls, now=now)


def resolve_recipients(env: Environment, recipients: Iterable[str], *, now: datetime) -> tuple[Responder, ...]:
    """The people that a step names, without duplicates; the fallback responders if the rosters name nobody.

    Those left out of the running drill are among them, so that it is known whom it would have tried to reach.
    """
    policy, roster_statuses = env.site.catalog.on_call, _all_rosters(env, now)
    responders = [
        responder for recipient in recipients for responder in _resolve_recipient(recipient, policy, roster_statuses)
    ]
    reachable = [responder for responder in responders if responder.id] or [
        policy.responders[id] for id in policy.fallback
    ]
    return tuple(dict.fromkeys(reachable))


def _resolve_recipient(
    recipient: str, policy: OnCallPolicy, roster_statuses: tuple[RosterStatus, ...]
) -> Iterable[Responder]:
    if recipient == NOW:
        return [responder for status in roster_statuses for responder in status.rota.on_call]
    if recipient == NEXT:
        return [responder for status in roster_statuses for responder in status.rota.next_on_call]
    return policy.responders.values() if recipient == EVERYBODY else [policy.responders[recipient]]


def _roster_status(env: Environment, spec: RosterSpec, now: datetime) -> RosterStatus:
    fetch = rosters.fetch
    copy = fetch.read_copy(env.rosters_folder, spec.id) if spec.has_address else fetch.RosterCopy()
    problem_code = copy.problem if copy.fetched_at or copy.problem or not spec.has_address else "never"
    calendars = [*spec.calendars.values(), *filter(None, (copy.text,))]
    zone, responders = ZoneInfo(env.site.catalog.site.zone), env.site.catalog.on_call.responders.values()
    try:
        rota = rosters.find_on_call(calendars, responders, zone, now)
    except rosters.Unreadable:
        return RosterStatus(spec.id, OnCallPeriod(), copy.fetched_at, "unreadable")
    return RosterStatus(spec.id, rota, copy.fetched_at, problem_code)
