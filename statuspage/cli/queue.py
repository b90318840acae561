"""The queue: what is stuck, and what a person does about it."""

from __future__ import annotations

from collections.abc import Iterator

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import Flag, Verbs, verb
from statuspage.cli.notices import state_of
from statuspage.cli.show import clock_of
from statuspage.domain import BulkSend, ChannelHealth, Delivery
from statuspage.storage import bulk_sends, channel_health, deliveries
from statuspage.usecases.delivery import admin
from statuspage.usecases.environment import Environment, restore_guard

NUMBER = click.Argument(["number"], metavar="NUMBER", type=int)


@verb("list", group="queue")
def everything(door: CommandContext) -> None:
    """What still waits, is being sent or has to be looked at; and channels in trouble."""
    world = door.world()
    with world.store.read() as tx:
        found, troubled = deliveries.unsettled(tx), channel_health.troubled(tx)
    going = _mailings(world)
    plain = {
        "deliveries": serialization.to_json_value(found),
        "channels": serialization.to_json_value(troubled),
        "mailings": serialization.to_json_value(going),
    }
    lines = [*_queue_lines(door, world, found), *_ways(door, going), *_troubles(door, troubled)]
    door.put(plain, lines or [door.say("queue_empty")])


def _mailings(world: Environment) -> tuple[BulkSend, ...]:
    """Notices on their way to those who asked to be told."""
    if world.subscribers is None:
        return ()
    with world.subscribers.read() as tx:
        return bulk_sends.under_way(tx)


def _ways(door: CommandContext, going: tuple[BulkSend, ...]) -> Iterator[str]:
    for one in going:
        said = door.say("queue_mailing", told=f"{one.told:,}", share=one.share)
        yield f"{'':>6}  {'':<6}{one.incident} {one.sequence:>3}  {one.channel:<8} {said}"


def _queue_lines(door: CommandContext, world: Environment, found: tuple[Delivery, ...]) -> Iterator[str]:
    clock = clock_of(door, world.catalog)
    for one in found:
        at = clock.clock(one.queued) if one.queued else ""
        yield f"{one.id:>6}  {at:<6}{one.incident} {one.sequence:>3}  {one.channel:<8} {state_of(door, one)}"


def _troubles(door: CommandContext, troubled: tuple[ChannelHealth, ...]) -> Iterator[str]:
    for lane in troubled:
        yield f"{lane.channel}: {door.speech.say(f'receipt.reason.{lane.reason}')} {lane.detail}".rstrip()


@verb("again", NUMBER, group="queue")
def again(door: CommandContext, number: int) -> None:
    """Sends it (again), also where its channel is being left in peace."""
    _print_outcome(door, admin.send_again(door.world(), number, now=door.now()))


@verb("seen", NUMBER, Flag(["--url"], default="", metavar="URL"), group="queue")
def mark_seen(door: CommandContext, number: int, url: str) -> None:
    """Somebody looked: it is there."""
    _print_outcome(door, admin.mark_seen(door.world(), number, now=door.now(), url=url))


def _print_outcome(door: CommandContext, delivery: Delivery) -> None:
    door.put(
        serialization.to_json_value(delivery), [f"{delivery.id:>6}  {delivery.channel}  {state_of(door, delivery)}"]
    )


@verb("resume", click.Argument(["channel"], metavar="CHANNEL"), group="queue")
def resume_channel(door: CommandContext, channel: str) -> None:
    """The channel is mended: it tries again now."""
    world = door.world()
    if channel not in world.catalog.channels:
        raise Refusal(door.say("no_channel", channel=channel, ready=", ".join(world.catalog.channels) or "-"))
    troubled = admin.try_channel(world, channel, now=door.now())
    said = door.say("queue_resumed" if troubled else "queue_well", channel=channel)
    door.put({"channel": channel, "was_in_trouble": troubled}, [said])


@verb("go", group="queue")
def go(door: CommandContext) -> None:
    """Somebody has looked after an older state was put back: things go out again."""
    held = restore_guard.go(door.world(warn=False), now=door.now())
    door.put({"was_on_hold": held}, [door.say("queue_going" if held else "queue_not_held")])


VERBS: dict[str, click.Command] = {
    "queue": Verbs("queue", dict.fromkeys(["list", "again", "seen", "resume", "go"], "queue")),
    "list": everything,
    "again": again,
    "seen": mark_seen,
    "resume": resume_channel,
    "go": go,
}
