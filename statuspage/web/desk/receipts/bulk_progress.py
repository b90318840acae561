"""The progress of a notice that is sent to all subscribers."""

from __future__ import annotations

from statuspage.domain import BulkSend, ChannelSpec, Delivery, DeliveryStatus
from statuspage.integrations.channels import TYPES
from statuspage.storage import bulk_sends
from statuspage.usecases.environment import shared_status
from statuspage.web.desk import request_context
from statuspage.web.desk.translations import Translator


def progress_lines(delivery: Delivery, spec: ChannelSpec | None, translator: Translator) -> list[str]:
    """The lines beside its status; none for a message to a single recipient."""
    if spec is None or not TYPES[spec.type].subscription_kind:
        return []
    database = request_context.env().databases.subscribers
    if database is None:
        return [_would_be_told(spec, translator)]
    with database.read() as tx:
        sends = bulk_sends.bulk_sends_of_notice(tx, delivery.incident, delivery.sequence)
    return [
        line
        for bulk_send in sends
        if bulk_send.channel == delivery.channel
        for line in _progress_counts(bulk_send, delivery, translator)
    ]


def _progress_counts(bulk_send: BulkSend, delivery: Delivery, translator: Translator) -> list[str]:
    is_sending = delivery.status in (DeliveryStatus.WAITING, DeliveryStatus.SENDING)
    first_line = translator.t(
        "receipts.bulk_send_share" if is_sending else "receipts.bulk_send",
        delivered=_grouped_number(bulk_send.delivered),
        share=bulk_send.percent_done,
    )
    odd = (("bounced", bulk_send.bounced), ("refused", bulk_send.refused + bulk_send.gave_up))
    return [
        first_line,
        *(translator.t(f"receipts.bulk_send_{key}", count=_grouped_number(count)) for key, count in odd if count),
    ]


def _would_be_told(spec: ChannelSpec, translator: Translator) -> str:
    """How many would get it in a drill, from live's summary, or that this is unknown."""
    path = request_context.env().live_status_path
    summary = shared_status.read_status(path) if path else None
    count = summary.subscriber_counts.get(spec.id) if summary else None
    return (
        translator.t("receipts.bulk_send_unknown")
        if count is None
        else translator.t("receipts.bulk_send_would", count=_grouped_number(count))
    )


def _grouped_number(count: int) -> str:
    return f"{count:,}"
