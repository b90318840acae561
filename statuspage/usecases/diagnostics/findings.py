"""A finding of the ``doctor`` command: its subject, its level, and the slots of its sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Level(StrEnum):
    """OK; information; a problem to fix; or unknown."""

    OK = "ok"
    INFO = "info"
    PROBLEM = "problem"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Finding:
    """One result. ``code`` is part of a label key: ``doctor.CODE.ok`` or ``.found`` says what was found, ``.why`` and
    ``.do`` why it matters and what to do.

    ``slots`` fill the sentences.
    """

    code: str
    level: Level
    slots: Mapping[str, str] = field(default_factory=dict)


def ok_finding(code: str, **slots: object) -> Finding:
    """No problem."""
    return _finding(code, Level.OK, slots)


def info_finding(code: str, **slots: object) -> Finding:
    """Information; nothing that must be fixed today."""
    return _finding(code, Level.INFO, slots)


def problem_finding(code: str, **slots: object) -> Finding:
    """A problem that somebody must fix."""
    return _finding(code, Level.PROBLEM, slots)


def unknown_finding(code: str, **slots: object) -> Finding:
    """Could not be checked; ``why`` says what prevented it."""
    return _finding(code, Level.UNKNOWN, slots)


def _finding(code: str, level: Level, slots: Mapping[str, object]) -> Finding:
    return Finding(code, level, {name: str(value) for name, value in slots.items()})
