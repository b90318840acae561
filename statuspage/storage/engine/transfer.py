"""Moves the data of one database to another: all rows or none, compared row by row afterwards."""

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
from statuspage.storage.engine.migrate import METADATA

BATCH = 500
"""The number of rows written at a time."""

PRESEEDED_TABLE = "site"
"""The table that has its single row from the beginning."""


class TargetNotEmpty(Exception):
    """The target already has different rows. Nothing was moved."""


class ChecksumMismatch(Exception):
    """The copied rows of the named table differ from the source. Nothing was moved."""


@dataclass(frozen=True, slots=True)
class TableChecksum:
    """The number of rows in a table, and a checksum of all their values, regardless of order."""

    row_count: int
    digest: str


def move_database(source: Database, target: Database) -> Mapping[str, TableChecksum]:
    """Copies everything to the empty ``target`` in one transaction; returns the checksum of each table.

    The source is locked for writing meanwhile and read-only afterwards, even for a program that has it open. If the
    target already has everything because an earlier move was interrupted at the end, only the rest is done. Raises
    TargetNotEmpty, ChecksumMismatch, DatabaseBusy, DatabaseBroken.
    """
    with source.begin() as source_tx:
        source_sums = table_checksums(source_tx, source.schema)
        with target.read() as target_tx:
            target_sums = table_checksums(target_tx, target.schema)
        if target_sums != source_sums:
            _copy_all(source_tx, source_sums, target, target_sums)
        _make_read_only(source_tx, source.schema)
    return source_sums


class OutdatedSchema(Exception):
    """The database has the tables of another program version, which alone can read them."""


def copy_to_file(source: Database, file: Path) -> None:
    """Copies one snapshot of the database to a new SQLite file, whatever others write. Raises OutdatedSchema,
    ChecksumMismatch, DatabaseBroken.

    A SQLite file is copied as it is, with tables of any version; from a server, each table is read in one transaction
    with one snapshot.
    """
    with source.translate_errors():
        if source.engine.dialect.name == "sqlite":
            sqlite.copy_database(source.engine, file)
            return
    if not source.is_current:
        raise OutdatedSchema
    file.touch(0o600)
    target = Database(f"sqlite:///{file}", source.schema)
    try:
        target.migrate()
        with source.read() as source_tx, target.begin() as target_tx:
            for table in METADATA[source.schema].sorted_tables:
                _copy_table(source_tx, target_tx, table)
            _compare_checksums(table_checksums(source_tx, source.schema), table_checksums(target_tx, source.schema))
    finally:
        target.close()


def _copy_all(
    source_tx: Connection,
    source_sums: Mapping[str, TableChecksum],
    target: Database,
    target_sums: Mapping[str, TableChecksum],
) -> None:
    if any(checksum.row_count for name, checksum in target_sums.items() if name != PRESEEDED_TABLE):
        raise TargetNotEmpty
    with target.begin() as target_tx:
        for table in METADATA[target.schema].sorted_tables:
            _copy_table(source_tx, target_tx, table)
        _compare_checksums(source_sums, table_checksums(target_tx, target.schema))


def table_checksums(tx: Connection, schema: str) -> dict[str, TableChecksum]:
    """The checksum of each table."""
    return {table.name: _checksum(tx, table) for table in METADATA[schema].sorted_tables}


def _checksum(tx: Connection, table: Table) -> TableChecksum:
    count = total = 0
    for row in _iter_rows(tx, table):
        serialized = json.dumps(list(row), default=str, ensure_ascii=False)
        total += int.from_bytes(hashlib.sha256(serialized.encode()).digest())
        count += 1
    return TableChecksum(count, f"{total % 2**256:064x}")


def _copy_table(source_tx: Connection, target_tx: Connection, table: Table) -> None:
    if table.name == PRESEEDED_TABLE:
        target_tx.execute(delete(table))
    rows = _iter_rows(source_tx, table)
    while batch := list(islice(rows, BATCH)):
        target_tx.execute(insert(table), [dict(row._mapping) for row in batch])
    advance_sequence(target_tx, table)


def advance_sequence(target_tx: Connection, table: Table) -> None:
    """Makes a PostgreSQL sequence continue after the highest number; SQLite does this itself."""
    id_column = table.autoincrement_column
    if id_column is None or target_tx.dialect.name != "postgresql":
        return
    sequence = func.pg_get_serial_sequence(table.name, id_column.name)
    last_id = select(func.max(id_column)).scalar_subquery()
    target_tx.execute(select(func.setval(sequence, func.coalesce(last_id, 1), last_id.isnot(None))))


def _iter_rows(tx: Connection, table: Table) -> Iterator[Any]:
    return iter(tx.execute(select(table).execution_options(yield_per=BATCH)))


def _make_read_only(source_tx: Connection, schema: str) -> None:
    """Makes the file refuse every write from now on."""
    if source_tx.dialect.name != "sqlite":
        return
    for table in METADATA[schema].tables:
        for operation in ("INSERT", "UPDATE", "DELETE"):
            source_tx.exec_driver_sql(
                f'CREATE TRIGGER "moved_{table}_{operation}" BEFORE {operation} ON "{table}" '
                "BEGIN SELECT RAISE(ABORT, 'this database has been moved'); END"
            )


def _compare_checksums(expected: Mapping[str, TableChecksum], actual: Mapping[str, TableChecksum]) -> None:
    for name, checksum in expected.items():
        if actual[name] != checksum:
            raise ChecksumMismatch(name)
