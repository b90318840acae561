"""Names of the published files, and the addresses they are read at."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo


def incident(language: str, incident_id: str) -> str:
    """Folder of an incident's page in one language."""
    return f"{language}/incidents/{incident_id}/"


def month(language: str, year: int, number: int) -> str:
    """Folder of a month's page in one language."""
    return f"{language}/history/{year:04d}-{number:02d}/"


def month_of(at: datetime, zone: str) -> tuple[int, int]:
    """Year and month of this moment on the site's own clock."""
    local = at.astimezone(ZoneInfo(zone))
    return local.year, local.month


def month_span(year: int, number: int, zone: str) -> tuple[datetime, datetime]:
    """First moment of a month and of the next one, on the site's own clock."""
    following = step(year, number, 1)
    start = datetime(year, number, 1, tzinfo=ZoneInfo(zone))
    return start, datetime(*following, 1, tzinfo=ZoneInfo(zone))


def step(year: int, number: int, by: int) -> tuple[int, int]:
    """The month so many months later, or earlier when negative."""
    total = year * 12 + number - 1 + by
    return total // 12, total % 12 + 1


def anchor(sequence: int) -> str:
    """The id of a notice on its incident's page."""
    return f"n-{sequence}"
