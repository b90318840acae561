"""A large time and the words around it: set in a cell of its own, or in a line of text."""

from __future__ import annotations

from dataclasses import dataclass

from statuspage.catalog import Writing
from statuspage.facts import TimeText


@dataclass(frozen=True, slots=True)
class Laid:
    """A large time as its cell sets it: the day on a line of its own, the other words on the line of the time."""

    above: str
    before: str
    value: str
    after: str
    below: str


def laid(time: TimeText) -> Laid:
    """Sets the side that names a day apart; only a day has digits."""
    before, after = time.before.strip(), time.after.strip()
    above, below = (side if _has_day(side) else "" for side in (before, after))
    return Laid(above, "" if above else before, time.value, "" if below else after, below)


def in_line(time: TimeText, writing: Writing) -> str:
    """The same in a line of text: about 2:27, Wed 25 November."""
    if not writing.spaces:
        return f"{time.before}{time.value}{time.after}"
    before, after = time.before.strip(), time.after.strip()
    lead = f"{before}{', ' if _has_day(before) else ' '}" if before else ""
    rest = f"{', ' if _has_day(after) else ' '}{after}" if after else ""
    return f"{lead}{time.value}{rest}"


def _has_day(side: str) -> bool:
    return any(c.isdigit() for c in side)
