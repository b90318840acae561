"""A second factor: set up, asked at sign-in, used once, required by role, reset."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from statuspage.storage.audit_log import list_actions
from statuspage.usecases import accounts, second_factor
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.sign_in_stages import Requirement
from tests.support.desk import PASSWORD, Browser, Clock, as_role, clock, desk_of, drill_environment_in, person_in
from tests.support.desk import env as plain_env
from tests.support.second_factors import code_of, keeping_secrets, with_app

__all__ = ["clock", "plain_env"]


@pytest.fixture
def env(plain_env: Environment) -> Iterator[Environment]:
    env = keeping_secrets(plain_env)
    yield env
    assert env.secret_store is not None
    env.secret_store.close()


def at_second_step(env: Environment, clock: Clock, login: str = "sato") -> Browser:
    """Somebody who gave the right password and is asked for more."""
    return Browser(desk_of(env, clock)).sign_in(login)


def is_in(browser: Browser) -> bool:
    """Whether the desk is open."""
    return browser.open("/account").path == "/account"


def actions(env: Environment) -> list[str]:
    """What the audit log says was done, the newest first."""
    with env.databases.accounts.read() as tx:
        return [row["action"] for row in list_actions(tx, 50)]


@pytest.mark.slow
def test_an_app_is_set_up_with_one_of_its_codes_and_comes_with_recovery_codes(env: Environment, clock: Clock):
    person_in(env)
    browser = Browser(desk_of(env, clock)).sign_in().open("/account/second-factor/app")
    key = browser.tree.xpath("string(//*[@class='mono'])").replace(" ", "")
    assert browser.tree.xpath("//*[@class='qr']//*[local-name()='svg']")
    assert browser.send(code="000000").page.status_code == 422
    assert "アプリの現在のコードと一致しません" in browser.words
    assert browser.tree.xpath("string(//*[@class='mono'])").replace(" ", "") == key, "the same picture still counts"
    browser.send(code=code_of(key, clock()))
    codes = browser.tree.xpath("string(//pre)").split()
    assert len(set(codes)) == 10
    assert "設定済み" in browser.open("/account/second-factor").words
    for code in codes:
        assert code not in browser.text
    assert {"factor.app_added", "factor.codes_made"} <= set(actions(env))


def test_the_key_of_an_app_is_kept_encrypted_and_in_no_other_database(env: Environment, clock: Clock):
    key = with_app(env, person_in(env), clock())
    assert env.secret_store is not None
    assert key in env.secret_store.effective_values().values()
    for path in env.home.rglob("*"):
        assert not path.is_file() or key.encode() not in path.read_bytes(), path


def test_after_the_password_nothing_opens_until_the_code_of_the_app(env: Environment, clock: Clock):
    key = with_app(env, person_in(env), clock())
    browser = at_second_step(env, clock)
    assert browser.path == "/sign-in/second"
    assert not is_in(browser)
    assert accounts.list_sessions(env.databases.accounts, person_in(env).id, now=clock()) == ()
    before = browser.client.get_cookie("desk").value
    code = code_of(key, clock.later(seconds=30))
    assert browser.open("/sign-in/second").send(code=f"{code[:3]} {code[3:]}").path == "/"
    assert browser.client.get_cookie("desk").value != before, "a token from before the second factor opens nothing"
    assert is_in(browser)


def test_one_arrives_where_one_wanted_to_be_and_what_was_typed_is_kept(env: Environment, clock: Clock):
    key = with_app(env, person_in(env), clock())
    browser = Browser(desk_of(env, clock)).open("/incidents/new")
    browser.send(login="sato", password=PASSWORD)
    code = code_of(key, clock.later(minutes=1))
    assert browser.send(code=code).path == "/incidents/new"
    clock.later(days=8)
    browser.page = browser.client.post("/incidents/new", data={"service": "booking"})
    assert browser.page.status_code == 401
    browser.send(login="sato", password=PASSWORD)
    assert "書いた内容は保存されています" in browser.words or browser.fields().get("saved_form")
    browser.send(code=code_of(key, clock.later(minutes=1)))
    assert browser.path == "/incidents/new"
    assert "書いた内容を元に戻しました" in browser.text or "draft=" in str(browser.page.request.url)


@pytest.mark.parametrize("seconds", [-30, 0, 59])
def test_the_clock_of_the_phone_may_be_one_step_wrong(env: Environment, clock: Clock, seconds: int):
    key = with_app(env, person_in(env), clock())
    browser, now = at_second_step(env, clock), clock.later(minutes=5)
    code = code_of(key, now)
    clock.later(seconds=seconds)
    assert browser.send(code=code).path == "/"


@pytest.mark.parametrize("seconds", [-31, 60])
def test_a_code_of_two_steps_away_is_wrong(env: Environment, clock: Clock, seconds: int):
    key = with_app(env, person_in(env), clock())
    browser, now = at_second_step(env, clock), clock.later(minutes=5)
    code = code_of(key, now)
    clock.later(seconds=seconds)
    assert browser.send(code=code).page.status_code == 403
    assert "正しくありません" in browser.words
    assert not is_in(browser)


def test_a_code_counts_once_and_none_before_it_afterwards(env: Environment, clock: Clock):
    key = with_app(env, person_in(env), clock())
    now = clock.later(minutes=5)
    earlier, code = code_of(key, now.replace(second=0)), code_of(key, clock.later(seconds=30))
    assert at_second_step(env, clock).send(code=code).path == "/"
    for used in (code, earlier):
        assert at_second_step(env, clock).send(code=used).page.status_code == 403


@pytest.mark.slow
def test_each_recovery_code_opens_the_desk_once_and_new_ones_replace_them(env: Environment, clock: Clock):
    sato, database = person_in(env), env.databases.accounts
    with_app(env, sato, clock())
    codes = second_factor.make_recovery_codes(database, sato, by=accounts.NOBODY, now=clock())
    assert at_second_step(env, clock).send(code=codes[3].upper()).path == "/"
    assert at_second_step(env, clock).send(code=codes[3]).page.status_code == 403
    assert at_second_step(env, clock).send(code=codes[4].replace("-", " ")).path == "/"
    assert second_factor.factors_of(database, sato).codes == 8
    with database.read() as tx:
        kept = str(list(tx.exec_driver_sql("select code_hash from recovery_code")))
    assert "argon2id" in kept
    assert codes[5].replace("-", "") not in kept
    second_factor.make_recovery_codes(database, sato, by=accounts.NOBODY, now=clock())
    assert at_second_step(env, clock).send(code=codes[6]).page.status_code == 403
    assert "factor.code_used" in actions(env)


@pytest.mark.slow
def test_wrong_codes_make_one_wait_and_a_new_password_does_not_shorten_it(env: Environment, clock: Clock):
    key = with_app(env, person_in(env), clock())
    browser, other = at_second_step(env, clock), at_second_step(env, clock)
    for _ in range(6):
        browser.send(code="123123")
    assert browser.page.status_code == 429
    assert at_second_step(env, clock).page.status_code == 429, "the network waits as after wrong passwords"
    assert other.send(code=code_of(key, clock.later(seconds=1))).page.status_code == 429, "not even a right one"
    assert "秒待ってから" in other.words
    clock.later(minutes=9)
    assert other.send(code=code_of(key, clock())).path == "/"


def test_the_password_alone_takes_back_no_wrong_code(env: Environment, clock: Clock):
    sato, database = person_in(env), env.databases.accounts
    with_app(env, sato, clock())
    wrong = second_factor.Proof(code="123123")
    for number in range(8):
        outcome = second_factor.prove(
            database, env.secret_store, sato, wrong, address=f"10.0.{number}.1", now=clock.later(seconds=5)
        )
        accounts.sign_in(database, "sato", PASSWORD, address=f"10.0.{number}.1", now=clock())
    assert isinstance(outcome, second_factor.Rejected)
    assert outcome.wait.total_seconds() > 1


def test_the_second_step_waits_ten_minutes(env: Environment, clock: Clock):
    key = with_app(env, person_in(env), clock())
    browser = at_second_step(env, clock)
    fields = browser.fields()
    clock.later(minutes=11)
    browser.page = browser.client.post("/sign-in/second", data=fields | {"code": code_of(key, clock())})
    assert browser.page.status_code == 303
    assert "/sign-in" in browser.page.headers["Location"]
    assert not is_in(browser)


def test_without_a_password_before_it_the_second_step_is_closed(env: Environment, clock: Clock):
    with_app(env, person_in(env), clock())
    assert Browser(desk_of(env, clock)).open("/sign-in/second").path == "/sign-in"


def test_a_one_time_link_asks_for_the_second_factor_too(env: Environment, clock: Clock):
    sato = person_in(env)
    key = with_app(env, sato, clock())
    link = accounts.create_sign_in_link(env.databases.accounts, sato.id, now=clock())
    browser = Browser(desk_of(env, clock)).open(f"/sign-in/link/{link}").send()
    assert browser.path == "/sign-in/second"
    assert browser.send(code=code_of(key, clock.later(minutes=1))).path == "/"


@pytest.mark.slow
def test_whom_the_rule_concerns_sets_one_up_at_the_next_sign_in_and_goes_nowhere_else(env: Environment, clock: Clock):
    administrator = as_role(env, clock, Role.ADMINISTRATOR)
    reporter, lead = person_in(env, "r", "R"), person_in(env, "l", "L", role=Role.LEAD)
    working = Browser(desk_of(env, clock)).sign_in("l")
    administrator.open("/settings/security").send(required="leads", action="/settings/security/second-factor")
    assert "Lさん" not in administrator.words
    assert is_in(working), "whoever is in the middle of something goes on"
    assert Browser(desk_of(env, clock)).sign_in(reporter.login).path == "/"
    browser = Browser(desk_of(env, clock)).sign_in(lead.login)
    assert browser.path == "/account/second-factor"
    assert "続けるには設定してください" in browser.words
    for path in ("/", "/incidents/new", "/settings", "/account"):
        assert browser.open(path).path == "/account/second-factor"
    browser.open("/account/second-factor/app")
    key = browser.tree.xpath("string(//*[@class='mono'])").replace(" ", "")
    browser.send(code=code_of(key, clock()))
    assert browser.open("/incidents/new").path == "/incidents/new"
    token = browser.open("/account/second-factor").fields()["csrf_token"][0]
    browser.page = browser.post("/account/second-factor", {"do": "remove_app", "csrf_token": token})
    assert "これが最後の1つです" in browser.words
    assert second_factor.factors_of(env.databases.accounts, lead).app
    assert "factor.requirement_changed" in actions(env)


@pytest.mark.slow
def test_the_password_again_replaces_no_factor_that_is_required_and_one_is_set_up_late_too(
    env: Environment, clock: Clock
):
    person_in(env, "v", "V", role=Role.VIEWER)
    second_factor.set_requirement(env.databases.accounts, Requirement.EVERYBODY, by=accounts.NOBODY, now=clock())
    browser = Browser(desk_of(env, clock)).sign_in("v").open("/account/second-factor")
    clock.later(minutes=16)
    token = browser.fields()["csrf_token"][0]
    renewed = browser.post(
        "/account/second-factor", {"do": "remove_passkey", "csrf_token": token, "fresh_password": PASSWORD}
    )
    assert renewed.status_code == 303
    assert browser.open("/").path == "/account/second-factor"
    browser.open("/account/second-factor/app")
    key = browser.tree.xpath("string(//*[@class='mono'])").replace(" ", "")
    fields = browser.fields()
    code = code_of(key, clock.later(minutes=16))
    browser.page = browser.post("/account/second-factor/app", {**fields, "code": code, "fresh_password": PASSWORD})
    assert browser.page.status_code == 200
    assert browser.open("/").path == "/"


def test_everybody_means_everybody(env: Environment, clock: Clock):
    person_in(env, "v", "V", role=Role.VIEWER)
    second_factor.set_requirement(env.databases.accounts, Requirement.EVERYBODY, by=accounts.NOBODY, now=clock())
    assert Browser(desk_of(env, clock)).sign_in("v").path == "/account/second-factor"


def test_removing_the_app_ends_other_sessions_and_the_password_is_enough_again(env: Environment, clock: Clock):
    sato = person_in(env)
    key = with_app(env, sato, clock())
    here, there = at_second_step(env, clock), at_second_step(env, clock)
    here.send(code=code_of(key, clock.later(minutes=1)))
    there.send(code=code_of(key, clock.later(minutes=1)))
    here.open("/account/second-factor")
    here.post("/account/second-factor", {"do": "remove_app", "csrf_token": here.fields()["csrf_token"][0]})
    assert is_in(here)
    assert not is_in(there)
    assert env.secret_store is not None
    assert key not in env.secret_store.effective_values().values()
    assert at_second_step(env, clock).path == "/"
    assert "factor.app_removed" in actions(env)


def test_an_administrator_resets_a_lost_factor_and_the_person_is_told(env: Environment, clock: Clock):
    sato = person_in(env)
    key = with_app(env, sato, clock())
    other = at_second_step(env, clock).send(code=code_of(key, clock.later(minutes=1)))
    administrator = as_role(env, clock, Role.ADMINISTRATOR).open("/settings/accounts")
    path = f"/settings/accounts/{sato.id}"
    assert "2段階認証をリセット" in administrator.text
    administrator.send(do="reset_factors", action=path)
    assert "佐藤さんの2段階認証を削除しました" in administrator.text
    assert not is_in(other)
    back = at_second_step(env, clock)
    assert back.path == "/"
    assert "administratorさんさんがあなたの2段階認証を削除しました" in back.text
    assert "2段階認証を削除しました" not in at_second_step(env, clock).text, "told once"
    assert "factor.reset" in actions(env)
    own = administrator.open("/settings/accounts").fields(path)
    me = accounts.find_by_login(env.databases.accounts, "administrator")
    assert me is not None
    refused = administrator.post(f"/settings/accounts/{me.id}", {**own, "do": "reset_factors"})
    assert refused.status_code == 422, "nobody their own: a stolen session could"


def test_the_drill_desk_shares_the_session_and_sends_app_codes_to_the_live_desk(tmp_path, clock: Clock):
    drill = drill_environment_in(tmp_path)
    live = keeping_secrets(live_beside(tmp_path, drill))
    key = with_app(live, person_in(live), clock())
    browser = Browser(desk_of(drill, clock, siblings={"live": "http://desk.example:8000"})).sign_in()
    assert browser.path == "/sign-in/second"
    assert "本番のデスクでだけ確認できます" in browser.words
    assert browser.tree.xpath("//a[@href='http://desk.example:8000/sign-in']")
    assert browser.open("/").path == "/sign-in"
    there = Browser(desk_of(live, clock)).sign_in()
    there.send(code=code_of(key, clock.later(minutes=1)))
    browser.client.set_cookie("desk", there.client.get_cookie("desk").value)
    assert browser.open("/drills").path == "/drills", "the cookie is the same on one host"


def live_beside(home, drill: Environment) -> Environment:
    """The live environment beside this drill, with the same accounts."""
    from tests.support.environments import with_changes

    return with_changes(drill, name="live", home=home, live_status_path=None)


@pytest.mark.slow
def test_no_page_of_it_needs_a_script_or_a_style_of_its_own(env: Environment, clock: Clock):
    key = with_app(env, person_in(env), clock())
    browser = at_second_step(env, clock)
    pages = [browser.text]
    browser.send(code=code_of(key, clock.later(minutes=1)))
    pages += [browser.open(path).text for path in ("/account/second-factor", "/account/second-factor/app", "/account")]
    for page in pages:
        assert not re.search(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=", page)
