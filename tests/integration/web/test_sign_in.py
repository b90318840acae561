"""Signing in and out, what is kept meanwhile, and what other sites' pages cannot do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from statuspage.storage.audit_log import list_actions
from statuspage.usecases import accounts
from statuspage.usecases.environment.model import Environment
from statuspage.web.desk.security import POLICY
from tests.support.desk import PASSWORD, Browser, Clock, clock, desk_of, env, person_in, signed_in

__all__ = ["clock", "env"]

pytestmark = pytest.mark.usefixtures("database")


def test_nothing_is_shown_to_somebody_who_is_not_signed_in(env: Environment, clock: Clock):
    browser = Browser(desk_of(env, clock))
    for path in ("/", "/incidents/new", "/incidents/abcdefghijkl", "/incidents/abcdefghijkl/notices/3"):
        assert browser.open(path).path == "/sign-in"


def test_after_signing_in_one_is_where_one_wanted_to_be(env: Environment, clock: Clock):
    person_in(env)
    browser = Browser(desk_of(env, clock)).open("/incidents/new")
    assert browser.send(login="sato", password=PASSWORD).path == "/incidents/new"


@pytest.mark.parametrize("back", ["//evil.example/", "https://evil.example/", "/\\evil.example", "/sign-out", "\x00"])
def test_signing_in_leads_to_no_other_site(env: Environment, clock: Clock, back: str):
    person_in(env)
    browser = Browser(desk_of(env, clock)).open("/sign-in")
    assert browser.send(login="sato", password=PASSWORD, return_path=back).path == "/"
    token = browser.tree.xpath("//input[@name='csrf_token']/@value")[0]
    turned = browser.post("/language", {"csrf_token": token, "language": "en", "return_path": back})
    assert turned.headers["Location"] == "/", "nor does another language"


@pytest.mark.slow
def test_a_wrong_password_is_said_in_the_readers_language(env: Environment, clock: Clock):
    person_in(env)
    browser = Browser(desk_of(env, clock)).open("/sign-in")
    assert "ログイン名またはパスワードが正しくありません" in browser.send(login="sato", password="wrong").words
    browser.client.set_cookie("desk-language", "en")
    browser.open("/sign-in").send(login="sato", password="wrong")
    assert browser.page.status_code == 403
    assert "password is wrong" in browser.words
    assert browser.fields()["login"] == ["sato"]


@pytest.mark.slow
def test_many_failures_make_one_wait(env: Environment, clock: Clock):
    person_in(env)
    browser = Browser(desk_of(env, clock)).open("/sign-in")
    for _ in range(6):
        browser.send(login="sato", password="wrong")
    assert browser.page.status_code == 429
    browser.send(login="sato", password=PASSWORD)
    assert "秒後に、もう一度" in browser.words
    clock.later(minutes=1)
    assert browser.send(login="sato", password=PASSWORD).path == "/"


def test_a_one_time_link_is_used_by_its_button_and_not_by_being_looked_at(env: Environment, clock: Clock):
    token = accounts.create_sign_in_link(env.databases.accounts, person_in(env).id, now=clock())
    browser = Browser(desk_of(env, clock))
    for _ in range(2):
        assert browser.open(f"/sign-in/link/{token}").page.status_code == 200
    assert browser.send().path == "/"
    other = Browser(desk_of(env, clock)).open(f"/sign-in/link/{token}").send()
    assert "このリンクは無効です" in other.words


def test_the_cookie_cannot_be_read_by_scripts_nor_sent_by_other_sites(env: Environment, clock: Clock):
    person_in(env)
    browser = Browser(desk_of(env, clock)).open("/sign-in")
    answer = browser.post("/sign-in", browser.fields() | {"login": "sato", "password": PASSWORD})
    (cookie,) = [c for c in answer.headers.getlist("Set-Cookie") if c.startswith("desk=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_over_https_cookies_are_bound_to_the_host(env: Environment, clock: Clock):
    person_in(env)
    client = desk_of(env, clock, secure=True).test_client()
    answer = client.get("/sign-in", base_url="https://desk.example")
    token = answer.get_data(as_text=True).split('name="csrf_token" value="')[1].split('"')[0]
    data = {"login": "sato", "password": PASSWORD, "csrf_token": token}
    done = client.post(
        "/sign-in", data=data, base_url="https://desk.example", headers={"Referer": "https://desk.example/"}
    )
    assert done.status_code == 303
    for cookie in [*answer.headers.getlist("Set-Cookie"), *done.headers.getlist("Set-Cookie")]:
        assert cookie.startswith("__Host-")
        assert "Secure" in cookie
        assert "Path=/" in cookie
    assert "max-age" in done.headers["Strict-Transport-Security"]


@pytest.mark.slow
def test_every_answer_carries_the_policy(env: Environment, clock: Clock):
    browser = signed_in(env, clock)
    for path in ("/", "/incidents/new", "/static/desk.css", "/nothing", "/sign-in"):
        with browser.client.get(path) as answer:
            headers = answer.headers
        assert headers["Content-Security-Policy"] == POLICY
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"


def test_no_page_has_a_style_or_script_of_its_own(env: Environment, clock: Clock):
    browser = signed_in(env, clock)
    for path in ("/", "/incidents/new", "/sign-in", "/nothing"):
        tree = browser.open(path).tree
        assert not tree.xpath("//@style")
        assert not tree.xpath("//style")
        assert not tree.xpath("//script[not(@src)]")
        assert not [name for name in tree.xpath("//@*") if getattr(name, "attrname", "").startswith("on")]


def test_a_post_without_its_token_changes_nothing(env: Environment, clock: Clock):
    browser = signed_in(env, clock)
    answer = browser.post("/incidents/new", {"incident_type": "booking", "start": "5m", "do": "publish"})
    assert answer.status_code == 400
    assert browser.open("/").path == "/"
    assert "現在、対応中のインシデントはありません" in browser.words


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}]
)
def test_another_sites_page_can_send_nothing(env: Environment, clock: Clock, headers: dict[str, str]):
    browser = signed_in(env, clock).open("/incidents/new")
    data = browser.fields() | {"incident_type": "booking", "start": "5m", "do": "publish"}
    assert browser.post("/incidents/new", data, headers=headers).status_code == 403


@pytest.mark.slow
def test_what_was_typed_survives_a_session_that_ended(env: Environment, clock: Clock):
    person_in(env)
    browser = Browser(desk_of(env, clock)).sign_in().open("/incidents/new")
    clock.later(hours=13)
    change = {"incident_type": "payment", "start": "15m", "extra-ja": "現金はお使いいただけます。", "do": "publish"}
    browser.send(change)
    assert browser.page.status_code == 401
    assert "入力内容は保存しています" in browser.words
    browser.send(login="sato", password=PASSWORD)
    assert browser.path == "/incidents/new"
    assert "まだ公開していません" in browser.text
    fields = browser.fields()
    assert fields["incident_type"] == ["payment"]
    assert fields["start"] == ["15m"]
    assert fields["extra-ja"] == ["現金はお使いいただけます。"]


def test_what_was_typed_survives_a_lost_form_cookie(env: Environment, clock: Clock):
    browser = signed_in(env, clock).open("/incidents/new")
    browser.client.delete_cookie("desk-form-live")
    browser.send({"incident_type": "payment", "start": "15m", "extra-ja": "現金で。", "do": "publish"})
    assert browser.page.status_code == 400
    assert "入力内容は残っています" in browser.words
    browser.send()
    assert browser.path.rpartition("/notices/")[2].isdigit()


def test_signing_out_everywhere_ends_the_other_browser_too(env: Environment, clock: Clock):
    one, other = signed_in(env, clock), signed_in(env, clock)
    one.open("/")
    (form,) = one.tree.xpath("//form[@action='/sign-out']")
    one.post("/sign-out", {"csrf_token": form.xpath(".//input/@value")[0], "everywhere": "1"})
    assert other.open("/").path == "/sign-in"


def test_the_language_follows_the_person(env: Environment, clock: Clock):
    browser = signed_in(env, clock).open("/incidents/new")
    (token,) = browser.tree.xpath("//form[@class='lang']/input[@name='csrf_token']/@value")
    answer = browser.post("/language", {"csrf_token": token, "language": "en", "return_path": "/incidents/new"})
    assert answer.headers["Location"] == "/incidents/new"
    assert "Write the first report" in browser.open("/incidents/new").words
    assert "All clear." in signed_in(env, clock).words


@pytest.mark.parametrize(
    ("asked", "button"),
    [
        (None, "サインイン"),
        ("ja", "サインイン"),
        ("en-US,en;q=0.9,ja;q=0.8", "Sign in"),
        ("fr-FR,fr;q=0.9", "Sign in"),
        ("fr-FR,fr;q=0.9,ja;q=0.5", "サインイン"),
    ],
)
def test_the_desk_speaks_as_the_browser_asks_while_nobody_has_chosen(
    env: Environment, clock: Clock, asked: str | None, button: str
):
    client = desk_of(env, clock).test_client()
    text = client.get("/sign-in", headers={"Accept-Language": asked} if asked else {}).get_data(as_text=True)
    assert button in text


def test_no_get_changes_anything(env: Environment, clock: Clock):
    browser = signed_in(env, clock)
    for path in ("/sign-out", "/language", "/alerts/x", "/deliveries/1", "/incidents/x/note", "/incidents/x/reopen"):
        assert browser.client.get(path).status_code in (404, 405)


def test_pages_that_renew_themselves_keep_no_session_alive(env: Environment, clock: Clock):
    browser = signed_in(env, clock)
    for _ in range(14):
        clock.later(hours=1)
        browser.client.get("/", headers={"X-Renewal": "1"})
    assert browser.open("/").path == "/sign-in"


def test_the_page_of_a_one_time_link_changes_its_language_and_keeps_the_link(env: Environment, clock: Clock):
    token = accounts.create_sign_in_link(env.databases.accounts, person_in(env, password="").id, now=clock())
    browser = Browser(desk_of(env, clock)).open(f"/sign-in/link/{token}")
    browser.page = browser.client.post(
        "/language",
        data={"csrf_token": browser.fields()["csrf_token"], "return_path": browser.path, "language": "en"},
        follow_redirects=True,
    )
    assert browser.path == f"/sign-in/link/{token}"
    assert "Sign in" in browser.words
    assert browser.send().path == "/"


@pytest.mark.slow
@pytest.mark.parametrize("password", ["password1234", "123456789012", "aaaaaaaaaaaa", "statuspage12", "fitline2026!"])
@pytest.mark.parametrize(("language", "said"), [("ja", "推測されやすい"), ("en", "easy to guess")])
def test_a_common_password_is_refused_beside_the_field(
    env: Environment, clock: Clock, password: str, language: str, said: str
):
    person_in(env, language=language)
    browser = Browser(desk_of(env, clock)).sign_in().open("/account")
    browser.send(old=PASSWORD, new=password, action="/account/password")
    assert browser.page.status_code == 422
    (described,) = browser.tree.xpath("//input[@name='new']/@aria-describedby")
    assert said in browser.tree.xpath(f"string(//*[@id='{described}'])")
    assert password not in browser.text
    assert Browser(desk_of(env, clock)).sign_in().path == "/"


@pytest.mark.slow
def test_a_new_password_needs_the_old_one_and_ends_the_other_sessions(env: Environment, clock: Clock):
    person_in(env)
    here, there = Browser(desk_of(env, clock)).sign_in(), Browser(desk_of(env, clock)).sign_in()
    here.open("/account").send(old="not the old one", new="lagoon hammer teapot", action="/account/password")
    assert here.tree.xpath("string(//*[@id='wrong-old'])")
    assert here.page.status_code == 422
    here.open("/account").send(old=PASSWORD, new="lagoon hammer teapot", action="/account/password")
    assert "パスワードを設定しました" in here.text
    assert there.open("/account").path == "/sign-in"
    assert Browser(desk_of(env, clock)).sign_in(password="lagoon hammer teapot").path == "/"
    assert "password.changed" in [row["action"] for row in audited(env)]


def audited(env: Environment) -> list[Mapping[str, Any]]:
    """The audit log, the newest first."""
    with env.databases.accounts.read() as tx:
        return list(list_actions(tx, 20))


def test_a_form_from_before_the_sign_in_is_asked_about_and_not_lost(env: Environment, clock: Clock):
    person_in(env)
    browser = Browser(desk_of(env, clock)).open("/sign-in")
    before = browser.fields()["csrf_token"][0]
    assert browser.sign_in().path == "/"
    browser.open("/account")
    assert browser.tree.xpath("//main//input[@name='csrf_token']/@value")[0] != before
    answer = browser.post("/incidents/new", {"csrf_token": before, "own_words": "文章"})
    assert answer.status_code == 400, "the token of before was for nobody"
    assert "文章" in answer.get_data(as_text=True)
