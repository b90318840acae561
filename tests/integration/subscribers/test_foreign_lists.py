"""A list that another status page has exported is read as it is, and every row that cannot be used is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from statuspage.domain.catalog import Catalog
from statuspage.domain.subscription import SubscriberType
from statuspage.storage import subscribers
from statuspage.storage.engine import Database
from statuspage.usecases.subscribers.foreign_lists import Consent
from statuspage.usecases.subscribers.import_export import ImportResult, import_subscribers
from tests.support.database import made
from tests.support.times import at

NOW = at("12:00", "2026-07-04")
PROOF = Consent(how="confirmed by email on our former page")

LISTS = {
    "Statuspage": (
        "Email,Mode,Components,Created At,Quarantined At\n"
        "sakura@example.com,email,,2024-05-01 10:00:00 UTC,\n"
        "+15555550100,sms,,2024-05-01 10:00:00 UTC,\n"
        "ken@example.com,email,,2024-05-01 10:00:00 UTC,2025-01-01 00:00:00 UTC\n",
        [(3, "other_kind"), (4, "not_active")],
    ),
    "Statuspage's form without a heading": (
        "email,sakura@example.com,no\nsms,5555550100,US\nemail,no address,no\n",
        [(2, "other_kind"), (3, "address")],
    ),
    "Instatus": (
        "email,phone,webhook,confirmed,createdAt\n"
        "sakura@example.com,,,true,2024-05-01T10:00:00.000Z\n"
        ",,https://hook.example/x,true,2024-05-01T10:00:00.000Z\n"
        "ken@example.com,,,false,2024-05-01T10:00:00.000Z\n",
        [(3, "other_kind"), (4, "not_active")],
    ),
    "Better Stack": (
        "id;email;status_page_resource_ids;confirmed_at;created_at\n"
        "1;sakura@example.com;[];2024-05-01T10:00:00Z;2024-04-30T10:00:00Z\n"
        "2;SAKURA@example.com;[];2024-05-01T10:00:00Z;2024-04-30T10:00:00Z\n",
        [(3, "duplicate")],
    ),
    "Flashduty": (
        "Method,Recipient,Components,Subscribe All,Locale\n"
        "email,sakura@example.com,,true,en-US\n"
        "email,ken@example.com,Espresso,false,en-US\n",
        [(3, "choice")],
    ),
    "OneUptime": (
        '"subscriberEmail","subscriberPhone","isSubscriptionConfirmed","isUnsubscribed"\n'
        '"sakura@example.com","","true","false"\n"ken@example.com","","true","true"\n',
        [(3, "not_active")],
    ),
}


@pytest.fixture
def store(tmp_path: Path) -> Database:
    return made(tmp_path / "subscribers.db", "subscribers")


def take(store: Database, catalog: Catalog, text: str, *, dry_run: bool = False, how: str = PROOF.how) -> ImportResult:
    consent = Consent(when="2024-05-01", how=how) if "UTC" not in text else Consent(how=how)
    return import_subscribers(store, text, catalog, now=NOW, consent=consent, dry_run=dry_run)


@pytest.mark.parametrize("product", LISTS)
def test_the_rows_that_can_be_used_are_and_the_others_are_named(product: str, store: Database, catalog: Catalog):
    text, refused = LISTS[product]
    taken = take(store, catalog, text)
    assert taken.errors == ()
    assert [(row.line_number, row.key) for row in taken.refused] == refused
    assert taken.added == 1
    with store.read() as tx:
        subscriber = subscribers.find_by_address(tx, SubscriberType.EMAIL, "sakura@example.com")
        assert subscribers.find_by_address(tx, SubscriberType.EMAIL, "ken@example.com") is None
    assert subscriber is not None
    assert subscriber.consent["who"].casefold() == "sakura@example.com"
    assert subscriber.consent["when"].startswith("2024-05-01")
    assert subscriber.consent["how"] == PROOF.how


def test_a_check_first_says_the_same_and_stores_nothing(store: Database, catalog: Catalog):
    text, refused = LISTS["Instatus"]
    checked = take(store, catalog, text, dry_run=True)
    assert (checked.added, len(checked.refused)) == (1, len(refused))
    with store.read() as tx:
        assert subscribers.find_by_address(tx, SubscriberType.EMAIL, "sakura@example.com") is None
    assert take(store, catalog, text) == checked
    assert take(store, catalog, text, dry_run=True).already_active == 1


def test_nobody_is_subscribed_without_proof_of_consent(store: Database, catalog: Catalog):
    taken = take(store, catalog, LISTS["Instatus"][0], how="")
    assert ([error.key for error in taken.errors], taken.added) == (["no_proof"], 0)


def test_a_row_without_a_date_that_can_be_read_is_refused(store: Database, catalog: Catalog):
    text = "email,date\nsakura@example.com,03/04/2024\n"
    taken = import_subscribers(store, text, catalog, now=NOW, consent=PROOF)
    assert [(row.line_number, row.key) for row in taken.refused] == [(2, "no_date")]


def test_components_become_services_by_name_and_the_language_the_nearest(store: Database, catalog: Catalog):
    name = catalog.packs["en"].services["booking"].name
    text = f"email,components,locale,nickname\nsakura@example.com,{name.upper()},en-US,Sa\n"
    taken = take(store, catalog, text)
    assert taken.unused == ("nickname",)
    with store.read() as tx:
        subscriber = subscribers.find_by_address(tx, SubscriberType.EMAIL, "sakura@example.com")
    assert subscriber is not None
    assert (subscriber.preferences.services, subscriber.preferences.language) == (("booking",), "en")


def test_what_is_no_list_of_anything_is_refused_as_our_own_would_be(store: Database, catalog: Catalog):
    taken = take(store, catalog, "colour,size\nred,3\n")
    assert "column" in {error.key for error in taken.errors}
