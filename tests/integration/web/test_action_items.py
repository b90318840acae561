"""Action items on the desk: one list, late ones on the home page, and who may change them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from statuspage.domain import ActionState
from statuspage.usecases import action_items
from statuspage.usecases.accounts import Role
from statuspage.usecases.action_items import ActionInput
from statuspage.usecases.audit_log import Actor
from statuspage.usecases.environment.model import Environment
from tests.integration.usecases.test_action_items import FIRST, OVER, SECOND, keep
from tests.support.desk import Browser, Clock, as_role, clock, env, signed_in
from tests.support.fakes.github_server import Server, github_server
from tests.support.issue_tracker import with_tracker

__all__ = ["clock", "env"]

FIELDS = {"text": "予備へ切り替える", "owner": "佐藤", "priority": "high", "due": "2026-07-01", "link": ""}


@pytest.fixture
def incident(env: Environment, clock: Clock) -> str:
    """An incident that is over; its cause was a machine."""
    keep(env, FIRST, OVER, cause="machine")
    return FIRST


@pytest.fixture
def browser(env: Environment, clock: Clock, incident: str) -> Browser:
    """A desk with an item that was due on 1 July."""
    return signed_in(env, clock).open(f"/actions?subject={FIRST}").send(FIELDS, action="/actions")


def test_a_late_item_is_on_the_home_page_until_it_is_done(browser: Browser):
    assert "予備へ切り替える" in browser.open("/").words
    browser.open("/actions").send({"do": "done"}, action="/actions/1")
    assert "予備へ切り替える" not in browser.words
    assert "期日を過ぎた改善項目" not in browser.open("/").words
    assert "予備へ切り替える" in browser.open("/actions?state=done").words


def test_an_item_whose_day_is_yet_to_come_is_not_on_the_home_page(env: Environment, browser: Browser, clock: Clock):
    due = (clock.now + timedelta(days=5)).date().isoformat()
    browser.open("/actions").send({"due": due, "do": "save"}, action="/actions/1")
    assert "予備へ切り替える" not in browser.open("/").words


def post(browser: Browser, **data: str) -> TestResponse:
    """Sends a form about the first item, as it was first shown."""
    (token, *_) = browser.open("/actions").tree.xpath("//input[@name='csrf_token']/@value")
    return browser.post("/actions/1", {"version": "1", "csrf_token": token, **data})


def test_dropping_without_a_reason_shows_what_is_missing(env: Environment, browser: Browser):
    refused = post(browser, do="drop", reason="")
    assert refused.status_code == 422 and "取りやめる理由を" in refused.get_data(as_text=True)
    assert action_items.find_item(env, 1).state is ActionState.OPEN
    assert post(browser, do="drop", reason="機器を廃止した").status_code == 303
    assert action_items.find_item(env, 1).reason == "機器を廃止した"


def test_of_two_who_edit_at_once_the_later_one_keeps_what_was_typed(env: Environment, browser: Browser, clock: Clock):
    action_items.change_item(env, 1, ActionInput("ほかの人の変更"), version=1, actor=Actor(name="鈴木"), now=clock())
    response = post(browser, **{**FIELDS, "text": "自分の変更", "do": "save"})
    page = response.get_data(as_text=True)
    assert response.status_code == 409
    assert "ほかの人の変更" in page and "自分の変更" in page
    assert action_items.find_item(env, 1).text == "ほかの人の変更"


def test_an_incident_with_the_cause_of_an_open_item_says_so(env: Environment, browser: Browser):
    keep(env, SECOND, OVER, cause="machine", later=timedelta(days=40))
    assert "同じ原因の改善項目が、まだ終わっていません。" in browser.open(f"/incidents/{SECOND}").words
    assert "同じ原因のインシデントが1件ありました" in browser.open("/actions").words


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_a_form_returns_only_to_this_desk(browser: Browser, back: str):
    response = post(browser, do="done", back=back)
    assert response.headers["Location"] == "/actions#action-1"


def test_a_viewer_reads_the_list_and_changes_nothing(env: Environment, clock: Clock, browser: Browser):
    viewer = as_role(env, clock, Role.VIEWER)
    assert "予備へ切り替える" in viewer.open("/actions").words
    assert not viewer.tree.xpath("//main//form")
    (token,) = {*viewer.tree.xpath("//input[@name='csrf_token']/@value")}
    assert viewer.post("/actions/1", {"version": "1", "do": "done", "csrf_token": token}).status_code == 403
    assert action_items.find_item(env, 1).state is ActionState.OPEN


@pytest.fixture
def github(clock: Clock) -> Iterator[Server]:
    with github_server() as server:
        server.clock = clock
        yield server


def test_a_button_makes_an_issue_and_a_closed_issue_asks_whether_it_is_done(
    env: Environment, clock: Clock, incident: str, github: Server
):
    tracked = with_tracker(env, github)
    browser = signed_in(tracked, clock).open(f"/actions?subject={FIRST}").send(FIELDS, action="/actions")
    assert "課題を作る" in browser.open("/actions").words
    browser.send({"do": "issue"}, action="/actions/1")
    assert "課題を作っています。" in browser.words and "課題を作る" not in browser.words
    action_items.issues.advance_issues(tracked, now=clock())
    (link,) = browser.open("/actions").tree.xpath("//li[@id='action-1']//a[contains(@href,'github')]/@href")
    assert link == github.issues[0]["html_url"]
    github.close(1)
    action_items.issues.advance_issues(tracked, now=clock.later(minutes=11))
    assert "課題は閉じられました。この改善項目は完了ですか。" in browser.open("/actions").words


def test_what_went_wrong_is_said_with_a_button_to_try_again(
    env: Environment, clock: Clock, incident: str, github: Server
):
    tracked = with_tracker(env, github)
    browser = signed_in(tracked, clock).open(f"/actions?subject={FIRST}").send(FIELDS, action="/actions")
    browser.open("/actions").send({"do": "issue"}, action="/actions/1")
    github.next("422")
    action_items.issues.advance_issues(tracked, now=clock())
    assert "GitHubに拒否されました（422 Validation Failed）" in browser.open("/actions").words
    browser.send({"do": "issue"}, action="/actions/1")
    action_items.issues.advance_issues(tracked, now=clock())
    assert len(github.issues) == 1


def test_without_a_tracker_there_is_no_button(browser: Browser):
    assert "課題を作る" not in browser.open("/actions").words
    assert post(browser, do="issue").status_code == 422
