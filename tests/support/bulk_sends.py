"""What tests of notices to many share: a world with subscribers, a channel to them, a mail server that writes down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex

from sqlalchemy import insert

from statuspage.domain.bulk_send import BulkSend
from statuspage.domain.catalog import Catalog, ChannelSpec
from statuspage.domain.delivery import Delivery, NewDelivery
from statuspage.domain.facts import NoticeKind
from statuspage.domain.incident import Incident
from statuspage.domain.subscription import (
    Origin,
    SubscriberStatus,
    SubscriberType,
    SubscriptionLevel,
    SubscriptionTopic,
)
from statuspage.integrations import channels
from statuspage.integrations.channels.base import Channel
from statuspage.integrations.channels.http_limits import Timeouts
from statuspage.storage import bulk_sends, deliveries, incidents
from statuspage.storage.engine.database import Database
from statuspage.storage.tables.subscribers import subscriber
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.notices.enqueue import build_deliveries as owed_to_all
from tests.support.database import made
from tests.support.deliveries import ID, world_in
from tests.support.times import at

SENDER = "status@fitline.example"
OWN_PAGES = "https://subscribe.fitline.example"
OPTIONS = {"sender": SENDER, "rate": "0", "connections": "4"}
SPEC = ChannelSpec("subscribers-ja", "subscribers", "ja", "mail", notice_kinds=tuple(NoticeKind), options=OPTIONS)
HURRIED = Timeouts(connect=5.0, read=5.0, total=10.0)


def address(number: int, name: str = "customer") -> str:
    """Of one of many."""
    return f"{name}-{number:07d}@mail.example"


def subscribe(
    books: Database,
    addresses: Sequence[str],
    *,
    language: str = "ja",
    services: Sequence[str] = (),
    topic: SubscriptionTopic = SubscriptionTopic.EVERYTHING,
    level: SubscriptionLevel = SubscriptionLevel.ALL,
    kind: SubscriberType = SubscriberType.EMAIL,
    secret: str = "",
    contact: str = "",
) -> None:
    """All of these have asked to be told and confirmed."""
    then = datetime(2026, 1, 1, tzinfo=UTC)
    wish = {"language": language, "services": list(services), "topic": topic.value, "level": level.value}
    state = {"status": SubscriberStatus.ACTIVE.value, "origin": Origin.FORM.value, "consent": {}, "secret": secret}
    when = {"created": then, "confirmed": then, "changed": then}
    common = {"kind": kind.value, "contact": contact, **wish, **state, **when}
    with books.begin() as tx:
        for start in range(0, len(addresses), 5000):
            rows = [{**common, "address": one, "seed": token_hex(16)} for one in addresses[start : start + 5000]]
            tx.execute(insert(subscriber), rows)


def channel_to(server: str, spec: ChannelSpec = SPEC, bounds: Timeouts = HURRIED, **settings: str) -> Channel:
    """The channel, to this mail server."""
    prefix = f"STATUSPAGE_{spec.id.upper().replace('-', '_')}_"
    given = {"server": server, **settings}
    return channels.open_live(spec, {prefix + name.upper(): value for name, value in given.items()}, bounds)


def world_with(home: Path, catalog: Catalog, *ways: Channel) -> Environment:
    """A world without a page of its own, whose ways out are these."""
    found = world_in(home, catalog, "", {way.spec.id: way for way in ways})
    return replace(found, subscribers_db=made(home / "subscribers.db", "subscribers"), signup_url=OWN_PAGES)


NOW = at("12:03")


def tell_many(world: Environment, story: Incident, now: datetime = NOW) -> int:
    """The newest notice of the story is written down, with what is owed to all of the world's channels but the site."""
    newest = story.notices[-1].notice
    with world.database.begin() as tx:
        if incidents.load_incident(tx, story.id) is None:
            incidents.open_incident(tx, story.id, at=story.opened, t0=story.t0, t0_source="alert")
        sequence = incidents.append_entry(tx, story.id, replace(newest, key=token_hex(8)), happened=now, recorded=now)
        owed: list[NewDelivery] = owed_to_all(world, story)[1:]
        deliveries.enqueue_deliveries(tx, story.id, sequence, owed, now)
    return sequence


def stands(world: Environment, sequence: int, channel: str = SPEC.id, id: str = ID) -> Delivery:
    """The delivery of this notice."""
    with world.database.read() as tx:
        return next(one for one in deliveries.deliveries_of_notice(tx, id, sequence) if one.channel == channel)


def mailing_of(world: Environment, sequence: int, id: str = ID) -> BulkSend:
    """How far this notice has got."""
    assert world.subscribers_db is not None
    with world.subscribers_db.read() as tx:
        (found,) = bulk_sends.bulk_sends_of_notice(tx, id, sequence)
    return found
