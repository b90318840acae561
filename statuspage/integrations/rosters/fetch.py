"""Fetches a roster from its address within limits of size and time, and keeps the last copy that could be read."""

from __future__ import annotations

import json
import os
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

from statuspage.integrations.rosters.lookup import AHEAD
from statuspage.integrations.rosters.recurrence import LARGEST_CALENDAR, Unreadable, shifts

CONNECT, READ, WHOLE = 5.0, 10.0, 20.0
"""Seconds to be connected, for the next bytes, and for all of it."""

HOPS = 3
"""How often an address may send us on, on its own host only."""


@dataclass(frozen=True, slots=True)
class Copy:
    """What was fetched last: the calendar ("": never any), when (UTC), and what was wrong with the newest attempt
    (``desk.duty.trouble.KEY``; "": nothing)."""

    text: str = ""
    fetched_at: datetime | None = None
    problem: str = ""


class Unfetched(Exception):
    """It could not be fetched; the code says why and names no address."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def copy_of(folder: Path, roster: str) -> Copy:
    """The copy in this folder; an empty one where there is none."""
    try:
        stored = json.loads((folder / f"{roster}.json").read_text("utf-8"))
        fetched_at = datetime.fromisoformat(stored["fetched"]) if stored["fetched"] else None
        return Copy(str(stored["text"]), fetched_at, str(stored["trouble"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Copy()


def renew(folder: Path, addresses: Mapping[str, str], *, now: datetime) -> None:
    """Fetches each roster; one that cannot be fetched or read leaves the last good copy in place and says why."""
    for roster, address in addresses.items():
        previous = copy_of(folder, roster)
        try:
            text = fetched(address)
            shifts(text, ZoneInfo("UTC"), now, now + AHEAD)
            _keep(folder, roster, Copy(text, now))
        except Unfetched as error:
            _keep(folder, roster, Copy(previous.text, previous.fetched_at, error.code))
        except Unreadable:
            _keep(folder, roster, Copy(previous.text, previous.fetched_at, "unreadable"))


def fetched(address: str) -> str:
    """The calendar at this address (webcal: as https). Raises Unfetched."""
    deadline = time.monotonic() + WHOLE
    url = _without_query(address)
    with requests.Session() as session:
        session.trust_env = False
        for _ in range(HOPS + 1):
            try:
                with session.get(url, timeout=(CONNECT, READ), stream=True, allow_redirects=False) as response:
                    if not response.is_redirect:
                        return _body(response, deadline)
                    url = _further(url, response.headers.get("location", ""))
            except (requests.RequestException, ValueError) as error:
                raise Unfetched("unreachable") from error
    raise Unfetched("moved")


def _without_query(address: str) -> str:
    url = address.strip()
    scheme, _, rest = url.partition("://")
    url = f"https://{rest}" if scheme.lower() == "webcal" else url
    if urlsplit(url).scheme not in ("https", "http"):
        raise Unfetched("address")
    return url


def _further(url: str, location: str) -> str:
    """Where the address sends us; never to another host, which might be one inside our own house."""
    target = urljoin(url, location)
    current_parts, target_parts = urlsplit(url), urlsplit(target)
    if (current_parts.hostname, current_parts.port) != (target_parts.hostname, target_parts.port) or (current_parts.scheme == "https" and target_parts.scheme != "https"):
        raise Unfetched("moved")
    return target


def _body(response: requests.Response, deadline: float) -> str:
    if response.status_code != requests.codes.ok:
        raise Unfetched("gone" if response.status_code in (401, 403, 404, 410) else "unreachable")
    data = bytearray()
    for chunk in response.iter_content(65_536):
        data += chunk
        if len(data) > LARGEST_CALENDAR:
            raise Unfetched("large")
        if time.monotonic() > deadline:
            raise Unfetched("slow")
    return data.decode("utf-8", "replace")


def _keep(folder: Path, roster: str, copy: Copy) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    temporary = folder / f".{roster}.{os.getpid()}"
    fields: dict[str, Any] = {"text": copy.text, "trouble": copy.problem}
    fields["fetched"] = copy.fetched_at.astimezone(UTC).isoformat() if copy.fetched_at else ""
    with suppress(OSError):
        temporary.touch(0o600)
        temporary.write_text(json.dumps(fields, ensure_ascii=False), "utf-8")
        temporary.replace(folder / f"{roster}.json")
