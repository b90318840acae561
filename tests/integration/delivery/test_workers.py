"""Who works through the queue: one worker on a SQLite file, any number on PostgreSQL."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Event

import pytest
from sqlalchemy import update
from sqlalchemy.exc import DBAPIError

from statuspage.domain.delivery import SITE
from statuspage.domain.queue_item import DeliveryStatus
from statuspage.storage import deliveries
from statuspage.storage.tables import delivery
from statuspage.usecases import delivery as delivery_queue
from statuspage.usecases.delivery import worker as worker_module
from statuspage.usecases.delivery.dispatcher import NamedThreads, WorkerRun
from statuspage.usecases.delivery.draining import POLL_SECONDS
from statuspage.usecases.delivery.sender import DeliverySender
from statuspage.usecases.delivery.worker import SUMMARY_AT_REST, SUMMARY_EVERY, PeriodicTimer
from statuspage.usecases.delivery.worker_lock import hold_lock, worker_lock
from statuspage.usecases.environment import shared_status
from statuspage.usecases.environment.model import Environment
from tests.support.deliveries import (
    FIRST,
    SECOND_NOTICE,
    clock,
    deliveries_by_channel,
    ends,
    enqueue_notice,
    env,
    lock_is_free,
    wait_for,
    x,
)
from tests.support.desk import Clock
from tests.support.fakes.x_server import Server
from tests.support.site import booking, over

__all__ = ["clock", "env", "x"]


def test_a_command_waits_for_the_worker_that_has_the_queue(env: Environment, x: Server, clock: Clock):
    stop = Event()
    worker = threading.Thread(target=delivery_queue.run, args=(env,), kwargs={"clock": clock, "stop": stop})
    worker.start()
    try:
        wait_for(lambda: not lock_is_free(env))
        enqueue_notice(env, over(), clock, "x-ja")
        assert delivery_queue.drain(env, clock=clock, patience=10)
        assert set(ends(env, 1).values()) == {DeliveryStatus.DELIVERED}
    finally:
        stop.set()
        worker.join()
    assert lock_is_free(env)


def test_a_command_does_not_wait_for_ever(env: Environment, clock: Clock):
    enqueue_notice(env, FIRST, clock)
    with hold_lock(env.worker_lock):
        assert not delivery_queue.drain(env, clock=clock, patience=0.2)


def test_nobody_else_on_the_machine_can_open_the_lock_of_the_worker(env: Environment):
    env.worker_lock.touch()
    env.worker_lock.chmod(0o644)
    with hold_lock(env.worker_lock) as is_ours:
        assert is_ours
        assert env.worker_lock.stat().st_mode & 0o007 == 0


def test_a_command_leaves_the_rest_to_the_worker_once_enough_is_done(env: Environment, clock: Clock) -> None:
    enqueue_notice(env, FIRST, clock)
    answers = iter((False, True))
    with hold_lock(env.worker_lock):
        assert not delivery_queue.drain(env, clock=clock, patience=60, is_enough=lambda: next(answers))
        assert next(answers, None) is None, "it has been asked until it was enough"
        assert delivery_queue.has_other_worker(env, clock())
    assert not delivery_queue.has_other_worker(env, clock())


def test_without_a_worker_a_command_sends_everything_itself(env: Environment, x: Server, clock: Clock) -> None:
    enqueue_notice(env, FIRST, clock, "x-ja")
    assert delivery_queue.drain(env, clock=clock, patience=10, is_enough=lambda: True)
    assert set(ends(env, 1).values()) == {DeliveryStatus.DELIVERED}


def test_on_a_file_a_worker_that_is_not_to_wait_ends_at_once(env: Environment, clock: Clock) -> None:
    with hold_lock(env.worker_lock):
        assert not delivery_queue.run(env, clock=clock, stop=Event(), wait=False)


@contextmanager
def workers(env: Environment, count: int) -> Iterator[None]:
    """Runs this many workers."""
    stop = Event()
    clock = lambda: datetime.now(UTC)  # noqa: E731 - one line
    how = {"clock": clock, "stop": stop}
    threads = [threading.Thread(target=delivery_queue.run, args=(env,), kwargs=how) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@pytest.mark.usefixtures("on_postgresql")
def test_three_workers_share_thirty_messages_and_send_each_once(env: Environment, x: Server) -> None:
    now = Clock(datetime.now(UTC))
    incidents = [booking(("12:03", "first"), id=f"n5p8q2r7s{n:03d}") for n in range(15)]
    for incident in incidents:
        enqueue_notice(env, incident, now, "x-ja", "x-en")
    with workers(env, 3):
        wait_for(lambda: len(x.posts) == 30 and not unsettled(env), 60)
    assert len({(p.username, p.text) for p in x.posts}) == 30


def unsettled(env: Environment) -> bool:
    with env.databases.environment.read() as tx:
        return bool(deliveries.unsettled_deliveries(tx))


@pytest.mark.usefixtures("on_postgresql")
def test_a_worker_that_is_there_keeps_what_it_has_in_hand_however_long_it_takes(env: Environment, clock: Clock) -> None:
    enqueue_notice(env, FIRST, clock)
    with worker_lock(env) as slow:
        assert slow is not None
        with env.databases.environment.begin() as tx:
            deliveries.claim_delivery(tx, slow.owner, clock(), channel=SITE)
        clock.later(hours=30)
        look(env, clock)
        assert ends(env, 1)[SITE] is DeliveryStatus.SENDING
    look(env, clock)
    assert ends(env, 1)[SITE] is not DeliveryStatus.SENDING


def look(env: Environment, clock: Clock) -> None:
    """Another worker checks the queue once."""
    worker_run = WorkerRun(DeliverySender(env, clock, lambda: 0.5), "another", Event())
    worker_run.start_deliveries()
    worker_run.finish()


@pytest.mark.usefixtures("on_postgresql")
def test_one_whose_line_was_cut_is_missed_for_a_while_before_its_work_is_taken(
    env: Environment, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("statuspage.usecases.delivery.dispatcher.ABSENT", 0.5)
    enqueue_notice(env, FIRST, clock)
    with env.databases.environment.begin() as tx:
        deliveries.claim_delivery(tx, "cut", clock(), channel=SITE)
    worker_run = WorkerRun(DeliverySender(env, clock, lambda: 0.5), "another", Event())
    worker_run.begin()
    with env.databases.environment.hold_presence("cut"):  # it is back
        time.sleep(0.6)
        worker_run.start_deliveries()
        assert deliveries_by_channel(env, 1)[SITE].owner == "cut"
    worker_run.start_deliveries()
    assert deliveries_by_channel(env, 1)[SITE].owner == "cut"
    time.sleep(0.6)
    worker_run.start_deliveries()
    wait_for(lambda: ends(env, 1)[SITE] is DeliveryStatus.DELIVERED)
    worker_run.finish()


@pytest.mark.usefixtures("on_postgresql")
def test_a_lock_lost_with_the_servers_line_is_taken_again_under_the_same_name(env: Environment) -> None:
    with env.databases.environment.hold_presence("me") as line:
        with env.databases.environment.begin() as tx:
            tx.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = "
                "(hashtext('me')::bigint & 4294967295)::oid"
            )
        wait_for(lambda: env.databases.environment.find_absent(["me"]) == ("me",))
        with pytest.raises(DBAPIError):
            line.renew()
        line.renew()
        assert env.databases.environment.find_absent(["me"]) == ()
    assert env.databases.environment.find_absent(["me"]) == ("me",)


@pytest.fixture
def only_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that polls too rarely for any test."""
    monkeypatch.setattr("statuspage.usecases.delivery.worker.IDLE_POLL", timedelta(days=1))


@contextmanager
def one_called(env: Environment) -> Iterator[None]:
    """Such a worker, once it has polled and listens."""
    stop = Event()
    worker = threading.Thread(target=delivery_queue.run, args=(env,), kwargs={"clock": real, "stop": stop})
    worker.start()
    try:
        wait_for(lambda: bool(lines(env)))
        time.sleep(2 * POLL_SECONDS)
        yield
    finally:
        stop.set()
        worker.join()


@pytest.mark.usefixtures("only_called")
def test_on_a_file_a_worker_sees_what_another_process_has_queued(env: Environment, x: Server) -> None:
    """As far as SQLite is concerned: through another connection."""
    stop = Event()
    worker = threading.Thread(target=delivery_queue.run, args=(env,), kwargs={"clock": real, "stop": stop})
    worker.start()
    try:
        wait_for(lambda: not lock_is_free(env))
        time.sleep(2 * POLL_SECONDS)
        for story in (FIRST, SECOND_NOTICE):
            sequence = enqueue_notice(env, story, Clock(real()), "x-ja")
            wait_for(lambda sequence=sequence: set(ends(env, sequence).values()) == {DeliveryStatus.DELIVERED})
    finally:
        stop.set()
        worker.join()


def test_on_a_file_a_commit_of_anybody_is_seen_once(env: Environment, clock: Clock) -> None:
    stop = Event()
    with env.databases.environment.hold_presence("me") as presence:
        assert presence.wait_for_work(0.01, stop), "whoever has just come looks first"
        assert not presence.wait_for_work(0.01, stop)
        enqueue_notice(env, FIRST, clock)
        assert presence.wait_for_work(60, stop)
        assert not presence.wait_for_work(0.01, stop)
        with env.databases.environment.read() as tx:
            deliveries.due_channels(tx, clock())
        assert not presence.wait_for_work(0.01, stop), "reading is no change"


def real() -> datetime:
    return datetime.now(UTC)


def lines(env: Environment) -> list[int]:
    """The server processes behind the connections on which workers listen."""
    with env.databases.environment.read() as tx:
        found = tx.exec_driver_sql(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 "
            "AND classid = (hashtext('statuspage worker')::bigint & 4294967295)::oid"
        )
        return list(found.scalars())


@pytest.mark.usefixtures("on_postgresql", "only_called")
def test_on_postgresql_a_worker_is_called_as_soon_as_something_is_owed(env: Environment, x: Server) -> None:
    with one_called(env):
        for story in (FIRST, SECOND_NOTICE):
            sequence = enqueue_notice(env, story, Clock(real()), "x-ja")
            wait_for(lambda sequence=sequence: set(ends(env, sequence).values()) == {DeliveryStatus.DELIVERED})


@pytest.mark.usefixtures("on_postgresql", "only_called")
def test_a_worker_whose_line_was_cut_listens_on_a_new_one(env: Environment, x: Server) -> None:
    with one_called(env):
        (old,) = lines(env)
        with env.databases.environment.begin() as tx:
            tx.exec_driver_sql(f"SELECT pg_terminate_backend({old})")
        enqueue_notice(env, FIRST, Clock(real()), "x-ja")
        wait_for(lambda: set(ends(env, 1).values()) == {DeliveryStatus.DELIVERED})
        assert old not in lines(env)


@pytest.mark.usefixtures("on_postgresql")
def test_a_call_that_came_while_nobody_listened_is_taken_for_one(env: Environment, clock: Clock) -> None:
    stop = Event()
    with env.databases.environment.hold_presence("me") as line:
        assert line.wait_for_work(0.01, stop), "whoever has just come looks first"
        assert not line.wait_for_work(0.01, stop)
        enqueue_notice(env, FIRST, clock)
        assert line.wait_for_work(5, stop)
        assert not line.wait_for_work(0.01, stop)
        line.release()
        assert line.wait_for_work(0.01, stop), "without a line it looks by itself"
        line.renew()
        assert line.wait_for_work(0.01, stop)
        assert not line.wait_for_work(0.01, stop)


@pytest.mark.usefixtures("on_postgresql")
def test_what_is_due_later_is_started_then_though_nobody_calls_again(env: Environment, clock: Clock) -> None:
    enqueue_notice(env, FIRST, clock, "x-ja")
    worker_run = WorkerRun(DeliverySender(env, clock, lambda: 0.5), "worker", Event())
    with env.databases.environment.begin() as tx:
        tx.execute(update(delivery).values(retry_at=clock() + timedelta(seconds=40)))
    worker_run.start_deliveries()
    assert not worker_run.expects_work(clock.later(seconds=39))
    assert worker_run.expects_work(clock.later(seconds=1))
    worker_run.finish()


def test_six_kinds_of_background_work_run_beside_each_other(env: Environment) -> None:
    threads, together = NamedThreads.without_claims(env), threading.Barrier(6)

    def meet() -> None:
        together.wait(10)

    for name in ("front", "forget", "sweep", "retention", "rosters", "issues"):
        threads.start(name, meet)
    threads.shut_down()
    assert not together.broken


@pytest.mark.parametrize("ends", ["skipped", "failed"])
def test_a_summary_that_was_not_written_is_tried_again_within_a_second(
    env: Environment, clock: Clock, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    def refresh(*args: object, **named: object) -> bool:
        if ends == "failed":
            raise OSError("the disk is full")
        return False

    def is_due() -> bool:
        return timer.is_due("summary", SUMMARY_EVERY, clock.later(seconds=2), at_rest=SUMMARY_AT_REST)

    timer = PeriodicTimer()
    assert is_due()
    worker_module._refresh_summary(env, timer, clock())
    assert not is_due(), "the control: one that was written rests"
    monkeypatch.setattr(shared_status, "refresh_status", refresh)
    worker_module._refresh_summary(env, timer, clock())
    assert is_due()
