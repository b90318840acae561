"""An incident between its notices: words for colleagues, broken again, closed without a word."""

from __future__ import annotations

import click

from statuspage import desk, summary
from statuspage.cli.alerts import by, read_bytes
from statuspage.cli.door import Door, person
from statuspage.cli.program import verb
from statuspage.cli.refusals import Refusal
from statuspage.typed import tidy

ID = click.Argument(["incident"], metavar="ID")


@verb("note", ID, click.Argument(["text"], metavar="TEXT|-"), by())
def note(door: Door, incident: str, text: str, by: str) -> None:
    """Puts words for colleagues on record; customers never see them."""
    words = tidy(read_bytes("-").decode("utf-8", "replace") if text == "-" else text)
    if not words:
        raise Refusal(door.say("empty_note"))
    sequence = desk.note(door.world(), incident, words, by=person(by), now=door.now())
    door.put({"incident": incident, "sequence": sequence}, [door.say("noted")])


@verb("reopen", ID, by())
def reopen(door: Door, incident: str, by: str) -> None:
    """It broke again. Customers hear of it with the next notice."""
    world = door.world()
    sequence = desk.reopen(world, incident, by=person(by), now=door.now())
    summary.write(world, now=door.now())
    door.put({"incident": incident, "sequence": sequence}, [door.say("reopened", incident=incident)])


@verb("close", ID, by())
def close(door: Door, incident: str, by: str) -> None:
    """Closes an incident that customers were never told of."""
    world = door.world()
    sequence = desk.close(world, incident, by=person(by), now=door.now())
    summary.write(world, now=door.now())
    door.put({"incident": incident, "sequence": sequence}, [door.say("closed", incident=incident)])


VERBS = {found.name: found for found in (note, reopen, close)}
