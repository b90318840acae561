"""The shapes of prepared content: what is written in calm times and read in the storm."""

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
from statuspage.domain.site_config import NO_BRAND, Brand, HostSpec


@dataclass(frozen=True, slots=True)
class Site:
    """The company's page. ``languages`` in order, the first one leads; ``desk`` those the staff's desk speaks too;
    ``zone`` an IANA name;
    ``kinds`` the order of tiles on the form; ``goal`` alert to readable first notice;
    ``holding``: so long after somebody took an alert a holding notice is offered (0: never);
    ``address`` where customers read the page ("" when not known), ``home`` the company's own site;
    ``since`` the first day the records know;
    ``product``: hosts of what the page speaks of, so that the doctor sees what both would fall with;
    ``numbered``: reports are numbered (第一報, 第二報, 最終報) instead of named;
    ``apart``: the house says that the page is hosted where it does not fall with the product."""

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

    ``ended`` is the day on which it was retired, None when nobody wrote that down. ``was`` are the ids it had before,
    the oldest first.
    """

    id: str
    group: str
    is_retired: bool = False
    retired_on: date | None = None
    former_ids: tuple[str, ...] = ()

    @property
    def first_id(self) -> str:
        """The id it had first, of which are made those that others keep: of its feeds, and in the API."""
        return self.former_ids[0] if self.former_ids else self.id


@dataclass(frozen=True, slots=True)
class Question:
    """A kind's own question with closed answers; *checking* is one more unless ``required``.

    ``against`` are pairs of an answer and a workaround of which one asks for what the other forbids.
    """

    id: str
    answers: tuple[str, ...]
    is_required: bool = False
    conflicts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class IncidentType:
    """A kind of trouble as customers notice it, with what the form proposes for it.

    ``cadence`` is how soon the next update is promised. ``own``: it has sentences of its own for the effect
    (``kind.ID.effect.…``). ``spreads``: it hits the services of a group together, and they share a clause.
    ``estimate``: customers are told by when it may be over. ``approval``: notices wait for a second person.
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
    """A way out, without its secrets. Prices are per post, in ``currency``; ``link`` puts the address in;
    ``on_unsure`` says what is done where nobody knows whether a message went out ("": what suits its type);
    ``withdrawal`` what becomes of the earlier messages when a notice is taken back: a word below them, they are
    deleted, or the first one is rewritten. ``options`` are what only its type knows (a server, a room)."""

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
    on_unknown_delivery: Literal["", "resend", "look"] = ""
    withdrawal: Withdrawal = "follow_up"
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Medium:
    """How long a text may be, which named sentences it says and in which order it gives them up.

    ``count`` is the unit of ``limit`` (see ``media.COUNTS``); 0: no limit. ``bytes``: a second limit, in UTF-8.
    ``sentences`` and ``give_up`` map a notice kind to names. ``separator`` stands between sentences ("" or a line
    feed, or a space by the language's own rule: "auto"). ``inside``: for colleagues, never for customers.
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
"""The media the program itself asks for, besides those of channels."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a closed list: a short label for the form, a whole sentence (or noun phrase) for the notice."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class ImpactClauses:
    """What people meet, in the forms a notice needs: whole clauses without the full stop.

    ``|`` marks where a headline may break. *now*: cannot book. *still*: still cannot. *again*: can again.
    """

    now: str
    still: str
    again: str


@dataclass(frozen=True, slots=True)
class ServiceWords:
    """A service in one language. ``noun`` is what other sentences call it, ``noun_cap`` the same at their start."""

    name: str
    noun: str
    noun_capitalized: str
    impact_clauses: Mapping[State, ImpactClauses]


@dataclass(frozen=True, slots=True)
class EnvironmentMarks:
    """What stands around every text of a world, for people and for machines. Empty in the live world.

    ``machine`` is the Common Alerting Protocol's word: Actual or Exercise.
    ``word`` is the short mark (訓練), ``banner`` the sentence on every page.
    """

    start: str = ""
    end: str = ""
    word: str = ""
    banner: str = ""
    machine: str = "Actual"

    @property
    def feed_namespace(self) -> str:
        """What the ids of this world's feeds are made with."""
        return self.machine.lower() if self.word else "notices"


@dataclass(frozen=True, slots=True)
class LocaleRules:
    """How a language is written, where a program has to know it.

    ``locale``: whose names of days, lists and lengths (``en-GB``). ``spaces``: whether words stand apart. ``stop`` ends
    a sentence, which has at most ``longest`` of ``count`` (characters, words). ``clock``, ``day``, ``long``, ``date``,
    ``year`` (the long day with its year) and ``stretch`` (first and last day of some) are CLDR's patterns; those left
    empty are CLDR's own. ``day_gap`` stands between a day and a time, ``pair`` between two things where CLDR's word
    does not do. ``relative`` are words that mean another day when read another day; ``sorry`` is what an apology has
    in it. ``numbers`` are the house's own for its reports (一, 二); digits beyond them.
    """

    locale: str
    uses_spaces: bool = True
    full_stop: str = "."
    max_sentence_length: int = 25
    length_unit: str = "words"
    under_a_minute: str = ""
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
        """What stands between two sentences, or two words, on one line."""
        return " " if self.uses_spaces else ""


@dataclass(frozen=True, slots=True)
class LanguagePack:
    """Everything one language says.

    ``phrases`` and ``labels`` map dotted keys to text with ``{slots}``. ``lists`` maps cause, doing,
    workaround to id → choice. ``people`` are the house's own groups of customers (who). ``glossary`` is None in a
    language that has none. ``never`` are the ways to say that this is not a drill, which nobody may.
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


def channel_type_name(type: str, labels: Mapping[str, str]) -> str:
    """What a type of channel is called: as the desk's labels have it, else as it calls itself (``mattermost``)."""
    return labels.get(f"desk.type.{type}", type.replace("-", " ").title())


@dataclass(frozen=True, slots=True)
class Catalog:
    """All content of one world. ``version`` changes with any byte of it. Mappings keep the files' order."""

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
        """The languages in which staff are spoken to, the first one where nobody chose."""
        return self.site.desk_languages

    @property
    def unplanned_types(self) -> Mapping[str, IncidentType]:
        """The kinds of trouble: all but planned work, which has a way in of its own."""
        return {id: incident_type for id, incident_type in self.incident_types.items() if id != MAINTENANCE}

    @property
    def renamed_services(self) -> Mapping[str, str]:
        """Former ids of services, with those they have today."""
        return {former_id: service.id for service in self.services.values() for former_id in service.former_ids}

    @property
    def forbidden_phrases(self) -> tuple[str, ...]:
        """What nobody may say, in any language."""
        return tuple(phrase for pack in self.packs.values() for phrase in pack.forbidden_phrases)

    @property
    def published_media(self) -> Mapping[str, Medium]:
        """The media that something is published on: the program's own, and the channels' with their variants."""
        channel_media = {spec.medium for spec in self.channels.values()}
        variants = tuple(f"{medium}_" for medium in channel_media)
        return {
            id: medium
            for id, medium in self.media.items()
            if id in OWN_MEDIA or id in channel_media or id.startswith(variants)
        }

    @property
    def has_webhooks(self) -> bool:
        """Whether a channel tells the programs that customers register."""
        return any(spec.type == "subscriber-webhooks" for spec in self.channels.values())

    @property
    def leading_pack(self) -> LanguagePack:
        """The site's first language."""
        return self.packs[self.site.languages[0]]


@dataclass(frozen=True, slots=True)
class ContentError:
    """Something wrong in the content, where, and in one sentence what to do about it."""

    file: str
    line: int
    key: str
    message: str
