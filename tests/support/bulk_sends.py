"""Shared by the tests of bulk sends: an environment with subscribers, a channel to them, a mail server that records."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from sqlalchemy import insert

from statuspage.domain.bulk_send import BulkSend, Recipient
from statuspage.domain.catalog import Catalog
from statuspage.domain.delivery import Delivery, NewDelivery
from statuspage.domain.facts import NoticeKind
from statuspage.domain.incident import Incident
from statuspage.domain.site_config import ChannelSpec
from statuspage.domain.subscription import (
    Origin,
    SubscriberStatus,
    SubscriberType,
    SubscriptionLevel,
    SubscriptionTopic,
)
from statuspage.integrations import channels
from statuspage.integrations.channels.base import Channel, RecipientSender
from statuspage.integrations.channels.subscriber_email import SubscriberEmail
from statuspage.integrations.channels.timeouts import Timeouts
from statuspage.storage import bulk_sends, deliveries, incidents
from statuspage.storage.engine.database import Database
from statuspage.storage.tables.subscribers import subscriber
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.notices.enqueue import build_deliveries
from tests.support.database import made
from tests.support.deliveries import ID, environment_in
from tests.support.environments import with_changes
from tests.support.times import at

SENDER = "status@fitline.example"
OWN_PAGES = "https://subscribe.fitline.example"
OPTIONS = {"sender": SENDER, "rate": "0", "connections": "4"}
SPEC = ChannelSpec("subscribers-ja", "subscribers", "ja", "mail", notice_kinds=tuple(NoticeKind), options=OPTIONS)
HURRIED = Timeouts(connect=5.0, read=5.0, total=10.0)


def address(number: int, name: str = "customer") -> str:
    """The address of one of many subscribers."""
    return f"{name}-{number:07d}@mail.example"


def subscribe(
    subscribers_db: Database,
    addresses: Sequence[str],
    *,
    language: str = "ja",
    services: Sequence[str] = (),
    topic: SubscriptionTopic = SubscriptionTopic.EVERYTHING,
    level: SubscriptionLevel = SubscriptionLevel.ALL,
    subscriber_type: SubscriberType = SubscriberType.EMAIL,
    secret: str = "",
    contact: str = "",
) -> None:
    """Adds confirmed subscribers."""
    confirmed_at = datetime(2026, 1, 1, tzinfo=UTC)
    preferences = {"language": language, "services": list(services), "topic": topic.value, "level": level.value}
    state = {"status": SubscriberStatus.ACTIVE.value, "origin": Origin.FORM.value, "consent": {}, "secret": secret}
    dates = {"created": confirmed_at, "confirmed": confirmed_at, "changed": confirmed_at}
    common = {"kind": subscriber_type.value, "contact": contact, **preferences, **state, **dates}
    with subscribers_db.begin() as tx:
        for start in range(0, len(addresses), 5000):
            rows = [{**common, "address": item, "seed": token_hex(16)} for item in addresses[start : start + 5000]]
            tx.execute(insert(subscriber), rows)


def channel_to(server: str, spec: ChannelSpec = SPEC, bounds: Timeouts = HURRIED, **settings: str) -> Channel:
    """The channel, to this mail server."""
    prefix = f"STATUSPAGE_{spec.id.upper().replace('-', '_')}_"
    given = {"server": server, **settings}
    return channels.open_live(spec, {prefix + name.upper(): value for name, value in given.items()}, bounds)


def environment_with(home: Path, catalog: Catalog, *channels_given: Channel) -> Environment:
    """An environment without a page, with these channels."""
    env = environment_in(home, catalog, "", {channel.spec.id: channel for channel in channels_given})
    return with_changes(env, subscribers=made(home / "subscribers.db", "subscribers"), signup_url=OWN_PAGES)


NOW = at("12:03")


def enqueue_for_all(env: Environment, incident: Incident, now: datetime = NOW) -> int:
    """Stores the newest notice of the incident and queues it for all channels except the site."""
    newest = incident.notices[-1].notice
    with env.databases.environment.begin() as tx:
        if incidents.load_incident(tx, incident.id) is None:
            incidents.open_incident(tx, incident.id, at=incident.opened, t0=incident.t0, t0_source="alert")
        sequence = incidents.append_entry(
            tx, incident.id, replace(newest, key=token_hex(8)), happened=now, recorded=now
        )
        queued: list[NewDelivery] = build_deliveries(env, incident)[1:]
        deliveries.enqueue_deliveries(tx, incident.id, sequence, queued, now)
    return sequence


def delivery_of_notice(env: Environment, sequence: int, channel: str = SPEC.id, id: str = ID) -> Delivery:
    """The delivery of this notice."""
    with env.databases.environment.read() as tx:
        return next(item for item in deliveries.deliveries_of_notice(tx, id, sequence) if item.channel == channel)


def bulk_send_of(env: Environment, sequence: int, id: str = ID) -> BulkSend:
    """The progress of this notice."""
    assert env.databases.subscribers is not None
    with env.databases.subscribers.read() as tx:
        (found,) = bulk_sends.bulk_sends_of_notice(tx, id, sequence)
    return found


class Interrupted(SubscriberEmail):
    """A bulk channel that calls a function after a number of recipients, when sending to the last of them has begun."""

    def __init__(self, after: int, happens: Callable[[], None], server: str) -> None:
        super().__init__(replace(SPEC, options={**OPTIONS, "connections": "1"}), {"server": server}, HURRIED)
        self.after, self.happens = after, happens

    @contextmanager
    def connect(self, *given: object, page_readable: bool) -> Iterator[RecipientSender]:
        with super().connect(*given, page_readable=page_readable) as hand:

            def counted(one: Recipient, then: Recipient | None = None) -> None:
                hand(one, then)
                self.after -= 1
                if self.after == 1:
                    self.happens()

            yield counted
