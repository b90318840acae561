"""The command line's help: every command, every flag, in both languages, quickly."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import click
import pytest

import statuspage
from statuspage.cli import command_table, framework, messages
from statuspage.cli.framework import Program
from statuspage.domain.alert import AlertState
from statuspage.domain.incident import EventKind
from statuspage.domain.queue_item import DeliveryStatus
from statuspage.domain.response_times import STAGES
from tests.support.paths import ROOT
from tools import cli_reference

PACKAGE = Path(statuspage.__file__).parent

SHORT = """
init serve worker signup check build publish doctor demo-data
report update partial monitoring resolve correct withdraw show preview plain
""".split()
NOUNS = """
alert incident action maintenance facts approval retro postmortem incident-report drill subscriber channel host
on-call account audit redaction queue db secrets backup history content service incident-type token
""".split()
PATHS = [*command_table.all_paths()]
GROUPS = [(), *((noun,) for noun in command_table.GROUPS)]
ROWS, COLUMNS = 24, 80
"""The size of a screen."""


def command(path: tuple[str, ...]) -> click.Command:
    """The command with these words."""
    found: click.Command = Program()
    for name in path:
        assert isinstance(found, click.Group)
        inner = found.get_command(click.Context(found), name)
        assert inner is not None, name
        found = inner
    return found


def test_every_command_of_the_design_is_there() -> None:
    assert sorted(command_table.short_commands()) == sorted(SHORT)
    assert sorted(command_table.GROUPS) == sorted(NOUNS)


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("path", [*GROUPS, *PATHS], ids=" ".join)
def test_help_is_whole_in_each_language(
    path: tuple[str, ...], language: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STATUSPAGE_LANGUAGE", language)
    assert framework.run([*path, "--help"]) == 0
    output = capsys.readouterr().out
    assert "cli." not in output
    assert "statuspage" in output


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("path", GROUPS, ids=" ".join)
def test_the_help_of_a_noun_fits_a_screen_and_that_of_the_program_three(
    path: tuple[str, ...], language: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STATUSPAGE_LANGUAGE", language)
    assert framework.run([*path, "--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= ROWS * (1 if path else 3)
    assert [line for line in lines if columns_of(line) > COLUMNS] == []


def columns_of(line: str) -> int:
    """Terminal columns; a Japanese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)


def test_the_short_commands_stand_before_the_nouns(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STATUSPAGE_LANGUAGE", "en")
    framework.run(["--help"])
    named = [line.split()[0] for line in capsys.readouterr().out.splitlines()[3:] if line.startswith("  ")]
    assert named == [*command_table.short_commands(), *command_table.GROUPS]


def test_the_version_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert framework.run(["--version"]) == 0
    assert capsys.readouterr().out == f"statuspage {statuspage.__version__}\n"


@pytest.mark.parametrize(
    ("args", "known", "nearest"),
    [
        (["udpate"], "report, update, partial", "update"),
        (["reopen", "x"], "doctor", "incident reopen"),
        (["alert", "confrim", "x"], "receive, list, acknowledge", "confirm"),
        (["host", "config", "ngnix"], "nginx, caddy", "nginx"),
        (["preview", "--notice", "frist"], "first", "first"),
        (["report", "--estimat", "x"], "", "--estimate"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
@pytest.mark.parametrize(
    ("language", "question"), [("en", "Did you mean `{nearest}`?"), ("ja", "もしかして `{nearest}` ですか。")]
)
def test_a_wrong_word_lists_the_right_ones_and_the_nearest(
    args: list[str],
    known: str,
    nearest: str,
    language: str,
    question: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("STATUSPAGE_LANGUAGE", language)
    assert framework.run(args) == 2
    message = capsys.readouterr().err
    assert known in message
    assert question.format(nearest=nearest) in message


@pytest.mark.parametrize(
    "args", [["maintenance", "announce", "--start", "x"], ["update", "--phase", "x"]], ids=lambda args: args[-2]
)
def test_a_flag_that_resembles_none_is_not_taken_for_another(
    args: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert framework.run(args) == 2
    message = capsys.readouterr().err
    assert f"There is no flag {args[-2]}." in message
    assert "Did you mean" not in message


def test_the_reference_page_is_what_the_program_has() -> None:
    assert (ROOT / "docs" / "reference" / "cli.md").read_text("utf-8") == cli_reference.page(), (
        "run: python -m tools.cli_reference"
    )


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_every_verb_takes_the_common_flags(path: tuple[str, ...]) -> None:
    flags = {flag for parameter in command(path).params for flag in parameter.opts}
    assert {"--home", "--content", "--drill", "--json"} <= flags


@pytest.mark.parametrize("path", PATHS, ids=" ".join)
def test_no_two_parameters_of_a_verb_share_a_name(path: tuple[str, ...]) -> None:
    names = [parameter.name for parameter in command(path).params]
    assert len(names) == len(set(names))


def test_help_loads_neither_database_nor_web_nor_channels() -> None:
    script = (
        "import sys; from statuspage.cli.framework import run; code = run(['--help']);"
        "heavy = [m for m in ('sqlalchemy', 'flask', 'tweepy', 'requests', 'babel', 'pydantic') if m in sys.modules];"
        "sys.exit(f'{code} {heavy}' if code or heavy else 0)"
    )
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (result.returncode, result.stderr) == (0, "")


@pytest.mark.parametrize(
    ("args", "output"),
    [
        (["nonsense"], "nonsense"),
        (["report", "--nonsense"], "--nonsense"),
        (["alert", "confirm"], "ID"),
        (["service", "list"], "--home"),
        (["service", "list", "--home", "/nowhere/at/all"], "/nowhere/at/all"),
        (["report", "--home", "/nowhere/at/all", "--answer", "retry", "--yes"], "/nowhere/at/all"),
    ],
)
def test_wrong_use_ends_with_2_and_says_what_is_wrong(
    args: list[str], output: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("STATUSPAGE_HOME", raising=False)
    monkeypatch.setenv("STATUSPAGE_LANGUAGE", "en")
    assert framework.run(args) == 2
    assert output in capsys.readouterr().err


def test_every_sentence_that_the_commands_say_is_there_in_each_language() -> None:
    pattern = re.compile(r'\.text\(\s*"([a-z_]+)"')
    sources = (PACKAGE / "cli").rglob("*.py")
    keys = {key for path in sources for key in pattern.findall(path.read_text("utf-8"))}
    assert len(keys) > 50
    for language in ("ja", "en"):
        labels = messages.messages_in(language).labels
        assert sorted(key for key in keys if f"cli.{key}" not in labels) == []


def test_every_state_step_and_stage_has_a_word_in_each_language() -> None:
    wanted = [f"alert_{state}" for state in AlertState] + [f"step_{step}" for step in EventKind]
    wanted = [f"cli.{key}" for key in [*wanted, *(f"end_{end}" for end in DeliveryStatus)]]
    wanted += [f"desk.{form}.{stage}" for form in ("stage", "scorecard.slow", "scorecard.hint") for stage in STAGES]
    for language in ("ja", "en"):
        labels = messages.messages_in(language).labels
        assert [key for key in wanted if key not in labels] == []
