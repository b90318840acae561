"""The queue: what is stuck, and what a person does about it."""

from __future__ import annotations

from collections.abc import Iterator

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import CliGroup, Flag, cli_command
from statuspage.cli.notices import delivery_state
from statuspage.cli.show import clock_of
from statuspage.domain import BulkSend, ChannelHealth, Delivery
from statuspage.storage import bulk_sends, channel_health, deliveries
from statuspage.usecases.delivery import admin
from statuspage.usecases.environment import Environment, restore_guard

NUMBER = click.Argument(["number"], metavar="NUMBER", type=int)


@cli_command("list", group="queue")
def list_queue(command: CommandContext) -> None:
    """What still waits, is being sent or has to be looked at; and channels in trouble."""
    env = command.open_env()
    with env.database.read() as tx:
        unsettled, troubled = deliveries.unsettled_deliveries(tx), channel_health.troubled_channels(tx)
    running_sends = _running_bulk_sends(env)
    result = {
        "deliveries": serialization.to_json_value(unsettled),
        "channels": serialization.to_json_value(troubled),
        "mailings": serialization.to_json_value(running_sends),
    }
    lines = [
        *_queue_lines(command, env, unsettled),
        *_bulk_send_lines(command, running_sends),
        *_channel_health_lines(command, troubled),
    ]
    command.print_result(result, lines or [command.text("queue_empty")])


def _running_bulk_sends(env: Environment) -> tuple[BulkSend, ...]:
    """Notices on their way to those who asked to be told."""
    if env.subscribers_db is None:
        return ()
    with env.subscribers_db.read() as tx:
        return bulk_sends.unfinished_bulk_sends(tx)


def _bulk_send_lines(command: CommandContext, running_sends: tuple[BulkSend, ...]) -> Iterator[str]:
    for bulk_send in running_sends:
        sentence = command.text("queue_mailing", told=f"{bulk_send.delivered:,}", share=bulk_send.percent_done)
        yield f"{'':>6}  {'':<6}{bulk_send.incident} {bulk_send.sequence:>3}  {bulk_send.channel:<8} {sentence}"


def _queue_lines(command: CommandContext, env: Environment, unsettled: tuple[Delivery, ...]) -> Iterator[str]:
    clock = clock_of(command, env.catalog)
    for delivery in unsettled:
        time_text = clock.format_time(delivery.queued_at) if delivery.queued_at else ""
        yield f"{delivery.id:>6}  {time_text:<6}{delivery.incident} {delivery.sequence:>3}  {delivery.channel:<8} {delivery_state(command, delivery)}"


def _channel_health_lines(command: CommandContext, troubled: tuple[ChannelHealth, ...]) -> Iterator[str]:
    for health in troubled:
        yield f"{health.channel}: {command.messages.label(f'receipt.reason.{health.reason}')} {health.detail}".rstrip()


@cli_command("again", NUMBER, group="queue")
def send_again(command: CommandContext, number: int) -> None:
    """Sends it (again), also where its channel is being left in peace."""
    _print_outcome(command, admin.send_again(command.open_env(), number, now=command.now()))


@cli_command("seen", NUMBER, Flag(["--url"], default="", metavar="URL"), group="queue")
def mark_seen(command: CommandContext, number: int, url: str) -> None:
    """Somebody looked: it is there."""
    _print_outcome(command, admin.mark_seen(command.open_env(), number, now=command.now(), url=url))


def _print_outcome(command: CommandContext, delivery: Delivery) -> None:
    command.print_result(
        serialization.to_json_value(delivery),
        [f"{delivery.id:>6}  {delivery.channel}  {delivery_state(command, delivery)}"],
    )


@cli_command("resume", click.Argument(["channel"], metavar="CHANNEL"), group="queue")
def resume_channel(command: CommandContext, channel: str) -> None:
    """The channel is mended: it tries again now."""
    env = command.open_env()
    if channel not in env.catalog.channels:
        raise Refusal(command.text("no_channel", channel=channel, ready=", ".join(env.catalog.channels) or "-"))
    troubled = admin.try_channel(env, channel, now=command.now())
    sentence = command.text("queue_resumed" if troubled else "queue_well", channel=channel)
    command.print_result({"channel": channel, "was_in_trouble": troubled}, [sentence])


@cli_command("go", group="queue")
def release_send_hold(command: CommandContext) -> None:
    """Somebody has looked after an older state was put back: things go out again."""
    was_on_hold = restore_guard.lift_hold(command.open_env(warn=False), now=command.now())
    command.print_result(
        {"was_on_hold": was_on_hold}, [command.text("queue_going" if was_on_hold else "queue_not_held")]
    )


COMMANDS: dict[str, click.Command] = {
    "queue": CliGroup("queue", dict.fromkeys(["list", "again", "seen", "resume", "go"], "queue")),
    "list": list_queue,
    "again": send_again,
    "seen": mark_seen,
    "resume": resume_channel,
    "go": release_send_hold,
}
