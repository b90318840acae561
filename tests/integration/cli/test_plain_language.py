"""The command that checks a text: its output as lines and as JSON, and its exit codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.instance import Cli, cli, home

__all__ = ["cli", "home"]


@pytest.mark.slow
def test_jargon_is_told_with_its_place_and_what_to_write(cli: Cli, tmp_path: Path) -> None:
    text = tmp_path / "notice.txt"
    text.write_text("All is well.\nThe server is slow.\n", "utf-8")
    result = cli("plain", str(text), "--lang", "en")
    assert result.code == 0
    assert "Line 2, character 1, “The server”" in result.out
    assert "→ Our system" in result.out


def test_places_in_json_count_code_points(cli: Cli, tmp_path: Path) -> None:
    text = tmp_path / "notice.txt"
    text.write_text("👩‍👧 ｻｰﾊﾞｰです。", "utf-8")
    (one,) = cli("plain", str(text), "--lang", "ja", "--json").json["findings"]
    assert "👩‍👧 ｻｰﾊﾞｰです。"[one["start"] : one["end"]] == "ｻｰﾊﾞｰ"
    assert (one["class"], one["level"]) == ("jargon", "warning")
    assert set(one) == {"start", "end", "class", "level", "reason", "replacement"}


def test_what_may_not_go_out_without_a_reason_ends_with_one(cli: Cli, tmp_path: Path) -> None:
    text = tmp_path / "notice.txt"
    text.write_text("db-prod-02 is being repaired.", "utf-8")
    assert cli("plain", str(text), "--lang", "en").code == 1


@pytest.mark.slow
def test_a_whole_notice_is_asked_for_its_times(cli: Cli, tmp_path: Path) -> None:
    text = tmp_path / "notice.txt"
    text.write_text("You cannot book classes.", "utf-8")
    assert "does not say when this started" in cli("plain", str(text), "--lang", "en", "--notice", "first").out
    assert "The text is plain." in cli("plain", str(text), "--lang", "en").out


@pytest.mark.parametrize(("args", "code"), [(("--lang", "xx"), 1), (("--notice", "nonsense"), 2)])
def test_what_cannot_be_meant_is_refused(cli: Cli, tmp_path: Path, args: tuple[str, ...], code: int) -> None:
    text = tmp_path / "notice.txt"
    text.write_text("Hello.", "utf-8")
    assert cli("plain", str(text), *args).code == code
