"""Where a notice is sent, and the confirmation before it is."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import click

from statuspage.cli.alerts import actor_flag
from statuspage.cli.context import CommandContext, actor_name
from statuspage.cli.errors import WRONG_USE, Refusal, with_nearest
from statuspage.cli.framework import Flag
from statuspage.domain import NoticeKind
from statuspage.storage import stats
from statuspage.usecases.environment import Environment


@dataclass(frozen=True, slots=True)
class SendOptions:
    """Where to send it (channels; None: all that carry it), whether it is confirmed, and who sends it.

    ``waits``: until everything is sent, not only until the page can be read. ``heeds_answers``: it is refused if it
    says *not known* although an engineer has answered. ``heeds_doubts``: it is refused if nobody is asked about what is
    doubtful.
    """

    channels: tuple[str, ...] | None
    confirmed: bool
    actor: str
    heeds_answers: bool = False
    heeds_doubts: bool = True
    waits: bool = False


def send_flags(channel: str = "--to") -> list[click.Parameter]:
    """The flags for sending; ``channel`` is the name of the flag that selects channels."""
    return [
        Flag(["--quiet"], is_flag=True),
        Flag([channel, "channels"], multiple=True, metavar="CHANNEL", label="to"),
        Flag(["--yes"], is_flag=True),
        Flag(["--anyway"], is_flag=True),
        Flag(["--wait"], is_flag=True, label="wait-sent"),
        actor_flag(),
    ]


def open_for_sending(command: CommandContext, options: Mapping[str, object]) -> Environment:
    """The environment, for a command with those flags. Refuses before anything is loaded if nobody can confirm."""
    refuse_without_terminal(command, yes=bool(options["yes"]))
    return command.open_env()


def pop_send_options(env: Environment, command: CommandContext, options: dict[str, object]) -> SendOptions:
    """Removes those flags from the options and returns them. Refuses an unknown channel."""
    quiet, chosen, yes, name = (options.pop(key) for key in ("quiet", "channels", "yes", "by"))
    heeds_doubts, waits = not options.pop("anyway"), bool(options.pop("wait"))
    heeds_answers = options.pop("ignore_answers", True) is False
    channels = tuple(str(channel) for channel in chosen) if isinstance(chosen, tuple) else ()
    unknown = [channel for channel in channels if channel not in env.senders.channels]
    if unknown:
        ready = ", ".join(env.senders.channels) or "-"
        sentences = {channel: command.text("no_channel", channel=channel, ready=ready) for channel in unknown}
        raise Refusal(
            *(with_nearest(command, text, channel, env.senders.channels) for channel, text in sentences.items())
        )
    to = () if quiet else channels or None
    return SendOptions(to, bool(yes), actor_name(str(name or "")), heeds_answers, heeds_doubts, waits)


def refuse_missing_channels(command: CommandContext, env: Environment, notice: NoticeKind) -> None:
    """Raises Refusal if the worker sends this kind of notice to channels that this process cannot queue for."""
    with env.databases.environment.read() as tx:
        connected = stats.worker_channels(tx)
    missing = [
        spec.id
        for spec in env.site.catalog.channels.values()
        if spec.id in connected and spec.id not in env.senders.channels and notice in spec.notice_kinds
    ]
    if missing:
        ready = [id for id in env.senders.channels if notice in env.site.catalog.channels[id].notice_kinds]
        left = " ".join(f"--to {id}" for id in ready) or "--quiet"
        raise Refusal(command.text("channels_elsewhere", channels=", ".join(missing), flags=left), reasons=missing)


def confirm_or_refuse(command: CommandContext, lines: Iterable[str], question: str, *, yes: bool) -> None:
    """Shows what will be done and asks for confirmation; without a terminal, ``yes`` is required."""
    refuse_without_terminal(command, yes=yes)
    for line in lines if not yes or not command.as_json else ():
        click.echo(line, err=command.as_json)
    if not yes:
        click.confirm(question, abort=True, err=command.as_json)


def refuse_without_terminal(command: CommandContext, *, yes: bool) -> None:
    """Raises Refusal if there is no terminal to ask for confirmation, and it was not given by flag."""
    if not yes and not sys.stdin.isatty():
        raise Refusal(command.text("no_terminal"), code=WRONG_USE)
