"""The queue: what is stuck, and what a person can do about it."""

from __future__ import annotations

from collections.abc import Iterator

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext
from statuspage.cli.errors import Refusal, with_nearest
from statuspage.cli.framework import Flag, cli_command
from statuspage.cli.notices import delivery_state
from statuspage.cli.show import clock_of
from statuspage.domain import BulkSend, Catalog, ChannelHealth, Delivery
from statuspage.storage import bulk_sends, channel_health, deliveries
from statuspage.storage.engine import Database
from statuspage.usecases.delivery import admin
from statuspage.usecases.environment import restore_guard

NUMBER = click.Argument(["number"], metavar="NUMBER", type=int)


@cli_command("list", group="queue")
def list_queue(command: CommandContext) -> None:
    """Lists what is waiting, being sent or needs review, and unhealthy channels."""
    env = command.open_env()
    with env.databases.environment.read() as tx:
        unsettled, troubled = deliveries.unsettled_deliveries(tx), channel_health.troubled_channels(tx)
    running_sends = _running_bulk_sends(env.databases.subscribers)
    result = {
        "deliveries": serialization.to_json_value(unsettled),
        "channels": serialization.to_json_value(troubled),
        "bulk_sends": serialization.to_json_value(running_sends),
    }
    lines = [
        *_queue_lines(command, env.site.catalog, unsettled),
        *_bulk_send_lines(command, running_sends),
        *_channel_health_lines(command, troubled),
    ]
    command.print_result(result, lines or [command.text("queue_empty")])


def _running_bulk_sends(subscribers_db: Database | None) -> tuple[BulkSend, ...]:
    """Notices being sent to subscribers."""
    if subscribers_db is None:
        return ()
    with subscribers_db.read() as tx:
        return bulk_sends.unfinished_bulk_sends(tx)


def _bulk_send_lines(command: CommandContext, running_sends: tuple[BulkSend, ...]) -> Iterator[str]:
    for bulk_send in running_sends:
        sentence = command.text("queue_bulk_send", delivered=f"{bulk_send.delivered:,}", share=bulk_send.percent_done)
        yield f"{'':>6}  {'':<6}{bulk_send.incident} {bulk_send.sequence:>3}  {bulk_send.channel:<8} {sentence}"


def _queue_lines(command: CommandContext, catalog: Catalog, unsettled: tuple[Delivery, ...]) -> Iterator[str]:
    clock = clock_of(command, catalog)
    for delivery in unsettled:
        time_text = clock.format_time(delivery.queued_at) if delivery.queued_at else ""
        notice = f"{delivery.incident} {delivery.sequence:>3}"
        state = delivery_state(command, delivery)
        yield f"{delivery.id:>6}  {time_text:<6}{notice}  {delivery.channel:<8} {state}"


def _channel_health_lines(command: CommandContext, troubled: tuple[ChannelHealth, ...]) -> Iterator[str]:
    for health in troubled:
        yield f"{health.channel}: {command.messages.label(f'receipt.reason.{health.reason}')} {health.detail}".rstrip()


@cli_command("retry", NUMBER, group="queue")
def retry_delivery(command: CommandContext, number: int) -> None:
    """Sends a delivery (again), even while its channel is paused."""
    _print_outcome(command, admin.retry_delivery(command.open_env().databases.environment, number, now=command.now()))


@cli_command("mark-delivered", NUMBER, Flag(["--url"], default="", metavar="URL"), group="queue")
def mark_delivered(command: CommandContext, number: int, url: str) -> None:
    """Marks a delivery as delivered, because a person has seen it."""
    _print_outcome(
        command, admin.mark_delivered(command.open_env().databases.environment, number, now=command.now(), url=url)
    )


def _print_outcome(command: CommandContext, delivery: Delivery) -> None:
    command.print_result(
        serialization.to_json_value(delivery),
        [f"{delivery.id:>6}  {delivery.channel}  {delivery_state(command, delivery)}"],
    )


@cli_command("resume", click.Argument(["channel"], metavar="CHANNEL"), group="queue")
def resume_channel(command: CommandContext, channel: str) -> None:
    """Resumes a repaired channel, which is tried at once."""
    env = command.open_env()
    if channel not in env.site.catalog.channels:
        known = env.site.catalog.channels
        sentence = command.text("no_channel", channel=channel, ready=", ".join(known) or "-")
        raise Refusal(with_nearest(command, sentence, channel, known))
    troubled = admin.resume_channel(env.databases.environment, channel, now=command.now())
    sentence = command.text("queue_resumed" if troubled else "queue_channel_healthy", channel=channel)
    command.print_result({"channel": channel, "was_unhealthy": troubled}, [sentence])


@cli_command("release", group="queue")
def release_send_hold(command: CommandContext) -> None:
    """Ends the send hold after a restore, so that sending resumes."""
    was_on_hold = restore_guard.lift_hold(command.open_env(warn=False), now=command.now())
    command.print_result(
        {"was_on_hold": was_on_hold}, [command.text("send_hold_released" if was_on_hold else "no_send_hold")]
    )


COMMANDS = {
    command.name: command for command in (list_queue, retry_delivery, mark_delivered, resume_channel, release_send_hold)
}
