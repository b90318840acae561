"""What is specific to Bluesky: our own record keys, sessions, links by byte offsets, threads by root and parent."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from statuspage.domain.delivery import Delivery, Thread
from statuspage.integrations.channels.base import Channel, Refused, Unreachable
from statuspage.integrations.channels.bluesky import bluesky_record, record_key
from tests.support.channel_cases import CHANNEL_CASES
from tests.support.fakes.bluesky_server import DID, Server
from tests.support.fakes.service import running
from tests.support.times import at

(CHANNEL_CASE,) = (channel_case for channel_case in CHANNEL_CASES if channel_case.type == "bluesky")
PUT, SIGN_IN = "POST /xrpc/com.atproto.repo.putRecord", "POST /xrpc/com.atproto.server.createSession"
RENEW = "POST /xrpc/com.atproto.server.refreshSession"


@pytest.fixture
def server() -> Iterator[Server]:
    with running(Server()) as found:
        yield found


@pytest.fixture
def channel(server: Server) -> Channel:
    return CHANNEL_CASE.open(server)


def delivery_of(text: str = "予約ができません。", sequence: int = 3) -> Delivery:
    payload = {"text": text, "plain": text}
    return Delivery(7, "k3m9p2q7x4ab", sequence, "bluesky-ja", "ja", payload, queued_at=at("12:03:04"))


def test_a_repetition_writes_the_same_record_under_the_same_key(server: Server, channel: Channel) -> None:
    first, again = (channel.deliver(delivery_of(), None, page_readable=True) for _ in range(2))
    assert (first, server.count(PUT), len(server.received)) == (again, 2, 1)
    assert server.received[0].body["createdAt"] == "2026-07-04T03:03:04.000Z"


def test_keys_are_in_the_order_of_time_and_no_two_messages_share_one() -> None:
    later = [replace(delivery_of(), queued_at=at("12:03:04") + timedelta(milliseconds=n)) for n in range(50)]
    keys = [record_key(one) for one in later]
    assert keys == sorted(keys)
    at_once = [replace(delivery_of(), channel=f"bluesky-{n}") for n in range(30)]
    assert len({record_key(one) for one in at_once}) == 30


def test_what_stands_there_under_our_key_is_never_written_over(server: Server, channel: Channel) -> None:
    first = channel.deliver(delivery_of(), None, page_readable=True)
    again = channel.deliver(
        delivery_of(), Thread((first,)), page_readable=True
    )  # another record, because it replies to another post
    assert (again.remote_id, again.extra, again.note_key) == (first.remote_id, first.extra, "already_there")
    (uri,) = server.records
    server.records[uri] = {**server.records[uri], "text": "somebody else's"}
    with pytest.raises(Refused):
        channel.deliver(delivery_of(), None, page_readable=True)
    assert (len(server.received), server.records[uri]["text"]) == (1, "somebody else's")


def test_a_thread_names_its_root_and_its_newest_post(server: Server, channel: Channel) -> None:
    messages = []
    for number in (1, 2, 3):
        thread = Thread(tuple(messages)) if messages else None
        messages.append(channel.deliver(delivery_of(f"{number}つ目のお知らせ", number), thread, page_readable=True))
    reply = server.received[2].body["reply"]
    assert reply == {
        "root": {"uri": messages[0].remote_id, "cid": messages[0].extra["cid"]},
        "parent": {"uri": messages[1].remote_id, "cid": messages[1].extra["cid"]},
    }


def test_addresses_can_be_followed_and_their_place_is_counted_in_bytes() -> None:
    text = "🎉予約（https://例え.jp/道?a=1）と\nhttps://status.example/ja/。"
    facets = bluesky_record(delivery_of(text), None, page_readable=True)["facets"]
    named = [text.encode()[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode() for f in facets]
    assert named == [f["features"][0]["uri"] for f in facets]
    assert named[1] == "https://status.example/ja/"


def test_one_session_serves_many_posts_and_is_renewed_when_it_is_worn_out(server: Server, channel: Channel) -> None:
    for number in (1, 2, 3):
        channel.deliver(delivery_of(sequence=number), None, page_readable=True)
    assert (server.count(SIGN_IN), server.count(RENEW)) == (1, 0)
    server.expire()
    channel.deliver(delivery_of(sequence=4), None, page_readable=True)
    assert (server.count(SIGN_IN), server.count(RENEW), len(server.received)) == (1, 1, 4)
    server.expire()
    server.refresh.clear()
    channel.deliver(delivery_of(sequence=5), None, page_readable=True)
    assert (server.count(SIGN_IN), server.count(RENEW), len(server.received)) == (2, 2, 5)


def test_what_goes_wrong_while_signing_in_has_sent_nothing(server: Server, channel: Channel) -> None:
    server.is_message = lambda request: "createSession" in request.path
    for fault in ("drop", "html", "503"):
        server.next(fault)
        with pytest.raises(Unreachable):
            channel.deliver(delivery_of(), None, page_readable=True)
    assert server.received == []
    channel.deliver(delivery_of(), None, page_readable=True)
    assert server.received[0].id.startswith(f"at://{DID}/app.bsky.feed.post/")
