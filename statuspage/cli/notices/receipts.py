"""After a notice is on record: carried out, read back, and said how it went."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext
from statuspage.cli.errors import NOT_WRITTEN
from statuspage.cli.show import clock_of
from statuspage.domain import SITE, Delivery, DeliveryStatus, response_times
from statuspage.storage import deliveries, incidents
from statuspage.usecases import delivery as outbox
from statuspage.usecases.environment import Environment, shared_status
from statuspage.usecases.publishing import sync

WAIT_SECONDS = 20.0
"""Seconds a command waits for a worker that has the queue."""


def deliver(
    door: CommandContext, world: Environment, incident_id: str, sequence: int, *, words: Mapping[str, object]
) -> int:
    """Carries out what is owed, or waits for the worker that does, then tells how each channel ended."""
    outbox.drain(world, clock=door.clock, patience=WAIT_SECONDS)
    with world.store.read() as tx:
        owed = deliveries.of_notice(tx, incident_id, sequence)
        incident = incidents.load(tx, incident_id)
    shared_status.write_status(world, now=door.now())
    readable = response_times.readable_at(incident, sequence) if incident else None
    answer = {
        "incident": incident_id,
        "sequence": sequence,
        "words": words,
        "deliveries": [_delivery_json(d) for d in owed],
        "not_connected": dict(world.unready),
        "readable_at": serialization.to_json_value(readable),
        "targets": serialization.to_json_value(sync.farings(world)),
    }
    door.put(answer, _receipt_lines(door, world, incident_id, owed))
    if _is_page_written(owed):
        return 0
    detail = next((d.detail for d in owed if d.channel == SITE), "")
    click.echo(door.say("not_written", reason=detail), err=True)
    return NOT_WRITTEN


def _is_page_written(owed: Sequence[Delivery]) -> bool:
    return any(d.channel == SITE and "written" in d.receipt.seen for d in owed)


def _delivery_json(delivery: Delivery) -> dict[str, object]:
    return {
        "channel": delivery.channel,
        "language": delivery.language,
        "end": delivery.end.value,
        "reason": delivery.reason,
        "detail": delivery.detail,
        "receipt": serialization.to_json_value(delivery.receipt),
    }


def _receipt_lines(
    door: CommandContext, world: Environment, incident_id: str, owed: Sequence[Delivery]
) -> Iterator[str]:
    yield door.say("incident", incident=incident_id)
    clock = clock_of(door, world.catalog)
    wide = max([6, *map(len, world.catalog.channels)]) + 2
    for delivery in owed:
        at = clock.clock(delivery.finished) if delivery.finished else ""
        url = "" if delivery.channel == SITE else delivery.receipt.url
        yield f"  {delivery.channel:<{wide}}{at:<7}{state_of(door, delivery)} {url}".rstrip()
    yield from _copies(door, world)
    if world.address and _is_page_written(owed):
        yield from (f"  {world.address}/{language}/incidents/{incident_id}/" for language in world.catalog.languages)
    for channel, reason in world.unready.items():
        yield f"  {channel:<{wide}}{'':<7}{door.speech.say(f'desk.ways.why.{reason}')}"


def _copies(door: CommandContext, world: Environment) -> Iterator[str]:
    """How each target fares that follows the page."""
    clock = clock_of(door, world.catalog)
    for name, faring in sync.farings(world).items():
        at = clock.clock(faring.carried) if faring.carried else ""
        level = "behind" if sync.is_behind(world, name) else "level"
        key = f"target.reason.{faring.code}" if faring.code else f"desk.ways.target_{level}"
        yield f"  {name:<8}{at:<7}{door.speech.say(key)} {faring.detail}".rstrip()


def state_of(door: CommandContext, delivery: Delivery) -> str:
    """How it stands, in a word, with the reason where there is one."""
    if delivery.channel == SITE and delivery.end is DeliveryStatus.SENT:
        read = any(name.startswith("page.") for name in delivery.receipt.seen)
        return door.say("end_readable" if read else "end_on_disk")
    reason = f"receipt.reason.{delivery.why}"
    why = door.speech.say(reason) if door.speech.has(reason) else delivery.detail or delivery.reason
    return f"{door.say('end_' + delivery.end)} {why}".rstrip()
