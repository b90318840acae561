"""Subscriber links: each valid for one purpose, impossible to guess, and never older than the row."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from statuspage.domain import subscriber_links
from statuspage.domain.subscriber_links import Key, Purpose
from statuspage.domain.subscription import Origin, Preferences, Subscriber, SubscriberStatus, SubscriberType
from tests.support.times import at

KEY = Key(2, bytes(range(32)))
KEYS = {1: Key(1, bytes(32)), 2: KEY}
SAKURA = Subscriber(
    id=7,
    kind=SubscriberType.EMAIL,
    address="sakura@example.com",
    preferences=Preferences("ja"),
    status=SubscriberStatus.ACTIVE,
    origin=Origin.FORM,
    created=at("09:00"),
    seed="0123456789abcdef" * 2,
)


def held(token: str, purpose: Purpose, subscriber: Subscriber = SAKURA, *, now: str = "10:00") -> bool:
    link = subscriber_links.parse_token(token)
    return link is not None and subscriber_links.is_valid(link, purpose, subscriber, KEYS, now=at(now))


@pytest.mark.parametrize("purpose", Purpose)
def test_a_link_holds_for_its_purpose_and_no_other(purpose: Purpose) -> None:
    token = subscriber_links.token(KEY, purpose, SAKURA)
    assert {other: held(token, other) for other in Purpose} == {other: other is purpose for other in Purpose}


def test_a_link_is_nobody_elses_and_ends_with_the_row() -> None:
    token = subscriber_links.token(KEY, Purpose.PREFERENCES, SAKURA)
    assert not held(token, Purpose.PREFERENCES, replace(SAKURA, id=8))
    assert not held(token, Purpose.PREFERENCES, replace(SAKURA, seed="f" * 32))


def test_a_link_ends_at_its_time_and_the_time_cannot_be_changed() -> None:
    token = subscriber_links.token(KEY, Purpose.CONFIRM, SAKURA, expires_at=at("12:00"))
    assert (held(token, Purpose.CONFIRM, now="11:59"), held(token, Purpose.CONFIRM, now="12:00")) == (True, False)
    end = str(int(at("12:00").timestamp()))
    later = str(int((at("12:00") + timedelta(days=1)).timestamp()))
    assert not held(token.replace(end, later), Purpose.CONFIRM)
    assert not held(token.replace(end, ""), Purpose.CONFIRM)


def test_no_single_character_of_a_link_can_be_another() -> None:
    token = subscriber_links.token(KEY, Purpose.UNSUBSCRIBE, SAKURA)
    for position, one in enumerate(token):
        for other in "0A_." if one != "0" else "1A_.":
            changed = token[:position] + other + token[position + 1 :]
            # The last character encodes only two bits, so the same bytes have several spellings; only ours is valid.
            assert changed == token or not held(changed, Purpose.UNSUBSCRIBE), changed


@pytest.mark.parametrize("odd", ["", "...", "1.2..", "a.b.c.d", "9" * 400, "2.7..é" + "A" * 21, "2.7..\n" + "A" * 21])
def test_what_is_no_link_is_none(odd: str) -> None:
    assert subscriber_links.parse_token(odd) is None


def test_links_marked_with_an_older_key_go_on_to_hold_and_with_a_foreign_one_never_did() -> None:
    assert held(subscriber_links.token(KEYS[1], Purpose.PREFERENCES, SAKURA), Purpose.PREFERENCES)
    assert not held(subscriber_links.token(Key(3, bytes(32)), Purpose.PREFERENCES, SAKURA), Purpose.PREFERENCES)
    assert not held(subscriber_links.token(Key(2, bytes(32)), Purpose.PREFERENCES, SAKURA), Purpose.PREFERENCES)


def test_a_link_says_its_language_and_is_not_shown_in_a_log() -> None:
    url = subscriber_links.unsubscribe_link("https://subscribe.example.com", KEY, SAKURA)
    assert url.startswith("https://subscribe.example.com/ja/unsubscribe/2.7..")
    link = subscriber_links.parse_token(url.rpartition("/")[2])
    assert link is not None
    assert link.signature not in repr(link)
    assert "01020304" not in repr(KEY)
