"""Speaks to one reader of the desk: its labels and times, in their language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup, escape

from statuspage.catalog import Book, Catalog
from statuspage.facts import Words
from statuspage.rules import Problem
from statuspage.wording.times import Clock

WORST_SHOWN = 60
"""Characters of a mistaken value that are repeated back. The field itself still holds all of it."""


@dataclass(frozen=True, slots=True)
class Voice:
    """One language of the desk."""

    language: str
    book: Book
    times: Clock

    def label(self, key: str, **slots: object) -> Markup:
        """The label with its slots filled and escaped; a missing one shows its own key."""
        return Markup(escape(self.book.labels.get(key, key))).format(**slots)

    def t(self, key: str, **slots: object) -> Markup:
        """A label of the desk."""
        return self.label(f"desk.{key}", **slots)

    def tn(self, key: str, count: int, **slots: object) -> Markup:
        """A label of the desk that counts something."""
        return self.t(f"{key}.{'one' if count == 1 else 'many'}", count=count, **slots)

    def problem(self, problem: Problem) -> Markup:
        """What is wrong, as a sentence."""
        shown = {slot: _short(value) for slot, value in problem.args.items()}
        return self.label(f"problem.{problem.code}", **shown)

    def seconds(self, at: datetime) -> str:
        """A time of day with its seconds, as receipts need it."""
        return f"{self.times.clock(at)}:{at.second:02}"


def voice_of(catalog: Catalog, language: str) -> Voice:
    """The voice in this language, or in the site's first when it does not speak it."""
    spoken = language if language in catalog.books else catalog.languages[0]
    return Voice(spoken, catalog.books[spoken], Clock(spoken, catalog.site.zone))


def stopwatch(length: timedelta) -> str:
    """Minutes and seconds as a running clock shows them: 03:12, 1:03:12, −4:24."""
    seconds = abs(int(length.total_seconds()))
    hours, rest = divmod(seconds, 3600)
    shown = f"{rest // 60:02}:{rest % 60:02}"
    return f"{'−' if length < timedelta() else ''}{f'{hours}:' if hours else ''}{shown}"


def read_by(words: dict[str, Words] | object, language: str) -> Words | None:
    """A notice's words in the reader's language, else in the first there is."""
    if not isinstance(words, dict) or not words:
        return None
    return words.get(language) or next(iter(words.values()))


def _short(value: str) -> str:
    """The beginning of what was typed, with invisible characters made visible."""
    shown = "".join(c if c.isprintable() else "�" for c in value[:WORST_SHOWN])
    return f"{shown}…" if len(value) > WORST_SHOWN else shown
