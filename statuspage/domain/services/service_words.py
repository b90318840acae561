"""What a service is called in one language, and what a company may say of that name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from statuspage.domain.facts import State


@dataclass(frozen=True, slots=True)
class ImpactClauses:
    """What customers experience, in the forms a notice needs: whole clauses without the full stop.

    ``|`` marks where a headline may break. *now*: cannot book. *still*: still cannot. *again*: can again.
    """

    now: str
    still: str
    again: str


@dataclass(frozen=True, slots=True)
class GroupWords:
    """A group of services in one language: its heading, and what sentences call it.

    ``has_noun``: the company wrote it, so the group is a thing that customers use (*the app*), not only a heading.
    """

    name: str
    noun: str
    noun_capitalized: str
    has_noun: bool = False


@dataclass(frozen=True, slots=True)
class ServiceWords:
    """A service in one language. ``noun`` is what other sentences call it, ``noun_capitalized`` the same at their
    start.

    ``has_noun``: the company wrote it, with its article; otherwise it is made from the name. ``own_states`` are those
    whose clauses the company wrote.
    """

    name: str
    noun: str
    noun_capitalized: str
    impact_clauses: Mapping[State, ImpactClauses]
    has_noun: bool = False
    own_states: frozenset[State] = frozenset()


class GrammaticalNumber(StrEnum):
    """Whether a verb beside the name is singular or plural. Nobody can tell that of every name."""

    UNKNOWN = "unknown"
    SINGULAR = "singular"
    PLURAL = "plural"


STATED_NUMBERS = (GrammaticalNumber.SINGULAR, GrammaticalNumber.PLURAL)
"""What a company may say of its service."""


@dataclass(frozen=True, slots=True)
class ServiceGrammar:
    """What a company says of a service in one language besides its name; all of it may be left out.

    ``noun`` is what sentences call it, with its article ("die Kursbuchung"). ``clauses`` are the company's own, for
    some states or all.
    """

    number: GrammaticalNumber = GrammaticalNumber.UNKNOWN
    noun: str = ""
    noun_capitalized: str = ""
    clauses: Mapping[State, ImpactClauses] = field(default_factory=dict)


NO_GRAMMAR = ServiceGrammar()
"""A service of which only the name is known."""


@dataclass(frozen=True, slots=True)
class ServiceTemplates:
    """What a language says of a service or group that has only a name: texts with the slot ``{name}``.

    ``group`` also serves a service whose number nobody can tell from its name: *den Dienst Kundenportal*. ``services``
    is the same for several. ``clauses`` maps a number to clauses by state. Those of an unknown number are always there,
    and also serve for a number whose verbs are the same.
    """

    noun: str = "{name}"
    noun_capitalized: str = "{name}"
    group: str = "{name}"
    group_capitalized: str = "{name}"
    services: str = "{name}"
    services_capitalized: str = "{name}"
    clauses: Mapping[GrammaticalNumber, Mapping[State, ImpactClauses]] = field(default_factory=dict)

    def clauses_for(self, number: GrammaticalNumber) -> Mapping[State, ImpactClauses]:
        """The clauses of this number, else those of an unknown one."""
        return self.clauses.get(number) or self.clauses.get(GrammaticalNumber.UNKNOWN, {})


NO_TEMPLATES = ServiceTemplates()
"""Names alone, without a clause."""
