"""Sends through any of the hundred services that Apprise supports, at most once. Apprise only reports success or
failure."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from statuspage.domain import ChannelSpec, OutgoingMessage, Receipt, Thread
from statuspage.integrations.channels.base import (
    CredentialsInvalid,
    DeliveryUnknown,
    Message,
    NoticeContext,
    OnUnsure,
    on_unsure,
)
from statuspage.integrations.channels.channel_type import ChannelType, chosen_text, notice_texts, receipt_note
from statuspage.integrations.channels.staff_message import staff_text_payload
from statuspage.rendering.wording import neutralize_mentions

logging.getLogger("apprise").disabled = True  # it logs addresses, which are secrets


def apprise_payload(context: NoticeContext, spec: ChannelSpec) -> Mapping[str, str]:
    """Both texts, and a subject for services that have one."""
    return {**notice_texts(context, spec), "subject": context.notice.texts[spec.language].title}


def apprise_message(delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Message:
    """Subject and text for Apprise. Characters that some services would read as a mention are neutralised."""
    return {
        "title": neutralize_mentions(delivery.payload["subject"]),
        "body": neutralize_mentions(chosen_text(delivery, page_readable=page_readable)),
    }


class Apprise:
    """One Apprise address. It has no idempotency key and no lookup: a failed message may have been sent and needs
    review."""

    def __init__(self, spec: ChannelSpec, address: str) -> None:
        self.spec = spec
        self.on_unsure: OnUnsure = on_unsure(spec, "review")
        self._service_url = address

    def deliver(self, delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Receipt:
        """Sends it with Apprise, once. After a failure it is unknown whether it was sent."""
        message = apprise_message(delivery, thread, page_readable=page_readable)
        library, service = self._open_service()
        try:
            is_sent = service.notify(**message, body_format=library.NotifyFormat.TEXT)
        except Exception as error:  # whatever the plug-in for this service raises
            raise DeliveryUnknown("no_response", type(error).__name__) from None
        if not is_sent:
            raise DeliveryUnknown("no_response", "Apprise says that it failed, and not how")
        return Receipt(note_key=receipt_note(delivery, page_readable=page_readable))

    def probe(self) -> str:
        """Checks that Apprise accepts the address; only a message would prove more."""
        _, service = self._open_service()
        return ", ".join(sorted(str(plugin.service_name) for plugin in service))

    def _open_service(self) -> tuple[Any, Any]:
        try:
            import apprise
        except ImportError:
            raise CredentialsInvalid("not_installed", "pip install 'statuspage-desk[apprise]'") from None
        service = apprise.Apprise()
        if not service.add(self._service_url):
            raise CredentialsInvalid("credentials", "Apprise does not understand the address")
        return apprise, service


CHANNEL = ChannelType(
    payload=apprise_payload,
    message=apprise_message,
    open=lambda spec, secrets, _api, _timeouts: Apprise(spec, secrets["url"]),
    secrets=("url",),
    staff_payload=lambda content, spec: {**staff_text_payload(content, spec), "subject": content.title},
)
