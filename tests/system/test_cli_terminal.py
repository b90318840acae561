"""At a terminal: the text is shown and confirmed before anything is sent."""

from __future__ import annotations

import os
import pty
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.instance import home
from tests.support.playing import PROGRAM, Player, clean_environ

__all__ = ["home"]

REPORT = ("report", "--incident-type", "booking", "--start", "10m")


def typed_at(home: Path, answer: str, *args: str) -> tuple[int, str]:
    """Runs a command at its own terminal, types ``answer`` when asked, and returns its exit code and screen."""
    mine, theirs = pty.openpty()
    environ = clean_environ(STATUSPAGE_HOME=str(home), TERM="dumb")
    running = subprocess.Popen([*PROGRAM, *args], stdin=theirs, stdout=theirs, stderr=theirs, env=environ)
    os.close(theirs)
    screen, until, answered = b"", time.monotonic() + 60, False
    while time.monotonic() < until:
        try:
            piece = os.read(mine, 4096)
        except OSError:
            break
        screen += piece
        if not answered and b"[y/N]" in screen:
            os.write(mine, f"{answer}\n".encode())
            answered = True
    os.close(mine)
    return running.wait(timeout=30), screen.decode()


@pytest.mark.parametrize(("answer", "code", "there"), [("y", 0, 1), ("n", 1, 0), ("", 1, 0)])
def test_the_words_are_shown_and_only_a_yes_publishes(home: Path, answer: str, code: int, there: int) -> None:
    ended, screen = typed_at(home, answer, *REPORT)
    assert ended == code
    assert "You cannot book classes" in screen
    assert "Publish to customers? [y/N]" in screen
    assert "Traceback" not in screen
    assert len(Player(home).ask("show")) == there
    if code:
        assert "Nothing was published" in screen


def test_in_a_drill_the_question_is_another(home: Path) -> None:
    ended, screen = typed_at(home, "y", *REPORT, "--drill")
    assert ended == 0
    assert "Publish in the drill? (Nothing leaves the sandbox.) [y/N]" in screen
    assert "[DRILL]" in screen


def test_with_yes_nobody_is_asked(home: Path) -> None:
    ended, screen = typed_at(home, "", *REPORT, "--yes")
    assert (ended, "[y/N]" in screen) == (0, False)
    assert len(Player(home).ask("show")) == 1


def test_a_reader_that_has_seen_enough_is_no_trouble(home: Path) -> None:
    environ = clean_environ(STATUSPAGE_HOME=str(home))
    reading, writing = os.pipe()
    running = subprocess.Popen([*PROGRAM, "incident-type", "list"], stdout=writing, stderr=subprocess.PIPE, env=environ)
    os.close(reading)
    os.close(writing)
    _, error = running.communicate(timeout=60)
    assert error == b""
