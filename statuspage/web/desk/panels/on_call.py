"""Who is on duty and who has been called, as the desk shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from statuspage.domain import ChannelSpec, DeliveryStatus, NotificationReason, Responder, StaffNotification, type_name
from statuspage.usecases.environment import Environment
from statuspage.usecases.on_call import Standing, rosters_now
from statuspage.web.desk.translations import Translator

NOT_CONNECTED = "call_unready"
"""Why nobody was called by a way that the house has prepared and not connected: no fault of this call."""


@dataclass(frozen=True, slots=True)
class Somebody:
    """Who can be called: ``call`` is the number as a phone dials it, ``note`` what is odd about the person."""

    name: str
    phone: str
    call: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One roster on the home page."""

    name: str
    now: list[Somebody]
    until: str
    next: str
    said: list[str]


@dataclass(frozen=True, slots=True)
class Box:
    """All rosters; ``said`` are plain words about what is missing."""

    rows: list[Row]
    said: list[str]


@dataclass(frozen=True, slots=True)
class Made:
    """One call as a line: when, by which way and whom, how it ended (``look`` of a mark), and why not."""

    line: str
    look: str
    state: str
    why: str
    at: datetime


def box(world: Environment, voice: Translator, now: datetime) -> Box | None:
    """Who is on duty; None where the content calls nobody."""
    duty = world.catalog.duty
    if not duty.rungs and not duty.rosters:
        return None
    found = rosters_now(world, now=now)
    said = [] if found else [voice.t("duty.none")]
    if world.not_callers:
        ways = [way(world, one, voice) for one in world.not_callers]
        said.append(voice.t("duty.not_connected", ways=voice.listed(ways)))
    return Box([_roster_row(world, one, voice) for one in found], said)


def telling(world: Environment, voice: Translator) -> str:
    """The ways by which colleagues are told, for a button; "" where none can be used."""
    return voice.listed(way(world, id, voice) for id in world.catalog.duty.tell if id in world.callers)


def way(world: Environment, id: str, voice: Translator) -> str:
    """A way as people say it: its type, and whose."""
    spec: ChannelSpec | None = world.catalog.ways_inside.get(id)
    return f"{type_name(spec.type, voice.book.labels)} {spec.account}".strip() if spec else id


def made(world: Environment, call: StaffNotification, voice: Translator) -> Made:
    """A call as the desk shows it."""
    at = call.started or queued(call)
    slots = {"time": voice.times.clock(at), "way": way(world, call.way, voice)}
    names = voice.listed(call.who)
    line = voice.t("duty.call", **slots, names=names) if names else voice.t("duty.call_nobody", **slots)
    if call.reason == NOT_CONNECTED:
        return Made(line, "unk", "", _failure_reason(call, voice), at)
    return Made(line, _LOOKS[call.end], voice.t(f"receipts.end_{call.end}"), _failure_reason(call, voice), at)


def _failure_reason(call: StaffNotification, voice: Translator) -> str:
    """Why it did not arrive; what is to be mended in a file is in another one than a channel's."""
    own = f"desk.duty.why.{call.reason}"
    key = own if own in voice.book.labels else f"receipt.reason.{call.reason}"
    return voice.label(key) if call.reason else ""


def queued(call: StaffNotification) -> datetime:
    """When it was owed. Raises ValueError for what never was."""
    if call.queued is None:
        raise ValueError(f"call {call.id} was never queued")
    return call.queued


def notification_label(world: Environment, call: StaffNotification, voice: Translator) -> str:
    """What a call is headed with on a timeline."""
    key = {NotificationReason.CLIMB: "duty.called", NotificationReason.ASKED: "duty.asked"}.get(call.cause, "duty.told")
    return voice.t(key, way=way(world, call.way, voice))


_LOOKS = {
    DeliveryStatus.WAITING: "unk",
    DeliveryStatus.SENDING: "unk",
    DeliveryStatus.SENT: "ok",
    DeliveryStatus.REFUSED: "down",
    DeliveryStatus.LOOK: "part",
    DeliveryStatus.SUPERSEDED: "unk",
}


def _roster_row(world: Environment, one: Standing, voice: Translator) -> Row:
    rota, times = one.rota, voice.times
    said = [voice.t("duty.fetched", time=times.day_clock(one.fetched))] if one.fetched else []
    said += [voice.t(f"duty.trouble.{one.trouble}")] if one.trouble else []
    others = [world.catalog.duty.people[id].name for id in world.catalog.duty.otherwise]
    if not rota.now:
        instead = [voice.t("duty.otherwise", names=voice.listed(others))] if others else []
        said = [voice.t("duty.nobody"), *instead, *said]
    return Row(
        name=world.catalog.duty.rosters[one.id].names.get(voice.language, one.id),
        now=[_somebody(person, voice) for person in rota.now],
        until=voice.t("duty.until", time=times.day_clock(rota.until)) if rota.until and rota.now else "",
        next=voice.t("duty.next", names=_people_names(rota.next, voice), time=times.day_clock(rota.begins))
        if rota.begins
        else voice.t("duty.nobody_next"),
        said=said,
    )


def _somebody(person: Responder, voice: Translator) -> Somebody:
    dialled = "".join(c for c in person.phone if c.isdigit() or c == "+")
    return Somebody(person.name, person.phone, dialled, "" if person.id else voice.t("duty.unknown"))


def _people_names(people: Sequence[Responder], voice: Translator) -> str:
    return voice.listed(person.name for person in people)
