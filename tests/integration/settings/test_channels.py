"""Channels are set up on the desk: tested where they go, their secrets kept where nobody reads them again."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from statuspage.domain import ChannelHealth
from statuspage.settings import drill_environ, read_settings
from statuspage.storage import audit_log, channel_health
from statuspage.usecases import backup
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from tests.support.desk import NOW, Browser, Clock, as_role, clock, desk_of, person_in, values_of
from tests.support.fakes.hooks import Subscriber
from tests.support.fakes.mastodon_server import Server
from tests.support.fakes.service import running
from tests.support.live_company import ADDRESS, checked, env, environment_at, home

__all__ = ["checked", "clock", "env", "home"]

CANARY = "canary-9b1d-4e70-token"
SIGNING = "whsec_Y2FuYXJ5LTliMWQtNGU3MC1zaWduaW5nLXNlY3JldC0x"


@pytest.fixture
def lead(env: Environment, clock: Clock) -> Browser:
    return lead_of(env, clock)


def lead_of(env: Environment, clock: Clock) -> Browser:
    person_in(env, "lead", "Aya Mori", "en", role=Role.LEAD)
    return Browser(desk_of(env, clock)).sign_in("lead")


@pytest.fixture
def mastodon() -> Iterator[Server]:
    with running(Server()) as server:
        server.tokens = {CANARY}
        yield server


def channels_of(env: Environment) -> dict[str, Any]:
    file = env.home / "content" / "channels.toml"
    return tomllib.loads(file.read_text("utf-8")) if file.exists() else {}


def connect(lead: Browser, server: str, **fields: object) -> Browser:
    lead.open("/settings/new-channel/mastodon")
    return lead.send({"server": server, "secret.token": CANARY, **fields, "do": "save"})


def save(lead: Browser, channel: str, **fields: str) -> Browser:
    """Submits the open form of a channel as it was opened."""
    (form,) = lead.tree.xpath("//form[@class='channel']")
    found = {each.get("name"): values for each in form.xpath(".//input | .//select") if (values := values_of(each))}
    path = f"/settings/channels/{channel}"
    lead.page = lead.client.post(path, data={**found, **fields, "do": "save"}, follow_redirects=True)
    return lead


def press(lead: Browser, channel: str, do: str) -> None:
    lead.open("/settings/channels")
    form = lead.form(f"/settings/channels/{channel}")
    fields = {each.get("name"): each.get("value") for each in form.xpath(".//input")}
    lead.page = lead.client.post(f"/settings/channels/{channel}", data={**fields, "do": do}, follow_redirects=True)


def states_of(lead: Browser) -> dict[str, str]:
    rows = lead.open("/settings/channels").tree.xpath("//li[starts-with(@id, 'c-')]")
    return {row.get("id")[2:]: row.xpath(".//*[contains(@class, 'state')]")[0].text_content().strip() for row in rows}


def actions_of(env: Environment) -> list[str]:
    with env.databases.accounts.read() as tx:
        return [row["action"] for row in audit_log.list_actions(tx, 50)]


def reload(env: Environment) -> None:
    """What every process does within two seconds."""
    env.reload_content(NOW)
    env.reload_content(NOW)


def test_a_channel_is_added_tested_and_answers_in_its_own_words(env: Environment, lead: Browser, mastodon: Server):
    connect(lead, mastodon.address)
    assert lead.page.status_code == 200, lead.words
    assert "@fitline@" in lead.words
    assert "It works." in lead.words
    assert channels_of(env) == {
        "mastodon-en": {
            "type": "mastodon",
            "language": "en",
            "medium": "mastodon",
            "server": mastodon.address,
            "notices": ["all"],
        }
    }
    assert states_of(lead)["mastodon-en"] == "Ready"
    assert {"channel.added", "channel.secret.changed", "channel.tested"} <= set(actions_of(env))
    assert mastodon.received == []


@pytest.mark.slow
def test_other_processes_have_it_without_a_restart(env: Environment, home: Path, lead: Browser, mastodon: Server):
    other = environment_at(home, ADDRESS=ADDRESS)
    connect(lead, mastodon.address)
    reload(other)
    assert other.senders.channels["mastodon-en"].probe().startswith("@fitline@")
    save(lead.open("/settings/channels/mastodon-en"), "mastodon-en", **{"secret.token": "another-token"})
    assert "401" in lead.words
    assert other.reload_content(NOW), "a secret alone must be noticed at once"
    press(lead, "mastodon-en", "off")
    reload(other)
    assert "mastodon-en" not in other.senders.channels
    assert other.site.catalog.find_channel("mastodon-en") is not None
    other.databases.environment.close()


def test_a_refused_token_is_kept_and_the_answer_shown(env: Environment, lead: Browser, mastodon: Server):
    connect(lead, mastodon.address, **{"secret.token": "wrong-token-value"})
    assert "401" in lead.words
    assert "wrong-token-value" not in lead.text
    assert "mastodon-en" in channels_of(env)


def test_wrong_values_stand_beside_their_fields_and_only_secrets_are_typed_again(env: Environment, lead: Browser):
    lead.open("/settings/new-channel/webhook")
    lead.send({"account": "Partner 株式会社", "secret.url": "no address", "secret.secret": "short", "do": "save"})
    assert lead.page.status_code == 422
    for name in ("secret.url", "secret.secret"):
        (field,) = lead.tree.xpath(f"//input[@name='{name}'][@aria-invalid='true']")
        assert lead.tree.xpath(f"//*[@id='{field.get('aria-describedby')}']")
        assert field.get("value") == ""
    assert lead.fields("/settings/new-channel/webhook")["account"] == ["Partner 株式会社"]
    assert channels_of(env) == {}
    assert not (env.home / "secrets.db").exists()


def test_the_content_check_speaks_beside_the_field(env: Environment, lead: Browser):
    lead.open("/settings/new-channel/mail")
    lead.send({"account": "not an address", "sender": "status@example.com", "secret.server": "smtp://mail.example:25"})
    assert lead.page.status_code == 422
    assert lead.tree.xpath("//input[@name='account'][@aria-invalid='true']")


@pytest.mark.slow
def test_a_secret_is_shown_nowhere(env: Environment, lead: Browser, mastodon: Server, capfd: Any):
    connect(lead, mastodon.address)
    lead.open("/settings/new-channel/webhook").send(
        {"secret.url": f"{mastodon.address}/{CANARY}", "secret.secret": SIGNING, "do": "save"}
    )
    pages = ["/settings/channels", "/settings/channels/mastodon-en", "/settings/channels/webhook-en"]
    pages += ["/settings/changes", "/settings"]
    shown = "".join(lead.open(path).text for path in pages)
    administrator = as_role(env, Clock(), Role.ADMINISTRATOR, lead.app)
    shown += administrator.open("/audit-log").text
    backup.create_backup(read_settings({}, home=str(env.home)), env.home / "backup.zip", now=NOW)
    files = {str(path): path.read_bytes() for path in env.home.rglob("*") if path.is_file()}
    logs = capfd.readouterr()
    for secret in (CANARY, SIGNING, SIGNING.removeprefix("whsec_")):
        assert secret not in shown
        assert [path for path, content in files.items() if secret.encode() in content] == []
        assert secret not in logs.out + logs.err
    assert (env.home / "secret-key").read_bytes().strip() not in files[str(env.home / "backup.zip")]


def test_the_drill_is_given_neither_the_database_nor_the_key() -> None:
    given = {"STATUSPAGE_SECRET_KEY": CANARY, "STATUSPAGE_SECRETS_DATABASE_URL": CANARY, "PATH": "/bin"}
    assert CANARY not in str(drill_environ({**given, "STATUSPAGE_SECRET_KEY_FILE": CANARY}))


def test_trouble_rest_last_delivery_and_the_drills_copy_are_shown(env: Environment, lead: Browser, mastodon: Server):
    connect(lead, mastodon.address)
    failing = ChannelHealth(
        "mastodon-en", 3, NOW, NOW + timedelta(minutes=4), NOW - timedelta(minutes=9), "channel_down"
    )
    with env.databases.environment.begin() as tx:
        channel_health.save_health(tx, failing)
    outbox = env.home / "drill" / "outbox" / "mastodon-en"
    outbox.mkdir(parents=True)
    (outbox / "drill1-1-en.json").write_text('{"at": "2026-07-04T03:00:00Z", "message": {"status": "[DRILL] Sign-in"}}')
    lead.open("/settings/channels/mastodon-en")
    for text in ("Retrying", "Since ", "Rests until ", "The destination is having problems", "[DRILL] Sign-in"):
        assert text in lead.words, text
    press(lead, "mastodon-en", "test")
    assert "It works." in lead.words
    with env.databases.environment.read() as tx:
        assert not channel_health.read_health(tx, "mastodon-en").is_resting(NOW)


def test_what_is_set_outside_counts_and_cannot_be_typed(home: Path, clock: Clock, mastodon: Server):
    (home / "content" / "channels.toml").write_text(
        f'[toots]\ntype = "mastodon"\nlanguage = "en"\nmedium = "mastodon"\nserver = "{mastodon.address}"\n'
        'notices = ["all"]\n'
    )
    env = environment_at(home, ADDRESS=ADDRESS, TOOTS_TOKEN=CANARY)
    lead = lead_of(env, clock)
    lead.open("/settings/channels/toots")
    assert "Set outside: STATUSPAGE_TOOTS_TOKEN" in lead.words
    assert lead.tree.xpath("//input[@name='secret.token']") == []
    lead.send({"do": "test"}, action="/settings/channels/toots")
    assert "@fitline@" in lead.words
    env.databases.environment.close()


@pytest.mark.slow
def test_order_switch_and_removal(env: Environment, lead: Browser, mastodon: Server):
    connect(lead, mastodon.address)
    connect(lead, mastodon.address, language="ja")
    file = env.home / "content" / "channels.toml"
    file.write_text("# Ours.\n\n" + file.read_text("utf-8").replace("[mastodon-ja]", "# For Japan.\n[mastodon-ja]"))
    press(lead, "mastodon-ja", "up")
    assert list(channels_of(env)) == ["mastodon-ja", "mastodon-en"]
    assert file.read_text("utf-8").startswith("# Ours.\n\n# For Japan.\n[mastodon-ja]\n")
    press(lead, "mastodon-en", "off")
    assert states_of(lead)["mastodon-en"] == "Switched off"
    press(lead, "mastodon-en", "on")
    assert states_of(lead)["mastodon-en"] == "Ready"
    press(lead, "mastodon-en", "remove")
    assert list(channels_of(env)) == ["mastodon-ja"]
    assert env.secret_store is not None
    assert list(env.secret_store.list_kept()) == ["STATUSPAGE_MASTODON_JA_TOKEN"]
    lead.open("/settings/changes").send(action="/settings/changes/6")
    assert states_of(lead)["mastodon-en"] == "Not connected"


@pytest.mark.slow
def test_a_hand_edit_meanwhile_is_not_overwritten(env: Environment, lead: Browser, mastodon: Server):
    connect(lead, mastodon.address)
    file = env.home / "content" / "channels.toml"
    lead.open("/settings/channels/mastodon-en")
    by_hand = file.read_text("utf-8") + "# by hand\n"
    file.write_text(by_hand)
    save(lead, "mastodon-en", account="@ours")
    assert lead.page.status_code == 409
    assert file.read_text("utf-8") == by_hand
    assert lead.tree.xpath("//input[@name='account']/@value") == ["@ours"]


def test_a_webhook_gets_a_signed_test(env: Environment, lead: Browser):
    with running(Subscriber()) as receiver:
        receiver.secret = SIGNING
        lead.open("/settings/new-channel/webhook")
        lead.send({"secret.url": receiver.url, "secret.secret": SIGNING, "do": "save"})
        assert "It works." in lead.words, lead.words
        bodies = [json.loads(body) for body in receiver.bodies]
        assert [body["type"] for body in bodies] == ["test"]


def test_who_is_no_lead_sees_states_and_changes_nothing(
    env: Environment, clock: Clock, lead: Browser, mastodon: Server
):
    connect(lead, mastodon.address)
    reporter = as_role(env, clock, Role.REPORTER, lead.app)
    reporter.open("/settings/channels")
    assert "mastodon-en" in states_of(reporter)
    assert reporter.tree.xpath("//main//form") == []
    for path in ("/settings/channels/mastodon-en", "/settings/new-channel", "/settings/new-channel/x"):
        assert reporter.open(path).page.status_code == 403
    assert reporter.post("/settings/channels/mastodon-en", {"do": "off"}).status_code in (400, 403)


@pytest.mark.parametrize(
    "path", ["/settings/channels/none", "/settings/new-channel/none", "/settings/new-channel/apprise"]
)
def test_unknown_channels_are_not_found(lead: Browser, path: str):
    assert lead.open(path).page.status_code == 404


def test_on_a_server_without_a_key_nothing_is_kept_and_the_desk_says_so(home: Path, clock: Clock):
    env = environment_at(home, SECRET_KEY="no key", ADDRESS=ADDRESS)
    lead = lead_of(env, clock)
    connect(lead, "https://social.example")
    assert lead.page.status_code == 422
    assert "The key of the secrets is not valid" in lead.words
    assert channels_of(env) == {}
    env.databases.environment.close()
