"""Every command that changes something leaves a line in the audit log, which ``audit export`` prints."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from statuspage.cli import framework
from statuspage.cli.command_table import all_paths
from statuspage.cli.context import CommandContext
from statuspage.storage.tables import site
from tests.support.instance import Cli, cli, home

__all__ = ["cli", "home"]

REPORT = ("report", "--incident-type", "booking", "--start", "about:5m", "--yes", "--quiet")


def lines(cli: Cli, *flags: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in cli("audit", "export", *flags).out.splitlines()]


def test_a_notice_from_the_command_line_says_who_wrote_which_one(cli: Cli) -> None:
    assert cli(*REPORT, "--by", "Mori").code == 0
    (row,) = lines(cli, "--action", "command.report")
    assert (row["account_id"], row["account_name"], row["origin"]) == ("", "Mori", "command line")
    incident = row["target"]
    assert row["after"][f"entry {incident}-5 kind"] == "first"
    assert cli("incident", "note", incident, "seen", "--by", "Sato").code == 0
    assert [each["account_name"] for each in lines(cli, "--target", incident)] == ["Mori", "Sato"]


@pytest.mark.slow
def test_a_notice_is_told_as_stored_when_only_its_line_cannot_be_written(cli: Cli, home: Path) -> None:
    with closing(sqlite3.connect(home / "shared" / "accounts.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        result = cli(*REPORT)
        other.execute("ROLLBACK")
    assert (result.code, "The change is stored." in result.err) == (0, True)
    assert lines(cli, "--action", "command.report") == []
    assert "You cannot book classes" in cli("show").out


def test_an_export_goes_on_after_the_last_line_and_knows_people_and_days(cli: Cli) -> None:
    assert cli(*REPORT, "--by", "Mori").code == 0
    last = lines(cli)[-1]["id"]
    assert lines(cli, "--after", str(last)) == []
    assert cli("account", "add", "sato", "--name", "佐藤", "--role", "reporter").code == 0
    assert next(row["action"] for row in lines(cli, "--after", str(last))) == "account.added"
    assert {row["account_name"] for row in lines(cli, "--person", "Mori")} == {"Mori"}
    assert lines(cli, "--until", "2001-01-01") == []
    assert lines(cli, "--since", "2001-01-01") == lines(cli)


def test_a_command_that_only_looks_leaves_no_line(cli: Cli) -> None:
    before = lines(cli)
    for words in (("incident", "list"), ("queue", "list"), ("show",), ("audit", "export")):
        assert cli(*words).code == 0
    assert lines(cli) == before


def test_what_a_command_changes_is_recorded_even_if_it_is_refused_afterwards(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(command: CommandContext) -> None:
        with command.open_env().databases.environment.begin() as tx:
            tx.execute(update(site).values(fence=site.c.fence + 1))
        raise RuntimeError

    wrapped = framework.cli_command("list", group="alert")(work)
    monkeypatch.setattr("statuspage.cli.alerts.COMMANDS", {"list": wrapped})
    assert cli("alert", "list").code == 1
    assert lines(cli)[-1]["action"] == "command.alert.list"


def test_every_command_is_made_the_one_way_that_records_it() -> None:
    program = framework.Program()
    for path in all_paths():
        found: Any = program
        for word in path:
            found = found.get_command(None, word)
        assert isinstance(found, framework.CliCommand), path
        assert found.callback.__qualname__ == "cli_command.<locals>.decorate.<locals>.run_command", path
