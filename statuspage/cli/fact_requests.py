"""Facts from engineers: asked with a link that needs no account, and noted where the answer came another way."""

from __future__ import annotations

import click

from statuspage.cli.alerts import by
from statuspage.cli.context import Door, person
from statuspage.cli.errors import of_problems
from statuspage.cli.framework import Flag, verb
from statuspage.cli.incidents import fared
from statuspage.cli.notices.prefill import fact_flags, typed_over
from statuspage.cli.notices.publish import load
from statuspage.cli.show import title_of
from statuspage.domain.notice_input import Typed
from statuspage.domain.staff_notification import Call
from statuspage.domain.validation import readable
from statuspage.storage import staff_notifications
from statuspage.usecases import delivery
from statuspage.usecases.environment.model import World
from statuspage.usecases.on_call import fact_requests, notify

ID = click.Argument(["incident"], metavar="ID")

KNOWN = ("service", "since", "estimate", "ended", "answer")
"""The flags for what engineers know."""


@verb("ask", ID, Flag(["--to"], default="", label="ask-to"), Flag(["--end"], type=int, metavar="N"), by())
def ask(door: Door, incident: str, to: str, end: int | None, by: str) -> None:
    """Asks engineers by the ways to colleagues, and says what to send them besides; or takes a question's link back."""
    world = door.world()
    if end is not None:
        fact_requests.end(world, incident, end, by=person(by), now=door.now())
        door.put({"incident": incident, "ended": end}, [door.say("ask_ended", number=end)])
        return
    number = fact_requests.ask(world, incident, by=person(by), now=door.now(), to=to)
    delivery.drain(world, clock=door.now)
    with world.store.read() as tx:
        made = staff_notifications.about(tx, incident, fact_requests.beginning(incident, number))
    link, text = _message(door, world, incident, number)
    lines = [*_fared(door, made), "", text] + ([] if link else ["", door.say("ask_no_desk", incident=incident)])
    said = {"incident": incident, "sequence": number, "link": link or None, "text": text, "calls": fared(made)}
    door.put(said, lines)


def _fared(door: Door, made: tuple[Call, ...]) -> list[str]:
    """How each way fared; a word to send it by hand where none got through."""
    lines = [f"{one.way}  {door.speech.say(f'desk.receipts.end_{one.end}')}" for one in made]
    return [*lines, door.say("asked" if all(one.failed for one in made) else "asked_sent")]


def _message(door: Door, world: World, incident_id: str, number: int) -> tuple[str, str]:
    desk = notify.desk_link(world)
    link = f"{desk}/facts/{fact_requests.token(world, incident_id, number)}" if desk else ""
    incident, spoken = load(world, incident_id), world.catalog.desk_languages
    language = door.speech.language if door.speech.language in spoken else spoken[0]
    return link, fact_requests.message(world, incident, _title(door, world, incident_id), link, language)


def _title(door: Door, world: World, incident_id: str) -> str:
    incident = load(world, incident_id)
    return title_of(door, world, incident) if incident.latest else fact_requests.alerted(world, incident) or incident.id


@verb(
    "answer",
    ID,
    *(flag for flag in fact_flags() if flag.name in KNOWN),
    Flag(["--line"], default=""),
    Flag(["--lang"], default=""),
    Flag(["--of"], type=int, default=0, metavar="N"),
    Flag(["--by"], default="", metavar="NAME", label="answer-by"),
)
def answer(door: Door, incident: str, line: str, lang: str, of: int, by: str, **given: object) -> None:
    """Notes what an engineer answered. It stands beside the form and changes nothing that somebody typed."""
    world = door.world()
    problems = fact_requests.answer(
        world,
        incident,
        typed_over(Typed(services=()), given),
        by=person(by),
        now=door.now(),
        text=line,
        language=readable(lang) or door.speech.language,
        of=of,
    )
    if problems:
        raise of_problems(door, problems)
    found = load(world, incident)
    door.put({"incident": incident, "sequence": found.entries[-1].sequence}, [door.say("answered")])


VERBS = {found.name: found for found in (ask, answer)}
