"""Customers' webhooks: verified by an echoed challenge, signed with their own secret, and ended on request."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest
from sqlalchemy import select

from statuspage.domain.catalog import Catalog
from statuspage.domain.queue_item import DeliveryStatus
from statuspage.domain.subscription import SubscriberType, SubscriptionEmailKind
from statuspage.integrations.channels import subscriber_webhook
from statuspage.integrations.channels.public_egress import Egress, is_public
from statuspage.integrations.channels.timeouts import Timeouts
from statuspage.storage import subscribers
from statuspage.storage.tables.subscribers import recipient, subscription_email
from statuspage.usecases.environment.model import Environment
from tests.support.bulk_sends import bulk_send_of, delivery_of_notice, enqueue_for_all, environment_with, subscribe
from tests.support.deliveries import work
from tests.support.desk import Clock
from tests.support.fakes.hooks import verified
from tests.support.public_egress import Stranger, egress, stranger
from tests.support.site import composed
from tests.support.times import at
from tests.support.webhook_channel import SPEC

__all__ = ["egress", "stranger"]

URL, OTHER, THIRD = (f"https://hooks.example/{name}/notices" for name in ("one", "two", "three"))


def says(status: int, body: Callable[[dict[str, str]], str] = lambda _: "") -> Callable[[BaseHTTPRequestHandler], None]:
    """A server that responds like this to its last request."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        asked = json.loads(handler.server.asked_last)
        handler.send_response(status)
        handler.end_headers()
        handler.wfile.write(body(asked).encode())

    return answer


@pytest.fixture
def kept(stranger: Stranger, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, str], bytes]]:
    """The requests that the server receives, with their headers."""
    found: list[tuple[str, dict[str, str], bytes]] = []

    class Asked(list[tuple[str, str, bytes]]):
        def append(self, one: tuple[str, str, bytes]) -> None:
            stranger.server.asked_last = one[2]
            super().append(one)

    monkeypatch.setattr(stranger, "asked", Asked())
    return found


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (says(200, lambda asked: json.dumps({"challenge": asked["challenge"]})), ""),
        (says(200, lambda asked: asked["challenge"] + "\n"), ""),
        (says(200, lambda asked: "another word"), "no_echo"),
        (says(200, lambda asked: json.dumps({"challenge": 7})), "no_echo"),
        (says(200, lambda asked: json.dumps(asked)[:-4]), "no_echo"),
        (says(204), "no_echo"),
        (says(302, lambda asked: asked["challenge"]), "refused"),
        (says(500, lambda asked: asked["challenge"]), "refused"),
    ],
)
def test_a_webhook_is_taken_only_when_it_repeats_the_word(
    stranger: Stranger, egress: Egress, answer: Callable[[BaseHTTPRequestHandler], None], problem: str
) -> None:
    stranger.answer = answer
    assert subscriber_webhook.verify(URL, subscriber_webhook.new_secret(), now=at("12:00"), egress=egress) == problem


def test_where_nobody_is_or_nobody_may_go_nothing_is_asked(stranger: Stranger, egress: Egress) -> None:
    secret = subscriber_webhook.new_secret()
    assert subscriber_webhook.verify("http://hooks.example/", secret, now=at("12:00"), egress=egress) == "https"
    inside = replace(egress, is_allowed=is_public)
    assert subscriber_webhook.verify(URL, secret, now=at("12:00"), egress=inside) == "inside"
    away = replace(egress, port=1)
    assert subscriber_webhook.verify(URL, secret, now=at("12:00"), egress=away) == "away"
    assert stranger.asked == []


class Program:
    """A customer's program: stores what it was sent, and responds by path."""

    def __init__(self, stranger: Stranger) -> None:
        self.sent: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: dict[str, int] = {}
        stranger.answer = self.answer
        self._stranger = stranger

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """The response for the path; 204 by default."""
        body = next(one[2] for one in reversed(self._stranger.asked) if one[0] == handler.path)
        headers = {name.lower(): value for name, value in handler.headers.items()}
        self.sent.append((handler.path, headers, body))
        handler.send_response(self.answers.get(handler.path, 204))
        handler.end_headers()


@pytest.fixture
def env(tmp_path: Path, catalog: Catalog, egress: Egress) -> Iterator[Environment]:
    patient = replace(egress, timeouts=Timeouts(connect=20.0, read=20.0, total=30.0))
    found = environment_with(
        tmp_path, catalog, subscriber_webhook.SubscriberWebhooks(SPEC, patient, lambda: at("12:03"))
    )
    yield found
    found.databases.environment.close()
    assert found.databases.subscribers is not None
    found.databases.subscribers.close()


def test_each_gets_it_signed_with_a_secret_of_its_own_and_later_the_same(
    env: Environment, stranger: Stranger, catalog: Catalog
) -> None:
    assert env.databases.subscribers is not None
    program, clock = Program(stranger), Clock(at("12:03"))
    secrets = {url: subscriber_webhook.new_secret() for url in (URL, OTHER, THIRD)}
    for url, secret in secrets.items():
        subscribe(
            env.databases.subscribers,
            [url],
            subscriber_type=SubscriberType.WEBHOOK,
            language="en",
            secret=secret,
            contact="it@mail.example",
        )
    program.answers = {"/two/notices": 503, "/three/notices": 410}
    first = enqueue_for_all(env, composed(catalog, ("12:03", "first")))
    work(env, clock)
    assert sorted(path for path, _, _ in program.sent) == ["/one/notices", "/three/notices", "/two/notices"]
    for path, headers, body in program.sent:
        (own,) = (secret for url, secret in secrets.items() if url.endswith(path))
        assert verified(own, headers, body)
        assert json.loads(body)["type"] == "notice.published"
        assert not any(verified(other, headers, body) for other in secrets.values() if other != own)
    assert (delivery_of_notice(env, first, SPEC.id).reason, bulk_send_of(env, first).bounced) == ("deferred", 1)
    with env.databases.subscribers.read() as tx:
        gone = subscribers.find_suppression(tx, SubscriberType.WEBHOOK, THIRD)
        emails = tx.execute(select(subscription_email.c.kind, subscription_email.c.language)).all()
        details = tx.execute(select(recipient.c.detail)).scalars().all()
    assert gone is not None
    assert (gone.detail, emails, details) == ("410", [(SubscriptionEmailKind.STOPPED, "en")], ["503"])
    program.answers = {}
    work(env, clock := Clock(clock.later(minutes=1)))
    again = [(headers["webhook-id"], body) for path, headers, body in program.sent if path == "/two/notices"]
    assert len(again) == 2
    assert again[0] == again[1]
    assert (delivery_of_notice(env, first, SPEC.id).status, bulk_send_of(env, first).delivered) == (
        DeliveryStatus.DELIVERED,
        2,
    )


def test_a_program_that_stays_away_is_asked_ever_more_rarely_and_given_up_after_three_days(
    env: Environment, stranger: Stranger, catalog: Catalog
) -> None:
    assert env.databases.subscribers is not None
    program, clock = Program(stranger), Clock(at("12:03"))
    subscribe(
        env.databases.subscribers, [URL], subscriber_type=SubscriberType.WEBHOOK, secret=subscriber_webhook.new_secret()
    )
    program.answers = {"/one/notices": 500}
    first = enqueue_for_all(env, composed(catalog, ("12:03", "first")))
    pauses: list[timedelta] = []
    while (delivery := delivery_of_notice(env, first, SPEC.id)).status is DeliveryStatus.WAITING:
        assert delivery.retry_at is not None
        pauses.append(max(delivery.retry_at - clock(), timedelta(0)))
        clock.now = max(delivery.retry_at, clock())
        work(env, clock)
    assert len(program.sent) == len(pauses) == 10
    assert pauses == sorted(pauses)
    assert timedelta(days=3) < sum(pauses, timedelta(0)) < timedelta(days=4)
    bulk_send = bulk_send_of(env, first)
    assert (bulk_send.gave_up, bulk_send.delivered, bulk_send.bounced) == (1, 0, 0)


def test_a_secret_is_shown_by_nothing_that_is_printed(env: Environment) -> None:
    assert env.databases.subscribers is not None
    secret = subscriber_webhook.new_secret()
    subscribe(env.databases.subscribers, [URL], subscriber_type=SubscriberType.WEBHOOK, secret=secret)
    with env.databases.subscribers.read() as tx:
        (one,) = subscribers.list_page(tx, kind=SubscriberType.WEBHOOK)
    assert one.secret == secret
    assert secret not in repr(one)
