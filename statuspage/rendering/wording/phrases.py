"""Named sentences of one language: the kind's own wording first, then the common one, with slots filled."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from string import Formatter

from statuspage.domain import LanguagePack


class BadPhrase(Exception):
    """A named sentence is missing, or has a slot that this place does not fill. `check` finds it beforehand."""

    def __init__(self, language: str, key: str, slot: str = "") -> None:
        self.language, self.key, self.slot = language, key, slot
        missing = f"has a slot {{{slot}}} that is not filled here" if slot else "is missing"
        super().__init__(f"{language}: {key} {missing}")


@dataclass(frozen=True, slots=True)
class Phrases:
    """What one language says about one kind of trouble."""

    book: LanguagePack
    kind: str

    def has(self, name: str) -> bool:
        """Whether this sentence exists, for the kind or for all."""
        return f"kind.{self.kind}.{name}" in self.book.phrases or name in self.book.phrases

    def say(self, name: str, /, **slots: str) -> str:
        """The sentence; "" when this language does not say it. Raises BadPhrase."""
        own = f"kind.{self.kind}.{name}"
        key = own if own in self.book.phrases else name
        return _fill(self.book, key, self.book.phrases.get(key), slots)

    def own(self, name: str, /, **slots: str) -> str:
        """The kind's own sentence, which must exist; "" when this language does not say it."""
        key = f"kind.{self.kind}.{name}"
        return _fill(self.book, key, self.book.phrases.get(key), slots)

    def label(self, name: str, /, **slots: str) -> str:
        """A label of notices and facts, such as ``row.started``."""
        return _fill(self.book, name, self.book.labels.get(name), slots)


@lru_cache(maxsize=4096)
def _parsed(text: str) -> tuple[tuple[str, str | None], ...]:
    """Plain text and the slot after it, in turns."""
    return tuple((literal, slot) for literal, slot, _, _ in Formatter().parse(text))


def _fill(book: LanguagePack, key: str, text: str | None, slots: dict[str, str]) -> str:
    if text is None:
        raise BadPhrase(book.language, key)
    if "{" not in text and "}" not in text:
        return text
    parts = []
    for literal, slot in _parsed(text):
        parts.append(literal)
        if slot is not None:
            if slot not in slots:
                raise BadPhrase(book.language, key, slot)
            parts.append(slots[slot])
    return "".join(parts)
