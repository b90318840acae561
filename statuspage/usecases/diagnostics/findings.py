"""What the doctor found: what it is about, how bad it is, and what a sentence about it needs to name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """How bad it is: well; worth knowing; wrong, and to be mended; or it could not be found out."""

    OK = "well"
    INFO = "know"
    PROBLEM = "wrong"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """``code`` is a label's key: ``doctor.CODE.well`` or ``.wrong`` says what, ``.why`` and ``.do`` the rest.

    ``slots`` are what the sentences name.
    """

    code: str
    level: Level
    slots: Mapping[str, str] = field(default_factory=dict)


def ok_finding(code: str, **slots: object) -> Finding:
    """All is well with it."""
    return _finding(code, Level.OK, slots)


def info_finding(code: str, **slots: object) -> Finding:
    """Nothing that must be mended today."""
    return _finding(code, Level.INFO, slots)


def problem_finding(code: str, **slots: object) -> Finding:
    """Somebody has to mend it."""
    return _finding(code, Level.PROBLEM, slots)


def unknown_finding(code: str, **slots: object) -> Finding:
    """Nobody knows; ``why`` names what stood in the way."""
    return _finding(code, Level.UNKNOWN, slots)


def _finding(code: str, level: Level, slots: Mapping[str, object]) -> Finding:
    return Finding(code, level, {name: str(value) for name, value in slots.items()})
