"""Subscriber lists: imported with proof of consent, exported, and copied to another place each day."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from statuspage.domain import (
    Catalog,
    Origin,
    Preferences,
    Subscriber,
    SubscriberStatus,
    SubscriberType,
    has_unreadable_characters,
)
from statuspage.storage import subscribers
from statuspage.storage.engine import Connection, Database
from statuspage.usecases.subscribers import foreign_lists, input
from statuspage.usecases.subscribers.foreign_lists import Consent

CONSENT_COLUMNS = ("consent_who", "consent_when", "consent_how")
"""Columns that say by whom, when and how consent was given; each must be filled in."""

IMPORT_COLUMNS = ("address", "language", "services", "about", "how_much", *CONSENT_COLUMNS)
"""Columns of an imported list. The address and the last three are required."""

EXPORT_COLUMNS = ("kind", *IMPORT_COLUMNS, "contact", "standing", "origin", "created", "confirmed")
"""Columns of an exported list. It contains no secrets and no links."""

NO_CONSENT = Consent()

MAX_ERRORS = 200
"""The maximum number of errors reported at once."""


@dataclass(frozen=True, slots=True)
class RowError:
    """An error in a line (1 is the heading), as the last part of a label key (``cli.list.KEY``)."""

    line_number: int
    key: str
    column: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The result of an import: how many are new, were already subscribed, and were skipped because they unsubscribed or
    bounced. ``refused`` are rows of another product's list that cannot be subscribed here, and ``unused`` its columns
    that nothing is read from."""

    added: int = 0
    already_active: int = 0
    skipped: int = 0
    errors: tuple[RowError, ...] = ()
    refused: tuple[RowError, ...] = ()
    unused: tuple[str, ...] = ()


def import_subscribers(
    database: Database,
    text: str,
    catalog: Catalog,
    *,
    now: datetime,
    consent: Consent = NO_CONSENT,
    dry_run: bool = False,
) -> ImportResult:
    """Subscribes everybody in the list, or nobody if there is an error in it. Raises DatabaseBusy, DatabaseBroken.

    Of another product's list, those rows are subscribed that can be; ``consent`` is their proof. ``dry_run``: nothing
    is stored.
    """
    refused: tuple[RowError, ...] = ()
    unused: tuple[str, ...] = ()
    if foreign_lists.is_foreign(text):
        unused = foreign_lists.unused_columns(text)
        new_subscribers, errors, refused = _parse_foreign_list(text, catalog, consent, now=now)
    else:
        new_subscribers, errors = parse_list(text, catalog, now=now)
    if errors:
        return ImportResult(errors=errors, refused=refused, unused=unused)
    if dry_run:
        with database.read() as tx:
            outcomes = [_find_outcome(tx, subscriber) for subscriber in new_subscribers]
    else:
        with database.begin() as tx:
            outcomes = [_insert_subscriber(tx, subscriber) for subscriber in new_subscribers]
    added, known, left_out = (outcomes.count(outcome) for outcome in ("added", "known", "left_out"))
    return ImportResult(added, known, left_out, refused=refused, unused=unused)


def _parse_foreign_list(
    text: str, catalog: Catalog, consent: Consent, *, now: datetime
) -> tuple[tuple[Subscriber, ...], tuple[RowError, ...], tuple[RowError, ...]]:
    """The subscribers of another product's list, errors in the whole of it, and the rows that are refused."""
    if not consent.how:
        return (), (RowError(1, "no_proof"),), ()
    accepted: dict[str, Subscriber] = {}
    refused: list[RowError] = []
    try:
        for row in foreign_lists.read_rows(text, catalog, consent):
            if row.reason:
                refused.append(RowError(row.line_number, row.reason, value=row.value))
                continue
            subscriber, row_errors = _subscriber_row(row.values, row.line_number, catalog, now)
            refused += row_errors[:1]
            if subscriber and subscriber.address in accepted:
                first = accepted[subscriber.address]
                refused.append(RowError(row.line_number, "duplicate", "address", str(first.id)))
            elif subscriber:
                accepted[subscriber.address] = subscriber
    except csv.Error as error:
        return (), (RowError(1, "broken", value=str(error)),), ()
    return tuple(accepted.values()), (), tuple(refused)


def parse_list(text: str, catalog: Catalog, *, now: datetime) -> tuple[tuple[Subscriber, ...], tuple[RowError, ...]]:
    """Parses a CSV list (RFC 4180); returns it with all errors."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    accepted: list[Subscriber] = []
    errors: list[RowError] = []
    try:
        columns = [name.strip().casefold() for name in reader.fieldnames or ()]
        reader.fieldnames = columns
        errors += [RowError(1, "column", name) for name in ("address", *CONSENT_COLUMNS) if name not in columns]
        errors += [RowError(1, "unknown_column", name) for name in columns if name not in EXPORT_COLUMNS]
        for row in [] if errors else reader:
            subscriber, row_errors = _subscriber_row(row, reader.line_num, catalog, now)
            accepted += [subscriber] if subscriber else []
            errors += row_errors
    except csv.Error as error:
        errors.append(RowError(reader.line_num, "broken", value=str(error)))
    errors += _duplicate_errors(accepted)
    return tuple(accepted), tuple(errors[:MAX_ERRORS])


def _subscriber_row(
    row: Mapping[str | None, str | None] | Mapping[str, str], line_number: int, catalog: Catalog, now: datetime
) -> tuple[Subscriber | None, list[RowError]]:
    if None in row or None in row.values():
        return None, [RowError(line_number, "count")]
    values = {str(name): (value or "").strip() for name, value in row.items()}
    if (
        values.get("standing", SubscriberStatus.ACTIVE) != SubscriberStatus.ACTIVE
        or values.get("kind", SubscriberType.EMAIL) != SubscriberType.EMAIL
    ):
        return None, []  # An exported list includes inactive subscribers.
    errors = [RowError(line_number, "empty", name) for name in CONSENT_COLUMNS if not values[name]]
    errors += [
        RowError(line_number, "characters", name) for name in CONSENT_COLUMNS if has_unreadable_characters(values[name])
    ]
    errors += _consent_date_errors(values["consent_when"], line_number, now)
    if not (address := input.parse_email_address(values["address"])):
        errors.append(RowError(line_number, "address", "address", values["address"][:80]))
    services = [service for service in values.get("services", "").replace(";", " ").split() if service]
    languages = catalog.languages
    preferences, problems = input.parse_preferences(
        values, services, catalog, language=languages[0], languages=languages
    )
    errors += [
        RowError(line_number, "choice", problem.field, values.get(problem.field, "")[:80]) for problem in problems
    ]
    if errors or preferences is None:
        return None, errors
    proof = {name.removeprefix("consent_"): values[name] for name in CONSENT_COLUMNS}
    return Subscriber(
        line_number,
        SubscriberType.EMAIL,
        address,
        preferences,
        SubscriberStatus.ACTIVE,
        Origin.IMPORT,
        now,
        now,
        consent=proof,
    ), []


def _consent_date_errors(text: str, line_number: int, now: datetime) -> list[RowError]:
    """Errors in the date of consent: like 2026-04-01, with or without a time, not in the future."""
    with suppress(ValueError):
        consent_at = datetime.fromisoformat(text)
        if (consent_at if consent_at.tzinfo else consent_at.replace(tzinfo=UTC)) <= now:
            return []
    return [RowError(line_number, "when", "consent_when", text[:80])] if text else []


def _duplicate_errors(accepted: list[Subscriber]) -> list[RowError]:
    first_lines: dict[str, int] = {}
    errors = []
    for subscriber in accepted:
        if subscriber.address in first_lines:
            errors.append(RowError(subscriber.id, "duplicate", "address", str(first_lines[subscriber.address])))
        first_lines.setdefault(subscriber.address, subscriber.id)
    return errors


def _insert_subscriber(tx: Connection, subscriber: Subscriber) -> str:
    """Inserts a subscriber, unless its outcome is another one."""
    outcome = _find_outcome(tx, subscriber)
    if outcome == "added":
        existing = subscribers.find_by_address(tx, SubscriberType.EMAIL, subscriber.address)
        if existing:
            subscribers.erase_subscriber(tx, existing.id)
        subscribers.insert_subscriber(tx, subscriber)
    return outcome


def _find_outcome(tx: Connection, subscriber: Subscriber) -> str:
    """What an import does with a subscriber. An address that unsubscribed, bounced or was erased is left out: only its
    owner can add it again."""
    existing = subscribers.find_by_address(tx, SubscriberType.EMAIL, subscriber.address)
    if subscribers.find_suppression(tx, SubscriberType.EMAIL, subscriber.address) or (
        existing and existing.status is SubscriberStatus.UNSUBSCRIBED
    ):
        return "left_out"
    return "known" if existing and existing.status is SubscriberStatus.ACTIVE else "added"


def export_lines(database: Database) -> Iterator[str]:
    """Every row as a CSV line, the heading first. Raises DatabaseBusy, DatabaseBroken."""
    yield _csv_line(EXPORT_COLUMNS)
    with database.read() as tx:
        for subscriber in subscribers.all_subscribers(tx):
            yield _csv_line(_csv_values(subscriber))


def subscriber_json(subscriber: Subscriber) -> dict[str, str]:
    """A row with the names of the columns as keys."""
    return dict(zip(EXPORT_COLUMNS, _csv_values(subscriber), strict=True))


def _csv_values(subscriber: Subscriber) -> tuple[str, ...]:
    preferences: Preferences = subscriber.preferences
    proof = tuple(subscriber.consent.get(name.removeprefix("consent_"), "") for name in CONSENT_COLUMNS)
    choices = (
        preferences.language,
        ";".join(preferences.services),
        preferences.topic.value,
        preferences.level.value,
    )
    times = (subscriber.created.isoformat(), subscriber.confirmed.isoformat() if subscriber.confirmed else "")
    return (
        subscriber.kind.value,
        subscriber.address,
        *choices,
        *proof,
        subscriber.contact,
        subscriber.status.value,
        subscriber.origin.value,
        *times,
    )


def _csv_line(values: tuple[str, ...]) -> str:
    """One CSV line. Puts an apostrophe before a value that a spreadsheet would interpret as a formula (OWASP, CSV
    injection)."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow(f"'{value}" if value[:1] in "=+-@\t\r" and value else value for value in values)
    return buffer.getvalue()


def keep_copy(database: Database, folder: Path, *, now: datetime) -> Path | None:
    """Writes today's list to this folder, readable by its owner only; None if it already exists."""
    file = folder / f"subscribers-{now.astimezone(UTC):%Y-%m-%d}.csv"
    if file.exists():
        return None
    write_list(export_lines(database), file)
    return file


def write_list(lines: Iterable[str], file: Path) -> int:
    """Writes the lines to this file, completely or not at all, readable by its owner only; returns how many. Raises
    OSError."""
    temporary = file.with_name(f"{file.name}.new")
    temporary.unlink(missing_ok=True)
    temporary.touch(0o600)
    count = 0
    with temporary.open("w", encoding="utf-8", newline="") as stream:
        for count, line in enumerate(lines, 1):  # noqa: B007 - the last value is the number of lines
            stream.write(line)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(file)
    return count
