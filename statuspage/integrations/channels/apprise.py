"""Anything else that Apprise knows: a hundred services, at most once, with nothing but a yes or a no."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from statuspage.domain import ChannelSpec, Delivery, Receipt, Thread
from statuspage.integrations.channels.base import (
    CredentialsInvalid,
    DeliveryUnknown,
    Message,
    NoticeContext,
    OnUnsure,
    on_unsure,
)
from statuspage.integrations.channels.channel_type import ChannelType, chosen_text, note_of, texts
from statuspage.integrations.channels.staff_message import words
from statuspage.rendering.wording import unnamed

logging.getLogger("apprise").disabled = True  # it writes down addresses, which are secrets


def apprise_payload(told: NoticeContext, spec: ChannelSpec) -> Mapping[str, str]:
    """Both texts, and a subject for those services that have one."""
    return {**texts(told, spec), "subject": told.notice.words[spec.language].title}


def apprise_message(delivery: Delivery, thread: Thread | None, *, readable: bool) -> Message:
    """Subject and text as Apprise is handed them. What some services would read as a name calls nobody."""
    return {"title": unnamed(delivery.payload["subject"]), "body": unnamed(chosen_text(delivery, readable=readable))}


class Apprise:
    """One address of Apprise's. It has no key and cannot look: what failed may have gone out, and a person looks."""

    def __init__(self, spec: ChannelSpec, address: str) -> None:
        self.spec = spec
        self.on_unsure: OnUnsure = on_unsure(spec, "look")
        self._url = address

    def payload(self, told: NoticeContext) -> Mapping[str, str]:
        """Both texts, and a subject."""
        return apprise_payload(told, self.spec)

    def deliver(self, delivery: Delivery, thread: Thread | None, *, readable: bool) -> Receipt:
        """Hands it to Apprise, once. Of a failure it does not say how far it came."""
        sent = apprise_message(delivery, thread, readable=readable)
        library, service = self._opened()
        try:
            done = service.notify(**sent, body_format=library.NotifyFormat.TEXT)
        except Exception as error:  # whatever its plug-in for this service raises
            raise DeliveryUnknown("no_answer", type(error).__name__) from None
        if not done:
            raise DeliveryUnknown("no_answer", "Apprise says that it failed, and not how")
        return Receipt(note=note_of(delivery, readable=readable))

    def find(self, delivery: Delivery, *, readable: bool) -> tuple[Receipt, ...]:
        """Apprise cannot look."""
        return ()

    def probe(self) -> str:
        """Whether Apprise understands the address; only a message would prove more."""
        _, service = self._opened()
        return ", ".join(sorted(str(one.service_name) for one in service))

    def _opened(self) -> tuple[Any, Any]:
        try:
            import apprise
        except ImportError:
            raise CredentialsInvalid("not_installed", "pip install 'statuspage-desk[apprise]'") from None
        service = apprise.Apprise()
        if not service.add(self._url):
            raise CredentialsInvalid("credentials", "Apprise does not understand the address")
        return apprise, service


CHANNEL = ChannelType(
    payload=apprise_payload,
    message=apprise_message,
    open=lambda spec, secrets, _api, _bounds: Apprise(spec, secrets["url"]),
    secrets=("url",),
    inside=lambda said, spec: {**words(said, spec), "subject": said.title},
)
