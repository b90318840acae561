"""Rosters as calendars: who is on duty at a moment, until when, and who is next."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from statuspage.domain import Responder
from statuspage.integrations.rosters.recurrence import Shift, Unreadable, shifts

__all__ = ["AHEAD", "Rota", "Shift", "Unreadable", "rota", "shifts"]

AHEAD = timedelta(days=35)
"""How far ahead is looked for who is next."""


@dataclass(frozen=True, slots=True)
class Rota:
    """Who is on duty by one roster: ``now`` until ``until`` (None: for longer than we look), then ``next`` from
    ``begins`` on; nobody where a tuple is empty."""

    now: tuple[Responder, ...] = ()
    until: datetime | None = None
    next: tuple[Responder, ...] = ()
    begins: datetime | None = None


def rota(calendars: Sequence[str], people: Iterable[Responder], zone: ZoneInfo, now: datetime) -> Rota:
    """What these calendars say of this moment; of two that name somebody for a time the earlier one counts.

    ``zone`` is where whole days, and times without a zone, begin. Raises Unreadable.
    """
    layers = [shifts(text, zone, now, now + AHEAD) for text in calendars]
    known = tuple(people)
    on = _on(layers, known, now)
    edges = sorted({edge for layer in layers for shift in layer for edge in (shift.begins, shift.ends) if edge > now})
    later = [(edge, then) for edge in edges if (then := _on(layers, known, edge)) != on]
    until = later[0][0] if later else None
    begins, after = next(((edge, then) for edge, then in later if then), (None, ()))
    return Rota(on, until, after, begins)


def _on(layers: Sequence[Sequence[Shift]], people: tuple[Responder, ...], at: datetime) -> tuple[Responder, ...]:
    for layer in layers:
        found = dict.fromkeys(_whose(shift, people) for shift in layer if shift.begins <= at < shift.ends)
        if found:
            return tuple(found)
    return ()


def _whose(shift: Shift, people: tuple[Responder, ...]) -> Responder:
    """By an address among those invited, else by the longest name in the title; else whoever the title names."""
    for one in people:
        if one.mail and one.mail.lower() in shift.mails:
            return one
    title = shift.title.lower()
    names = ((name, one) for one in people for name in (one.id, one.name, one.mail, *one.also))
    named = [(len(name), one) for name, one in names if _title_names(title, name)]
    if named:
        return max(named, key=lambda found: found[0])[1]
    return Responder("", shift.title)


def _title_names(title: str, name: str) -> bool:
    """Whether the title has this name in it, not as a part of a longer Latin word."""
    at = title.find(name.lower()) if name else -1
    if at < 0:
        return False
    around = (title[at - 1 : at], title[at + len(name) : at + len(name) + 1])
    return not any(letter.isascii() and letter.isalnum() for letter in around if name.isascii())
