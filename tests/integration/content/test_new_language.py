"""An unknown language made only of files in ``content/``: page, feeds and posts use it at once."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import feedparser
import pytest

from tests.support.instance import Cli, cli, home

__all__ = ["cli", "home"]

NEW = "qps"


def other(text: str) -> str:
    """An artificial English: each e has an accent; slots stay unchanged."""
    return re.sub(r"\{[^}]*\}|e", lambda part: part[0] if part[0] != "e" else "é", text)


def invent(content: Path) -> None:
    """Creates the eleventh language by copying files; every sentence has its own text."""
    shutil.copytree(content / "en", content / NEW, ignore=shutil.ignore_patterns("desk*", "glossary*", "everyday*"))
    for file in (file for file in (content / NEW).glob("*.toml") if file.name != "drill.toml"):
        head, writing, rest = (
            re.split(r"(?ms)^(\[locale_rules\]\n.*?)(?=^\[)", file.read_text("utf-8"), maxsplit=1)
            if (file.name == "phrases.toml")
            else ("", "", file.read_text("utf-8"))
        )
        translated = re.sub(r'(?m)^(\w+ = ")(.*)"$', lambda line: f'{line[1]}{other(line[2])}"', rest)
        file.write_text(head.replace('name = "English"', 'name = "Énglish"') + writing + translated, "utf-8")
    site = content / "site.toml"
    spoken = json.dumps(["ja", "en", "ja-simple", NEW])
    site.write_text(re.sub(r"(?m)^languages = .*$", f"languages = {spoken}", site.read_text("utf-8")), "utf-8")


@pytest.mark.slow
def test_page_feeds_and_posts_speak_a_language_that_is_nothing_but_files(cli: Cli, home: Path):
    program = shutil.copytree(home / "content", home.parent / "as-it-came")
    invent(home / "content")
    assert cli("check").code == 0
    result = cli("report", "--incident-type", "booking", "--start", "about:20m", "--yes", "--json")
    assert result.code == 0, result.err
    words = result.json["texts"][NEW]
    title = "You cannot book classés in thé mémbér app"
    assert title in words["page"]
    assert title in words["x"]
    site = home / "site" / "current" / NEW
    page = (site / "incidents" / result.json["incident"] / "index.html").read_text("utf-8")
    assert f'<html lang="{NEW}"' in page
    assert title in page
    assert title in (site / "index.html").read_text("utf-8")
    for name in ("feed.atom", "feed.rss"):
        (entry,) = feedparser.parse((site / name).read_bytes()).entries
        assert title in entry.title
    touched = {file.relative_to(home / "content") for file in (home / "content").rglob("*.toml")}
    kept = {file.relative_to(program) for file in program.rglob("*.toml")}
    assert {file.as_posix() for file in touched - kept} == {
        *(f"{NEW}/{name}.toml" for name in ("organisation", "labels", "lists", "phrases")),
        f"{NEW}/drill.toml",
    }
