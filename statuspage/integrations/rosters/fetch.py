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
    fetched: datetime | None = None
    trouble: str = ""


class Unfetched(Exception):
    """It could not be fetched; the code says why and names no address."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def copy_of(folder: Path, roster: str) -> Copy:
    """The copy in this folder; an empty one where there is none."""
    try:
        kept = json.loads((folder / f"{roster}.json").read_text("utf-8"))
        fetched = datetime.fromisoformat(kept["fetched"]) if kept["fetched"] else None
        return Copy(str(kept["text"]), fetched, str(kept["trouble"]))
    except (OSError, ValueError, KeyError, TypeError):
        return Copy()


def renew(folder: Path, addresses: Mapping[str, str], *, now: datetime) -> None:
    """Fetches each roster; one that cannot be fetched or read leaves the last good copy in place and says why."""
    for roster, address in addresses.items():
        before = copy_of(folder, roster)
        try:
            text = fetched(address)
            shifts(text, ZoneInfo("UTC"), now, now + AHEAD)
            _keep(folder, roster, Copy(text, now))
        except Unfetched as error:
            _keep(folder, roster, Copy(before.text, before.fetched, error.code))
        except Unreadable:
            _keep(folder, roster, Copy(before.text, before.fetched, "unreadable"))


def fetched(address: str) -> str:
    """The calendar at this address (webcal: as https). Raises Unfetched."""
    until = time.monotonic() + WHOLE
    where = _without_query(address)
    with requests.Session() as session:
        session.trust_env = False
        for _ in range(HOPS + 1):
            try:
                with session.get(where, timeout=(CONNECT, READ), stream=True, allow_redirects=False) as answer:
                    if not answer.is_redirect:
                        return _body(answer, until)
                    where = _further(where, answer.headers.get("location", ""))
            except (requests.RequestException, ValueError) as error:
                raise Unfetched("unreachable") from error
    raise Unfetched("moved")


def _without_query(address: str) -> str:
    where = address.strip()
    scheme, _, rest = where.partition("://")
    where = f"https://{rest}" if scheme.lower() == "webcal" else where
    if urlsplit(where).scheme not in ("https", "http"):
        raise Unfetched("address")
    return where


def _further(where: str, location: str) -> str:
    """Where the address sends us; never to another host, which might be one inside our own house."""
    further = urljoin(where, location)
    old, new = urlsplit(where), urlsplit(further)
    if (old.hostname, old.port) != (new.hostname, new.port) or (old.scheme == "https" and new.scheme != "https"):
        raise Unfetched("moved")
    return further


def _body(answer: requests.Response, until: float) -> str:
    if answer.status_code != requests.codes.ok:
        raise Unfetched("gone" if answer.status_code in (401, 403, 404, 410) else "unreachable")
    data = bytearray()
    for piece in answer.iter_content(65_536):
        data += piece
        if len(data) > LARGEST_CALENDAR:
            raise Unfetched("large")
        if time.monotonic() > until:
            raise Unfetched("slow")
    return data.decode("utf-8", "replace")


def _keep(folder: Path, roster: str, copy: Copy) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f".{roster}.{os.getpid()}"
    plain: dict[str, Any] = {"text": copy.text, "trouble": copy.trouble}
    plain["fetched"] = copy.fetched.astimezone(UTC).isoformat() if copy.fetched else ""
    with suppress(OSError):
        fresh.touch(0o600)
        fresh.write_text(json.dumps(plain, ensure_ascii=False), "utf-8")
        fresh.replace(folder / f"{roster}.json")
