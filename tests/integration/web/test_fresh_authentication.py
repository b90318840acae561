"""Asked again who one is: before settings, accounts and second factors, once a quarter of an hour."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest

from statuspage.storage.audit_log import list_actions
from statuspage.usecases import accounts
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from statuspage.web.desk import permissions
from statuspage.web.desk.accounts import fresh_authentication
from tests.support.desk import PASSWORD, Browser, Clock, clock, desk_of, person_in
from tests.support.desk import env as plain_env
from tests.support.second_factors import code_of, keeping_secrets, with_app

__all__ = ["clock", "plain_env"]


@pytest.fixture
def env(plain_env: Environment) -> Iterator[Environment]:
    env = keeping_secrets(plain_env)
    yield env
    assert env.secret_store is not None
    env.secret_store.close()


def later(env: Environment, clock: Clock, *, minutes: int = 16, password: str = PASSWORD) -> Browser:
    """An administrator who has signed in a while ago and invites somebody."""
    person = person_in(env, "admin", "管理", role=Role.ADMINISTRATOR, password=password)
    link = accounts.create_sign_in_link(env.databases.accounts, person.id, now=clock())
    browser = Browser(desk_of(env, clock)).open(f"/sign-in/link/{link}").send()
    browser.open("/settings/accounts")
    clock.later(minutes=minutes)
    return browser.send(name="新人", role="lead", action="/settings/accounts")


def is_invited(env: Environment) -> bool:
    """Whether the invitation was made."""
    return any(each.name == "新人" and each.role == Role.LEAD for each in accounts.all_accounts(env.databases.accounts))


def test_within_a_quarter_of_an_hour_nothing_is_asked(env: Environment, clock: Clock):
    assert later(env, clock, minutes=14).page.status_code == 200
    assert is_invited(env)


@pytest.mark.slow
def test_later_the_password_is_asked_and_what_was_entered_is_kept(env: Environment, clock: Clock):
    browser = later(env, clock)
    assert browser.page.status_code == 401
    assert "ご本人の確認" in browser.words
    assert not is_invited(env)
    before = browser.client.get_cookie("desk").value
    browser.send(fresh_password="wrong wrong wrong")
    assert browser.page.status_code == 401
    assert "正しくありません" in browser.words
    assert not is_invited(env)
    browser.send(fresh_password=PASSWORD)
    assert is_invited(env)
    assert browser.client.get_cookie("desk").value != before, "the session has a new token"
    clock.later(minutes=14)
    assert browser.open("/settings/accounts").send(name="もう一人", action="/settings/accounts").page.status_code == 200


def test_a_code_of_the_app_is_as_good(env: Environment, clock: Clock):
    browser = later(env, clock)
    person = accounts.find_by_login(env.databases.accounts, "admin")
    assert person is not None
    key = with_app(env, person, clock())
    browser.page = browser.post("/settings/accounts", browser.fields())
    assert browser.tree.xpath("//input[@name='fresh_code']")
    browser.send(fresh_code=code_of(key, clock.later(minutes=1)))
    assert is_invited(env)


def test_fields_of_the_question_reach_no_page(env: Environment, clock: Clock):
    browser = later(env, clock)
    browser.send(fresh_password=PASSWORD)
    with env.databases.accounts.read() as tx:
        assert PASSWORD not in str(list_actions(tx, 50))
    assert PASSWORD not in browser.text


@pytest.mark.slow
def test_wrong_passwords_wait_here_too(env: Environment, clock: Clock):
    browser = later(env, clock)
    for _ in range(6):
        browser.send(fresh_password="wrong wrong wrong")
    browser.send(fresh_password=PASSWORD)
    assert browser.page.status_code == 429
    assert not is_invited(env)


def test_a_chosen_file_must_be_chosen_again(env: Environment, clock: Clock):
    browser = later(env, clock)
    assert "もう一度選んで" not in browser.words
    upload = {**browser.fields(), "logo": (BytesIO(b"<svg/>"), "logo.svg")}
    answer = browser.post("/settings/page", upload, content_type="multipart/form-data")
    assert (answer.status_code, "もう一度選んで" in answer.get_data(as_text=True)) == (401, True)


def test_who_has_neither_signs_in_again(env: Environment, clock: Clock):
    browser = later(env, clock, password="")
    assert browser.page.status_code == 401
    assert not browser.tree.xpath("//main//input[@type='password']")
    assert browser.tree.xpath("//main//form[@action='/sign-out']")
    browser.open("/account")
    browser.send(new="lagoon hammer teapot", action="/account/password")
    assert browser.page.status_code == 401, "nor does somebody with a stolen session give the account a password"


def test_reading_asks_for_nothing(env: Environment, clock: Clock):
    browser = later(env, clock)
    for path in ("/settings/accounts", "/settings/security", "/account/second-factor", "/audit-log"):
        assert browser.open(path).page.status_code == 200


def test_every_post_of_settings_accounts_and_second_factors_asks(env: Environment, clock: Clock):
    app = desk_of(env, clock)
    with app.app_context():
        posts = {rule.endpoint for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())}
        asked = {endpoint for endpoint in posts if fresh_authentication.is_required(endpoint)}
        settings = {
            rule.endpoint
            for rule in app.url_map.iter_rules()
            if "POST" in (rule.methods or ()) and rule.rule.startswith(("/settings", "/account"))
        }
    assert settings <= asked
    assert {"redaction.submit_redaction", "alert_groups.decide_topic", "monitors.end_heartbeat"} <= asked
    assert not asked & set(permissions.OPEN_TO_ALL)
    assert not {one for one in asked if one.startswith(("notice_form", "alerts", "incidents", "approvals"))}, (
        "nobody is held up while telling customers"
    )
