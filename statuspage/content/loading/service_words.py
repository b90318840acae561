"""Reads what a language calls services and groups of customers; what is left out is made from their names."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from statuspage.content.loading.table_reader import Table
from statuspage.domain import (
    IMPACT_STATES,
    NO_TEMPLATES,
    STATED_NUMBERS,
    Choice,
    GrammaticalNumber,
    ImpactClauses,
    LocaleRules,
    ServiceGrammar,
    ServiceTemplates,
    ServiceWords,
    State,
)
from statuspage.rendering.wording import name_service


def read_service_words(
    table: Table,
    services: Collection[str],
    templates: ServiceTemplates,
    locale_rules: LocaleRules,
    inherited: Mapping[str, str],
    named: Mapping[str, str],
    proposed: Mapping[str, Collection[str]],
) -> dict[str, ServiceWords]:
    """``[services]`` of ``LANG/organisation.toml``. ``inherited``: the names that count if this language has none.
    ``named``: those of ``services.toml``. ``proposed``: those of the starter, whose words are about no other."""
    service_words = {}
    for service in services:
        service_table = table.get_table(service, required=service not in inherited)
        own = service_table.without_shipped()
        if is_called_otherwise(own.values.get("name") or named.get(service), proposed.get(service, ())):
            service_table = own
        name = _read_name(service_table, inherited.get(service))
        service_words[service] = name_service(name, templates, locale_rules, _read_grammar(service_table))
    return service_words


def is_called_otherwise(name: object, proposed: Collection[str]) -> bool:
    """Whether a company calls a service otherwise than its starter, whose words for it do not count then."""
    return bool(name) and name not in proposed


def _read_name(table: Table, leading_name: str | None) -> str:
    if not table.values and leading_name is None:
        return ""  # the missing table has been reported
    name = table.get_text("name", leading_name)
    if "|" in name:
        table.add_error("A name has no “|”; write it as customers see it on the page.", "name")
    return name


def _read_grammar(table: Table) -> ServiceGrammar:
    number = table.get_choice("number", STATED_NUMBERS, "")
    grammar = ServiceGrammar(
        number=GrammaticalNumber(number or GrammaticalNumber.UNKNOWN),
        noun=_read_optional_text(table, "noun"),
        noun_capitalized=_read_optional_text(table, "noun_capitalized"),
        clauses=_read_clauses(table),
    )
    table.reject_unknown_keys()
    return grammar


def _read_optional_text(table: Table, key: str) -> str:
    """A text that may be left out, but not be empty."""
    return table.get_text(key, None if key in table.values else "")


def _read_clauses(table: Table, past: str | None = "") -> dict[State, ImpactClauses]:
    """The states that have clauses of their own, each with all three. ``past``: what counts without one for the past;
    None if it is required."""
    tables = {State(state): table.get_table(state, required=False) for state in IMPACT_STATES if state in table.values}
    table.requested_keys.update(IMPACT_STATES)
    return {state: _read_impact_clauses(clauses, past) for state, clauses in tables.items()}


def _read_impact_clauses(table: Table, past: str | None) -> ImpactClauses:
    is_of_other_words = table.is_shipped("was") and not table.is_shipped("now")
    was = table.get_text("was", None if "was" in table.values else past)
    clauses = ImpactClauses(
        table.get_text("now"), table.get_text("still"), table.get_text("again"), "" if is_of_other_words else was
    )
    table.reject_unknown_keys()
    return clauses


def read_service_templates(table: Table) -> ServiceTemplates:
    """``[service_clauses]`` of ``LANG/phrases.toml``."""
    if not table.values:
        return NO_TEMPLATES
    clauses = {GrammaticalNumber.UNKNOWN: _read_clauses(table, None)}
    for state in IMPACT_STATES:
        table.get_table(state)  # reports the one that is missing
    for number in STATED_NUMBERS:
        numbered = table.get_table(number, required=False)
        clauses[number] = _read_clauses(numbered, None)
        numbered.reject_unknown_keys()
    _check_slots(table.without_keys())  # a copy, so that asking for every key does not make it known
    templates = ServiceTemplates(
        noun=table.get_text("noun", "{name}"),
        noun_capitalized=table.get_text("noun_capitalized", "{name}"),
        group=table.get_text("group", "{name}"),
        group_capitalized=table.get_text("group_capitalized", "{name}"),
        services=table.get_text("services", "{name}"),
        services_capitalized=table.get_text("services_capitalized", "{name}"),
        clauses=clauses,
    )
    table.reject_unknown_keys()
    return templates


def _check_slots(table: Table) -> None:
    """Every template has the slot ``{name}`` once, and no other."""
    for key, value in table.values.items():
        if isinstance(value, dict):
            _check_slots(table.get_table(key))
        elif isinstance(value, str) and _BRACES.findall(value) != ["{name}"]:
            table.add_error("This should have the slot {name} once, and no other.", key)


_BRACES = re.compile(r"\{[^{}]*\}|[{}]")


def read_audience_groups(
    table: Table, leading_groups: Mapping[str, Choice] | None, *, for_staff: bool
) -> dict[str, Choice]:
    """``[audience_groups]`` of ``LANG/organisation.toml``: a label for the form, and the text within a sentence; one of
    them is enough for notices. A group that this language lacks keeps its label of the site's first language."""
    groups = {id: Choice(choice.label or choice.text, "") for id, choice in (leading_groups or {}).items()}
    for id, entry in table.iter_tables():
        text = _read_optional_text(entry, "text")
        label = entry.get_text("label", None if for_staff or not text else "")
        entry.reject_unknown_keys()
        groups[id] = Choice(label, text)
    return groups
