"""The interface of a channel, and the errors it may raise."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol, runtime_checkable

from statuspage.domain import (
    Catalog,
    ChannelSpec,
    Incident,
    Key,
    Notice,
    OutgoingMessage,
    Receipt,
    Recipient,
    SubscriberType,
    Thread,
)


@dataclass(frozen=True, slots=True)
class NoticeContext:
    """The input for a message: the incident with its newest notice, the content it was written with, the page's address
    ("": unknown), and ``open_incidents``, all incidents that are not over, for channels that send the whole state."""

    incident: Incident
    catalog: Catalog
    site_url: str = ""
    open_incidents: tuple[Incident, ...] = ()

    @property
    def notice(self) -> Notice:
        """The notice to send. Its texts are approved and are not rendered again."""
        return self.incident.notices[-1].notice

    @property
    def published_at(self) -> datetime:
        """When it was published."""
        return self.incident.notices[-1].recorded

    def incident_url(self, language: str) -> str:
        """The incident's page in this language; "" while its address is unknown."""
        return f"{self.site_url}/{language}/incidents/{self.incident.id}/" if self.site_url else ""


class Unsent(Exception):
    """A channel returned no receipt. ``reason`` is a label's key, ``detail`` the other side's own message."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class Refused(Unsent):
    """The other side understood the message and rejected it. Retrying will not help."""


class CredentialsInvalid(Refused):
    """Our credentials are invalid. Nothing is sent on this channel until somebody has corrected them."""


@dataclass(frozen=True, slots=True)
class Wait:
    """The other side's Retry-After: a number of seconds, a time, or nothing."""

    seconds: float | None = None
    until: datetime | None = None


class Unreachable(Unsent):
    """Nothing was sent. Retry later: after ``wait``, or by our own schedule."""

    def __init__(self, reason: str, detail: str = "", *, wait: Wait | None = None) -> None:
        super().__init__(reason, detail)
        self.wait = wait or Wait()


class DeliveryUnknown(Unsent):
    """It may have been sent. It needs review before it is sent again."""


OnUnsure = Literal["key", "find", "resend", "review"]
"""What to do about a message whose delivery is unknown. *key*: send again, because the other side recognises it by its
idempotency key. *find*: look it up, and send again if it is not there. *resend*: send again, even if it may then be
there twice. *review*: a person decides."""


def on_unsure(spec: ChannelSpec, type_default: OnUnsure) -> OnUnsure:
    """The setting of this channel, else the default of its type. A key or a lookup is always used: *resend* in the
    content only counts if there is neither."""
    if spec.on_unknown_delivery == "review" or type_default in ("key", "find"):
        return spec.on_unknown_delivery if spec.on_unknown_delivery == "review" else type_default
    return spec.on_unknown_delivery or type_default


Message = Mapping[str, Any]
"""The request to the other side, field by field, ready to be sent."""


class Channel(Protocol):
    """A channel. Its methods raise only the errors above."""

    @property
    def spec(self) -> ChannelSpec:
        """Its name, language and medium."""

    @property
    def on_unsure(self) -> OnUnsure:
        """What to do if it is unknown whether a message was sent."""

    def deliver(self, delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Receipt:
        """Sends it, as a reply to the channel's earlier messages; without the link if the page is not readable."""

    def probe(self) -> str:
        """The account to which the credentials belong, as the other side names it. Sends nothing to customers."""


@dataclass(frozen=True, slots=True)
class SubscriberLinks:
    """Makes the links of one subscriber: the address of the subscriber pages, and the key that signs links to them."""

    site_url: str
    key: Key


class RecipientSender(Protocol):
    """Sends a message to one of many recipients.

    Raises the errors of channels; RecipientGone, Refused and RecipientDeferred concern only this recipient.
    ``next_recipient``, if given, must be the next one, unless the connection ends.
    """

    def __call__(self, recipient: Recipient, next_recipient: Recipient | None = None, /) -> None:
        """Returns once the other side has accepted it."""


class RecipientDeferred(Unreachable):
    """Only this recipient of many is to be retried later."""


class RecipientGone(Refused):
    """This recipient of many permanently accepts nothing from us."""


@runtime_checkable
class BulkChannel(Protocol):
    """A channel to many subscribers, each of whom gets a separate message."""

    @property
    def subscription_kind(self) -> SubscriberType:
        """The type of subscribers it sends to."""

    @property
    def connections(self) -> int:
        """How many connections are used at the same time."""

    @property
    def rate(self) -> float:
        """The maximum number per second; 0: no limit."""

    @property
    def resends_when_unsure(self) -> bool:
        """Whether to send again to a recipient who may have got it; otherwise a person decides."""

    @property
    def failure_limit(self) -> int:
        """After this many consecutive failures, all recipients are deferred for a while; 0: failures are
        independent."""

    @property
    def give_up_after(self) -> timedelta:
        """How long a recipient may be deferred before it is given up."""

    def retry_delay(self, attempts: int, jitter: float) -> timedelta:
        """How long a recipient is deferred after this many attempts."""

    def connect(
        self,
        delivery: OutgoingMessage,
        thread: Thread | None,
        subscriber_links: SubscriberLinks,
        *,
        page_readable: bool,
    ) -> AbstractContextManager[RecipientSender]:
        """A connection for sending to one recipient after the other. Raises Unreachable or CredentialsInvalid."""


@runtime_checkable
class Finds(Protocol):
    """A channel that can look up a message; its ``on_unsure`` is *find*."""

    def find(self, delivery: OutgoingMessage, *, page_readable: bool) -> tuple[Receipt, ...]:
        """Messages on the other side with the same text, newest first."""


@runtime_checkable
class Deletes(Protocol):
    """A channel that can delete a message."""

    def delete(self, receipt: Receipt) -> None:
        """Deletes it. Not an error if it is already gone."""


@runtime_checkable
class Edits(Protocol):
    """A channel that can edit a message."""

    def edit(self, earlier: Receipt, delivery: OutgoingMessage, *, page_readable: bool) -> Receipt:
        """Replaces the earlier message's text with this one's."""
