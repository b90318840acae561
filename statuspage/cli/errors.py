"""Turns errors into one clear message each, with its exit code."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from statuspage import settings
from statuspage.cli.context import CommandContext, NotAnInstance
from statuspage.domain import escape_control_characters
from statuspage.usecases import instance

if TYPE_CHECKING:
    from statuspage.domain import ContentError, ValidationError
    from statuspage.usecases.environment import Environment

REFUSED, WRONG_USE, NOT_WRITTEN = 1, 2, 3
"""Exit codes besides 0. NOT_WRITTEN: it is stored, but the page could not be written."""

FLAGS = {
    "incident_type": "--kind",
    "services": "--service",
    "audience": "--who",
    "start": "--since",
    "current_action": "--doing",
    "next_update": "--next",
    "postmortem": "--account",
    "begins": "--from",
    "ends": "--to",
}
"""Fields whose flag has another name."""


class Refusal(Exception):
    """The command was refused; ``sentences`` say why, for people, and ``reasons`` the same for programs."""

    def __init__(self, *sentences: str, reasons: object = None, code: int = REFUSED) -> None:
        super().__init__(*sentences)
        self.sentences = sentences
        self.reasons = reasons
        self.code = code


def validation_refusal(command: CommandContext, problems: tuple[ValidationError, ...]) -> Refusal:
    """The refusal that names each problem with its flag."""
    sentences = [
        (problem, command.messages.label(f"problem.{problem.code}", **_escaped_args(problem))) for problem in problems
    ]
    return Refusal(
        *(f"{flag_of(problem.field)}: {sentence}" for problem, sentence in sentences),
        reasons={
            "problems": [
                {"field": problem.field, "code": problem.code, "message": sentence} for problem, sentence in sentences
            ]
        },
    )


def _escaped_args(problem: ValidationError) -> dict[str, str]:
    return {slot: escape_control_characters(value) for slot, value in problem.args.items()}


def content_refusal(command: CommandContext, faults: tuple[ContentError, ...]) -> Refusal:
    """The refusal that lists the errors in the content, one per line."""
    from statuspage import serialization

    return Refusal(
        *(f"{fault.file}:{fault.line}: {fault.key}: {fault.message}" for fault in faults),
        command.text("content_errors", count=len(faults)),
        reasons=serialization.to_json_value(faults),
    )


def refuse_unprepared(command: CommandContext, env: Environment) -> None:
    """Refuses while no content of the instance itself has passed: nothing is published that nobody has typed.
    ``open_env`` has printed the errors.
    """
    if env.is_manual_only:
        refusal = content_refusal(command, env.content_errors)
        raise Refusal(refusal.sentences[-1], reasons=refusal.reasons)


def flag_of(field: str) -> str:
    """The flag of a field: ``answer.retry`` is ``--answer retry=``."""
    name, _, rest = field.partition(".")
    flag = FLAGS.get(name, f"--{name.replace('_', '-')}")
    return f"{flag} {rest}=" if rest else flag


def run_guarded(command: CommandContext, work: Callable[[], int | None]) -> int:
    """Does the work; any exception becomes a message on stderr and an exit code."""
    try:
        return work() or 0
    except (click.ClickException, click.exceptions.Exit, BrokenPipeError):
        raise
    except click.Abort:
        return _print_refusal(command, Refusal(command.text("stopped")))
    except Refusal as refusal:
        return _print_refusal(command, refusal)
    except Exception as error:  # A traceback helps nobody at the terminal.
        return _print_refusal(command, _startup_refusal(command, error) or _unexpected_refusal(command, error))


def _print_refusal(command: CommandContext, refusal: Refusal) -> int:
    for sentence in refusal.sentences:
        click.echo(sentence, err=True)
    if command.as_json:
        command.print_result(refusal.reasons or {"error": " ".join(refusal.sentences)}, ())
    return refusal.code


def _startup_refusal(command: CommandContext, error: Exception) -> Refusal | None:
    """The message for known errors, before the rest of the program is loaded."""
    match error:
        case settings.NoInstance():
            return Refusal(command.text("no_instance"), code=WRONG_USE)
        case settings.Unreadable():
            return Refusal(str(error), code=WRONG_USE)
        case settings.SharedDatabase():
            return Refusal(command.messages.label("desk.error.database.shared"), code=WRONG_USE)
        case settings.SharedSecret():
            return Refusal(command.messages.label("desk.error.intake_shared"), code=WRONG_USE)
        case NotAnInstance():
            return Refusal(command.text("not_an_instance", home=error), code=WRONG_USE)
        case instance.InstanceExists():
            return Refusal(command.text("already_there"))
        case OSError():
            return Refusal(command.text("os_error", file=error.filename or "", reason=error.strerror or error))
    return _usecase_refusal(command, error)


def _usecase_refusal(command: CommandContext, error: Exception) -> Refusal | None:
    from statuspage.integrations.hosting import Unwritable
    from statuspage.usecases import accounts
    from statuspage.usecases.alerts import AlreadySettled, NoSuchAlert
    from statuspage.usecases.content import active_content
    from statuspage.usecases.delivery import NoSuchDelivery
    from statuspage.usecases.incidents import ActionRefused, NoSuchIncident
    from statuspage.usecases.publishing import DrillMarkError

    match error:
        case active_content.UnusableContent():
            return content_refusal(command, error.content_errors)
        case ActionRefused():
            return Refusal(command.messages.label(f"problem.{error.code}"))
        case accounts.InvalidAccount():
            return Refusal(str(error))
        case Unwritable() | DrillMarkError():
            return Refusal(command.text("unwritable", reason=error), code=NOT_WRITTEN)
        case NoSuchAlert():
            return Refusal(command.text("no_alert"))
        case NoSuchDelivery():
            return Refusal(command.text("no_delivery"))
        case NoSuchIncident():
            return Refusal(command.text("no_incident"))
        case AlreadySettled():
            return Refusal(command.text("alert_already_settled"))
    return _database_refusal(command, error)


def _database_refusal(command: CommandContext, error: Exception) -> Refusal | None:
    from statuspage.storage.engine import DatabaseBroken, DatabaseBusy, InvalidDatabaseUrl

    match error:
        case DatabaseBusy():
            return Refusal(command.text("busy"))
        case DatabaseBroken() | InvalidDatabaseUrl():
            return Refusal(command.messages.label(f"desk.error.database.{error.code}"))
    return None


def _unexpected_refusal(command: CommandContext, error: Exception) -> Refusal:
    if command.environ.get("STATUSPAGE_DEBUG"):
        traceback.print_exception(error)
    return Refusal(command.text("unexpected", kind=type(error).__name__, text=error))
