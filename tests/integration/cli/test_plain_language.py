"""The command that checks a text: its output as lines and as JSON, and its exit codes."""

from __future__ import annotations

import re
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
    (checked,) = cli("plain", str(text), "--lang", "ja", "--json").json
    (one,) = checked["findings"]
    assert "👩‍👧 ｻｰﾊﾞｰです。"[one["start"] : one["end"]] == "ｻｰﾊﾞｰ"
    assert (one["class"], one["level"]) == ("jargon", "warning")
    assert set(one) == {"start", "end", "class", "level", "reason", "replacement", "suggestion"}


@pytest.fixture
def ten_languages(home: Path) -> None:
    """A site in all languages."""
    file = home / "content" / "site.toml"
    listed = 'languages = ["ja", "en", "ja-simple", "de", "es", "fr", "ko", "pt-BR", "vi", "zh-Hans"]'
    file.write_text(re.sub("(?m)^languages = .*$", listed, file.read_text("utf-8")), "utf-8")


@pytest.mark.slow
@pytest.mark.usefixtures("ten_languages")
def test_many_texts_are_checked_in_one_run_and_those_that_cannot_be_say_so(cli: Cli, tmp_path: Path) -> None:
    texts = {"en": "All is well.", "ja": "フェイルオーバーしました。", "de": "db-prod-02.", "ja-simple": "DBです。"}
    texts |= dict.fromkeys(("es", "fr", "ko", "pt-BR", "vi", "zh-Hans"), "Failover.")
    files = [tmp_path / f"notice.{language}.txt" for language in texts]
    for file, text in zip(files, texts.values(), strict=True):
        file.write_text(text, "utf-8")
    result = cli("plain", *map(str, files))
    assert result.code == 1
    headings = [line for line in result.out.splitlines() if line.startswith("── ")]
    assert headings == [f"── {file} · {language}" for file, language in zip(files, texts, strict=True)]
    assert result.out.count("Not checked for plain language") == 7
    assert result.out.count("The text is plain.") == 1
    answers = cli("plain", *map(str, files), "--json").json
    assert [(each["file"], each["language"]) for each in answers] == list(zip(map(str, files), texts, strict=True))
    assert {each["language"] for each in answers if each["checked"]} == {"en", "ja", "ja-simple"}
    found = [[one["class"] for one in each["findings"]] for each in answers]
    assert found == [[], ["jargon"], ["secret"], ["jargon"], *[[]] * 6]


def test_a_clause_is_offered_as_an_example_and_not_as_a_replacement(cli: Cli, tmp_path: Path) -> None:
    text = tmp_path / "notice.txt"
    text.write_text("There was a failover.", "utf-8")
    assert "For example: we switched to a spare system" in cli("plain", str(text), "--lang", "en").out


def test_a_file_that_cannot_be_read_stops_the_run_before_it_answers(cli: Cli, tmp_path: Path) -> None:
    text = tmp_path / "notice.txt"
    text.write_text("All is well.", "utf-8")
    result = cli("plain", str(text), str(tmp_path / "missing.txt"))
    assert result.code != 0
    assert result.out == ""


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
