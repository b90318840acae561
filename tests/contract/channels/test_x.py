"""What is specific to X: signatures, replies it does not allow, and the rejection of duplicate texts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from statuspage.domain.catalog import Catalog
from statuspage.domain.delivery import Delivery, Thread
from statuspage.domain.facts import Facts, MediumText, NoticeKind, NoticeText
from statuspage.domain.incident import Incident, Notice, TimelineEntry
from statuspage.domain.queue_item import Receipt
from statuspage.domain.site_config import ChannelSpec
from statuspage.integrations import channels
from statuspage.integrations.channels import x
from statuspage.integrations.channels.base import Channel, CredentialsInvalid, NoticeContext, Refused, Unreachable
from tests.support.channel_cases import HURRIED
from tests.support.fakes.x_server import SECOND, Account, Server, x_server
from tests.support.times import at

SPEC = ChannelSpec("x-ja", "x", "ja", "x", "@fitline_jp")
TEXT = "予約ができません。10時5分ごろからです。<a>&b https://status.fitline.example/ja/incidents/k3f9a2m4q7zd/"
PLAIN = "予約ができません。10時5分ごろからです。<a>&b"
ACCOUNT = Account()


@pytest.fixture
def server() -> Iterator[Server]:
    with x_server() as running:
        yield running


@pytest.fixture
def channel(server: Server) -> Channel:
    return x.X(SPEC, x.Credentials(**ACCOUNT.settings), api=server.address, timeouts=HURRIED)


def delivery_of(text: str = TEXT, sequence: int = 3) -> Delivery:
    return Delivery(7, "k3f9a2m4q7zd", sequence, "x-ja", "ja", {"text": text, "plain": PLAIN})


def notice_context(catalog: Catalog, **media: str) -> NoticeContext:
    words = NoticeText("ja", "", "", "", "", "", (), (), {medium: MediumText(body) for medium, body in media.items()})
    notice = Notice(NoticeKind.FIRST, Facts("booking"), {"ja": words})
    return NoticeContext(
        Incident(
            "k3f9a2m4q7zd", at("12:00"), at("11:57"), "alert", (TimelineEntry(1, at("12:03"), at("12:03"), notice),)
        ),
        catalog,
    )


def test_a_request_with_the_wrong_secret_is_broken_credentials(server: Server) -> None:
    wrong = x.Credentials(**(ACCOUNT.settings | {"consumer_secret": "something else"}))
    with pytest.raises(CredentialsInvalid) as error:
        x.X(SPEC, wrong, api=server.address).deliver(delivery_of(), None, page_readable=True)
    assert error.value.reason == "credentials"
    assert server.posts == []


@pytest.mark.parametrize("gone", [False, True], ids=["replies are not allowed", "the post is gone"])
def test_where_a_reply_is_refused_the_post_stands_alone_and_says_so(
    server: Server, channel: Channel, gone: bool
) -> None:
    first = channel.deliver(delivery_of(), None, page_readable=True)
    if gone:
        server.state.posts.clear()
    else:
        server.next("no-reply")
    receipt = channel.deliver(delivery_of("復旧しました。"), Thread((first,)), page_readable=True)
    assert receipt.note_key == "standalone"
    assert (server.posts[-1].text, server.posts[-1].in_reply_to) == ("復旧しました。", "")


def test_a_duplicate_is_there_already_and_its_id_is_found(server: Server, channel: Channel) -> None:
    first = channel.deliver(delivery_of(), None, page_readable=True)
    channel.deliver(delivery_of("別の投稿です。"), Thread((first,)), page_readable=True)
    again = channel.deliver(delivery_of(), None, page_readable=True)
    assert again == Receipt(first.remote_id, first.url, note_key="already_there")
    assert len(server.posts) == 2


def test_a_duplicate_is_there_already_even_when_its_id_cannot_be_found(server: Server, channel: Channel) -> None:
    channel.deliver(delivery_of(), None, page_readable=True)
    server.state.hides_posts = True
    assert channel.deliver(delivery_of(), None, page_readable=True) == Receipt(note_key="already_there")
    assert len(server.posts) == 1


def test_an_unknown_host_means_that_nothing_left() -> None:
    with pytest.raises(Unreachable) as error:
        x.X(SPEC, x.Credentials(**ACCOUNT.settings), api="http://x.invalid").deliver(
            delivery_of(), None, page_readable=True
        )
    assert error.value.reason == "no_connection"


def test_a_limit_is_waited_out_until_x_says(server: Server, channel: Channel) -> None:
    server.next("429-reset")
    with pytest.raises(Unreachable) as error:
        channel.deliver(delivery_of(), None, page_readable=True)
    assert error.value.wait.until is not None
    assert timedelta(seconds=60) < error.value.wait.until - datetime.now(UTC) <= timedelta(seconds=90)


def test_a_text_that_is_too_long_is_refused_by_x_and_by_its_own_words(server: Server, channel: Channel) -> None:
    with pytest.raises(Refused) as error:
        channel.deliver(delivery_of("あ" * 141), None, page_readable=True)
    assert error.value.detail == "403 Your Tweet text is too long."
    channel.deliver(delivery_of("あ" * 140), None, page_readable=True)
    assert len(server.posts) == 1


def test_the_payload_holds_both_texts(catalog: Catalog) -> None:
    payload = notice_context(catalog, x="with https://a.example/", x_nolink="without")
    assert channels.freeze_payload(payload, SPEC) == {"text": "with https://a.example/", "plain": "without"}
    assert channels.freeze_payload(payload, replace(SPEC, includes_link=False)) == {
        "text": "without",
        "plain": "without",
    }


def test_credentials_are_never_shown() -> None:
    assert [secret for secret in ACCOUNT.settings.values() if secret in repr(x.Credentials(**ACCOUNT.settings))] == []


def test_an_account_is_opened_from_the_environment(server: Server) -> None:
    server.state.accounts = (ACCOUNT, SECOND)
    spec = replace(SPEC, id="x-en", account="@fitline_en")
    environ = SECOND.environ("x-en") | {"STATUSPAGE_X_API": server.address}
    channels.open_live(spec, environ).deliver(delivery_of(), None, page_readable=True)
    assert [p.username for p in server.posts] == ["fitline_en"]


def test_a_post_that_somebody_has_deleted_is_gone_as_it_should_be(server: Server) -> None:
    account = x.X(SPEC, x.Credentials(**ACCOUNT.settings), api=server.address)
    first = account.deliver(delivery_of(), None, page_readable=True)
    account.delete(first)
    account.delete(first)
    assert server.posts == []
