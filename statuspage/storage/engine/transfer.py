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

    row_count: int
    digest: str


def move(source: Database, target: Database) -> Mapping[str, Sum]:
    """Copies everything into the empty ``target``, in one transaction; returns what each table holds in both.

    Nobody can write into the source meanwhile, nor afterwards, not even a program that has it open. Where everything is
    there already, from a move whose end was cut off, only that is left to do. Raises Filled, Different, Busy, Broken.
    """
    with source.begin() as source_tx:
        source_sums = sums(source_tx, source.schema)
        with target.read() as target_tx:
            target_sums = sums(target_tx, target.schema)
        if target_sums != source_sums:
            _carry(source_tx, source_sums, target, target_sums)
        _close(source_tx, source.schema)
    return source_sums


class Old(Exception):
    """These books have the tables of another version of the program; only that one can read them."""


def copy(source: Database, file: Path) -> None:
    """One state of the books as a new file of SQLite, whatever others write meanwhile. Raises Old, Different, Broken.

    A file of SQLite comes over as it is, its tables those of whichever version; from a server each table is read in one
    transaction that sees the same throughout.
    """
    with source.translate_errors():
        if source.engine.dialect.name == "sqlite":
            sqlite.copy_into(source.engine, file)
            return
    if not source.is_current:
        raise Old
    file.touch(0o600)
    target = Database(f"sqlite:///{file}", source.schema)
    try:
        target.migrate()
        with source.read() as source_tx, target.begin() as target_tx:
            for table in TABLES[source.schema].sorted_tables:
                _copy(source_tx, target_tx, table)
            _compare(sums(source_tx, source.schema), sums(target_tx, source.schema))
    finally:
        target.close()


def _carry(source_tx: Connection, source_sums: Mapping[str, Sum], target: Database, target_sums: Mapping[str, Sum]) -> None:
    if any(checksum.row_count for name, checksum in target_sums.items() if name != MADE_WITH_THE_TABLES):
        raise Filled
    with target.begin() as target_tx:
        for table in TABLES[target.schema].sorted_tables:
            _copy(source_tx, target_tx, table)
        _compare(source_sums, sums(target_tx, target.schema))


def sums(tx: Connection, schema: str) -> dict[str, Sum]:
    """The sum of each table."""
    return {table.name: _sum(tx, table) for table in TABLES[schema].sorted_tables}


def _sum(tx: Connection, table: Table) -> Sum:
    count = total = 0
    for row in _rows(tx, table):
        serialized = json.dumps(list(row), default=str, ensure_ascii=False)
        total += int.from_bytes(hashlib.sha256(serialized.encode()).digest())
        count += 1
    return Sum(count, f"{total % 2**256:064x}")


def _copy(source_tx: Connection, target_tx: Connection, table: Table) -> None:
    if table.name == MADE_WITH_THE_TABLES:
        target_tx.execute(delete(table))
    rows = _rows(source_tx, table)
    while batch := list(islice(rows, BATCH)):
        target_tx.execute(insert(table), [dict(row._mapping) for row in batch])
    count_on(target_tx, table)


def count_on(target_tx: Connection, table: Table) -> None:
    """Numbers that PostgreSQL gives by itself go on after the last one; SQLite looks which was the last."""
    id_column = table.autoincrement_column
    if id_column is None or target_tx.dialect.name != "postgresql":
        return
    sequence = func.pg_get_serial_sequence(table.name, id_column.name)
    last_id = select(func.max(id_column)).scalar_subquery()
    target_tx.execute(select(func.setval(sequence, func.coalesce(last_id, 1), last_id.isnot(None))))


def _rows(tx: Connection, table: Table) -> Iterator[Any]:
    return iter(tx.execute(select(table).execution_options(yield_per=BATCH)))


def _close(source_tx: Connection, schema: str) -> None:
    """From now on the file refuses whatever somebody would write into it."""
    if source_tx.dialect.name != "sqlite":
        return
    for table in TABLES[schema].tables:
        for operation in ("INSERT", "UPDATE", "DELETE"):
            source_tx.exec_driver_sql(
                f'CREATE TRIGGER "moved_{table}_{operation}" BEFORE {operation} ON "{table}" '
                "BEGIN SELECT RAISE(ABORT, 'these books are kept elsewhere now'); END"
            )


def _compare(expected: Mapping[str, Sum], actual: Mapping[str, Sum]) -> None:
    for name, checksum in expected.items():
        if actual[name] != checksum:
            raise Different(name)
