"""Incident reports on the desk: begun, written by two at once, approved by a lead, and what is said without the
extra."""

from __future__ import annotations

import pytest

from statuspage.integrations import pdf
from statuspage.usecases import incident_reports
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from tests.integration.usecases.test_action_items import FIRST, OVER, keep
from tests.support.desk import Browser, Clock, as_role, clock, env, signed_in

__all__ = ["clock", "env"]

PAGE, LIST = "/incident-reports/1", f"/incidents/{FIRST}/reports"


@pytest.fixture
def browser(env: Environment, clock: Clock) -> Browser:
    """A desk with an incident that is over, and an empty report on it."""
    keep(env, FIRST, OVER, cause="machine")
    clock.later(hours=3)
    browser = signed_in(env, clock)
    assert LIST in browser.open(f"/incidents/{FIRST}").tree.xpath("//main//a/@href")
    return browser.open(LIST).send({"recipient": "株式会社サンプル", "service": ["booking"]}, action=LIST)


def test_a_report_is_begun_written_and_approved_by_a_lead(env: Environment, clock: Clock, browser: Browser):
    assert browser.path == PAGE and "株式会社サンプル 御中" in browser.words
    browser.send({"root_cause-ja": "予備を試していませんでした。", "root_cause-en": "Untested."}, action=PAGE)
    assert "保存しました。" in browser.text
    assert not browser.tree.xpath(f"//form[@action='{PAGE}/approve']"), "a reporter does not approve"
    lead = as_role(env, clock, Role.LEAD).open(PAGE)
    lead.send(action=f"{PAGE}/approve")
    assert "承認済み" in lead.words
    report = incident_reports.find_report(env, 1)
    assert report.text("root_cause", "en") == "Untested." and report.services == ("booking",)
    assert "株式会社サンプル" in browser.open(LIST).words


def test_a_reporter_who_approves_anyway_is_refused(env: Environment, browser: Browser):
    fields = browser.fields(PAGE)
    data = {name: fields[name][0] for name in ("csrf_token", "version", "changes")}
    assert browser.post(f"{PAGE}/approve", data).status_code == 403
    assert incident_reports.find_report(env, 1).approved_by == ""


def test_of_two_who_write_at_once_the_second_keeps_what_was_typed(env: Environment, clock: Clock, browser: Browser):
    other = signed_in(env, clock, "ken", "渡辺").open(PAGE)
    browser.send({"summary-ja": "一人目の文"}, action=PAGE)
    other.send({"summary-ja": "二人目の文"}, action=PAGE)
    assert other.page.status_code == 409 and "二人目の文" in other.text
    other.send({}, action=PAGE)
    assert incident_reports.find_report(env, 1).text("summary", "ja") == "二人目の文"


def test_no_service_is_refused_with_what_was_typed(browser: Browser):
    browser.open(LIST).send({"recipient": "甲社", "service": None}, action=LIST)
    assert browser.page.status_code == 422 and 'value="甲社"' in browser.text


def test_without_the_extra_the_page_says_what_to_install(browser: Browser, monkeypatch: pytest.MonkeyPatch):
    def unavailable(html: str) -> bytes:
        raise pdf.PdfUnavailable(html[:1])

    monkeypatch.setattr(pdf, "write_pdf", unavailable)
    browser.open(f"{PAGE}/1/ja.pdf")
    assert browser.page.status_code == 501 and "statuspage-desk[pdf]" in browser.words


def test_a_viewer_reads_and_changes_nothing(env: Environment, clock: Clock, browser: Browser):
    viewer = as_role(env, clock, Role.VIEWER).open(PAGE)
    assert viewer.page.status_code == 200 and not viewer.tree.xpath("//main//textarea")
    assert "新しい報告書" not in viewer.open(LIST).words


@pytest.mark.parametrize(
    "path", ["/incident-reports/9", f"{PAGE}/9/ja.pdf", f"{PAGE}/1/de.pdf", "/incidents/x/reports"]
)
def test_what_is_not_there_is_not_found(browser: Browser, path: str):
    assert browser.open(path).page.status_code == 404
