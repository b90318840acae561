"""How far a notice has got that goes to everybody who asked to be told."""

from __future__ import annotations

from statuspage.domain import BulkSend, ChannelSpec, Delivery, DeliveryStatus
from statuspage.integrations.channels import TYPES
from statuspage.storage import bulk_sends
from statuspage.usecases.environment import shared_status
from statuspage.web.desk import request_context
from statuspage.web.desk.translations import Translator


def lines(delivery: Delivery, spec: ChannelSpec | None, voice: Translator) -> list[str]:
    """What is to be said of it beside how it stands; nothing of what goes to one place alone."""
    if spec is None or not TYPES[spec.type].many:
        return []
    books = request_context.world().subscribers
    if books is None:
        return [_elsewhere(spec, voice)]
    with books.read() as tx:
        told = bulk_sends.of_notice(tx, delivery.incident, delivery.sequence)
    return [line for one in told if one.channel == delivery.channel for line in _counts(one, delivery, voice)]


def _counts(one: BulkSend, delivery: Delivery, voice: Translator) -> list[str]:
    going = delivery.end in (DeliveryStatus.WAITING, DeliveryStatus.SENDING)
    first = voice.t(
        "receipts.mailed_share" if going else "receipts.mailed", told=_grouped_number(one.told), share=one.share
    )
    odd = (("bounced", one.bounced), ("refused", one.refused + one.gave_up))
    return [first, *(voice.t(f"receipts.mailed_{key}", count=_grouped_number(count)) for key, count in odd if count)]


def _elsewhere(spec: ChannelSpec, voice: Translator) -> str:
    """Here nobody is told; how many would be, live has written down, or nobody knows."""
    path = request_context.world().live_summary
    found = shared_status.read_status(path) if path else None
    count = found.subscribers.get(spec.id) if found else None
    return (
        voice.t("receipts.mailed_unknown")
        if count is None
        else voice.t("receipts.mailed_would", count=_grouped_number(count))
    )


def _grouped_number(count: int) -> str:
    return f"{count:,}"
