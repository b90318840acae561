"""Redacts published personal data everywhere we store it, and lists where it still is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from statuspage.cli.alerts import actor_flag
from statuspage.cli.context import CommandContext, actor_name
from statuspage.cli.errors import NOT_WRITTEN, Refusal
from statuspage.cli.framework import Flag, cli_command
from statuspage.cli.input_files import read_bytes
from statuspage.cli.notices import confirm_or_refuse
from statuspage.domain import Delivery
from statuspage.integrations.hosting import Unwritable
from statuspage.storage.engine import DatabaseBusy
from statuspage.usecases.publishing import DrillMarkError
from statuspage.usecases.redaction import RedactionPlace, RedactionPlaces, cleanup, redact


@cli_command(
    "create",
    click.Argument(["incident"], metavar="ID"),
    Flag(["--text"], required=True, metavar="TEXT|-", label="redact-text"),
    Flag(["--reason"], required=True),
    Flag(["--yes"], is_flag=True),
    actor_flag(),
    group="redaction",
)
def redact_incident(command: CommandContext, incident: str, text: str, reason: str, yes: bool, by: str) -> int:
    """Shows every place of the text, asks for confirmation, redacts it, and rebuilds the site."""
    env = command.open_env()
    sensitive_text = read_bytes("-").decode("utf-8", "replace") if text == "-" else text
    preview = redact.find_text(env, incident, sensitive_text)
    if not preview.places:
        raise Refusal(command.messages.label("problem.redaction.not_found"), *_other_incidents_lines(command, preview))
    confirm_or_refuse(
        command,
        _place_lines(command, preview, cleanup.old_copies(env.home)),
        command.text("redact_confirm", count=preview.count),
        yes=yes,
    )
    redacted = redact.redact_text(env, incident, sensitive_text, reason=reason, actor=actor_name(by), now=command.now())
    unfinished = ""
    try:
        cleanup.finish_redactions(env, now=command.now())
    except (Unwritable, DrillMarkError, DatabaseBusy) as error:
        unfinished = command.text(
            "redact_unfinished", reason=command.text("busy") if isinstance(error, DatabaseBusy) else error
        )
    command.print_result(
        _redaction_json(incident, redacted, finished=not unfinished), _finished_lines(command, redacted)
    )
    if unfinished:
        click.echo(unfinished, err=True)
    return NOT_WRITTEN if unfinished else 0


def _place_lines(command: CommandContext, places: RedactionPlaces, copies: tuple[Path, ...]) -> Iterator[str]:
    for place in places.places:
        name = command.text(f"redact_{place.record_type}", number=place.sequence, name=place.name)
        yield f"  {name}  {place.language:<8} ×{place.count}  {_excerpt(place)}"
    if copies:
        yield command.text("redact_copies", files=", ".join(copy.name for copy in copies))


def _excerpt(place: RedactionPlace) -> str:
    hit = place.hit
    return " ".join(f"…{hit.before}»{hit.text}«{hit.after}…".split())


def _finished_lines(command: CommandContext, redacted: RedactionPlaces) -> Iterator[str]:
    yield command.text("redacted", count=redacted.count)
    if redacted.sent_deliveries:
        yield command.text("redact_already_sent")
        yield from (
            f"  {delivery.channel:<8} {delivery.receipt.url or delivery.language}"
            for delivery in redacted.sent_deliveries
        )
    if redacted.staff_channels:
        yield command.text("redact_notified", ways=", ".join(redacted.staff_channels))
    yield command.text("redact_backups")
    yield from _other_incidents_lines(command, redacted)


def _other_incidents_lines(command: CommandContext, places: RedactionPlaces) -> Iterator[str]:
    if places.other_ids:
        yield command.text("redact_other_incidents", ids=", ".join(places.other_ids))


def _redaction_json(incident: str, redacted: RedactionPlaces, *, finished: bool) -> dict[str, object]:
    """The result as JSON; never contains the text itself."""
    places = [
        {
            "record_type": place.record_type,
            "sequence": place.sequence,
            "name": place.name,
            "language": place.language,
            "count": place.count,
        }
        for place in redacted.places
    ]
    return {
        "incident": incident,
        "places": places,
        "sent_deliveries": [_delivery_json(delivery) for delivery in redacted.sent_deliveries],
        "staff_channels": list(redacted.staff_channels),
        "other_incidents": list(redacted.other_ids),
        "finished": finished,
    }


def _delivery_json(delivery: Delivery) -> dict[str, object]:
    message = {
        "channel": delivery.channel,
        "language": delivery.language,
        "status": delivery.status.value,
        "url": delivery.receipt.url,
    }
    return {"id": delivery.id, **message}


COMMANDS = {"create": redact_incident}
