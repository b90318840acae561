"""The program is killed between creating an issue and recording it: there is one issue, and the item gets its link."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from statuspage.settings import read_settings
from statuspage.usecases import action_items
from statuspage.usecases.bootstrap import live_environment
from tests.support.fakes.github_server import REPOSITORY, TOKEN, Server, github_server
from tests.support.instance import Cli, cli, home, publish_report, settings_of
from tests.support.killed import started
from tests.support.playing import clean_environ

__all__ = ["cli", "home"]

KILLED = -9


@pytest.fixture
def github() -> Iterator[Server]:
    with github_server() as server:
        yield server


def test_killed_between_creating_an_issue_and_recording_it_there_is_one(
    home: Path, cli: Cli, github: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (home / "content" / "site.toml").open("a", encoding="utf-8") as site:
        site.write(f'\n[issues]\ngithub = "{REPOSITORY}"\n')
    incident = publish_report(cli, "--quiet")["incident"]
    assert cli("action", "add", incident, "Switch to the spare").code == 0
    tracker = {"STATUSPAGE_GITHUB_TOKEN": TOKEN, "STATUSPAGE_GITHUB_API": github.address}
    environ = clean_environ(**settings_of(home), **tracker, STATUSPAGE_HOME=str(home), STATUSPAGE_LANGUAGE="en")
    process = started(environ, tmp_path / "output", ("action", "issue", "1"), "issue made")
    process.join(120)
    assert process.exitcode == KILLED, (tmp_path / "output").read_text("utf-8")
    assert len(github.issues) == 1

    for name, value in tracker.items():
        monkeypatch.setenv(name, value)
    assert "being created" in cli("action", "issue", "1").out, "the attempt of the dead process still counts"
    env = live_environment(read_settings(environ), now=datetime.now(UTC))
    assert action_items.find_item(env, 1).link == ""
    action_items.issues.advance_issues(env, now=datetime.now(UTC) + timedelta(minutes=6))
    assert action_items.find_item(env, 1).link == github.issues[0]["html_url"]
    assert cli("action", "issue", "1").out.startswith("Issue of action item 1: https://github.example/")
    assert len(github.issues) == 1
    for database in (env.databases.environment, env.databases.accounts):
        database.close()
