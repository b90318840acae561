"""One message of a drill as its reader meets it: read from what lies in the sandbox."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from statuspage.domain import Delivery, DeliveryStatus, StaffNotification, type_name
from statuspage.integrations.channels import TYPES, Channel, Sandbox, with_names
from statuspage.usecases.delivery import as_delivery
from statuspage.web.desk import request_context
from statuspage.web.desk.incidents import email_preview
from statuspage.web.desk.notice_form import channel_picker
from statuspage.web.desk.receipts.messages import ICONS
from statuspage.web.desk.translations import Translator

SAID = ("title", "header", "text", "status", "content", "description", "body", "name", "value")
"""Keys under which a message of a chat holds what its readers read."""

LETTERS = ("mail", "subscribers")
CHATS = ("slack", "slack-webhook", "teams", "discord", "webhook", "subscriber-webhooks", "apprise")
"""Types of channels that are read as a letter, and in a chat; all others are read as posts."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message. ``look`` is letter, chat or post; ``lines`` what its reader reads; ``letter`` where the whole of a
    letter is looked at."""

    look: str
    icon: str
    name: str
    account: str
    language: str
    state: str
    subject: str
    lines: list[str]
    letter: str = ""


def of_notice(delivery: Delivery, voice: Translator) -> Sent:
    """A notice on one channel; what is still on its way is shown as it was frozen."""
    name, account = channel_picker.channel_name(request_context.world(), delivery.channel, voice)
    made = _sent_message(delivery, request_context.world().channels.get(delivery.channel), delivery.end, voice)
    return replace(made, name=name, account=account, letter=email_preview.preview_address(delivery))


def of_call(call: StaffNotification, voice: Translator) -> Sent:
    """A word to colleagues by one way; a letter says to whom, and a name stands where somebody is called."""
    world = request_context.world()
    spec, way = world.catalog.ways_inside.get(call.way), world.callers.get(call.way)
    if spec is None or way is None:
        return Sent("post", "say", call.way, "", voice.language, "", "", [call.payload.get("text", "")])
    made = _sent_message(as_delivery(call, way), way, call.end, voice)
    lines = [with_names(line, call.payload) for line in made.lines]
    account = call.payload.get("to", "") or spec.account
    return replace(made, name=type_name(spec.type, voice.book.labels), account=account, lines=lines)


def _sent_message(delivery: Delivery, channel: Channel | None, end: DeliveryStatus, voice: Translator) -> Sent:
    message: Mapping[str, Any] = channel.written(delivery) if isinstance(channel, Sandbox) else {}
    kind = channel.spec.type if channel else ""
    look = "letter" if kind in LETTERS else "chat" if kind in CHATS else "post"
    return Sent(
        look=look,
        icon=ICONS.get(kind, "say"),
        name="",
        account="",
        language=delivery.language,
        state=voice.t(f"receipts.end_{end}"),
        subject=delivery.payload.get("subject", "") if look == "letter" else "",
        lines=_readable_lines(kind, message) if message else [delivery.payload.get("text", "")],
    )


def _readable_lines(kind: str, message: Mapping[str, Any]) -> list[str]:
    """As its reader reads it: the type says so itself where a service has signs of its own."""
    reads = TYPES[kind].reads if kind in TYPES else None
    return [reads(message)] if reads else list(dict.fromkeys(_texts_of(message)))


def _texts_of(value: object, key: str = "text") -> Iterator[str]:
    """Every text of a message that its readers read, in the order in which it stands there."""
    match value:
        case str():
            if key in SAID and value.strip():
                yield value
        case Mapping():
            for name, inner in value.items():
                yield from _texts_of(inner, str(name))
        case list() | tuple():
            for inner in value:
                yield from _texts_of(inner, key)
