"""The progress of a bulk send, on the desk and the command line; in a drill, how many would have been sent to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from threading import Event

import pytest

from statuspage import serialization, settings
from statuspage.domain.catalog import Catalog
from statuspage.integrations import channels
from statuspage.usecases.bootstrap import live_environment
from statuspage.usecases.environment import shared_status
from statuspage.usecases.environment.model import Environment
from tests.support.bulk_sends import NOW, OWN_PAGES, SPEC, Interrupted, address, channel_to, enqueue_for_all, subscribe
from tests.support.deliveries import ID, work
from tests.support.desk import Browser, Clock, clock, drill_environment_in, environment_in, person_in, signed_in
from tests.support.environments import with_changes
from tests.support.fakes.mail_sink import Sink, mail_sink
from tests.support.instance import Cli, cli, home, settings_of
from tests.support.site import composed

__all__ = ["cli", "clock", "home"]

pytestmark = pytest.mark.usefixtures("database")

FIRST = {"incident_type": "booking", "start": "5m", "do": "publish"}


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    with mail_sink(tmp_path / "taken") as running:
        yield running


@pytest.fixture
def many(tmp_path: Path, catalog: Catalog, static_server: Callable[[Path], str]) -> Iterator[Environment]:
    """An environment whose page is served, with email to subscribers and no other channel."""
    plain = environment_in(tmp_path, replace(catalog, channels={SPEC.id: SPEC}))
    with closing(plain.databases.environment), closing(plain.databases.accounts):
        yield with_changes(
            plain, address=static_server(plain.site_folder.current), signup_url=OWN_PAGES, unready_channels={}
        )


def lines(browser: Browser) -> list[str]:
    """The lines beside the status of the emails, the status first."""
    (row,) = browser.open(browser.path).tree.xpath("//ul[@class='sent']/li[.//*[@data-text]]")
    state, *more = row.xpath(".//span[@class='state'] | ./details/div/p")
    return [one.text_content() for one in (state, *more)]


@pytest.mark.system
def test_the_receipts_say_how_far_a_notice_to_many_has_got(many: Environment, clock: Clock, sink: Sink):
    assert many.databases.subscribers is not None
    subscribe(
        many.databases.subscribers,
        [*map(address, range(1, 37)), *(address(n, "gone") for n in (1, 2)), address(1, "later")],
    )
    subscribe(many.databases.subscribers, [address(40)], services=["entry"])
    stop = Event()
    env = with_changes(many, channels={SPEC.id: Interrupted(17, stop.set, sink.address)})
    browser = signed_in(env, clock).open("/incidents/new").send(FIRST)
    assert [line for line in lines(browser) if "件に" in line] == []
    work(env, clock, stop=stop)
    assert lines(browser) == [
        "送信中",
        "17件に送信しました（50%）。",
        "購読者に順次送信しています。",
    ]
    assert not browser.tree.xpath("//main//button[@value='again']")
    assert browser.tree.xpath("//main[@data-poll]")
    env = with_changes(many, channels={SPEC.id: channel_to(sink.address)})
    clock.later(seconds=2)
    work(env, clock)
    assert lines(browser)[:3] == [
        "送信待ち",
        "36件に送信しました（100%）。",
        "存在しない宛先が2件ありました。今後は送信しません。",
    ]
    clock.later(hours=1)
    work(env, clock)
    assert lines(browser)[1:] == [
        "37件に送信しました。",
        "存在しない宛先が2件ありました。今後は送信しません。",
        "受信できなかった宛先があります。ほかの宛先には届いています。",
    ]
    assert not browser.tree.xpath("//main[@data-poll]")
    person_in(env, "smith", "Smith", "en")
    english = signed_in(env, clock, "smith", "Smith", "en").open(browser.path)
    assert lines(english)[1:3] == ["Sent: 37.", "Addresses that do not exist: 2. No more email is sent to them."]


@pytest.mark.slow
def test_in_a_drill_they_say_how_many_would_have_had_it(
    tmp_path: Path, clock: Clock, static_server: Callable[[Path], str]
):
    plain = drill_environment_in(tmp_path)
    own = {SPEC.id: SPEC}
    env = with_changes(
        plain,
        catalog=replace(plain.site.catalog, channels=own),
        channels={SPEC.id: channels.open_sandbox(SPEC, plain.home / "outbox")},
        address=static_server(plain.site_folder.current),
    )
    with closing(env.databases.environment), closing(env.databases.accounts):
        browser = signed_in(env, clock).open("/incidents/new").send(FIRST)
        work(env, clock)
        assert lines(browser)[1] == "訓練のため、宛先の件数は不明です。"
        assert env.live_status_path is not None
        live = shared_status.StatusSummary(clock(), subscriber_counts={SPEC.id: 12_345})
        env.live_status_path.write_text(json.dumps(serialization.to_json_value(live)), "utf-8")
        assert lines(browser)[1] == "本番では約12,345件に送信します。訓練では送信しません。"
    (email,) = (env.home / "outbox" / SPEC.id).glob("*.json")
    assert "@mail.example" not in email.read_text("utf-8")


def test_live_writes_down_for_drills_how_many_are_told_in_which_language(many: Environment, clock: Clock):
    assert many.databases.subscribers is not None
    subscribe(many.databases.subscribers, [address(number) for number in range(3)])
    subscribe(many.databases.subscribers, [address(9)], language="en")
    shared_status.write_status(many, now=clock())
    status = shared_status.read_status(many.home / "summary.json")
    assert status is not None
    assert status.subscriber_counts == {SPEC.id: 3}


@pytest.mark.system
def test_the_queue_lists_a_notice_to_many_while_somebody_is_left(cli: Cli, home: Path, catalog: Catalog, sink: Sink):
    settings_read = live_environment(settings.read_settings(settings_of(home), home=str(home)), now=NOW)
    env = with_changes(settings_read, channels={SPEC.id: channel_to(sink.address)}, signup_url=OWN_PAGES)
    assert env.databases.subscribers is not None
    with closing(env.databases.environment), closing(env.databases.accounts), closing(env.databases.subscribers):
        assert cli("queue", "list", "--json").json["bulk_sends"] == []
        subscribe(env.databases.subscribers, [*map(address, range(3)), address(1, "gone"), address(1, "later")])
        sequence, now = enqueue_for_all(env, composed(catalog, ("12:03", "first"))), Clock(NOW)
        work(env, now)
        (one,) = cli("queue", "list", "--json").json["bulk_sends"]
        output = cli("queue", "list").out
        now.later(hours=1)
        work(env, now)
        assert cli("queue", "list", "--json").json["bulk_sends"] == []
    of = {"incident": ID, "sequence": sequence, "channel": "subscribers-ja", "language": "ja", "kind": "email"}
    got = {"total": 5, "processed": 5, "delivered": 3, "bounced": 1, "refused": 0, "gave_up": 0, "ended_at": None}
    assert {name: one[name] for name in {**of, **got}} == {**of, **got}
    assert "3 sent so far, 100% of the list" in output
