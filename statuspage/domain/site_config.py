"""The types of site settings: the page itself, its readers, hosts, links and brand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal

from statuspage.domain.facts import NoticeKind

Withdrawal = Literal["follow_up", "delete", "edit"]


@dataclass(frozen=True, slots=True)
class ChannelSpec:
    """A channel, without its secrets.

    Prices are per post, in ``currency``. ``includes_link``: the page's address is part of the text.
    ``on_unknown_delivery`` says what to do if it is unknown whether a message was sent ("": the default of the channel
    type). ``withdrawal`` says what happens to earlier messages when a notice is withdrawn: a reply to them, their
    deletion, or an edit of the first one. ``options`` are specific to the channel type (a server, a room).
    ``is_enabled``: notices go there.
    """

    id: str
    type: str
    language: str
    medium: str
    account: str = ""
    notice_kinds: tuple[NoticeKind, ...] = ()
    includes_link: bool = True
    price_per_post: float = 0.0
    price_per_link: float = 0.0
    currency: str = "USD"
    on_unknown_delivery: Literal["", "resend", "review"] = ""
    withdrawal: Withdrawal = "follow_up"
    options: Mapping[str, str] = field(default_factory=dict)
    is_enabled: bool = True


def channel_type_name(type: str, labels: Mapping[str, str]) -> str:
    """The name of a channel type: from the desk's labels, else its id (``mattermost``)."""
    return labels.get(f"desk.type.{type}", type.replace("-", " ").title())


@dataclass(frozen=True, slots=True)
class HostSpec:
    """A host to which the public page is uploaded, without its secrets. ``options`` are specific to its type. Paths
    below ``kept_paths`` at the host, and hidden ones, are never changed."""

    id: str
    type: str
    options: Mapping[str, str]
    kept_paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Logo:
    """An image that can be embedded in a page: its media type, ``image/svg+xml`` or ``image/png``, and its bytes."""

    type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Link:
    """A link in the footer of each page, with its text in each language."""

    address: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Brand:
    """The branding of the page: ``accent`` is the colour of links, ``#rrggbb`` ("": the default). ``…_dark`` is for
    dark mode; a logo without a dark version is used for both."""

    logo: Logo | None = None
    logo_dark: Logo | None = None
    accent: str = ""
    accent_dark: str = ""
    links: tuple[Link, ...] = ()


class ContactNeed(StrEnum):
    """What a sentence that sends readers to the company needs: a phone number, or any way to reach it."""

    PHONE = "phone"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class Contact:
    """How customers reach the company, each "" if it is not said. ``hours`` are opening hours by language; "" as a
    language stands for all that have no other. ``emergency`` is the number to call in danger where its customers are.
    """

    phone: str = ""
    url: str = ""
    hours: Mapping[str, str] = field(default_factory=dict)
    emergency: str = ""

    def details(self, language: str) -> str:
        """Phone number, hours and address on one line; "" if there is nothing to say."""
        return " · ".join(filter(None, (self.phone, self.hours_in(language), self.url)))

    def meets(self, need: ContactNeed) -> bool:
        """Whether the company gives what a sentence needs."""
        return bool(self.phone or (self.url and need is ContactNeed.CONTACT))

    @property
    def phone_uri(self) -> str:
        """The phone number as a link: ``tel:`` with its digits and its leading plus sign."""
        digits = "".join(character for character in self.phone if character.isascii() and character.isdigit())
        return f"tel:{'+' if self.phone.lstrip(' (').startswith('+') else ''}{digits}"

    def hours_in(self, language: str) -> str:
        """The opening hours in this language."""
        return self.hours.get(language, self.hours.get("", ""))


NO_CONTACT = Contact()

NO_BRAND = Brand()
"""The default branding."""


@dataclass(frozen=True, slots=True)
class Targets:
    """What a month is compared with, beside the goal for the first report; None: no target.

    ``major_minutes`` is how long services may be unavailable in a month, ``promises_percent`` how many of the promised
    updates must come in time.
    """

    major_minutes: int | None = None
    promises_percent: int | None = None


NO_TARGETS = Targets()


@dataclass(frozen=True, slots=True)
class IssueRepository:
    """Where action items become issues: ``name`` is OWNER/NAME at GitHub; each new issue gets the ``labels``."""

    name: str
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many days records are kept that nothing published depends on, by kind."""

    audit_log: int = 1095
    refused_sign_ins: int = 90
    alerts: int = 365
    drafts: int = 30
    staff_notifications: int = 365
    unconfirmed_subscribers: int = 4
    subscription_emails: int = 30


DEFAULT_RETENTION = Retention()

MAX_RETENTION_DAYS = 36_500
"""The longest time that records can be kept: a hundred years."""

SHORTEST_RETENTION: Mapping[str, int] = {"staff_notifications": 30, "unconfirmed_subscribers": 4}
"""The fewest days for which a kind of record is kept, if more than one: what is sent to staff must not be sent again,
and whoever subscribes needs time to confirm."""


class Readers(StrEnum):
    """Who reads the page: what words they understand."""

    EVERYONE = "everyone"
    ENGINEERS = "engineers"


@dataclass(frozen=True, slots=True)
class Site:
    """The company's page.

    ``languages`` in order, the leading one first; ``desk_languages`` likewise for the desk. ``zone`` is an IANA name.
    ``incident_types`` is the order of tiles on the form. ``notice_goal`` is the goal from the alert to the first
    readable notice. ``placeholder_after`` is how long after an acknowledgement a placeholder notice is offered (0:
    never). ``address`` is the page's public URL ("" if unknown), ``homepage`` the company's own site. ``history_start``
    is the first day on record. ``product_hosts`` are hosts of the product, for the check of what the page shares with
    it. ``numbers_notices``: reports are numbered (第一報, 第二報, 最終報) instead of named. ``is_hosted_separately``:
    the company states that the page does not share the product's hosting. ``names_people_in_drills``: reports on drills
    name people instead of their roles. ``is_demo``: the company is invented, and every page and screen says so.
    ``targets`` are for the figures, ``issues`` is None if action items become no issues.
    ``retention`` says how long records are kept. ``security_contact`` is an address (``https:`` or ``mailto:``)
    for reports of vulnerabilities, "" if the page names none.
    """

    languages: tuple[str, ...]
    zone: str
    incident_types: tuple[str, ...]
    notice_goal: timedelta = timedelta(minutes=10)
    placeholder_after: timedelta = timedelta()
    address: str = ""
    homepage: str = ""
    history_start: date | None = None
    desk_languages: tuple[str, ...] = ()
    numbers_notices: bool = False
    product_hosts: tuple[str, ...] = ()
    is_hosted_separately: bool = False
    brand: Brand = NO_BRAND
    company: str = ""
    readers: Readers = Readers.EVERYONE
    allowed_words: tuple[str, ...] = ()
    contact: Contact = NO_CONTACT
    is_demo: bool = False
    names_people_in_drills: bool = False
    targets: Targets = NO_TARGETS
    issues: IssueRepository | None = None
    retention: Retention = DEFAULT_RETENTION
    security_contact: str = ""
