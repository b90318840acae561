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
def ask_engineers(command: CommandContext, incident: str, to: str, end: int | None, by: str) -> None:
    """Asks engineers by the ways to colleagues, and says what to send them besides; or takes a question's link back."""
    env = command.open_env()
    if end is not None:
        fact_requests.end_request(env, incident, end, actor=person(by), now=command.now())
        command.print_result({"incident": incident, "ended": end}, [command.text("ask_ended", number=end)])
        return
    number = fact_requests.ask_engineers(env, incident, actor=person(by), now=command.now(), recipient=to)
    delivery.drain(env, clock=command.now)
    with env.database.read() as tx:
        notifications = staff_notifications.about(tx, incident, fact_requests.beginning(incident, number))
    link, text = _request_message(command, env, incident, number)
    lines = [*_fared(command, notifications), "", text] + ([] if link else ["", command.text("ask_no_desk", incident=incident)])
    result = {"incident": incident, "sequence": number, "link": link or None, "text": text, "calls": fared(notifications)}
    command.print_result(result, lines)


def _fared(command: CommandContext, notifications: tuple[StaffNotification, ...]) -> list[str]:
    """How each way fared; a word to send it by hand where none got through."""
    lines = [f"{notification.channel}  {command.messages.say(f'desk.receipts.end_{notification.status}')}" for notification in notifications]
    return [*lines, command.text("asked" if all(notification.has_failed for notification in notifications) else "asked_sent")]


def _request_message(command: CommandContext, env: Environment, incident_id: str, number: int) -> tuple[str, str]:
    desk = notify.desk_link(env)
    link = f"{desk}/facts/{fact_requests.token(env, incident_id, number)}" if desk else ""
    incident, languages = load(env, incident_id), env.catalog.desk_languages
    language = command.messages.language if command.messages.language in languages else languages[0]
    return link, fact_requests.request_message(
        env, incident, _incident_title(command, env, incident_id), link, language
    )


def _incident_title(command: CommandContext, env: Environment, incident_id: str) -> str:
    incident = load(env, incident_id)
    return title_of(command, env, incident) if incident.latest else fact_requests.alerted(env, incident) or incident.id


@verb(
    "answer",
    ID,
    *(flag for flag in fact_flags() if flag.name in KNOWN),
    Flag(["--line"], default=""),
    Flag(["--lang"], default=""),
    Flag(["--of"], type=int, default=0, metavar="N"),
    Flag(["--by"], default="", metavar="NAME", label="answer-by"),
)
def answer(command: CommandContext, incident: str, line: str, lang: str, of: int, by: str, **options: object) -> None:
    """Notes what an engineer answered. It stands beside the form and changes nothing that somebody typed."""
    env = command.open_env()
    problems = fact_requests.answer(
        env,
        incident,
        typed_over(NoticeInput(services=()), options),
        actor=person(by),
        now=command.now(),
        text=line,
        language=escape_control_characters(lang) or command.messages.language,
        request_sequence=of,
    )
    if problems:
        raise of_problems(command, problems)
    updated_incident = load(env, incident)
    command.print_result({"incident": incident, "sequence": updated_incident.entries[-1].sequence}, [command.text("answered")])


VERBS = {command.name: command for command in (ask_engineers, answer)}
