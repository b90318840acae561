"""Reads values from a content table, collecting every error instead of stopping at the first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any

from statuspage.content.loading.toml_source import KeyPath, TomlSource, describe_hidden_character, dotted_key
from statuspage.domain import IMPACT_STATES, Affected, ContentError, State, has_unreadable_characters


class _AnyValue(frozenset[str]):
    """Stands for the known ids while their file cannot be read: accepts any id, so that one error is not reported
    twice."""

    def __contains__(self, item: object) -> bool:
        return True


ANY_VALUE: Collection[str] = _AnyValue()

ServiceIds = Mapping[str, tuple[str, ...]]
"""The ids that a service's id or role stands for."""


class _AnyService(dict[str, tuple[str, ...]]):
    """The services while their file cannot be read: any."""

    def __contains__(self, item: object) -> bool:
        return True

    def __missing__(self, key: str) -> tuple[str, ...]:
        return (key,)


ANY_SERVICE: ServiceIds = _AnyService()


@dataclass
class Table:
    """A table being read. Keys that were not requested are unknown; call ``reject_unknown_keys`` at the end."""

    source: TomlSource
    errors: list[ContentError]
    path: KeyPath = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    requested_keys: set[str] = field(default_factory=set)

    def add_error(self, message: str, *keys: str | int) -> None:
        """Reports an error at a key of this table."""
        if self.source.is_readable:
            self.errors.append(self.source.error_at((*self.path, *keys), message))

    def is_shipped(self, key: str) -> bool:
        """Whether this value comes from one of the program's own layers."""
        return self.source.holder_of((*self.path, key)).is_shipped

    def get_text(self, key: str, default: str | None = None) -> str:
        """A text. Without a default it is required and must not be empty."""
        value = self._get_value(key, str, "text in quotation marks", default)
        if value is None:
            return ""
        if default is None and not value.strip():
            self.add_error("This is empty; write the text.", key)
        unreadable_characters = (
            [character for character in value if has_unreadable_characters(character)]
            if has_unreadable_characters(value)
            else []
        )
        if unreadable_characters and self.source.is_clean:
            self.add_error(
                f"{describe_hidden_character(unreadable_characters[0])} Delete it, or write the line again.", key
            )
        return str(value)

    def get_texts(self, key: str, default: tuple[str, ...] | None = ()) -> tuple[str, ...]:
        """A list of texts without duplicates."""
        value = self._get_value(key, list, 'a list such as ["one", "two"]', default)
        if value is None:
            return ()
        for item in value:
            if not isinstance(item, str):
                self.add_error(f"{item!r} in this list must be text in quotation marks.", key)
        texts = tuple(element for element in value if isinstance(element, str))
        for duplicate in sorted({text for text in texts if texts.count(text) > 1}):
            self.add_error(f"“{duplicate}” is in this list twice; delete one.", key)
        return texts

    def get_number(self, key: str, default: float | None = None, *, minimum: float = 0) -> float:
        """A number not below ``minimum``."""
        value = self._get_value(key, (int, float), "a number without quotation marks", default)
        if value is None:
            return minimum
        if value < minimum:
            self.add_error(f"{value} is too small; write {minimum:g} or more.", key)
        return float(value)

    def get_flag(self, key: str, *, default: bool = False) -> bool:
        """A boolean; ``default`` if absent."""
        return bool(self._get_value(key, bool, "true or false, without quotation marks", default=default))

    def get_day(self, key: str) -> date | None:
        """A date; None if absent."""
        day = self.values.get(key)
        if day is None or type(day) is date:
            self.requested_keys.add(key)
            return day
        self.requested_keys.add(key)
        self.add_error("This must be a day such as 2026-09-30 without quotation marks.", key)
        return None

    def get_day_or_flag(self, key: str) -> date | bool:
        """A date or a boolean; false if absent."""
        day = self.values.get(key)
        if type(day) is date:  # not a datetime, which is a date too
            self.requested_keys.add(key)
            return day
        return bool(
            self._get_value(key, bool, "a day such as 2026-09-30 without quotation marks, or true", default=False)
        )

    def get_choice(self, key: str, choices: Collection[str], default: str | None = None) -> str:
        """One of ``choices``; if it is none of them, the default (or "")."""
        value = self.get_text(key, default)
        return value if value and self.check_known(value, choices, key) else default or ""

    def check_known(self, value: str, choices: Collection[str], *keys: str | int) -> bool:
        """Whether ``value`` is one of ``choices``; if not, reports it and suggests the nearest one."""
        if value in choices:
            return True
        self.add_error(f"“{value}” is not known here; {suggest(value, choices)}", *keys)
        return False

    def get_affected(self, key: str, services: ServiceIds) -> tuple[Affected, ...]:
        """Services with states, written as ``"ID:STATE"`` or ``"ROLE:STATE"``.

        What the program's own layers name and this company does not have is left out.
        """
        return tuple(affected for text in self.get_texts(key) for affected in self._parse_affected(key, text, services))

    def _parse_affected(self, key: str, text: str, services: ServiceIds) -> Iterator[Affected]:
        service, colon, state = text.partition(":")
        if not colon:
            self.add_error(f"“{text}” must be a service and a state, such as “{service}:major”.", key)
        elif service not in services and self.is_shipped(key):
            return
        elif self.check_known(service, services, key) and self.check_known(state, [*IMPACT_STATES], key):
            yield from (Affected(id, State(state)) for id in services[service])

    def get_table(self, key: str, *, required: bool = True) -> Table:
        """The table of this name; an empty one if absent."""
        self.requested_keys.add(key)
        value = self.values.get(key)
        if value is None and required:
            self.add_error(f"The table [{dotted_key((*self.path, key))}] is missing; add it.", key)
        if value is not None and not isinstance(value, dict):
            self.add_error("This must be a table, in square brackets.", key)
        values = value if isinstance(value, dict) else {}
        return Table(self.source, self.errors, (*self.path, key), values)

    def get_tables(self, key: str) -> tuple[Table, ...]:
        """The list of tables of this name, written ``[[key]]``."""
        self.requested_keys.add(key)
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self.add_error(f"This must be a list of tables, each headed [[{key}]].", key)
            return ()
        return tuple(Table(self.source, self.errors, (*self.path, key, n), values) for n, values in enumerate(value))

    def iter_tables(self) -> Iterable[tuple[str, Table]]:
        """Every table in this one, by its name."""
        return tuple((key, self.get_table(key)) for key in self.values)

    def without_keys(self, *keys: str) -> Table:
        """The same table without these keys."""
        values = {key: value for key, value in self.values.items() if key not in keys}
        return Table(self.source, self.errors, self.path, values)

    def without_shipped(self) -> Table:
        """The same table with the instance's own values only."""
        return self.without_keys(*(key for key in self.values if self.is_shipped(key)))

    def reject_unknown_keys(self) -> None:
        """Reports every key that was not requested."""
        for key in self.values:
            if key not in self.requested_keys:
                self.add_error(f"The key “{key}” is not known here; {suggest(key, self.requested_keys)}", key)

    def _get_value(self, key: str, expected_type: type | tuple[type, ...], description: str, default: Any) -> Any:
        self.requested_keys.add(key)
        if key not in self.values:
            if default is None:
                self.add_error(f"“{key}” is missing; add it.", key)
            return default
        value = self.values[key]
        if not isinstance(value, expected_type) or (isinstance(value, bool) and expected_type is not bool):
            self.add_error(f"This must be {description}.", key)
            return default
        return value


def suggest(value: str, choices: Collection[str]) -> str:
    """“did you mean …?”, or the choices."""
    matches = get_close_matches(value, choices, n=1, cutoff=0.6)
    if matches:
        return f"did you mean “{matches[0]}”?"
    if not choices:
        return "there is nothing to choose from yet."
    listed = ", ".join(sorted(choices)[:12])
    return f"choose one of: {listed}{' …' if len(choices) > 12 else '.'}"
