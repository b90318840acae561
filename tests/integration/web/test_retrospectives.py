"""The retrospective's page: two people write at once, what was refused stays in its field, viewers only read."""

from __future__ import annotations

import pytest

from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from tests.integration.usecases.test_action_items import FIRST, OVER, keep
from tests.support.desk import Browser, Clock, as_role, clock, env, signed_in
from tests.support.site import booking

__all__ = ["clock", "env"]

PAGE = f"/retrospectives/{FIRST}"


@pytest.fixture
def browser(env: Environment, clock: Clock) -> Browser:
    """A desk with an incident that is over."""
    keep(env, FIRST, OVER)
    clock.later(hours=3)
    return signed_in(env, clock)


def note_form(browser: Browser, section: str) -> dict[str, str]:
    (token, *_) = browser.tree.xpath("//input[@name='csrf_token']/@value")
    return {"csrf_token": token, "section": section}


def test_an_ended_incident_leads_to_its_retrospective(browser: Browser):
    browser.open(f"/incidents/{FIRST}")
    assert PAGE in browser.tree.xpath("//main//a/@href")
    browser.open(PAGE)
    for question in ("なぜ起きましたか", "対応はスムーズでしたか", "また起きる可能性はありますか", "どう防ぎますか"):
        assert question in browser.words


def test_two_people_who_edit_one_note_at_once_lose_nothing(env: Environment, clock: Clock, browser: Browser):
    browser.open(PAGE)
    browser.client.post(f"{PAGE}/notes", data={**note_form(browser, "why"), "text": "最初の文"})
    other = signed_in(env, clock, "ken", "渡辺").open(PAGE)
    first, second = browser.open(PAGE), other
    mine = {**note_form(first, "why"), "note": "1", "version": "1", "text": "佐藤の文"}
    theirs = {**note_form(second, "why"), "note": "1", "version": "1", "text": "渡辺の文"}
    first.client.post(f"{PAGE}/notes", data=mine)
    answer = second.client.post(f"{PAGE}/notes", data=theirs, follow_redirects=True)
    page = answer.get_data(as_text=True)
    assert "佐藤の文" in page and "渡辺の文" in page and "両方を残し" in page


def test_what_was_refused_stays_in_its_field(browser: Browser):
    browser.open(PAGE)
    typed = {**note_form(browser, ""), "happened": "", "text": "予備機を起動", "source": "ログ"}
    typed.pop("section")
    answer = browser.client.post(f"{PAGE}/events", data=typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "過去の日時を入力してください。" in page and "予備機を起動" in page


def test_an_event_is_typed_in_the_time_of_the_site(env: Environment, browser: Browser):
    browser.open(PAGE)
    typed = {**note_form(browser, ""), "happened": "2026-07-04T12:10", "text": "予備機を起動", "source": "ログ"}
    browser.client.post(f"{PAGE}/events", data=typed)
    assert "予備機を起動" in browser.open(PAGE).words
    assert "12:10" in browser.words


def test_causes_are_ticked_and_the_state_goes_on(browser: Browser):
    browser.open(PAGE).send({"cause": ["no_alert", "change"]}, action=f"{PAGE}/causes")
    assert browser.tree.xpath("//input[@name='cause'][@checked]/@value") == ["change", "no_alert"]
    browser.send({"do": "reviewed"}, action=f"{PAGE}/state")
    assert "確認済み" in browser.words


def test_it_is_taken_along_as_text_in_which_nothing_is_markup(browser: Browser):
    browser.open(PAGE)
    browser.client.post(f"{PAGE}/notes", data={**note_form(browser, "why"), "text": "<b>*太字*</b>"})
    text = browser.open(f"{PAGE}.md").text
    assert text.startswith("# 振り返り：") and "\\<b\\>\\*太字\\*" in text


def test_a_viewer_reads_and_writes_nothing(env: Environment, clock: Clock, browser: Browser):
    viewer = as_role(env, clock, Role.VIEWER).open(PAGE)
    assert not viewer.tree.xpath("//main//form")
    answer = viewer.client.post(f"{PAGE}/notes", data={**note_form(viewer, "why"), "text": "a"})
    assert answer.status_code == 403


def test_an_open_incident_has_a_page_without_fields_and_an_unknown_one_none(env: Environment, browser: Browser):
    keep(env, "k3m9p2q7x4zz", booking(("12:03", "first")))
    browser.open("/retrospectives/k3m9p2q7x4zz")
    assert "終了後に振り返りを書けます。" in browser.words and not browser.tree.xpath("//main//textarea")
    assert browser.open("/retrospectives/nothing").page.status_code == 404
