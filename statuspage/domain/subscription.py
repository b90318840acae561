"""Subscribers: what they want to receive, their status, and the emails about a subscription itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from statuspage.domain.facts import NoticeKind
from statuspage.domain.queue_item import QueueItem


class SubscriberType(StrEnum):
    """Where notices are sent."""

    EMAIL = "email"
    WEBHOOK = "webhook"


class SubscriberStatus(StrEnum):
    """PENDING: not confirmed yet. ACTIVE: receives notices. UNSUBSCRIBED: wants no more.

    SUPPRESSED: the address accepts nothing, or a member of staff ended the subscription.
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
    """Every notice, or only the first, the last, and what corrects or completes them."""

    ALL = "all"
    IMPORTANT = "important"


class Origin(StrEnum):
    """How we got the address: somebody filled in the form and confirmed, or it was imported with proof of consent."""

    FORM = "form"
    IMPORT = "import"


IMPORTANT = frozenset(
    {
        NoticeKind.FIRST,
        NoticeKind.RESOLVED,
        NoticeKind.CORRECTION,
        NoticeKind.WITHDRAWAL,
        NoticeKind.FOLLOW_UP,
        NoticeKind.ANNOUNCED,
        NoticeKind.EXTENDED,
        NoticeKind.FINISHED,
        NoticeKind.CANCELLED,
    }
)
"""The kinds of notice for subscribers who want only the important ones."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """What to send, in which language. ``services`` are service ids; empty means all services."""

    language: str
    services: tuple[str, ...] = ()
    topic: SubscriptionTopic = SubscriptionTopic.EVERYTHING
    level: SubscriptionLevel = SubscriptionLevel.ALL


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A person or program that subscribed. ``address`` is a normalised email address, or a webhook's URL.

    ``contact`` is the email address of whoever registered a webhook; for an email subscriber it is the address itself.
    ``seed`` goes into all of the subscriber's links, so that none outlives the row. ``secret`` signs webhook calls.
    ``consent`` says by whom, when and how consent was given, in the words of the import file or our own.
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
        """The email address at which a person can be reached."""
        return self.address if self.kind is SubscriberType.EMAIL else self.contact


def is_wanted(preferences: Preferences, notice: NoticeKind, *, services: Collection[str], is_maintenance: bool) -> bool:
    """Whether the subscriber wants this notice.

    ``services`` are all that the incident has affected so far, not only those of this notice, so that whoever was told
    that something began is told that it is over. A notice that names no service goes to everybody.
    """
    if preferences.level is SubscriptionLevel.IMPORTANT and notice not in IMPORTANT:
        return False
    if preferences.topic is (SubscriptionTopic.INCIDENTS if is_maintenance else SubscriptionTopic.MAINTENANCE):
        return False
    return not preferences.services or not services or any(service in preferences.services for service in services)


class SubscriptionEmailKind(StrEnum):
    """CONFIRM: asks to confirm. LINK: the link to the preferences, also for existing subscribers. STOPPED: a webhook
    that is no longer called, and why."""

    CONFIRM = "confirm"
    LINK = "link"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class SubscriptionEmail(QueueItem):
    """A row of the queue of subscription emails. ``subscriber`` is a number, None if no email is to be sent."""

    queued_at: datetime = field(kw_only=True)
    kind: SubscriptionEmailKind
    subscriber: int | None
    language: str
