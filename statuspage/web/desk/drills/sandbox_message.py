"""One message of a drill as its recipient would see it, read from the sandbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from statuspage.domain import Delivery, DeliveryStatus, OutgoingMessage, StaffNotification, channel_type_name
from statuspage.integrations.channels import TYPES, Channel, Sandbox, with_names
from statuspage.web.desk import request_context
from statuspage.web.desk.incidents import email_preview
from statuspage.web.desk.notice_form import channel_picker
from statuspage.web.desk.receipts.messages import ICONS
from statuspage.web.desk.translations import Translator

TEXT_KEYS = ("title", "header", "text", "status", "content", "description", "body", "name", "value")
"""Keys of a chat message's texts."""

EMAIL_TYPES = ("mail", "subscribers")
CHAT_TYPES = ("slack", "slack-webhook", "teams", "discord", "webhook", "subscriber-webhooks", "apprise")
"""Channel types shown as an email, and as a chat; all others are shown as posts."""


@dataclass(frozen=True, slots=True)
class SandboxMessage:
    """A message. ``style`` is email, chat or post; ``lines`` its text; ``email_link`` the page with the whole email."""

    style: str
    icon: str
    name: str
    account: str
    language: str
    state: str
    subject: str
    lines: list[str]
    email_link: str = ""


def notice_message(delivery: Delivery, translator: Translator) -> SandboxMessage:
    """A notice on one channel; if it is still queued, its frozen payload is shown."""
    name, account = channel_picker.channel_name(request_context.env().site.catalog, delivery.channel, translator)
    message = _sent_message(
        delivery, request_context.env().senders.channels.get(delivery.channel), delivery.status, translator
    )
    return replace(message, name=name, account=account, email_link=email_preview.preview_address(delivery))


def notification_message(notification: StaffNotification, translator: Translator) -> SandboxMessage:
    """A staff notification on one channel. An email shows its recipient, other messages the names of those
    mentioned."""
    env = request_context.env()
    spec = env.site.catalog.notification_channels.get(notification.channel)
    channel = env.senders.staff_channels.get(notification.channel)
    if spec is None or channel is None:
        return SandboxMessage(
            "post", "say", notification.channel, "", translator.language, "", "", [notification.payload.get("text", "")]
        )
    message = _sent_message(notification, channel, notification.status, translator)
    lines = [with_names(line, notification.payload) for line in message.lines]
    account = notification.payload.get("to", "") or spec.account
    return replace(message, name=channel_type_name(spec.type, translator.pack.labels), account=account, lines=lines)


def _sent_message(
    delivery: OutgoingMessage, channel: Channel | None, status: DeliveryStatus, translator: Translator
) -> SandboxMessage:
    message: Mapping[str, Any] = channel.read_message(delivery) if isinstance(channel, Sandbox) else {}
    channel_type = channel.spec.type if channel else ""
    style = "email" if channel_type in EMAIL_TYPES else "chat" if channel_type in CHAT_TYPES else "post"
    return SandboxMessage(
        style=style,
        icon=ICONS.get(channel_type, "say"),
        name="",
        account="",
        language=delivery.language,
        state=translator.t(f"receipts.end_{status}"),
        subject=delivery.payload.get("subject", "") if style == "email" else "",
        lines=readable_lines(channel_type, message) if message else [delivery.payload.get("text", "")],
    )


def readable_lines(channel_type: str, message: Mapping[str, Any]) -> list[str]:
    """The text as its recipient sees it, converted by the channel type if its service has its own markup."""
    read_message = TYPES[channel_type].readable_text if channel_type in TYPES else None
    return [read_message(message)] if read_message else list(dict.fromkeys(_texts_of(message)))


def _texts_of(value: object, key: str = "text") -> Iterator[str]:
    """Every visible text of a message, in order."""
    match value:
        case str():
            if key in TEXT_KEYS and value.strip():
                yield value
        case Mapping():
            for name, inner in value.items():
                yield from _texts_of(inner, str(name))
        case list() | tuple():
            for inner in value:
                yield from _texts_of(inner, key)
