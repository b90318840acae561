"""What a notice owes to whom, and what that costs."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from statuspage.channels import Channel
from statuspage.deliveries import SITE, NewDelivery
from statuspage.facts import NoticeKind
from statuspage.timeline import Notice
from statuspage.world import World


def owed(
    world: World, notice: Notice, to: tuple[str, ...] | None = None, carried: Collection[str] = ()
) -> list[NewDelivery]:
    """What this notice owes to whom: the site first, then each channel that carries this kind of notice.

    A withdrawal also goes to every channel that has ``carried`` the mistake, whoever was left out by hand.
    """
    told = carried if notice.notice is NoticeKind.WITHDRAWAL else ()
    posts = [
        NewDelivery(channel.spec.id, channel.spec.language, _payload(channel, notice))
        for channel in world.channels.values()
        if channel.spec.id in told or (notice.notice in channel.spec.notices and (to is None or channel.spec.id in to))
    ]
    return [NewDelivery(SITE, "", {}), *posts]


def _payload(channel: Channel, notice: Notice) -> Mapping[str, str]:
    """What is frozen for this channel; for a withdrawal also what is to become of what it has told before."""
    frozen, policy = channel.payload(notice), channel.spec.withdrawal
    taken_back = notice.notice is NoticeKind.WITHDRAWAL and policy != "follow_up"
    return {**frozen, "withdrawal": policy} if taken_back else frozen


def costs(world: World, notice: NoticeKind) -> Mapping[str, float]:
    """The price of this post by channel, in the channel's currency."""
    specs = [channel.spec for channel in world.channels.values() if notice in channel.spec.notices]
    return {spec.id: spec.price_link if spec.link else spec.price_post for spec in specs}
