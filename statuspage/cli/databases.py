"""Moves an instance's databases from files to the servers named in the environment."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from statuspage.cli.context import CommandContext, NotAnInstance
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import cli_command
from statuspage.settings import DatabaseUrl
from statuspage.storage.engine import Database, transfer
from statuspage.usecases import instance
from statuspage.usecases.delivery import hold_lock

MOVED_SUFFIX = ".moved"
"""Appended to the name of a file whose database was moved."""


@cli_command("move", group="db")
def move_databases(command: CommandContext) -> None:
    """Copies every database for which a setting names a server, compares the copy, and renames the file."""
    settings = command.settings
    if not settings.home.is_dir():
        raise NotAnInstance(settings.home)
    database_urls = [database_url for database_url in settings.database_urls if database_url.url.startswith("postgres")]
    if not database_urls:
        raise Refusal(command.text("move_where"))
    with _exclusive_access(command):
        row_counts = {database_url.name: _move_database(command, database_url) for database_url in database_urls}
    lines = [
        command.text(
            "moved_before" if row_count is None else "moved", database=command.text(f"database_{name}"), rows=row_count
        )
        for name, row_count in row_counts.items()
    ]
    command.print_result({"moved": row_counts}, lines)


@contextmanager
def _exclusive_access(command: CommandContext) -> Iterator[None]:
    """Makes sure during the block that nobody serves this instance or works through its queue; each database is also
    locked."""
    homes = (command.settings.home, command.settings.home / "drill")
    with ExitStack() as locks:
        for home in homes:
            if instance.is_served(home) or (home.is_dir() and not locks.enter_context(hold_lock(home / "worker.lock"))):
                raise Refusal(command.text("move_stop_first"))
        yield


def _move_database(command: CommandContext, database_url: DatabaseUrl) -> int | None:
    """The number of rows copied; None if there is no file, as after an earlier move."""
    target = Database(database_url.url, database_url.schema)
    try:
        target.migrate()
        return _copy_rows(command, database_url, target) if database_url.file.is_file() else None
    finally:
        target.close()


def _copy_rows(command: CommandContext, database_url: DatabaseUrl, target: Database) -> int:
    source = Database(f"sqlite:///{database_url.file}", database_url.schema)
    try:
        source.migrate()
        table_sums = transfer.move_database(source, target)
    except transfer.TargetNotEmpty:
        raise Refusal(command.text("move_filled", database=command.text(f"database_{database_url.name}"))) from None
    except transfer.ChecksumMismatch as error:
        raise Refusal(command.text("move_different", table=error)) from None
    finally:
        source.close()
    _put_aside(database_url.file)
    return sum(table_sum.row_count for table_sum in table_sums.values())


def _put_aside(file: Path) -> None:
    """Renames a closed SQLite file, which then includes its log, so that nothing opens it under its old name."""
    file.replace(file.with_name(file.name + MOVED_SUFFIX))


COMMANDS = {"move": move_databases}
