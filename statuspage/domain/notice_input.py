"""What somebody typed about a notice, on the form or as flags."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class NoticeInput:
    """The strings as they were typed, in the grammar of the command line.

    ``services``: ``id`` or ``id:state`` (operational: somebody confirmed that it works as usual); None if nobody was
    asked (those of the incident type are taken). ``audience``: all, some, checking, or ids of the organisation's
    groups joined by commas. ``start``: ``10:05``, ``about:10:05``, ``noticed:10:05``, ``5m`` (ago), ``now``.
    ``estimate``: unknown, ``13:30``, ``30m`` (from now), ``12:30..13:30``, ``not-before:13:30``. ``next_update``:
    ``30m``, ``12:45``; "" takes the incident type's cadence. ``ended``: as ``start``, without precision. ``begins``,
    ``ends``: the window of planned work, ``12/1 02:00``; ``ends`` also as a length, ``2h``. ``remind``: how long
    before it customers are reminded, ``1d``, or none; "" takes a day, or an hour if that is too late.
    """

    incident_type: str = ""
    services: tuple[str, ...] | None = None
    audience: str = ""
    start: str = ""
    estimate: str = ""
    workarounds: tuple[str, ...] = ()
    current_action: str = ""
    cause: str = ""
    next_update: str = ""
    ended: str = ""
    begins: str = ""
    ends: str = ""
    remind: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    extra: Mapping[str, str] = field(default_factory=dict)
    postmortem: Mapping[str, str] = field(default_factory=dict)
    text: Mapping[str, str] = field(default_factory=dict)
    only: tuple[str, ...] = ()
    reason: str = ""


def strip_invisible(text: str) -> str:
    """Unifies line ends, strips blanks at the ends, and removes invisible characters: they come along from web
    pages."""
    return _SHOWS_NOTHING.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


_SHOWS_NOTHING = re.compile("[\u00ad\u180e\u200b\u2060-\u2064\ufeff]")
"""Soft hyphens, zero-width blanks, byte order marks. Joiners of emoji and direction marks stay."""
