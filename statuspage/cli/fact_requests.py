"""Facts from engineers: asked with a link that needs no account, and noted where the answer came another way."""

from __future__ import annotations

import click

from statuspage.cli.alerts import by
from statuspage.cli.context import CommandContext, person
from statuspage.cli.errors import of_problems
from statuspage.cli.framework import Flag, verb
from statuspage.cli.incidents import fared
from statuspage.cli.notices import fact_flags, load, typed_over
from statuspage.cli.show import title_of
from statuspage.domain import NoticeInput, StaffNotification, escape_control_characters
from statuspage.storage import staff_notifications
from statuspage.usecases import delivery
from statuspage.usecases.environment import Environment
from statuspage.usecases.on_call import fact_requests, notify

ID = click.Argument(["incident"], metavar="ID")

KNOWN = ("service", "since", "estimate", "ended", "answer")
"""The flags for what engineers know."""


@verb("ask", ID, Flag(["--to"], default="", label="ask-to"), Flag(["--end"], type=int, metavar="N"), by())
def ask_engineers(door: CommandContext, incident: str, to: str, end: int | None, by: str) -> None:
    """Asks engineers by the ways to colleagues, and says what to send them besides; or takes a question's link back."""
    world = door.world()
    if end is not None:
        fact_requests.end_request(world, incident, end, by=person(by), now=door.now())
        door.put({"incident": incident, "ended": end}, [door.say("ask_ended", number=end)])
        return
    number = fact_requests.ask_engineers(world, incident, by=person(by), now=door.now(), to=to)
    delivery.drain(world, clock=door.now)
    with world.store.read() as tx:
        made = staff_notifications.about(tx, incident, fact_requests.beginning(incident, number))
    link, text = _request_message(door, world, incident, number)
    lines = [*_fared(door, made), "", text] + ([] if link else ["", door.say("ask_no_desk", incident=incident)])
    said = {"incident": incident, "sequence": number, "link": link or None, "text": text, "calls": fared(made)}
    door.put(said, lines)


def _fared(door: CommandContext, made: tuple[StaffNotification, ...]) -> list[str]:
    """How each way fared; a word to send it by hand where none got through."""
    lines = [f"{one.way}  {door.speech.say(f'desk.receipts.end_{one.end}')}" for one in made]
    return [*lines, door.say("asked" if all(one.failed for one in made) else "asked_sent")]


def _request_message(door: CommandContext, world: Environment, incident_id: str, number: int) -> tuple[str, str]:
    desk = notify.desk_link(world)
    link = f"{desk}/facts/{fact_requests.token(world, incident_id, number)}" if desk else ""
    incident, spoken = load(world, incident_id), world.catalog.desk_languages
    language = door.speech.language if door.speech.language in spoken else spoken[0]
    return link, fact_requests.request_message(
        world, incident, _incident_title(door, world, incident_id), link, language
    )


def _incident_title(door: CommandContext, world: Environment, incident_id: str) -> str:
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
def answer(door: CommandContext, incident: str, line: str, lang: str, of: int, by: str, **given: object) -> None:
    """Notes what an engineer answered. It stands beside the form and changes nothing that somebody typed."""
    world = door.world()
    problems = fact_requests.answer(
        world,
        incident,
        typed_over(NoticeInput(services=()), given),
        by=person(by),
        now=door.now(),
        text=line,
        language=escape_control_characters(lang) or door.speech.language,
        of=of,
    )
    if problems:
        raise of_problems(door, problems)
    found = load(world, incident)
    door.put({"incident": incident, "sequence": found.entries[-1].sequence}, [door.say("answered")])


VERBS = {found.name: found for found in (ask_engineers, answer)}
