"""The messages of a notice besides the page: each as its recipients see it, with status, cost and actions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from flask import url_for

from statuspage.domain import ChannelSpec, Delivery, DeliveryStatus, RecordedNotice
from statuspage.web.desk import permissions, request_context
from statuspage.web.desk.incidents import email_preview, leftover_messages
from statuspage.web.desk.notice_form import channel_picker
from statuspage.web.desk.notice_form.preview import format_price
from statuspage.web.desk.receipts import bulk_progress
from statuspage.web.desk.receipts.delivery_status import (
    ReceiptRow,
    delivery_actions,
    delivery_hops,
    delivery_tone,
    is_going,
    state_text,
    status_lines,
)
from statuspage.web.desk.translations import Translator

ICONS: Mapping[str, str] = {
    "x": "x",
    "mail": "mail",
    "subscribers": "mail",
    "slack": "slack",
    "slack-webhook": "slack",
    "teams": "slack",
    "discord": "slack",
    "webhook": "ext",
    "subscriber-webhooks": "ext",
}
"""The icon of each channel type; all others have a speech bubble."""

SETTINGS_REASONS = ("credentials", "no_destination", "no_tls", "not_installed", "no_channel")
"""Failures whose cause is in the channel's settings."""


def receipt_row(delivery: Delivery, notice: RecordedNotice, translator: Translator) -> ReceiptRow:
    """One message."""
    spec = request_context.env().site.catalog.find_channel(delivery.channel)
    name, account = channel_picker.channel_name(request_context.env().site.catalog, delivery.channel, translator)
    is_sent = delivery.status is DeliveryStatus.DELIVERED
    tone = "ok" if is_sent else delivery_tone(delivery)
    posted = delivery.receipt.checked_at.get("posted") or (delivery.finished_at if is_sent else None)
    return ReceiptRow(
        id=delivery.id,
        tone=tone,
        icon=_icon(spec),
        name=name,
        account=account,
        hops=delivery_hops(translator, _first_hop(delivery), (posted, "posted"), (None, ""), tone),
        state=translator.t("receipts.posted_state") if is_sent else state_text(delivery, translator),
        lines=[
            *bulk_progress.progress_lines(delivery, spec, translator),
            *(_notes_on(delivery, spec, translator) if is_sent else status_lines(delivery, translator)),
        ],
        language=delivery.language,
        subject=delivery.payload.get("subject", ""),
        text=_outcome_text(delivery, spec, notice),
        actions=delivery_actions(delivery, translator),
        links=_links(delivery, translator),
        settings=_settings_of(delivery),
        time=translator.clock_seconds(posted) if posted else "",
    )


def unaddressed_rows(notice: RecordedNotice, translator: Translator) -> list[ReceiptRow]:
    """Connected channels to which nothing is sent while the page has no public address."""
    return [
        replace(_unconnected_row(row, notice), tone="part", lines=[translator.label("receipt.reason.no_address")])
        for row in _unready(notice, translator)
        if _lacks_address(row)
    ]


def unconnected_rows(notice: RecordedNotice, translator: Translator) -> list[ReceiptRow]:
    """Channels that would carry it but are not connected: their text can be posted by hand."""
    return [_unconnected_row(row, notice) for row in _unready(notice, translator) if not _lacks_address(row)]


def _unready(notice: RecordedNotice, translator: Translator) -> list[channel_picker.ChannelRow]:
    return channel_picker.unready_channels(request_context.env(), translator, notice.notice.notice)


def _lacks_address(row: channel_picker.ChannelRow) -> bool:
    return request_context.env().senders.unready_channels[row.channel] == "no_address"


def _unconnected_row(channel_row: channel_picker.ChannelRow, notice: RecordedNotice) -> ReceiptRow:
    spec = request_context.env().site.catalog.channels[channel_row.channel]
    return ReceiptRow(
        id=0,
        tone="off",
        icon=_icon(spec),
        name=channel_row.name,
        account=channel_row.account,
        hops=[],
        state=channel_row.state,
        lines=[],
        language=spec.language,
        text=_approved_text(spec, notice),
    )


def _icon(spec: ChannelSpec | None) -> str:
    return ICONS.get(spec.type, "say") if spec else "say"


def _notes_on(delivery: Delivery, spec: ChannelSpec | None, translator: Translator) -> list[str]:
    """Notes on a sent message: irregularities, and its cost."""
    note = delivery.receipt.note_key
    notes = [translator.label(f"receipt.note.{note}")] if note else []
    cost = _cost(delivery, spec) if spec and not translator.pack.marks.word else 0
    return [*notes, translator.t("report.cost", price=format_price(cost, spec.currency))] if spec and cost else notes


def _cost(delivery: Delivery, spec: ChannelSpec) -> float:
    return spec.price_per_link if "://" in _sent_text(delivery) else spec.price_per_post


def _sent_text(delivery: Delivery) -> str:
    """The text that was sent, without its link if it was sent that way."""
    bare = delivery.receipt.note_key == "no_link"
    return delivery.payload.get("plain" if bare else "text", "")


def _first_hop(delivery: Delivery) -> tuple[datetime | None, str]:
    """The last stage so far: sent, tried without success, or only queued."""
    if delivery.started_at is None:
        return delivery.queued_at, "queued"
    return delivery.started_at, "sent" if delivery.status is DeliveryStatus.DELIVERED or is_going(delivery) else "tried"


def _outcome_text(delivery: Delivery, spec: ChannelSpec | None, notice: RecordedNotice) -> str:
    return _sent_text(delivery) or (_approved_text(spec, notice) if spec else "")


def _approved_text(spec: ChannelSpec, notice: RecordedNotice) -> str:
    notice_text = notice.notice.texts.get(spec.language)
    medium_text = notice_text.media.get(spec.medium) if notice_text else None
    return medium_text.body if medium_text else ""


def _settings_of(delivery: Delivery) -> str:
    """The page where the reader corrects the channel's settings; "" if it is not theirs, or they are not the cause."""
    is_theirs = permissions.is_allowed(request_context.signed_in_account().role, "channel_settings.change_channel")
    has_files = bool(request_context.env().content_source.folder)
    is_cause = delivery.status is not DeliveryStatus.DELIVERED and delivery.status_reason in SETTINGS_REASONS
    if not (is_cause and has_files and is_theirs):
        return ""
    return url_for("channel_settings.show_channel", channel=delivery.channel)


def _links(delivery: Delivery, translator: Translator) -> list[dict[str, str]]:
    targets = (
        ("open", leftover_messages.message_address(delivery)),
        ("email", email_preview.preview_address(delivery)),
    )
    return [{"href": address, "label": translator.t(f"receipts.{key}")} for key, address in targets if address]
