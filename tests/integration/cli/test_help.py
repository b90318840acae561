"""What the command line says of itself: every verb, every flag, in both languages, at once."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

import statuspage
from statuspage.cli import framework, messages
from statuspage.cli.framework import COMMAND_MODULES, CliGroup
from statuspage.domain.alert import AlertState
from statuspage.domain.incident import EventKind
from statuspage.domain.queue_item import DeliveryStatus
from statuspage.domain.response_times import STAGES

PACKAGE = Path(statuspage.__file__).parent

ASKED = """init check build serve worker services kinds show alerts alert ack confirm false-alarm report update correct
resolve reopen note say people""".split()
DRILL = ["start", "inject", "observe", "suspend", "end", "report"]
MORE_OF_DRILLS = ["list", "skip", "pause", "resume", "cancel", "calendar", "scenarios", "script"]
PEOPLE = ["list", "add", "link", "password", "disable", "enable", "role", "sessions", "sign-out"]
QUEUE = ["list", "again", "seen", "resume"]
CHANNEL = ["list", "test"]
SUBSCRIBERS = ["list", "add", "remove", "import", "export"]
PATHS = [
    (verb,) for verb in COMMAND_MODULES if verb not in ("people", "subscribers", "queue", "channel", "content", "drill")
]
PATHS += [("content", verb) for verb in ("diff", "take")]
PATHS += [("queue", verb) for verb in QUEUE] + [("channel", verb) for verb in CHANNEL]
PATHS += [("drill", verb) for verb in (*DRILL, *MORE_OF_DRILLS)] + [("people", verb) for verb in PEOPLE]
PATHS += [("subscribers", verb) for verb in SUBSCRIBERS]


def command(path: tuple[str, ...]) -> click.Command:
    """The command behind these words."""
    found: click.Command = CliGroup("statuspage", COMMAND_MODULES)
    for name in path:
        assert isinstance(found, click.Group)
        inner = found.get_command(click.Context(found), name)
        assert inner is not None, name
        found = inner
    return found


def test_every_verb_of_the_design_is_there() -> None:
    assert set(ASKED) | {"drill"} <= set(COMMAND_MODULES)
    assert [name for name in DRILL if ("drill", name) not in PATHS] == []


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize(
    "path", [(), ("drill",), ("people",), ("queue",), ("channel",), ("content",), *PATHS], ids=" ".join
)
def test_help_is_whole_in_each_language(
    path: tuple[str, ...], language: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("STATUSPAGE_LANGUAGE", language)
    assert framework.run([*path, "--help"]) == 0
    output = capsys.readouterr().out
    assert "cli." not in output
    assert "statuspage" in output


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
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("args", "output"),
    [
        (["nonsense"], "nonsense"),
        (["report", "--nonsense"], "--nonsense"),
        (["confirm"], "ID"),
        (["services"], "--home"),
        (["services", "--home", "/nowhere/at/all"], "/nowhere/at/all"),
        (["report", "--home", "/nowhere/at/all", "--answer", "retry"], "/nowhere/at/all"),
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
