"""The queue: what is stuck, and what a person does about it."""

from __future__ import annotations

from collections.abc import Iterator

import click

from statuspage import serialization
from statuspage.cli.context import Door
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import Flag, Verbs, verb
from statuspage.cli.notices.receipts import state_of
from statuspage.cli.show import clock_of
from statuspage.domain.bulk_send import Mailing
from statuspage.domain.delivery import Delivery
from statuspage.domain.retry import Lane
from statuspage.storage import bulk_sends, channel_health, deliveries
from statuspage.usecases.delivery import admin
from statuspage.usecases.environment import restore_guard
from statuspage.usecases.environment.model import World

NUMBER = click.Argument(["number"], metavar="NUMBER", type=int)


@verb("list", group="queue")
def everything(door: Door) -> None:
    """What still waits, is being sent or has to be looked at; and channels in trouble."""
    world = door.world()
    with world.store.read() as tx:
        found, troubled = deliveries.unsettled(tx), channel_health.troubled(tx)
    going = _mailings(world)
    plain = {
        "deliveries": serialization.dump(found),
        "channels": serialization.dump(troubled),
        "mailings": serialization.dump(going),
    }
    lines = [*_lines(door, world, found), *_ways(door, going), *_troubles(door, troubled)]
    door.put(plain, lines or [door.say("queue_empty")])


def _mailings(world: World) -> tuple[Mailing, ...]:
    """Notices on their way to those who asked to be told."""
    if world.subscribers is None:
        return ()
    with world.subscribers.read() as tx:
        return bulk_sends.under_way(tx)


def _ways(door: Door, going: tuple[Mailing, ...]) -> Iterator[str]:
    for one in going:
        said = door.say("queue_mailing", told=f"{one.told:,}", share=one.share)
        yield f"{'':>6}  {'':<6}{one.incident} {one.sequence:>3}  {one.channel:<8} {said}"


def _lines(door: Door, world: World, found: tuple[Delivery, ...]) -> Iterator[str]:
    clock = clock_of(door, world.catalog)
    for one in found:
        at = clock.clock(one.queued) if one.queued else ""
        yield f"{one.id:>6}  {at:<6}{one.incident} {one.sequence:>3}  {one.channel:<8} {state_of(door, one)}"


def _troubles(door: Door, troubled: tuple[Lane, ...]) -> Iterator[str]:
    for lane in troubled:
        yield f"{lane.channel}: {door.speech.say(f'receipt.reason.{lane.reason}')} {lane.detail}".rstrip()


@verb("again", NUMBER, group="queue")
def again(door: Door, number: int) -> None:
    """Sends it (again), also where its channel is being left in peace."""
    _told(door, admin.send_again(door.world(), number, now=door.now()))


@verb("seen", NUMBER, Flag(["--url"], default="", metavar="URL"), group="queue")
def seen(door: Door, number: int, url: str) -> None:
    """Somebody looked: it is there."""
    _told(door, admin.mark_seen(door.world(), number, now=door.now(), url=url))


def _told(door: Door, delivery: Delivery) -> None:
    door.put(serialization.dump(delivery), [f"{delivery.id:>6}  {delivery.channel}  {state_of(door, delivery)}"])


@verb("resume", click.Argument(["channel"], metavar="CHANNEL"), group="queue")
def resume(door: Door, channel: str) -> None:
    """The channel is mended: it tries again now."""
    world = door.world()
    if channel not in world.catalog.channels:
        raise Refusal(door.say("no_channel", channel=channel, ready=", ".join(world.catalog.channels) or "-"))
    troubled = admin.try_channel(world, channel, now=door.now())
    said = door.say("queue_resumed" if troubled else "queue_well", channel=channel)
    door.put({"channel": channel, "was_in_trouble": troubled}, [said])


@verb("go", group="queue")
def go(door: Door) -> None:
    """Somebody has looked after an older state was put back: things go out again."""
    held = restore_guard.go(door.world(warn=False), now=door.now())
    door.put({"was_on_hold": held}, [door.say("queue_going" if held else "queue_not_held")])


VERBS: dict[str, click.Command] = {
    "queue": Verbs("queue", dict.fromkeys(["list", "again", "seen", "resume", "go"], "queue")),
    "list": everything,
    "again": again,
    "seen": seen,
    "resume": resume,
    "go": go,
}
