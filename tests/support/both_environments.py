"""An instance whose two environments are used through every command, and what must hold after each command.

``python -m tests.support.both_environments --examples 40`` is the long form of
``tests/system/test_both_environments.py``: two terminals stay open, one per environment, and hypothesis chooses the
commands and their input, including odd words.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import sqlite3
import sys
import tempfile
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from functools import cache, cached_property
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from psycopg.rows import dict_row

from statuspage import settings as program_settings
from statuspage.cli import command_table, framework
from tests.support import seen
from tests.support.command_inputs import VERBS, WEIGHTED
from tests.support.content import LANGUAGES
from tests.support.database import Databases
from tests.support.fakes.x_server import SECOND, Account, Server, x_server
from tests.support.file_server import served
from tests.support.input_choices import Call, Choice, Drawn, Ids, Known, Simplest
from tests.support.playing import CommandResult, clean_environ
from tests.support.post_incident_inputs import REPORT_PDF
from tests.support.postgres import postgres
from tests.support.terminals import Terminal

LIVE, DRILL = "live", "drill"
OTHER = {LIVE: DRILL, DRILL: LIVE}
NOT_LIVE = (DRILL, "shared", "content", "content-passed", "cache")
"""Files in the home folder outside the live environment: accounts are shared by both; content is checked at the end."""

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def every_verb() -> list[str]:
    """All commands of the program, as the program itself lists them."""
    return [" ".join(path) for path in command_table.all_paths()]


@dataclass
class Ground:
    """What all examples on one database share: an instance to copy, the terminals, the server."""

    made: Path
    place: Path
    databases: Databases
    terminals: Mapping[str, Terminal]
    ended: Counter[tuple[str, int]] = field(default_factory=Counter)
    numbers: Iterator[int] = field(default_factory=count)


@contextmanager
def ground(made: Path, folder: Path, database: str) -> Iterator[Ground]:
    """The shared parts for this database, with an open terminal in each environment. Live's has credentials."""
    environ = clean_environ(**Account().environ("x-ja"), **SECOND.environ("x-en"), AWS_SECRET_ACCESS_KEY="planted")
    with ExitStack() as stack:
        databases = Databases()
        if database == "postgresql":
            databases.use(stack.enter_context(postgres()))
        terminals = {LIVE: Terminal(environ), DRILL: Terminal(program_settings.drill_environ(environ))}
        for terminal in terminals.values():
            stack.callback(terminal.close)
        yield Ground(made, folder, databases, terminals)


DATABASE_FILES = (
    *(("", LIVE, "environment"), ("DRILL_", DRILL, "environment")),
    *((f"{name.upper()}_", name, name) for name in ("accounts", "subscribers")),
)
"""The setting of each database, its environment, and its kind."""


class Instance:
    """One instance while it is used. ``play`` runs a command and checks everything afterwards."""

    def __init__(self, on: Ground) -> None:
        self._on, self._stack = on, ExitStack()
        self.home = Path(shutil.copytree(on.made, on.place / f"{next(on.numbers)}", symlinks=True))
        self._stack.callback(shutil.rmtree, self.home)
        self.x: Server = self._stack.enter_context(x_server(Account(), SECOND))
        serve = self._stack.enter_context(served())
        self._environ = {
            "STATUSPAGE_HOME": str(self.home),
            "STATUSPAGE_X_API": self.x.address,
            "STATUSPAGE_ADDRESS": serve(self.home / "site" / "current"),
            **self._databases(),
        }
        self._hashes: dict[tuple[int, int, int], str] = {}
        self._read: dict[str, str] = {}
        self.rows: dict[str, Rows] = {env: self._rows_of(env) for env in OTHER}

    def close(self) -> None:
        """Deletes the instance. No command may have changed the prepared content."""
        prepared = {env: _tree(at / "content") for env, at in (("used", self.home), ("made", self._on.made))}
        assert prepared["used"] == prepared["made"]
        self._stack.close()
        self._on.databases.use(self._on.databases.server)

    def _databases(self) -> dict[str, str]:
        """The databases' URLs; empty if they are files of the instance."""
        if self._on.databases.server is None:
            return {}
        found = {}
        for name, role, database in DATABASE_FILES:
            file = self.home / f"{role}.db"
            self._on.databases.made(file, database, role=role).close()
            found[f"STATUSPAGE_{name}DATABASE_URL"] = self._on.databases.url_of(file, role=role)
        return found

    @cached_property
    def marks(self) -> Mapping[str, Mapping[str, Any]]:
        """The drill marks in the content, by language."""
        files = LANGUAGES.glob("*/drill.toml")
        found = {file.parent.name: tomllib.loads(file.read_text("utf-8")) for file in files}
        assert len(found) > 1
        return found

    def play(self, verb: str, env: str, call: Call, *, from_live: bool = False) -> CommandResult:
        """Runs a command in this environment at its own terminal or, for a drill, at the live one."""
        affected = DRILL if verb.startswith("drill ") else env
        before, asked = self._prints(OTHER[affected]), len(self.x.state.requests)
        flags = ["--drill"] if from_live and env == DRILL else []
        at = LIVE if from_live else env
        given = {n: v for n, v in self._environ.items() if at == LIVE or program_settings.is_visible_to_drill(n)}
        result = self._on.terminals[at].run(*verb.split(), *call.args, *flags, stdin=call.stdin, environ=given)
        self._on.ended[f"{affected}: {verb}", result.code] += 1
        assert result.code in (0, 1, 2), (verb, call, result)
        assert "Unexpected error" not in result.err, (verb, call, result)
        self.rows[affected] = self._rows_of(affected)
        assert self._prints(OTHER[affected]) == before, f"{verb} in {affected} changed the other environment"
        assert affected == LIVE or len(self.x.state.requests) == asked, f"{verb} of a drill reached X"
        self._look(affected)
        return result

    def _prints(self, env: str) -> dict[str, str]:
        """The hash of every file of an environment and, on PostgreSQL, every row of its databases.

        A drill's action items are followed up in live too, live's in live alone.
        """
        folders = [self.home / DRILL] if env == DRILL else [p for p in self.home.iterdir() if p.name not in NOT_LIVE]
        prints = {path: self._print(path) for place in folders for path in _all_under(str(place))}
        if env == LIVE:
            prints["action items"] = repr(self._action_items(env))
        if self._on.databases.server is not None:
            prints["rows"] = repr(self._read_rows(env))
        return prints

    def _print(self, path: str) -> str:
        stat = os.lstat(path)
        known = stat.st_ino, stat.st_ctime_ns, stat.st_size
        if known not in self._hashes:  # No file can be written without changing its mtime.
            self._hashes[known] = _print(Path(path))
        return self._hashes[known]

    def _rows_of(self, env: str) -> Rows:
        """All rows of an environment's database, and its action items, read without the program."""
        return {
            **self._read_rows(env),
            "action_item": self._action_items(env),
            "api_token": self._shared_rows("api_token", env),
        }

    def _read_rows(self, env: str) -> Rows:
        if self._on.databases.server is not None:
            return _rows_of_server(self._on.databases.url_of(self.home / f"{env}.db"))
        return _rows_of_file(self.home / ("" if env == LIVE else DRILL) / "environment.db")

    def _action_items(self, env: str) -> list[Mapping[str, Any]]:
        return self._shared_rows("action_item", env)

    def _shared_rows(self, table: str, env: str) -> list[Mapping[str, Any]]:
        """The rows of an environment in a table of the accounts' database, which both desks share."""
        if self._on.databases.server is not None:
            rows = _rows_of_server(self._on.databases.url_of(self.home / "accounts.db"))
        else:
            rows = _rows_of_file(self.home / "shared" / "accounts.db")
        return [row for row in rows.get(table, ()) if row["environment"] == env]

    def _look(self, env: str) -> None:
        """Checks that everything that can be read in this environment belongs to it."""
        rows, site = self.rows[env], self.home / ("" if env == LIVE else DRILL) / "site" / "current"
        fresh = seen.files(site, self._print, self._read)
        for table, column in (("incident", "id"), ("alert", "id"), ("drill", "id"), ("action_item", "subject")):
            for row in rows.get(table, ()):
                shape = r"drill[a-z0-9]{7}" if env == DRILL else r"(?!drill)[a-z0-9]{12}"
                assert re.fullmatch(shape, row[column]), (env, table, row[column])
        messages = [post.text for post in self.x.posts] if env == LIVE else seen.outbox(self.home / DRILL / "outbox")
        assert not seen.turned(rows), (env, seen.turned(rows))
        texts = [*seen.notices(rows), *seen.open_deliveries(rows), *messages]
        for text in texts:
            assert not self._denies(text), f"{env} says that it is no drill: {text}"
        wrong = seen.of_live if env == LIVE else seen.of_drill
        faults = [*wrong(rows, messages, fresh, self.marks), *self._printed_faults(env)]
        assert faults == [], (env, faults)

    def _printed_faults(self, env: str) -> Iterator[str]:
        """What is wrong with the incident reports that the last command wrote as PDF."""
        for language, marks in self.marks.items():
            file = self.home.parent / REPORT_PDF.format(language=language)
            if file.exists():
                pages = seen.pages_of_pdf(file)
                file.unlink()
                wrong = seen.printed_live if env == LIVE else seen.printed_drill
                yield from wrong(pages, marks)
                yield from (f"it says that it is no drill: {page}" for page in pages if self._denies(page))

    def _denies(self, text: str) -> bool:
        return any(phrase in bare(text) for phrase in self._denials)

    @cached_property
    def _denials(self) -> Sequence[str]:
        return [bare(phrase) for marks in self.marks.values() for phrase in marks["forbidden_phrases"]]

    def ids(self, env: str, table: str, **where: Any) -> list[Any]:
        """Ids in this table, newest first."""
        rows = [row for row in self.rows[env].get(table, ()) if all(bool(row[k]) is v for k, v in where.items())]
        return [row["id"] for row in rows[::-1]]


@cache
def bare(text: str) -> str:
    """A text without spaces, punctuation and case."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def _all_under(place: str) -> Iterator[str]:
    if not os.path.islink(place) and os.path.isdir(place):  # noqa: PTH112, PTH114 (a thousand files after each verb)
        for one in os.scandir(place):
            yield from _all_under(one.path)
    else:
        yield place


def _tree(folder: Path) -> dict[str, str]:
    return {path.removeprefix(str(folder)): _print(Path(path)) for path in _all_under(str(folder))}


def _print(path: Path) -> str:
    return str(path.readlink()) if path.is_symlink() else hashlib.sha256(path.read_bytes()).hexdigest()


ORDER = {"incident": "opened_at", "alert": "received_at", "delivery": "id", "drill": "started"}


def _rows_of_file(file: Path) -> Rows:
    if not file.exists() or not file.stat().st_size:
        return {}
    # Reads a file that nobody has open, without changing anything beside it.
    how = "mode=ro" if file.with_name(f"{file.name}-wal").exists() else "mode=ro&immutable=1"
    with closing(sqlite3.connect(f"file:{file}?{how}", uri=True)) as connection:
        connection.row_factory = sqlite3.Row
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: [dict(row) for row in connection.execute(_all_of(name))] for name in sorted(tables)}


def _rows_of_server(url: str) -> Rows:
    with closing(psycopg.connect(url, row_factory=dict_row)) as connection:
        found = connection.execute("SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'")
        tables = sorted(row["table_name"] for row in found)
        return {name: connection.execute(_all_of(name)).fetchall() for name in tables}


def _all_of(table: str) -> str:
    return f"SELECT * FROM {table} ORDER BY {ORDER.get(table, '1')}, 1"


class BothEnvironments(RuleBasedStateMachine):
    """Runs one command after the other, in either environment."""

    on: Ground

    def __init__(self) -> None:
        super().__init__()
        self.instance = Instance(self.on)
        self.steps, self.at = 0, 0

    @initialize()
    def something_is_going_on(self) -> None:
        """A drill has started, and a notice was published in both environments."""
        for verb, env in (("drill start", DRILL), ("report", DRILL), ("report", LIVE)):
            assert self.instance.play(verb, env, outcome_of(self.instance, env, verb, Simplest())).code == 0

    @rule(data=st.data(), onward=st.integers(0, len(WEIGHTED) - 1), elsewhere=st.booleans())
    def somebody_types(self, data: st.DataObject, onward: int, elsewhere: bool) -> None:
        """Any command in any environment; the simplest is the next one, in the other environment than the last.

        Every sixth drill command runs at the terminal with the credentials, where the program restarts itself without
        them.
        """
        self.steps += 1
        self.at = (self.at + 1 + onward) % len(WEIGHTED)
        verb, env = WEIGHTED[self.at], DRILL if elsewhere != bool(self.steps % 2) else LIVE
        call = outcome_of(self.instance, env, verb, Drawn(data))
        self.instance.play(verb, env, call, from_live=env == DRILL and self.steps % 6 == 5)

    def teardown(self) -> None:
        """Deletes the instance."""
        self.instance.close()


def outcome_of(instance: Instance, env: str, verb: str, choose: Choice) -> Call:
    """The arguments of a command."""
    affected = DRILL if verb.startswith("drill ") else env
    strangers = instance.ids(OTHER[affected], "incident") + instance.ids(OTHER[affected], "alert")
    return VERBS[verb](choose, Known(instance.home.parent, instance.home, partial_ids(instance, affected), strangers))


def partial_ids(instance: Instance, env: str) -> Ids:
    """Ids of one environment by table."""
    return lambda table, **where: instance.ids(env, table, **where)


def explore(on: Ground, examples: int, steps: int, *, number: int | None = None) -> None:
    """Plays so many examples of so many commands; with ``number`` always the same ones, else different ones each
    time."""
    machine = type("Machine", (BothEnvironments,), {"on": on})
    how = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(seed(number)(machine) if number is not None else machine, settings=how)


def main() -> None:
    """Prints how each command ended and how often."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--examples", type=int, default=40)
    options.add_argument("--steps", type=int, default=40)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as root_folder:
        made = Path(root_folder) / "made"
        assert framework.run(["init", "--demo", str(made)]) == 0
        for database in ("sqlite", "postgresql"):
            folder = Path(root_folder) / database
            folder.mkdir()
            with ground(made, folder, database) as on:
                explore(on, given.examples, given.steps)
                print_counts(database, on.ended)
    sys.exit(0)


def print_counts(database: str, ended: Counter[tuple[str, int]]) -> None:
    """One line for each command and environment: how often it succeeded, was refused, or failed."""
    for verb in sorted({verb for verb, _ in ended}):
        done = ", ".join(f"{ended[verb, code]} {word}" for code, word in enumerate(("done", "refused", "wrong use")))
        print(f"{database}  {verb}: {done}")
    print(f"{database}  {ended.total()} verbs, and all held")


if __name__ == "__main__":
    main()
