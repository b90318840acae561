"""A notice's messages besides the page: each as its reader sees it, how it stands, what it cost, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from statuspage.domain import ChannelSpec, Delivery, DeliveryStatus, RecordedNotice
from statuspage.web.desk import request_context
from statuspage.web.desk.incidents import email_preview, leftover_messages
from statuspage.web.desk.notice_form import channel_picker
from statuspage.web.desk.notice_form.preview import price
from statuspage.web.desk.receipts import bulk_progress
from statuspage.web.desk.receipts.delivery_status import Row, acts, hops, is_going, lines, look_of, state
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
"""The sign of each type of channel; all others speak."""


def row(delivery: Delivery, notice: RecordedNotice, voice: Translator) -> Row:
    """One message."""
    spec = request_context.world().catalog.channels.get(delivery.channel)
    name, account = channel_picker.channel_name(request_context.world(), delivery.channel, voice)
    done = delivery.end is DeliveryStatus.SENT
    look = "ok" if done else look_of(delivery)
    posted = delivery.receipt.seen.get("posted") or (delivery.finished if done else None)
    return Row(
        id=delivery.id,
        look=look,
        icon=_icon(spec),
        name=name,
        account=account,
        hops=hops(voice, _first_hop(delivery), (posted, "posted"), (None, ""), look),
        state=voice.t("receipts.posted_state") if done else state(delivery, voice),
        lines=[
            *bulk_progress.lines(delivery, spec, voice),
            *(_notes_on(delivery, spec, voice) if done else lines(delivery, voice)),
        ],
        language=delivery.language,
        subject=delivery.payload.get("subject", ""),
        text=_outcome_text(delivery, spec, notice),
        acts=acts(delivery, voice),
        links=_links(delivery, voice),
    )


def away(notice: RecordedNotice, voice: Translator) -> list[Row]:
    """Channels that would carry it and are not connected: the words are there to be posted by hand."""
    return [_away(way, notice) for way in channel_picker.unready(request_context.world(), voice, notice.notice.notice)]


def _away(way: channel_picker.Way, notice: RecordedNotice) -> Row:
    spec = request_context.world().catalog.channels[way.channel]
    return Row(
        id=0,
        look="off",
        icon=_icon(spec),
        name=way.name,
        account=way.account,
        hops=[],
        state=way.state,
        lines=[],
        language=spec.language,
        text=_approved(spec, notice),
    )


def _icon(spec: ChannelSpec | None) -> str:
    return ICONS.get(spec.type, "say") if spec else "say"


def _notes_on(delivery: Delivery, spec: ChannelSpec | None, voice: Translator) -> list[str]:
    """What is worth knowing of a message that is out: what was odd, and what it cost."""
    note = delivery.receipt.note
    said = [voice.label(f"receipt.note.{note}")] if note else []
    cost = _cost(delivery, spec) if spec and not voice.book.marks.word else 0
    return [*said, voice.t("report.cost", price=price(cost, spec.currency))] if spec and cost else said


def _cost(delivery: Delivery, spec: ChannelSpec) -> float:
    return spec.price_link if "://" in _sent(delivery) else spec.price_post


def _sent(delivery: Delivery) -> str:
    """The text that went out: without its link where that is what happened."""
    bare = delivery.receipt.note == "no_link"
    return delivery.payload.get("plain" if bare else "text", "")


def _first_hop(delivery: Delivery) -> tuple[datetime | None, str]:
    """What was done with it so far: sent, tried in vain, or only queued."""
    if delivery.started is None:
        return delivery.queued, "queued"
    return delivery.started, "sent" if delivery.end is DeliveryStatus.SENT or is_going(delivery) else "tried"


def _outcome_text(delivery: Delivery, spec: ChannelSpec | None, notice: RecordedNotice) -> str:
    return _sent(delivery) or (_approved(spec, notice) if spec else "")


def _approved(spec: ChannelSpec, notice: RecordedNotice) -> str:
    words = notice.notice.words.get(spec.language)
    text = words.media.get(spec.medium) if words else None
    return text.body if text else ""


def _links(delivery: Delivery, voice: Translator) -> list[dict[str, str]]:
    there = (("open", leftover_messages.message_address(delivery)), ("letter", email_preview.preview_address(delivery)))
    return [{"href": at, "label": voice.t(f"receipts.{key}")} for key, at in there if at]
