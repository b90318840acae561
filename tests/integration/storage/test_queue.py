"""What every queue guarantees, on both databases: claimed once, settled by its owner, recovered from dead workers."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, false, select, true

from statuspage.domain import (
    SITE,
    BulkSend,
    Delivery,
    DeliveryStatus,
    NewDelivery,
    NewStaffNotification,
    NotificationReason,
    Origin,
    Outcome,
    Preferences,
    Receipt,
    Recipient,
    RecipientOutcome,
    RecipientStatus,
    Subscriber,
    SubscriberStatus,
    SubscriberType,
    SubscriptionEmailKind,
)
from statuspage.storage import (
    bulk_sends,
    deliveries,
    incidents,
    send_hold,
    staff_notifications,
    subscribers,
    subscription_emails,
    tables,
)
from statuspage.storage.engine import Database
from statuspage.storage.queue import Queue
from tests.support.database import made
from tests.support.times import at

pytestmark = pytest.mark.usefixtures("database")

NOON = at("12:00")
MINUTE = timedelta(minutes=1)


def add_delivery(tx: Connection, number: int, at: datetime, channel: str = "x-ja") -> None:
    incidents.open_incident(tx, f"i{number:011}", at=at, t0=at, t0_source="form")
    deliveries.enqueue_deliveries(tx, f"i{number:011}", 1, [NewDelivery(channel, "ja", {"text": "…"})], at)


def add_notification(tx: Connection, number: int, at: datetime) -> None:
    new = NewStaffNotification(f"k{number}", NotificationReason.BRIEFING, "chat", "ja", ("佐藤",), {"text": "…"})
    staff_notifications.enqueue_notifications(tx, [new], at)


def add_subscriber(tx: Connection, number: int, at: datetime) -> Subscriber:
    wants, active = Preferences("ja"), SubscriberStatus.ACTIVE
    new = Subscriber(0, SubscriberType.EMAIL, f"{number}@example.com", wants, active, Origin.FORM, at)
    return subscribers.insert_subscriber(tx, new)


def add_email(tx: Connection, number: int, at: datetime) -> None:
    subscriber = add_subscriber(tx, number, at)
    subscription_emails.enqueue_email(tx, SubscriptionEmailKind.LINK, subscriber.id, "ja", at)


def bulk_send_of(tx: Connection) -> BulkSend:
    delivery = Delivery(1, "i00000000001", 1, "mail", "ja", {}, owner="bulk")
    return bulk_sends.claim_bulk_send(tx, delivery, SubscriberType.EMAIL, NOON, resend=True)


def add_recipient(tx: Connection, number: int, at: datetime) -> None:
    """Adds a recipient who was handed out and given back."""
    subscriber, bulk_send = add_subscriber(tx, number, at), bulk_send_of(tx)
    given_back = RecipientOutcome(
        Recipient(0, bulk_send.id, subscriber, attempts=1), RecipientStatus.NOT_TRIED, retry_at=at
    )
    bulk_sends.save_outcomes(tx, bulk_send, [given_back], at)


@dataclass(frozen=True)
class Case:
    """One queue: where it is, how to add to it, whether a send hold stops it."""

    database: str
    queue: Queue[Any]
    table: Any
    add: Callable[[Connection, int, datetime], None]
    partition: object = None
    stops_on_hold: bool = False


CASES = {
    "delivery": Case("environment", deliveries.QUEUE, tables.delivery, add_delivery, "x-ja", True),
    "staff": Case("environment", staff_notifications.QUEUE, tables.staff_notification, add_notification, "chat", True),
    "email": Case("subscribers", subscription_emails.QUEUE, tables.subscription_email, add_email),
    "recipient": Case("subscribers", bulk_sends.RECIPIENTS, tables.recipient, add_recipient, 1),
}


@dataclass(frozen=True)
class Ground:
    """A queue in its own database."""

    case: Case
    database: Database

    def add(self, number: int = 1, at: datetime = NOON) -> None:
        with self.database.begin() as tx:
            self.case.add(tx, number, at)

    def claim(self, owner: str = "one", now: datetime = NOON) -> Any:
        with self.database.begin() as tx:
            return self.case.queue.claim(tx, owner, now, partition=self.case.partition)

    def settle(self, item: Any, status: DeliveryStatus, now: datetime = NOON, **rest: Any) -> bool:
        with self.database.begin() as tx:
            return self.case.queue.settle(tx, item, Outcome(status, **rest), at=now)

    def abandon(self, owner: str, now: datetime = NOON, *, retries: bool = True) -> None:
        with self.database.begin() as tx:
            abandoned = self.case.table.c.owner == owner
            may_retry = true() if retries else false()
            self.case.queue.recover_abandoned(tx, abandoned, now, may_retry=may_retry)

    def rows(self) -> list[Any]:
        with self.database.read() as tx:
            return list(tx.execute(select(self.case.table).order_by(self.case.table.c.id)))

    def stands(self) -> list[tuple[str, str, bool]]:
        return [(row.status, row.reason, row.maybe_sent) for row in self.rows()]


@pytest.fixture(params=CASES)
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Ground:
    case = CASES[request.param]
    return Ground(case, made(tmp_path / f"{case.database}.db", case.database))


def test_what_is_queued_is_claimed_once_and_counts_as_tried(ground: Ground) -> None:
    ground.add()
    item = ground.claim()
    assert (item.attempts, item.owner, ground.claim("two")) == (1, "one", None)
    (row,) = ground.rows()
    assert (row.status, row.owner, row.attempts, row.started_at) == ("sending", "one", 1, NOON)


def test_many_workers_at_once_claim_everything_once(ground: Ground) -> None:
    for number in range(12):
        ground.add(number)
    with ThreadPoolExecutor(4) as pool:
        claimed = list(pool.map(lambda number: ground.claim(f"w{number % 4}"), range(12)))
    ids = [item.id for item in claimed if item is not None]
    while (item := ground.claim()) is not None:  # because rows were locked, some worker found none
        ids.append(item.id)
    assert sorted(ids) == [row.id for row in ground.rows()]


def test_a_batch_is_claimed_in_the_order_in_which_it_is_due(ground: Ground) -> None:
    for number in range(3):
        ground.add(number, NOON + number * MINUTE)
    with ground.database.begin() as tx:
        batch = ground.case.queue.claim_batch(tx, "one", NOON + MINUTE, 5, partition=ground.case.partition)
        assert [item.id for item in batch] == [row.id for row in ground.rows()[:2]]
        assert ground.case.queue.next_due_at(tx) == NOON + 2 * MINUTE


def test_how_an_attempt_ended_is_recorded_with_its_time(ground: Ground) -> None:
    ground.add()
    item = ground.claim()
    receipt = Receipt("7", checked_at={"posted": NOON})
    assert ground.settle(item, DeliveryStatus.DELIVERED, NOON + MINUTE, receipt=receipt)
    (row,) = ground.rows()
    assert (row.status, row.finished_at, row.retry_at) == ("delivered", NOON + MINUTE, None)
    assert (row.receipt["remote_id"], row.attempts) == ("7", 1)
    assert not ground.settle(item, DeliveryStatus.FAILED), "it is settled"


def test_what_is_retried_waits_for_its_time_and_says_why(ground: Ground) -> None:
    ground.add()
    later = NOON + 5 * MINUTE
    assert ground.settle(ground.claim(), DeliveryStatus.WAITING, reason="unreachable", detail="503", retry_at=later)
    (row,) = ground.rows()
    assert (row.reason, row.detail, row.finished_at) == ("unreachable", "503", None)
    assert ground.claim(now=later - MINUTE) is None
    with ground.database.read() as tx:
        assert ground.case.queue.next_due_at(tx, NOON) == later
        assert ground.case.queue.next_due_at(tx, later) is None
    assert ground.claim(now=later).attempts == 2


def test_what_nobody_has_tried_counts_as_untried(ground: Ground) -> None:
    ground.add()
    item = ground.claim()
    with ground.database.begin() as tx:
        given_back = Outcome(DeliveryStatus.WAITING, retry_at=NOON)
        ground.case.queue.settle(tx, item, given_back, at=NOON, was_tried=False)
        assert ground.case.queue.count_untried(tx) == 1
    assert ground.claim().attempts == 1


def test_what_a_dead_worker_had_claimed_is_its_successors_and_only_the_successor_settles_it(ground: Ground) -> None:
    ground.add()
    abandoned = ground.claim("dead")
    with ground.database.read() as tx:
        assert ground.case.queue.owners(tx) == ("dead",)
    ground.abandon("dead")
    assert ground.stands() == [("waiting", "interrupted", True)]
    claimed = ground.claim("successor")
    assert (claimed.attempts, claimed.maybe_sent) == (2, True)
    assert not ground.settle(abandoned, DeliveryStatus.FAILED)
    with ground.database.begin() as tx:
        assert not ground.case.queue.save_receipt(tx, abandoned, Receipt("7"))
        assert ground.case.queue.save_receipt(tx, claimed, Receipt("8"))
    assert ground.settle(claimed, DeliveryStatus.DELIVERED)
    with ground.database.read() as tx:
        assert ground.case.queue.owners(tx) == ()


def test_where_it_must_not_be_sent_twice_a_person_looks_at_what_a_dead_worker_had(ground: Ground) -> None:
    ground.add(1)
    ground.add(2)
    ground.claim("dead")
    ground.claim("alive")
    ground.abandon("dead", retries=False)
    assert ground.stands() == [("needs_review", "interrupted", True), ("sending", "", False)]
    assert (ground.rows()[0].finished_at, ground.claim()) == (NOON, None)


def test_after_a_restore_all_that_is_not_settled_is_in_doubt(ground: Ground) -> None:
    for number in (1, 2, 3):
        ground.add(number)
    ground.settle(ground.claim(), DeliveryStatus.DELIVERED)
    ground.claim()
    with ground.database.begin() as tx:
        ground.case.queue.mark_all_doubtful(tx, NOON)
    assert ground.stands() == [("delivered", "", False), *[("needs_review", "restored", True)] * 2]


def test_a_clock_that_was_set_back_keeps_nothing_waiting(ground: Ground) -> None:
    ground.add(at=NOON)
    assert ground.claim(now=NOON - 30 * MINUTE) is not None


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.stops_on_hold])
def test_during_a_send_hold_nothing_is_claimed(name: str, tmp_path: Path) -> None:
    ground = Ground(CASES[name], made(tmp_path / "environment.db", "environment"))
    ground.add()
    with ground.database.begin() as tx:
        assert ground.case.queue.due_partitions(tx, NOON) == (ground.case.partition,)
        send_hold.begin_hold(tx, NOON)
        assert ground.case.queue.due_partitions(tx, NOON) == ()
    assert ground.claim() is None
    with ground.database.begin() as tx:
        send_hold.end_hold(tx, 0)
    assert ground.claim() is not None


def test_the_page_is_never_in_doubt(tmp_path: Path) -> None:
    database = made(tmp_path / "environment.db", "environment")
    with database.begin() as tx:
        add_delivery(tx, 1, NOON, SITE)
        assert deliveries.claim_delivery(tx, "dead", NOON, channel=SITE)
        deliveries.recover_abandoned(tx, "dead", [SITE], NOON)
        again = deliveries.claim_delivery(tx, "successor", NOON, channel=SITE)
        assert again is not None
        assert (again.maybe_sent, again.reason) == (False, "")
        deliveries.mark_all_doubtful(tx, NOON)
        (site,) = deliveries.unsettled_deliveries(tx)
    assert (site.status, site.reason, site.owner) == (DeliveryStatus.WAITING, deliveries.HOLD, "")


def test_an_email_that_two_workers_left_behind_is_not_sent_a_third_time(tmp_path: Path) -> None:
    ground = Ground(CASES["email"], made(tmp_path / "subscribers.db", "subscribers"))
    ground.add()
    with ground.database.begin() as tx:
        subscription_emails.enqueue_email(tx, SubscriptionEmailKind.LINK, None, "ja", NOON)
    for owner in ("one", "two"):
        assert ground.claim(owner).subscriber is not None
        assert ground.claim("other") is None, "the other is a blank"
        with ground.database.begin() as tx:
            subscription_emails.recover_abandoned(tx, owner, NOON)
    assert ground.stands() == [("needs_review", "interrupted", True), ("superseded", "", False)]
