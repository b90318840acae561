"""Commands that messages name work as they stand."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from statuspage.cli import framework
from statuspage.cli.context import CommandContext
from statuspage.cli.messages import add_home


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Run statuspage doctor.", "Run statuspage doctor --home acme."),
        (
            "Check statuspage queue list, then run statuspage queue release.",
            "Check statuspage queue list --home acme, then run statuspage queue release --home acme.",
        ),
        ("statuspage account link {login}", "statuspage account link --home acme {login}"),
        ("Next: statuspage serve --home other", "Next: statuspage serve --home other"),
        ("See status.example.com/statuspage doctors.", "See status.example.com/statuspage doctors."),
    ],
)
def test_a_command_in_a_message_names_the_folder(text: str, shown: str):
    assert add_home(text, "acme") == shown


def test_a_folder_with_a_space_is_quoted():
    assert add_home("statuspage show", "my page") == "statuspage show --home 'my page'"


def test_only_a_folder_named_by_a_flag_is_repeated():
    named = CommandContext.from_flags({}, home="acme", content="", as_json=False)
    known = CommandContext.from_flags({"STATUSPAGE_HOME": "acme"}, home="", content="", as_json=False)
    assert "statuspage alert list --home acme" in named.text("no_alert")
    assert "statuspage alert list" in known.text("no_alert")
    assert "--home" not in known.text("no_alert")


@pytest.mark.slow
@pytest.mark.parametrize("occupied", [(), ("notes.txt",), ("notes.txt", "statuspage/notes.txt")])
def test_what_makes_an_instance_is_a_command_that_works(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, occupied: tuple[str, ...]
):
    monkeypatch.setenv("STATUSPAGE_LANGUAGE", "en")
    monkeypatch.delenv("STATUSPAGE_HOME", raising=False)
    home = tmp_path / "our folder"
    for name in occupied:
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("ours", "utf-8")
    assert framework.run(["check", "--home", str(home)]) == 2
    message = capsys.readouterr().err
    assert ("holds something else" in message) == bool(occupied)
    command = re.search(r"statuspage (init .*)", message)
    assert command
    arguments = shlex.split(command[1])
    assert framework.run([*arguments, "--no-input"]) == 0
    assert framework.run(["check", "--home", arguments[1]]) == 0
    assert all((home / name).read_text("utf-8") == "ours" for name in occupied)
