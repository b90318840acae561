"""The delivery queue: each delivery is sent once, in order, the page first, and each attempt has one of four
results."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import event

from statuspage.domain.catalog import Catalog
from statuspage.domain.delivery import SITE
from statuspage.domain.queue_item import DeliveryStatus
from statuspage.integrations import channels
from statuspage.storage import deliveries
from statuspage.usecases import delivery
from statuspage.usecases.environment.model import Environment
from tests.support.deliveries import (
    FIRST,
    ID,
    JA,
    SECOND_NOTICE,
    SERVE,
    Waits,
    clock,
    deliveries_by_channel,
    ends,
    enqueue_notice,
    env,
    environment_in,
    readable_steps,
    wait_for,
    work,
    x,
)
from tests.support.desk import Clock
from tests.support.environments import with_changes
from tests.support.fakes.x_server import Server
from tests.support.times import at

__all__ = ["clock", "env", "x"]

pytestmark = pytest.mark.usefixtures("database")


def test_a_notice_is_read_back_and_then_posted_with_its_link(env: Environment, x: Server, clock: Clock):
    enqueue_notice(env, FIRST, clock, "x-ja", "x-en")
    work(env, clock)
    assert set(ends(env, 1).values()) == {DeliveryStatus.DELIVERED}
    assert sorted(p.text for p in x.posts) == [f"x-{i} の投稿 1 https://status.example/" for i in ("en", "ja")]
    seen = deliveries_by_channel(env, 1)[SITE].receipt.checked_at
    languages = env.site.catalog.languages
    assert set(seen) == {"written", *(f"{file}.{one}" for file in ("page", "feed", "rss") for one in languages)}


def test_the_clock_stops_once_for_each_notice(env: Environment, clock: Clock):
    enqueue_notice(env, FIRST, clock)
    work(env, clock)
    assert readable_steps(env) == [("1", at("12:03"))]
    with env.databases.environment.begin() as tx:  # somebody has the page written again
        tx.exec_driver_sql("UPDATE delivery SET status = 'waiting', retry_at = queued_at")
    clock.later(minutes=1)
    work(env, clock)
    assert readable_steps(env) == [("1", at("12:03"))]
    assert enqueue_notice(env, SECOND_NOTICE, clock) == 3
    work(env, clock)
    assert readable_steps(env) == [("1", at("12:03")), ("3", at("12:04"))]


def test_without_an_address_the_page_is_on_disk_and_the_clock_runs_on(env: Environment, x: Server, clock: Clock):
    here = with_changes(env, address="")
    enqueue_notice(here, FIRST, clock, "x-ja")
    work(here, clock)
    site = deliveries_by_channel(here, 1)[SITE]
    assert (site.status, site.receipt.note_key, set(site.receipt.checked_at)) == (
        DeliveryStatus.DELIVERED,
        "on_disk",
        {"written"},
    )
    assert readable_steps(here) == []
    assert [p.text for p in x.posts] == ["x-ja の投稿 1"]


def test_while_the_page_cannot_be_read_posts_wait_15_seconds_and_go_without_the_link(
    env: Environment, x: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("statuspage.usecases.delivery.sender.READ_BACK", 0.1)
    dark = with_changes(env, address="http://127.0.0.1:1")
    enqueue_notice(dark, FIRST, clock, "x-ja")
    work(dark, clock, chance=1)
    assert (deliveries_by_channel(dark, 1)[SITE].reason, x.posts) == ("unreadable", [])
    clock.later(seconds=14)
    work(dark, clock, chance=1)
    assert (deliveries_by_channel(dark, 1)["x-ja"].reason, x.posts) == ("after_site", [])
    clock.later(seconds=1)
    work(dark, clock, chance=1)
    assert [p.text for p in x.posts] == ["x-ja の投稿 1"]
    assert deliveries_by_channel(dark, 1)["x-ja"].receipt.note_key == "no_link"
    assert readable_steps(dark) == []


def test_a_page_that_becomes_readable_later_stops_the_clock_then(
    env: Environment, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    enqueue_notice(env, FIRST, clock)
    with monkeypatch.context() as hurried:
        hurried.setattr("statuspage.usecases.delivery.sender.READ_BACK", 0.1)
        work(with_changes(env, address="http://127.0.0.1:1"), clock)
    clock.later(minutes=2)
    work(env, clock)
    site = deliveries_by_channel(env, 1)[SITE]
    assert (site.status, site.receipt.checked_at["written"], site.receipt.checked_at["page.ja"]) == (
        DeliveryStatus.DELIVERED,
        at("12:03"),
        at("12:05"),
    )
    assert readable_steps(env) == [("1", at("12:05"))]


def test_an_unreadable_first_notice_does_not_keep_the_second_from_being_written(
    env: Environment, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("statuspage.usecases.delivery.sender.READ_BACK", 0.1)
    dark = with_changes(env, address="http://127.0.0.1:1")
    enqueue_notice(dark, FIRST, clock)
    work(dark, clock, chance=1)
    sequence = enqueue_notice(dark, SECOND_NOTICE, clock)
    work(dark, clock, chance=1)
    assert "written" in deliveries_by_channel(dark, sequence)[SITE].receipt.checked_at


def test_a_new_notice_is_written_before_an_old_one_is_looked_for_again(
    env: Environment, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("statuspage.usecases.delivery.sender.READ_BACK", 0.1)
    dark = with_changes(env, address="http://127.0.0.1:1")
    enqueue_notice(dark, FIRST, clock)
    work(dark, clock, chance=1)
    sequence = enqueue_notice(dark, SECOND_NOTICE, clock)
    with dark.databases.environment.begin() as tx:
        next_one = deliveries.claim_delivery(tx, "a worker", clock.later(hours=1), channel=SITE)
    assert next_one and (next_one.sequence, next_one.attempts) == (sequence, 1)


def test_a_site_that_cannot_be_written_waits_with_its_reason_and_holds_up_no_post(
    env: Environment, x: Server, clock: Clock, tmp_path: Path
):
    (tmp_path / "site").write_text("a file where the folder should be")
    enqueue_notice(env, FIRST, clock, "x-ja")
    work(env, clock, chance=1)
    clock.later(seconds=15)
    work(env, clock, chance=1)
    site = deliveries_by_channel(env, 1)[SITE]
    assert (site.status, site.reason.startswith("site_")) == (DeliveryStatus.WAITING, True)
    assert [p.text for p in x.posts] == ["x-ja の投稿 1"]


@pytest.mark.slow
def test_updates_hang_on_the_newest_earlier_post_of_their_channel(env: Environment, x: Server, clock: Clock):
    enqueue_notice(env, FIRST, clock, "x-ja", "x-en")
    work(env, clock)
    enqueue_notice(env, SECOND_NOTICE, clock, "x-ja", "x-en")
    work(env, clock)
    first = {p.username: p.id for p in x.posts[:2]}
    assert {p.username: p.in_reply_to for p in x.posts[2:]} == first


def test_one_channel_in_trouble_holds_up_no_other(env: Environment, x: Server, clock: Clock):
    hung = Event()
    stuck = with_changes(env, channels={**env.senders.channels, "x-ja": Waits(JA, hung)})
    enqueue_notice(stuck, FIRST, clock, "x-ja", "x-en")
    worker = threading.Thread(target=work, args=(stuck, clock))
    worker.start()
    try:
        expected = {"x-en": DeliveryStatus.DELIVERED, "x-ja": DeliveryStatus.SENDING}
        wait_for(lambda: {name: ends(stuck, 1)[name] for name in expected} == expected)
        assert [p.username for p in x.posts] == ["fitline_en"]
    finally:
        hung.set()
        worker.join()


@pytest.mark.slow
def test_a_later_update_waits_for_an_earlier_one_that_has_not_gone_out(env: Environment, x: Server, clock: Clock):
    x.next("503")
    enqueue_notice(env, FIRST, clock, "x-ja")
    work(env, clock, chance=1)
    second = enqueue_notice(env, SECOND_NOTICE, clock, "x-ja")
    work(env, clock, chance=1)
    assert (ends(env, 1)["x-ja"], ends(env, second)["x-ja"], x.posts) == (
        DeliveryStatus.WAITING,
        DeliveryStatus.WAITING,
        [],
    )
    clock.later(seconds=5)
    work(env, clock)
    assert [p.text[:10] for p in x.posts] == ["x-ja の投稿 1", f"x-ja の投稿 {second}"]
    assert x.posts[1].in_reply_to == x.posts[0].id


def test_a_refusal_is_final_and_keeps_their_words(env: Environment, x: Server, clock: Clock):
    x.next("403")
    enqueue_notice(env, FIRST, clock, "x-ja")
    work(env, clock)
    refused = deliveries_by_channel(env, 1)["x-ja"]
    assert (refused.status, refused.detail) == (
        DeliveryStatus.FAILED,
        "403 You are not permitted to perform this action.",
    )


def test_what_went_out_is_recorded_even_when_the_database_does_not_take_it_at_once(
    env: Environment, x: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("statuspage.usecases.queue_loop.PAUSE", 0.01)
    refusals = iter(["once", "twice"])

    def full(_raw: object, _cursor: object, statement: str, values: object, *_: object) -> None:
        if statement.startswith("UPDATE delivery") and "sent" in str(values) and next(refusals, ""):
            raise OSError(28, "No space left on device")

    event.listen(env.databases.environment.engine, "before_cursor_execute", full)
    enqueue_notice(env, FIRST, clock, "x-ja")
    work(env, clock)
    assert set(ends(env, 1).values()) == {DeliveryStatus.DELIVERED}
    assert len(x.posts) == 1


def test_a_drill_writes_what_x_would_have_been_handed(
    tmp_path: Path, catalog: Catalog, static_server: SERVE, clock: Clock
):
    sandbox = channels.open_sandbox(JA, tmp_path / "outbox")
    address = static_server(tmp_path / "site" / "current")
    drill = environment_in(tmp_path, catalog, address, {"x-ja": sandbox})
    enqueue_notice(drill, FIRST, clock, "x-ja")
    work(drill, clock)
    second = enqueue_notice(drill, SECOND_NOTICE, clock, "x-ja")
    work(drill, clock)
    written = [json.loads(p.read_text()) for p in sorted((tmp_path / "outbox" / "x-ja").iterdir())]
    assert [w["message"]["text"] for w in written] == [f"x-ja の投稿 {n} https://status.example/" for n in (1, second)]
    assert written[1]["message"]["in_reply_to_tweet_id"] == written[0]["id"]
    assert written[0]["url"] == f"https://x.invalid/fitline_jp/status/{ID}-1-ja"


def test_a_command_works_the_queue_itself_when_nobody_does(env: Environment, x: Server, clock: Clock):
    enqueue_notice(env, FIRST, clock, "x-ja", "x-en")
    assert delivery.drain(env, clock=clock, patience=10)
    assert set(ends(env, 1).values()) == {DeliveryStatus.DELIVERED}


@pytest.mark.slow
def test_a_command_leaves_to_others_what_has_to_be_tried_again(env: Environment, x: Server, clock: Clock):
    x.state.always = "503"
    enqueue_notice(env, FIRST, clock, "x-ja")
    assert delivery.drain(env, clock=clock, patience=10)
    enqueue_notice(env, SECOND_NOTICE, clock, "x-ja")
    assert delivery.drain(env, clock=clock, patience=10)
    assert deliveries_by_channel(env, 1)["x-ja"].attempts == 1


def test_two_workers_send_nothing_twice(env: Environment, x: Server, clock: Clock):
    stop = Event()
    workers = [
        threading.Thread(target=delivery.run, args=(env,), kwargs={"clock": clock, "stop": stop}) for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    try:
        enqueue_notice(env, FIRST, clock, "x-ja", "x-en")
        wait_for(lambda: set(ends(env, 1).values()) == {DeliveryStatus.DELIVERED})
    finally:
        stop.set()
        for worker in workers:
            worker.join()
    assert len(x.posts) == 2


def test_the_worker_renews_the_front(env: Environment, clock: Clock):
    stop = Event()
    worker = threading.Thread(target=delivery.run, args=(env,), kwargs={"clock": clock, "stop": stop})
    worker.start()
    front = env.site_folder.current / "ja" / "index.html"
    try:
        wait_for(front.exists)
        before = front.read_bytes()
        clock.later(minutes=5)
        wait_for(lambda: front.read_bytes() != before)
    finally:
        stop.set()
        worker.join()
