"""Apprise: at most one message, whatever happens, and its addresses appear nowhere."""

from __future__ import annotations

import builtins
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from statuspage.domain.catalog import Catalog
from statuspage.domain.delivery import Delivery
from statuspage.domain.facts import NoticeKind
from statuspage.domain.site_config import ChannelSpec
from statuspage.integrations import channels
from statuspage.integrations.channels.base import Channel, CredentialsInvalid, DeliveryUnknown, NoticeContext
from tests.support.fakes.service import ReceivedMessage as Taken
from tests.support.fakes.service import Reply, Request, Service, running
from tests.support.site import ADDRESS, composed
from tests.support.times import at

SPEC = ChannelSpec("apprise-any", "apprise", "ja", "feed", "any", tuple(NoticeKind))
PATH = "/secret-of-apprise-address"


class AnyService(Service):
    """The service that Apprise calls JSON: a title and a message, posted."""

    def is_message(self, request: Request) -> bool:
        """Every post is a message."""
        return request.method == "POST"

    def answer(self, request: Request) -> Reply:
        """Accepts it."""
        self.received.append(Taken(str(len(self.received) + 1), "", request.json["message"], body=request.json))
        return Reply(200, "ok")


@pytest.fixture
def service() -> Iterator[AnyService]:
    with running(AnyService()) as found:
        yield found


@pytest.fixture
def channel(service: AnyService) -> Channel:
    address = service.address.replace("http", "json") + PATH + "?rto=0.3&cto=0.3"
    return channels.open_live(SPEC, {"STATUSPAGE_APPRISE_ANY_URL": address})


def delivery_of(channel: Channel, catalog: Catalog) -> Delivery:
    notice_context = NoticeContext(composed(catalog, ("12:03", "first")), catalog, ADDRESS)
    payload = channels.freeze_payload(notice_context, channel.spec)
    return Delivery(1, notice_context.incident.id, 1, channel.spec.id, "ja", payload, queued_at=at("12:03"))


def test_subject_and_words_arrive(service: AnyService, channel: Channel, catalog: Catalog) -> None:
    delivery = delivery_of(channel, catalog)
    receipt = channel.deliver(delivery, None, page_readable=True)
    (taken,) = service.received
    assert (taken.body["title"], taken.text) == (
        "会員アプリでレッスンを予約できません。予約の管理にも影響があります（7月4日）",
        delivery.payload["text"],
    )
    assert (receipt.remote_id, receipt.url) == ("", "")


def test_nobody_is_called_by_what_a_text_says(service: AnyService, channel: Channel, catalog: Catalog) -> None:
    names = {"text": "@everyone は @fitline と help@fitline.example", "subject": "@here"}
    channel.deliver(replace(delivery_of(channel, catalog), payload=names), None, page_readable=True)
    (taken,) = service.received
    assert (taken.body["title"], taken.text) == (
        "@\u200dhere",
        "@\u200deveryone は @\u200dfitline と help@fitline.example",
    )


@pytest.mark.parametrize("fault", ["400", "401", "404", "429-after", "500", "503", "cut", "drop", "hang"])
def test_whatever_goes_wrong_a_person_looks_and_nothing_is_sent_twice(
    service: AnyService, channel: Channel, catalog: Catalog, fault: str
) -> None:
    assert channel.on_unsure == "review"
    service.next(fault)
    with pytest.raises(DeliveryUnknown):
        channel.deliver(delivery_of(channel, catalog), None, page_readable=True)
    assert len(service.requests) == 1
    assert len(service.received) <= 1


def test_its_address_is_in_nothing_it_says_or_logs(
    service: AnyService, channel: Channel, catalog: Catalog, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("apprise").setLevel(logging.DEBUG)
    shown = [repr(channel), channel.probe()]
    for fault in ("500", "cut"):
        service.next(fault)
        with pytest.raises(DeliveryUnknown) as error:
            channel.deliver(delivery_of(channel, catalog), None, page_readable=True)
        shown.append(f"{error.value} {error.value.__cause__} {error.value.detail}")
    assert PATH not in "\n".join(shown) + caplog.text


def test_an_address_it_does_not_know_and_a_library_that_is_not_there_are_said(
    catalog: Catalog, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = channels.open_live(SPEC, {"STATUSPAGE_APPRISE_ANY_URL": "nothing://like/it"})
    with pytest.raises(CredentialsInvalid) as raised:
        odd.probe()
    assert raised.value.reason == "credentials"
    real = builtins.__import__

    def without(name: str, *more: Any, **named: Any) -> Any:
        if name == "apprise":
            raise ImportError(name)
        return real(name, *more, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(CredentialsInvalid) as raised:
        channel.deliver(delivery_of(channel, catalog), None, page_readable=True)
    assert raised.value.reason == "not_installed"
