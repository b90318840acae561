"""Takes values out of a table of the content, noting every fault instead of stopping at the first."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any

from statuspage.content.loading.toml_source import Path, Source, dotted, hidden
from statuspage.domain import EFFECTS, Affected, ContentError, State, unreadable


class _Anything(frozenset[str]):
    """What is known while the file that says so cannot be read: everything, so that one fault is not told twice."""

    def __contains__(self, item: object) -> bool:
        return True


ANYTHING: Collection[str] = _Anything()


@dataclass
class Table:
    """A table being read. What nobody asked for is unknown: call ``finish`` when everything was taken."""

    source: Source
    faults: list[ContentError]
    path: Path = ()
    values: Mapping[str, Any] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)

    def blame(self, message: str, *keys: str | int) -> None:
        """Notes a fault at a key of this table."""
        if self.source.readable:
            self.faults.append(self.source.fault((*self.path, *keys), message))

    def text(self, key: str, default: str | None = None) -> str:
        """A text; without a default it must be there, and not be empty."""
        value = self._take(key, str, "text in quotation marks", default)
        if value is None:
            return ""
        if default is None and not value.strip():
            self.blame("This is empty; write the text.", key)
        bad = [c for c in value if unreadable(c)] if unreadable(value) else []
        if bad and self.source.letters_fine:
            self.blame(f"{hidden(bad[0])} Delete it, or write the line again.", key)
        return str(value)

    def texts(self, key: str, default: tuple[str, ...] | None = ()) -> tuple[str, ...]:
        """A list of different texts."""
        value = self._take(key, list, 'a list such as ["one", "two"]', default)
        if value is None:
            return ()
        for one in value:
            if not isinstance(one, str):
                self.blame(f"{one!r} in this list should be text in quotation marks.", key)
        found = tuple(one for one in value if isinstance(one, str))
        for twice in sorted({one for one in found if found.count(one) > 1}):
            self.blame(f"“{twice}” stands twice in this list; delete one.", key)
        return found

    def number(self, key: str, default: float | None = None, *, least: float = 0) -> float:
        """A number, ``least`` or more."""
        value = self._take(key, (int, float), "a number without quotation marks", default)
        if value is None:
            return least
        if value < least:
            self.blame(f"{value} is too small; write {least:g} or more.", key)
        return float(value)

    def flag(self, key: str, *, default: bool = False) -> bool:
        """True or false; ``default`` when absent."""
        return bool(self._take(key, bool, "true or false, without quotation marks", default=default))

    def day_or_flag(self, key: str) -> date | bool:
        """A day, or true or false; false when absent."""
        day = self.values.get(key)
        if type(day) is date:  # a time, which is one too, is not meant
            self.asked.add(key)
            return day
        return bool(self._take(key, bool, "a day such as 2026-09-30 without quotation marks, or true", default=False))

    def choice(self, key: str, choices: Collection[str], default: str | None = None) -> str:
        """One of ``choices``; the default (or "") when it is none of them."""
        value = self.text(key, default)
        return value if value and self.known(value, choices, key) else default or ""

    def known(self, value: str, choices: Collection[str], *keys: str | int) -> bool:
        """Whether ``value`` is one of ``choices``; if not, that is noted with what may have been meant."""
        if value in choices:
            return True
        self.blame(f"“{value}” is not known here; {meant(value, choices)}", *keys)
        return False

    def affected(self, key: str, services: Collection[str]) -> tuple[Affected, ...]:
        """Services and states, written ``"ID:STATE"``."""
        return tuple(one for text in self.texts(key) for one in self._affected(key, text, services))

    def _affected(self, key: str, text: str, services: Collection[str]) -> Iterator[Affected]:
        service, colon, state = text.partition(":")
        if not colon:
            self.blame(f"“{text}” should be a service and a state, such as “{service}:major”.", key)
        elif self.known(service, services, key) and self.known(state, [*EFFECTS], key):
            yield Affected(service, State(state))

    def table(self, key: str, *, needed: bool = True) -> Table:
        """The table of this name; an empty one when it is absent."""
        self.asked.add(key)
        value = self.values.get(key)
        if value is None and needed:
            self.blame(f"The table [{dotted((*self.path, key))}] is missing; add it.", key)
        if value is not None and not isinstance(value, dict):
            self.blame("This should be a table of its own, in square brackets.", key)
        values = value if isinstance(value, dict) else {}
        return Table(self.source, self.faults, (*self.path, key), values)

    def tables(self, key: str) -> tuple[Table, ...]:
        """The list of tables of this name, written ``[[key]]``."""
        self.asked.add(key)
        value = self.values.get(key, [])
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            self.blame(f"This should be a list of tables, each headed [[{key}]].", key)
            return ()
        return tuple(Table(self.source, self.faults, (*self.path, key, n), one) for n, one in enumerate(value))

    def each(self) -> Iterable[tuple[str, Table]]:
        """Every table in this one, by its name."""
        return tuple((key, self.table(key)) for key in self.values)

    def without(self, *keys: str) -> Table:
        """The same table without these keys."""
        values = {key: value for key, value in self.values.items() if key not in keys}
        return Table(self.source, self.faults, self.path, values)

    def finish(self) -> None:
        """Notes every key that nobody asked for."""
        for key in self.values:
            if key not in self.asked:
                self.blame(f"The key “{key}” is not known here; {meant(key, self.asked)}", key)

    def _take(self, key: str, kind: type | tuple[type, ...], shape: str, default: Any) -> Any:
        self.asked.add(key)
        if key not in self.values:
            if default is None:
                self.blame(f"“{key}” is missing; add it.", key)
            return default
        value = self.values[key]
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.blame(f"This should be {shape}.", key)
            return default
        return value


def meant(value: str, choices: Collection[str]) -> str:
    """“did you mean …?”, or what there is to choose from."""
    near = get_close_matches(value, choices, n=1, cutoff=0.6)
    if near:
        return f"did you mean “{near[0]}”?"
    if not choices:
        return "there is nothing to choose from yet."
    some = ", ".join(sorted(choices)[:12])
    return f"choose one of: {some}{' …' if len(choices) > 12 else '.'}"
