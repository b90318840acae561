"""Reads one language pack: names, phrases, closed lists, labels, and the marks of a drill."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from statuspage.content.loading.service_words import read_audience_groups, read_service_words
from statuspage.content.loading.table_reader import Table
from statuspage.content.loading.toml_source import KeyPath
from statuspage.domain import (
    NO_CONTACT,
    Choice,
    Contact,
    EnvironmentMarks,
    GroupWords,
    LanguagePack,
    LocaleRules,
    ServiceGrammar,
    ServiceTemplates,
    ServiceWords,
)
from statuspage.rendering.wording import is_locale, name_group

CHOICE_LISTS = ("cause", "current_action", "workaround", "prevention")
"""The closed lists from which a notice is made."""

REVIEW_STATUSES = ("draft", "reviewed")
"""Whether its phrases were reviewed by somebody who speaks the language."""


@dataclass(frozen=True, slots=True)
class OrganisationNames:
    """The company's own names in one language."""

    site_name: str
    tagline: str
    footer: str
    desk_name: str
    groups: Mapping[str, GroupWords]
    services: Mapping[str, ServiceWords]
    audience_groups: Mapping[str, Choice]


@dataclass(frozen=True, slots=True)
class InheritedNames:
    """The names that count where a language has none of its own: those of ``site.toml`` and ``services.toml``, or for
    the other languages those of the site's first.

    ``named`` are the names of ``services.toml``, ``proposed`` those of the starter, whose words count for these only.
    """

    site_name: str
    services: Mapping[str, str]
    groups: Mapping[str, str]
    audience_groups: Mapping[str, Choice] | None = None
    named: Mapping[str, str] = field(default_factory=dict)
    proposed: Mapping[str, frozenset[str]] = field(default_factory=dict)
    contact: Contact = NO_CONTACT


def names_of_pack(pack: LanguagePack, inherited: InheritedNames) -> InheritedNames:
    """The names that other languages inherit from this one, which inherited those."""
    return replace(
        inherited,
        site_name=pack.site,
        services={id: words.name for id, words in pack.services.items()},
        groups={id: words.name for id, words in pack.groups.items()},
        audience_groups=pack.audience_groups,
    )


def read_organisation(
    table: Table,
    groups: Collection[str],
    services: Collection[str],
    grammar: tuple[ServiceTemplates, LocaleRules],
    inherited: InheritedNames,
    *,
    for_staff: bool,
) -> OrganisationNames:
    """``LANG/organisation.toml``. ``grammar``: how the language makes clauses from names. ``for_staff``: the form uses
    this language, so labels are required."""
    service_table = table.get_table("services", required=not inherited.services)
    names = OrganisationNames(
        site_name=table.get_text("site_name", inherited.site_name or None),
        tagline=table.get_text("tagline"),
        footer=table.get_text("footer", ""),
        desk_name=table.get_text("desk_name"),
        groups=_read_groups(table.get_table("groups", required=False), groups, grammar, inherited.groups),
        services=read_service_words(
            service_table, services, *grammar, inherited.services, inherited.named, inherited.proposed
        ),
        audience_groups=read_audience_groups(
            table.get_table("audience_groups", required=False), inherited.audience_groups, for_staff=for_staff
        ),
    )
    _check_unknown_names(service_table, services)
    table.reject_unknown_keys()
    return names


def _read_groups(
    table: Table, groups: Collection[str], grammar: tuple[ServiceTemplates, LocaleRules], inherited: Mapping[str, str]
) -> dict[str, GroupWords]:
    words = {}
    for id in filter(None, groups):
        group = table.get_table(id, required=id not in inherited)
        words[id] = _read_group(group, grammar, inherited.get(id))
    _check_unknown_names(table, groups)
    return words


def _read_group(table: Table, grammar: tuple[ServiceTemplates, LocaleRules], inherited_name: str | None) -> GroupWords:
    if not table.values and inherited_name is None:
        return GroupWords("", "", "")  # The missing table has been reported.
    name = table.get_text("name", inherited_name)
    own = ServiceGrammar(noun=table.get_text("noun", ""), noun_capitalized=table.get_text("noun_capitalized", ""))
    words = GroupWords(name, *name_group(name, *grammar, own), has_noun=bool(own.noun or own.noun_capitalized))
    table.reject_unknown_keys()
    return words


def _check_unknown_names(table: Table, known_names: Collection[str]) -> None:
    """Reports names of nothing. What the program's own layers name and this company does not have is left out."""
    for name in table.values:
        if known_names and not table.is_shipped(name):
            table.check_known(name, known_names, name)


def read_locale_rules(table: Table) -> LocaleRules:
    """``[locale_rules]`` of ``LANG/phrases.toml``."""
    if not table.values:
        return LocaleRules("en")
    rules = LocaleRules(
        locale=_read_locale(table),
        uses_spaces=table.get_flag("uses_spaces"),
        full_stop=table.get_text("full_stop"),
        max_sentence_length=int(table.get_number("max_sentence_length", minimum=1)),
        length_unit=table.get_choice("length_unit", ("characters", "words")),
        under_a_minute=table.get_text("under_a_minute"),
        relative_words=table.get_texts("relative_words", default=None),
        apology=table.get_text("apology"),
        **{name: table.get_text(name, getattr(_DEFAULT_RULES, name)) for name in _PATTERNS},
        date_range=_read_date_range(table),
        numerals=table.get_texts("numerals"),
        small_after_colon=table.get_texts("small_after_colon"),
    )
    table.reject_unknown_keys()
    return rules


_DEFAULT_RULES = LocaleRules("en")
_PATTERNS = ("clock", "day", "long", "date", "year", "day_gap", "pair", "either", "neither", "as_well_as")


def _read_locale(table: Table) -> str:
    name = table.get_text("locale")
    if name and not is_locale(name):
        table.add_error(f"“{name}” is not a known locale; write it like “en-GB” or “ja”.", "locale")
        return "en"
    return name or "en"


def _read_date_range(table: Table) -> tuple[str, ...]:
    patterns = table.get_texts("date_range")
    if len(patterns) not in (0, 2):
        table.add_error("This must be two patterns: one for the first day, one for the last.", "date_range")
        return ()
    return patterns


def read_lists(table: Table, *, for_staff: bool) -> dict[str, dict[str, Choice]]:
    """``LANG/lists.toml``. ``for_staff``: the form uses this language, so labels are required."""
    choice_lists = {name: read_choices(table.get_table(name), for_staff=for_staff) for name in CHOICE_LISTS}
    table.reject_unknown_keys()
    return choice_lists


def read_choices(table: Table, *, for_staff: bool) -> dict[str, Choice]:
    """Tables with ``text``, and with ``label`` if staff choose among them."""
    return {name: _read_choice(entry, for_staff=for_staff) for name, entry in table.iter_tables()}


def _read_choice(table: Table, *, for_staff: bool) -> Choice:
    choice = Choice(table.get_text("label", None if for_staff else ""), table.get_text("text"))
    table.reject_unknown_keys()
    return choice


def read_drill_marks(table: Table) -> tuple[EnvironmentMarks, tuple[str, ...]]:
    """``drill/LANG.toml``: the marks, all of which are required, and the forbidden phrases."""
    marks = EnvironmentMarks(
        start=table.get_text("start_mark"),
        end=table.get_text("end_mark"),
        word=table.get_text("short_mark"),
        banner=table.get_text("banner"),
        machine=table.get_choice("cap_status", ("Exercise", "Test")),
    )
    for key in ("start_mark", "end_mark", "short_mark", "banner"):
        if set(table.get_text(key)) & _ESCAPED_CHARACTERS:
            table.add_error('A mark is searched for exactly as written; leave out line breaks and & < > " \\.', key)
    forbidden_phrases = table.get_texts("forbidden_phrases", None)
    table.reject_unknown_keys()
    return marks, forbidden_phrases


_ESCAPED_CHARACTERS = frozenset('&<>"\\\n\r')
"""Characters that pages, feeds or API files escape."""


def read_status(phrases: Table, review: Table) -> str:
    """Whether its sentences were reviewed: before they came with the program, or by somebody in ``review.toml``."""
    status = phrases.get_choice("status", REVIEW_STATUSES)
    readings = review.get_tables("read")
    for reading in readings:
        reading.get_text("by")
        if not reading.get_day_or_flag("on"):
            reading.add_error("Write the day of the review, like 2026-11-27.", "on")
        reading.get_text("sentences", "")
        reading.reject_unknown_keys()
    review.reject_unknown_keys()
    return "reviewed" if readings else status


def flatten_texts(table: Table, *, allow_empty: bool) -> dict[str, str]:
    """Every text of nested tables under its dotted key. ``allow_empty``: whether a text may be empty."""
    texts: dict[str, str] = {}
    for path, holder, key in _iter_leaves(table):
        texts[".".join(path)] = holder.get_text(key, "" if allow_empty else None)
    return texts


def _iter_leaves(table: Table, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Table, str]]:
    for key, value in table.values.items():
        if isinstance(value, dict):
            yield from _iter_leaves(table.get_table(key), (*path, key))
        else:
            yield (*path, key), table, key


def find_path(values: Mapping[str, Any], key: str) -> KeyPath:
    """The path of a dotted key in nested tables, as far as it goes."""
    path: KeyPath = ()
    current: Any = values
    for part in key.split("."):
        if not isinstance(current, dict) or part not in current:
            return path
        current, path = current[part], (*path, part)
    return path


IN_DRILL = "desk.in_drill."
"""Before the key of a label: what it says in a drill instead."""


def labels_of_drill(labels: Mapping[str, str]) -> dict[str, str]:
    """The labels as a drill shows them."""
    return {**labels, **{key.removeprefix(IN_DRILL): text for key, text in labels.items() if key.startswith(IN_DRILL)}}
