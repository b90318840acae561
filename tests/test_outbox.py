"""The outbox: what is owed goes out once, in order, the page first, and each attempt ends in one of four ways."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event
from typing import Literal

import pytest
from sqlalchemy import event

from statuspage import channels, outbox
from statuspage.catalog import Catalog, ChannelSpec
from statuspage.channels import Channel, Unsure
from statuspage.deliveries import SITE, Delivery, End, NewDelivery, Receipt
from statuspage.facts import Words
from statuspage.outbox.lanes import Shift
from statuspage.outbox.lock import hold
from statuspage.outbox.sending import Attempts, pause_before
from statuspage.store import Store, deliveries, incidents
from statuspage.targets.folder import Folder
from statuspage.timeline import Incident, StepKind
from statuspage.world import World
from tests.fakes.x_server import SECOND, Account, Server, x_server
from tests.fixtures_site import booking, over, sources
from tests.times import at

ID = "k3m9p2q7x4ab"
SERVE = Callable[[Path], str]
JA = ChannelSpec("x-ja", "x", "ja", "x", "@fitline_jp")
EN = ChannelSpec("x-en", "x", "en", "x", "@fitline_en")


class Clock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def later(self, **by: float) -> datetime:
        """Moves it, and says what it shows."""
        self.now += timedelta(**by)
        return self.now


@pytest.fixture
def x() -> Iterator[Server]:
    with x_server(Account(), SECOND) as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock(at("12:03"))


def world_in(home: Path, catalog: Catalog, address: str, ways: Mapping[str, Channel]) -> World:
    store = Store.world(f"sqlite:///{home / 'world.db'}")
    store.migrate()
    target = Folder(home / "site")
    unready = {"x-later": "credentials"}
    return World("live", home, catalog, store, store, target, sources(), ways, unready, address, lambda: ID, b"")


def accounts(server: Server) -> dict[str, Channel]:
    environ = Account().environ("x-ja") | SECOND.environ("x-en") | {"STATUSPAGE_X_API": server.address}
    return {spec.id: channels.live(spec, environ) for spec in (JA, EN)}


@pytest.fixture
def world(tmp_path: Path, catalog: Catalog, x: Server, static_server: SERVE) -> Iterator[World]:
    address = static_server(tmp_path / "site" / "current")
    made = world_in(tmp_path, catalog, address, accounts(x))
    yield made
    made.store.close()


def tell(world: World, story: Incident, clock: Clock, *to: str) -> int:
    """Writes the newest notice of the story down, with what is owed to the site and these channels."""
    newest = story.entries[-1]
    with world.store.begin() as tx:
        if incidents.load(tx, story.id) is None:
            incidents.open_incident(tx, story.id, at=story.opened, t0=story.t0, t0_source="alert")
        sequence = incidents.append(tx, story.id, newest.entry, happened=clock(), recorded=clock())
        deliveries.queue(tx, story.id, sequence, [NewDelivery(SITE, "", {}), *map(post(sequence), to)], clock())
    return sequence


def post(sequence: int) -> Callable[[str], NewDelivery]:
    def owed(channel: str) -> NewDelivery:
        text = f"{channel} の投稿 {sequence}"
        return NewDelivery(channel, channel[-2:], {"text": f"{text} https://status.example/", "plain": text})

    return owed


def work(world: World, clock: Clock, chance: float = 0.5) -> None:
    """Works until nothing is due at the time the clock shows."""
    shift = Shift(Attempts(world, clock, lambda: chance), "worker", Event())
    shift.begin()
    while not shift.resting or due(world, clock):
        shift.start_due()
        time.sleep(0.005)
    shift.end()


def due(world: World, clock: Clock) -> tuple[str, ...]:
    with world.store.read() as tx:
        return deliveries.due_channels(tx, clock())


def owed(world: World, sequence: int) -> dict[str, Delivery]:
    with world.store.read() as tx:
        return {d.channel: d for d in deliveries.of_notice(tx, ID, sequence)}


def ends(world: World, sequence: int) -> dict[str, End]:
    return {channel: d.end for channel, d in owed(world, sequence).items()}


def readable_steps(world: World) -> list[tuple[str, datetime]]:
    with world.store.read() as tx:
        story = incidents.load(tx, ID)
    assert story is not None
    steps = [(r.entry, r.happened) for r in story.entries if r.entry.type == "step"]
    return [(step.text, happened) for step, happened in steps if step.step is StepKind.READABLE]


FIRST = booking(("12:03", "first"))
SECOND_NOTICE = booking()


def test_a_notice_is_read_back_and_then_posted_with_its_link(world: World, x: Server, clock: Clock):
    tell(world, FIRST, clock, "x-ja", "x-en")
    work(world, clock)
    assert set(ends(world, 1).values()) == {End.SENT}
    assert sorted(p.text for p in x.posts) == [f"x-{i} の投稿 1 https://status.example/" for i in ("en", "ja")]
    seen = owed(world, 1)[SITE].receipt.seen
    assert set(seen) == {"written", "page.ja", "page.en", "feed.ja", "feed.en", "rss.ja", "rss.en"}


def test_the_clock_stops_once_for_each_notice(world: World, clock: Clock):
    tell(world, FIRST, clock)
    work(world, clock)
    assert readable_steps(world) == [("1", at("12:03"))]
    with world.store.begin() as tx:  # somebody has the page written again
        tx.exec_driver_sql("UPDATE delivery SET \"end\" = 'waiting', due = queued")
    clock.later(minutes=1)
    work(world, clock)
    assert readable_steps(world) == [("1", at("12:03"))]
    assert tell(world, SECOND_NOTICE, clock) == 3
    work(world, clock)
    assert readable_steps(world) == [("1", at("12:03")), ("3", at("12:04"))]


def test_without_an_address_the_page_is_on_disk_and_the_clock_runs_on(world: World, x: Server, clock: Clock):
    here = replace(world, address="")
    tell(here, FIRST, clock, "x-ja")
    work(here, clock)
    site = owed(here, 1)[SITE]
    assert (site.end, site.receipt.note, set(site.receipt.seen)) == (End.SENT, "on_disk", {"written"})
    assert readable_steps(here) == []
    assert [p.text for p in x.posts] == ["x-ja の投稿 1"]


def test_while_the_page_cannot_be_read_posts_wait_15_seconds_and_go_without_the_link(
    world: World, x: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("statuspage.outbox.sending.READ_BACK", 0.1)
    dark = replace(world, address="http://127.0.0.1:1")
    tell(dark, FIRST, clock, "x-ja")
    work(dark, clock, chance=1)
    assert (owed(dark, 1)[SITE].reason, x.posts) == ("unreadable", [])
    clock.later(seconds=14)
    work(dark, clock, chance=1)
    assert (owed(dark, 1)["x-ja"].reason, x.posts) == ("site_first", [])
    clock.later(seconds=1)
    work(dark, clock, chance=1)
    assert [p.text for p in x.posts] == ["x-ja の投稿 1"]
    assert owed(dark, 1)["x-ja"].receipt.note == "no_link"
    assert readable_steps(dark) == []


def test_a_page_that_becomes_readable_later_stops_the_clock_then(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    tell(world, FIRST, clock)
    with monkeypatch.context() as hurried:
        hurried.setattr("statuspage.outbox.sending.READ_BACK", 0.1)
        work(replace(world, address="http://127.0.0.1:1"), clock)
    clock.later(minutes=2)
    work(world, clock)
    site = owed(world, 1)[SITE]
    assert (site.end, site.receipt.seen["written"], site.receipt.seen["page.ja"]) == (
        End.SENT,
        at("12:03"),
        at("12:05"),
    )
    assert readable_steps(world) == [("1", at("12:05"))]


def test_an_unreadable_first_notice_does_not_keep_the_second_from_being_written(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("statuspage.outbox.sending.READ_BACK", 0.1)
    dark = replace(world, address="http://127.0.0.1:1")
    tell(dark, FIRST, clock)
    work(dark, clock, chance=1)
    sequence = tell(dark, SECOND_NOTICE, clock)
    work(dark, clock, chance=1)
    assert "written" in owed(dark, sequence)[SITE].receipt.seen


def test_a_site_that_cannot_be_written_waits_with_its_reason_and_holds_up_no_post(
    world: World, x: Server, clock: Clock, tmp_path: Path
):
    (tmp_path / "site").write_text("a file where the folder should be")
    tell(world, FIRST, clock, "x-ja")
    work(world, clock, chance=1)
    clock.later(seconds=15)
    work(world, clock, chance=1)
    site = owed(world, 1)[SITE]
    assert (site.end, site.reason.startswith("site_")) == (End.WAITING, True)
    assert [p.text for p in x.posts] == ["x-ja の投稿 1"]


def test_updates_hang_on_the_newest_earlier_post_of_their_channel(world: World, x: Server, clock: Clock):
    tell(world, FIRST, clock, "x-ja", "x-en")
    work(world, clock)
    tell(world, SECOND_NOTICE, clock, "x-ja", "x-en")
    work(world, clock)
    first = {p.username: p.id for p in x.posts[:2]}
    assert {p.username: p.in_reply_to for p in x.posts[2:]} == first


def test_one_channel_in_trouble_holds_up_no_other(world: World, x: Server, clock: Clock):
    hung = Event()
    stuck = replace(world, channels={**world.channels, "x-ja": Waits(JA, hung)})
    tell(stuck, FIRST, clock, "x-ja", "x-en")
    worker = threading.Thread(target=work, args=(stuck, clock))
    worker.start()
    try:
        wait_for(lambda: ends(stuck, 1)["x-en"] is End.SENT)
        assert ends(stuck, 1)["x-ja"] is End.SENDING
        assert [p.username for p in x.posts] == ["fitline_en"]
    finally:
        hung.set()
        worker.join()


def test_a_later_update_waits_for_an_earlier_one_that_has_not_gone_out(world: World, x: Server, clock: Clock):
    x.next("503")
    tell(world, FIRST, clock, "x-ja")
    work(world, clock, chance=1)
    second = tell(world, SECOND_NOTICE, clock, "x-ja")
    work(world, clock, chance=1)
    assert (ends(world, 1)["x-ja"], ends(world, second)["x-ja"], x.posts) == (End.WAITING, End.WAITING, [])
    clock.later(seconds=5)
    work(world, clock)
    assert [p.text[:10] for p in x.posts] == ["x-ja の投稿 1", f"x-ja の投稿 {second}"]
    assert x.posts[1].in_reply_to == x.posts[0].id


def test_after_an_hour_the_older_message_gives_way_to_the_present_state(world: World, x: Server, clock: Clock):
    x.state.always = "503"
    tell(world, FIRST, clock, "x-ja")
    work(world, clock)
    clock.later(minutes=50)
    second = tell(world, SECOND_NOTICE, clock, "x-ja")
    clock.later(minutes=15)
    x.state.always = ""
    work(world, clock)
    first = owed(world, 1)["x-ja"]
    assert (first.end, first.reason) == (End.SUPERSEDED, "stale")
    assert [p.text[:10] for p in x.posts] == [f"x-ja の投稿 {second}"]


def test_a_message_alone_never_gives_way(world: World, x: Server, clock: Clock):
    x.next("503")
    tell(world, FIRST, clock, "x-ja")
    work(world, clock)
    clock.later(hours=3)
    work(world, clock)
    assert ends(world, 1)["x-ja"] is End.SENT


def test_after_a_day_without_a_way_through_we_give_up_and_say_so(world: World, x: Server, clock: Clock):
    x.state.always = "503"
    tell(world, FIRST, clock, "x-ja")
    work(world, clock)
    clock.later(hours=25)
    work(world, clock)
    lost = owed(world, 1)["x-ja"]
    assert (lost.end, lost.reason) == (End.REFUSED, "gave_up")


def test_a_refusal_is_final_and_keeps_their_words(world: World, x: Server, clock: Clock):
    x.next("403")
    tell(world, FIRST, clock, "x-ja")
    work(world, clock)
    refused = owed(world, 1)["x-ja"]
    assert (refused.end, refused.detail) == (End.REFUSED, "403 You are not permitted to perform this action.")


def test_a_missing_answer_is_looked_at_by_a_person_and_never_sent_again(world: World, x: Server, clock: Clock):
    x.next("drop")
    tell(world, FIRST, clock, "x-ja")
    work(world, clock)
    clock.later(hours=2)
    work(world, clock)
    assert ends(world, 1)["x-ja"] is End.LOOK
    assert len(x.posts) == 1


def test_the_person_who_looked_says_it_is_there(world: World, x: Server, clock: Clock):
    x.next("drop")
    tell(world, FIRST, clock, "x-ja")
    work(world, clock)
    with world.store.begin() as tx:
        settled = deliveries.is_there(tx, owed_id(world, 1, "x-ja"), clock(), "https://x.com/fitline_jp/status/1")
    assert settled is not None
    assert (settled.end, settled.receipt.note) == (End.SENT, "seen_by_person")
    work(world, clock)
    assert len(x.posts) == 1


def test_the_person_who_looked_says_it_is_not_there_and_it_goes_out(world: World, x: Server, clock: Clock):
    x.next("cut")
    tell(world, FIRST, clock, "x-ja")
    work(world, clock)
    assert (ends(world, 1)["x-ja"], x.posts) == (End.LOOK, [])
    with world.store.begin() as tx:
        deliveries.retry(tx, owed_id(world, 1, "x-ja"), clock())
    work(world, clock)
    assert ends(world, 1)["x-ja"] is End.SENT
    assert len(x.posts) == 1


def test_old_news_is_not_sent_after_newer_news(world: World, x: Server, clock: Clock):
    x.next("cut")
    tell(world, FIRST, clock, "x-ja")
    work(world, clock)
    tell(world, SECOND_NOTICE, clock, "x-ja")
    work(world, clock)
    with world.store.begin() as tx:
        again = deliveries.retry(tx, owed_id(world, 1, "x-ja"), clock())
    assert again is not None
    assert (again.end, again.reason) == (End.SUPERSEDED, "newer_sent")


def test_broken_credentials_wait_and_go_on_when_a_worker_starts_with_better_ones(world: World, x: Server, clock: Clock):
    good = x.state.accounts
    x.state.accounts = ()
    tell(world, FIRST, clock, "x-ja")
    work(world, clock)
    held = owed(world, 1)["x-ja"]
    assert (held.end, held.reason, held.due) == (End.WAITING, "credentials", clock() + timedelta(minutes=30))
    x.state.accounts = good
    work(world, clock)  # a new worker, begun after the fix
    assert ends(world, 1)["x-ja"] is End.SENT


def test_a_channel_that_is_not_ready_waits_with_its_reason(world: World, clock: Clock):
    tell(world, FIRST, clock, "x-later", "x-gone")
    work(world, clock)
    assert {c: d.reason for c, d in owed(world, 1).items() if c != SITE} == {
        "x-later": "credentials",
        "x-gone": "no_channel",
    }


@pytest.mark.parametrize(
    ("fault", "at_least", "at_most"),
    [("429-reset", 80, 150), ("429", 1, 5), ("429-absurd", 3600, 3600), ("429-past", 1, 5), ("429-nonsense", 1, 5)],
)
def test_a_limit_is_kept_within_reason(world: World, x: Server, fault: str, at_least: int, at_most: int):
    clock = Clock(datetime.now(at("12:00").tzinfo))
    x.next(fault)
    tell(world, FIRST, clock, "x-ja")
    work(world, clock, chance=1)
    waiting = owed(world, 1)["x-ja"]
    assert waiting.reason == "rate_limited"
    assert waiting.due is not None
    assert at_least <= (waiting.due - clock()).total_seconds() <= at_most


def test_pauses_double_up_to_half_an_hour_and_chance_spreads_them():
    assert [pause_before(n, 1).total_seconds() for n in (1, 2, 3, 9, 10, 500)] == [5, 10, 20, 1280, 1800, 1800]
    assert pause_before(4, 0.25) == timedelta(seconds=10)
    assert pause_before(1, 0) == timedelta(seconds=1)


def test_what_a_dead_worker_had_in_hand_is_looked_at_but_the_site_is_written_again(
    world: World, x: Server, clock: Clock
):
    tell(world, FIRST, clock, "x-ja")
    with world.store.begin() as tx:
        deliveries.claim(tx, "dead", clock(), channel=SITE)
        deliveries.claim(tx, "dead", clock() + timedelta(seconds=15), channel="x-ja")
    work(world, clock)
    assert ends(world, 1) == {SITE: End.SENT, "x-ja": End.LOOK}
    assert owed(world, 1)["x-ja"].reason == "interrupted"
    assert x.posts == []


def test_a_worker_presumed_dead_cannot_overwrite_what_its_successor_wrote(world: World, clock: Clock):
    tell(world, FIRST, clock)
    with world.store.begin() as tx:
        mine = deliveries.claim(tx, "slow", clock(), channel=SITE)
    assert mine is not None
    work(world, clock)
    with world.store.begin() as tx:
        assert not deliveries.settle(tx, mine, End.REFUSED, at=clock(), reason="refused")
    assert ends(world, 1)[SITE] is End.SENT


def test_what_went_out_is_recorded_even_when_the_books_do_not_take_it_at_once(
    world: World, x: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("statuspage.outbox.lanes.PAUSE", 0.01)
    refusals = iter(["once", "twice"])

    def full(_raw: object, _cursor: object, statement: str, values: object, *_: object) -> None:
        if statement.startswith("UPDATE delivery") and "sent" in str(values) and next(refusals, ""):
            raise OSError(28, "No space left on device")

    event.listen(world.store.engine, "before_cursor_execute", full)
    tell(world, FIRST, clock, "x-ja")
    work(world, clock)
    assert set(ends(world, 1).values()) == {End.SENT}
    assert len(x.posts) == 1


def test_a_mistake_of_ours_on_the_way_leaves_the_message_to_be_looked_at(world: World, clock: Clock):
    broken = replace(world, channels={"x-ja": Breaks(JA)})
    tell(broken, FIRST, clock, "x-ja")
    work(broken, clock)
    assert (owed(broken, 1)["x-ja"].end, owed(broken, 1)["x-ja"].reason) == (End.LOOK, "unexpected")


def test_a_channel_that_bears_repetition_is_sent_again(world: World, clock: Clock):
    twice = Twice(JA)
    mild = replace(world, channels={"x-ja": twice})
    tell(mild, FIRST, clock, "x-ja")
    work(mild, clock, chance=1)
    clock.later(seconds=5)
    work(mild, clock)
    assert (ends(mild, 1)["x-ja"], twice.asked) == (End.SENT, 2)


def test_a_drill_writes_what_x_would_have_been_handed(
    tmp_path: Path, catalog: Catalog, static_server: SERVE, clock: Clock
):
    sandbox = channels.sandbox(JA, tmp_path / "outbox")
    address = static_server(tmp_path / "site" / "current")
    drill = world_in(tmp_path, catalog, address, {"x-ja": sandbox})
    tell(drill, FIRST, clock, "x-ja")
    work(drill, clock)
    second = tell(drill, SECOND_NOTICE, clock, "x-ja")
    work(drill, clock)
    written = [json.loads(p.read_text()) for p in sorted((tmp_path / "outbox" / "x-ja").iterdir())]
    assert [w["message"]["text"] for w in written] == [f"x-ja の投稿 {n} https://status.example/" for n in (1, second)]
    assert written[1]["message"]["in_reply_to_tweet_id"] == written[0]["id"]
    assert written[0]["url"] == f"https://x.invalid/fitline_jp/status/{ID}-1-ja"


def test_a_command_works_the_queue_itself_when_nobody_does(world: World, x: Server, clock: Clock):
    tell(world, FIRST, clock, "x-ja", "x-en")
    assert outbox.drain(world, clock=clock, patience=10)
    assert set(ends(world, 1).values()) == {End.SENT}


def test_a_command_leaves_to_others_what_has_to_be_tried_again(world: World, x: Server, clock: Clock):
    x.state.always = "503"
    tell(world, FIRST, clock, "x-ja")
    assert outbox.drain(world, clock=clock, patience=10)
    tell(world, SECOND_NOTICE, clock, "x-ja")
    assert outbox.drain(world, clock=clock, patience=10)
    assert owed(world, 1)["x-ja"].attempts == 1


def test_a_command_waits_for_the_worker_that_has_the_queue(world: World, x: Server, clock: Clock):
    stop = Event()
    worker = threading.Thread(target=outbox.run, args=(world,), kwargs={"clock": clock, "stop": stop})
    worker.start()
    try:
        wait_for(lambda: not lock_is_free(world))
        tell(world, over(), clock, "x-ja")
        assert outbox.drain(world, clock=clock, patience=10)
        assert set(ends(world, 1).values()) == {End.SENT}
    finally:
        stop.set()
        worker.join()
    assert lock_is_free(world)


def test_a_command_does_not_wait_for_ever(world: World, clock: Clock):
    tell(world, FIRST, clock)
    with hold(world.worker_lock):
        assert not outbox.drain(world, clock=clock, patience=0.2)


def test_two_workers_send_nothing_twice(world: World, x: Server, clock: Clock):
    stop = Event()
    workers = [
        threading.Thread(target=outbox.run, args=(world,), kwargs={"clock": clock, "stop": stop}) for _ in range(2)
    ]
    for worker in workers:
        worker.start()
    try:
        tell(world, FIRST, clock, "x-ja", "x-en")
        wait_for(lambda: set(ends(world, 1).values()) == {End.SENT})
    finally:
        stop.set()
        for worker in workers:
            worker.join()
    assert len(x.posts) == 2


def test_the_worker_renews_the_front(world: World, clock: Clock):
    stop = Event()
    worker = threading.Thread(target=outbox.run, args=(world,), kwargs={"clock": clock, "stop": stop})
    worker.start()
    front = world.target.current / "ja" / "index.html"
    try:
        wait_for(front.exists)
        before = front.read_bytes()
        clock.later(minutes=5)
        wait_for(lambda: front.read_bytes() != before)
    finally:
        stop.set()
        worker.join()


def lock_is_free(world: World) -> bool:
    with hold(world.worker_lock) as mine:
        return mine


def owed_id(world: World, sequence: int, channel: str) -> int:
    return owed(world, sequence)[channel].id


def wait_for(true: Callable[[], bool], patience: float = 20) -> None:
    until = time.monotonic() + patience
    while not true():
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)


class Scripted:
    """A channel of our own, for what no server can be made to do."""

    on_unsure: Literal["look", "resend"] = "look"

    def __init__(self, spec: ChannelSpec) -> None:
        self.spec = spec
        self.asked = 0

    def payload(self, words: Words) -> Mapping[str, str]:
        return {}

    def deliver(self, delivery: Delivery, parent: Receipt | None, *, readable: bool) -> Receipt:
        self.asked += 1
        return self.answer()

    def answer(self) -> Receipt:
        return Receipt("1")


class Waits(Scripted):
    def __init__(self, spec: ChannelSpec, until: Event) -> None:
        super().__init__(spec)
        self.until = until

    def answer(self) -> Receipt:
        self.until.wait(30)
        return Receipt("1")


class Breaks(Scripted):
    def answer(self) -> Receipt:
        raise ZeroDivisionError


class Twice(Scripted):
    on_unsure: Literal["look", "resend"] = "resend"

    def answer(self) -> Receipt:
        if self.asked == 1:
            raise Unsure("no_answer")
        return Receipt("1")
