"""The postmortem: one text per language, cleaned, published once the incident is over."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from statuspage.domain.catalog import EnvironmentMarks
from statuspage.rendering.wording.postmortem import render_html
from tests.support.instance import Cli, cli, home, publish_report

__all__ = ["cli", "home"]

JA = "# 何が起きたか\n\n設定の誤りで、予約ができませんでした。\n"
EN = "# What happened\n\nA wrong setting kept people from booking. [More](https://fitline.example/)\n"


@pytest.fixture
def over(cli: Cli) -> str:
    """An incident published as over."""
    incident = str(publish_report(cli)["incident"])
    assert cli("resolve", incident, "--ended", "1m", "--yes").code == 0
    return incident


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, ...]:
    """The report in every language."""
    (tmp_path / "report.ja.md").write_text(JA, "utf-8")
    (tmp_path / "english.md").write_text(EN, "utf-8")
    (tmp_path / "report.ja-simple.md").write_text("設定をまちがえました。予約ができませんでした。\n", "utf-8")
    return str(tmp_path / "report.ja.md"), f"en={tmp_path / 'english.md'}", str(tmp_path / "report.ja-simple.md")


@pytest.mark.slow
def test_a_report_is_published_in_every_language_with_its_markdown_as_html(cli: Cli, over: str, files) -> None:
    result = cli("postmortem", "publish", over, *files, "--yes", "--json")
    assert result.code == 0, result.err
    assert "ご報告" in result.json["texts"]["ja"]["page"]
    shown = cli("show", over, "--json").json
    newest = [e["entry"] for e in shown["entries"] if e["entry"]["type"] == "notice"][-1]
    assert newest["texts"]["ja"]["postmortem"] == "<h2>何が起きたか</h2>\n<p>設定の誤りで、予約ができませんでした。</p>"
    assert '<a href="https://fitline.example/" rel="noopener noreferrer">' in newest["texts"]["en"]["postmortem"]
    assert newest["facts"]["ended_at"] is not None
    assert cli("show").out.startswith("No incidents are open")


@pytest.mark.slow
def test_a_report_in_one_language_needs_a_reason(cli: Cli, over: str, files) -> None:
    result = cli("postmortem", "publish", over, files[0], "--yes")
    assert (result.code, "en=: Choose what prevents a recurrence, or write" in result.err) == (1, True), result.err
    assert cli("postmortem", "publish", over, files[0], "--only", "ja", "--yes").code == 1
    result = cli(
        "postmortem", "publish", over, files[0], "--only", "ja", "--reason", "English follows", "--yes", "--json"
    )
    assert result.code == 0, result.err
    assert "日本語" in result.json["texts"]["en"]["page"]


@pytest.mark.slow
def test_a_report_waits_until_it_is_over(cli: Cli, files) -> None:
    incident = publish_report(cli)["incident"]
    result = cli("postmortem", "publish", incident, *files, "--yes")
    assert (result.code, "is still open" in result.err) == (1, True), result.err


@pytest.mark.slow
def test_what_is_over_is_corrected_as_over(cli: Cli, over: str) -> None:
    result = cli("correct", over, "--cause", "change", "--yes", "--json")
    assert result.code == 0, result.err
    assert "You can book classes in the member app again" in result.json["texts"]["en"]["page"]
    assert "next update" not in result.json["texts"]["en"]["page"]
    result = cli("correct", over, "--ended", "5m", "--yes", "--json")
    assert result.code == 0, result.err
    assert "復旧した時刻" in result.json["texts"]["ja"]["page"]


@pytest.mark.parametrize(
    "bad",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "![x](https://evil.example/x.png)",
        "<h1 onclick=x>a</h1>",
        "<iframe src=https://evil.example/></iframe>",
        "<style>*{display:none}</style>",
        '<p style="position:fixed">a</p>',
        "<svg onload=alert(1)><a href=x>a</a></svg>",
    ],
)
def test_nothing_in_a_report_runs_or_loads(bad: str) -> None:
    rendered = render_html(f"before\n\n{bad}\n\nafter", EnvironmentMarks())
    assert "before" in rendered and "after" in rendered
    assert not re.search("script|onerror|onclick|onload|<img|<iframe|style|<svg", rendered)


def test_a_report_of_a_drill_begins_and_ends_with_its_marks() -> None:
    rendered = render_html("text", EnvironmentMarks(start="【訓練】", end=" （訓練です）", word="訓練"))
    assert rendered == "<p>【訓練】</p><p>text</p><p>（訓練です）</p>"
