"""Previews of every channel type on the desk: the text as its recipients read it, and the whole email."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from statuspage.content import loading
from statuspage.domain.site_config import ChannelSpec
from statuspage.integrations import channels
from statuspage.storage import deliveries, incidents
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.on_call import briefing, fact_requests
from tests.support.content import whole_copy
from tests.support.desk import Browser, Clock, clock, drill_environment_in, signed_in, work
from tests.support.environments import with_changes
from tests.support.instance import with_every_channel

__all__ = ["clock"]


@pytest.fixture
def drill(tmp_path: Path) -> Iterator[Environment]:
    """A drill environment in which every channel of the sample is connected."""
    plain = drill_environment_in(tmp_path)
    specs = every_channel(tmp_path)
    catalog = replace(plain.site.catalog, channels=specs)
    staff_channels = {id: channels.open_sandbox(spec, plain.home / "outbox") for id, spec in specs.items()}
    env = with_changes(plain, catalog=catalog, channels=staff_channels, unready_channels={})
    yield env
    env.databases.environment.close()
    env.databases.accounts.close()


def every_channel(tmp_path: Path) -> dict[str, ChannelSpec]:
    folder = whole_copy(tmp_path / "every")
    with_every_channel(folder)
    catalog, faults = loading.read_content(folder)
    assert catalog is not None, faults
    return dict(catalog.channels)


def staff_channels(drill: Environment) -> Environment:
    """The same environment with every type of staff channel."""
    types = [type for type, channel_type in channels.TYPES.items() if channel_type.staff_payload]
    mail_channel = drill.site.catalog.notification_channels["mail"]
    specs = {type: replace(mail_channel, id=type, type=type, account="colleagues@example.com") for type in types}
    responders = {
        id: replace(one, mention_ids=dict.fromkeys(types, one.mention_ids["chat"]))
        for id, one in drill.site.catalog.on_call.responders.items()
    }
    on_call = replace(drill.site.catalog.on_call, incident_channels=tuple(types), responders=responders)
    staff_channels = {id: channels.open_sandbox(spec, drill.home / "outbox") for id, spec in specs.items()}
    return with_changes(
        drill,
        catalog=replace(drill.site.catalog, on_call=on_call, notification_channels=specs),
        staff_channels=staff_channels,
    )


def publish_report(drill: Environment, clock: Clock) -> Browser:
    browser = signed_in(drill, clock).open("/drills")
    browser.send({"title": "予約の情報を保管する機器が故障", "incident_type": "booking"})
    clock.later(minutes=2)
    browser.open("/").send(do="write")
    clock.later(minutes=1)
    browser.send({"estimate_minutes": "40", "do": "publish"})
    work(drill, clock)
    return browser


@pytest.mark.slow
def test_the_sandbox_shows_each_message_without_the_signs_of_its_service(drill: Environment, clock: Clock) -> None:
    tree = publish_report(drill, clock).open("/drills/sandbox").tree
    names = [" ".join(elements.text_content().split()) for elements in tree.xpath("//article/h3")]
    assert {"Slack #status", "Teams Status", "Discord #status"} <= set(names)
    assert len(names) == 2 + len(drill.senders.channels)
    for post in tree.xpath("//article/div[contains(@class, 'post')]"):
        words = post.text_content()
        assert "【訓練】" in words or "[DRILL]" in words
        assert "&lt;" not in words
        assert "\\" not in words or "\\n" in words


@pytest.mark.slow
def test_words_to_colleagues_hang_between_the_notices_as_they_read_them(drill: Environment, clock: Clock) -> None:
    env = staff_channels(drill)
    browser = publish_report(env, clock)
    with env.databases.environment.read() as tx:
        (incident,) = incidents.open_incidents(tx)
    briefing.brief_staff(env, incident.id, "予約だけが止まっています", actor="佐藤", now=clock.later(minutes=1))
    fact_requests.ask_engineers(env, incident.id, actor="佐藤", now=clock.later(minutes=1))
    work(env, clock)
    tree = browser.open("/drills/sandbox").tree
    heads = [elements.text_content() for elements in tree.xpath("//section[contains(@class, 'sandbox-entry')]/h2")]
    for head, label in zip(heads, ("エンジニアに質問", "社内に連絡", "第一報"), strict=True):
        assert label in head
    read = {
        elements.xpath("string(h3)"): elements.xpath("string(div)")
        for elements in tree.xpath("(//section)[2]//article")
    }
    assert len(read) == len(env.senders.staff_channels) - 1, "Slack in two ways, alike"
    for name, words in read.items():
        assert "【訓練】" in words and "予約だけが止まっています" in words, name
        assert "U00000002" not in words and "<at>" not in words, name
    called = [name for name, words in read.items() if "@中村 恵" in words]
    assert {name.split()[0] for name in called} == {"Slack", "Teams", "Discord"}
    assert any("+81 3-0000-0002" in words for words in read.values()), "the phone says who is rung up"
    assert any("nakamura@example.com" in name for name in read), "a letter says to whom it goes"


@pytest.mark.slow
def test_an_email_is_looked_at_as_a_whole_and_runs_nothing(drill: Environment, clock: Clock) -> None:
    browser = publish_report(drill, clock)
    links = browser.open("/drills/sandbox").tree.xpath("//a[contains(@href, '/email')]/@href")
    texts = set()
    for link in links:
        policy = browser.open(link).page.headers["Content-Security-Policy"]
        assert ("script" in policy, policy.endswith("; sandbox")) == (False, True)
        texts.add(browser.tree.xpath("//h1")[0].text_content())
    assert "【訓練】会員アプリでレッスンを予約できません。予約の管理にも影響があります。" in texts
    assert len(links) == sum(one.type in ("mail", "subscribers") for one in drill.site.catalog.channels.values())


@pytest.mark.slow
def test_what_is_no_email_has_none(drill: Environment, clock: Clock) -> None:
    browser = publish_report(drill, clock)
    with drill.databases.environment.read() as tx:
        (published_for,) = incidents.open_incidents(tx)
        (post,) = (d.id for d in deliveries.deliveries_of_incident(tx, published_for.id) if d.channel == "x-ja")
    assert browser.open(f"/deliveries/{post}/email").page.status_code == 404
    assert browser.open("/deliveries/999/email").page.status_code == 404
