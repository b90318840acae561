"""Paths of the published files, and their URLs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

SECURITY_TXT = ".well-known/security.txt"
"""Where vulnerabilities of the page are reported (RFC 9116)."""


def incident_folder(language: str, incident_id: str) -> str:
    """The folder of an incident's page in one language."""
    return f"{language}/incidents/{incident_id}/"


def service(language: str, service_id: str) -> str:
    """The folder of a service in one language."""
    return f"{language}/services/{service_id}/"


def with_former_ids(files: dict[str, bytes], service_id: str, former_ids: Iterable[str]) -> dict[str, bytes]:
    """The files, with copies of a service's own files under its former ids."""
    own_files = {name: data for name, data in files.items() if f"/services/{service_id}/" in name}
    return files | {
        name.replace(f"/services/{service_id}/", f"/services/{former_id}/", 1): data
        for former_id in former_ids
        for name, data in own_files.items()
    }


def month(language: str, year: int, month_number: int, page_number: int = 0) -> str:
    """The folder of a month's page in one language, or of an older part of it if ``page_number`` is not 0."""
    folder = f"{language}/history/{year:04d}-{month_number:02d}/"
    return f"{folder}{page_number}/" if page_number else folder


def year(language: str, year_number: int) -> str:
    """The folder of a year's page in one language."""
    return f"{language}/history/{year_number:04d}/"


def subscribe(language: str) -> str:
    """The folder of the subscribe page."""
    return f"{language}/subscribe/"


def qr_poster(language: str) -> str:
    """The folder of the QR poster."""
    return f"{language}/counter/"


def qr_picture(language: str) -> str:
    """The path of the poster's QR code as an image."""
    return f"{language}/qr.svg"


def reading(language: str) -> str:
    """The folder of the page that explains how to read the others."""
    return f"{language}/reading/"


def month_of(at: datetime, zone: str) -> tuple[int, int]:
    """Year and month of this time in the zone."""
    local = at.astimezone(ZoneInfo(zone))
    return local.year, local.month


def month_span(year: int, month_number: int, zone: str) -> tuple[datetime, datetime]:
    """The first moment of a month and of the next one, in the zone."""
    following = add_months(year, month_number, 1)
    start = datetime(year, month_number, 1, tzinfo=ZoneInfo(zone))
    return start, datetime(*following, 1, tzinfo=ZoneInfo(zone))


def day_span(day: date, zone: str) -> tuple[datetime, datetime]:
    """The first moment of a day and of the next one, in the zone."""
    following = day + timedelta(days=1)
    start, end = (
        datetime(calendar_day.year, calendar_day.month, calendar_day.day, tzinfo=ZoneInfo(zone))
        for calendar_day in (day, following)
    )
    return start, end


def add_months(year: int, month_number: int, offset: int) -> tuple[int, int]:
    """The month this many months later, or earlier if negative."""
    total = year * 12 + month_number - 1 + offset
    return total // 12, total % 12 + 1


def anchor(sequence: int) -> str:
    """The id of a notice on its incident's page."""
    return f"n-{sequence}"
