"""Turns each error into one clear message with its exit code."""

from __future__ import annotations

import shlex
import traceback
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from statuspage import settings
from statuspage.cli.context import CommandContext, NotAnInstance
from statuspage.usecases import instance

if TYPE_CHECKING:
    from statuspage.cli.messages import Messages
    from statuspage.domain import ContentError, ValidationError
    from statuspage.usecases.environment import Environment

MOST_LISTED = 20
"""The maximum number of valid values listed for a wrong one."""

REFUSED, WRONG_USE, NOT_WRITTEN = 1, 2, 3
"""Exit codes other than 0. NOT_WRITTEN: it is stored, but the page could not be written."""

FLAGS = {
    "services": "--service",
    "workarounds": "--workaround",
    "preventions": "--prevention",
    "answers": "--answer",
    "begins": "--from",
    "ends": "--to",
    "postmortem": "",
}
"""Fields whose flag has another name; "" for an argument without a flag, such as ``ja=FILE``."""


class Refusal(Exception):
    """The command was refused. ``sentences`` say why for people, ``reasons`` for programs."""

    def __init__(self, *sentences: str, reasons: object = None, code: int = REFUSED) -> None:
        super().__init__(*sentences)
        self.sentences = sentences
        self.reasons = reasons
        self.code = code


def nearest_of(value: str, known: Iterable[str]) -> str:
    """The known value that is most similar; "" if none is."""
    from difflib import get_close_matches

    return next(iter(get_close_matches(value, list(known), n=1)), "")


def _nearest_flag(name: str, known: Iterable[str]) -> str:
    """The flag that is misspelt; "" if none is. The dashes, which all have, make no two flags similar."""
    from difflib import get_close_matches

    flags = {flag.lstrip("-"): flag for flag in known}
    return next((flags[word] for word in get_close_matches(name.lstrip("-"), flags, n=1, cutoff=0.7)), "")


def unknown_value(messages: Messages, key: str, value: str, known: Sequence[str], *, nearest: str = "") -> str:
    """The message ``cli.KEY`` for an unknown value, with the valid values and the nearest one."""
    text = messages.label(f"cli.{key}", value=_escape(value), known=", ".join(known))
    return f"{text} {_did_you_mean(messages, nearest or nearest_of(value, known))}".rstrip()


def _did_you_mean(messages: Messages, nearest: str) -> str:
    return messages.label("cli.did_you_mean", nearest=nearest) if nearest else ""


def with_nearest(command: CommandContext, sentence: str, value: str, known: Iterable[str]) -> str:
    """A sentence that lists the valid values, with the one nearest to this value."""
    return f"{sentence} {_did_you_mean(command.messages, nearest_of(value, known))}".rstrip()


def known_values(command: CommandContext, value: str, known: Sequence[str]) -> str:
    """The valid values and the nearest one, as a sentence to append to a message; "" if there are none."""
    return unknown_value(command.messages, "known_values", value, known[:MOST_LISTED]) if known else ""


def print_usage_error(messages: Messages, error: click.ClickException) -> None:
    """Prints to stderr what was wrong with the command line, and which help to read."""
    click.echo(_usage_message(messages, error), err=True)
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is not None:
        click.echo(messages.label("cli.see_help", command=f"{context.command_path} --help"), err=True)


def _usage_message(messages: Messages, error: click.ClickException) -> str:
    match error:
        case click.NoSuchOption(option_name=name, ctx=context):
            known = [flag for parameter in context.command.params for flag in parameter.opts] if context else []
            nearest = _did_you_mean(messages, _nearest_flag(name, known))
            return f"{messages.label('cli.no_flag', flag=_escape(name))} {nearest}".rstrip()
        case click.MissingParameter(param=click.Parameter() as parameter):
            return messages.label("cli.missing", name=_parameter_name(parameter, error.ctx))
        case click.BadParameter(param=click.Parameter() as parameter):
            return f"{_parameter_name(parameter, error.ctx)}: {error.message}"
    return error.format_message()


def _parameter_name(parameter: click.Parameter, context: click.Context | None) -> str:
    """``--flag``, or ``ID`` for an argument."""
    if isinstance(parameter, click.Option):
        return max(parameter.opts, key=len)
    return parameter.make_metavar(context or click.Context(click.Command("")))


def validation_refusal(command: CommandContext, problems: tuple[ValidationError, ...]) -> Refusal:
    """A refusal that names each problem with its flag, and the valid values if one is unknown."""
    sentences = [
        (problem, command.messages.label(f"problem.{problem.code}", **_escaped_args(problem))) for problem in problems
    ]
    return Refusal(
        *(
            f"{flag_of(problem.field)}: {sentence} {_known_of_problem(command, problem)}".rstrip()
            for problem, sentence in sentences
        ),
        reasons={
            "problems": [
                {"field": problem.field, "code": problem.code, "message": sentence} for problem, sentence in sentences
            ]
        },
    )


def _known_of_problem(command: CommandContext, problem: ValidationError) -> str:
    env = command.opened_env
    if problem.code.endswith((".unreadable", ".missing")):
        return _form_of_flag(command, problem.field)
    if env is None or not problem.code.endswith(".unknown"):
        return ""
    return known_values(command, problem.args.get("value", ""), _ids_of_field(env, problem.field))


def _form_of_flag(command: CommandContext, field: str) -> str:
    """How the value of a time's flag is written; "" for other fields."""
    from statuspage.cli.notices import TIMES, fact_flags

    forms = {flag.name: flag.metavar for flag in fact_flags() if flag.name in TIMES}
    return command.text("flag_form", form=forms[field]) if field in forms else ""


def _ids_of_field(env: Environment, field: str) -> Sequence[str]:
    """The ids that this field may have."""
    catalog, pack = env.site.catalog, env.site.catalog.leading_pack
    name, _, rest = field.partition(".")
    match name:
        case "incident_type":
            return [*catalog.unplanned_types]
        case "services":
            return [service.id for service in catalog.services.values() if not service.is_retired]
        case "extra":
            return catalog.languages
        case "answer":
            questions = (question for item in catalog.incident_types.values() for question in item.questions)
            return [*dict.fromkeys(answer for item in questions if item.id == rest for answer in item.answers)]
        case "audience":
            return ["all", "some", "checking", *pack.audience_groups]
    return [id for id in pack.lists.get(name, ()) if catalog.lacking_contact(f"{name}.{id}") is None]


def _escape(value: str) -> str:
    from statuspage.domain import escape_control_characters  # Help needs no domain.

    return escape_control_characters(value)


def _escaped_args(problem: ValidationError) -> dict[str, str]:
    return {slot: _escape(value) for slot, value in problem.args.items()}


def content_refusal(command: CommandContext, faults: tuple[ContentError, ...]) -> Refusal:
    """A refusal that lists the errors in the content, one per line."""
    from statuspage import serialization

    return Refusal(
        *(str(fault) for fault in faults),
        command.text("content_errors", count=len(faults)),
        reasons=serialization.to_json_value(faults),
    )


def flag_of(field: str) -> str:
    """The flag of a field: ``answer.retry`` is ``--answer retry=``."""
    name, _, rest = field.partition(".")
    flag = FLAGS.get(name, f"--{name.replace('_', '-')}")
    return f"{flag} {rest}=".lstrip() if rest else flag


def run_guarded(command: CommandContext, work: Callable[[], int | None]) -> int:
    """Runs ``work``; any exception becomes a message on stderr and an exit code."""
    try:
        return work() or 0
    except (click.ClickException, click.exceptions.Exit, BrokenPipeError):
        raise
    except click.Abort:
        return _print_refusal(command, Refusal(command.text("stopped")))
    except Refusal as refusal:
        return _print_refusal(command, refusal)
    except Exception as error:  # A traceback does not help at the terminal.
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
            return _no_instance_refusal(command, Path(str(error)))
        case instance.InstanceExists():
            return Refusal(command.text("already_there", home=error))
        case instance.OtherUser():
            return Refusal(command.text("other_user", user=error))
        case instance.NotAPlainFile():
            return Refusal(command.text("no_plain_file", file=error.filename))
        case OSError():
            return Refusal(command.text("os_error", file=error.filename or "", reason=error.strerror or error))
    return _usecase_refusal(command, error)


def _no_instance_refusal(command: CommandContext, home: Path) -> Refusal:
    """Says how an instance is made: in this folder, or, where it holds something else, in a free one inside it."""
    from statuspage.usecases.new_company import is_free

    inside = (home / name for name in ("statuspage", *(f"statuspage-{number}" for number in range(2, 10))))
    folder = home if is_free(home) else next(filter(is_free, inside), Path("DIR"))
    key = "not_an_instance" if folder == home else "not_an_instance_in_use"
    unnamed = replace(command, messages=command.messages.at_home(""))  # init names its folder itself
    return Refusal(unnamed.text(key, home=home, folder=shlex.quote(str(folder))), code=WRONG_USE)


def _usecase_refusal(command: CommandContext, error: Exception) -> Refusal | None:
    from statuspage.integrations.hosting import Unwritable
    from statuspage.usecases import accounts, passwords
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
        case accounts.InvalidAccount() | passwords.InvalidPassword():
            return Refusal(str(error))
        case Unwritable() | DrillMarkError():
            return Refusal(command.text("unwritable", reason=error), code=NOT_WRITTEN)
        case NoSuchAlert():
            return _unknown_id_refusal(command, "no_alert", _open_alert_ids)
        case NoSuchDelivery():
            return _unknown_id_refusal(command, "no_delivery", _unsettled_numbers)
        case NoSuchIncident():
            return _unknown_id_refusal(command, "no_incident", _latest_incident_ids)
        case AlreadySettled():
            return Refusal(command.text("alert_already_settled"))
    return _database_refusal(command, error)


def _unknown_id_refusal(
    command: CommandContext, key: str, list_known: Callable[[Environment], Sequence[str]]
) -> Refusal:
    """The message, with the existing ids and the one nearest to what was typed."""
    env, context = command.opened_env, click.get_current_context(silent=True)
    if env is None or context is None:
        return Refusal(command.text(key))
    known = [*_open_alert_ids(env), *_latest_incident_ids(env)] if "target" in context.params else list_known(env)
    typed = [
        str(context.params[name]) for name in ("target", "alert", "incident", "number") if context.params.get(name)
    ]
    wrong = next((value for value in typed if value not in known), "")
    return Refusal(f"{command.text(key)} {known_values(command, wrong, known)}".rstrip())


def _open_alert_ids(env: Environment) -> Sequence[str]:
    from statuspage.storage import alerts

    with env.databases.environment.read() as tx:
        return [alert.id for alert in alerts.open_alerts(tx)]


def _unsettled_numbers(env: Environment) -> Sequence[str]:
    from statuspage.storage import deliveries

    with env.databases.environment.read() as tx:
        return [str(delivery.id) for delivery in deliveries.unsettled_deliveries(tx)]


def _latest_incident_ids(env: Environment) -> Sequence[str]:
    from statuspage.storage import incidents

    with env.databases.environment.read() as tx:
        return [incident.id for incident in incidents.latest_incidents(tx, MOST_LISTED)]


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
