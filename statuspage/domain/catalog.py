"""The types of prepared content: written in advance, read during an incident."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from statuspage.domain.alert import AlertRule, GroupingRules, JsonMapping
from statuspage.domain.drill_scenario import Scenario
from statuspage.domain.facts import MAINTENANCE, Affected, NoticeKind, State
from statuspage.domain.glossary import Glossary
from statuspage.domain.on_call import OnCallPolicy
from statuspage.domain.runbook import Runbook
from statuspage.domain.services.service_words import NO_TEMPLATES, GroupWords, ServiceTemplates, ServiceWords
from statuspage.domain.site_config import ChannelSpec, ContactNeed, HostSpec, Site


@dataclass(frozen=True, slots=True)
class Service:
    """Something a customer uses. A retired service stays in the history but not on forms or the front page.

    ``retired_on`` is the day it was retired (None: not recorded), ``offered_since`` the first on which it was offered
    (None: as long as the records go back). ``former_ids`` are its earlier ids, oldest first.
    ``role`` is what the starter's incident types and alert rules call it, such as ``api``; "" if only its id is used.
    ``name`` counts in languages in which the company has written no other; "" if it has in all.
    """

    id: str
    group: str
    is_retired: bool = False
    retired_on: date | None = None
    former_ids: tuple[str, ...] = ()
    role: str = ""
    name: str = ""
    offered_since: date | None = None

    @property
    def first_id(self) -> str:
        """Its oldest id, from which the ids of its feeds and API objects are made, because clients store those."""
        return self.former_ids[0] if self.former_ids else self.id


@dataclass(frozen=True, slots=True)
class Question:
    """An incident type's own question with a closed list of answers. *Checking* is one of them unless ``is_required``.

    ``conflicts`` are pairs of an answer and a choice that contradict each other, such as ``workaround.wait``;
    ``against`` are an answer, another question of the type and an answer to that one that contradict each other.
    ``unavailable`` are answers that nobody may choose, because they send readers to a company that says nowhere how to
    reach it. ``advice`` are answers that say what to do, or what not to do: they stand with the workarounds.
    """

    id: str
    answers: tuple[str, ...]
    is_required: bool = False
    conflicts: tuple[tuple[str, str], ...] = ()
    against: tuple[tuple[str, str, str], ...] = ()
    unavailable: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()

    def answer_given(self, answers: Mapping[str, str]) -> str:
        """The answer to this question among those given; *checking* if there is none that it offers."""
        given = answers.get(self.id, "")
        return given if given in self.answers else "checking"


@dataclass(frozen=True, slots=True)
class IncidentType:
    """What customers notice (login, payment, …), with what the form proposes for it.

    ``cadence`` is the promised time to the next update. ``has_own_sentences``: it has its own impact sentences
    (``incident_type.ID.impact.…``). ``affects_group``: it affects the services of a group together, and they share a
    clause. ``gives_estimate``: customers are given an estimate. ``names_services``: every notice names a service and
    its state; otherwise those that work are not called anything else. ``needs_approval``: notices need a second
    person's approval.
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
    names_services: bool = True
    needs_approval: bool = False

    def state_of(self, service: str) -> State:
        """The state of this service unless a person says otherwise: as the type proposes it, else the type's own."""
        return next((affected.state for affected in self.services if affected.service == service), self.state)


@dataclass(frozen=True, slots=True)
class Medium:
    """How long a text may be, which sentences it has and in which order it drops them.

    ``length_unit`` is the unit of ``limit`` (see ``wording.length_fitting.COUNTS``); 0: no limit. ``byte_limit`` is a
    second limit, in UTF-8 bytes. ``sentences`` and ``drop_order`` map a notice kind to sentence names. ``separator``
    joins sentences ("" or a line feed; "auto": a space if the language uses them). ``is_internal``: for staff, never
    for customers.
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
"""The media that the program itself needs, in addition to those of the channels."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a closed list: a short label for the form, and a whole sentence (or noun phrase) for the notice.

    A group of customers may have no ``text``; notices then call it by its label.
    """

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class EnvironmentMarks:
    """What an environment adds to every text, for people and for programs. Empty in live.

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
        """The namespace from which this environment's feed ids are made."""
        return self.machine.lower() if self.word else "notices"


@dataclass(frozen=True, slots=True)
class LocaleRules:
    """How a language is written, as far as the program needs to know.

    ``locale`` is the source of day names, lists and lengths (``en-GB``). ``uses_spaces``: words are separated by
    spaces. ``full_stop`` ends a sentence, which has at most ``max_sentence_length`` of ``length_unit`` (characters,
    words). ``clock``, ``day``, ``long``, ``date``, ``year`` (the long day with its year) and ``date_range`` are CLDR
    patterns; an empty one takes CLDR's default. ``day_gap`` separates a day and a time, ``pair`` two items where CLDR's
    word does not fit. ``either`` stands between the last two of alternatives (" or "), ``neither`` between the last two
    of what a negation denies (" ni "), ``as_well_as`` before a last item that itself has the word for *and*.
    ``small_after_colon`` are words that begin a sentence after a colon with a small letter. ``relative_words`` change
    their meaning when read on another day. ``apology`` is what an apology contains. ``numerals`` are the numerals for
    numbered reports (一, 二); after those, digits.
    """

    locale: str
    uses_spaces: bool = True
    full_stop: str = "."
    max_sentence_length: int = 25
    length_unit: str = "words"
    under_a_minute: str = ""
    either: str = ""
    neither: str = ""
    as_well_as: str = ""
    small_after_colon: tuple[str, ...] = ()
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

    ``phrases`` and ``labels`` map dotted keys to text with ``{slots}``. ``lists`` maps cause, current_action,
    workaround and prevention to id → choice. ``audience_groups`` are the company's own customer groups. ``glossary`` is
    None if the language has none. ``forbidden_phrases`` are phrases that claim this is not a drill; nobody may use
    them. ``service_templates`` name what has no words of its own. ``footer``: the company's own text below each page.
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
    groups: Mapping[str, GroupWords]
    services: Mapping[str, ServiceWords]
    audience_groups: Mapping[str, Choice]
    marks: EnvironmentMarks = EnvironmentMarks()
    glossary: Glossary | None = None
    forbidden_phrases: tuple[str, ...] = ()
    service_templates: ServiceTemplates = NO_TEMPLATES
    contact: str = ""
    footer: str = ""

    @property
    def is_reviewed(self) -> bool:
        """Whether a native speaker has read its sentences."""
        return self.status == "reviewed"


@dataclass(frozen=True, slots=True)
class Catalog:
    """All content of one environment. ``version`` changes with any byte of it, ``wording_version`` with any on which
    sentences depend. Mappings keep the order of the files.

    ``contradictions`` are pairs of choices that one notice must not say together (``cause.bank``, ``workaround.wait``).
    ``contact_needs`` is what a choice (``workaround.phone``) needs of the company's contact. ``scenario_needs`` are the
    services, by id or role, of shipped scenarios that are left out because the company has none of them.
    ``scenario_gaps`` are by scenario the needs (NEEDS) of those that can be played, which the company has not met yet.
    ``disabled_channels`` are switched off: nothing is sent there, and only earlier receipts name them.
    """

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
    scenario_needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scenario_gaps: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    contradictions: tuple[tuple[str, str], ...] = ()
    disabled_channels: Mapping[str, ChannelSpec] = field(default_factory=dict)
    wording_version: str = ""
    contact_needs: Mapping[str, ContactNeed] = field(default_factory=dict)

    @property
    def languages(self) -> tuple[str, ...]:
        """The site's languages, the leading one first."""
        return self.site.languages

    @property
    def desk_languages(self) -> tuple[str, ...]:
        """The languages of the desk, the first one by default."""
        return self.site.desk_languages

    def lacking_contact(self, choice: str) -> ContactNeed | None:
        """What the company does not give of its contact, although this choice needs it; None if nothing is missing."""
        need = self.contact_needs.get(choice)
        return None if need is None or self.site.contact.meets(need) else need

    @property
    def unplanned_types(self) -> Mapping[str, IncidentType]:
        """All incident types except planned maintenance, which has its own form."""
        return {id: incident_type for id, incident_type in self.incident_types.items() if id != MAINTENANCE}

    @property
    def renamed_services(self) -> Mapping[str, str]:
        """Former service ids, mapped to their present ids."""
        return {former_id: service.id for service in self.services.values() for former_id in service.former_ids}

    @property
    def forbidden_phrases(self) -> tuple[str, ...]:
        """Forbidden phrases of all languages."""
        return tuple(phrase for pack in self.packs.values() for phrase in pack.forbidden_phrases)

    def find_channel(self, id: str) -> ChannelSpec | None:
        """The channel with this id, also one that is switched off."""
        return self.channels.get(id) or self.disabled_channels.get(id)

    @property
    def published_media(self) -> Mapping[str, Medium]:
        """The media in which something is published: the program's own, and those of channels with their variants."""
        channel_media = {spec.medium for spec in self.channels.values()}
        variants = tuple(f"{medium}_" for medium in channel_media)
        return {
            id: medium
            for id, medium in self.media.items()
            if id in OWN_MEDIA or id in channel_media or id.startswith(variants)
        }

    @property
    def has_webhooks(self) -> bool:
        """Whether a channel calls webhooks registered by customers."""
        return any(spec.type == "subscriber-webhooks" for spec in self.channels.values())

    @property
    def leading_pack(self) -> LanguagePack:
        """The language pack of the site's first language."""
        return self.packs[self.site.languages[0]]


@dataclass(frozen=True, slots=True)
class ContentError:
    """An error in the content: where it is, and one sentence on how to fix it."""

    file: str
    line: int
    key: str
    message: str

    def __str__(self) -> str:
        """On one line, as compilers write it; an error of a whole line or file has no key."""
        return ": ".join(filter(None, (f"{self.file}:{self.line}", self.key, self.message)))
