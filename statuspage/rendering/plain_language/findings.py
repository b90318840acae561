"""What the check finds in a text: where, of which class, how grave."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from statuspage.domain import NoticeKind


class Level(StrEnum):
    """How grave a finding is. Only an error asks for a reason before the words go out."""

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
"""Classes that are errors in every notice: what is out cannot be called back."""

FIRST_ERRORS = frozenset(("guess",))
"""Classes that are errors in a first report: nobody knows the cause yet."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One place of a text that customers may not understand, or should not read.

    ``start`` and ``end`` count code points of the text as it was typed; both 0 when something is missing from it.
    ``code`` is the tail of a label (``plain.why.CODE``) with ``args`` as its slots; ``why`` is the glossary's own
    sentence, "" where the label holds. ``instead`` is what to write; "" where the words are best left out or where
    only the writer can say.
    """

    start: int
    end: int
    category: str
    level: Level
    code: str
    replacement: str = ""
    reason: str = ""
    args: Mapping[str, str] = dataclasses.field(default_factory=dict)


def reason_for(finding: Finding, labels: Mapping[str, str]) -> str:
    """Why this was found, in one sentence: the glossary's own, else the label's."""
    key = f"plain.why.{finding.code}"
    return finding.reason or labels.get(key, key).format_map(finding.args)


def level_for(category: str, notice: NoticeKind | None) -> Level:
    """How grave a class is in this kind of notice."""
    if category in ERRORS or (category in FIRST_ERRORS and notice is NoticeKind.FIRST):
        return Level.ERROR
    return Level.WARNING
