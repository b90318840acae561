"""Two bulk sends through a real Postfix, which delivers each email to its recipient's mailbox."""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from pathlib import Path

from statuspage.domain.catalog import Catalog
from statuspage.domain.queue_item import DeliveryStatus
from statuspage.domain.subscription import SubscriberType
from statuspage.storage import subscribers
from tests.support.bulk_sends import (
    OWN_PAGES,
    SENDER,
    bulk_send_of,
    channel_to,
    delivery_of_notice,
    enqueue_for_all,
    environment_with,
    subscribe,
)
from tests.support.deliveries import work
from tests.support.desk import Clock
from tests.support.postfix import DOMAIN, postfix
from tests.support.site import composed
from tests.support.times import at

NAMES = tuple(f"reader-{number:02d}" for number in range(25))


def test_postfix_files_each_email_as_it_was_sent_and_says_which_address_is_none(
    tmp_path: Path, catalog: Catalog
) -> None:
    clock = Clock(at("12:03"))
    with postfix(NAMES) as server:
        env = environment_with(tmp_path, catalog, channel_to(server.address))
        assert env.databases.subscribers is not None
        subscribe(env.databases.subscribers, [*(f"{name}@{DOMAIN}" for name in NAMES), f"nobody@{DOMAIN}"])
        first = enqueue_for_all(env, composed(catalog, ("12:03", "first")))
        work(env, clock)
        begun = {name: server.emails(name, count=1) for name in NAMES}
        second = enqueue_for_all(
            env, composed(catalog, ("12:03", "first"), ("12:18", "update")), clock.later(minutes=15)
        )
        work(env, clock)
        held = {name: server.emails(name, count=2) for name in NAMES}
        assert "nobody" not in {folder.name for folder in (server.folder / "boxes").iterdir()}
    assert [delivery_of_notice(env, one).status for one in (first, second)] == [
        DeliveryStatus.DELIVERED,
        DeliveryStatus.DELIVERED,
    ]
    assert [(one.delivered, one.bounced) for one in (bulk_send_of(env, first), bulk_send_of(env, second))] == [
        (25, 1),
        (25, 0),
    ]
    with env.databases.subscribers.read() as tx:
        known = subscribers.find_suppression(tx, SubscriberType.EMAIL, f"nobody@{DOMAIN}")
    assert known is not None
    assert known.detail.startswith("550 5.1.1 <nobody@mail.example>: Recipient address rejected: User unknown")
    links, ids = set(), set()
    for name, (one, two) in held.items():
        assert begun[name][0].as_bytes() == one.as_bytes()
        for email in (one, two):
            assert (email["To"], email["Delivered-To"]) == (f"{name}@{DOMAIN}", f"{name}@{DOMAIN}")
            assert (email["Return-Path"], email["From"]) == (f"<{SENDER}>", f"Fitline <{SENDER}>")
            link = str(email["List-Unsubscribe"]).strip("<>")
            assert link.startswith(f"{OWN_PAGES}/ja/unsubscribe/")
            assert email["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
            assert (email["List-Id"], email["Auto-Submitted"]) == (
                "<subscribers-ja.fitline.example>",
                "auto-generated",
            )
            texts = [str(part.get_content()) for part in email.iter_parts()]
            assert ["レッスン予約" in text and "11:55" in text for text in texts] == [True, True]
            assert texts[0].startswith("会員アプリでレッスンを予約できません。")
            assert [text.count(link) for text in texts] == [1, 1]
            assert not email.defects
            links.add(link)
            ids.add(str(email["Message-ID"]))
        assert one["In-Reply-To"] is None
        assert (two["In-Reply-To"], two["References"]) == (one["Message-ID"], one["Message-ID"])
        assert [parsedate_to_datetime(str(one["Date"])), parsedate_to_datetime(str(two["Date"]))] == [
            at("12:03"),
            at("12:18"),
        ]
    assert (len(links), len(ids)) == (25, 50)
    env.databases.environment.close()
    env.databases.subscribers.close()
