"""What a request or a command changed in the databases, as the audit log gets it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from statuspage.storage.engine import Database, RowChanges, start_collecting, stop_collecting
from statuspage.storage.identity import identities
from statuspage.storage.tables import channel_health

NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)


@contextmanager
def collecting(tmp_path: Path, schema: str) -> Iterator[tuple[Database, RowChanges]]:
    database = Database(f"sqlite:///{tmp_path / schema}.db", schema)
    database.migrate()
    yield database, start_collecting()
    stop_collecting()
    database.close()


def test_an_update_that_failed_leaves_its_rows_to_no_other_one(tmp_path: Path) -> None:
    with collecting(tmp_path, "environment") as (database, changes), database.begin() as tx:
        tx.execute(insert(channel_health).values(channel="one", closed_until=None, failures=0, reason="", detail=""))
        with pytest.raises(Exception, match="NOT NULL"), tx.begin_nested():
            tx.execute(update(channel_health).where(channel_health.c.channel == "one").values(failures=None))
        tx.execute(update(channel_health).values(closed_until=NOW))
    assert (changes.tables, changes.after) == ({"channel_health"}, {})


def test_a_strangers_sign_in_that_only_begins_is_no_change_to_be_recorded(tmp_path: Path) -> None:
    attempt = identities.Attempt("nonce", "verifier", NOW)
    with collecting(tmp_path, "accounts") as (database, changes), database.begin() as tx:
        identities.save_attempt(tx, "state", "browser", attempt, network="10.0.0.1", now=NOW)
    assert changes.tables == {"provider_attempt"}
    assert not changes.lack_a_line
