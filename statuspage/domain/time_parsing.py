"""Parses times as people type them, in the site's zone. How exactly a time is known (*about 10:05*) is a value of its
own, ``StartInput``: made by ``cli.notices.short_forms`` and ``web.desk.notice_form.fields``."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

NEAR = timedelta(hours=12)
"""A time of day without a day means the one within this distance of now; beyond that, today's."""

FAR = timedelta(days=90)
"""A day without its year is never further away than this in the wrong direction."""

_NOW = ("now", "今")
_CLOCK = re.compile(r"(?:(?P<h>\d{1,2})(?:[:.](?P<m>\d{2})|時(?:(?P<mj>\d{1,2})分?)?)|(?P<hm>\d{3,4}))")
_LENGTH = re.compile(
    r"(?:(\d{1,2})\s*(?:d|日))?\s*(?:(\d{1,3})\s*(?:h|時間))?\s*(?:(\d{1,4})\s*(?:m|min|分))?(?:\s*(?:前|後|ago))?"
)
_DAY = re.compile(r"(?:(\d{4})[-/年])?(\d{1,2})[-/月](\d{1,2})日?(?:\([^)]*\))?[t\s]*(.+)")


@dataclass(frozen=True, slots=True)
class TimeParser:
    """Parses times relative to ``now`` (aware, UTC) in the zone named ``zone``."""

    zone: str
    now: datetime

    def parse_past(self, text: str) -> datetime | None:
        """A past time: ``now``, ``5m`` ago, ``10:05``, ``7/4 10:05``, ISO 8601. None if it cannot be parsed."""
        return self._parse(text, -1)

    def parse_future(self, text: str) -> datetime | None:
        """A future time: ``30m`` from now, ``13:30``, ``7/4 10:05``, ISO 8601. None if it cannot be parsed."""
        return self._parse(text, 1)

    def _parse(self, raw_text: str, direction: int) -> datetime | None:
        text = unicodedata.normalize("NFKC", raw_text).strip().lower()
        if text in _NOW:
            return self._to_minute(self.now)
        length = _parse_length(text)
        if length is not None:
            return self._to_minute(self.now + direction * length)
        clock = _parse_clock(text)
        if clock is not None:
            return self._nearest(clock, direction)
        return self._parse_dated(text, direction) or _parse_iso(raw_text.strip())

    def _to_minute(self, at: datetime) -> datetime:
        return at.replace(second=0, microsecond=0)

    def _to_utc(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, tzinfo=ZoneInfo(self.zone)).astimezone(UTC)

    def _nearest(self, clock: time, direction: int) -> datetime:
        today = self.now.astimezone(ZoneInfo(self.zone)).date()
        at = self._to_utc(today, clock)
        if direction * (at - self.now) >= -timedelta(minutes=1):
            return at
        neighbour = self._to_utc(today + timedelta(days=direction), clock)
        return neighbour if abs(neighbour - self.now) <= NEAR else at

    def _parse_dated(self, text: str, direction: int) -> datetime | None:
        """Parses a day and time. A day without a year means the nearest one that is not far away in the wrong
        direction."""
        match = _DAY.fullmatch(text)
        clock = _parse_clock(match[4].strip()) if match else None
        if match is None or clock is None:
            return None
        year, month, day = match[1], int(match[2]), int(match[3])
        this_year = self.now.astimezone(ZoneInfo(self.zone)).year
        try:
            at = self._to_utc(date(int(year or this_year), month, day), clock)
            is_too_far = not year and direction * (self.now - at) > FAR
            return self._to_utc(date(this_year + direction, month, day), clock) if is_too_far else at
        except (ValueError, OverflowError):
            return None


def is_length(text: str) -> bool:
    """Whether this is a duration, not a time: ``2h``, ``90m``, ``1d``."""
    return _parse_length(unicodedata.normalize("NFKC", text).strip().lower()) is not None


def is_relative(text: str) -> bool:
    """Whether this is relative to now: ``now``, or a duration."""
    return unicodedata.normalize("NFKC", text).strip().lower() in _NOW or is_length(text)


def _parse_length(text: str) -> timedelta | None:
    match = _LENGTH.fullmatch(text)
    if match is None or not (match[1] or match[2] or match[3]):
        return None
    return timedelta(days=int(match[1] or 0), hours=int(match[2] or 0), minutes=int(match[3] or 0))


def _parse_clock(text: str) -> time | None:
    match = _CLOCK.fullmatch(text)
    if match is None:
        return None
    hour, minute = match["h"] or match["hm"][:-2], match["m"] or match["mj"] or (match["hm"] or "00")[-2:]
    return time(int(hour), int(minute)) if int(hour) < 24 and int(minute) < 60 else None


def _parse_iso(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None
