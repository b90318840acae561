"""Sign-in through an identity provider: npm's oidc-provider on loopback, with right and with spoilt answers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from statuspage.integrations.identity import ProviderAway
from statuspage.storage import audit_log
from statuspage.usecases import account_administration, accounts, second_factor
from statuspage.usecases.accounts import Role
from statuspage.usecases.api import tokens
from statuspage.usecases.environment.model import Environment
from tests.support.api import new_token
from tests.support.desk import PASSWORD, Browser, Clock, as_role, desk_of, drill_environment_in, env, person_in
from tests.support.identity_provider import (
    ANSWER,
    DESK,
    DRILL_DESK,
    PEOPLE,
    RunningProvider,
    come_back,
    running_provider,
)

__all__ = ["env"]

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("database")]


@pytest.fixture(scope="module")
def started() -> Iterator[RunningProvider]:
    with running_provider() as provider:
        yield provider


@pytest.fixture
def provider(started: RunningProvider) -> RunningProvider:
    started.reset()
    return started


@pytest.fixture
def clock() -> Clock:
    """The real time, which the provider has too, until it is moved."""
    return Clock(datetime.now(UTC))


def browser_of(env: Environment, clock: Clock, provider: RunningProvider, **settings: str) -> Browser:
    opened = provider.opened(env.name, **settings)
    return Browser(desk_of(env, clock, provider=opened, siblings={"live": DESK, "drill": DRILL_DESK}))


def leave(browser: Browser, return_path: str = "/") -> str:
    """Presses the provider's button, and returns the answer that the provider sends back."""
    browser.open("/sign-in")
    page = browser.post("/sign-in/provider", {**browser.fields(), "return_path": return_path})
    assert page.status_code == 200, page.get_data(as_text=True)
    return come_back(page.headers["Refresh"].partition("url=")[2])


def sign_in(browser: Browser, **more: Any) -> Browser:
    return browser.open(leave(browser, **more))


def account_of(env: Environment, login: str) -> Any:
    people = account_administration.list_people(env.databases.accounts)
    return next((each.account for each in people if each.account.login == login), None)


def actions(env: Environment) -> list[str]:
    with env.databases.accounts.read() as tx:
        return [row["action"] for row in audit_log.list_actions(tx, 50)]


def test_somebody_in_an_allowed_group_gets_an_account_with_its_role_and_is_where_they_wanted_to_be(
    env: Environment, clock: Clock, provider: RunningProvider
):
    browser = sign_in(browser_of(env, clock, provider), return_path="/incidents/new")
    assert browser.path == "/incidents/new"
    account = account_of(env, "hanako")
    assert (account.name, account.role) == ("佐藤 花子", Role.LEAD)
    assert {"account.added", "identity.bound", "signed.in"} <= set(actions(env))


def test_the_same_person_comes_back_to_the_same_account_whatever_name_they_have_now(
    env: Environment, clock: Clock, provider: RunningProvider
):
    sign_in(browser_of(env, clock, provider))
    provider.set(people={"u-sato": {**PEOPLE["u-sato"], "preferred_username": "other", "email": "other@example.com"}})
    assert sign_in(browser_of(env, clock, provider)).path == "/"
    assert len(account_administration.list_people(env.databases.accounts)) == 1


def test_the_request_carries_pkce_state_and_nonce(env: Environment, clock: Clock, provider: RunningProvider):
    browser = browser_of(env, clock, provider).open("/sign-in")
    url = browser.post("/sign-in/provider", browser.fields()).headers["Refresh"]
    assert "code_challenge_method=S256" in url
    assert all(f"{name}=" in url for name in ("code_challenge", "state", "nonce"))


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        ({"claims": {"nonce": "another"}}, "確認できなかった"),
        ({"claims": {"nonce": None}}, "確認できなかった"),
        ({"claims": {"iss": "https://evil.example"}}, "確認できなかった"),
        ({"claims": {"aud": "another-client"}}, "確認できなかった"),
        ({"claims": {"aud": ["desk", "other"], "azp": "other"}}, "確認できなかった"),
        ({"claims": {"sub": None}}, "確認できなかった"),
        ({"foreign": True}, "確認できなかった"),
        ({"who": ""}, "サインインできませんでした"),
    ],
)
def test_an_answer_that_proves_nothing_signs_nobody_in(
    env: Environment, clock: Clock, provider: RunningProvider, spoilt: dict[str, Any], words: str
):
    provider.set(**spoilt)
    browser = sign_in(browser_of(env, clock, provider))
    assert browser.page.status_code == 403
    assert words in browser.words
    assert browser.tree.xpath("//input[@type='password']"), "the other ways are offered"
    assert browser.tree.xpath("//a[@href='/sign-in/emergency']")
    assert browser.open("/").path == "/sign-in"


@pytest.mark.parametrize("difference", [-50, 50])
def test_clocks_may_differ_by_less_than_a_minute(
    env: Environment, clock: Clock, provider: RunningProvider, difference: int
):
    now = int(clock().timestamp()) + difference
    expires = min(now + 60, int(clock().timestamp()) - 30) if difference < 0 else now + 60
    provider.set(claims={"iat": now, "exp": expires})
    assert sign_in(browser_of(env, clock, provider)).path == "/"


@pytest.mark.parametrize(("issued", "expires"), [(-400, -90), (120, 600), (-3600, 600)])
def test_an_expired_token_or_a_clock_that_is_wrong_is_said(
    env: Environment, clock: Clock, provider: RunningProvider, issued: int, expires: int
):
    now = int(clock().timestamp())
    provider.set(claims={"iat": now + issued, "exp": now + expires})
    browser = sign_in(browser_of(env, clock, provider))
    assert "どちらかの時計がずれています" in browser.words
    assert browser.open("/").path == "/sign-in"


def test_an_answer_counts_once_and_only_in_the_browser_that_asked(
    env: Environment, clock: Clock, provider: RunningProvider
):
    mine, other = browser_of(env, clock, provider), browser_of(env, clock, provider)
    answer = leave(mine)
    assert "別のブラウザー" in other.open(answer).words
    assert mine.open(answer).path == "/"
    mine.client.delete_cookie("desk")
    assert "すでに使われた" in mine.open(answer).words
    assert mine.open("/").path == "/sign-in"


def test_a_code_that_the_provider_has_taken_already_is_refused(
    env: Environment, clock: Clock, provider: RunningProvider
):
    mine = browser_of(env, clock, provider)
    used, fresh = leave(mine), leave(mine)
    mine.open(used)
    mine.client.delete_cookie("desk")
    code, state = (parse_qs(urlsplit(path).query) for path in (used, fresh))
    mine.open(f"/sign-in/provider/answer?{urlencode({'code': code['code'][0], 'state': state['state'][0]})}")
    assert "受け付けませんでした" in mine.words


@pytest.mark.parametrize("broken", ["<p>not JSON</p>", "no reason"])
def test_a_broken_answer_about_one_code_keeps_nobody_else_out(
    env: Environment, clock: Clock, provider: RunningProvider, broken: str
):
    app = browser_of(env, clock, provider).app
    provider.set(broken=broken)
    assert "受け付けませんでした" in sign_in(Browser(app)).words
    provider.reset()
    assert sign_in(Browser(app)).path == "/"


@pytest.mark.parametrize("code", ["", "a\nb", "コード", "a" * 4097])
def test_what_cannot_be_a_code_is_not_sent_to_the_provider(
    env: Environment, clock: Clock, provider: RunningProvider, code: str
):
    browser = browser_of(env, clock, provider)
    state = parse_qs(urlsplit(leave(browser)).query)["state"][0]
    provider.set(broken="no reason")
    browser.open(f"/sign-in/provider/answer?{urlencode({'code': code, 'state': state})}")
    assert "確認できなかった" in browser.words


def test_looking_at_the_settings_keeps_nobody_out(provider: RunningProvider):
    connection = provider.opened(STATUSPAGE_OIDC_ISSUER=f"{provider.issuer}/").connection
    assert connection is not None
    for _ in range(2):
        with pytest.raises(ProviderAway, match="its issuer is"):
            connection.check()


def test_an_answer_that_takes_too_long_is_void(env: Environment, clock: Clock, provider: RunningProvider):
    browser = browser_of(env, clock, provider)
    answer = leave(browser)
    clock.later(minutes=16)
    assert "15分を過ぎた" in browser.open(answer).words


def test_new_keys_of_the_provider_are_known_at_once(env: Environment, clock: Clock):
    with running_provider() as own:
        assert sign_in(browser_of(env, clock, own)).path == "/"
        browser = browser_of(env, clock, own)
        own.stop()
        own.start()
        assert sign_in(browser).path == "/"


def test_a_provider_that_is_away_is_said_with_every_other_way_and_what_was_typed_stays(env: Environment, clock: Clock):
    person_in(env)
    with running_provider() as own:
        browser = browser_of(env, clock, own)
        answer = leave(browser)
        own.stop()
        assert browser.open(answer).page.status_code == 503
        browser.open("/sign-in")
        page = browser.post("/sign-in/provider", {**browser.fields(), "saved_form": '{"a": ["b"]}'})
        assert page.status_code == 503
        text = page.get_data(as_text=True)
        assert "Example SSOが応答しません" in text
        assert 'name="saved_form"' in text
        browser.client.set_cookie("desk-language", "en")
        page = browser.open("/sign-in").post("/sign-in/provider", browser.fields())
        assert "does not answer" in page.get_data(as_text=True)
        browser.open("/sign-in").send(action="/sign-in", login="sato", password=PASSWORD)
        assert browser.path == "/"


def test_a_wrong_client_secret_is_said(env: Environment, clock: Clock, provider: RunningProvider):
    browser = browser_of(env, clock, provider, STATUSPAGE_OIDC_CLIENT_SECRET="wrong")
    assert "シークレットが正しくありません" in sign_in(browser).words


def test_the_role_follows_the_groups_and_is_taken_away_with_them(
    env: Environment, clock: Clock, provider: RunningProvider
):
    first = sign_in(browser_of(env, clock, provider))
    accounts.set_password(env.databases.accounts, account_of(env, "hanako").id, PASSWORD, now=clock())
    provider.set(people={"u-sato": {**PEOPLE["u-sato"], "groups": ["status-staff"]}})
    sign_in(browser_of(env, clock, provider))
    assert account_of(env, "hanako").role == Role.REPORTER
    new_token(env, clock, login="hanako")
    provider.set(people={"u-sato": {**PEOPLE["u-sato"], "groups": []}})
    last = sign_in(browser_of(env, clock, provider))
    assert "グループから外れています" in last.words
    assert account_of(env, "hanako").role == Role.VIEWER
    assert first.open("/").path == "/sign-in", "earlier sessions end"
    assert not tokens.list_tokens(env.databases.accounts), "and so do tokens"
    assert first.send(action="/sign-in", login="hanako", password=PASSWORD).page.status_code == 403, (
        "and so does the password"
    )
    assert "identity.rights_removed" in actions(env)
    provider.reset()
    assert sign_in(browser_of(env, clock, provider)).path == "/"
    assert account_of(env, "hanako").role == Role.LEAD


def with_everything(env: Environment, clock: Clock) -> None:
    """Gives 佐藤 花子, who has signed in, a password and a token besides."""
    account = account_of(env, "hanako")
    accounts.set_password(env.databases.accounts, account.id, PASSWORD, now=clock())
    new_token(env, clock, role=account.role, login="hanako")


def assert_nothing_taken(env: Environment, clock: Clock, browser: Browser, role: Role = Role.LEAD) -> None:
    assert account_of(env, "hanako").role == role
    assert tokens.list_tokens(env.databases.accounts)
    assert "identity.rights_removed" not in actions(env)
    assert Browser(browser.app).open("/sign-in").send(action="/sign-in", login="hanako", password=PASSWORD).path == "/"


@pytest.mark.parametrize("claim", [None, {"src1": "https://graph.example"}, 7])
def test_groups_that_the_provider_does_not_say_take_nothing_away(
    env: Environment, clock: Clock, provider: RunningProvider, claim: object
):
    sign_in(browser_of(env, clock, provider))
    with_everything(env, clock)
    provider.set(claims={"groups": claim})
    browser = sign_in(browser_of(env, clock, provider))
    assert (browser.page.status_code, "応答にグループがなく" in browser.words) == (403, True)
    assert_nothing_taken(env, clock, browser)


def test_where_no_group_has_a_role_any_more_nothing_is_taken_away(
    env: Environment, clock: Clock, provider: RunningProvider
):
    sign_in(browser_of(env, clock, provider))
    with_everything(env, clock)
    browser = sign_in(browser_of(env, clock, provider, STATUSPAGE_OIDC_GROUPS=""))
    assert browser.path == "/"
    assert_nothing_taken(env, clock, browser)


def test_the_last_administrator_is_kept_whatever_the_groups_say(
    env: Environment, clock: Clock, provider: RunningProvider
):
    more = {"STATUSPAGE_OIDC_GROUPS": "status-leads=administrator, staff=reporter"}
    sign_in(browser_of(env, clock, provider, **more))
    with_everything(env, clock)
    provider.set(claims={"groups": ["staff"]})
    assert sign_in(browser_of(env, clock, provider, **more)).path == "/"
    provider.set(claims={"groups": []})
    browser = sign_in(browser_of(env, clock, provider, **more))
    assert (browser.page.status_code, "ただ一人の管理者" in browser.words) == (403, True)
    assert_nothing_taken(env, clock, browser, Role.ADMINISTRATOR)


def test_whose_role_comes_from_groups_sets_no_password(env: Environment, clock: Clock, provider: RunningProvider):
    browser = sign_in(browser_of(env, clock, provider)).open("/account")
    assert "グループで決まるため、パスワードは設定できません" in browser.words
    assert not browser.tree.xpath("//main//input[@type='password']")
    own = {"csrf_token": browser.tree.xpath("//input[@name='csrf_token']/@value")[0]}
    answer = browser.post("/account/password", {**own, "new": "lagoon hammer teapot"})
    assert answer.status_code == 403
    assert not second_factor.has_password(env.databases.accounts, account_of(env, "hanako"))
    without = sign_in(browser_of(env, clock, provider, STATUSPAGE_OIDC_GROUPS="")).open("/account")
    without.send(action="/account/password", new="lagoon hammer teapot")
    assert second_factor.has_password(env.databases.accounts, account_of(env, "hanako"))


def test_nobody_gets_the_name_of_a_colleague(env: Environment, clock: Clock, provider: RunningProvider):
    person_in(env, login="sato.h", name="佐藤 花子")
    sign_in(browser_of(env, clock, provider))
    assert account_of(env, "hanako").name == "佐藤 花子 (hanako)"


def test_groups_are_read_from_the_claim_that_is_set(env: Environment, clock: Clock, provider: RunningProvider):
    provider.set(claims={"roles": ["boss"]})
    more = {"STATUSPAGE_OIDC_GROUPS_CLAIM": "roles", "STATUSPAGE_OIDC_GROUPS": "boss=administrator"}
    sign_in(browser_of(env, clock, provider, **more))
    assert account_of(env, "hanako").role == Role.ADMINISTRATOR


def test_without_a_group_and_an_invitation_nobody_gets_in(env: Environment, clock: Clock, provider: RunningProvider):
    provider.set(who="u-mori")
    browser = sign_in(browser_of(env, clock, provider))
    assert "管理者に招待を依頼してください" in browser.words
    assert account_administration.list_people(env.databases.accounts) == ()


def test_an_account_prepared_under_the_verified_email_is_bound_once(
    env: Environment, clock: Clock, provider: RunningProvider
):
    prepared = accounts.add_account(
        env.databases.accounts, "Mori@Example.com", "森", role=Role.REPORTER, language="ja", now=clock()
    )
    provider.set(who="u-mori")
    assert sign_in(browser_of(env, clock, provider)).path == "/"
    provider.set(people={"u-else": PEOPLE["u-mori"]}, who="u-else")
    assert "招待を依頼" in sign_in(browser_of(env, clock, provider)).words
    assert [each.account.id for each in account_administration.list_people(env.databases.accounts)] == [prepared.id]


def test_an_unverified_email_and_an_account_in_use_are_never_bound(
    env: Environment, clock: Clock, provider: RunningProvider
):
    person_in(env, login="suzuki@example.com", name="鈴木", role=Role.ADMINISTRATOR)
    provider.set(who="u-fake")
    assert "招待を依頼" in sign_in(browser_of(env, clock, provider)).words
    used = person_in(env, login="mori@example.com", name="森", role=Role.ADMINISTRATOR)
    accounts.sign_in(env.databases.accounts, used.login, PASSWORD, address="192.0.2.1", now=clock())
    provider.set(who="u-mori")
    assert "招待を依頼" in sign_in(browser_of(env, clock, provider)).words


def test_a_disabled_account_stays_out(env: Environment, clock: Clock, provider: RunningProvider):
    sign_in(browser_of(env, clock, provider))
    account_administration.disable(env.databases.accounts, account_of(env, "hanako").id, now=clock())
    assert sign_in(browser_of(env, clock, provider)).page.status_code == 403


def test_somebody_who_is_signed_in_connects_their_account(env: Environment, clock: Clock, provider: RunningProvider):
    browser = as_role(env, clock, Role.REPORTER, browser_of(env, clock, provider).app)
    own = accounts.all_accounts(env.databases.accounts)[0]
    provider.set(who="u-mori")
    browser.open("/account")
    page = browser.post("/account/provider", browser.fields())
    browser.open(come_back(page.headers["Refresh"].partition("url=")[2]))
    assert "連携しています" in browser.words
    again = sign_in(browser_of(env, clock, provider))
    assert again.path == "/"
    assert [one.id for one in accounts.all_accounts(env.databases.accounts)] == [own.id]


BOSS = {"STATUSPAGE_OIDC_GROUPS": "everybody=administrator"}


def asked_again(env: Environment, clock: Clock, provider: RunningProvider) -> Browser:
    """Somebody who signed in through the provider 20 minutes ago, and is asked for proof now."""
    clock.now -= timedelta(minutes=20)
    provider.set(claims={"iat": int(clock().timestamp()), "exp": int(clock().timestamp()) + 60})
    browser = sign_in(browser_of(env, clock, provider, **BOSS))
    provider.reset()
    clock.later(minutes=20)
    return browser.open("/settings/emergency-links").send(action="/settings/emergency-links")


def confirm(browser: Browser) -> str:
    """Presses the provider's button on the page that asks; the address to which it leads."""
    form = browser.fields("/sign-in/provider")
    return browser.post("/sign-in/provider", form).headers["Refresh"].partition("url=")[2]


def test_the_provider_asks_again_and_the_same_session_goes_on_with_a_new_token(
    env: Environment, clock: Clock, provider: RunningProvider
):
    browser = asked_again(env, clock, provider)
    assert browser.page.status_code == 401
    assert not browser.tree.xpath("//main//form[@action='/sign-out']"), "nobody has to sign out for it"
    assert "残っています" not in browser.words
    assert "入力した内容は残りません" in browser.words
    before = browser.client.get_cookie("desk").value
    url = confirm(browser)
    asked = parse_qs(urlsplit(url).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    assert browser.open(come_back(url)).path == "/settings"
    assert len(accounts.list_sessions(env.databases.accounts, account_of(env, "hanako").id, now=clock())) == 1
    old = Browser(browser.app)
    old.client.set_cookie("desk", before)
    assert old.open("/").path == "/sign-in", "the token from before opens nothing"
    browser.open("/settings/emergency-links").send(action="/settings/emergency-links")
    assert browser.tree.xpath("//main//li//*[local-name()='svg'][@role='img']")


@pytest.mark.parametrize(
    ("spoilt", "words"),
    [
        ({"claims": {"auth_time": None}}, "改めて本人かどうかを尋ねなかった"),
        ({"claims": {"auth_time": 1_700_000_000}}, "改めて本人かどうかを尋ねなかった"),
        ({"who": "u-mori"}, "別の人として"),
    ],
)
def test_an_old_sign_in_or_somebody_else_at_the_provider_confirms_nothing(
    env: Environment, clock: Clock, provider: RunningProvider, spoilt: dict[str, Any], words: str
):
    browser = asked_again(env, clock, provider)
    provider.set(**spoilt)
    browser.open(come_back(confirm(browser)))
    assert (browser.page.status_code, words in browser.words) == (403, True)
    browser.open("/settings/emergency-links").send(action="/settings/emergency-links")
    assert browser.page.status_code == 401


@pytest.mark.parametrize(("minutes", "is_asked"), [(5, False), (20, True)])
def test_a_session_that_was_opened_at_the_provider_long_ago_is_no_fresh_proof(
    env: Environment, clock: Clock, provider: RunningProvider, minutes: int, is_asked: bool
):
    provider.set(claims={"auth_time": int((clock() - timedelta(minutes=minutes)).timestamp())})
    browser = sign_in(browser_of(env, clock, provider, **BOSS))
    assert browser.path == "/", "whoever comes through it is signed in all the same"
    browser.open("/settings/emergency-links").send(action="/settings/emergency-links")
    assert (browser.page.status_code == 401) == is_asked


@pytest.mark.parametrize("told", [None, "now", -5, 1e300, True])
def test_a_provider_that_does_not_say_when_it_asked_is_taken_to_have_asked_now(
    env: Environment, clock: Clock, provider: RunningProvider, told: object
):
    provider.set(claims={"auth_time": told})
    browser = sign_in(browser_of(env, clock, provider, **BOSS))
    assert browser.path == "/"
    browser.open("/settings/emergency-links").send(action="/settings/emergency-links")
    assert browser.page.status_code == 200


def test_an_ordinary_sign_in_makes_the_provider_say_when_it_asked(
    env: Environment, clock: Clock, provider: RunningProvider
):
    browser = browser_of(env, clock, provider).open("/sign-in")
    url = browser.post("/sign-in/provider", browser.fields()).headers["Refresh"].partition("url=")[2]
    asked = parse_qs(urlsplit(url).query)
    assert (asked["max_age"], "prompt" in asked) == ([str(7 * 24 * 3600)], False)
    opened = provider.opened().connection
    assert opened is not None
    begun = opened.start(f"{DESK}{ANSWER}")
    code = parse_qs(urlsplit(come_back(begun.url)).query)["code"][0]
    proof = {"nonce": begun.nonce, "code_verifier": begun.code_verifier}
    told = opened.finish(f"{DESK}{ANSWER}", code, **proof, now=clock()).authenticated_at
    assert told is not None and abs(told - clock()) < timedelta(minutes=1)


def test_whoever_is_not_connected_is_not_sent_to_the_provider_for_proof(
    env: Environment, clock: Clock, provider: RunningProvider
):
    browser = as_role(env, clock, Role.ADMINISTRATOR, browser_of(env, clock, provider).app)
    clock.later(minutes=20)
    browser.open("/settings/emergency-links").send(action="/settings/emergency-links")
    assert browser.page.status_code == 401
    assert not browser.tree.xpath("//main//form[@action='/sign-in/provider']")


def test_an_account_is_connected_by_nobody_else(env: Environment, clock: Clock, provider: RunningProvider):
    browser = as_role(env, clock, Role.REPORTER, browser_of(env, clock, provider).app)
    browser.open("/account")
    page = browser.post("/account/provider", browser.fields())
    answer = come_back(page.headers["Refresh"].partition("url=")[2])
    browser.client.delete_cookie("desk")
    assert "もう一度始めてください" in browser.open(answer).words


def test_what_was_typed_survives_the_way_to_the_provider(env: Environment, clock: Clock, provider: RunningProvider):
    browser = sign_in(browser_of(env, clock, provider)).open("/incidents/new")
    clock.later(hours=13)
    browser.send({"incident_type": "payment", "start": "15m", "do": "publish"})
    assert browser.page.status_code == 401
    form = {name: browser.fields()[name] for name in ("csrf_token", "return_path", "saved_form")}
    provider.set(claims={"iat": int(clock().timestamp()), "exp": int(clock().timestamp()) + 60})
    page = browser.post("/sign-in/provider", form)
    browser.open(come_back(page.headers["Refresh"].partition("url=")[2]))
    assert browser.path == "/incidents/new"
    assert "入力内容を復元しました" in browser.text
    assert browser.fields()["incident_type"] == ["payment"]


def test_one_network_keeps_three_forms_and_is_told_what_is_not_kept(
    env: Environment, clock: Clock, provider: RunningProvider
):
    browser = browser_of(env, clock, provider).open("/sign-in")

    def leave_with(form: str, network: str = "192.0.2.1") -> tuple[bool, bool]:
        fields = {**browser.fields("/sign-in/provider"), "saved_form": form}
        page = browser.post("/sign-in/provider", fields, environ_overrides={"REMOTE_ADDR": network})
        assert page.status_code == 200
        return "残りません" in page.get_data(as_text=True), "Refresh" in page.headers

    kept, lost = (False, True), (True, False)
    assert [leave_with('{"a": ["b"]}') for _ in range(4)] == [kept, kept, kept, lost]
    assert leave_with("") == kept, "nothing typed, nothing lost"
    assert leave_with('{"a": ["b"]}', "203.0.113.9") == kept, "another network has room"
    assert leave_with("x" * 300_001, "203.0.113.9") == lost
    clock.later(minutes=16)
    assert leave_with('{"a": ["b"]}') == kept


def test_the_drill_desk_has_its_own_client_and_cookie(tmp_path: Path, clock: Clock, provider: RunningProvider):
    env = drill_environment_in(tmp_path)
    opened = provider.opened("drill")
    assert opened.connection is not None
    assert opened.connection.client.client_id == "drill-desk"
    browser = Browser(desk_of(env, clock, provider=opened, siblings={"live": DESK, "drill": DRILL_DESK})).open(
        "/sign-in"
    )
    page = browser.post("/sign-in/provider", browser.fields())
    assert "client_id=drill-desk" in page.headers["Refresh"]
    assert "desk-provider-drill=" in "".join(page.headers.getlist("Set-Cookie"))
    assert browser.open(come_back(page.headers["Refresh"].partition("url=")[2])).path == "/"
