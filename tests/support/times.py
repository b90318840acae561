"""Times in tests: Tokyo time on the day of the incident, Saturday 4 July 2026."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")
STORY_DAY = "2026-07-04"


def at(clock: str, day: str = STORY_DAY) -> datetime:
    """``at("10:05")`` or ``at("10:05:30")`` on that day in Tokyo; aware, UTC."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=TOKYO).astimezone(UTC)
