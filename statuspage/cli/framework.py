"""Finds commands, adds the common flags, and runs them."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from statuspage import __version__
from statuspage.cli import errors, messages
from statuspage.cli.command_table import GROUPS, SHORT_COMMANDS, short_commands
from statuspage.cli.context import ENVIRONMENT_VARIABLE, CommandContext, enter_drill_process, record_command
from statuspage.cli.errors import REFUSED, WRONG_USE


def terminal_messages() -> messages.Messages:
    """The messages in this terminal's language."""
    return messages.messages_in(messages.terminal_language(os.environ))


class Flag(click.Option):
    """An option whose help is a label: ``cli.flag.NAME``, or another one (``label``)."""

    def __init__(self, *args: Any, label: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.label = label or (self.name or "").replace("_", "-")

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The flag and its help; None for a hidden flag."""
        if self.hidden:
            return None
        self.help = terminal_messages().label(f"cli.flag.{self.label}")
        return super().get_help_record(ctx)


class CliCommand(click.Command):
    """A command whose help is a label: ``cli.command.NAME``, in a group ``cli.command.GROUP-NAME``."""

    group = ""

    @property
    def _help_text(self) -> str:
        return terminal_messages().label(f"cli.command.{self.group}{'-' if self.group else ''}{self.name}")

    def get_short_help_str(self, limit: int = 45) -> str:
        """The whole help line."""
        return self._help_text

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the help line above the flags."""
        with formatter.indentation():
            formatter.write_paragraph()
            formatter.write_text(self._help_text)


class Choice(click.Choice[str]):
    """A choice whose error message lists the valid values and the nearest one."""

    def get_invalid_choice_message(self, value: object, ctx: click.Context | None) -> str:
        """The error message in this terminal's language."""
        return errors.unknown_value(terminal_messages(), "no_choice", str(value), [*map(str, self.choices)])


class CliGroup(click.Group):
    """The commands of a noun, imported only when they run. Its help reads only labels and fits on a screen."""

    def __init__(self, name: str, modules: Mapping[str, str]) -> None:
        super().__init__(name, no_args_is_help=True)
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands."""
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now; None if there is none with this name."""
        module_name = self._modules.get(cmd_name)
        if module_name is None:
            return None
        module = importlib.import_module(f"statuspage.cli.{module_name}")
        command: click.Command = module.COMMANDS[cmd_name]
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of these words; if there is none, a usage error that lists the valid ones."""
        if args[0] not in self.list_commands(ctx) and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise click.UsageError(self.unknown_command(ctx, args[0]), ctx)
        return super().resolve_command(ctx, args)

    def unknown_command(self, ctx: click.Context, name: str) -> str:
        """The message for a word that is not a command."""
        return errors.unknown_value(terminal_messages(), "no_command", name, self.list_commands(ctx))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists only the commands, so that the help of a group fits on a screen."""
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists every command with its label."""
        _write_commands(formatter, "commands", {name: f"{self.name}-{name}" for name in self._modules})

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Writes the purpose of the group."""
        with formatter.indentation():
            formatter.write_paragraph()
            formatter.write_text(self._help_text)

    @property
    def _help_text(self) -> str:
        return terminal_messages().label(f"cli.command.{self.name}")

    def get_short_help_str(self, limit: int = 45) -> str:
        """The whole help line."""
        return self._help_text


class Program(CliGroup):
    """All commands: the one-word commands first, then the nouns."""

    def __init__(self) -> None:
        super().__init__("statuspage", short_commands())
        self.params.append(
            Flag(["--version"], is_flag=True, is_eager=True, expose_value=False, callback=_print_version)
        )

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All one-word commands, and all nouns."""
        return [*self._modules, *GROUPS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command or the noun; None if there is none with this name."""
        if cmd_name in GROUPS:
            return CliGroup(cmd_name, GROUPS[cmd_name])
        return super().get_command(ctx, cmd_name)

    def unknown_command(self, ctx: click.Context, name: str) -> str:
        """The message for a word that is not a command. If it is a verb of a noun, that command counts as the
        nearest."""
        nearest = next((f"{noun} {name}" for noun, verbs in GROUPS.items() if name in verbs), "")
        return errors.unknown_value(terminal_messages(), "no_command", name, self.list_commands(ctx), nearest=nearest)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Puts the program's own flags in the usage line, because the help has no other room for them."""
        return ["[--version]", "[--help]", *super().collect_usage_pieces(ctx)[1:]]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the commands under their headings, all in one column."""
        width = max(map(len, self.list_commands(ctx)))
        for heading, commands in (*SHORT_COMMANDS.items(), ("groups", GROUPS)):
            _write_commands(formatter, heading, {name: name for name in commands}, width=width)


def _write_commands(formatter: click.HelpFormatter, heading: str, labels: Mapping[str, str], *, width: int = 0) -> None:
    texts = terminal_messages()
    with formatter.section(texts.label(f"cli.heading.{heading}")):
        formatter.write_dl(
            [(f"{name:<{width}}", texts.label(f"cli.command.{label}")) for name, label in labels.items()]
        )


def _print_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(f"statuspage {__version__}")
        ctx.exit()


def common_flags() -> list[click.Parameter]:
    """The flags of every command."""
    return [
        Flag(["--home"], default="", metavar="DIR"),
        Flag(["--content"], default="", metavar="DIR"),
        Flag(["--drill"], is_flag=True),
        Flag(["--json", "as_json"], is_flag=True, label="json"),
    ]


def cli_command(
    name: str, *parameters: click.Parameter, group: str = ""
) -> Callable[[Callable[..., int | None]], CliCommand]:
    """Makes a function a command. It gets a CommandContext, then its own flags, and returns an exit code or None.

    The commands of the group ``drill`` always run in the drill environment.
    """

    def decorate(work: Callable[..., int | None]) -> CliCommand:
        def run_command(**options: object) -> int:
            if options.pop("drill") or group == "drill" or os.environ.get(ENVIRONMENT_VARIABLE) == "drill":
                enter_drill_process(sys.argv[1:])
            context_flags = {name: options.pop(name) for name in ("home", "content", "as_json")}
            command = CommandContext.from_flags(os.environ, **context_flags)
            code = errors.run_guarded(command, lambda: work(command, **options))
            words = " ".join(filter(None, (group, name)))
            return errors.run_guarded(command, lambda: record_command(command, words, options)) or code

        wrapped = CliCommand(name, params=[*parameters, *common_flags()], callback=run_command)
        wrapped.group = group
        return wrapped

    return decorate


def run(args: Sequence[str]) -> int:
    """Runs one command line and returns its exit code. Every error becomes a message, never a traceback."""
    try:
        code = Program().main(args=list(args), prog_name="statuspage", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return WRONG_USE
    except click.ClickException as error:
        errors.print_usage_error(terminal_messages(), error)
        return WRONG_USE
    except click.Abort:
        click.echo(terminal_messages().label("cli.stopped"), err=True)
        return REFUSED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # The reader has closed the pipe.
        return 0
    except Exception as error:  # A traceback does not help at the terminal.
        click.echo(terminal_messages().label("cli.unexpected", kind=type(error).__name__, text=error), err=True)
        return REFUSED
    return int(code or 0)
