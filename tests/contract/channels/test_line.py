"""What is specific to LINE: a key that lasts a day, a rejection that means *already sent*, and a monthly quota."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from statuspage.domain.delivery import Delivery
from statuspage.integrations.channels.base import Channel, Refused
from tests.support.channel_cases import CHANNEL_CASES
from tests.support.fakes.line_server import Server
from tests.support.fakes.service import running
from tests.support.times import at

(CHANNEL_CASE,) = (channel_case for channel_case in CHANNEL_CASES if channel_case.type == "line")


@pytest.fixture
def server() -> Iterator[Server]:
    with running(Server()) as found:
        yield found


@pytest.fixture
def channel(server: Server) -> Channel:
    return CHANNEL_CASE.open(server)


def delivery_of(text: str = "予約ができません。", sequence: int = 3) -> Delivery:
    payload = {"text": text, "plain": text}
    return Delivery(7, "k3m9p2q7x4ab", sequence, "line-ja", "ja", payload, queued_at=at("12:03"))


def test_that_it_has_been_accepted_before_is_success_with_the_first_ones_id(server: Server, channel: Channel) -> None:
    first, again = (channel.deliver(delivery_of(), None, page_readable=True) for _ in range(2))
    assert (again.remote_id, again.note_key, len(server.received)) == (first.remote_id, "already_there", 1)
    channel.deliver(delivery_of(sequence=4), None, page_readable=True)
    assert len(server.received) == 2, "the control: another notice has another key"


def test_a_text_is_counted_in_units_of_utf_16(server: Server, channel: Channel) -> None:
    channel.deliver(delivery_of("🎉" * 2500), None, page_readable=True)
    with pytest.raises(Refused):
        channel.deliver(delivery_of("🎉" * 2500 + "。"), None, page_readable=True)
    assert len(server.received) == 1
