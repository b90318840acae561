"""What the texts of a scorecard are made of: lines, sections, and how names, lists and times are written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from statuspage.domain import Catalog, LocaleRules, Texts
from statuspage.rendering.wording import Clock, join_list
from statuspage.storage.drills import Drill
from statuspage.usecases.duration_words import with_seconds

LabelLookup = Callable[..., str]
"""A label in the reader's language, by its full key and its slots."""


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """One line of a section. ``mark`` is ok, part, down or ""; ``key`` identifies what a person may judge about it."""

    text: str
    detail: str = ""
    value: str = ""
    mark: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the scorecard with its heading; ``id`` never changes. ``result`` says in words what it comes to,
    ``mark`` is the worst of its lines."""

    id: str
    title: str
    lines: tuple[ScoreLine, ...]
    result: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class ScorecardFormatter:
    """What the texts of a scorecard need: labels, the clock and the reader's language."""

    label: LabelLookup
    clock: Clock
    catalog: Catalog
    language: str

    def format_list(self, items: Sequence[str]) -> str:
        """Several items in one line; "" for none."""
        return join_list(items, self.catalog.packs[self.language].locale_rules) if items else ""

    def format_length(self, length: timedelta) -> str:
        """A length of time, in words."""
        return with_seconds(length, self.label)

    def pick_text(self, texts: Texts, default: str = "") -> str:
        """A text of the script in the reader's language, else in another one."""
        return texts.get(self.language) or next(iter(texts.values()), default)


def person_label(name: str, drill: Drill, formatter: ScorecardFormatter) -> str:
    """Somebody by their role in the drill, or by name if the company wants names in its drill reports."""
    if formatter.catalog.site.names_people_in_drills:
        return name
    role = next(iter(drill.roles_of(name)), "participant")
    return formatter.label(f"desk.drill_role.{role}")


def join_items(items: Sequence[str], formatter: ScorecardFormatter) -> str:
    """Several items as one phrase."""
    return join_list(items, locale_rules(formatter))


def locale_rules(formatter: ScorecardFormatter) -> LocaleRules:
    """How the reader's language is written."""
    return formatter.catalog.packs[formatter.language].locale_rules
