"""How far a notice to many has got, as desk and command line say it; in a drill, how many would have had it."""

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
    """An environment whose page is served, with mail to those who asked for it and no other channel."""
    plain = environment_in(tmp_path, replace(catalog, channels={SPEC.id: SPEC}))
    with closing(plain.database), closing(plain.accounts_db):
        yield replace(
            plain, address=static_server(plain.site_folder.current), signup_url=OWN_PAGES, unready_channels={}
        )


def lines(browser: Browser) -> list[str]:
    """What stands beside the state of the emails, the state first."""
    (row,) = browser.open(browser.path).tree.xpath("//ul[@class='rcpt']/li[.//small or .//details]")
    return [one.text_content() for one in row.xpath("./div[1]/p")]


@pytest.mark.system
def test_the_receipts_say_how_far_a_notice_to_many_has_got(many: Environment, clock: Clock, sink: Sink):
    assert many.subscribers_db is not None
    subscribe(
        many.subscribers_db, [*map(address, range(1, 37)), *(address(n, "gone") for n in (1, 2)), address(1, "later")]
    )
    subscribe(many.subscribers_db, [address(40)], services=["entry"])
    stop = Event()
    env = replace(many, channels={SPEC.id: Interrupted(17, stop.set, sink.address)})
    browser = signed_in(env, clock).open("/incidents/new").send(FIRST)
    assert [line for line in lines(browser) if "件に" in line] == []
    work(env, clock, stop=stop)
    assert lines(browser) == [
        "送信中",
        "これまでに17件に送りました。登録の50%まで進んでいます。",
        "登録された方に順に送っています。",
    ]
    assert not browser.tree.xpath("//main//button[@value='again']")
    assert browser.tree.xpath("//main[@data-poll]")
    env = replace(many, channels={SPEC.id: channel_to(sink.address)})
    clock.later(seconds=2)
    work(env, clock)
    assert lines(browser)[:3] == [
        "待っています",
        "これまでに36件に送りました。登録の100%まで進んでいます。",
        "存在しないあて先が2件ありました。今後は送りません。",
    ]
    clock.later(hours=1)
    work(env, clock)
    assert lines(browser)[1:] == [
        "37件に送りました。",
        "存在しないあて先が2件ありました。今後は送りません。",
        "受け取れなかったあて先があります。ほかのあて先には届いています。",
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
    env = replace(
        plain,
        catalog=replace(plain.catalog, channels=own),
        channels={SPEC.id: channels.open_sandbox(SPEC, plain.home / "outbox")},
        address=static_server(plain.site_folder.current),
    )
    with closing(env.database), closing(env.accounts_db):
        browser = signed_in(env, clock).open("/incidents/new").send(FIRST)
        work(env, clock)
        assert lines(browser)[1] == "訓練では、何人に届くかは分かりません。"
        assert env.live_status_path is not None
        live = shared_status.StatusSummary(clock(), subscriber_counts={SPEC.id: 12_345})
        env.live_status_path.write_text(json.dumps(serialization.to_json_value(live)), "utf-8")
        assert lines(browser)[1] == "本番ならおよそ12,345件に送ります。訓練ではだれにも送りません。"
    (email,) = (env.home / "outbox" / SPEC.id).glob("*.json")
    assert "@mail.example" not in email.read_text("utf-8")


def test_live_writes_down_for_drills_how_many_are_told_in_which_language(many: Environment, clock: Clock):
    assert many.subscribers_db is not None
    subscribe(many.subscribers_db, [address(number) for number in range(3)])
    subscribe(many.subscribers_db, [address(9)], language="en")
    shared_status.write_status(many, now=clock())
    status = shared_status.read_status(many.home / "summary.json")
    assert status is not None
    assert status.subscriber_counts == {SPEC.id: 3}


@pytest.mark.system
def test_the_queue_lists_a_notice_to_many_while_somebody_is_left(cli: Cli, home: Path, catalog: Catalog, sink: Sink):
    settings_read = live_environment(settings.read_settings(settings_of(home), home=str(home)), now=NOW)
    env = replace(settings_read, channels={SPEC.id: channel_to(sink.address)}, signup_url=OWN_PAGES)
    assert env.subscribers_db is not None
    with closing(env.database), closing(env.accounts_db), closing(env.subscribers_db):
        assert cli("queue", "list", "--json").json["bulk_sends"] == []
        subscribe(env.subscribers_db, [*map(address, range(3)), address(1, "gone"), address(1, "later")])
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
