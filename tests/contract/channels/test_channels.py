"""What every channel must do, over real servers on loopback: exactly one message, with proof.

A new channel only adds a row in tests/support/channel_cases.py.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from structlog import BoundLogger, PrintLogger, wrap_logger
from structlog.testing import LogCapture

from statuspage.domain.catalog import Catalog
from statuspage.domain.delivery import Delivery, Thread
from statuspage.domain.queue_item import DeliveryStatus
from statuspage.integrations import channels
from statuspage.integrations.channels.base import Channel, CredentialsInvalid, NoticeContext, Unreachable, Unsent
from statuspage.storage import channel_health, deliveries
from statuspage.usecases.delivery.sender import DeliverySender
from statuspage.usecases.environment.model import Environment
from tests.support.channel_cases import CHANNEL_CASES, ChannelCase, written
from tests.support.channel_notices import AWKWARD, NOTICES, enqueue_notice, incident_of, sent_of
from tests.support.channel_table import TABLE, described, lines_of, rewritten
from tests.support.deliveries import environment_in, work
from tests.support.desk import Clock
from tests.support.environments import with_changes
from tests.support.fakes.service import Service
from tests.support.site import ADDRESS, composed
from tests.support.times import at

SERVE = Callable[[Path], str]


@pytest.fixture(params=CHANNEL_CASES, ids=lambda channel_case: channel_case.type)
def channel_case(request: pytest.FixtureRequest) -> ChannelCase:
    """Each channel in turn."""
    found: ChannelCase = request.param
    return found


@pytest.fixture
def service(channel_case: ChannelCase) -> Iterator[Service]:
    """The service of this channel."""
    with channel_case.serve() as running:
        yield running


@pytest.fixture
def channel(channel_case: ChannelCase, service: Service) -> Channel:
    """The channel, connected to it."""
    return channel_case.open(service)


@pytest.fixture
def clock() -> Clock:
    return Clock(at("12:03"))


@pytest.fixture
def env(
    tmp_path: Path, catalog: Catalog, channel_case: ChannelCase, channel: Channel, static_server: SERVE, clock: Clock
) -> Iterator[Environment]:
    """An environment with this channel and the page."""
    address = static_server(tmp_path / "site" / "current")
    env = environment_in(tmp_path, catalog, address, {channel_case.spec.id: channel})
    yield env
    env.databases.environment.close()


def notices(catalog: Catalog) -> list[NoticeContext]:
    """Three notices of one incident, with real texts."""
    return [NoticeContext(incident_of(catalog, count), catalog, ADDRESS) for count in (1, 2, 3)]


def delivery_of(
    channel_case: ChannelCase, channel: Channel, notice_context: NoticeContext, sequence: int = 1
) -> Delivery:
    """A delivery as the queue hands it over."""
    return held(channel_case, channels.freeze_payload(notice_context, channel.spec), sequence)


def held(channel_case: ChannelCase, payload: Mapping[str, str], sequence: int = 1) -> Delivery:
    fields = (sequence, "k3m9p2q7x4ab", sequence, channel_case.spec.id, channel_case.spec.language)
    return Delivery(*fields, payload, queued_at=at("12:03"), started_at=at("12:03"))


# One message


def test_a_message_arrives_in_its_own_words_and_its_receipt_names_it(
    channel_case: ChannelCase, service: Service, channel: Channel, catalog: Catalog
) -> None:
    delivery = delivery_of(channel_case, channel, notices(catalog)[0])
    receipt = channel.deliver(delivery, None, page_readable=True)
    (message,) = service.received
    assert (message.text, receipt.url, receipt.note_key) == (
        delivery.payload["text"],
        channel_case.url(message),
        channel_case.note,
    )
    assert receipt.remote_id == (message.id if channel_case.ids else "")


def test_the_link_is_left_out_where_the_page_cannot_be_read_and_where_the_content_says_so(
    channel_case: ChannelCase, service: Service, channel: Channel, catalog: Catalog
) -> None:
    first = notices(catalog)[0]
    delivery = delivery_of(channel_case, channel, first)
    receipt = channel.deliver(delivery, None, page_readable=False)
    bare = channels.freeze_payload(first, channel_case.open(service, includes_link=False).spec)
    assert [message.text for message in service.received] == [delivery.payload["plain"]]
    assert receipt.note_key == (
        "no_link" if delivery.payload["text"] != delivery.payload["plain"] else channel_case.note
    )
    assert bare["text"] == bare["plain"] == delivery.payload["plain"]
    assert "://" not in bare["text"]


def test_the_next_message_hangs_on_the_one_before(
    channel_case: ChannelCase, service: Service, channel: Channel, catalog: Catalog
) -> None:
    receipts = []
    for number, notice_context in enumerate(notices(catalog), 1):
        thread = Thread(tuple(receipts)) if receipts else None
        receipts.append(
            channel.deliver(delivery_of(channel_case, channel, notice_context, number), thread, page_readable=True)
        )
    above = [message.parent for message in service.received]
    ids = [message.id for message in service.received]
    assert len(ids) == 3
    assert above in (["", ids[0], ids[1]], ["", ids[0], ids[0]]) if channel_case.threads else above == ["", "", ""]


def test_what_is_written_arrives_as_it_is_written(
    channel_case: ChannelCase, service: Service, channel: Channel
) -> None:
    for number, text in enumerate(AWKWARD.values(), 1):
        channel.deliver(held(channel_case, channel_case.frozen(text), number), None, page_readable=True)
    assert dict(zip(AWKWARD, (message.text for message in service.received), strict=True)) == AWKWARD


def test_nobody_is_called_by_what_a_text_says(channel_case: ChannelCase, service: Service, channel: Channel) -> None:
    if channel_case.silent is None:
        assert channel_case.type in ("line",), "say in the row how a message shows that nobody is called"
        return
    text = "@everyone @here @channel <!channel> <!everyone> <@U012AB> <at>all</at> @fitline@social.example"
    channel.deliver(held(channel_case, channel_case.frozen(text)), None, page_readable=True)
    assert channel_case.silent(service.received[0]), service.received[0]


# The meaning of responses


@pytest.mark.slow
def test_every_answer_has_its_meaning_and_its_end(
    channel_case: ChannelCase, service: Service, env: Environment, clock: Clock, catalog: Catalog
) -> None:
    meant = {fault: (type.__name__, reason) for fault, (type, reason) in channel_case.answers.items()}
    delivery, attempts = claimed(env, clock, catalog), DeliverySender(env, clock, lambda: 1)
    seen = {}
    for number, fault in enumerate(("", *channel_case.answers)):
        service.received.clear()
        service.next(fault)
        seen[fault] = attempts.send_to_channel(replace(delivery, payload=channel_case.frozen(f"お知らせ {number}")))
        taken = len(service.received)
        assert seen[fault].status is DeliveryStatus.DELIVERED or not taken or seen[fault].maybe_sent, (
            f"{fault}: taken, and called unsent"
        )
        assert fault or taken == 1
    assert {fault: described(outcome) for fault, outcome in seen.items() if fault} == meant
    lines = lines_of(channel_case, seen)
    assert lines == rewritten(channel_case, lines), f"{TABLE} is not what was seen; GOLDEN=write writes it"


def claimed(env: Environment, clock: Clock, catalog: Catalog) -> Delivery:
    """A claimed delivery, to be tried in several ways."""
    enqueue_notice(env, incident_of(catalog), clock)
    (channel,) = env.senders.channels
    with env.databases.environment.begin() as tx:
        found = deliveries.claim_delivery(tx, "me", clock(), channel=channel)
    assert found is not None
    return found


def test_a_redirect_to_another_host_is_not_followed(
    channel_case: ChannelCase, service: Service, channel: Channel
) -> None:
    if "redirect" not in channel_case.answers:
        assert channel_case.type in ("mail",), "all others speak HTTP"
        return
    with channel_case.serve() as other:
        service.elsewhere = other.address
        service.next("redirect")
        with pytest.raises(Unreachable):
            channel.deliver(held(channel_case, channel_case.frozen("転送")), None, page_readable=True)
        assert (other.requests, other.received) == ([], [])


def test_where_nobody_listens_nothing_has_left(channel_case: ChannelCase, service: Service) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = f"127.0.0.1:{closed.getsockname()[1]}"
        here = service.address.rpartition("/")[2]
        environ = {name: value.replace(here, nowhere) for name, value in channel_case.environ(service).items()}
        with pytest.raises(Unreachable) as raised:
            channels.open_live(channel_case.spec, environ).deliver(
                held(channel_case, channel_case.frozen("だれもいない")), None, page_readable=True
            )
    assert raised.value.reason == "no_connection"
    assert service.received == []


# Unknown results


@pytest.mark.parametrize("fault", ["drop", "cut"])
def test_a_message_of_unknown_fate_is_there_once_in_the_end_or_a_person_is_asked(
    channel_case: ChannelCase, service: Service, env: Environment, clock: Clock, catalog: Catalog, fault: str
) -> None:
    service.next(fault)
    incident = incident_of(catalog)
    enqueue_notice(env, incident, clock)
    work(env, clock, chance=1)
    clock.later(seconds=6)
    work(env, clock, chance=1)
    (found,) = sent_of(env, incident)
    arrived = len(service.received)
    if channel_case.on_unsure == "review":
        assert (found.status, arrived) == (DeliveryStatus.NEEDS_REVIEW, int(fault == "drop"))
    elif channel_case.on_unsure == "resend":
        assert (found.status, found.receipt.note_key, arrived) == (
            DeliveryStatus.DELIVERED,
            "maybe_duplicate",
            2 if fault == "drop" else 1,
        )
    else:
        assert (found.status, arrived) == (DeliveryStatus.DELIVERED, 1)


def test_content_can_say_that_a_person_looks(channel_case: ChannelCase, service: Service) -> None:
    assert channel_case.open(service).on_unsure == channel_case.on_unsure
    assert channel_case.open(service, on_unknown_delivery="review").on_unsure == "review"


# An unhealthy channel


def test_when_its_settings_hold_no_longer_there_is_one_alarm_and_afterwards_each_message_goes_out_once(
    channel_case: ChannelCase,
    service: Service,
    env: Environment,
    clock: Clock,
    catalog: Catalog,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard = LogCapture()
    monkeypatch.setattr(
        "statuspage.usecases.delivery.dispatcher._log",
        wrap_logger(PrintLogger(), processors=[heard], wrapper_class=BoundLogger),
    )
    one, other = incident_of(catalog), incident_of(catalog, id="n5p8q2r7s4cd")
    service.revoke()
    for incident in (one, other):
        enqueue_notice(env, incident, clock)
    for _ in range(3):
        work(env, clock, chance=1)
        clock.later(minutes=31)
    alarms = [line["channel"] for line in heard.entries if line["event"] == "channel needs attention"]
    waiting = [(d.status, d.reason) for incident in (one, other) for d in sent_of(env, incident)]
    assert (alarms, service.received, waiting) == (
        [channel_case.spec.id],
        [],
        [(DeliveryStatus.WAITING, "credentials")] * 2,
    )
    service.restore()
    for _ in range(2):
        work(env, clock)
    assert {d.status for incident in (one, other) for d in sent_of(env, incident)} == {DeliveryStatus.DELIVERED}
    assert len(service.received) == 2
    with env.databases.environment.read() as tx:
        assert channel_health.troubled_channels(tx) == ()


def test_after_three_hours_of_silence_the_newest_notice_goes_out_alone(
    channel_case: ChannelCase, service: Service, env: Environment, clock: Clock, catalog: Catalog
) -> None:
    service.always = "503" if "503" in channel_case.answers else "421"
    for count in (1, 2, 3):
        newest = incident_of(catalog, count)
        enqueue_notice(env, newest, clock)
        work(env, clock, chance=1)
        clock.later(hours=1, minutes=30)
    service.always = ""
    for _ in range(2):
        work(env, clock)
        clock.later(minutes=10)
    assert [message.text for message in service.received] == [sent_of(env, newest)[-1].payload["text"]]
    assert [d.status for d in sent_of(env, newest)] == [
        DeliveryStatus.SUPERSEDED,
        DeliveryStatus.SUPERSEDED,
        DeliveryStatus.DELIVERED,
    ]


# Withdrawals


@pytest.mark.parametrize("policy", ["follow_up", "delete", "edit"])
def test_a_mistake_is_taken_back_as_the_content_says(
    channel_case: ChannelCase, service: Service, env: Environment, clock: Clock, catalog: Catalog, policy: str
) -> None:
    channel_type = channels.TYPES[channel_case.type]
    if policy != "follow_up" and policy not in channel_type.withdrawals:
        assert not hasattr(channel_case.open(service), policy)
        return
    env = with_changes(env, channels={channel_case.spec.id: channel_case.open(service, withdrawal=policy)})
    incident = composed(catalog, *NOTICES[:2], ("12:30", "withdrawal"))
    for count in (1, 2, 3):
        enqueue_notice(env, replace(incident, entries=incident.entries[:count]), clock)
        work(env, clock)
    taken_back = sent_of(env, incident)[-1]
    assert taken_back.status is DeliveryStatus.DELIVERED
    left = [message.text for message in service.received]
    assert len(left) == (3 if policy == "follow_up" else 1)
    assert left[-1] == taken_back.payload["text"]


# Settings


def test_its_settings_can_be_tried_without_telling_anybody(
    channel_case: ChannelCase, service: Service, channel: Channel
) -> None:
    assert channel.probe() == channel_case.probe
    assert service.received == []
    service.revoke()
    with pytest.raises(CredentialsInvalid):
        channel.probe()
    assert service.received == []


def test_what_it_lacks_is_named(channel_case: ChannelCase, service: Service) -> None:
    environ = channel_case.environ(service)
    needed = set(channels.secret_settings(channel_case.spec).values())
    assert needed <= set(environ)
    assert channels.missing_settings(channel_case.spec, environ) == ()
    for name in needed:
        assert channels.missing_settings(channel_case.spec, {**environ, name: ""}) == (name,)


def test_no_secret_is_in_what_it_says_or_logs(
    channel_case: ChannelCase, service: Service, channel: Channel, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = [value for value in channel_case.secrets(service).values() if value]
    shown = [repr(channel)]
    for number, fault in enumerate(channel_case.answers):
        if fault in ("hang", "drip", "endless"):
            continue
        service.next(fault)
        with pytest.raises(Unsent) as error:
            channel.deliver(
                held(channel_case, channel_case.frozen(f"文 {number}"), number + 1), None, page_readable=True
            )
        shown.append(f"{error.value} {error.value.__cause__} {error.value.detail}")
    everything = "\n".join(shown) + caplog.text
    assert [secret for secret in secrets if secret in everything] == []


# In a drill


def test_a_drill_writes_what_would_have_been_handed_over_and_nothing_leaves(
    channel_case: ChannelCase, service: Service, catalog: Catalog, tmp_path: Path
) -> None:
    sandbox, notice_contexts = channels.open_sandbox(channel_case.spec, tmp_path), notices(catalog)
    receipts = []
    for number, notice_context in enumerate(notice_contexts, 1):
        thread = Thread(tuple(receipts)) if receipts else None
        receipts.append(
            sandbox.deliver(delivery_of(channel_case, sandbox, notice_context, number), thread, page_readable=True)
        )
    pictures = written(tmp_path, channel_case.spec.id)
    texts = [channels.freeze_payload(notice_context, sandbox.spec)["text"] for notice_context in notice_contexts]
    assert [picture["sequence"] for picture in pictures] == [1, 2, 3]
    assert [text in channel_case.reads(p["message"]) for p, text in zip(pictures, texts, strict=True)] == [True] * 3
    assert (service.requests, service.received) == ([], [])
