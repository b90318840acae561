"""The plain-language check on typed text: at a terminal, in a postmortem's Markdown, and in repeated text."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from statuspage.content.loading.loader import read_content
from statuspage.rendering.plain_language.normalization import blank_markup
from statuspage.storage import incidents
from statuspage.usecases.environment.model import Environment
from tests.support.desk import Browser, Clock, clock, env, signed_in
from tests.support.instance import Cli, cli, home, publish_report

__all__ = ["cli", "clock", "env", "home"]

REPORT = {"incident_type": "booking", "start": "5m"}


@pytest.mark.parametrize(
    ("written", "seen"),
    [
        ("# Why\n\n- one", "  Why\n\n  one"),
        ("see [more](https://db-prod-02/x) here", "see  more" + " " * 24 + "here"),
        ("**never** `again`", "  never    again "),
        ("[1]: https://db-prod-02/x", "                         "),
        ("a_name and 3 * 4", "a_name and 3   4"),
    ],
)
def test_markdown_is_read_without_its_signs_and_keeps_its_places(written: str, seen: str) -> None:
    assert blank_markup(written) == seen


@pytest.mark.slow
def test_a_preview_in_the_terminal_says_what_customers_may_not_understand(cli: Cli) -> None:
    result = cli("report", "--incident-type", "booking", "--start", "5m", "--extra", "en=The server is slow.", "--yes")
    assert result.code == 0, result.err
    assert "── --extra en=\n" in result.out
    assert "“The server”" in result.out
    assert "Only engineers know this word." in result.out
    assert "→ Our system" in result.out


@pytest.mark.slow
def test_it_says_so_in_the_language_of_the_staff(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STATUSPAGE_LANGUAGE", "ja")
    result = cli("report", "--incident-type", "booking", "--start", "5m", "--extra", "en=The server is slow.", "--yes")
    assert "── --extra en=\n" in result.out
    assert "技術者" in result.out.partition("--extra en=")[2]


@pytest.mark.slow
def test_a_report_afterwards_that_gives_away_a_host_asks_for_a_reason(cli: Cli, tmp_path: Path) -> None:
    incident = str(publish_report(cli)["incident"])
    assert cli("resolve", incident, "--ended", "1m", "--yes").code == 0
    (tmp_path / "report.ja.md").write_text("## 原因\n\n**db-prod-02** が壊れました。\n", "utf-8")
    args = ("postmortem", "publish", incident, str(tmp_path / "report.ja.md"), "--only", "ja", "--yes")
    (tmp_path / "plain.ja.md").write_text("## 原因\n\n[くわしく](https://fitline.example/)\n", "utf-8")
    held = cli(*(arg.replace("report.ja", "plain.ja") for arg in args), "--reason", "")
    assert "db-prod-02" not in held.err
    result = cli(
        "postmortem", "publish", incident, f"ja={tmp_path / 'report.ja.md'}", f"en={tmp_path / 'report.ja.md'}", "--yes"
    )
    assert result.code == 1
    assert "db-prod-02" in result.err


def test_words_that_customers_had_before_say_nothing_new(env: Environment, clock: Clock) -> None:
    form = signed_in(env, clock).open("/incidents/new")
    form.send({**REPORT, "extra-ja": "お店の電話でも受け付けています。", "do": "publish"})
    with env.databases.environment.read() as tx:
        ((incident, _),) = incidents.latest_notices(tx, 9)
    clock.later(minutes=20)
    path = f"/incidents/{incident.id}/notices/new/update"
    form.open(path).send({"extra-ja": "お店の電話でも受け付けています。", "do": "preview"})
    assert "同じ" in _beside(form, "extra-ja")
    form.send({"extra-ja": "お店の窓口でも受け付けています。", "do": "preview"})
    assert "同じ" not in _beside(form, "extra-ja")


@pytest.mark.slow
def test_a_proposal_for_the_glossary_comes_as_a_file_that_content_can_read(
    env: Environment, clock: Clock, home: Path
) -> None:
    form = signed_in(env, clock).open("/incidents/new")
    typed = {**REPORT, "extra-ja": "フニャラリオンを直しています。"}
    form.send({**typed, "do": "preview"})
    (button,) = form.tree.xpath("//button[starts-with(@value, 'glossary_entry extra-ja')]")
    form.send({**typed, "do": button.get("value")})
    assert form.page.headers["Content-Disposition"] == "attachment; filename=glossary.toml"
    text = form.page.get_data(as_text=True)
    assert tomllib.loads(text)["jargon"]["company"]["フニャラリオン"]["example"] == "フニャラリオンを直しています。"
    glossary = home / "content" / "ja" / "glossary.toml"
    glossary.write_text(f"{glossary.read_text('utf-8')}\n{text}", "utf-8")
    catalog, faults = read_content(home / "content")
    assert faults == ()
    assert catalog is not None
    known = catalog.packs["ja"].glossary
    assert known is not None
    assert any(term.patterns == ("フニャラリオン",) for term in known.terms)


def _beside(browser: Browser, box: str) -> str:
    (elements,) = browser.tree.xpath(f"//*[@data-hint='findings-{box}']")
    return str(elements.text_content())
