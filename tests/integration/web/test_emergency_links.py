"""Emergency links: made and printed once, used once without the provider, revoked; and all leads are told."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from statuspage.domain.staff_notification import NotificationReason
from statuspage.storage import audit_log
from statuspage.storage.accounts import Account
from statuspage.storage.identity import identities
from statuspage.usecases import account_administration, accounts
from statuspage.usecases.accounts import Role, SignedIn, SignInFailure, SignInRefused
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.identity import SignInProvider, emergency_links, emergency_notice
from tests.support.desk import PASSWORD, Browser, Clock, as_role, clock, desk_of, env, person_in
from tests.support.on_call import OnCallSetup, on_call_setup

__all__ = ["clock", "env", "on_call_setup"]

LINKS = "/settings/emergency-links"
CODE = re.compile(r"(?:[0-9A-Z]{4}-){5}[0-9A-Z]{4}")

PROVIDER = SignInProvider("Example SSO", "https://login.example", connection=object())


def code_for(env: Environment, account: Account, clock: Clock, **more: int) -> str:
    settings = {"count": 1, "days": 180, **more}
    (link,) = emergency_links.create(env.databases.accounts, account.id, by=accounts.NOBODY, now=clock(), **settings)
    return link.code


def use(env: Environment, code: str, clock: Clock) -> SignedIn | SignInRefused:
    return emergency_links.sign_in_by_code(env.databases.accounts, code, address="192.0.2.7", now=clock())


@pytest.mark.slow
def test_links_are_made_printed_once_used_once_and_listed(env: Environment, clock: Clock):
    administrator = as_role(env, clock, Role.ADMINISTRATOR)
    administrator.open(LINKS).send(action=LINKS, count="3", days="30")
    codes = CODE.findall(administrator.words)
    assert len(set(codes)) == 3
    assert len(administrator.tree.xpath("//main//li//*[local-name()='svg'][@role='img']")) == 3
    assert CODE.search(administrator.open(LINKS).text) is None, "shown once"
    stranger = Browser(administrator.app)
    asked = f"/sign-in/emergency?code={codes[0]}"
    assert stranger.open(asked).fields()["code"] == [""], "what is in logs fills nothing in"
    typed = codes[0].lower().replace("-", " ").replace("0", "o").replace("1", "l")
    assert stranger.send(code=typed).path == "/"
    again = Browser(administrator.app).open("/sign-in/emergency").send(code=codes[0])
    assert (again.page.status_code, "入力が違います" in again.words) == (403, True)
    assert "に使用" in administrator.open(LINKS).words
    administrator.send(action=f"{LINKS}/2")
    assert "取り消し" in administrator.words
    assert isinstance(use(env, codes[1], clock), SignInRefused)
    assert isinstance(use(env, codes[2], clock), SignedIn)


def test_only_the_hash_of_a_code_is_kept(env: Environment, clock: Clock):
    code = code_for(env, person_in(env), clock)
    kept = (env.home / "accounts.db").read_bytes() + (env.home / "accounts.db-wal").read_bytes()
    assert emergency_links.read_code(code).encode() not in kept
    assert code.encode() not in kept


@pytest.mark.parametrize("what", ["expired", "disabled", "reset", "revoked"])
def test_a_void_link_signs_nobody_in(env: Environment, clock: Clock, what: str):
    person, database = person_in(env), env.databases.accounts
    code = code_for(env, person, clock)
    if what == "expired":
        clock.now += timedelta(days=180)
    elif what == "disabled":
        account_administration.disable(database, person.id, now=clock())
        account_administration.enable(database, person.id, now=clock())
    elif what == "reset":
        account_administration.reset(database, person.id, by=accounts.NOBODY, now=clock())
    else:
        assert emergency_links.revoke(database, 1, by=accounts.NOBODY, now=clock())
        assert not emergency_links.revoke(database, 1, by=accounts.NOBODY, now=clock())
    assert use(env, code, clock) == SignInRefused(SignInFailure.INVALID_LINK)


def test_guesses_are_looked_at_twenty_times_from_one_network_and_the_right_code_still_works(
    env: Environment, clock: Clock
):
    code = code_for(env, person_in(env), clock)
    reasons = [use(env, f"{number:024}", clock).reason for number in range(21)]
    assert reasons == [SignInFailure.INVALID_LINK] * 20 + [SignInFailure.TOO_MANY_TRIES]
    assert isinstance(use(env, code, clock), SignedIn)


def test_a_link_opens_the_account_with_the_role_of_today(env: Environment, clock: Clock):
    person = person_in(env, role=Role.ADMINISTRATOR)
    code = code_for(env, person, clock)
    by = audit_log.Actor(origin=audit_log.COMMAND_LINE)
    account_administration.change_role(env.databases.accounts, person.id, Role.VIEWER, by=by, now=clock())
    used = use(env, code, clock)
    assert isinstance(used, SignedIn)
    assert used.account.role == Role.VIEWER


def told(setup: OnCallSetup) -> list[tuple[str, ...]]:
    emergency_notice.tell_leads(setup.env, now=setup.clock())
    setup.carry_out()
    return [each.recipients for each in setup.made() if each.trigger is NotificationReason.EMERGENCY_SIGN_IN]


@pytest.mark.slow
def test_all_leads_are_told_once_of_each_use(on_call_setup: OnCallSetup):
    env, clock = on_call_setup.env, on_call_setup.clock
    person_in(env, "mori", "森", role=Role.LEAD, password="")
    person_in(env, "ito", "伊藤", role=Role.ADMINISTRATOR, password="")
    reporter = person_in(env)
    assert told(on_call_setup) == []
    assert isinstance(use(env, code_for(env, reporter, clock), clock), SignedIn)
    once = told(on_call_setup)
    assert once
    assert all(set(names) == {"森", "伊藤"} for names in once)
    assert told(on_call_setup) == once
    (message,) = on_call_setup.chat.received
    assert "緊急サインイン：佐藤" in str(message)
    assert "192.0.2.7" in str(message)
    clock.later(days=3)
    assert told(on_call_setup) == once


@pytest.mark.slow
def test_a_password_is_told_only_if_its_owner_belongs_to_the_provider(on_call_setup: OnCallSetup):
    env, clock = on_call_setup.env, on_call_setup.clock
    person_in(env, "mori", "森", role=Role.LEAD, password="")
    mine = person_in(env)
    app = desk_of(env, clock, provider=PROVIDER, siblings={"live": "http://localhost"})

    def enter() -> str:
        return Browser(app).open("/sign-in").send(action="/sign-in", login="sato", password=PASSWORD).path

    assert enter() == "/"
    assert told(on_call_setup) == []
    with env.databases.accounts.begin() as tx:
        identities.bind_account(tx, PROVIDER.issuer, "u-1", mine.id, has_group_role=False, at=clock())
    assert enter() == "/"
    assert told(on_call_setup) != []


def test_where_passwords_are_off_none_is_looked_at_and_emergency_links_work(env: Environment, clock: Clock):
    person = person_in(env)
    without = SignInProvider("SSO", "https://login.example", takes_passwords=False, connection=PROVIDER.connection)
    browser = Browser(desk_of(env, clock, provider=without)).open("/sign-in")
    assert not browser.tree.xpath("//input[@type='password']")
    fields = {**browser.fields(), "login": "sato", "password": PASSWORD}
    assert browser.post("/sign-in", fields).status_code == 403
    assert browser.open("/sign-in/emergency").send(code=code_for(env, person, clock)).path == "/"


def test_without_a_provider_the_sign_in_page_is_as_before(env: Environment, clock: Clock):
    browser = Browser(desk_of(env, clock)).open("/sign-in")
    assert len(browser.tree.xpath("//main//form")) == 1
    assert browser.post("/sign-in/provider", browser.fields()).status_code == 404
    assert browser.client.get("/sign-in/provider/answer?code=a&state=b").status_code == 404
