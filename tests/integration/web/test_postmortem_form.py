"""The report to customers, written on the desk: prepared sentences in every language, own text in all or in none, and
the promise of it on the home page."""

from __future__ import annotations

from datetime import timedelta

import pytest

from statuspage.domain import Incident, NoticeKind
from statuspage.storage import incidents
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.publishing import site_updates
from tests.integration.usecases.test_action_items import FIRST, OVER, keep
from tests.support.desk import Browser, Clock, clock, env, signed_in
from tests.support.site import booking

__all__ = ["clock", "env"]

FORM = f"/incidents/{FIRST}/notices/new/postmortem"


@pytest.fixture
def browser(env: Environment, clock: Clock) -> Browser:
    """A desk with an incident that is over."""
    keep(env, FIRST, OVER)
    clock.later(hours=3)
    return signed_in(env, clock)


def stored(env: Environment) -> Incident:
    with env.databases.environment.read() as tx:
        incident = incidents.load_incident(tx, FIRST)
    assert incident is not None
    return incident


def test_prepared_sentences_alone_make_a_report_in_every_language(env: Environment, browser: Browser):
    assert FORM in browser.open(f"/incidents/{FIRST}").tree.xpath("//main//a/@href")
    browser.open(FORM).send({"do": "publish", "prevention": ["watch", "provider"]})
    incident = stored(env)
    latest = incident.notices[-1].notice
    assert incident.has_postmortem and latest.facts.preventions == ("watch", "provider")
    (row,) = [row for row in latest.texts["en"].rows if row.key == "prevention"]
    assert row.label == "What we are changing" and len(row.lines) == 2
    for language, text in latest.texts.items():
        prepared = env.site.catalog.packs[language].lists["prevention"]["provider"].text
        assert prepared in text.media["page"].body and prepared in text.media["feed"].body, language
        assert not text.postmortem


def test_a_report_that_says_nothing_of_its_own_is_refused(env: Environment, browser: Browser):
    browser.open(FORM).send({"do": "publish"})
    assert browser.page.status_code == 422 and "再発防止策を選ぶか" in browser.words
    assert not stored(env).has_postmortem


def test_own_text_is_needed_in_all_languages_or_in_none(env: Environment, browser: Browser):
    browser.open(FORM).send({"do": "publish", "prevention": "watch", "postmortem-ja": "## 経緯\n\n予備に替えました。"})
    assert browser.page.status_code == 422 and not stored(env).has_postmortem
    assert browser.fields()["postmortem-ja"] == ["## 経緯\n\n予備に替えました。"], "nothing typed is lost"


def test_the_preview_shows_the_report_as_the_page_will(env: Environment, browser: Browser):
    texts = {f"postmortem-{language}": "## A\n\n<b onclick='x'>b</b>" for language in env.site.catalog.languages}
    browser.open(FORM).send({"do": "preview", **texts})
    assert "<h2>A</h2>" in browser.text and "onclick" not in "".join(browser.tree.xpath("//aside//b/@onclick"))
    browser.send({"do": "publish"})
    assert "<h2>A</h2>" in stored(env).notices[-1].notice.texts["ja"].postmortem


def test_a_promised_report_is_late_on_the_home_page_until_it_is_published(
    env: Environment, clock: Clock, browser: Browser
):
    keep(env, "k3m9p2q7x4ae", booking(("12:03", "first")))
    day = (clock() + timedelta(days=5)).date()
    form = "/incidents/k3m9p2q7x4ae/notices/new/resolved"
    browser.open(form).send({"do": "publish", "ended": "now", "report_by": day.isoformat(), "answer-made": "valid"})
    with env.databases.environment.read() as tx:
        promised = incidents.load_incident(tx, "k3m9p2q7x4ae")
    assert promised is not None and promised.report_by == day, browser.words
    assert "までに、原因と対策をご報告します" in promised.notices[-1].notice.texts["ja"].media["page"].body
    assert "お客様に約束したご報告" not in browser.open("/").words, "not yet"
    clock.later(days=6)
    browser = signed_in(env, clock, "ken", "渡辺")
    assert "遅れています" in browser.open("/").words
    browser.open("/incidents/k3m9p2q7x4ae/notices/new/postmortem").send({"do": "publish", "prevention": "watch"})
    assert "お客様に約束したご報告" not in browser.open("/").words


def test_the_page_says_each_prepared_sentence_once(env: Environment, browser: Browser):
    browser.open(FORM).send({"do": "publish", "prevention": "watch"})
    incident = stored(env)
    assert incident.notices[-1].notice.notice is NoticeKind.POSTMORTEM
    site_updates.build_site(env, now=incident.notices[-1].recorded + timedelta(minutes=1))
    page = (env.site_folder.current / "ja" / "incidents" / FIRST / "index.html").read_text("utf-8")
    sentence = env.site.catalog.packs["ja"].lists["prevention"]["watch"].text
    report, log = page.partition("<main")[2].split('id="log"')
    assert (report.count(sentence), log.count(sentence)) == (1, 1), "among the facts, and in the log"
