"""Fetches a roster from its address, with limits on size and time, and keeps the last readable copy."""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit
from zoneinfo import ZoneInfo

import requests

from statuspage.integrations.rosters.lookup import LOOKAHEAD
from statuspage.integrations.rosters.recurrence import MAX_CALENDAR, Unreadable, read_shifts

CONNECT, READ, TOTAL = 5.0, 10.0, 20.0
"""Time limits in seconds: to connect, for the next bytes, and in total."""

MAX_REDIRECTS = 3
"""The maximum number of redirects, which must stay on the same host."""


@dataclass(frozen=True, slots=True)
class RosterCopy:
    """The last copy: the calendar ("": none so far), when it was fetched (UTC), and the error of the newest attempt
    (``desk.on_call.roster_problem.KEY``; "": none)."""

    text: str = ""
    fetched_at: datetime | None = None
    problem: str = ""


class FetchFailed(Exception):
    """The fetch failed. The code says why and contains no address."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_copy(folder: Path, roster: str) -> RosterCopy:
    """The copy in this folder; an empty one if there is none."""
    try:
        stored = json.loads((folder / f"{roster}.json").read_text("utf-8"))
        fetched_at = datetime.fromisoformat(stored["fetched_at"]) if stored["fetched_at"] else None
        return RosterCopy(str(stored["text"]), fetched_at, str(stored["problem"]))
    except (OSError, ValueError, KeyError, TypeError):
        return RosterCopy()


def refresh_rosters(folder: Path, addresses: Mapping[str, str], *, now: datetime) -> None:
    """Fetches each roster. If one cannot be fetched or read, its last good copy is kept and the error recorded."""
    for roster, address in addresses.items():
        previous = read_copy(folder, roster)
        try:
            text = fetch_calendar(address)
            read_shifts(text, ZoneInfo("UTC"), now, now + LOOKAHEAD)
            _save_copy(folder, roster, RosterCopy(text, now))
        except FetchFailed as error:
            _save_copy(folder, roster, RosterCopy(previous.text, previous.fetched_at, error.code))
        except Unreadable:
            _save_copy(folder, roster, RosterCopy(previous.text, previous.fetched_at, "unreadable"))


def fetch_calendar(address: str) -> str:
    """The calendar at this address (webcal: is fetched as https). Raises FetchFailed."""
    deadline = time.monotonic() + TOTAL
    url = _http_url(address)
    with requests.Session() as session:
        session.trust_env = False
        for _ in range(MAX_REDIRECTS + 1):
            try:
                with session.get(url, timeout=(CONNECT, READ), stream=True, allow_redirects=False) as response:
                    if not response.is_redirect:
                        return _read_body(response, deadline)
                    url = _redirect_target(url, response.headers.get("location", ""))
            except (OSError, ValueError) as error:  # of a missing file of authorities requests raises an OSError
                raise FetchFailed("unreachable") from error
    raise FetchFailed("moved")


def _http_url(address: str) -> str:
    url = address.strip()
    scheme, _, rest = url.partition("://")
    url = f"https://{rest}" if scheme.lower() == "webcal" else url
    if urlsplit(url).scheme not in ("https", "http"):
        raise FetchFailed("address")
    return url


def _redirect_target(url: str, location: str) -> str:
    """The target of a redirect, which must not be another host: that could be inside our own network."""
    target = urljoin(url, location)
    current_parts, target_parts = urlsplit(url), urlsplit(target)
    if (current_parts.hostname, current_parts.port) != (target_parts.hostname, target_parts.port) or (
        current_parts.scheme == "https" and target_parts.scheme != "https"
    ):
        raise FetchFailed("moved")
    return target


def _read_body(response: requests.Response, deadline: float) -> str:
    if response.status_code != requests.codes.ok:
        raise FetchFailed("gone" if response.status_code in (401, 403, 404, 410) else "unreachable")
    data = bytearray()
    for chunk in response.iter_content(65_536):
        data += chunk
        if len(data) > MAX_CALENDAR:
            raise FetchFailed("large")
        if time.monotonic() > deadline:
            raise FetchFailed("slow")
    return data.decode("utf-8", "replace")


def _save_copy(folder: Path, roster: str, copy: RosterCopy) -> None:
    """Readable by the owner only and, where the folder passes its group on, by the group: the drill's user reads it."""
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{roster}.{os.getpid()}"
    fields: dict[str, Any] = {"text": copy.text, "problem": copy.problem}
    fields["fetched_at"] = copy.fetched_at.astimezone(UTC).isoformat() if copy.fetched_at else ""
    with suppress(OSError):
        temporary.touch(0o600)
        temporary.chmod(0o640 if folder.stat().st_mode & stat.S_ISGID else 0o600)
        temporary.write_text(json.dumps(fields, ensure_ascii=False), "utf-8")
        temporary.replace(folder / f"{roster}.json")
