"""Fetches one file of a public page as any reader gets it, with the server's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests

PAGE_TIMEOUT = 8.0
MAX_PAGE_BYTES = 2_000_000
"""The time limit in seconds, and the maximum number of bytes."""


class PageUnreadable(Exception):
    """It cannot be read from here; the text says why."""


@dataclass(frozen=True, slots=True)
class Page:
    """The content; ``date`` is the server's clock, None if not stated."""

    body: bytes
    date: datetime | None


def fetch_page(address: str) -> Page:
    """Fetches the file. Raises PageUnreadable; redirects are not followed."""
    headers = {"Cache-Control": "no-cache", "User-Agent": "statuspage-doctor"}
    with requests.Session() as session:
        session.trust_env = False
        try:
            with session.get(
                address, timeout=PAGE_TIMEOUT, stream=True, allow_redirects=False, headers=headers
            ) as response:
                if response.status_code != requests.codes.ok:
                    raise PageUnreadable(str(response.status_code))
                return Page(_read_body(response), _parse_date(response.headers.get("Date", "")))
        except OSError as error:  # also of a missing file of authorities, which requests raises as it is
            raise PageUnreadable(type(error).__name__) from error


def _read_body(response: requests.Response) -> bytes:
    data = bytearray()
    for chunk in response.iter_content(65_536):
        data += chunk
        if len(data) > MAX_PAGE_BYTES:
            raise PageUnreadable("too large")
    return bytes(data)


def _parse_date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except ValueError:
        return None
