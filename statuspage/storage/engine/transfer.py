"""Moves books from one database into another: all rows or none, compared afterwards row by row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select

from statuspage.storage.engine import sqlite
from statuspage.storage.engine.database import Database
from statuspage.storage.engine.migrate import TABLES

BATCH = 500
"""Rows written at a time."""

MADE_WITH_THE_TABLES = "site"
"""The table that has its one row from the beginning."""


class Filled(Exception):
    """The other database has rows of its own, which are not these. Nothing was moved."""


class Different(Exception):
    """What arrived is not what was sent, in the table of this name. Nothing was moved."""


@dataclass(frozen=True, slots=True)
class Sum:
    """How many rows a table has, and a number made of every value in them; the order does not matter."""

    rows: int
    digest: str


def move(source: Database, target: Database) -> Mapping[str, Sum]:
    """Copies everything into the empty ``target``, in one transaction; returns what each table holds in both.

    Nobody can write into the source meanwhile, nor afterwards, not even a program that has it open. Where everything is
    there already, from a move whose end was cut off, only that is left to do. Raises Filled, Different, Busy, Broken.
    """
    with source.begin() as old:
        sent = sums(old, source.books)
        with target.read() as new:
            found = sums(new, target.books)
        if found != sent:
            _carry(old, sent, target, found)
        _close(old, source.books)
    return sent


class Old(Exception):
    """These books have the tables of another version of the program; only that one can read them."""


def copy(source: Database, file: Path) -> None:
    """One state of the books as a new file of SQLite, whatever others write meanwhile. Raises Old, Different, Broken.

    A file of SQLite comes over as it is, its tables those of whichever version; from a server each table is read in one
    transaction that sees the same throughout.
    """
    with source.plainly():
        if source.engine.dialect.name == "sqlite":
            sqlite.copy_into(source.engine, file)
            return
    if not source.current:
        raise Old
    file.touch(0o600)
    target = Database(f"sqlite:///{file}", source.books)
    try:
        target.migrate()
        with source.read() as old, target.begin() as new:
            for table in TABLES[source.books].sorted_tables:
                _copy(old, new, table)
            _compare(sums(old, source.books), sums(new, source.books))
    finally:
        target.close()


def _carry(old: Connection, sent: Mapping[str, Sum], target: Database, found: Mapping[str, Sum]) -> None:
    if any(held.rows for name, held in found.items() if name != MADE_WITH_THE_TABLES):
        raise Filled
    with target.begin() as new:
        for table in TABLES[target.books].sorted_tables:
            _copy(old, new, table)
        _compare(sent, sums(new, target.books))


def sums(tx: Connection, books: str) -> dict[str, Sum]:
    """The sum of each table."""
    return {table.name: _sum(tx, table) for table in TABLES[books].sorted_tables}


def _sum(tx: Connection, table: Table) -> Sum:
    count = total = 0
    for row in _rows(tx, table):
        plain = json.dumps(list(row), default=str, ensure_ascii=False)
        total += int.from_bytes(hashlib.sha256(plain.encode()).digest())
        count += 1
    return Sum(count, f"{total % 2**256:064x}")


def _copy(old: Connection, new: Connection, table: Table) -> None:
    if table.name == MADE_WITH_THE_TABLES:
        new.execute(delete(table))
    rows = _rows(old, table)
    while batch := list(islice(rows, BATCH)):
        new.execute(insert(table), [dict(row._mapping) for row in batch])
    count_on(new, table)


def count_on(new: Connection, table: Table) -> None:
    """Numbers that PostgreSQL gives by itself go on after the last one; SQLite looks which was the last."""
    numbered = table.autoincrement_column
    if numbered is None or new.dialect.name != "postgresql":
        return
    sequence = func.pg_get_serial_sequence(table.name, numbered.name)
    last = select(func.max(numbered)).scalar_subquery()
    new.execute(select(func.setval(sequence, func.coalesce(last, 1), last.isnot(None))))


def _rows(tx: Connection, table: Table) -> Iterator[Any]:
    return iter(tx.execute(select(table).execution_options(yield_per=BATCH)))


def _close(old: Connection, books: str) -> None:
    """From now on the file refuses whatever somebody would write into it."""
    if old.dialect.name != "sqlite":
        return
    for table in TABLES[books].tables:
        for verb in ("INSERT", "UPDATE", "DELETE"):
            old.exec_driver_sql(
                f'CREATE TRIGGER "moved_{table}_{verb}" BEFORE {verb} ON "{table}" '
                "BEGIN SELECT RAISE(ABORT, 'these books are kept elsewhere now'); END"
            )


def _compare(sent: Mapping[str, Sum], arrived: Mapping[str, Sum]) -> None:
    for name, held in sent.items():
        if arrived[name] != held:
            raise Different(name)
