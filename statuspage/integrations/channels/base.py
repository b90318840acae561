"""The interface of a channel, and the few ways in which it can fail."""

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
    """What a message may be made from: the incident with its newest notice, the content it was written with, where the
    page is read ("": nowhere yet), and ``open_incidents``, all incidents that are not over, for channels that carry the
    whole state."""

    incident: Incident
    catalog: Catalog
    site_url: str = ""
    open_incidents: tuple[Incident, ...] = ()

    @property
    def notice(self) -> Notice:
        """The notice to send. Its words are approved; nothing in them is rendered again."""
        return self.incident.notices[-1].notice

    @property
    def published_at(self) -> datetime:
        """When it was published."""
        return self.incident.notices[-1].recorded

    def incident_url(self, language: str) -> str:
        """The incident's page in this language; "" while its address is unknown."""
        return f"{self.site_url}/{language}/incidents/{self.incident.id}/" if self.site_url else ""


class Unsent(Exception):
    """A channel did not give us a receipt. ``reason`` is a label's key, ``detail`` the other side's own words."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class Refused(Unsent):
    """The channel understood us and said no. Asking again will not help."""


class CredentialsInvalid(Refused):
    """Our credentials are invalid. Nothing goes out on this channel until somebody has corrected them."""


@dataclass(frozen=True, slots=True)
class Wait:
    """The other side's Retry-After: so many seconds, or until then, or nothing."""

    seconds: float | None = None
    until: datetime | None = None


class Unreachable(Unsent):
    """Nothing was sent. Try again later: after ``wait``, or by our own schedule."""

    def __init__(self, reason: str, detail: str = "", *, wait: Wait | None = None) -> None:
        super().__init__(reason, detail)
        self.wait = wait or Wait()


class DeliveryUnknown(Unsent):
    """It may have gone out. It needs review before we send it again."""


OnUnsure = Literal["key", "find", "resend", "review"]
"""What to do about a message whose delivery is unknown. *key*: sent again, since the other side recognises it by its
key. *find*: looked up by the program, and sent again if it is not there. *resend*: sent again, although it may then be
there twice. *review*: reviewed by a person."""


def on_unsure(spec: ChannelSpec, type_default: OnUnsure) -> OnUnsure:
    """The setting of this channel, else the default of its type. Nobody gives up a key or a lookup for it: content that
    says *resend* only decides if there is neither."""
    if spec.on_unknown_delivery == "review" or type_default in ("key", "find"):
        return spec.on_unknown_delivery if spec.on_unknown_delivery == "review" else type_default
    return spec.on_unknown_delivery or type_default


Message = Mapping[str, Any]
"""The request to the other side, field by field, ready to be sent."""


class Channel(Protocol):
    """A channel. Every method raises one of the errors above, and no other."""

    @property
    def spec(self) -> ChannelSpec:
        """Its name, language and medium."""

    @property
    def on_unsure(self) -> OnUnsure:
        """What to do when nobody knows whether a message went out."""

    def deliver(self, delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Receipt:
        """Sends it, as a reply to the channel's earlier messages; without the link if the page is not readable."""

    def probe(self) -> str:
        """The account of the credentials, as the other side names it. Sends nothing to customers."""


@dataclass(frozen=True, slots=True)
class SubscriberLinks:
    """The links of one subscriber: the address of the subscribers' pages, and the key that signs links to them."""

    site_url: str
    key: Key


class RecipientSender(Protocol):
    """Sends a message to one of many. Raises what channels raise; RecipientGone, Refused and RecipientDeferred are
    about this one alone. ``next_recipient``, if given, has to be the next unless the connection ends."""

    def __call__(self, recipient: Recipient, next_recipient: Recipient | None = None, /) -> None:
        """Returns when the other side has accepted it."""


class RecipientDeferred(Unreachable):
    """Of many, this one alone is to be retried later."""


class RecipientGone(Refused):
    """Of many, this one accepts nothing from us, now or ever."""


@runtime_checkable
class BulkChannel(Protocol):
    """A channel to many subscribers, each of whom gets a message of their own."""

    @property
    def subscription_kind(self) -> SubscriberType:
        """The kind of subscribers it goes to."""

    @property
    def connections(self) -> int:
        """How many are sent to at the same time."""

    @property
    def rate(self) -> float:
        """At most so many per second; 0: no limit."""

    @property
    def resends_when_unsure(self) -> bool:
        """Whether a recipient who may have got it is sent to again; else a person decides."""

    @property
    def failure_limit(self) -> int:
        """After so many failures in a row, all recipients are deferred for a while; 0: each stands alone."""

    @property
    def give_up_after(self) -> timedelta:
        """How long a recipient may be deferred before we give up."""

    def retry_delay(self, attempts: int, jitter: float) -> timedelta:
        """How long a recipient is deferred after so many attempts."""

    def connect(
        self,
        delivery: OutgoingMessage,
        thread: Thread | None,
        subscriber_links: SubscriberLinks,
        *,
        page_readable: bool,
    ) -> AbstractContextManager[RecipientSender]:
        """A connection for sending to one after the other. Raises Unreachable or CredentialsInvalid if there is
        none."""


@runtime_checkable
class Finds(Protocol):
    """A channel that can look a message up; whose ``on_unsure`` is *find*."""

    def find(self, delivery: OutgoingMessage, *, page_readable: bool) -> tuple[Receipt, ...]:
        """Messages on the other side with the same text, newest first."""


@runtime_checkable
class Deletes(Protocol):
    """A channel that can delete a message."""

    def delete(self, receipt: Receipt) -> None:
        """Deletes it; if it is gone already, that is no error."""


@runtime_checkable
class Edits(Protocol):
    """A channel that can rewrite a message."""

    def edit(self, earlier: Receipt, delivery: OutgoingMessage, *, page_readable: bool) -> Receipt:
        """Replaces the earlier message's text by this one's."""
