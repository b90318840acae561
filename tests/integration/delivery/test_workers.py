"""Who works through the queue: one worker where the books are a file, any number where they are on PostgreSQL."""

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

from statuspage.domain.delivery import SITE, DeliveryStatus
from statuspage.storage import deliveries
from statuspage.storage.tables.environment import delivery
from statuspage.usecases import delivery as delivery_queue
from statuspage.usecases.delivery.dispatcher import WorkerRun
from statuspage.usecases.delivery.sender import DeliverySender
from statuspage.usecases.delivery.worker import POLL_SECONDS
from statuspage.usecases.delivery.worker_lock import hold_lock, worker_lock
from statuspage.usecases.environment.model import Environment
from tests.support.deliveries import (
    FIRST,
    SECOND_NOTICE,
    Clock,
    clock,
    ends,
    lock_is_free,
    owed,
    tell,
    wait_for,
    world,
    x,
)
from tests.support.fakes.x_server import Server
from tests.support.site import booking, over

__all__ = ["clock", "world", "x"]


def test_a_command_waits_for_the_worker_that_has_the_queue(world: Environment, x: Server, clock: Clock):
    stop = Event()
    worker = threading.Thread(target=delivery_queue.run, args=(world,), kwargs={"clock": clock, "stop": stop})
    worker.start()
    try:
        wait_for(lambda: not lock_is_free(world))
        tell(world, over(), clock, "x-ja")
        assert delivery_queue.drain(world, clock=clock, patience=10)
        assert set(ends(world, 1).values()) == {DeliveryStatus.DELIVERED}
    finally:
        stop.set()
        worker.join()
    assert lock_is_free(world)


def test_a_command_does_not_wait_for_ever(world: Environment, clock: Clock):
    tell(world, FIRST, clock)
    with hold_lock(world.worker_lock):
        assert not delivery_queue.drain(world, clock=clock, patience=0.2)


def test_on_a_file_a_worker_that_is_not_to_wait_ends_at_once(world: Environment, clock: Clock) -> None:
    with hold_lock(world.worker_lock):
        assert not delivery_queue.run(world, clock=clock, stop=Event(), wait=False)


@contextmanager
def workers(world: Environment, count: int) -> Iterator[None]:
    """So many of them at work."""
    stop = Event()
    clock = lambda: datetime.now(UTC)  # noqa: E731
    how = {"clock": clock, "stop": stop}
    threads = [threading.Thread(target=delivery_queue.run, args=(world,), kwargs=how) for _ in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@pytest.mark.usefixtures("on_postgresql")
def test_three_workers_share_thirty_messages_and_send_each_once(world: Environment, x: Server) -> None:
    now = Clock(datetime.now(UTC))
    stories = [booking(("12:03", "first"), id=f"n5p8q2r7s{n:03d}") for n in range(15)]
    for story in stories:
        tell(world, story, now, "x-ja", "x-en")
    with workers(world, 3):
        wait_for(lambda: len(x.posts) == 30 and not unsettled(world), 60)
    assert len({(p.username, p.text) for p in x.posts}) == 30


def unsettled(world: Environment) -> bool:
    with world.database.read() as tx:
        return bool(deliveries.unsettled_deliveries(tx))


@pytest.mark.usefixtures("on_postgresql")
def test_a_worker_that_is_there_keeps_what_it_has_in_hand_however_long_it_takes(
    world: Environment, clock: Clock
) -> None:
    tell(world, FIRST, clock)
    with worker_lock(world) as slow:
        assert slow is not None
        with world.database.begin() as tx:
            deliveries.claim_delivery(tx, slow.owner, clock(), channel=SITE)
        clock.later(hours=30)
        look(world, clock)
        assert ends(world, 1)[SITE] is DeliveryStatus.SENDING
    look(world, clock)
    assert ends(world, 1)[SITE] is not DeliveryStatus.SENDING


def look(world: Environment, clock: Clock) -> None:
    """Another worker looks at the queue once."""
    shift = WorkerRun(DeliverySender(world, clock, lambda: 0.5), "another", Event())
    shift.start_deliveries()
    shift.finish()


@pytest.mark.usefixtures("on_postgresql")
def test_one_whose_line_was_cut_is_missed_for_a_while_before_its_work_is_taken(
    world: Environment, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("statuspage.usecases.delivery.dispatcher.ABSENT", 0.5)
    tell(world, FIRST, clock)
    with world.database.begin() as tx:
        deliveries.claim_delivery(tx, "cut", clock(), channel=SITE)
    shift = WorkerRun(DeliverySender(world, clock, lambda: 0.5), "another", Event())
    shift.begin()
    with world.database.hold_presence("cut"):  # it is back
        time.sleep(0.6)
        shift.start_deliveries()
        assert owed(world, 1)[SITE].owner == "cut"
    shift.start_deliveries()
    assert owed(world, 1)[SITE].owner == "cut"
    time.sleep(0.6)
    shift.start_deliveries()
    wait_for(lambda: ends(world, 1)[SITE] is DeliveryStatus.DELIVERED)
    shift.finish()


@pytest.mark.usefixtures("on_postgresql")
def test_a_lock_lost_with_the_servers_line_is_taken_again_under_the_same_name(world: Environment) -> None:
    with world.database.hold_presence("me") as line:
        with world.database.begin() as tx:
            tx.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = "
                "(hashtext('me')::bigint & 4294967295)::oid"
            )
        wait_for(lambda: world.database.find_absent(["me"]) == ("me",))
        with pytest.raises(DBAPIError):
            line.renew()
        line.renew()
        assert world.database.find_absent(["me"]) == ()
    assert world.database.find_absent(["me"]) == ("me",)


@pytest.fixture
def only_called(monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker that by itself would look again too late for any test."""
    monkeypatch.setattr("statuspage.usecases.delivery.worker.IDLE_POLL", timedelta(days=1))


@contextmanager
def one_called(world: Environment) -> Iterator[None]:
    """Such a worker at work, when it has looked once and listens."""
    stop = Event()
    worker = threading.Thread(target=delivery_queue.run, args=(world,), kwargs={"clock": real, "stop": stop})
    worker.start()
    try:
        wait_for(lambda: bool(lines(world)))
        time.sleep(2 * POLL_SECONDS)
        yield
    finally:
        stop.set()
        worker.join()


def real() -> datetime:
    return datetime.now(UTC)


def lines(world: Environment) -> list[int]:
    """The server's processes behind the lines on which workers listen."""
    with world.database.read() as tx:
        found = tx.exec_driver_sql(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 2 "
            "AND classid = (hashtext('statuspage worker')::bigint & 4294967295)::oid"
        )
        return list(found.scalars())


@pytest.mark.usefixtures("on_postgresql", "only_called")
def test_on_postgresql_a_worker_is_called_as_soon_as_something_is_owed(world: Environment, x: Server) -> None:
    with one_called(world):
        for story in (FIRST, SECOND_NOTICE):
            sequence = tell(world, story, Clock(real()), "x-ja")
            wait_for(lambda sequence=sequence: set(ends(world, sequence).values()) == {DeliveryStatus.DELIVERED})


@pytest.mark.usefixtures("on_postgresql", "only_called")
def test_a_worker_whose_line_was_cut_listens_on_a_new_one(world: Environment, x: Server) -> None:
    with one_called(world):
        (old,) = lines(world)
        with world.database.begin() as tx:
            tx.exec_driver_sql(f"SELECT pg_terminate_backend({old})")
        tell(world, FIRST, Clock(real()), "x-ja")
        wait_for(lambda: set(ends(world, 1).values()) == {DeliveryStatus.DELIVERED})
        assert old not in lines(world)


@pytest.mark.usefixtures("on_postgresql")
def test_a_call_that_came_while_nobody_listened_is_taken_for_one(world: Environment, clock: Clock) -> None:
    stop = Event()
    with world.database.hold_presence("me") as line:
        assert line.wait_for_work(0.01, stop), "whoever has just come looks first"
        assert not line.wait_for_work(0.01, stop)
        tell(world, FIRST, clock)
        assert line.wait_for_work(5, stop)
        assert not line.wait_for_work(0.01, stop)
        line.release()  # type: ignore[attr-defined]
        assert line.wait_for_work(0.01, stop), "without a line it looks by itself"
        line.renew()
        assert line.wait_for_work(0.01, stop)
        assert not line.wait_for_work(0.01, stop)


@pytest.mark.usefixtures("on_postgresql")
def test_what_is_due_later_is_started_then_though_nobody_calls_again(world: Environment, clock: Clock) -> None:
    tell(world, FIRST, clock, "x-ja")
    shift = WorkerRun(DeliverySender(world, clock, lambda: 0.5), "worker", Event())
    with world.database.begin() as tx:
        tx.execute(update(delivery).values(retry_at=clock() + timedelta(seconds=40)))
    shift.start_deliveries()
    assert not shift.expects_work(clock.later(seconds=39))
    assert shift.expects_work(clock.later(seconds=1))
    shift.finish()
