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
    fetched: datetime | None = None
    trouble: str = ""


def rosters_now(world: Environment, *, now: datetime) -> tuple[Standing, ...]:
    """Every roster of the content. Nothing is fetched: that is the worker's business."""
    return tuple(_of(world, spec, now) for spec in world.catalog.duty.rosters.values())


def renew(world: Environment, *, now: datetime) -> None:
    """Fetches the rosters that have an address. Only a world that knows addresses does."""
    fetch.renew(world.rosters, world.roster_addresses, now=now)


def called(world: Environment, who: Iterable[str], *, now: datetime) -> tuple[Responder, ...]:
    """The people a step means, each once. Where the rosters name nobody, those who are called otherwise."""
    duty, found = world.catalog.duty, rosters_now(world, now=now)
    people = [person for word in who for person in _meant(word, duty, found)]
    known = [one for one in people if one.id] or [duty.people[id] for id in duty.otherwise]
    return tuple(dict.fromkeys(known))


def _meant(word: str, duty: OnCallPolicy, found: tuple[Standing, ...]) -> Iterable[Responder]:
    if word == NOW:
        return [person for one in found for person in one.rota.now]
    if word == NEXT:
        return [person for one in found for person in one.rota.next]
    return duty.people.values() if word == EVERYBODY else [duty.people[word]]


def _of(world: Environment, spec: RosterSpec, now: datetime) -> Standing:
    copy = fetch.copy_of(world.rosters, spec.id) if spec.address else fetch.Copy()
    trouble = copy.trouble if copy.fetched or copy.trouble or not spec.address else "never"
    calendars = [*spec.calendars.values(), *filter(None, (copy.text,))]
    zone, people = ZoneInfo(world.catalog.site.zone), world.catalog.duty.people.values()
    try:
        rota = rosters.rota(calendars, people, zone, now)
    except rosters.Unreadable:
        return Standing(spec.id, Rota(), copy.fetched, "unreadable")
    return Standing(spec.id, rota, copy.fetched, trouble)
