"""Where a notice goes, as the form and the receipts name it, and what comes first when something has failed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from statuspage.domain import Catalog, Delivery, DeliveryStatus
from statuspage.web.desk.notice_form.channel_picker import ChannelRow, channel_name, short_names
from statuspage.web.desk.receipts.delivery_status import delivery_actions
from statuspage.web.desk.translations import translator_for
from tests.support.times import at


def with_email(catalog: Catalog, **channels: tuple[str, str]) -> Catalog:
    """The content with channels that send email: for each id a language and an account."""
    spec = next(iter(catalog.channels.values()))
    added = {
        id: replace(spec, id=id, type="mail", language=language, account=account)
        for id, (language, account) in channels.items()
    }
    return replace(catalog, channels={**catalog.channels, **added})


def test_two_channels_never_have_the_same_name(catalog: Catalog):
    both = with_email(
        catalog, staff=("ja", "staff@example.com"), ja=("ja", ""), en=("en", ""), one=("en", "x"), two=("en", "x")
    )
    translator = translator_for(both, "en")
    names = {id: channel_name(both, id, translator) for id in both.channels}
    assert len(set(names.values())) == len(names)
    assert names["staff"] == ("Email", "staff@example.com")
    assert (names["ja"], names["en"]) == (("Email", "日本語"), ("Email", "English"))
    assert (names["one"], names["two"]) == (("Email", "x one"), ("Email", "x two"))


def test_a_name_that_occurs_twice_is_counted():
    rows = [ChannelRow(name, "") for name in ("Page", "X", "Email", "X")]
    assert short_names(rows) == ["Page", "X ×2", "Email"]


@pytest.mark.parametrize("reason", ["credentials", "no_destination"])
def test_sending_again_is_not_first_while_the_settings_are_wrong(catalog: Catalog, reason: str):
    (retry,) = delivery_actions(failing(reason), translator_for(catalog, "en"))
    assert (retry.label, retry.is_primary) == ("Send now", False)


def test_sending_again_is_first_after_a_failure_that_passes(catalog: Catalog):
    (retry,) = delivery_actions(failing("unreachable"), translator_for(catalog, "en"))
    assert retry.is_primary


def failing(reason: str) -> Delivery:
    """A message that was tried once and waits."""
    delivery = Delivery(7, "k3m9p2q7x4ab", 1, "x-ja", "ja", {"text": "a"}, queued_at=at("12:03"))
    return replace(delivery, status=DeliveryStatus.WAITING, attempts=1, reason=reason)
