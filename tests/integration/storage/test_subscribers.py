"""The subscribers database on both engines: subscribers, suppressed addresses, queued emails."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from statuspage.domain.subscription import (
    Origin,
    Preferences,
    Subscriber,
    SubscriberStatus,
    SubscriberType,
    SubscriptionEmailKind,
    SubscriptionLevel,
    SubscriptionTopic,
)
from statuspage.storage import subscribers, subscription_emails
from statuspage.storage.engine.database import Database
from tests.support.database import made
from tests.support.times import at

pytestmark = pytest.mark.usefixtures("database")

NOON = at("12:00")


@pytest.fixture
def subscribers_db(tmp_path: Path) -> Database:
    return made(tmp_path / "subscribers.db", "subscribers")


def asking(address: str, language: str = "ja", standing: SubscriberStatus = SubscriberStatus.ACTIVE) -> Subscriber:
    wish = Preferences(language, ("booking",), SubscriptionTopic.INCIDENTS, SubscriptionLevel.IMPORTANT)
    return Subscriber(0, SubscriberType.EMAIL, address, wish, standing, Origin.FORM, NOON, consent={"how": "by hand"})


def test_what_is_kept_is_what_was_given(subscribers_db: Database) -> None:
    with subscribers_db.begin() as tx:
        kept = subscribers.insert_subscriber(tx, asking("sakura@example.com"))
        assert subscribers.find_by_id(tx, kept.id) == kept == replace(asking(kept.address), id=kept.id, seed=kept.seed)
        subscribers.save_subscriber(tx, changed := replace(kept, status=SubscriberStatus.UNSUBSCRIBED), at=at("12:01"))
        assert subscribers.find_by_address(tx, SubscriberType.EMAIL, kept.address) == changed
    assert len(kept.seed) == 32


def test_who_is_told_comes_in_pages_by_number_and_language(subscribers_db: Database) -> None:
    with subscribers_db.begin() as tx:
        for number in range(5):
            subscribers.insert_subscriber(tx, asking(f"{number}@example.com", "en" if number == 2 else "ja"))
        subscribers.insert_subscriber(tx, asking("quiet@example.com", standing=SubscriberStatus.PENDING))
        first = subscribers.list_page(tx, kind=SubscriberType.EMAIL, language="ja", limit=2)
        rest = subscribers.list_page(
            tx, kind=SubscriberType.EMAIL, language="ja", after=first[-1].id, until=subscribers.highest_id(tx)
        )
        found = [(one.kind, one.language, one.status, one.count) for one in subscribers.count_subscribers(tx)]
    assert [one.address[0] for one in (*first, *rest)] == ["0", "1", "3", "4"]
    assert found == [("email", "en", "active", 1), ("email", "ja", "active", 4), ("email", "ja", "pending", 1)]


def test_the_number_of_an_erased_one_is_nobody_elses_and_its_emails_are_gone(subscribers_db: Database) -> None:
    with subscribers_db.begin() as tx:
        gone = subscribers.insert_subscriber(tx, asking("gone@example.com"))
        subscription_emails.enqueue_email(tx, SubscriptionEmailKind.CONFIRM, gone.id, "ja", NOON)
        subscribers.erase_subscriber(tx, gone.id)
        after = subscribers.insert_subscriber(tx, asking("after@example.com"))
        assert subscription_emails.QUEUE.claim(tx, "me", NOON) is None
    assert after.id > gone.id


def test_an_address_that_is_not_written_to_is_known_again_and_can_be_read_nowhere(subscribers_db: Database) -> None:
    with subscribers_db.begin() as tx:
        subscribers.insert_subscriber(tx, asking("full@example.com"))
        subscribers.suppress_address(
            tx, SubscriberType.EMAIL, "full@example.com", "bounced", at=NOON, detail="550 5.1.1"
        )
        assert subscribers.list_page(tx, kind=SubscriberType.EMAIL) == ()
        known = subscribers.find_suppression(tx, SubscriberType.EMAIL, "full@example.com")
        assert known == subscribers.Suppression("bounced", "550 5.1.1", NOON)
        assert subscribers.find_suppression(tx, SubscriberType.EMAIL, "other@example.com") is None
        rows = tx.exec_driver_sql("SELECT address_hash FROM suppression").scalars().all()
        subscribers.lift_suppression(tx, SubscriberType.EMAIL, "full@example.com", at=NOON)
        assert subscribers.find_suppression(tx, SubscriberType.EMAIL, "full@example.com") is None
    assert "example" not in str(rows)


def test_askings_are_counted_within_their_span(subscribers_db: Database) -> None:
    hour = timedelta(hours=1)
    with subscribers_db.begin() as tx:
        times = ("12:00", "12:59", "13:00", "11:00")
        found = [subscribers.count_request(tx, "all", window=hour, at=at(time)) for time in times]
    assert found == [1, 2, 1, 1]
