"""The status of a delivery as mark, words and times, and the actions for people."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from statuspage.domain import NEEDS_PERSON, Delivery, DeliveryStatus
from statuspage.storage import deliveries
from statuspage.web.desk.translations import Translator


@dataclass(frozen=True, slots=True)
class Hop:
    """One stage of the delivery, with its time once reached."""

    label: str
    time: str
    style: str


@dataclass(frozen=True, slots=True)
class DeliveryAction:
    """A button beside a delivery."""

    action: str
    label: str
    is_retry: bool = False
    is_primary: bool = False


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A destination, with its status as mark, words and times. ``settings`` is where its settings are corrected, "" if
    they are not what is wrong."""

    id: int
    tone: str
    icon: str
    name: str
    account: str
    hops: list[Hop]
    state: str
    lines: list[str]
    language: str = ""
    subject: str = ""
    text: str = ""
    actions: list[DeliveryAction] = field(default_factory=list)
    links: list[dict[str, str]] = field(default_factory=list)
    settings: str = ""
    time: str = ""

    @property
    def has_primary(self) -> bool:
        """Whether there is something to do about it that can succeed now."""
        return bool(self.settings) or any(action.is_primary for action in self.actions)


GOING_OUT = "sending_in_turns"
"""Why a bulk send waits between two turns."""

_CALM_REASONS = ("", deliveries.AFTER_SITE, GOING_OUT, "deferred")
"""Reasons for waiting that are not failures."""


def delivery_tone(delivery: Delivery) -> str:
    """The colour of its status: done, needs review, failed, or in progress."""
    if delivery.status is DeliveryStatus.FAILED:
        return "down"
    if delivery.status is DeliveryStatus.NEEDS_REVIEW:
        return "part"
    failed = (
        delivery.status is DeliveryStatus.WAITING and delivery.attempts > 0 and delivery.reason not in _CALM_REASONS
    )
    return "down" if failed else "ok" if delivery.status is DeliveryStatus.DELIVERED else ""


def delivery_hops(
    translator: Translator,
    sent: tuple[datetime | None, str],
    out: tuple[datetime | None, str],
    seen: tuple[datetime | None, str],
    tone: str,
) -> list[Hop]:
    """Its stages, each with its time once reached."""
    stages = [stage for stage in (sent, out, seen) if stage[1]]
    reached = [at is not None for at, _ in stages]
    steps = []
    for n, (at, label) in enumerate(stages):
        is_reached = reached[n]
        is_broken = not is_reached and tone == "down" and reached[n - 1]
        ahead = "" if n + 1 < len(stages) and reached[n + 1] else " to-wait"
        style = ("last" if n == len(stages) - 1 else "") if is_reached else "bad" if is_broken else "wait"
        steps.append(
            Hop(
                translator.t(f"receipts.hop_{label}"),
                translator.clock_seconds(at) if at else "",
                (style + ahead).strip(),
            )
        )
    return steps


def state_text(delivery: Delivery, translator: Translator) -> str:
    """The status in a word or two."""
    if is_going(delivery):
        return translator.t(f"receipts.end_{DeliveryStatus.SENDING}")
    failed = delivery.status is DeliveryStatus.WAITING and delivery_tone(delivery) == "down"
    return translator.t("receipts.end_failing" if failed else f"receipts.end_{delivery.status}")


def is_going(delivery: Delivery) -> bool:
    """Whether a bulk send is in progress, turn by turn."""
    return delivery.status is DeliveryStatus.SENDING or (
        delivery.status is DeliveryStatus.WAITING and delivery.reason == GOING_OUT
    )


def status_lines(delivery: Delivery, translator: Translator) -> list[str]:
    """The reason, when it is retried, and the other side's own message."""
    sentences = [translator.label(f"receipt.reason.{delivery.status_reason}")] if delivery.status_reason else []
    if delivery.status is DeliveryStatus.WAITING and delivery.retry_at and delivery.attempts and not is_going(delivery):
        sentences.append(translator.t("receipts.next_attempt", time=translator.clock_seconds(delivery.retry_at)))
    if delivery.status in (DeliveryStatus.FAILED, DeliveryStatus.NEEDS_REVIEW) or delivery_tone(delivery) == "down":
        sentences.append(translator.t("receipts.text_kept"))
    return [*sentences, delivery.detail[:300]] if delivery.detail else sentences


def needs_correction(delivery: Delivery) -> bool:
    """Whether sending it again fails until somebody has corrected something else."""
    return delivery.status_reason in NEEDS_PERSON


def delivery_actions(delivery: Delivery, translator: Translator) -> list[DeliveryAction]:
    """The actions offered to people."""
    match delivery.status:
        case DeliveryStatus.FAILED:
            return [DeliveryAction("retry", translator.t("receipts.retry"), True, not needs_correction(delivery))]
        case DeliveryStatus.WAITING if delivery_tone(delivery) == "down":
            return [DeliveryAction("retry", translator.t("receipts.retry_now"), True, not needs_correction(delivery))]
        case DeliveryStatus.NEEDS_REVIEW:
            return [
                DeliveryAction("delivered", translator.t("receipts.delivered")),
                DeliveryAction("not_delivered", translator.t("receipts.not_delivered")),
            ]
    return []
