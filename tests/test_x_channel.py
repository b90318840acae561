"""X over HTTP: what is posted, and what each of its answers means for us."""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from statuspage import channels
from statuspage.catalog import ChannelSpec
from statuspage.channels import AuthBroken, Channel, Refused, Unreachable, Unsent, Unsure, x
from statuspage.channels.wire import Bounded
from statuspage.deliveries import Delivery, Receipt
from statuspage.facts import Text, Words
from tests.fakes.x_server import SECOND, Account, Server, x_server

SPEC = ChannelSpec("x-ja", "x", "ja", "x", "@fitline_jp")
TEXT = "予約ができません。10時5分ごろからです。<a>&b https://status.fitline.example/ja/incidents/k3f9a2m4q7zd/"
PLAIN = "予約ができません。10時5分ごろからです。<a>&b"
ACCOUNT = Account()
HURRIED = Bounded(read=0.4, whole=0.6)


@pytest.fixture
def server() -> Iterator[Server]:
    with x_server() as running:
        yield running


@pytest.fixture
def channel(server: Server) -> Channel:
    return x.X(SPEC, x.Credentials(**ACCOUNT.settings), api=server.address, adapter=HURRIED)


def owed(text: str = TEXT, sequence: int = 3) -> Delivery:
    return Delivery(7, "k3f9a2m4q7zd", sequence, "x-ja", "ja", {"text": text, "plain": PLAIN})


def words(**media: str) -> Words:
    return Words("ja", "", "", "", "", "", (), (), {medium: Text(body) for medium, body in media.items()})


def test_a_post_is_signed_and_its_receipt_names_it(server: Server, channel: Channel) -> None:
    receipt = channel.deliver(owed(), None, readable=True)
    assert [p.text for p in server.posts] == [TEXT]
    assert receipt == Receipt(server.posts[0].id, f"https://x.com/fitline_jp/status/{server.posts[0].id}")


def test_a_request_with_the_wrong_secret_is_broken_credentials(server: Server) -> None:
    wrong = x.Credentials(**(ACCOUNT.settings | {"consumer_secret": "something else"}))
    with pytest.raises(AuthBroken) as said:
        x.X(SPEC, wrong, api=server.address).deliver(owed(), None, readable=True)
    assert said.value.reason == "credentials"
    assert server.posts == []


def test_the_next_post_is_a_reply_to_the_one_before(server: Server, channel: Channel) -> None:
    first = channel.deliver(owed(), None, readable=True)
    channel.deliver(owed("復旧しました。"), first, readable=True)
    assert server.posts[1].in_reply_to == first.remote_id


@pytest.mark.parametrize("gone", [False, True], ids=["replies are not allowed", "the post is gone"])
def test_where_a_reply_is_refused_the_post_stands_alone_and_says_so(
    server: Server, channel: Channel, gone: bool
) -> None:
    first = channel.deliver(owed(), None, readable=True)
    if gone:
        server.state.posts.clear()
    else:
        server.next("no-reply")
    receipt = channel.deliver(owed("復旧しました。"), first, readable=True)
    assert receipt.note == "standalone"
    assert (server.posts[-1].text, server.posts[-1].in_reply_to) == ("復旧しました。", "")


def test_without_a_readable_page_the_post_goes_without_the_link(server: Server, channel: Channel) -> None:
    receipt = channel.deliver(owed(), None, readable=False)
    assert [p.text for p in server.posts] == [PLAIN]
    assert receipt.note == "no_link"


def test_a_channel_without_links_is_content_with_its_text(server: Server, channel: Channel) -> None:
    receipt = channel.deliver(owed(PLAIN), None, readable=False)
    assert receipt.note == ""


def test_a_duplicate_is_there_already_and_its_id_is_found(server: Server, channel: Channel) -> None:
    first = channel.deliver(owed(), None, readable=True)
    channel.deliver(owed("別の投稿です。"), first, readable=True)
    again = channel.deliver(owed(), None, readable=True)
    assert again == Receipt(first.remote_id, first.url, note="already_there")
    assert len(server.posts) == 2


def test_a_duplicate_is_there_already_even_when_its_id_cannot_be_found(server: Server, channel: Channel) -> None:
    channel.deliver(owed(), None, readable=True)
    server.state.hides_posts = True
    assert channel.deliver(owed(), None, readable=True) == Receipt(note="already_there")
    assert len(server.posts) == 1


CLASSES = [
    ("400", Refused, "refused"),
    ("403", Refused, "refused"),
    ("401", AuthBroken, "credentials"),
    ("permissions", AuthBroken, "credentials"),
    ("402", AuthBroken, "credits"),
    ("429", Unreachable, "rate_limited"),
    ("429-nonsense", Unreachable, "rate_limited"),
    ("500", Unreachable, "channel_down"),
    ("500-list", Unreachable, "channel_down"),
    ("502", Unreachable, "channel_down"),
    ("503", Unreachable, "channel_down"),
    ("503-html", Unreachable, "channel_down"),
    ("504", Unreachable, "channel_down"),
    ("redirect", Unreachable, "channel_down"),
    ("html", Unsure, "odd_answer"),
    ("empty", Unsure, "odd_answer"),
    ("no-id", Unsure, "odd_answer"),
    ("list", Unsure, "odd_answer"),
    ("hang", Unsure, "no_answer"),
    ("drop", Unsure, "no_answer"),
    ("cut", Unsure, "no_answer"),
    ("endless", Unsure, "no_answer"),
    ("drip", Unsure, "no_answer"),
]


@pytest.mark.parametrize(("fault", "meaning", "reason"), CLASSES, ids=[c[0] for c in CLASSES])
def test_every_answer_has_its_meaning(
    server: Server, channel: Channel, fault: str, meaning: type[Unsent], reason: str
) -> None:
    server.next(fault)
    with pytest.raises(Unsent) as said:
        channel.deliver(owed(), None, readable=True)
    assert type(said.value) is meaning
    assert said.value.reason == reason


def test_what_was_posted_before_the_answer_went_missing_is_never_called_unsent(
    server: Server, channel: Channel
) -> None:
    for fault in ("hang", "drop", "html", "empty", "endless"):
        server.state.posts.clear()
        server.next(fault)
        with pytest.raises(Unsure):
            channel.deliver(owed(), None, readable=True)
        assert len(server.posts) == 1


def test_a_redirect_is_not_followed(server: Server, channel: Channel) -> None:
    with x_server() as other:
        server.state.elsewhere = other.address
        server.next("redirect")
        with pytest.raises(Unreachable):
            channel.deliver(owed(), None, readable=True)
        assert other.state.requests == []


def test_a_closed_port_means_that_nothing_left(channel: Channel) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
        with pytest.raises(Unreachable) as said:
            x.X(SPEC, x.Credentials(**ACCOUNT.settings), api=nowhere).deliver(owed(), None, readable=True)
    assert said.value.reason == "no_connection"


def test_an_unknown_host_means_that_nothing_left() -> None:
    with pytest.raises(Unreachable) as said:
        x.X(SPEC, x.Credentials(**ACCOUNT.settings), api="http://x.invalid").deliver(owed(), None, readable=True)
    assert said.value.reason == "no_connection"


def test_a_limit_is_waited_out_until_x_says(server: Server, channel: Channel) -> None:
    server.next("429-reset")
    with pytest.raises(Unreachable) as said:
        channel.deliver(owed(), None, readable=True)
    assert said.value.wait.until is not None
    assert timedelta(seconds=60) < said.value.wait.until - datetime.now(UTC) <= timedelta(seconds=90)


def test_a_text_that_is_too_long_is_refused_by_x_and_by_its_own_words(server: Server, channel: Channel) -> None:
    with pytest.raises(Refused) as said:
        channel.deliver(owed("あ" * 141), None, readable=True)
    assert said.value.detail == "403 Your Tweet text is too long."
    channel.deliver(owed("あ" * 140), None, readable=True)
    assert len(server.posts) == 1


def test_no_secret_is_in_what_we_say_or_log(server: Server, channel: Channel, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    said = []
    for fault in (c[0] for c in CLASSES if c[0] not in ("hang", "endless", "drip")):
        server.state.posts.clear()
        server.next(fault)
        with pytest.raises(Unsent) as error:
            channel.deliver(owed(), None, readable=True)
        said.append(f"{error.value} {error.value.__cause__} {error.value.detail}")
    everything = "\n".join(said) + caplog.text + repr(x.Credentials(**ACCOUNT.settings))
    assert [secret for secret in ACCOUNT.settings.values() if secret in everything] == []


def test_the_payload_holds_both_texts() -> None:
    spoken = words(x="with https://a.example/", x_nolink="without")
    assert channels.payload(spoken, SPEC) == {"text": "with https://a.example/", "plain": "without"}
    assert channels.payload(spoken, replace(SPEC, link=False)) == {"text": "without", "plain": "without"}


def test_settings_are_named_after_the_channel_and_missing_ones_are_named() -> None:
    environ = ACCOUNT.environ("x-ja")
    assert sorted(environ) == sorted(channels.secrets(SPEC).values())
    del environ["STATUSPAGE_X_JA_ACCESS_TOKEN"]
    assert channels.missing(SPEC, environ | {"STATUSPAGE_X_JA_CONSUMER_KEY": ""}) == (
        "STATUSPAGE_X_JA_CONSUMER_KEY",
        "STATUSPAGE_X_JA_ACCESS_TOKEN",
    )


def test_an_account_is_opened_from_the_environment(server: Server) -> None:
    server.state.accounts = (ACCOUNT, SECOND)
    spec = replace(SPEC, id="x-en", account="@fitline_en")
    environ = SECOND.environ("x-en") | {"STATUSPAGE_X_API": server.address}
    channels.live(spec, environ).deliver(owed(), None, readable=True)
    assert [p.username for p in server.posts] == ["fitline_en"]
