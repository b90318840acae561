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
    (checked,) = cli("plain", str(text), "--lang", "ja", "--json").json
    (one,) = checked["findings"]
    assert "👩‍👧 ｻｰﾊﾞｰです。"[one["start"] : one["end"]] == "ｻｰﾊﾞｰ"
    assert (one["class"], one["level"]) == ("jargon", "warning")
    assert set(one) == {"start", "end", "class", "level", "reason", "replacement", "suggestion"}


def test_many_texts_are_checked_in_one_run(cli: Cli, tmp_path: Path) -> None:
    texts = {"one.en.txt": "All is well.", "two.ja.txt": "フェイルオーバーしました。", "three.de.txt": "db-prod-02."}
    files = [tmp_path / name for name in texts]
    for file in files:
        file.write_text(texts[file.name], "utf-8")
    result = cli("plain", *map(str, files))
    assert result.code == 1
    headings = [line for line in result.out.splitlines() if line.startswith("── ")]
    assert headings == [f"── {file} · {language}" for file, language in zip(files, ("en", "ja", "de"), strict=True)]
    answers = cli("plain", *map(str, files), "--json").json
    assert [(each["file"], each["language"], each["checked"]) for each in answers] == [
        (str(files[0]), "en", True),
        (str(files[1]), "ja", True),
        (str(files[2]), "de", False),
    ]
    assert [[one["class"] for one in each["findings"]] for each in answers] == [[], ["jargon"], ["secret"]]


@pytest.mark.parametrize("language", ["de", "es", "fr", "ko", "pt-BR", "vi", "zh-Hans"])
def test_a_language_without_a_word_list_is_said_to_be_not_checked(cli: Cli, tmp_path: Path, language: str) -> None:
    text = tmp_path / "notice.txt"
    text.write_text("Failover.", "utf-8")
    out = cli("plain", str(text), "--lang", language).out
    assert "Not checked for plain language" in out
    assert "The text is plain." not in out


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
