"""After a notice is stored: sends it, reads it back, prints the result."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext
from statuspage.cli.errors import NOT_WRITTEN
from statuspage.cli.show import clock_of
from statuspage.domain import SITE, Delivery, DeliveryStatus, response_times
from statuspage.storage import deliveries, incidents
from statuspage.usecases import delivery as delivery_queue
from statuspage.usecases.environment import Environment, shared_status
from statuspage.usecases.publishing import sync

WAIT_SECONDS = 20.0
"""Seconds a command waits for a worker that holds the queue."""


def deliver(
    command: CommandContext,
    env: Environment,
    incident_id: str,
    sequence: int,
    *,
    texts: Mapping[str, object],
    waits: bool = False,
) -> int:
    """Sends what is queued, or waits until the worker that does has written the page, then prints the result of each
    channel, and who sends the rest. ``waits``: until everything is sent."""

    def is_page_settled() -> bool:
        with env.databases.environment.read() as tx:
            return not _is_open(deliveries.deliveries_of_notice(tx, incident_id, sequence), SITE)

    is_done = delivery_queue.drain(
        env,
        clock=command.clock,
        patience=math.inf if waits else WAIT_SECONDS,
        is_enough=None if waits else is_page_settled,
    )
    with env.databases.environment.read() as tx:
        notice_deliveries = deliveries.deliveries_of_notice(tx, incident_id, sequence)
    shared_status.write_status(env, now=command.now())
    result = {"texts": texts, **_result(env, incident_id, sequence, notice_deliveries)}
    lines = [*_receipt_lines(command, env, incident_id, notice_deliveries)]
    if not is_done:
        carried_on = delivery_queue.has_other_worker(env, command.now())
        result["rest_sent_by"] = "worker" if carried_on else ""
        lines.append(command.text("carried_on" if carried_on else "left_waiting"))
    command.print_result(result, lines)
    if _is_page_written(notice_deliveries):
        return 0
    detail = next((delivery.detail for delivery in notice_deliveries if delivery.channel == SITE), "")
    click.echo(command.text("not_written", reason=detail), err=True)
    return NOT_WRITTEN


def _result(
    env: Environment, incident_id: str, sequence: int, notice_deliveries: Sequence[Delivery]
) -> dict[str, object]:
    """What programs read of a published notice, without its texts."""
    with env.databases.environment.read() as tx:
        incident = incidents.load_incident(tx, incident_id)
    readable_at = response_times.readable_at(incident, sequence) if incident else None
    return {
        "incident": incident_id,
        "sequence": sequence,
        "deliveries": [_delivery_json(delivery) for delivery in notice_deliveries],
        "not_connected": dict(env.senders.unready_channels),
        "readable_at": serialization.to_json_value(readable_at),
        "hosts": serialization.to_json_value(sync.sync_statuses(env)),
    }


def _is_open(notice_deliveries: Sequence[Delivery], channel: str) -> bool:
    """Whether one of them to this channel has not ended yet."""
    open_statuses = (DeliveryStatus.WAITING, DeliveryStatus.SENDING)
    return any(delivery.channel == channel and delivery.status in open_statuses for delivery in notice_deliveries)


def _is_page_written(notice_deliveries: Sequence[Delivery]) -> bool:
    return any(delivery.channel == SITE and "written" in delivery.receipt.checked_at for delivery in notice_deliveries)


def _delivery_json(delivery: Delivery) -> dict[str, object]:
    return {
        "channel": delivery.channel,
        "language": delivery.language,
        "status": delivery.status.value,
        "reason": delivery.reason,
        "detail": delivery.detail,
        "receipt": serialization.to_json_value(delivery.receipt),
    }


def _receipt_lines(
    command: CommandContext, env: Environment, incident_id: str, notice_deliveries: Sequence[Delivery]
) -> Iterator[str]:
    yield command.text("incident", incident=incident_id)
    clock = clock_of(command, env.site.catalog)
    width = max([6, *map(len, env.site.catalog.channels)]) + 2
    for delivery in notice_deliveries:
        time_text = clock.format_time(delivery.finished_at) if delivery.finished_at else ""
        url = "" if delivery.channel == SITE else delivery.receipt.url
        yield f"  {delivery.channel:<{width}}{time_text:<7}{delivery_state(command, delivery)} {url}".rstrip()
    yield from host_lines(command, env)
    if env.site.address and _is_page_written(notice_deliveries):
        yield from (
            f"  {env.site.address}/{language}/incidents/{incident_id}/" for language in env.site.catalog.languages
        )
    for channel, reason in env.senders.unready_channels.items():
        yield f"  {channel:<{width}}{'':<7}{command.messages.label(f'desk.channels.problem.{reason}')}"


def host_lines(command: CommandContext, env: Environment) -> list[str]:
    """The state of each host that mirrors the page."""
    clock = clock_of(command, env.site.catalog)
    lines = []
    for name, sync_status in sync.sync_statuses(env).items():
        time_text = clock.format_time(sync_status.uploaded_at) if sync_status.uploaded_at else ""
        level = "behind" if sync.is_behind(env.site_folder, name) else "up_to_date"
        key = f"host.reason.{sync_status.code}" if sync_status.code else f"desk.channels.host_{level}"
        lines.append(f"  {name:<8}{time_text:<7}{command.messages.label(key)} {sync_status.detail}".rstrip())
    return lines


def delivery_state(command: CommandContext, delivery: Delivery) -> str:
    """The delivery's status, with the reason if there is one."""
    if delivery.channel == SITE and delivery.status is DeliveryStatus.DELIVERED:
        is_readable = any(name.startswith("page.") for name in delivery.receipt.checked_at)
        return command.text("end_readable" if is_readable else "end_on_disk")
    reason = f"receipt.reason.{delivery.status_reason}"
    reason_text = (
        command.messages.label(reason) if command.messages.has_label(reason) else delivery.detail or delivery.reason
    )
    return f"{command.text('end_' + delivery.status)} {reason_text}".rstrip()
