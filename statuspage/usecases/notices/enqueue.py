"""What a notice owes to whom, and what that costs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from statuspage.domain import SITE, Incident, NewDelivery, NoticeKind
from statuspage.integrations.channels import Channel, NoticeContext
from statuspage.storage import deliveries, incidents
from statuspage.storage.engine import Connection
from statuspage.usecases.environment import Environment


def enqueue_deliveries(
    tx: Connection,
    world: Environment,
    incident_id: str,
    sequence: int,
    *,
    now: datetime,
    to: tuple[str, ...] | None = None,
    carried: Collection[str] = (),
) -> None:
    """Queues what the newest notice of this incident owes, in the notice's own transaction."""
    story = incidents.load(tx, incident_id)
    if story is not None:
        owes = owed(world, story, to, carried, open=incidents.open_now(tx))
        deliveries.queue(tx, incident_id, sequence, owes, at=now)


def owed(
    world: Environment,
    story: Incident,
    to: tuple[str, ...] | None = None,
    carried: Collection[str] = (),
    open: tuple[Incident, ...] = (),
) -> list[NewDelivery]:
    """What the newest notice owes to whom: the site first, then each channel that carries this kind of notice.

    A withdrawal also goes to every channel that has ``carried`` the mistake, whoever was left out by hand.
    """
    told = NoticeContext(story, world.catalog, world.address, open)
    kind = told.notice.notice
    sure = carried if kind is NoticeKind.WITHDRAWAL else ()
    posts = [
        NewDelivery(channel.spec.id, channel.spec.language, _payload(channel, told))
        for channel in world.channels.values()
        if channel.spec.id in sure or (kind in channel.spec.notices and (to is None or channel.spec.id in to))
    ]
    return [NewDelivery(SITE, "", {}), *posts]


def _payload(channel: Channel, told: NoticeContext) -> Mapping[str, str]:
    """What is frozen for this channel; for a withdrawal also what is to become of what it has told before."""
    frozen, policy = channel.payload(told), channel.spec.withdrawal
    taken_back = told.notice.notice is NoticeKind.WITHDRAWAL and policy != "follow_up"
    return {**frozen, "withdrawal": policy} if taken_back else frozen


def costs(world: Environment, notice: NoticeKind) -> Mapping[str, float]:
    """The price of this post by channel, in the channel's currency."""
    specs = [channel.spec for channel in world.channels.values() if notice in channel.spec.notices]
    return {spec.id: spec.price_link if spec.link else spec.price_post for spec in specs}
