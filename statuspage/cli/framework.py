"""Finds commands, adds the common flags, runs them."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence

import click

from statuspage.cli import errors, messages
from statuspage.cli.context import ENVIRONMENT_VARIABLE, CommandContext, enter_drill_process
from statuspage.cli.errors import REFUSED, WRONG_USE

COMMAND_MODULES = {
    "init": "instance",
    "check": "instance",
    "content": "content",
    "build": "instance",
    "doctor": "diagnostics",
    "serve": "serve",
    "worker": "serve",
    "public": "serve",
    "publish": "publish",
    "host": "hosts",
    "restore": "history_import",
    "move": "databases",
    "backup": "backup",
    "restore-backup": "backup",
    "services": "show",
    "kinds": "show",
    "show": "show",
    "alerts": "show",
    "duty": "on_call",
    "alert": "alerts",
    "ack": "alerts",
    "confirm": "alerts",
    "false-alarm": "alerts",
    "keep-watch": "alerts",
    "join": "alerts",
    "apart": "alerts",
    "topic": "sns_topics",
    "report": "notices.publish",
    "update": "notices.publish",
    "correct": "notices.publish",
    "partly": "notices.publish",
    "watch": "notices.publish",
    "resolve": "notices.publish",
    "withdraw": "notices.publish",
    "redact": "redaction",
    "account": "notices.postmortem",
    "plan": "notices.maintenance",
    "start": "notices.maintenance",
    "extend": "notices.maintenance",
    "finish": "notices.maintenance",
    "cancel": "notices.maintenance",
    "approve": "approvals",
    "ask": "fact_requests",
    "answer": "fact_requests",
    "reopen": "incidents",
    "note": "incidents",
    "close": "incidents",
    "say": "notices.say",
    "plain": "plain_language",
    "people": "accounts",
    "subscribers": "subscribers",
    "queue": "queue",
    "channel": "channels",
    "drill": "drills.group",
}
"""Each command and its module, in the order that --help shows."""


def terminal_messages() -> messages.Messages:
    """The messages in this terminal's language."""
    return messages.messages_in(messages.terminal_language(os.environ))


class Flag(click.Option):
    """An option whose help is a label: ``cli.flag.NAME``, or another one (``label``)."""

    def __init__(self, *args: object, label: str = "", **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.label = label or (self.name or "").replace("_", "-")

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The flag and its help; nothing of a hidden one."""
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
        """The same line above the flags."""
        with formatter.indentation():
            formatter.write_paragraph()
            formatter.write_text(self._help_text)


class CliGroup(click.Group):
    """A group whose commands are imported only when they run; its help reads only labels."""

    def __init__(self, name: str, modules: Mapping[str, str]) -> None:
        super().__init__(name, no_args_is_help=True)
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands."""
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command, imported now; None when there is none of this name."""
        module_name = self._modules.get(cmd_name)
        if module_name is None:
            return None
        module = importlib.import_module(f"statuspage.cli.{module_name}")
        command: click.Command = module.COMMANDS[cmd_name]
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Every command with its label."""
        prefix = "" if self.name == "statuspage" else f"{self.name}-"
        with formatter.section(terminal_messages().label("cli.commands")):
            formatter.write_dl(
                [(name, terminal_messages().label(f"cli.command.{prefix}{name}")) for name in self._modules]
            )

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The purpose of the group."""
        with formatter.indentation():
            formatter.write_paragraph()
            formatter.write_text(terminal_messages().label(f"cli.command.{self.name}"))


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
            return errors.run_guarded(command, lambda: work(command, **options))

        wrapped = CliCommand(name, params=[*parameters, *common_flags()], callback=run_command)
        wrapped.group = group
        return wrapped

    return decorate


def run(args: Sequence[str]) -> int:
    """Runs one command line; returns its exit code. Every error becomes a message, never a traceback."""
    program = CliGroup("statuspage", COMMAND_MODULES)
    try:
        code = program.main(args=list(args), prog_name="statuspage", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return WRONG_USE
    except click.ClickException as error:
        error.show()
        return WRONG_USE
    except click.Abort:
        click.echo(terminal_messages().label("cli.stopped"), err=True)
        return REFUSED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # The reader has closed the pipe.
        return 0
    except Exception as error:  # A traceback helps nobody at the terminal.
        click.echo(terminal_messages().label("cli.unexpected", kind=type(error).__name__, text=error), err=True)
        return REFUSED
    return int(code or 0)
