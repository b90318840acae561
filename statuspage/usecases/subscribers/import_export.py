"""Lists of subscribers: taken over from elsewhere with proof of consent, handed out, kept in another place each day."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from statuspage.domain import Catalog, Kind, Origin, Standing, Subscriber, Wish, unreadable
from statuspage.storage import subscribers
from statuspage.storage.engine import Connection, Database
from statuspage.usecases.subscribers import input

PROOF = ("consent_who", "consent_when", "consent_how")
"""Columns that say by whom, when and how consent was given; each must be filled in."""

COLUMNS = ("address", "language", "services", "about", "how_much", *PROOF)
"""Of a list that is taken over; the last three and the address are needed."""

GIVEN = ("kind", *COLUMNS, "contact", "standing", "origin", "created", "confirmed")
"""Of a list that is handed out. No secret and no link is among them."""

MOST_FAULTS = 200
"""Told at once; whoever has more begins with these."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """What cannot be taken in a line (1 is the heading), as the tail of a label (``cli.list.KEY``)."""

    line: int
    key: str
    column: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a list: how many are new, were told already, and are left out because they left or bounced."""

    added: int = 0
    known: int = 0
    left_out: int = 0
    faults: tuple[Wrong, ...] = ()


def take_over(books: Database, text: str, catalog: Catalog, *, now: datetime) -> Taken:
    """Everybody in the list is told from now on; or nobody, when anything in it is wrong. Raises Busy, Broken."""
    rows, faults = read_list(text, catalog, now=now)
    if faults:
        return Taken(faults=faults)
    with books.begin() as tx:
        done = [_insert_row(tx, row) for row in rows]
    return Taken(done.count("added"), done.count("known"), done.count("left_out"))


def read_list(text: str, catalog: Catalog, *, now: datetime) -> tuple[tuple[Subscriber, ...], tuple[Wrong, ...]]:
    """What stands in a list of comma-separated values (RFC 4180), and all that is wrong with it."""
    lines = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    rows: list[Subscriber] = []
    faults: list[Wrong] = []
    try:
        head = [name.strip().casefold() for name in lines.fieldnames or ()]
        lines.fieldnames = head
        faults += [Wrong(1, "column", name) for name in ("address", *PROOF) if name not in head]
        faults += [Wrong(1, "unknown_column", name) for name in head if name not in GIVEN]
        for row in [] if faults else lines:
            found, wrong = _subscriber_row(row, lines.line_num, catalog, now)
            rows += [found] if found else []
            faults += wrong
    except csv.Error as error:
        faults.append(Wrong(lines.line_num, "broken", value=str(error)))
    faults += _twice(rows)
    return tuple(rows), tuple(faults[:MOST_FAULTS])


def _subscriber_row(
    row: Mapping[str | None, str | None], line: int, catalog: Catalog, now: datetime
) -> tuple[Subscriber | None, list[Wrong]]:
    if None in row or None in row.values():
        return None, [Wrong(line, "count")]
    given = {str(name): (value or "").strip() for name, value in row.items()}
    if given.get("standing", Standing.ACTIVE) != Standing.ACTIVE or given.get("kind", Kind.MAIL) != Kind.MAIL:
        return None, []  # A list of our own holds those too who are told no more.
    faults = [Wrong(line, "empty", name) for name in PROOF if not given[name]]
    faults += [Wrong(line, "characters", name) for name in PROOF if unreadable(given[name])]
    faults += _of_when(given["consent_when"], line, now)
    if not (address := input.mail_address(given["address"])):
        faults.append(Wrong(line, "address", "address", given["address"][:80]))
    services = [one for one in given.get("services", "").replace(";", " ").split() if one]
    spoken = catalog.languages
    wish, problems = input.wish(given, services, catalog, language=spoken[0], languages=spoken)
    faults += [Wrong(line, "choice", one.field, given.get(one.field, "")[:80]) for one in problems]
    if faults or wish is None:
        return None, faults
    proof = {name.removeprefix("consent_"): given[name] for name in PROOF}
    return Subscriber(line, Kind.MAIL, address, wish, Standing.ACTIVE, Origin.IMPORT, now, now, proof=proof), []


def _of_when(text: str, line: int, now: datetime) -> list[Wrong]:
    """The day consent was given, as in 2026-04-01, with or without a time; none that is still to come."""
    with suppress(ValueError):
        at = datetime.fromisoformat(text)
        if (at if at.tzinfo else at.replace(tzinfo=UTC)) <= now:
            return []
    return [Wrong(line, "when", "consent_when", text[:80])] if text else []


def _twice(rows: list[Subscriber]) -> list[Wrong]:
    seen: dict[str, int] = {}
    found = []
    for row in rows:
        if row.address in seen:
            found.append(Wrong(row.id, "twice", "address", str(seen[row.address])))
        seen.setdefault(row.address, row.id)
    return found


def _insert_row(tx: Connection, row: Subscriber) -> str:
    """An address that left, bounced or was erased is not brought back by a list; only by its owner."""
    known = subscribers.by_address(tx, Kind.MAIL, row.address)
    if subscribers.suppressed(tx, Kind.MAIL, row.address) or (known and known.standing is Standing.UNSUBSCRIBED):
        return "left_out"
    if known and known.standing is Standing.ACTIVE:
        return "known"
    if known:
        subscribers.erase(tx, known.id)
    subscribers.insert_subscriber(tx, row)
    return "added"


def given_out(books: Database) -> Iterator[str]:
    """Every row as a line of comma-separated values, the heading first. Raises Busy, Broken."""
    yield _csv_line(GIVEN)
    with books.read() as tx:
        for one in subscribers.all_subscribers(tx):
            yield _csv_line(_csv_values(one))


def subscriber_json(one: Subscriber) -> dict[str, str]:
    """A row by the names of the columns."""
    return dict(zip(GIVEN, _csv_values(one), strict=True))


def _csv_values(one: Subscriber) -> tuple[str, ...]:
    wish: Wish = one.wish
    proof = tuple(one.proof.get(name.removeprefix("consent_"), "") for name in PROOF)
    asked = (wish.language, ";".join(wish.services), wish.about.value, wish.how_much.value)
    times = (one.created.isoformat(), one.confirmed.isoformat() if one.confirmed else "")
    return (one.kind.value, one.address, *asked, *proof, one.contact, one.standing.value, one.origin.value, *times)


def _csv_line(values: tuple[str, ...]) -> str:
    """A value that a spreadsheet would take for a formula begins with an apostrophe (OWASP, CSV injection)."""
    line = io.StringIO()
    csv.writer(line).writerow(f"'{value}" if value[:1] in "=+-@\t\r" and value else value for value in values)
    return line.getvalue()


def keep_copy(books: Database, folder: Path, *, now: datetime) -> Path | None:
    """The list as of today in this folder, readable by its owner only; None when today's is there already."""
    file = folder / f"subscribers-{now.astimezone(UTC):%Y-%m-%d}.csv"
    if file.exists():
        return None
    write_list(given_out(books), file)
    return file


def write_list(lines: Iterable[str], file: Path) -> int:
    """Writes them to this file, whole or not at all, readable by its owner only; returns how many. Raises OSError."""
    fresh = file.with_name(f"{file.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.touch(0o600)
    count = 0
    with fresh.open("w", encoding="utf-8", newline="") as out:
        for count, line in enumerate(lines, 1):  # noqa: B007 - the last one is how many there are
            out.write(line)
        out.flush()
        os.fsync(out.fileno())
    fresh.replace(file)
    return count
