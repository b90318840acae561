"""Phrases of one language: the incident type's own wording first, then the common one, with slots filled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from string import Formatter

from statuspage.domain import LanguagePack, LocaleRules
from statuspage.rendering.wording.slot_grammar import join_slots


class BadPhrase(Exception):
    """A phrase is missing, or has a slot that is not filled here. `check` finds it in advance."""

    def __init__(self, language: str, key: str, slot: str = "") -> None:
        self.language, self.key, self.slot = language, key, slot
        problem = f"has a slot {{{slot}}} that is not filled here" if slot else "is missing"
        super().__init__(f"{language}: {key} {problem}")


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of one language for one incident type. Every sentence may have the slots of ``company``."""

    pack: LanguagePack
    incident_type: str
    company: Mapping[str, str] = field(default_factory=dict)

    def has_phrase(self, name: str) -> bool:
        """Whether this phrase exists, for the incident type or in general."""
        return f"incident_type.{self.incident_type}.{name}" in self.pack.phrases or name in self.pack.phrases

    def format(self, name: str, /, **slots: str) -> str:
        """The phrase; "" if this language leaves it out. Raises BadPhrase."""
        own_key = f"incident_type.{self.incident_type}.{name}"
        key = own_key if own_key in self.pack.phrases else name
        return _fill(self.pack, key, self.pack.phrases.get(key), {**self.company, **slots})

    def format_own(self, name: str, /, **slots: str) -> str:
        """The incident type's own phrase, which must exist; "" if this language leaves it out."""
        key = f"incident_type.{self.incident_type}.{name}"
        return _fill(self.pack, key, self.pack.phrases.get(key), {**self.company, **slots})

    def own_text(self, name: str) -> str:
        """The incident type's own phrase with its slots; "" if there is none."""
        return self.pack.phrases.get(f"incident_type.{self.incident_type}.{name}", "")

    def fill(self, list_name: str, id: str) -> str:
        """The sentence of this entry of a closed list; "" if it has none. Raises BadPhrase."""
        entry = self.pack.lists[list_name].get(id)
        return _fill(self.pack, f"{list_name}.{id}.text", entry.text, self.company) if entry else ""

    def format_label(self, name: str, /, **slots: str) -> str:
        """A label of notices and facts, such as ``row.started``; the incident type may have another one."""
        own_key = f"incident_type.{self.incident_type}.{name}"
        if own_key in self.pack.phrases:
            return _fill(self.pack, own_key, self.pack.phrases[own_key], slots)
        return _fill(self.pack, name, self.pack.labels.get(name), slots)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> tuple[tuple[str, str | None], ...]:
    """The text split into pairs of plain text and the slot after it."""
    return tuple((literal, slot) for literal, slot, _, _ in Formatter().parse(text))


def fill_text(text: str, locale_rules: LocaleRules, **slots: object) -> str:
    """A text with its slots filled by the rules of the language. Raises KeyError for a slot that is not filled."""
    if "{" not in text and "}" not in text:
        return text
    parts = ((literal, "" if slot is None else str(slots[slot])) for literal, slot in _parsed(text))
    return join_slots(parts, locale_rules)


def _fill(pack: LanguagePack, key: str, text: str | None, slots: Mapping[str, str]) -> str:
    if text is None:
        raise BadPhrase(pack.language, key)
    if "{" not in text and "}" not in text:
        return text
    parts = _parsed(text)
    for _, slot in parts:
        if slot is not None and slot not in slots:
            raise BadPhrase(pack.language, key, slot)
    filled_parts = ((literal, "" if slot is None else slots[slot]) for literal, slot in parts)
    return join_slots(filled_parts, pack.locale_rules)
