"""What a channel is to us, and the few ways in which it can fail."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol, runtime_checkable

from statuspage.domain import (
    Catalog,
    ChannelSpec,
    Delivery,
    Incident,
    Key,
    Notice,
    Receipt,
    Recipient,
    SubscriberType,
    Thread,
)


@dataclass(frozen=True, slots=True)
class NoticeContext:
    """What a message may be made from: the incident with its newest notice, the content it was written with, where
    the page is read ("": nowhere yet), and ``open``, all incidents that are not over, for those who are told how
    everything stands."""

    incident: Incident
    catalog: Catalog
    site_url: str = ""
    open_incidents: tuple[Incident, ...] = ()

    @property
    def notice(self) -> Notice:
        """The notice to tell. Its words are approved; nothing in them is rendered again."""
        return self.incident.notices[-1].notice

    @property
    def published_at(self) -> datetime:
        """When it was published."""
        return self.incident.notices[-1].recorded

    def incident_url(self, language: str) -> str:
        """Where the incident is read in this language; "" while nobody knows where the page is."""
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
    """Our credentials do not hold. Nothing goes out on this channel until somebody has mended them."""


@dataclass(frozen=True, slots=True)
class Wait:
    """What the other side asks of us: so many seconds, or until then, or nothing."""

    seconds: float | None = None
    until: datetime | None = None


class Unreachable(Unsent):
    """Nothing left the building. Ask again later: after ``wait``, or as we see fit."""

    def __init__(self, reason: str, detail: str = "", *, wait: Wait | None = None) -> None:
        super().__init__(reason, detail)
        self.wait = wait or Wait()


class DeliveryUnknown(Unsent):
    """It may have gone out. Somebody has to look before we repeat ourselves."""


OnUnsure = Literal["key", "find", "resend", "look"]
"""What is done about a message nobody knows the fate of. *key*: sent again, since the other side knows by its key
that it has it already. *find*: looked for by ourselves, and sent again when it is not there. *resend*: sent again,
although it may then be there twice. *look*: looked for by a person."""


def on_unsure(spec: ChannelSpec, type_default: OnUnsure) -> OnUnsure:
    """What this channel does: what its content says, else what suits its type. Nobody gives up a key or a look for it:
    content that says *resend* only decides where there is neither."""
    if spec.on_unknown_delivery == "look" or type_default in ("key", "find"):
        return spec.on_unknown_delivery if spec.on_unknown_delivery == "look" else type_default
    return spec.on_unknown_delivery or type_default


Message = Mapping[str, Any]
"""What the other side will be handed, field by field, ready to be sent."""


class Channel(Protocol):
    """A way out. Every verb raises one of the errors above, and no other."""

    @property
    def spec(self) -> ChannelSpec:
        """Its name, language and medium."""
        ...

    @property
    def on_unsure(self) -> OnUnsure:
        """What to do when nobody knows whether a message went out."""
        ...

    def payload(self, context: NoticeContext) -> Mapping[str, str]:
        """What is frozen in the queue: everything its message may need of the approved notice. *text* is what its
        readers get, *plain* the same without the link."""
        ...

    def deliver(self, delivery: Delivery, thread: Thread | None, *, page_readable: bool) -> Receipt:
        """Sends it, below what the channel has told before; without the link when the page is not readable."""
        ...

    def find(self, delivery: Delivery, *, page_readable: bool) -> tuple[Receipt, ...]:
        """Messages on the other side that read as this one would, newest first. Asked where ``on_unsure`` is *find*."""
        ...

    def probe(self) -> str:
        """Whose account the credentials open, as the other side names it. Tells customers nothing."""
        ...


@dataclass(frozen=True, slots=True)
class SubscriberLinks:
    """How one subscriber reaches their own pages: the address of those, and the key that marks links to them."""

    site_url: str
    key: Key


class RecipientSender(Protocol):
    """Hands a message to one of many. Raises what channels raise: Gone and Refused are about this one alone, PutOff
    too. Who comes ``then``, where that is said, has to be the next unless the line ends."""

    def __call__(self, recipient: Recipient, next_recipient: Recipient | None = None, /) -> None:
        """Returns when the other side has taken it."""
        ...


class RecipientDeferred(Unreachable):
    """Of many, this one alone is to be told later."""


class RecipientGone(Refused):
    """Of many, this one takes nothing from us, now or ever."""


@runtime_checkable
class BulkChannel(Protocol):
    """A channel to many, who asked to be told and of whom each is told apart."""

    @property
    def subscription_kind(self) -> SubscriberType:
        """To which subscribers it goes."""
        ...

    @property
    def connections(self) -> int:
        """How many are told at the same time."""
        ...

    @property
    def rate(self) -> float:
        """At most so many a second; 0: as fast as it goes."""
        ...

    @property
    def resends_when_unsure(self) -> bool:
        """Whether who may have been told is told again; else a person decides."""
        ...

    @property
    def failure_limit(self) -> int:
        """After so many in a row who were not told, all are left alone for a while; 0: each stands alone."""
        ...

    @property
    def give_up_after(self) -> timedelta:
        """How long somebody may be put off before we give them up."""
        ...

    def retry_delay(self, attempts: int, jitter: float) -> timedelta:
        """How long somebody is put off after so many attempts."""
        ...

    def connect(
        self, delivery: Delivery, thread: Thread | None, subscriber_links: SubscriberLinks, *, page_readable: bool
    ) -> AbstractContextManager[RecipientSender]:
        """A connection over which one after the other is told. Raises Unreachable or AuthBroken where there is none."""
        ...


@runtime_checkable
class Deletes(Protocol):
    """A channel that can take a message away."""

    def delete(self, receipt: Receipt) -> None:
        """Takes it away; what is gone already is no error."""
        ...


@runtime_checkable
class Edits(Protocol):
    """A channel that can rewrite a message."""

    def edit(self, earlier: Receipt, delivery: Delivery, *, page_readable: bool) -> Receipt:
        """The earlier message now reads as this one would."""
        ...
