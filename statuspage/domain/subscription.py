"""What a subscriber wants to hear, and their status."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from statuspage.domain.facts import NoticeKind


class SubscriberType(StrEnum):
    """Where a notice goes."""

    EMAIL = "email"
    WEBHOOK = "webhook"


class SubscriberStatus(StrEnum):
    """PENDING: has not confirmed. ACTIVE: gets notices. UNSUBSCRIBED: wants no more.

    SUPPRESSED: the address accepts nothing, or one of our staff ended it.
    """

    PENDING = "pending"
    ACTIVE = "active"
    UNSUBSCRIBED = "unsubscribed"
    SUPPRESSED = "suppressed"


class SubscriptionTopic(StrEnum):
    """What the subscription is about."""

    EVERYTHING = "everything"
    INCIDENTS = "incidents"
    MAINTENANCE = "maintenance"


class SubscriptionLevel(StrEnum):
    """Every notice, or only the beginning, the end, and corrections."""

    ALL = "all"
    IMPORTANT = "important"


class Origin(StrEnum):
    """How we got the address: somebody filled in the form and confirmed, or it was imported with its proof."""

    FORM = "form"
    IMPORT = "import"


IMPORTANT = frozenset(
    {
        NoticeKind.FIRST,
        NoticeKind.RESOLVED,
        NoticeKind.CORRECTION,
        NoticeKind.WITHDRAWAL,
        NoticeKind.ANNOUNCED,
        NoticeKind.EXTENDED,
        NoticeKind.FINISHED,
        NoticeKind.CANCELLED,
    }
)
"""The notices for subscribers who want only the important ones."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What to send, in which language. ``services`` are ids of services; none means all of them."""

    language: str
    services: tuple[str, ...] = ()
    topic: SubscriptionTopic = SubscriptionTopic.EVERYTHING
    level: SubscriptionLevel = SubscriptionLevel.ALL


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Somebody who asked to be told. ``address`` is a mail address as it is compared, or a webhook's URL.

    ``contact`` is the mail address of whoever registered a webhook; a mail address is its own. ``seed`` goes into
    every link of theirs, so that none outlives the row. ``secret`` signs what goes to a webhook. ``consent`` says by
    whom, when and how consent was given, in the words it was handed over with or in ours.
    """

    id: int
    kind: SubscriberType
    address: str
    preferences: Preferences
    status: SubscriberStatus
    origin: Origin
    created: datetime
    confirmed: datetime | None = None
    contact: str = ""
    seed: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    consent: Mapping[str, str] = field(default_factory=dict)

    @property
    def email_address(self) -> str:
        """The email address at which a person reads."""
        return self.address if self.kind is SubscriberType.EMAIL else self.contact


def is_wanted(preferences: Preferences, notice: NoticeKind, *, services: Collection[str], is_maintenance: bool) -> bool:
    """Whether this notice is one of those subscribed to.

    ``services`` are all that the incident has affected so far, not only those of this notice, so that whoever was told
    that something began is told that it is over. A notice that names no service concerns everybody.
    """
    if preferences.level is SubscriptionLevel.IMPORTANT and notice not in IMPORTANT:
        return False
    if preferences.topic is (SubscriptionTopic.INCIDENTS if is_maintenance else SubscriptionTopic.MAINTENANCE):
        return False
    return not preferences.services or not services or any(service in preferences.services for service in services)
