"""What a notice owes to whom, and what that costs."""

from __future__ import annotations

from collections.abc import Collection, Mapping

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
        NewDelivery(channel.spec.id, channel.spec.language, channel.payload(notice.words[channel.spec.language]))
        for channel in world.channels.values()
        if channel.spec.id in told or (notice.notice in channel.spec.notices and (to is None or channel.spec.id in to))
    ]
    return [NewDelivery(SITE, "", {}), *posts]


def costs(world: World, notice: NoticeKind) -> Mapping[str, float]:
    """The price of this post by channel, in the channel's currency."""
    specs = [channel.spec for channel in world.channels.values() if notice in channel.spec.notices]
    return {spec.id: spec.price_link if spec.link else spec.price_post for spec in specs}
