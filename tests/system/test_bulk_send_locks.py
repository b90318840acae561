"""Others change the same rows during a bulk send on PostgreSQL, where outcomes are saved without waiting for a turn."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from statuspage.domain.bulk_send import BulkSend, Recipient, RecipientOutcome, RecipientStatus, RemainingRecipients
from statuspage.domain.catalog import Catalog
from statuspage.domain.delivery import Delivery
from statuspage.domain.subscription import SubscriberType
from statuspage.storage import bulk_sends, subscribers
from statuspage.storage.engine.database import Database
from statuspage.storage.tables.subscribers import subscriber
from statuspage.usecases.delivery.bulk_progress import BulkProgress
from statuspage.usecases.subscribers import self_service
from tests.support.bulk_sends import (
    NOW,
    SPEC,
    address,
    channel_to,
    delivery_of_notice,
    enqueue_for_all,
    environment_with,
    subscribe,
)
from tests.support.postgres import PATIENCE, Postgres
from tests.support.site import composed


@pytest.fixture
def delivery(on_postgresql: Postgres, tmp_path: Path, catalog: Catalog) -> Iterator[tuple[Database, Delivery]]:
    """The database, with one subscriber and the delivery to them."""
    env = environment_with(tmp_path, catalog, channel_to("smtp-plain://127.0.0.1:1", SPEC))
    assert env.databases.subscribers is not None
    subscribe(env.databases.subscribers, [address(1)])
    first = enqueue_for_all(env, composed(catalog, ("12:03", "first")))
    yield env.databases.subscribers, delivery_of_notice(env, first)
    env.databases.environment.close()


def taken_up(database: Database, delivery: Delivery) -> tuple[BulkSend, BulkProgress]:
    with database.begin() as tx:
        bulk_send = bulk_sends.claim_bulk_send(tx, delivery, SubscriberType.EMAIL, NOW, resend=True)
    return bulk_send, BulkProgress(database, bulk_send, delivery.owner, lambda _: True, lambda: NOW)


def fared(one: Recipient, recipient_status: RecipientStatus) -> RecipientOutcome:
    return RecipientOutcome(one, recipient_status, NOW if recipient_status is RecipientStatus.DEFERRED else None)


def until_somebody_waits(server: Postgres) -> None:
    """Waits until a transaction waits for a lock held by another."""
    end = time.monotonic() + PATIENCE
    while not server.run("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"):
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize(
    "recipient_status", [RecipientStatus.DEFERRED, RecipientStatus.DELIVERED, RecipientStatus.BOUNCED]
)
def test_who_is_erased_while_it_is_written_down_how_they_fared_holds_up_nobody(
    on_postgresql: Postgres, delivery: tuple[Database, Delivery], recipient_status: RecipientStatus
) -> None:
    database, queued = delivery
    bulk_send, ledger = taken_up(database, queued)
    (fresh,) = ledger.record_and_take((), 1)
    (one,) = ledger.record_and_take([fared(fresh, RecipientStatus.DEFERRED)], 1)
    with ThreadPoolExecutor(1) as pool:
        with database.begin() as tx:
            tx.execute(select(subscriber.c.id).with_for_update())  # as deleting begins
            written = pool.submit(ledger.record_and_take, [fared(one, recipient_status)], 0)
            until_somebody_waits(on_postgresql)
            self_service.erase_subscriber(tx, one.subscriber, now=NOW)
        assert not written.result()
    with database.read() as tx:
        assert subscribers.find_by_id(tx, one.subscriber.id) is None
        assert subscribers.find_suppression(tx, SubscriberType.EMAIL, address(1)) is not None
        assert bulk_sends.count_remaining(tx, bulk_send) == RemainingRecipients()


def test_who_has_lost_a_bulk_send_hears_so_while_another_takes_it_up(
    on_postgresql: Postgres, delivery: tuple[Database, Delivery]
) -> None:
    database, queued = delivery
    _, ledger = taken_up(database, queued)
    (one,) = ledger.record_and_take((), 1)
    with ThreadPoolExecutor(1) as pool:
        with database.begin() as tx:
            taken = bulk_sends.claim_bulk_send(
                tx, replace(queued, owner="another"), SubscriberType.EMAIL, NOW, resend=True
            )
            written = pool.submit(ledger.record_and_take, [fared(one, RecipientStatus.DEFERRED)], 1)
            until_somebody_waits(on_postgresql)
        with pytest.raises(bulk_sends.OwnershipLost):
            written.result()
    with database.read() as tx:
        assert bulk_sends.count_remaining(tx, taken) == RemainingRecipients(deferred=1, retry_at=NOW), (
            "as the other has it"
        )
