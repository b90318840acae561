"""The definition of one channel type, a single value at the end of its module."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID, uuid5

from statuspage.domain import ChannelSpec, OutgoingMessage, SubscriberType, Thread, Withdrawal
from statuspage.integrations.channels.base import Channel, Message, NoticeContext
from statuspage.integrations.channels.staff_message import StaffMessageContent
from statuspage.integrations.channels.timeouts import Timeouts
from statuspage.serialization import to_json_value


@dataclass(frozen=True, slots=True)
class Option:
    """A key of ``channels.toml`` specific to one channel type. Without a ``default`` it is required; ``choices`` are
    the allowed values (none: any text)."""

    default: str | None = ""
    choices: tuple[str, ...] = ()


class MessageBuilder(Protocol):
    """Makes the message for the other side from a frozen payload."""

    def __call__(self, delivery: OutgoingMessage, thread: Thread | None, /, *, page_readable: bool) -> Message:
        """The message, in reply to the channel's earlier ones; without the link if the page is not readable."""


@dataclass(frozen=True, slots=True)
class ChannelType:
    """The definition of one channel type.

    ``payload`` takes from the approved notice what its messages need; ``message`` makes the request from it; ``open``
    opens the channel for a spec, its secrets by short name, another host ("": the default) and the timeouts.
    ``secrets`` are required; ``optional_secrets`` are passed on if they are set. ``withdrawals`` is what the type can
    do with earlier messages besides a reply. ``readable_text`` returns what people read of a message, if that is not
    simply its texts. ``check_options`` returns the errors in its table of ``channels.toml``: key → one sentence.
    ``staff_payload`` makes from a staff notification what ``message`` takes; None if the type is only for customers.
    ``event_payload`` does the same with an event for a program; None if people read what it sends.
    ``subscription_kind``: it sends to all subscribers of this type.
    """

    payload: Callable[[NoticeContext, ChannelSpec], Mapping[str, str]]
    message: MessageBuilder
    open: Callable[[ChannelSpec, Mapping[str, str], str, Timeouts], Channel]
    secrets: tuple[str, ...] = ()
    optional_secrets: tuple[str, ...] = ()
    options: Mapping[str, Option] = field(default_factory=dict)
    withdrawals: tuple[Withdrawal, ...] = ()
    readable_text: Callable[[Message], str] | None = None
    check_options: Callable[[ChannelSpec], Mapping[str, str]] = lambda _: {}
    staff_payload: Callable[[StaffMessageContent, ChannelSpec], Mapping[str, str]] | None = None
    event_payload: Callable[[Mapping[str, object]], Mapping[str, str]] | None = None
    subscription_kind: SubscriberType | None = None


def notice_texts(context: NoticeContext, spec: ChannelSpec) -> Mapping[str, str]:
    """Both texts of a notice: *text* as approved, *plain* without the link (medium ``…_nolink``)."""
    media = context.notice.texts[spec.language].media
    plain = media.get(f"{spec.medium}_nolink", media[spec.medium]).body
    return {"text": media[spec.medium].body if spec.includes_link else plain, "plain": plain}


def chosen_text(delivery: OutgoingMessage, *, page_readable: bool) -> str:
    """The text to send."""
    return delivery.payload["text" if page_readable else "plain"]


def receipt_note(delivery: OutgoingMessage, *, page_readable: bool) -> str:
    """The key of a receipt note: *no_link* if the text was sent without its link."""
    return "" if page_readable or delivery.payload["plain"] == delivery.payload["text"] else "no_link"


_NAMESPACE = UUID("5b1f3c1e-6f0c-4c57-9a52-0d5f5f7a2a10")
"""The namespace of our keys (RFC 9562, 6.5). It is arbitrary but must never change."""


def idempotency_key(delivery: OutgoingMessage) -> UUID:
    """The same key for every attempt at this delivery, and for no other: made from its identity and its words."""
    identity = [delivery.thread_key, delivery.sequence, delivery.channel, delivery.language]
    return uuid5(
        _NAMESPACE, json.dumps([*identity, to_json_value(delivery.payload)], ensure_ascii=False, sort_keys=True)
    )
