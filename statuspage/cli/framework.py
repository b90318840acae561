"""How verbs are found, dressed with the common flags, and how they end."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence

import click

from statuspage.cli import errors, messages
from statuspage.cli.context import WORLD, CommandContext, into_drill
from statuspage.cli.errors import REFUSED, WRONG_USE

VERBS = {
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
"""Each verb and the module that holds it, in the order that --help shows."""


def spoken() -> messages.Messages:
    """The words for this terminal."""
    return messages.messages_in(messages.language(os.environ))


class Flag(click.Option):
    """An option whose help is a label: ``cli.flag.NAME``, or one of the verb's own (``label``)."""

    def __init__(self, *args: object, label: str = "", **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.label = label or (self.name or "").replace("_", "-")

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """The flag and what it means."""
        self.help = spoken().say(f"cli.flag.{self.label}")
        return super().get_help_record(ctx)


class Verb(click.Command):
    """A command whose help is a label: ``cli.verb.NAME``, in a group ``cli.verb.GROUP-NAME``."""

    group = ""

    @property
    def _label(self) -> str:
        return spoken().say(f"cli.verb.{self.group}{'-' if self.group else ''}{self.name}")

    def get_short_help_str(self, limit: int = 45) -> str:
        """One line, whole."""
        return self._label

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The same line above the flags."""
        with formatter.indentation():
            formatter.write_paragraph()
            formatter.write_text(self._label)


class Verbs(click.Group):
    """A group whose verbs are imported only when they are run; its help reads nothing but labels."""

    def __init__(self, name: str, places: Mapping[str, str]) -> None:
        super().__init__(name, no_args_is_help=True)
        self._places = places

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All verbs."""
        return list(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb, imported now; None when there is none of this name."""
        place = self._places.get(cmd_name)
        if place is None:
            return None
        module = importlib.import_module(f"statuspage.cli.{place}")
        found: click.Command = module.VERBS[cmd_name]
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Every verb with its label."""
        prefix = "" if self.name == "statuspage" else f"{self.name}-"
        with formatter.section(spoken().say("cli.verbs")):
            formatter.write_dl([(name, spoken().say(f"cli.verb.{prefix}{name}")) for name in self._places])

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What the group is for."""
        with formatter.indentation():
            formatter.write_paragraph()
            formatter.write_text(spoken().say(f"cli.verb.{self.name}"))


def common() -> list[click.Parameter]:
    """The flags of every verb."""
    return [
        Flag(["--home"], default="", metavar="DIR"),
        Flag(["--content"], default="", metavar="DIR"),
        Flag(["--drill"], is_flag=True),
        Flag(["--json", "as_json"], is_flag=True, label="json"),
    ]


def verb(name: str, *parameters: click.Parameter, group: str = "") -> Callable[[Callable[..., int | None]], Verb]:
    """Makes a function a verb. It is given a Door, then its own flags, and returns an exit code or None.

    The verbs of the group ``drill`` belong to the drill world, whether or not somebody says so.
    """

    def dress(work: Callable[..., int | None]) -> Verb:
        def run_verb(**given: object) -> int:
            if given.pop("drill") or group == "drill" or os.environ.get(WORLD) == "drill":
                into_drill(sys.argv[1:])
            where = {name: given.pop(name) for name in ("home", "content", "as_json")}
            door = CommandContext.of(os.environ, **where)
            return errors.guarded(door, lambda: work(door, **given))

        made = Verb(name, params=[*parameters, *common()], callback=run_verb)
        made.group = group
        return made

    return dress


def run(args: Sequence[str]) -> int:
    """Runs one command line; returns its exit code. Whatever happens, a sentence is said and no traceback."""
    program = Verbs("statuspage", VERBS)
    try:
        code = program.main(args=list(args), prog_name="statuspage", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message())
        return WRONG_USE
    except click.ClickException as error:
        error.show()
        return WRONG_USE
    except click.Abort:
        click.echo(spoken().say("cli.stopped"), err=True)
        return REFUSED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Whoever read along has seen enough.
        return 0
    except Exception as error:  # Nobody at the terminal is helped by a traceback.
        click.echo(spoken().say("cli.unexpected", kind=type(error).__name__, text=error), err=True)
        return REFUSED
    return int(code or 0)
