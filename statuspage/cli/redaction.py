"""Blanks personal data that was published, everywhere that is ours, and says where it still is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from statuspage.cli.alerts import by
from statuspage.cli.context import CommandContext, person
from statuspage.cli.errors import NOT_WRITTEN, Refusal
from statuspage.cli.framework import Flag, verb
from statuspage.cli.input_files import read_bytes
from statuspage.cli.notices import agree
from statuspage.domain import Delivery
from statuspage.integrations.hosting import Unwritable
from statuspage.storage.engine import Busy
from statuspage.usecases.publishing import DrillMarkError
from statuspage.usecases.redaction import RedactionPlace, RedactionPlaces, cleanup
from statuspage.usecases.redaction import redact as redacting


@verb(
    "redact",
    click.Argument(["incident"], metavar="ID"),
    Flag(["--text"], required=True, metavar="TEXT|-", label="redact-text"),
    Flag(["--reason"], required=True),
    Flag(["--yes"], is_flag=True),
    by(),
)
def redact(door: CommandContext, incident: str, text: str, reason: str, yes: bool, by: str) -> int:
    """Shows everywhere the text stands, asks, blanks it, and makes the site afresh."""
    world = door.world()
    words = read_bytes("-").decode("utf-8", "replace") if text == "-" else text
    shown = redacting.look(world, incident, words)
    if not shown.places:
        raise Refusal(door.speech.say("problem.redact.nowhere"), *_elsewhere(door, shown))
    agree(door, _place_lines(door, shown, cleanup.copies(world)), door.say("redact_ask", count=shown.count), yes=yes)
    found = redacting.redact(world, incident, words, reason=reason, by=person(by), now=door.now())
    unfinished = ""
    try:
        cleanup.finish(world, now=door.now())
    except (Unwritable, DrillMarkError, Busy) as error:
        unfinished = door.say("redact_unfinished", reason=door.say("busy") if isinstance(error, Busy) else error)
    door.put(_redaction_json(incident, found, finished=not unfinished), _finished_lines(door, found))
    if unfinished:
        click.echo(unfinished, err=True)
    return NOT_WRITTEN if unfinished else 0


def _place_lines(door: CommandContext, found: RedactionPlaces, copies: tuple[Path, ...]) -> Iterator[str]:
    for place in found.places:
        name = door.say(f"redact_{place.what}", number=place.number, name=place.name)
        yield f"  {name}  {place.language:<8} ×{place.count}  {_shown(place)}"
    if copies:
        yield door.say("redact_copies", files=", ".join(copy.name for copy in copies))


def _shown(place: RedactionPlace) -> str:
    hit = place.hit
    return " ".join(f"…{hit.before}»{hit.text}«{hit.after}…".split())


def _finished_lines(door: CommandContext, found: RedactionPlaces) -> Iterator[str]:
    yield door.say("redacted", count=found.count)
    if found.carried:
        yield door.say("redact_carried")
        yield from (f"  {one.channel:<8} {one.receipt.url or one.language}" for one in found.carried)
    if found.called:
        yield door.say("redact_called", ways=", ".join(found.called))
    yield door.say("redact_backups")
    yield from _elsewhere(door, found)


def _elsewhere(door: CommandContext, found: RedactionPlaces) -> Iterator[str]:
    if found.others:
        yield door.say("redact_others", ids=", ".join(found.others))


def _redaction_json(incident: str, found: RedactionPlaces, *, finished: bool) -> dict[str, object]:
    """Never the text itself."""
    places = [
        {"what": p.what, "number": p.number, "name": p.name, "language": p.language, "count": p.count}
        for p in found.places
    ]
    return {
        "incident": incident,
        "places": places,
        "carried": [_message_json(one) for one in found.carried],
        "called": list(found.called),
        "others": list(found.others),
        "finished": finished,
    }


def _message_json(one: Delivery) -> dict[str, object]:
    message = {"channel": one.channel, "language": one.language, "end": one.end.value, "url": one.receipt.url}
    return {"id": one.id, **message}


VERBS = {"redact": redact}
