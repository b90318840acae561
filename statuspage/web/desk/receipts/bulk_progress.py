"""How far a notice has got that goes to everybody who asked to be told."""

from __future__ import annotations

from statuspage.domain.bulk_send import Mailing
from statuspage.domain.catalog import ChannelSpec
from statuspage.domain.delivery import Delivery, End
from statuspage.integrations.channels import TYPES
from statuspage.storage import bulk_sends
from statuspage.usecases.environment import shared_status
from statuspage.web.desk import request_context
from statuspage.web.desk.translations import Voice


def lines(delivery: Delivery, spec: ChannelSpec | None, voice: Voice) -> list[str]:
    """What is to be said of it beside how it stands; nothing of what goes to one place alone."""
    if spec is None or not TYPES[spec.type].many:
        return []
    books = request_context.world().subscribers
    if books is None:
        return [_elsewhere(spec, voice)]
    with books.read() as tx:
        told = bulk_sends.of_notice(tx, delivery.incident, delivery.sequence)
    return [line for one in told if one.channel == delivery.channel for line in _counts(one, delivery, voice)]


def _counts(one: Mailing, delivery: Delivery, voice: Voice) -> list[str]:
    going = delivery.end in (End.WAITING, End.SENDING)
    first = voice.t("receipts.mailed_share" if going else "receipts.mailed", told=_number(one.told), share=one.share)
    odd = (("bounced", one.bounced), ("refused", one.refused + one.gave_up))
    return [first, *(voice.t(f"receipts.mailed_{key}", count=_number(count)) for key, count in odd if count)]


def _elsewhere(spec: ChannelSpec, voice: Voice) -> str:
    """Here nobody is told; how many would be, live has written down, or nobody knows."""
    path = request_context.world().live_summary
    found = shared_status.read(path) if path else None
    count = found.subscribers.get(spec.id) if found else None
    return (
        voice.t("receipts.mailed_unknown") if count is None else voice.t("receipts.mailed_would", count=_number(count))
    )


def _number(count: int) -> str:
    return f"{count:,}"
