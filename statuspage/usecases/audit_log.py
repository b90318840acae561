"""What was done with accounts, and how often strangers were refused: written down apart, read page by page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from statuspage.storage import accounts as rows
from statuspage.storage.engine import Connection, Database
from statuspage.usecases.throttling import FORGET, TRUSTED_FOR

REFUSALS_KEPT = timedelta(days=90)
"""How long it is kept how often strangers were refused."""

NETWORKS = 5
"""Of the networks they came from in one hour, the newest are named."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows, the newest first. ``older`` and ``newer`` are where the next pages begin; None where there is none."""

    rows: tuple[Row, ...]
    older: int | None = None
    newer: int | None = None


def refuse(tx: Connection, what: str, *, account: str, network: str, now: datetime) -> None:
    """A stranger was refused. ``account`` is the one they wanted into, "" where there is none of that name.

    Counted by the hour, so that strangers make the books no longer than a row an hour for each account.
    """
    hour = now.replace(minute=0, second=0, microsecond=0)
    known = rows.refusals_of(tx, what, account, hour)
    if known is None:
        counted = {"what": what, "account": account, "hour": hour, "last": now, "count": 1, "networks": [network]}
        rows.add_refusals(tx, counted)
        rows.sweep_refusals(tx, now - REFUSALS_KEPT)
        rows.sweep_failures(tx, counted_before=now - FORGET, at_home_before=now - TRUSTED_FOR)
        return
    networks = [*(one for one in known["networks"] if one != network), network][-NETWORKS:]
    rows.count_refusal(tx, known["id"], count=known["count"] + 1, last=now, networks=networks)


def actions(people: Database, limit: int, *, before: int | None = None, after: int | None = None) -> Page:
    """What people did with accounts: the newest, or those next to a row on either side of it."""
    return _page(people, rows.audited, limit, before, after)


def refusals(people: Database, limit: int, *, before: int | None = None, after: int | None = None) -> Page:
    """How often strangers were refused, by the hour, in the same way."""
    return _page(people, rows.refusals, limit, before, after)


def _page(
    people: Database, read: Callable[..., tuple[Row, ...]], limit: int, before: int | None, after: int | None
) -> Page:
    with people.read() as tx:
        found = read(tx, limit, before=before, after=after)
        if not found:
            return Page(())
        first, last = found[0]["id"], found[-1]["id"]
        older, newer = read(tx, 1, before=last), read(tx, 1, after=first)
    return Page(found, last if older else None, first if newer else None)
