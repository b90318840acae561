"""Moves an instance's books from files to the databases that the environment names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from statuspage.cli.context import CommandContext, NotAnInstance
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import verb
from statuspage.settings import DatabaseUrl
from statuspage.storage.engine import Database, transfer
from statuspage.usecases import instance
from statuspage.usecases.delivery import hold

MOVED = ".moved"
"""What is put behind the name of a file whose books are elsewhere now."""


@verb("move")
def move(door: CommandContext) -> None:
    """Copies every book that a setting names a database for, compares, and puts the file aside."""
    here = door.settings
    if not here.home.is_dir():
        raise NotAnInstance(here.home)
    wanted = [books for books in here.books if books.url.startswith("postgres")]
    if not wanted:
        raise Refusal(door.say("move_where"))
    with _alone(door):
        done = {books.name: _moved(door, books) for books in wanted}
    lines = [
        door.say("moved_before" if rows is None else "moved", books=door.say(f"books_{name}"), rows=rows)
        for name, rows in done.items()
    ]
    door.put({"moved": done}, lines)


@contextmanager
def _alone(door: CommandContext) -> Iterator[None]:
    """Nobody serves or works this instance while inside; each database is locked besides."""
    worlds = (door.settings.home, door.settings.home / "drill")
    with ExitStack() as held:
        for home in worlds:
            if instance.is_served(home) or (home.is_dir() and not held.enter_context(hold(home / "worker.lock"))):
                raise Refusal(door.say("move_stop_first"))
        yield


def _moved(door: CommandContext, books: DatabaseUrl) -> int | None:
    """How many rows went over; None where there is no file, as when it was moved before."""
    target = Database(books.url, books.kind)
    try:
        target.migrate()
        return _print_moved(door, books, target) if books.file.is_file() else None
    finally:
        target.close()


def _print_moved(door: CommandContext, books: DatabaseUrl, target: Database) -> int:
    source = Database(f"sqlite:///{books.file}", books.kind)
    try:
        source.migrate()
        found = transfer.move(source, target)
    except transfer.Filled:
        raise Refusal(door.say("move_filled", books=door.say(f"books_{books.name}"))) from None
    except transfer.Different as error:
        raise Refusal(door.say("move_different", table=error)) from None
    finally:
        source.close()
    _put_aside(books.file)
    return sum(held.rows for held in found.values())


def _put_aside(file: Path) -> None:
    """Closed for good, a file of SQLite has its log in itself; nothing opens it under this name again."""
    file.replace(file.with_name(file.name + MOVED))


VERBS = {"move": move}
