"""The types of prepared content: written in calm times, read during an incident."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from statuspage.domain.alert import AlertRule, GroupingRules, JsonMapping
from statuspage.domain.drill_scenario import Scenario
from statuspage.domain.facts import MAINTENANCE, Affected, NoticeKind, State
from statuspage.domain.glossary import Glossary
from statuspage.domain.on_call import OnCallPolicy
from statuspage.domain.runbook import Runbook
from statuspage.domain.service_words import NO_TEMPLATES, ServiceTemplates, ServiceWords
from statuspage.domain.site_config import NO_BRAND, Brand, HostSpec


@dataclass(frozen=True, slots=True)
class Site:
    """The company's page. ``languages`` in order, the first one leads; ``desk_languages`` those of the desk as well;
    ``zone`` an IANA name; ``incident_types`` the order of tiles on the form; ``notice_goal`` from the alert to the
    first readable notice; ``placeholder_after``: how long after an acknowledgement a placeholder notice is offered (0:
    never); ``address`` where customers read the page ("" if unknown), ``homepage`` the company's own site;
    ``history_start`` the first day on record; ``product_hosts``: hosts of the product, so that the doctor finds what
    the page shares with it; ``numbers_notices``: reports are numbered (第一報, 第二報, 最終報) instead of named;
    ``is_hosted_separately``: the organisation says that the page is hosted where it does not fail with the product."""

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


@dataclass(frozen=True, slots=True)
class Service:
    """Something a customer uses. A retired one stays in history but not on forms or the front.

    ``retired_on`` is the day on which it was retired, None if nobody recorded it. ``former_ids`` are its earlier ids,
    oldest first.
    """

    id: str
    group: str
    is_retired: bool = False
    retired_on: date | None = None
    former_ids: tuple[str, ...] = ()

    @property
    def first_id(self) -> str:
        """Its oldest id. The ids of its feeds and of its API objects are made from it, because others store those."""
        return self.former_ids[0] if self.former_ids else self.id


@dataclass(frozen=True, slots=True)
class Question:
    """An incident type's own question with closed answers; *checking* is one more unless ``is_required``.

    ``conflicts`` are pairs of an answer and a workaround that contradict each other.
    """

    id: str
    answers: tuple[str, ...]
    is_required: bool = False
    conflicts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class IncidentType:
    """What customers notice (login, payment, …), with what the form proposes for it.

    ``cadence`` is how soon the next update is promised. ``has_own_sentences``: it has its own sentences for the impact
    (``incident_type.ID.impact.…``). ``affects_group``: it hits the services of a group together, and they share a
    clause. ``gives_estimate``: customers are told when it may be over. ``needs_approval``: notices wait for a second
    person.
    """

    id: str
    services: tuple[Affected, ...] = ()
    state: State = State.MAJOR
    cadence: timedelta = timedelta(minutes=30)
    questions: tuple[Question, ...] = ()
    workarounds: tuple[str, ...] = ()
    current_actions: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    has_own_sentences: bool = False
    affects_group: bool = False
    gives_estimate: bool = True
    needs_approval: bool = False


Withdrawal = Literal["follow_up", "delete", "edit"]


@dataclass(frozen=True, slots=True)
class ChannelSpec:
    """A channel, without its secrets. Prices are per post, in ``currency``; ``includes_link`` puts the address in;
    ``on_unknown_delivery`` says what happens when nobody knows whether a message went out ("": the default of its
    type); ``withdrawal`` what becomes of earlier messages when a notice is withdrawn: a reply below them, deletion, or
    rewriting the first one. ``options`` are those only its type knows (a server, a room)."""

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


@dataclass(frozen=True, slots=True)
class Medium:
    """How long a text may be, which named sentences it has and in which order it drops them.

    ``length_unit`` is the unit of ``limit`` (see ``wording.length_fitting.COUNTS``); 0: no limit. ``byte_limit``: a
    second limit, in UTF-8 bytes. ``sentences`` and ``drop_order`` map a notice kind to names. ``separator`` stands
    between sentences ("" or a line feed, or a space by the language's own rule: "auto"). ``is_internal``: for staff,
    never for customers.
    """

    id: str
    length_unit: str
    limit: int
    sentences: Mapping[NoticeKind, tuple[str, ...]]
    drop_order: Mapping[NoticeKind, tuple[str, ...]]
    separator: str = "auto"
    subject: str = ""
    byte_limit: int = 0
    is_internal: bool = False


OWN_MEDIA = ("page", "feed", "short", "colleagues")
"""The media that the program itself needs, besides those of channels."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a closed list: a short label for the form, a whole sentence (or noun phrase) for the notice.

    A group of customers may have no ``text``; notices then call it by its label.
    """

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class EnvironmentMarks:
    """What stands around every text of an environment, for people and for programs. Empty in live.

    ``machine`` is the Common Alerting Protocol's status: Actual or Exercise. ``word`` is the short mark (訓練),
    ``banner`` the sentence on every page.
    """

    start: str = ""
    end: str = ""
    word: str = ""
    banner: str = ""
    machine: str = "Actual"

    @property
    def feed_namespace(self) -> str:
        """What the feed ids of this environment are made with."""
        return self.machine.lower() if self.word else "notices"


@dataclass(frozen=True, slots=True)
class LocaleRules:
    """How a language is written, as far as a program has to know.

    ``locale``: source of day names, lists and lengths (``en-GB``). ``uses_spaces``: whether words are separated.
    ``full_stop`` ends a sentence, which has at most ``max_sentence_length`` of ``length_unit`` (characters, words).
    ``clock``, ``day``, ``long``, ``date``, ``year`` (the long day with its year) and ``date_range`` are CLDR patterns;
    empty ones take CLDR's own. ``day_gap`` stands between a day and a time, ``pair`` between two things where CLDR's
    word does not fit. ``either`` stands between the last two of alternatives (" or "), ``neither`` between the last two
    of what a negation denies (" ni "). ``relative_words`` mean another day when read another day; ``apology`` is what
    an apology contains. ``numerals`` are the organisation's own for its reports (一, 二); digits after those.
    """

    locale: str
    uses_spaces: bool = True
    full_stop: str = "."
    max_sentence_length: int = 25
    length_unit: str = "words"
    under_a_minute: str = ""
    either: str = ""
    neither: str = ""
    clock: str = "H:mm"
    day: str = ""
    long: str = ""
    date: str = ""
    year: str = ""
    date_range: tuple[str, ...] = ()
    day_gap: str = ", "
    pair: str = ""
    relative_words: tuple[str, ...] = ()
    apology: str = ""
    numerals: tuple[str, ...] = ()

    @property
    def gap(self) -> str:
        """The separator between two sentences, or two words, on one line."""
        return " " if self.uses_spaces else ""


@dataclass(frozen=True, slots=True)
class LanguagePack:
    """Everything in one language.

    ``phrases`` and ``labels`` map dotted keys to text with ``{slots}``. ``lists`` maps cause, doing, workaround to id
    → choice. ``audience_groups`` are the organisation's own groups of customers. ``glossary`` is None in a language
    that has none. ``forbidden_phrases`` are the ways to say that this is not a drill, which nobody may use.
    ``service_templates`` name what has no words of its own.
    """

    language: str
    name: str
    status: str
    locale_rules: LocaleRules
    phrases: Mapping[str, str]
    labels: Mapping[str, str]
    lists: Mapping[str, Mapping[str, Choice]]
    site: str
    tagline: str
    desk: str
    groups: Mapping[str, str]
    services: Mapping[str, ServiceWords]
    audience_groups: Mapping[str, Choice]
    marks: EnvironmentMarks = EnvironmentMarks()
    glossary: Glossary | None = None
    forbidden_phrases: tuple[str, ...] = ()
    service_templates: ServiceTemplates = NO_TEMPLATES


def channel_type_name(type: str, labels: Mapping[str, str]) -> str:
    """The name of a channel type: from the desk's labels, else its own (``mattermost``)."""
    return labels.get(f"desk.type.{type}", type.replace("-", " ").title())


@dataclass(frozen=True, slots=True)
class Catalog:
    """All content of one environment. ``version`` changes with any byte of it. Mappings keep the files' order."""

    version: str
    site: Site
    groups: tuple[str, ...]
    services: Mapping[str, Service]
    incident_types: Mapping[str, IncidentType]
    channels: Mapping[str, ChannelSpec]
    alert_rules: tuple[AlertRule, ...]
    media: Mapping[str, Medium]
    packs: Mapping[str, LanguagePack] = field(default_factory=dict)
    hosts: Mapping[str, HostSpec] = field(default_factory=dict)
    scenarios: Mapping[str, Scenario] = field(default_factory=dict)
    on_call: OnCallPolicy = field(default_factory=OnCallPolicy)
    notification_channels: Mapping[str, ChannelSpec] = field(default_factory=dict)
    grouping: GroupingRules = field(default_factory=GroupingRules)
    json_mappings: Mapping[str, JsonMapping] = field(default_factory=dict)
    runbooks: Mapping[str, Mapping[str, Runbook]] = field(default_factory=dict)

    @property
    def languages(self) -> tuple[str, ...]:
        """The site's languages, the leading one first."""
        return self.site.languages

    @property
    def desk_languages(self) -> tuple[str, ...]:
        """The languages of the desk, the first one by default."""
        return self.site.desk_languages

    @property
    def unplanned_types(self) -> Mapping[str, IncidentType]:
        """All incident types except planned work, which has its own form."""
        return {id: incident_type for id, incident_type in self.incident_types.items() if id != MAINTENANCE}

    @property
    def renamed_services(self) -> Mapping[str, str]:
        """Former ids of services, mapped to their present ids."""
        return {former_id: service.id for service in self.services.values() for former_id in service.former_ids}

    @property
    def forbidden_phrases(self) -> tuple[str, ...]:
        """Forbidden phrases of all languages."""
        return tuple(phrase for pack in self.packs.values() for phrase in pack.forbidden_phrases)

    @property
    def published_media(self) -> Mapping[str, Medium]:
        """The media that something is published on: the program's own, and those of channels with their variants."""
        channel_media = {spec.medium for spec in self.channels.values()}
        variants = tuple(f"{medium}_" for medium in channel_media)
        return {
            id: medium
            for id, medium in self.media.items()
            if id in OWN_MEDIA or id in channel_media or id.startswith(variants)
        }

    @property
    def has_webhooks(self) -> bool:
        """Whether a channel calls webhooks that customers register."""
        return any(spec.type == "subscriber-webhooks" for spec in self.channels.values())

    @property
    def leading_pack(self) -> LanguagePack:
        """The site's first language."""
        return self.packs[self.site.languages[0]]


@dataclass(frozen=True, slots=True)
class ContentError:
    """An error in the content: where, and in one sentence what to do about it."""

    file: str
    line: int
    key: str
    message: str
