"""Failures of a channel or a worker: nothing is lost or duplicated, and nothing else is delayed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from secrets import token_hex
from threading import Event

import pytest
from structlog import BoundLogger, PrintLogger, wrap_logger
from structlog.testing import LogCapture

from statuspage.domain.delivery import SITE, Delivery, Thread
from statuspage.domain.queue_item import DeliveryStatus, Receipt
from statuspage.domain.retry import ChannelHealth
from statuspage.integrations import channels
from statuspage.storage import channel_health, deliveries, delivery_lookups, incidents
from statuspage.usecases.delivery.dispatcher import WorkerRun
from statuspage.usecases.delivery.sender import DeliverySender
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.queue_loop import Lost
from tests.support.deliveries import (
    FIRST,
    ID,
    JA,
    SECOND_NOTICE,
    Breaks,
    Scripted,
    Twice,
    clock,
    deliveries_by_channel,
    ends,
    enqueue_notice,
    env,
    work,
    x,
)
from tests.support.desk import Clock
from tests.support.environments import with_changes
from tests.support.fakes.x_server import Account, Server
from tests.support.site import booking
from tests.support.times import at

__all__ = ["clock", "env", "x"]

pytestmark = pytest.mark.usefixtures("database")

OTHER = booking(("12:03", "first"), id="n5p8q2r7s4cd")


@pytest.fixture
def looked(env: Environment, x: Server) -> Iterator[Environment]:
    """The same environment, with content that leaves posts with an unknown result to a person."""
    spec = replace(JA, on_unknown_delivery="review")
    environ = Account().environ("x-ja") | {"STATUSPAGE_X_API": x.address}
    return with_changes(env, channels={**env.senders.channels, "x-ja": channels.open_live(spec, environ)})


def id_of(env: Environment, sequence: int, channel: str = "x-ja") -> int:
    return deliveries_by_channel(env, sequence)[channel].id


def again(env: Environment, id: int, clock: Clock) -> Delivery | None:
    with env.databases.environment.begin() as tx:
        return deliveries.retry_delivery(tx, id, clock())


def health_of(env: Environment, channel: str = "x-ja") -> ChannelHealth:
    with env.databases.environment.read() as tx:
        return channel_health.read_health(tx, channel)


# Unknown results


def test_a_post_whose_answer_is_lost_is_found_there_and_not_sent_again(env: Environment, x: Server, clock: Clock):
    x.next("drop")
    enqueue_notice(env, FIRST, clock, "x-ja")
    work(env, clock, chance=1)
    doubtful = deliveries_by_channel(env, 1)["x-ja"]
    assert (doubtful.status, doubtful.reason, doubtful.maybe_sent) == (DeliveryStatus.WAITING, "no_response", True)
    clock.later(seconds=5)
    work(env, clock)
    found = deliveries_by_channel(env, 1)["x-ja"]
    assert (found.status, found.receipt.note_key, found.receipt.remote_id) == (
        DeliveryStatus.DELIVERED,
        "already_there",
        x.posts[0].id,
    )
    assert (found.maybe_sent, x.count("POST /2/tweets"), len(x.posts)) == (False, 1, 1)


@pytest.mark.slow
def test_a_post_that_never_arrived_is_not_found_and_then_sent(env: Environment, x: Server, clock: Clock):
    x.next("cut")
    enqueue_notice(env, FIRST, clock, "x-ja")
    work(env, clock, chance=1)
    assert (deliveries_by_channel(env, 1)["x-ja"].maybe_sent, x.posts) == (True, [])
    clock.later(seconds=5)
    work(env, clock)
    assert (ends(env, 1)["x-ja"], len(x.posts)) == (DeliveryStatus.DELIVERED, 1)


@pytest.mark.slow
def test_while_nobody_can_look_nothing_is_repeated(env: Environment, x: Server, clock: Clock):
    x.next("drop")
    enqueue_notice(env, FIRST, clock, "x-ja")
    work(env, clock, chance=1)
    x.state.hides_posts = True
    for _ in range(3):
        clock.later(minutes=10)
        work(env, clock, chance=1)
    doubtful = deliveries_by_channel(env, 1)["x-ja"]
    assert (doubtful.status, doubtful.reason, doubtful.maybe_sent) == (DeliveryStatus.WAITING, "no_response", True)
    assert x.count("POST /2/tweets") == 1
    x.state.hides_posts = False
    clock.later(minutes=10)
    work(env, clock)
    assert (ends(env, 1)["x-ja"], len(x.posts)) == (DeliveryStatus.DELIVERED, 1)


@pytest.mark.slow
def test_when_looking_was_in_vain_for_a_day_a_person_has_to(env: Environment, x: Server, clock: Clock):
    x.next("drop")
    enqueue_notice(env, FIRST, clock, "x-ja")
    x.state.hides_posts = True
    for _ in range(6):
        work(env, clock, chance=1)
        clock.later(hours=5)
    assert (ends(env, 1)["x-ja"], len(x.posts)) == (DeliveryStatus.NEEDS_REVIEW, 1)


@pytest.mark.slow
def test_words_like_another_notices_wait_for_their_own_link(env: Environment, x: Server, clock: Clock):
    enqueue_notice(env, FIRST, clock, "x-ja")
    work(env, clock)
    there = x.posts[0].text
    second = like(env, clock, {"text": f"{there}2", "plain": there})
    work(env, clock)
    waits = deliveries_by_channel(env, second)["x-ja"]
    assert (waits.status, waits.reason, waits.receipt.note_key, len(x.posts)) == (
        DeliveryStatus.WAITING,
        "same_text_elsewhere",
        "",
        1,
    )
    with env.databases.environment.begin() as tx:
        deliveries.enqueue_deliveries(tx, ID, second, [deliveries.NewDelivery(SITE, "", {})], clock())
    work(env, clock)
    clock.later(minutes=10)
    work(env, clock)
    assert (ends(env, second)["x-ja"], [post.text for post in x.posts]) == (
        DeliveryStatus.DELIVERED,
        [there, f"{there}2"],
    )


def test_without_a_link_to_tell_them_apart_the_other_post_has_told_it(env: Environment, x: Server, clock: Clock):
    enqueue_notice(env, FIRST, clock, "x-ja")
    work(env, clock)
    there = x.posts[0].text
    second = like(env, clock, {"text": there, "plain": there})
    work(env, clock)
    delivery = deliveries_by_channel(env, second)["x-ja"]
    assert (delivery.status, delivery.receipt.note_key, delivery.receipt.remote_id, len(x.posts)) == (
        DeliveryStatus.DELIVERED,
        "posted_by_other_notice",
        "",
        1,
    )
    assert delivery.receipt.url.endswith(x.posts[0].id)
    third = like(env, clock, {"text": "三つ目", "plain": "三つ目"})
    work(env, clock)
    assert (ends(env, third)["x-ja"], x.posts[-1].in_reply_to) == (DeliveryStatus.DELIVERED, x.posts[0].id)


@pytest.mark.slow
def test_what_something_newer_stands_below_no_longer_tells_it(env: Environment, x: Server, clock: Clock):
    enqueue_notice(env, FIRST, clock, "x-ja")
    work(env, clock)
    there = x.posts[0].text
    for words in ("続き", there):
        last = like(env, clock, {"text": words, "plain": words})
        work(env, clock)
    refused = deliveries_by_channel(env, last)["x-ja"]
    assert (refused.status, refused.reason, len(x.posts)) == (DeliveryStatus.FAILED, "same_text", 2)


@pytest.mark.slow
def test_another_notices_post_of_the_same_text_is_not_taken_for_this_one(env: Environment, x: Server, clock: Clock):
    enqueue_notice(env, FIRST, clock, "x-ja")
    work(env, clock)
    there = x.posts[0].text
    x.next("cut")
    second = like(env, clock, {"text": there, "plain": there})
    work(env, clock, chance=1)
    clock.later(seconds=5)
    work(env, clock, chance=1)
    delivery = deliveries_by_channel(env, second)["x-ja"]
    assert (delivery.status, delivery.receipt.note_key, delivery.receipt.remote_id, len(x.posts)) == (
        DeliveryStatus.DELIVERED,
        "posted_by_other_notice",
        "",
        1,
    )


def like(env: Environment, clock: Clock, payload: Mapping[str, str]) -> int:
    """Another notice with this payload, while its page is not ready yet."""
    newest = SECOND_NOTICE.notices[-1].notice
    with env.databases.environment.begin() as tx:
        delivery = replace(newest, key=token_hex(8))
        sequence = incidents.append_entry(tx, ID, delivery, happened=clock(), recorded=clock())
        deliveries.enqueue_deliveries(tx, ID, sequence, [deliveries.NewDelivery("x-ja", "ja", payload)], clock())
    return sequence


def test_where_the_content_says_look_a_missing_answer_waits_for_a_person(looked: Environment, x: Server, clock: Clock):
    x.next("drop")
    enqueue_notice(looked, FIRST, clock, "x-ja")
    work(looked, clock)
    clock.later(hours=2)
    work(looked, clock)
    assert ends(looked, 1)["x-ja"] is DeliveryStatus.NEEDS_REVIEW
    assert len(x.posts) == 1


def test_the_person_who_looked_says_it_is_there(looked: Environment, x: Server, clock: Clock):
    x.next("drop")
    enqueue_notice(looked, FIRST, clock, "x-ja")
    work(looked, clock)
    with looked.databases.environment.begin() as tx:
        settled = deliveries.confirm_delivered(tx, id_of(looked, 1), clock(), "https://x.com/fitline_jp/status/1")
    assert settled is not None
    assert (settled.status, settled.receipt.note_key, settled.maybe_sent) == (
        DeliveryStatus.DELIVERED,
        "confirmed_by_person",
        False,
    )
    work(looked, clock)
    assert len(x.posts) == 1


@pytest.mark.slow
def test_the_person_who_looked_says_it_is_not_there_and_it_goes_out(looked: Environment, x: Server, clock: Clock):
    x.next("cut")
    enqueue_notice(looked, FIRST, clock, "x-ja")
    work(looked, clock)
    assert (ends(looked, 1)["x-ja"], x.posts) == (DeliveryStatus.NEEDS_REVIEW, [])
    again(looked, id_of(looked, 1), clock)
    work(looked, clock)
    assert (ends(looked, 1)["x-ja"], len(x.posts)) == (DeliveryStatus.DELIVERED, 1)


@pytest.mark.slow
def test_old_news_is_not_sent_after_newer_news(looked: Environment, x: Server, clock: Clock):
    x.next("cut")
    enqueue_notice(looked, FIRST, clock, "x-ja")
    work(looked, clock)
    enqueue_notice(looked, SECOND_NOTICE, clock, "x-ja")
    work(looked, clock)
    repeated = again(looked, id_of(looked, 1), clock)
    assert repeated is not None
    assert (repeated.status, repeated.reason) == (DeliveryStatus.SUPERSEDED, "newer_delivered")


@pytest.mark.slow
def test_a_channel_that_bears_repetition_is_sent_again(env: Environment, clock: Clock):
    twice = Twice(JA)
    mild = with_changes(env, channels={"x-ja": twice})
    enqueue_notice(mild, FIRST, clock, "x-ja")
    work(mild, clock, chance=1)
    clock.later(seconds=5)
    work(mild, clock)
    assert (ends(mild, 1)["x-ja"], twice.asked) == (DeliveryStatus.DELIVERED, 2)


def test_a_mistake_of_ours_on_the_way_leaves_the_message_to_be_looked_at(env: Environment, clock: Clock):
    broken = with_changes(env, channels={"x-ja": Breaks(JA)})
    enqueue_notice(broken, FIRST, clock, "x-ja")
    work(broken, clock)
    assert (deliveries_by_channel(broken, 1)["x-ja"].status, deliveries_by_channel(broken, 1)["x-ja"].reason) == (
        DeliveryStatus.NEEDS_REVIEW,
        "unexpected",
    )


# A dead worker


def test_what_a_dead_worker_had_in_hand_is_looked_for_and_the_site_is_written_again(
    env: Environment, x: Server, clock: Clock
):
    enqueue_notice(env, FIRST, clock, "x-ja")
    left_in_hand(env, clock)
    work(env, clock)
    assert ends(env, 1) == {SITE: DeliveryStatus.DELIVERED, "x-ja": DeliveryStatus.DELIVERED}
    assert (len(x.posts), x.count("GET /2/users/me")) == (1, 1)


def test_where_the_content_says_look_what_a_dead_worker_had_in_hand_waits_for_a_person(
    looked: Environment, x: Server, clock: Clock
):
    enqueue_notice(looked, FIRST, clock, "x-ja")
    left_in_hand(looked, clock)
    work(looked, clock)
    assert ends(looked, 1) == {SITE: DeliveryStatus.DELIVERED, "x-ja": DeliveryStatus.NEEDS_REVIEW}
    assert (deliveries_by_channel(looked, 1)["x-ja"].reason, x.posts) == ("interrupted", [])


def left_in_hand(env: Environment, clock: Clock) -> None:
    with env.databases.environment.begin() as tx:
        deliveries.claim_delivery(tx, "dead", clock(), channel=SITE)
        deliveries.claim_delivery(tx, "dead", clock() + timedelta(seconds=15), channel="x-ja")


def test_an_owner_is_judged_by_its_lock_and_not_by_the_time_it_takes(env: Environment, x: Server, clock: Clock):
    enqueue_notice(env, FIRST, clock, "x-ja")
    worker_run = WorkerRun(DeliverySender(env, clock, lambda: 0.5), "slow", Event())
    worker_run.begin()
    with env.databases.environment.begin() as tx:
        deliveries.claim_delivery(tx, "slow", clock(), channel=SITE)
    clock.later(hours=30)
    worker_run.start_deliveries()
    worker_run.finish()
    assert ends(env, 1)[SITE] is DeliveryStatus.SENDING


def test_a_worker_presumed_dead_sends_nothing_more(env: Environment, x: Server, clock: Clock):
    enqueue_notice(env, FIRST, clock, "x-ja")
    clock.later(seconds=15)
    with env.databases.environment.begin() as tx:
        mine = deliveries.claim_delivery(tx, "slow", clock(), channel="x-ja")
        deliveries.recover_abandoned(tx, "slow", (), clock())
    assert mine is not None
    with pytest.raises(Lost):
        DeliverySender(env, clock, lambda: 0.5).send_to_channel(mine)
    assert x.posts == []


# An unhealthy channel


def test_after_three_failures_a_channel_is_asked_with_one_message_and_then_told_the_rest(
    env: Environment, x: Server, clock: Clock
):
    x.state.always = "503"
    enqueue_notice(env, FIRST, clock, "x-ja")
    enqueue_notice(env, OTHER, clock, "x-ja")
    for _ in range(2):
        work(env, clock, chance=1)
        clock.later(seconds=10)
    assert health_of(env).failures >= 3
    clock.later(minutes=5)
    asked = x.count("POST /2/tweets")
    work(env, clock, chance=1)
    assert x.count("POST /2/tweets") == asked + 1, "one message tries, the others wait"
    x.state.always = ""
    clock.later(minutes=5)
    work(env, clock)
    assert (len(x.posts), health_of(env)) == (2, ChannelHealth("x-ja"))


@pytest.mark.slow
def test_what_waits_for_its_channel_says_so_and_no_command_waits_for_it(env: Environment, x: Server, clock: Clock):
    x.state.always = "503"
    enqueue_notice(env, FIRST, clock, "x-ja")
    for _ in range(3):
        work(env, clock, chance=1)
        clock.later(minutes=3)
    asked = x.count("POST /2/tweets")
    with env.databases.environment.begin() as tx:
        channel_health.save_health(tx, replace(health_of(env), closed_until=clock() + timedelta(minutes=5)))
    enqueue_notice(env, OTHER, clock, "x-ja")
    work(env, clock, chance=1)
    with env.databases.environment.read() as tx:
        (new,) = (d for d in deliveries.deliveries_of_incident(tx, OTHER.id) if d.channel == "x-ja")
        assert delivery_lookups.count_untried(tx) == 0
    assert (new.status, new.attempts, new.reason, new.retry_at) == (
        DeliveryStatus.WAITING,
        0,
        "channel_down",
        clock() + timedelta(minutes=5),
    )
    assert x.count("POST /2/tweets") == asked


def test_a_restart_does_not_forget_that_a_channel_is_in_trouble(env: Environment, x: Server, clock: Clock):
    x.state.always = "503"
    enqueue_notice(env, FIRST, clock, "x-ja")
    for _ in range(3):
        work(env, clock, chance=1)  # each is a new worker
        clock.later(seconds=11)
    asked, rests = x.count("POST /2/tweets"), health_of(env)
    assert rests.is_resting(clock())
    work(env, clock)
    assert x.count("POST /2/tweets") == asked


def test_one_channels_trouble_is_not_anothers(env: Environment, x: Server, clock: Clock):
    for _ in range(3):
        with env.databases.environment.begin() as tx:
            channel_health.save_health(
                tx, ChannelHealth("x-ja", 5, clock(), clock() + timedelta(minutes=5), clock(), "channel_down")
            )
    enqueue_notice(env, FIRST, clock, "x-ja", "x-en")
    work(env, clock)
    assert [p.username for p in x.posts] == ["fitline_en"]


@pytest.mark.slow
def test_a_message_that_breaks_our_own_program_does_not_close_the_channel(env: Environment, clock: Clock):
    picky = BreaksAtFirst(JA)
    broken = with_changes(env, channels={"x-ja": picky})
    enqueue_notice(broken, FIRST, clock, "x-ja")
    enqueue_notice(broken, OTHER, clock, "x-ja")
    work(broken, clock)
    assert health_of(broken) == ChannelHealth("x-ja")
    with broken.databases.environment.read() as tx:
        (other,) = (d for d in deliveries.deliveries_of_incident(tx, OTHER.id) if d.channel == "x-ja")
    assert other.status is DeliveryStatus.DELIVERED


class BreaksAtFirst(Scripted):
    def deliver(self, delivery: Delivery, thread: Thread | None, *, page_readable: bool) -> Receipt:
        if delivery.incident == ID:
            raise ZeroDivisionError
        return self.answer()


@pytest.mark.parametrize(
    ("fault", "at_least", "at_most"),
    [
        ("429-reset", 80, 150),
        ("429", 1, 5),
        ("429-absurd", 3600, 3600),
        ("429-past", 1, 5),
        ("429-nonsense", 1, 5),
        ("429-after", 45, 45),
        ("429-date", 60, 60),
        ("429-negative", 1, 5),
        ("503-after", 45, 45),
    ],
)
def test_a_limit_is_kept_within_reason_and_holds_for_the_whole_channel(
    env: Environment, x: Server, fault: str, at_least: int, at_most: int
):
    clock = Clock(datetime.now(at("12:00").tzinfo))
    x.next(fault)
    enqueue_notice(env, FIRST, clock, "x-ja")
    work(env, clock, chance=1)
    waiting = deliveries_by_channel(env, 1)["x-ja"]
    assert waiting.reason == ("channel_down" if fault.startswith("503") else "rate_limited")
    assert waiting.retry_at is not None
    assert at_least <= (waiting.retry_at - clock()).total_seconds() <= at_most
    assert health_of(env).is_resting(clock()) == (at_least > 5)


def test_broken_credentials_raise_one_alarm_and_keep_the_queue(
    env: Environment, x: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    heard = LogCapture()
    log = wrap_logger(PrintLogger(), processors=[heard], wrapper_class=BoundLogger)  # whatever others have configured
    monkeypatch.setattr("statuspage.usecases.delivery.dispatcher._log", log)
    x.state.accounts = ()
    enqueue_notice(env, FIRST, clock, "x-ja")
    enqueue_notice(env, OTHER, clock, "x-ja")
    work(env, clock)
    for _ in range(3):
        clock.later(minutes=31)
        work(env, clock)
    alarms = [line for line in heard.entries if line["event"] == "channel needs attention"]
    assert [(line["log_level"], line["channel"], line["reason"]) for line in alarms] == [
        ("error", "x-ja", "credentials")
    ]
    assert health_of(env).needs_person
    with env.databases.environment.read() as tx:
        waiting = [d for d in deliveries.unsettled_deliveries(tx) if d.channel == "x-ja"]
    assert [(d.status, d.reason) for d in waiting] == [(DeliveryStatus.WAITING, "credentials")] * 2


def test_after_the_fix_a_worker_that_starts_sends_what_was_kept_once(env: Environment, x: Server, clock: Clock):
    good, x.state.accounts = x.state.accounts, ()
    enqueue_notice(env, FIRST, clock, "x-ja")
    enqueue_notice(env, OTHER, clock, "x-ja")
    work(env, clock)
    x.state.accounts = good
    work(env, clock)  # a new worker, started after the fix
    work(env, clock)
    assert (len(x.posts), health_of(env)) == (2, ChannelHealth("x-ja"))


@pytest.mark.slow
def test_after_the_fix_a_person_says_try_again_and_the_same_worker_goes_on(env: Environment, x: Server, clock: Clock):
    good, x.state.accounts = x.state.accounts, ()
    enqueue_notice(env, FIRST, clock, "x-ja")
    enqueue_notice(env, OTHER, clock, "x-ja")
    work(env, clock)
    x.state.accounts = good
    again(env, id_of(env, 1), clock)
    worker_run = WorkerRun(DeliverySender(env, clock, lambda: 0.5), "worker", Event())
    for _ in range(3):  # no start: this worker has been running all along
        worker_run.start_deliveries()
        while not worker_run.is_idle:
            pass
    worker_run.finish()
    assert (len(x.posts), health_of(env)) == (2, ChannelHealth("x-ja"))


def test_after_the_fix_on_the_other_side_it_goes_on_within_half_an_hour_by_itself(
    env: Environment, x: Server, clock: Clock
):
    x.next("402")
    enqueue_notice(env, FIRST, clock, "x-ja")
    work(env, clock)
    assert (deliveries_by_channel(env, 1)["x-ja"].reason, x.posts) == ("credits", [])
    clock.later(minutes=30)
    worker_run = WorkerRun(DeliverySender(env, clock, lambda: 0.5), "worker", Event())
    worker_run.start_deliveries()
    while not worker_run.is_idle:
        pass
    worker_run.finish()
    assert len(x.posts) == 1


@pytest.mark.slow
def test_a_channel_that_is_not_ready_waits_with_its_reason(env: Environment, clock: Clock):
    enqueue_notice(env, FIRST, clock, "x-later", "x-gone")
    work(env, clock)
    assert {c: d.reason for c, d in deliveries_by_channel(env, 1).items() if c != SITE} == {
        "x-later": "credentials",
        "x-gone": "no_channel",
    }


# Hours without a connection


@pytest.mark.slow
def test_after_an_hour_the_older_message_gives_way_to_the_present_state(env: Environment, x: Server, clock: Clock):
    x.state.always = "503"
    enqueue_notice(env, FIRST, clock, "x-ja")
    work(env, clock)
    clock.later(minutes=50)
    second = enqueue_notice(env, SECOND_NOTICE, clock, "x-ja")
    clock.later(minutes=15)
    x.state.always = ""
    work(env, clock)
    first = deliveries_by_channel(env, 1)["x-ja"]
    assert (first.status, first.reason) == (DeliveryStatus.SUPERSEDED, "stale")
    assert [p.text[:10] for p in x.posts] == [f"x-ja の投稿 {second}"]


@pytest.mark.slow
def test_after_three_hours_of_silence_only_the_newest_of_nine_goes_out(env: Environment, x: Server, clock: Clock):
    x.state.always = "503"
    enqueue_notice(env, FIRST, clock, "x-ja")
    numbers = []
    for _ in range(8):
        clock.later(minutes=22)
        numbers.append(enqueue_notice(env, SECOND_NOTICE, clock, "x-ja"))
        work(env, clock)
    x.state.always = ""
    clock.later(minutes=6)
    work(env, clock)
    assert [p.text[:11].strip() for p in x.posts] == [f"x-ja の投稿 {numbers[-1]}"]
    assert {ends(env, n)["x-ja"] for n in (1, *numbers[:-1])} == {DeliveryStatus.SUPERSEDED}


def test_what_may_have_gone_out_does_not_give_way_but_is_looked_at(env: Environment, x: Server, clock: Clock):
    x.next("drop")
    enqueue_notice(env, FIRST, clock, "x-ja")
    x.state.hides_posts = True
    work(env, clock)
    clock.later(minutes=61)
    enqueue_notice(env, SECOND_NOTICE, clock, "x-ja")
    work(env, clock)
    first = deliveries_by_channel(env, 1)["x-ja"]
    assert (first.status, first.reason) == (DeliveryStatus.NEEDS_REVIEW, "no_response")


def test_a_message_alone_never_gives_way(env: Environment, x: Server, clock: Clock):
    x.next("503")
    enqueue_notice(env, FIRST, clock, "x-ja")
    work(env, clock)
    clock.later(hours=3)
    work(env, clock)
    assert ends(env, 1)["x-ja"] is DeliveryStatus.DELIVERED


def test_after_a_day_without_a_way_through_we_give_up_and_say_so(env: Environment, x: Server, clock: Clock):
    x.state.always = "503"
    enqueue_notice(env, FIRST, clock, "x-ja")
    for _ in range(6):
        work(env, clock)
        clock.later(hours=5)
    lost = deliveries_by_channel(env, 1)["x-ja"]
    assert (lost.status, lost.reason) == (DeliveryStatus.FAILED, "gave_up")


# The clock


def test_a_clock_set_back_by_two_hours_keeps_nothing_waiting(env: Environment, x: Server, clock: Clock):
    x.next("503")
    enqueue_notice(env, FIRST, clock, "x-ja")
    work(env, clock, chance=1)
    clock.later(hours=-2)
    enqueue_notice(env, OTHER, clock, "x-en")
    work(env, clock)
    assert sorted(p.username for p in x.posts) == ["fitline_en", "fitline_jp"]


def test_a_clock_set_forward_by_two_hours_repeats_nothing(env: Environment, x: Server, clock: Clock):
    enqueue_notice(env, FIRST, clock, "x-ja", "x-en")
    work(env, clock)
    clock.later(hours=2)
    work(env, clock)
    assert len(x.posts) == 2


@pytest.mark.slow
def test_order_is_that_of_the_notices_also_when_the_clock_was_set_back_between_them(
    env: Environment, x: Server, clock: Clock
):
    enqueue_notice(env, FIRST, clock, "x-ja")
    clock.later(hours=-2)
    second = enqueue_notice(env, SECOND_NOTICE, clock, "x-ja")
    work(env, clock)
    assert [p.text[:11].strip() for p in x.posts] == ["x-ja の投稿 1", f"x-ja の投稿 {second}"]
