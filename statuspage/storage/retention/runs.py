"""When old records were last deleted, by environment and kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from statuspage.storage.tables import retention_run


@dataclass(frozen=True, slots=True)
class RetentionRun:
    """The last time that old records of a kind were looked for, and how many were deleted then."""

    ran_at: datetime
    removed: int


def list_runs(tx: Connection, environment: str) -> Mapping[str, RetentionRun]:
    """The last runs by kind."""
    rows = tx.execute(select(retention_run).where(retention_run.c.environment == environment))
    return {row.kind: RetentionRun(row.ran_at, row.removed) for row in rows}


def save_run(tx: Connection, environment: str, kind: str, run: RetentionRun) -> None:
    """Keeps the last run in place of the one before."""
    columns = retention_run.c
    tx.execute(delete(retention_run).where(columns.environment == environment, columns.kind == kind))
    values = {"environment": environment, "kind": kind, "ran_at": run.ran_at, "removed": run.removed}
    tx.execute(insert(retention_run).values(values))
