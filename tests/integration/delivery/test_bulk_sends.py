"""Bulk sends: one message for each subscriber, as requested, on both databases, whatever the mail server replies."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from threading import Event

import pytest

from statuspage.domain.bulk_send import RecipientOutcome, RecipientStatus
from statuspage.domain.catalog import Catalog
from statuspage.domain.queue_item import DeliveryStatus
from statuspage.domain.subscription import (
    Subscriber,
    SubscriberStatus,
    SubscriberType,
    SubscriptionEmailKind,
    SubscriptionLevel,
    SubscriptionTopic,
)
from statuspage.integrations.channels.subscriber_email import FAILURE_LIMIT
from statuspage.integrations.channels.timeouts import Timeouts
from statuspage.storage import bulk_sends, channel_health, subscribers, subscription_emails
from statuspage.storage.engine.database import Database, DatabaseBroken, DatabaseBusy
from statuspage.usecases.delivery import admin, bulk_progress, bulk_sender
from statuspage.usecases.delivery.bulk_progress import BulkProgress
from statuspage.usecases.delivery.dispatcher import WorkerRun
from statuspage.usecases.delivery.recipient_batches import UpcomingRecipients
from statuspage.usecases.delivery.sender import DeliverySender
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.subscribers import emails
from tests.support.bulk_sends import (
    HURRIED,
    OPTIONS,
    OWN_PAGES,
    SENDER,
    SPEC,
    Interrupted,
    address,
    bulk_send_of,
    channel_to,
    delivery_of_notice,
    enqueue_for_all,
    environment_with,
    subscribe,
)
from tests.support.deliveries import wait_for, work
from tests.support.desk import Clock
from tests.support.environments import with_changes
from tests.support.fakes.mail_line import Post, served
from tests.support.fakes.mail_server import MailServer, mail_server
from tests.support.fakes.mail_sink import Sink, mail_sink
from tests.support.site import composed
from tests.support.times import at

pytestmark = pytest.mark.usefixtures("database")

FIRST, SECOND = (("12:03", "first"),), (("12:03", "first"), ("12:18", "update"))


@pytest.fixture(autouse=True)
def _nobody_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("statuspage.usecases.delivery.dispatcher.ABSENT", 0)  # no connection is dropped here


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[Sink]:
    with mail_sink(tmp_path / "taken") as running:
        yield running


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock(at("12:03"))


@pytest.fixture
def many(tmp_path: Path, catalog: Catalog, sink: Sink) -> Iterator[Environment]:
    """An environment whose only channel is the sink."""
    with closing(environment_with(tmp_path, catalog, channel_to(sink.address))) as found:
        yield found


@contextmanager
def closing(env: Environment) -> Iterator[Environment]:
    yield env
    env.databases.environment.close()
    assert env.databases.subscribers is not None
    env.databases.subscribers.close()


def to_server(tmp_path: Path, catalog: Catalog, server: MailServer, **change: object) -> Environment:
    """An environment whose only channel is a mail server that can be made to fail."""
    spec = replace(SPEC, **change)
    settings = {name: value for name, value in server.settings.items() if name != "server"}
    return environment_with(tmp_path, catalog, channel_to(server.address, spec, **settings))


def whom(sink: Sink) -> list[str]:
    return sorted(to for _, to in sink.taken().elements())


def test_each_is_told_once_and_only_those_who_asked_for_this(
    many: Environment, sink: Sink, clock: Clock, catalog: Catalog
) -> None:
    assert many.databases.subscribers is not None
    recipients = [address(number) for number in range(47)]
    subscribe(many.databases.subscribers, recipients)
    subscribe(many.databases.subscribers, ["booking@mail.example"], services=["booking"])
    subscribe(many.databases.subscribers, ["entry@mail.example"], services=["entry"])
    subscribe(many.databases.subscribers, ["english@mail.example"], language="en")
    subscribe(many.databases.subscribers, ["planned@mail.example"], topic=SubscriptionTopic.MAINTENANCE)
    subscribe(
        many.databases.subscribers,
        ["trouble@mail.example"],
        topic=SubscriptionTopic.INCIDENTS,
        level=SubscriptionLevel.IMPORTANT,
    )
    subscribe(many.databases.subscribers, ["left@mail.example"])
    with many.databases.subscribers.begin() as tx:
        one = subscribers.find_by_address(tx, SubscriberType.EMAIL, "left@mail.example")
        assert one is not None
        subscribers.save_subscriber(tx, replace(one, status=SubscriberStatus.UNSUBSCRIBED), at=at("12:00"))
    first = enqueue_for_all(many, composed(catalog, *FIRST))
    work(many, clock)
    wanted = sorted([*recipients, "booking@mail.example", "trouble@mail.example"])
    assert whom(sink) == wanted
    bulk_send = bulk_send_of(many, first)
    assert (delivery_of_notice(many, first).status, bulk_send.delivered, bulk_send.total, bulk_send.percent_done) == (
        DeliveryStatus.DELIVERED,
        49,
        51,
        100,
    )
    second = enqueue_for_all(many, composed(catalog, *SECOND), clock.later(minutes=15))
    work(many, clock)
    assert whom(sink) == sorted([*wanted, *recipients, "booking@mail.example"])
    assert bulk_send_of(many, second).delivered == 48
    ids = {id for id, _ in sink.taken()}
    assert len(ids) == 49 + 48


def test_the_report_after_an_incident_reaches_whoever_asked_for_its_service_and_nobody_else(
    tmp_path: Path, catalog: Catalog, server: MailServer, clock: Clock
) -> None:
    with closing(to_server(tmp_path, catalog, server)) as env:
        assert env.databases.subscribers is not None
        subscribe(env.databases.subscribers, ["booking@mail.example"], services=["booking"])
        subscribe(env.databases.subscribers, ["important@mail.example"], level=SubscriptionLevel.IMPORTANT)
        subscribe(env.databases.subscribers, ["entry@mail.example"], services=["entry"])
        subscribe(env.databases.subscribers, ["planned@mail.example"], topic=SubscriptionTopic.MAINTENANCE)
        told = composed(catalog, *FIRST, ("13:20", "resolved"), ("13:40", "postmortem"))
        enqueue_for_all(env, told, clock.later(hours=2))
        work(env, clock)
    (email,) = server.emails
    assert email["To"] == "booking@mail.example"
    assert email["Subject"].startswith("ご報告：")
    prepared = catalog.packs["ja"].lists["prevention"]["watch"].text
    assert all(prepared in str(part.get_content()) for part in email.iter_parts())


def test_an_email_has_links_of_its_readers_own_and_hangs_below_the_first_of_its_incident(
    tmp_path: Path, catalog: Catalog, server: MailServer, clock: Clock
) -> None:
    with closing(to_server(tmp_path, catalog, server)) as env:
        assert env.databases.subscribers is not None
        subscribe(env.databases.subscribers, ["sato@mail.example", "suzuki@mail.example"])
        enqueue_for_all(env, composed(catalog, *FIRST))
        work(env, clock)
        enqueue_for_all(env, composed(catalog, *SECOND), clock.later(minutes=15))
        work(env, clock)
    of = {to: [one for one in server.emails if one["To"] == to] for to in ("sato@mail.example", "suzuki@mail.example")}
    for to, (first, second) in of.items():
        assert first["In-Reply-To"] is None
        assert (second["In-Reply-To"], second["References"]) == (first["Message-ID"], first["Message-ID"])
        assert first["From"] == f"Fitline <{SENDER}>"
        assert first["Subject"].startswith("第一報：")
        assert (first["Auto-Submitted"], first["List-Id"]) == ("auto-generated", "<subscribers-ja.fitline.example>")
        assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        link = first["List-Unsubscribe"].strip("<>")
        assert link.startswith(f"{OWN_PAGES}/ja/unsubscribe/")
        assert [part.get_content_type() for part in first.iter_parts()] == ["text/plain", "text/html"]
        texts = [str(part.get_content()) for part in first.iter_parts()]
        assert [text.count(link) for text in texts] == [1, 1]
        assert [text.count(f"{OWN_PAGES}/ja/preferences/") for text in texts] == [1, 1]
        assert [".invalid" in text for text in texts] == [False, False]
        assert to not in str(first["Message-ID"])
    assert len({one["List-Unsubscribe"] for one in server.emails}) == 2
    assert len({one["Message-ID"] for one in server.emails}) == 4
    assert max(max(len(line) for line in raw.split(b"\r\n")) for raw in server.raw) <= 998
    assert max(max(raw) for raw in server.raw) < 128


def test_an_email_in_english_can_be_read_raw(
    tmp_path: Path, catalog: Catalog, server: MailServer, clock: Clock
) -> None:
    with closing(to_server(tmp_path, catalog, server, id="subscribers-en", language="en")) as env:
        assert env.databases.subscribers is not None
        subscribe(env.databases.subscribers, ["smith@mail.example"], language="en")
        enqueue_for_all(env, composed(catalog, *FIRST))
        work(env, clock)
    (email,) = server.emails
    body = email.get_body(("plain",))
    assert body is not None
    assert body["Content-Transfer-Encoding"] in ("quoted-printable", "7bit")
    text = body.get_content()
    assert text.startswith("You cannot book classes in the member app; also affected: Managing bookings.")
    assert f"Unsubscribe {OWN_PAGES}/en/unsubscribe/" in text


def test_an_address_that_is_none_is_not_written_to_again_and_one_that_says_later_gets_it_later(
    many: Environment, sink: Sink, clock: Clock, catalog: Catalog
) -> None:
    assert many.databases.subscribers is not None
    subscribe(many.databases.subscribers, [address(1), address(2, "gone"), address(3, "later"), address(4)])
    first = enqueue_for_all(many, composed(catalog, *FIRST))
    work(many, clock)
    waiting = delivery_of_notice(many, first)
    assert (waiting.status, waiting.reason) == (DeliveryStatus.WAITING, "deferred")
    assert whom(sink) == [address(1), address(4)]
    with many.databases.subscribers.read() as tx:
        known = subscribers.find_suppression(tx, SubscriberType.EMAIL, address(2, "gone"))
    assert known is not None
    assert (known.reason, known.detail) == ("bounced", "550 5.1.1 no such user")
    assert waiting.retry_at is not None
    clock.now = waiting.retry_at
    work(many, clock)
    assert whom(sink) == sorted([address(1), address(3, "later"), address(4)])
    bulk_send = bulk_send_of(many, first)
    assert (delivery_of_notice(many, first).receipt.note_key, bulk_send.delivered, bulk_send.bounced) == (
        "some_failed",
        3,
        1,
    )


def test_who_says_later_for_a_day_is_given_up_and_still_written_to_next_time(
    tmp_path: Path, catalog: Catalog, server: MailServer, clock: Clock
) -> None:
    server.refuses = {"late@mail.example": "451 4.7.1 later"}
    with closing(to_server(tmp_path, catalog, server)) as env:
        assert env.databases.subscribers is not None
        subscribe(env.databases.subscribers, ["late@mail.example", "sato@mail.example"])
        first = enqueue_for_all(env, composed(catalog, *FIRST))
        for hours in (0, 1, 6, 12, 7, 1):
            clock.later(hours=hours)
            work(env, clock)
        bulk_send = bulk_send_of(env, first)
        assert (delivery_of_notice(env, first).status, bulk_send.delivered, bulk_send.gave_up, bulk_send.bounced) == (
            DeliveryStatus.DELIVERED,
            1,
            1,
            0,
        )
        with env.databases.subscribers.read() as tx:
            assert len(subscribers.list_page(tx, kind=SubscriberType.EMAIL)) == 2


def test_a_refusal_for_reasons_of_policy_is_not_the_addresss_fault(
    tmp_path: Path, catalog: Catalog, server: MailServer, clock: Clock
) -> None:
    server.refuses = {"strict@mail.example": "550 5.7.1 we do not like you"}
    with closing(to_server(tmp_path, catalog, server)) as env:
        assert env.databases.subscribers is not None
        subscribe(env.databases.subscribers, ["strict@mail.example", "sato@mail.example"])
        first = enqueue_for_all(env, composed(catalog, *FIRST))
        work(env, clock)
        bulk_send = bulk_send_of(env, first)
        assert (bulk_send.delivered, bulk_send.refused, bulk_send.bounced) == (1, 1, 0)
        with env.databases.subscribers.read() as tx:
            assert subscribers.find_suppression(tx, SubscriberType.EMAIL, "strict@mail.example") is None


def test_a_server_that_refuses_everybody_is_not_believed_of_all(
    many: Environment, sink: Sink, clock: Clock, catalog: Catalog
) -> None:
    assert many.databases.subscribers is not None
    subscribe(many.databases.subscribers, [address(number, "gone") for number in range(200)])
    first = enqueue_for_all(many, composed(catalog, *FIRST))
    work(many, clock)
    waiting = delivery_of_notice(many, first)
    assert (waiting.status, waiting.reason, sink.taken()) == (DeliveryStatus.WAITING, "all_refused", {})
    assert bulk_send_of(many, first).bounced <= FAILURE_LIMIT + 10 * 4
    with many.databases.environment.read() as tx:
        assert channel_health.read_health(tx, SPEC.id).needs_person


@pytest.mark.parametrize(("policy", "arrived"), [("resend", 2), ("review", 1)])
def test_where_the_line_is_cut_after_the_email_it_is_sent_again_or_looked_at(
    tmp_path: Path, catalog: Catalog, server: MailServer, clock: Clock, policy: str, arrived: int
) -> None:
    server.next("drop")
    options = {**OPTIONS, "connections": "1"}
    with closing(to_server(tmp_path, catalog, server, on_unknown_delivery=policy, options=options)) as env:
        assert env.databases.subscribers is not None
        subscribe(env.databases.subscribers, ["sato@mail.example", "suzuki@mail.example"])
        first = enqueue_for_all(env, composed(catalog, *FIRST))
        for _ in range(3):
            work(env, clock)
            clock.later(minutes=10)
        assert [one["To"] for one in server.emails].count("sato@mail.example") == arrived
        assert [one["To"] for one in server.emails].count("suzuki@mail.example") == 1
        assert len({one["Message-ID"] for one in server.emails}) == 2
        delivery = delivery_of_notice(env, first)
        if policy == "resend":
            assert (delivery.status, delivery.receipt.note_key, bulk_send_of(env, first).maybe_duplicated) == (
                DeliveryStatus.DELIVERED,
                "maybe_duplicate",
                1,
            )
            return
        assert (delivery.status, delivery.reason) == (DeliveryStatus.NEEDS_REVIEW, "some_unknown")
        admin.retry_delivery(env.databases.environment, delivery.id, now=clock())
        work(env, clock)
        assert [one["To"] for one in server.emails].count("sato@mail.example") == 2
        assert delivery_of_notice(env, first).status is DeliveryStatus.DELIVERED


@pytest.mark.parametrize("fault", ["connect-421", "mail-451", "421"])
def test_a_server_that_is_away_for_a_while_loses_nobody(
    tmp_path: Path, catalog: Catalog, server: MailServer, clock: Clock, fault: str
) -> None:
    server.next(*[fault] * 8)
    with closing(to_server(tmp_path, catalog, server)) as env:
        assert env.databases.subscribers is not None
        subscribe(env.databases.subscribers, [address(number) for number in range(30)])
        first = enqueue_for_all(env, composed(catalog, *FIRST))
        for _ in range(8):
            work(env, clock)
            clock.later(minutes=10)
        assert delivery_of_notice(env, first).status is DeliveryStatus.DELIVERED
        assert sorted(str(one["To"]) for one in server.emails) == [address(number) for number in range(30)]


def all_sent_once(folder: Path, catalog: Catalog, clock: Clock, post: Post, bounds: Timeouts = HURRIED) -> None:
    """All 25 over one connection, without duplicates."""
    spec = replace(SPEC, options={**OPTIONS, "connections": "1"})
    with served(post) as where, closing(environment_with(folder, catalog, channel_to(where, spec, bounds))) as env:
        assert env.databases.subscribers is not None
        subscribe(env.databases.subscribers, [address(number) for number in range(25)])
        first = enqueue_for_all(env, composed(catalog, *FIRST))
        work(env, clock)
        assert (delivery_of_notice(env, first).status, bulk_send_of(env, first).maybe_duplicated) == (
            DeliveryStatus.DELIVERED,
            0,
        )
    assert sorted(name for name, _ in post.taken) == [address(number).partition("@")[0] for number in range(25)]


@pytest.mark.slow
def test_a_server_that_hangs_up_after_so_many_emails_gets_each_once(
    tmp_path: Path, catalog: Catalog, clock: Clock
) -> None:
    all_sent_once(tmp_path, catalog, clock, Post(most=4))


@pytest.mark.slow
def test_a_server_that_loses_what_comes_early_is_told_nothing_early_again_and_nobody_is_lost(
    tmp_path: Path, catalog: Catalog, clock: Clock
) -> None:
    post = Post(deaf=True)
    all_sent_once(tmp_path, catalog, clock, post, replace(HURRIED, read=0.5))
    assert len([line for line in post.commands if line.upper().startswith(b"EHLO")]) == 2  # one connection was given up


@pytest.mark.slow
def test_a_server_that_does_not_take_what_comes_early_is_told_nothing_early_again(
    tmp_path: Path, catalog: Catalog, clock: Clock
) -> None:
    post = Post(strict=("MAIL", "RCPT", "DATA"))
    all_sent_once(tmp_path, catalog, clock, post)
    assert post.commands.count(b"DATA") == 26


@pytest.mark.slow
def test_a_password_that_no_longer_holds_pauses_the_channel_and_afterwards_it_goes_on(
    tmp_path: Path, catalog: Catalog, server: MailServer, clock: Clock
) -> None:
    server.revoke()
    with closing(to_server(tmp_path, catalog, server)) as env:
        assert env.databases.subscribers is not None
        subscribe(env.databases.subscribers, [address(number) for number in range(5)])
        first = enqueue_for_all(env, composed(catalog, *FIRST))
        work(env, clock)
        assert (delivery_of_notice(env, first).status, delivery_of_notice(env, first).reason) == (
            DeliveryStatus.WAITING,
            "credentials",
        )
        server.restore()
        clock.later(minutes=31)
        work(env, clock)
        assert (delivery_of_notice(env, first).status, len(server.emails)) == (DeliveryStatus.DELIVERED, 5)


def test_nobody_to_tell_is_no_trouble(many: Environment, clock: Clock, catalog: Catalog) -> None:
    first = enqueue_for_all(many, composed(catalog, *FIRST))
    work(many, clock)
    assert (delivery_of_notice(many, first).status, delivery_of_notice(many, first).receipt.note_key) == (
        DeliveryStatus.DELIVERED,
        "nobody",
    )


def test_without_the_address_of_their_own_pages_nobody_is_written_to(
    many: Environment, sink: Sink, clock: Clock, catalog: Catalog
) -> None:
    assert many.databases.subscribers is not None
    subscribe(many.databases.subscribers, [address(1)])
    without = with_changes(many, signup_url="")
    first = enqueue_for_all(without, composed(catalog, *FIRST))
    work(without, clock)
    assert (delivery_of_notice(many, first).reason, sink.taken()) == ("no_signup_pages", {})


def test_a_newer_notice_goes_to_the_rest_first_and_then_to_those_who_know_the_older_one(
    tmp_path: Path, catalog: Catalog, sink: Sink, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_sender, "CHECK_SECONDS", -1.0)  # checks after each one
    later: list[int] = []
    channel = Interrupted(
        23, lambda: later.append(enqueue_for_all(env, composed(catalog, *SECOND), at("12:18"))), sink.address
    )
    with closing(environment_with(tmp_path, catalog, channel)) as env:
        assert env.databases.subscribers is not None
        subscribe(env.databases.subscribers, [address(number) for number in range(60)])
        first = enqueue_for_all(env, composed(catalog, *FIRST))
        clock.now = at("12:18")
        work(env, clock)
        bulk_sends_made = [bulk_send_of(env, number) for number in (first, *later)]
    assert [(one.delivered, one.is_superseded) for one in bulk_sends_made] == [(23, True), (60, False)]
    assert delivery_of_notice(env, first).receipt.note_key == "superseded_for_rest"
    lines = [line.split(" ") for line in sink.file.read_text().splitlines()]
    ids = {id.split(".")[1]: [to for one, to in lines if one.split(".")[1] == id.split(".")[1]] for id, _ in lines}
    assert ids["1"] == [address(number) for number in range(23)]
    # Those in progress when it came get the newer notice, like the others who know the older one.
    assert ids["2"][:30] == [address(number) for number in range(30, 60)]
    assert sorted(ids["2"]) == [address(number) for number in range(60)]


def test_stopped_in_the_middle_it_goes_on_where_it_was(
    tmp_path: Path, catalog: Catalog, sink: Sink, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = Event()
    channel = Interrupted(17, stop.set, sink.address)
    with closing(environment_with(tmp_path, catalog, channel)) as env:
        assert env.databases.subscribers is not None
        subscribe(env.databases.subscribers, [address(number) for number in range(40)])
        first = enqueue_for_all(env, composed(catalog, *FIRST))
        work(env, clock, stop=stop)
        assert (len(whom(sink)), delivery_of_notice(env, first).status) == (17, DeliveryStatus.WAITING)
        assert bulk_send_of(env, first).delivered == 17
        clock.later(seconds=2)
        work(env, clock)
        assert whom(sink) == [address(number) for number in range(40)]
        assert bulk_send_of(env, first).maybe_duplicated == 0


def test_who_is_erased_while_in_hand_holds_up_nobody(
    many: Environment, sink: Sink, clock: Clock, catalog: Catalog
) -> None:
    assert many.databases.subscribers is not None
    subscribe(many.databases.subscribers, [address(number) for number in range(4)])
    first = enqueue_for_all(many, composed(catalog, *FIRST))
    with many.databases.subscribers.begin() as tx:
        claimed = bulk_sends.claim_bulk_send(
            tx, delivery_of_notice(many, first), SubscriberType.EMAIL, clock(), resend=True
        )
        claimed, (gone, *_) = UpcomingRecipients(lambda _: True).take(tx, claimed, 3)
        bulk_sends.save_progress(tx, claimed, "")
    with many.databases.subscribers.begin() as tx:
        subscribers.erase_subscriber(tx, gone.id)
    work(many, clock)
    assert whom(sink) == [address(number) for number in (1, 2, 3)]
    bulk_send = bulk_send_of(many, first)
    assert (
        bulk_send.delivered,
        bulk_send.maybe_duplicated,
        bulk_send.in_progress,
        delivery_of_notice(many, first).status,
    ) == (
        3,
        2,
        (),
        DeliveryStatus.DELIVERED,
    )


def test_a_webhook_that_is_erased_while_in_hand_and_gone_holds_up_nobody(
    many: Environment, clock: Clock, catalog: Catalog
) -> None:
    assert many.databases.subscribers is not None
    hook = "https://hooks.example/1"
    subscribe(many.databases.subscribers, [hook], subscriber_type=SubscriberType.WEBHOOK, contact="sato@mail.example")
    first = enqueue_for_all(many, composed(catalog, *FIRST))
    with many.databases.subscribers.begin() as tx:
        bulk_send = bulk_sends.claim_bulk_send(
            tx, delivery_of_notice(many, first), SubscriberType.WEBHOOK, clock(), resend=True
        )
    progress = BulkProgress(many.databases.subscribers, bulk_send, "", lambda _: True, clock)
    (one,) = progress.record_and_take((), 1)
    with many.databases.subscribers.begin() as tx:
        subscribers.erase_subscriber(tx, one.subscriber.id)
    assert not progress.record_and_take(
        [RecipientOutcome(one, RecipientStatus.BOUNCED, reason="refused", detail="410")], 1
    )
    assert (bulk_send_of(many, first).bounced, bulk_send_of(many, first).in_progress) == (1, ())
    with many.databases.subscribers.read() as tx:
        assert subscription_emails.QUEUE.next_due_at(tx) is None


def test_what_could_not_be_written_down_is_read_again_before_anybody_is_handed_out(
    many: Environment, clock: Clock, catalog: Catalog
) -> None:
    assert many.databases.subscribers is not None
    subscribe(many.databases.subscribers, [address(number) for number in range(5)])
    first = enqueue_for_all(many, composed(catalog, *FIRST))
    with many.databases.subscribers.begin() as tx:
        bulk_send = bulk_sends.claim_bulk_send(
            tx, delivery_of_notice(many, first), SubscriberType.EMAIL, clock(), resend=True
        )
    fails = [False, False, False, True]

    def wants(_: Subscriber) -> bool:
        if fails and fails.pop(0):
            raise TimeoutError
        return True

    progress = BulkProgress(many.databases.subscribers, bulk_send, "", wants, clock)
    two = progress.record_and_take((), 2)
    assert [one.subscriber.address for one in two] == [address(0), address(1)]
    outcomes = [RecipientOutcome(one, RecipientStatus.DELIVERED) for one in two]
    with pytest.raises(TimeoutError):
        progress.record_and_take(outcomes, 2)
    assert (bulk_send_of(many, first).delivered, len(bulk_send_of(many, first).in_progress)) == (0, 2)
    rest = progress.record_and_take(outcomes, 4)
    assert [one.subscriber.address for one in rest] == [address(2), address(3), address(4)]
    assert (bulk_send_of(many, first).delivered, bulk_send_of(many, first).processed) == (2, 5)
    with many.databases.subscribers.begin() as tx:
        bulk_sends.claim_bulk_send(
            tx, replace(delivery_of_notice(many, first), owner="another"), SubscriberType.EMAIL, clock(), resend=True
        )
    with pytest.raises(bulk_sends.OwnershipLost):
        progress.record_and_take([RecipientOutcome(one, RecipientStatus.DELIVERED) for one in rest], 2)
    assert bulk_send_of(many, first).delivered == 2


def test_who_asks_at_the_same_time_is_written_down_at_once(
    many: Environment, clock: Clock, catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_progress, "GATHER_SECONDS", 60.0)  # nothing is written before all have asked
    assert many.databases.subscribers is not None
    subscribe(many.databases.subscribers, [address(number) for number in range(50)])
    first = enqueue_for_all(many, composed(catalog, *FIRST))
    with many.databases.subscribers.begin() as tx:
        bulk_send = bulk_sends.claim_bulk_send(
            tx, delivery_of_notice(many, first), SubscriberType.EMAIL, clock(), resend=True
        )
    written: list[int] = []

    def now() -> datetime:
        written.append(len(bulk_send_of(many, first).in_progress))
        return clock()

    progress = BulkProgress(many.databases.subscribers, bulk_send, "", lambda _: True, now, connections=4)
    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(lambda _: progress.record_and_take((), 10), range(4)))
        asked = [
            pool.submit(progress.record_and_take, [RecipientOutcome(one, RecipientStatus.DELIVERED) for one in ten], 10)
            for ten in given[1:]
        ]
        progress.disconnect()  # the fourth is over, and nobody waits for it
        rest = [one for some in asked for one in some.result()]
    assert sorted(one.subscriber.address for ten in given for one in ten) == [address(number) for number in range(40)]
    assert sorted(one.subscriber.address for one in rest) == [address(number) for number in range(40, 50)]
    assert (written, bulk_send_of(many, first).delivered, len(bulk_send_of(many, first).in_progress)) == (
        [0, 40],
        30,
        20,
    )


# Emails about subscriptions


def email_queued(env: Environment, clock: Clock) -> Database:
    """Somebody requested the link to their preferences; the email is in the database."""
    assert env.databases.subscribers is not None
    subscribe(env.databases.subscribers, ["sato@mail.example"])
    with env.databases.subscribers.begin() as tx:
        reader = subscribers.find_by_address(tx, SubscriberType.EMAIL, "sato@mail.example")
        assert reader is not None
        subscription_emails.enqueue_email(tx, SubscriptionEmailKind.LINK, reader.id, "ja", clock())
    return env.databases.subscribers


def test_a_worker_that_is_to_stop_takes_no_email_in_hand(many: Environment, sink: Sink, clock: Clock) -> None:
    progress, stop = email_queued(many, clock), Event()
    stop.set()
    emails.send_due_emails(many, "ending", clock=clock, jitter=lambda: 0.5, stop=stop)
    with progress.begin() as tx:
        assert subscription_emails.QUEUE.owners(tx) == ()
        email = subscription_emails.QUEUE.claim(tx, "next", clock())
    assert email is not None
    assert (email.attempts, whom(sink)) == (1, [])


@pytest.mark.parametrize("fault", [DatabaseBusy("in use"), DatabaseBroken("full")], ids=["busy", "full"])
def test_an_email_somebody_left_in_hand_goes_out_though_the_database_was_in_trouble_when_the_worker_began(
    many: Environment, sink: Sink, clock: Clock, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    progress, faults, inherit = email_queued(many, clock), [fault, fault], emails.release_abandoned
    with progress.begin() as tx:
        assert subscription_emails.QUEUE.claim(tx, "gone", clock()) is not None

    def with_fault(env: Environment, owner: str, now: datetime) -> None:
        if faults:
            raise faults.pop()
        inherit(env, owner, now)

    monkeypatch.setattr(emails, "release_abandoned", with_fault)
    worker_run = WorkerRun(DeliverySender(many, clock, lambda: 0.5), "next", Event())
    worker_run.begin()
    for _ in range(2):
        worker_run.start_emails(clock())
    wait_for(lambda: whom(sink) == ["sato@mail.example"])
    worker_run.finish()
