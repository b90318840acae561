"""Finds out from calendars who is on call at a given time, until when, and who is next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from statuspage.domain import Responder
from statuspage.integrations.rosters.on_call_period import OnCallPeriod
from statuspage.integrations.rosters.recurrence import Shift, read_shifts

LOOKAHEAD = timedelta(days=35)
"""How far ahead the next person is looked for."""


def find_on_call(
    calendars: Sequence[str], responders: Iterable[Responder], zone: ZoneInfo, now: datetime
) -> OnCallPeriod:
    """Who is on call at this moment by these calendars. If two name somebody for the same time, the earlier calendar
    counts.

    ``zone`` applies to whole days and to times without a zone. Raises Unreadable.
    """
    layers = [read_shifts(text, zone, now, now + LOOKAHEAD) for text in calendars]
    candidates = tuple(responders)
    on_call = _on_call_at(layers, candidates, now)
    edges = sorted(
        {edge for layer in layers for shift in layer for edge in (shift.starts_at, shift.ends_at) if edge > now}
    )
    changes = [(edge, following) for edge in edges if (following := _on_call_at(layers, candidates, edge)) != on_call]
    on_call_until = changes[0][0] if changes else None
    next_starts_at, next_on_call = next(((edge, following) for edge, following in changes if following), (None, ()))
    return OnCallPeriod(on_call, on_call_until, next_on_call, next_starts_at)


def _on_call_at(
    layers: Sequence[Sequence[Shift]], responders: tuple[Responder, ...], at: datetime
) -> tuple[Responder, ...]:
    for layer in layers:
        on_call = dict.fromkeys(
            _responder_of(shift, responders) for shift in layer if shift.starts_at <= at < shift.ends_at
        )
        if on_call:
            return tuple(on_call)
    return ()


def _responder_of(shift: Shift, responders: tuple[Responder, ...]) -> Responder:
    """The responder whose address is among the attendees, else the one with the longest name in the title, else a
    responder without an id named as in the title."""
    for responder in responders:
        if responder.email and responder.email.lower() in shift.emails:
            return responder
    title = shift.title.lower()
    names = (
        (name, responder)
        for responder in responders
        for name in (responder.id, responder.name, responder.email, *responder.aliases)
    )
    matches = [(len(name), responder) for name, responder in names if _title_names(title, name)]
    if matches:
        return max(matches, key=lambda match: match[0])[1]
    return Responder("", shift.title)


def _title_names(title: str, name: str) -> bool:
    """Whether the title contains this name, not as a part of a longer Latin word."""
    start = title.find(name.lower()) if name else -1
    if start < 0:
        return False
    neighbours = (title[start - 1 : start], title[start + len(name) : start + len(name) + 1])
    return not any(char.isascii() and char.isalnum() for char in neighbours if name.isascii())
