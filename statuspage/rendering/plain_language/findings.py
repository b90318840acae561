"""Findings of the plain-language check: place, class and level."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from statuspage.domain import NoticeKind


class Level(StrEnum):
    """The level of a finding. Only an error needs a reason before the notice can be published."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


CATEGORIES = (
    "jargon",
    "metric",
    "process",
    "severity",
    "secret",
    "personal",
    "guess",
    "blame",
    "vague",
    "relative",
    "promise",
    "empty",
    "drill",
    "unknown",
    "facts",
    "length",
)
"""Every class of findings; their names and reasons are labels (``plain.class.…``, ``plain.why.…``)."""

ERRORS = frozenset(("secret", "personal", "drill"))
"""Classes that are errors in every notice, because published data cannot be taken back."""

TECHNICAL = frozenset(("jargon", "metric", "process", "severity", "unknown"))
"""Classes of words that readers who are engineers understand."""

FIRST_ERRORS = frozenset(("guess",))
"""Classes that are errors in a first report, when nobody can know the cause yet."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A passage that customers may not understand or should not read.

    ``start`` and ``end`` count code points of the text as typed; both are 0 if something is missing from it. ``code``
    is the last part of a label key (``plain.why.CODE``) and ``args`` are its slots; ``reason`` is the glossary's own
    sentence, "" to use the label. ``replacement`` fits in place of the words; it is "" if they are best left out or
    only the writer can replace them. ``suggestion`` is what to write, as a sentence of its own; "" if there is none.
    """

    start: int
    end: int
    category: str
    level: Level
    code: str
    replacement: str = ""
    reason: str = ""
    args: Mapping[str, str] = dataclasses.field(default_factory=dict)
    suggestion: str = ""

    @property
    def better_wording(self) -> str:
        """What to write, whether it fits in place of the words or not."""
        return self.replacement or self.suggestion


def reason_for(finding: Finding, labels: Mapping[str, str]) -> str:
    """Why the passage was found, in one sentence: the glossary's own, else the label's."""
    key = f"plain.why.{finding.code}"
    return finding.reason or labels.get(key, key).format_map(finding.args)


def level_for(category: str, notice: NoticeKind | None) -> Level:
    """The level of this class in this kind of notice."""
    if category == "unknown":
        return Level.HINT  # Nobody knows whether customers understand it.
    if category in ERRORS or (category in FIRST_ERRORS and notice is NoticeKind.FIRST):
        return Level.ERROR
    return Level.WARNING
