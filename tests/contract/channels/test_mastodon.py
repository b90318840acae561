"""What is specific to Mastodon: a key that lasts an hour, its statuses as HTML, a thread whose end may be deleted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from statuspage.domain.delivery import Delivery, Thread
from statuspage.integrations.channels.base import Channel, Refused
from statuspage.integrations.channels.mastodon import status_text
from tests.support.channel_cases import CHANNEL_CASES
from tests.support.channel_notices import AWKWARD
from tests.support.fakes.mastodon_server import Server, shown
from tests.support.fakes.service import running
from tests.support.times import at

(CHANNEL_CASE,) = (channel_case for channel_case in CHANNEL_CASES if channel_case.type == "mastodon")
TEXT = "予約ができません。\nhttps://status.example/ja/incidents/k3m9p2q7x4ab/?a=1&b=2"


@pytest.fixture
def server() -> Iterator[Server]:
    with running(Server()) as found:
        yield found


@pytest.fixture
def channel(server: Server) -> Channel:
    return CHANNEL_CASE.open(server)


def delivery_of(text: str = TEXT, sequence: int = 3) -> Delivery:
    payload = {"text": text, "plain": text}
    return Delivery(7, "k3m9p2q7x4ab", sequence, "mastodon-ja", "ja", payload, queued_at=at("12:03"))


def test_within_the_hour_a_repetition_is_known_by_its_key(server: Server, channel: Channel) -> None:
    first, again = (channel.deliver(delivery_of(), None, page_readable=True) for _ in range(2))
    assert (first, len(server.received)) == (again, 1)
    channel.deliver(delivery_of(sequence=4), None, page_readable=True)
    assert len(server.received) == 2, "the control: another notice of the same words has another key"


@pytest.mark.parametrize("text", [TEXT, *AWKWARD.values()], ids=["link", *AWKWARD])
def test_after_the_hour_it_is_found_among_our_own_statuses(server: Server, channel: Channel, text: str) -> None:
    first = channel.deliver(delivery_of(text), None, page_readable=True)
    channel.deliver(delivery_of("別の投稿です。", 4), None, page_readable=True)
    server.forget()
    (found,) = channel.find(delivery_of(text), page_readable=True)
    assert (found.remote_id, found.url, found.note_key) == (first.remote_id, first.url, "already_there")
    assert channel.find(delivery_of("まだない投稿です。"), page_readable=True) == ()


def test_what_the_server_makes_of_a_text_can_be_read_back() -> None:
    assert "".join(status_text(shown(TEXT)).split()) == "".join(TEXT.split())


def test_where_the_status_above_is_gone_it_stands_alone_and_says_so(server: Server, channel: Channel) -> None:
    first = channel.deliver(delivery_of(), None, page_readable=True)
    server.statuses.clear()
    receipt = channel.deliver(delivery_of("復旧しました。", 4), Thread((first,)), page_readable=True)
    assert (receipt.note_key, server.received[-1].text, server.received[-1].parent) == (
        "standalone",
        "復旧しました。",
        "",
    )


def test_who_sees_it_and_its_language_are_said(server: Server) -> None:
    quiet = CHANNEL_CASE.open(server, options={**CHANNEL_CASE.spec.options, "visibility": "unlisted"})
    quiet.deliver(delivery_of(), None, page_readable=True)
    assert (server.received[0].body["visibility"], server.received[0].body["language"]) == ("unlisted", "ja")


def test_a_text_that_is_too_long_is_refused_in_the_servers_own_words(server: Server, channel: Channel) -> None:
    with pytest.raises(Refused) as error:
        channel.deliver(delivery_of("あ" * 501), None, page_readable=True)
    assert error.value.detail == "422 Validation failed: Text character limit of 500 exceeded"
    channel.deliver(delivery_of("あ" * 476 + " https://status.example/" + "a" * 300), None, page_readable=True)
    assert len(server.received) == 1, "an address counts 23, however long it is"
