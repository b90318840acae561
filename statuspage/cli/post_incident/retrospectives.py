"""Retrospectives of incidents and drills: show, notes, added events, causes, state."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import click

from statuspage import serialization
from statuspage.cli.alerts import actor_flag
from statuspage.cli.context import CommandContext, terminal_actor
from statuspage.cli.errors import WRONG_USE, Refusal
from statuspage.cli.framework import Choice, Flag, cli_command
from statuspage.cli.input_files import read_bytes
from statuspage.cli.show import clock_of, pack_of
from statuspage.domain import ContributingCause, RetrospectiveState, Section, TimeParser
from statuspage.usecases import retrospectives
from statuspage.usecases.action_items import NoSuchSubject
from statuspage.usecases.retrospectives import EventInput, NotOverYet, RetrospectiveFormatter

Result = TypeVar("Result")

SUBJECT = click.Argument(["subject"], metavar="ID")

TEXT = click.Argument(["text"], metavar="TEXT|-")

SECTIONS = [section.value for section in Section]

CAUSES = [cause.value for cause in ContributingCause]

STATES = [state.value for state in RetrospectiveState]


@cli_command("show", SUBJECT, group="retro")
def show_retrospective(command: CommandContext, subject: str) -> None:
    """Shows the retrospective of an incident, or of a drill (``--drill``), as Markdown."""
    env = command.open_env()
    found = _guarded(command, lambda: retrospectives.find_retrospective(env, subject, now=command.now()))
    pack = pack_of(command, env.site.catalog)
    formatter = RetrospectiveFormatter(command.messages.label, clock_of(command, env.site.catalog), pack)
    result = {
        "subject": subject,
        **serialization.to_json_value(found.record),
        "intervals": [
            {"stage": interval.stage, "seconds": interval.duration.total_seconds()} for interval in found.intervals
        ],
        "actions": serialization.to_json_value(found.actions),
    }
    command.print_result(result, retrospectives.retrospective_markdown(found, formatter).splitlines())


@cli_command(
    "note",
    SUBJECT,
    click.Argument(["section"], metavar="|".join(SECTIONS), type=Choice(SECTIONS)),
    TEXT,
    actor_flag(),
    group="retro",
)
def write_note(command: CommandContext, subject: str, section: str, text: str, by: str) -> None:
    """Adds a note to one of the questions."""
    env, words, chosen = command.open_env(), _typed_text(text), Section(section)
    actor = terminal_actor(by)
    number = _guarded(
        command, lambda: retrospectives.write_note(env, subject, chosen, words, actor=actor, now=command.now())
    )
    command.print_result({"subject": subject, "note": number}, [command.text("retro_saved")])


@cli_command(
    "event",
    SUBJECT,
    click.Argument(["when"], metavar="TIME"),
    TEXT,
    Flag(["--source"], required=True, metavar="TEXT", label="retro-source"),
    actor_flag(),
    group="retro",
)
def add_event(command: CommandContext, subject: str, when: str, text: str, source: str, by: str) -> None:
    """Adds an event to the timeline, with its time and how it is known."""
    env = command.open_env()
    happened = TimeParser(env.site.catalog.site.zone, command.now()).parse_past(when)
    typed = EventInput(happened, _typed_text(text), source)
    number = _guarded(
        command,
        lambda: retrospectives.add_event(env, subject, typed, actor=terminal_actor(by), now=command.now()),
    )
    command.print_result({"subject": subject, "event": number}, [command.text("retro_saved")])


@cli_command(
    "cause",
    SUBJECT,
    click.Argument(["causes"], metavar="CAUSE…", type=Choice(CAUSES), nargs=-1, required=True),
    Flag(["--remove"], is_flag=True, label="retro-remove"),
    actor_flag(),
    group="retro",
)
def change_causes(command: CommandContext, subject: str, causes: tuple[str, ...], remove: bool, by: str) -> None:
    """Adds contributing causes, or removes them."""
    env, chosen = command.open_env(), {ContributingCause(cause) for cause in causes}
    added, removed = (set(), chosen) if remove else (chosen, set())
    _guarded(
        command,
        lambda: retrospectives.change_causes(
            env, subject, added=added, removed=removed, actor=terminal_actor(by), now=command.now()
        ),
    )
    command.print_result({"subject": subject, "saved": True}, [command.text("retro_saved")])


@cli_command(
    "state",
    SUBJECT,
    click.Argument(["state"], metavar="|".join(STATES), type=Choice(STATES)),
    actor_flag(),
    group="retro",
)
def set_state(command: CommandContext, subject: str, state: str, by: str) -> None:
    """Sets how far a retrospective is."""
    env, chosen = command.open_env(), RetrospectiveState(state)
    _guarded(
        command, lambda: retrospectives.set_state(env, subject, chosen, actor=terminal_actor(by), now=command.now())
    )
    command.print_result({"subject": subject, "state": state}, [command.text("retro_saved")])


def _typed_text(text: str) -> str:
    return read_bytes("-").decode("utf-8", "replace") if text == "-" else text


def _guarded(command: CommandContext, work: Callable[[], Result]) -> Result:
    try:
        return work()
    except NoSuchSubject as error:
        raise Refusal(command.text("no_action_subject"), code=WRONG_USE) from error
    except NotOverYet as error:
        raise Refusal(command.text("retro_not_over")) from error


COMMANDS = {command.name: command for command in (show_retrospective, write_note, add_event, change_causes, set_state)}
