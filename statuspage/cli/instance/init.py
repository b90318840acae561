"""``init``: makes an instance for a company, from flags or from answers at the terminal."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from statuspage import serialization
from statuspage.cli.context import CommandContext
from statuspage.cli.errors import WRONG_USE, Refusal, with_nearest
from statuspage.cli.framework import Flag, cli_command
from statuspage.settings import INTAKE_SECRET_FILE

if TYPE_CHECKING:
    from statuspage.domain import Catalog
    from statuspage.usecases.history_import import RestoreResult
    from statuspage.usecases.new_company import InvalidAnswer, NewCompany

Answer = str | tuple[str, ...] | None

SHOWN_CHOICES = 10
"""Right values that are listed beside a wrong one; of more, only the nearest is named."""

SHOWN_LENGTH = 60
"""Characters of a wrong value that are shown; more would hide the message."""


@cli_command(
    "init",
    click.Argument(["folder"], metavar="DIR", required=False),
    Flag(["--company"], label="init-company", metavar="NAME"),
    Flag(["--starter"], label="init-starter", metavar="NAME"),
    Flag(["--language", "languages"], label="init-language", multiple=True, metavar="LANG"),
    Flag(["--zone"], label="init-zone", metavar="AREA/CITY"),
    Flag(["--service", "services"], label="init-service", multiple=True, metavar="NAME"),
    Flag(["--address"], label="init-address", metavar="URL"),
    Flag(["--from", "source"], label="init-from", metavar="URL|DIR"),
    Flag(["--no-input"], label="init-no-input", is_flag=True),
    Flag(["--demo"], label="init-demo", is_flag=True),
)
def init_instance(
    command: CommandContext,
    folder: str | None,
    source: str | None,
    no_input: bool,
    demo: bool,
    **given: Answer,
) -> None:
    """Makes DIR an instance of a company. At a terminal it asks for what no flag says. With --from, services and
    history are those of a published page. Without answers, and with nobody to ask, nothing is made.
    """
    from statuspage.usecases import new_company
    from statuspage.usecases.environment import shared_status
    from statuspage.usecases.instance import InstanceExists

    if not (folder or command.home or command.environ.get("STATUSPAGE_HOME")):
        raise click.UsageError("DIR")
    home_flag = folder or command.home
    command = replace(command, home=home_flag, messages=command.messages.at_home(home_flag))
    _refuse_empty_flags(command, given)
    home, moved = command.settings.home, None
    if not new_company.is_free(home):
        raise InstanceExists(home)
    if demo:
        new_company.create_demo(home)
        files: Sequence[str] = ()
    elif source:
        files, moved = _move_in(command, source, given)
    else:
        files = _create(command, _company(command, home, _answers(command, given, no_input=no_input)))
    if moved is None:
        shared_status.write_first_status(home, now=command.now())
    _print_result(command, files, moved)


def _refuse_empty_flags(command: CommandContext, given: Mapping[str, Answer]) -> None:
    """An empty value is a slip: nothing is taken instead of it."""
    flags = {"languages": "--language", "services": "--service"}
    empty = [
        flags.get(name, f"--{name}")
        for name, value in given.items()
        if value is not None and not all(text.strip() for text in ((value,) if isinstance(value, str) else value))
    ]
    if empty:
        raise Refusal(*(command.text("init_not_given", flag=flag) for flag in empty), code=WRONG_USE)


def _print_result(command: CommandContext, files: Sequence[str], moved: RestoreResult | None) -> None:
    """What was made, what it will say, and what comes next."""
    home, catalog = command.settings.home, _written_catalog(command)
    sample = _sample(catalog) if catalog is not None else {}
    command.print_result(
        {"home": str(home), "files": list(files), "sample": sample, "imported": serialization.to_json_value(moved)},
        [
            command.text("instance_ready", home=home),
            *(command.text("init_file", file=home / "content" / file) for file in files),
            *(command.text("init_sample", language=language, text=text) for language, text in sample.items()),
            *_names_lines(command, catalog),
            *_moved_lines(command, moved),
            command.text("instance_intake", file=home / INTAKE_SECRET_FILE),
            command.text("instance_next", home=home),
        ],
    )


def _moved_lines(command: CommandContext, moved: RestoreResult | None) -> Sequence[str]:
    if moved is None:
        return ()
    from statuspage.cli.history import import_summary

    return tuple(import_summary(command, moved))


def _create(command: CommandContext, new: NewCompany) -> Sequence[str]:
    from statuspage.usecases import new_company

    try:
        return new_company.create_company(command.settings.home, new, now=command.now())
    except new_company.InvalidCompany as error:
        raise Refusal(*(_sentence(command, answer) for answer in error.answers), code=WRONG_USE) from None


def _move_in(command: CommandContext, source: str, given: Mapping[str, Answer]) -> tuple[Sequence[str], RestoreResult]:
    """Makes the instance of a published page, and imports its history. Nothing is left where that fails."""
    from statuspage.cli.history import page_problem
    from statuspage.usecases import history_import, history_start, new_company
    from statuspage.usecases.environment import shared_status
    from statuspage.usecases.zones import find_zone

    home = command.settings.home
    was_there = home.exists()
    try:
        page = history_import.read_published_page(source)
        asked = new_company.NewCompany(
            str(given.get("company") or ""),
            (),
            tuple(given.get("languages") or ("en",)),
            find_zone(str(given.get("zone") or "")),
            str(given.get("starter") or "general"),
            str(given.get("address") or ""),
        )
        files = _create(command, new_company.company_of_page(page, asked))
        env = command.open_env(warn=False)
        moved = history_import.restore_history(env, source, now=command.now())
        history_start.move_history_start(env, command.settings.content)
        shared_status.write_status(env, now=command.now())
        return files, moved
    except history_import.UnreadablePage as error:
        if not was_there:
            shutil.rmtree(home, ignore_errors=True)
        key = "restore_impossible" if was_there else "init_page_unreadable"
        raise Refusal(command.text(key, reason=page_problem(command, error))) from error


def _company(command: CommandContext, home: Path, answers: Mapping[str, Answer]) -> NewCompany:
    """The company of these answers; what is missing is the folder's name, or what the starter proposes."""
    from statuspage.content import loading
    from statuspage.usecases.new_company import NewCompany, proposed_services
    from statuspage.usecases.zones import find_zone, guess_zone

    starter, languages = str(answers.get("starter") or "general"), tuple(answers.get("languages") or ("en",))
    proposed = proposed_services(starter, languages[0]) if starter in loading.starters() else ()
    return NewCompany(
        company=home.name if answers.get("company") is None else str(answers["company"]),
        services=tuple(answers.get("services") or proposed),
        languages=languages,
        zone=find_zone(str(answers.get("zone") or guess_zone())),
        starter=starter,
        address=str(answers.get("address") or ""),
    )


def _answers(command: CommandContext, given: Mapping[str, Answer], *, no_input: bool) -> Mapping[str, Answer]:
    """The answers of the flags, and at a terminal those of a person to the rest."""
    if not no_input and not command.as_json and sys.stdin.isatty():
        return _ask(command, given)
    if not (no_input or any(value not in (None, ()) for value in given.values())):
        raise Refusal(command.text("init_no_answers", home=command.settings.home), code=WRONG_USE)
    return given


def _ask(command: CommandContext, given: Mapping[str, Answer]) -> Mapping[str, Answer]:
    """The answers at the terminal; a flag that was given is not asked for."""
    from statuspage.content import loading
    from statuspage.usecases.new_company import proposed_services
    from statuspage.usecases.zones import guess_zone

    answers = dict(given)

    def ask(key: str, question: str, default: str, parse: Callable[[str], str | tuple[str, ...]] = str) -> None:
        if answers.get(key) in (None, ()):
            answers[key] = parse(_prompt(command, question, default))

    ask("company", "company", Path(command.settings.home).name)
    click.echo(command.text("init_starters", names=", ".join(loading.starters())), err=True)
    ask("starter", "starter", "general")
    ask("languages", "languages", command.messages.language, _split)
    ask("zone", "zone", guess_zone())
    if not answers.get("services"):
        starter, languages = str(answers["starter"]), answers["languages"] or ("en",)
        proposed = proposed_services(starter, languages[0]) if starter in loading.starters() else ()
        answers["services"] = _ask_lines(command, ", ".join(proposed)) or proposed
    ask("address", "address", "")
    return answers


def _prompt(command: CommandContext, question: str, default: str) -> str:
    text = command.text(f"init_ask_{question}")
    return str(click.prompt(text, default=default, show_default=bool(default), err=True))


def _ask_lines(command: CommandContext, proposed: str) -> tuple[str, ...]:
    """One name per line, until an empty one."""
    click.echo(command.text("init_ask_services", proposed=proposed), err=True)
    names = list[str]()
    while name := str(click.prompt(f"{len(names) + 1}", default="", show_default=False, err=True)).strip():
        names.append(name)
    return tuple(names)


def _split(text: str) -> tuple[str, ...]:
    return tuple(part for part in text.replace(",", " ").split() if part)


def _sentence(command: CommandContext, answer: InvalidAnswer) -> str:
    from statuspage.domain import escape_control_characters
    from statuspage.usecases.new_company import is_unreadable

    value = answer.value if len(answer.value) <= SHOWN_LENGTH else f"{answer.value[:SHOWN_LENGTH]}…"
    text = command.text(
        f"init_{answer.reason}",
        flag=f"--{answer.field}",
        value=escape_control_characters(value),
        length=len(answer.value),
        characters=", ".join(dict.fromkeys(f"U+{ord(c):04X}" for c in answer.value if is_unreadable(c))),
    )
    if answer.field == "zone":
        key = "init_nearest" if answer.choices else "init_zone_form"
        return f"{text} {command.text(key, known=', '.join(answer.choices))}"
    if answer.choices and len(answer.choices) <= SHOWN_CHOICES:
        text = f"{text} {command.text('init_choices', known=', '.join(answer.choices))}"
    return with_nearest(command, text, answer.value, answer.choices)


def _written_catalog(command: CommandContext) -> Catalog | None:
    """The content that was just written and read."""
    from statuspage.content.compiled import Reading, load_content
    from statuspage.usecases.content import ContentFolders

    folders = ContentFolders.of_live(command.settings.home, command.settings.content)
    catalog, _ = load_content(Reading(folders.current), folders.cache)
    return catalog


def _sample(catalog: Catalog) -> dict[str, str]:
    """What the page will say in each language while the first service does not work."""
    from statuspage.domain import State

    service = next(iter(catalog.services))
    packs = ((language, catalog.packs[language]) for language in catalog.languages)
    return {
        language: pack.services[service].impact_clauses[State.MAJOR].now.replace("|", "") for language, pack in packs
    }


def _names_lines(command: CommandContext, catalog: Catalog | None) -> Iterator[str]:
    """Where services get other names in languages in which they have none of their own."""
    from statuspage.usecases.content import services_without_names

    if catalog is not None and (missing := services_without_names(command.settings.content, catalog)):
        languages = ", ".join(catalog.packs[language].name for language in missing)
        yield command.text("init_names", languages=languages)


COMMANDS = {"init": init_instance}
