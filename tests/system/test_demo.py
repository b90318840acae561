"""The demo is honest: it reports success only if all is well, and names what is not."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.support.paths import ROOT


def play(fault: str = "") -> tuple[int, str]:
    """The demo's exit code and output."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("STATUSPAGE_")}
    result = subprocess.run(
        [sys.executable, "-m", "tools.demo"],
        cwd=ROOT,
        env={**environ, "FAULT": fault},
        capture_output=True,
        text=True,
        timeout=900,
    )
    return result.returncode, result.stdout + result.stderr


def test_the_whole_story_is_as_it_should_be() -> None:
    code, account = play()
    assert (code, "NO " in account) == (0, False), account
    assert "each post came after its page was read back" in account
    assert "The drill ends with its report" in account
    assert "Everything was as it should be" in account


def test_with_the_x_server_down_the_page_is_told_and_the_channels_are_named() -> None:
    code, account = play("x-down")
    assert code == 1, account
    assert "ok  It was read back over HTTP" in account
    assert "NO  expected: x-ja: sent; found: waiting no_connection" in account
    assert "NO  expected: x-en: sent; found: waiting no_connection" in account


def test_with_a_read_only_page_the_command_fails_and_the_posts_go_without_the_link() -> None:
    code, account = play("read-only")
    assert code == 1, account
    assert "NO  expected: The command ends with 0; found: 3" in account
    assert "read-only file system" in account
    assert "ok  x-ja: sent" in account
    assert "NO  expected: @fitline_jp: each post leads to the page" in account
    assert "NO  expected: It was read back over HTTP; found: nobody could read it yet" in account
