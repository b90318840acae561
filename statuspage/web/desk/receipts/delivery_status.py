"""How a delivery stands, in marks, words and times, and what a person can do about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from statuspage.domain import Delivery, DeliveryStatus
from statuspage.storage import deliveries
from statuspage.web.desk.translations import Translator


@dataclass(frozen=True, slots=True)
class Hop:
    """One stage of the way: its time once reached."""

    label: str
    time: str
    look: str


@dataclass(frozen=True, slots=True)
class Act:
    """A button beside a delivery."""

    do: str
    label: str
    go: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A destination: how it stands, in marks, words and times."""

    id: int
    look: str
    icon: str
    name: str
    account: str
    hops: list[Hop]
    state: str
    lines: list[str]
    language: str = ""
    subject: str = ""
    text: str = ""
    acts: list[Act] = field(default_factory=list)
    links: list[dict[str, str]] = field(default_factory=list)


GOING = "going_out"
"""Why a notice to many waits between two turns."""

_CALM = ("", deliveries.AFTER_SITE, GOING, "put_off")
"""Reasons for waiting that are no failure."""


def look_of(delivery: Delivery) -> str:
    """The colour of it: done, in need of a look, failed, or under way."""
    if delivery.end is DeliveryStatus.REFUSED:
        return "down"
    if delivery.end is DeliveryStatus.LOOK:
        return "part"
    failed = delivery.end is DeliveryStatus.WAITING and delivery.attempts > 0 and delivery.reason not in _CALM
    return "down" if failed else "ok" if delivery.end is DeliveryStatus.SENT else ""


def hops(
    voice: Translator,
    sent: tuple[datetime | None, str],
    out: tuple[datetime | None, str],
    seen: tuple[datetime | None, str],
    look: str,
) -> list[Hop]:
    """Its way in stages, each with its time once reached."""
    stages = [stage for stage in (sent, out, seen) if stage[1]]
    reached = [at is not None for at, _ in stages]
    way = []
    for n, (at, label) in enumerate(stages):
        done = reached[n]
        broken = not done and look == "down" and reached[n - 1]
        ahead = "" if n + 1 < len(stages) and reached[n + 1] else " to-wait"
        mark = ("last" if n == len(stages) - 1 else "") if done else "bad" if broken else "wait"
        way.append(Hop(voice.t(f"receipts.hop_{label}"), voice.seconds(at) if at else "", (mark + ahead).strip()))
    return way


def state(delivery: Delivery, voice: Translator) -> str:
    """How it stands, in a word or two."""
    if is_going(delivery):
        return voice.t(f"receipts.end_{DeliveryStatus.SENDING}")
    failed = delivery.end is DeliveryStatus.WAITING and look_of(delivery) == "down"
    return voice.t("receipts.end_failing" if failed else f"receipts.end_{delivery.end}")


def is_going(delivery: Delivery) -> bool:
    """Whether it is being told to many, one turn after the other."""
    return delivery.end is DeliveryStatus.SENDING or (
        delivery.end is DeliveryStatus.WAITING and delivery.reason == GOING
    )


def lines(delivery: Delivery, voice: Translator) -> list[str]:
    """Why, when it is tried again, and the other side's own words."""
    said = [voice.label(f"receipt.reason.{delivery.why}")] if delivery.why else []
    if delivery.end is DeliveryStatus.WAITING and delivery.due and delivery.attempts and not is_going(delivery):
        said.append(voice.t("receipts.due", time=voice.seconds(delivery.due)))
    if delivery.end in (DeliveryStatus.REFUSED, DeliveryStatus.LOOK) or look_of(delivery) == "down":
        said.append(voice.t("receipts.kept"))
    return [*said, delivery.detail[:300]] if delivery.detail else said


def acts(delivery: Delivery, voice: Translator) -> list[Act]:
    """What a person can do."""
    match delivery.end:
        case DeliveryStatus.REFUSED:
            return [Act("again", voice.t("receipts.again"), go=True)]
        case DeliveryStatus.WAITING if look_of(delivery) == "down":
            return [Act("again", voice.t("receipts.again_now"), go=True)]
        case DeliveryStatus.LOOK:
            return [Act("there", voice.t("receipts.there")), Act("not_there", voice.t("receipts.not_there"))]
    return []
