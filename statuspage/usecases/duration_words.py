"""A length of time in words: 18:07 would be a time of day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta


def in_minutes(length: timedelta, label: Callable[..., str]) -> str:
    """In whole minutes, from an hour on in hours and minutes, from a day on in days."""
    minutes = abs(int(length.total_seconds())) // 60
    hours, rest = divmod(minutes, 60)
    if hours >= 24:
        return label("desk.span.days", days=hours // 24)
    return label("desk.span.hours", hours=hours, minutes=rest) if hours else label("desk.span.minutes", minutes=rest)


def with_seconds(length: timedelta, label: Callable[..., str]) -> str:
    """With its seconds; from an hour on in hours and minutes."""
    minutes, seconds = divmod(abs(int(length.total_seconds())), 60)
    if minutes >= 60 or (minutes and not seconds):
        return in_minutes(length, label)
    return label("desk.span.minutes_seconds" if minutes else "desk.span.seconds", minutes=minutes, seconds=seconds)
