"""Reads what somebody typed, on the form or as flags, into facts; what cannot be read stays beside its field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class NoticeInput:
    """The strings as they were typed, in the grammar of the command line.

    ``services``: ``id`` or ``id:state`` (operational: somebody made sure that it works as usual);
    None when nobody was asked (the kind's own are taken).
    ``who``: all, some, checking, or ids of the house's groups joined by commas.
    ``since``: ``10:05``, ``about:10:05``, ``noticed:10:05``, ``5m`` (ago), ``now``.
    ``estimate``: unknown, ``13:30``, ``30m`` (from now), ``12:30..13:30``, ``not-before:13:30``.
    ``next``: ``30m``, ``12:45``; "" takes the kind's cadence. ``ended``: as ``since``, without precision.
    ``begins``, ``ends``: the window of planned work, ``12/1 02:00``; ``ends`` also as a length, ``2h``.
    ``remind``: how long before it customers are reminded, ``1d``, or none; "" takes a day, or an hour where that is
    too late.
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
    """Line ends made one, blanks at the ends gone, and whatever shows nothing: it comes along from web pages."""
    return _SHOWS_NOTHING.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


_SHOWS_NOTHING = re.compile("[\u00ad\u180e\u200b\u2060-\u2064\ufeff]")
"""Soft hyphen, blanks without width, marks of byte order. What joins emoji, and marks of direction, stay."""
