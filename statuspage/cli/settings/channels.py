"""The channels besides the page: which ones exist, and whether their settings work."""

from __future__ import annotations

from collections.abc import Mapping

import click

from statuspage.cli.columns import align
from statuspage.cli.context import CommandContext
from statuspage.cli.errors import Refusal, with_nearest
from statuspage.cli.framework import cli_command
from statuspage.domain import ChannelSpec, channel_type_name
from statuspage.integrations import channels
from statuspage.integrations.channels import Channel, CredentialsInvalid, Refused, Unsent
from statuspage.usecases.environment import Environment


@cli_command("list", group="channel")
def list_channels(command: CommandContext) -> None:
    """Lists every channel of the content, and what it lacks."""
    env = command.open_env()
    rows = [_channel_json(env, spec) for spec in env.site.catalog.channels.values()]
    lines = align([_channel_cells(command, row) for row in rows])
    command.print_result(rows, lines or [command.text("channels_none")])


def _channel_json(env: Environment, spec: ChannelSpec) -> dict[str, object]:
    missing = channels.missing_settings(spec, _secrets(env)) if spec.id in env.senders.unready_channels else ()
    return {
        "id": spec.id,
        "type": spec.type,
        "account": spec.account,
        "language": spec.language,
        "connected": spec.id in env.senders.channels,
        "reason": env.senders.unready_channels.get(spec.id, ""),
        "missing": missing,
    }


def _channel_cells(command: CommandContext, row: dict[str, object]) -> tuple[str, ...]:
    state = (
        command.text("channel_ready")
        if row["connected"]
        else command.messages.label(f"desk.channels.problem.{row['reason']}")
    )
    missing = ", ".join(row["missing"]) if isinstance(row["missing"], tuple) else ""
    state = f"{state}: {missing}" if missing else state
    name = channel_type_name(str(row["type"]), command.messages.labels)
    return str(row["id"]), name, str(row["language"]), str(row["account"]), state


@cli_command("test", click.Argument(["channel"], metavar="NAME"), group="channel")
def test_channel(command: CommandContext, channel: str) -> None:
    """Asks the channel's service to which account the settings belong. Nothing is sent to customers."""
    env = command.open_env()
    open_channel = _open_channel(command, env, channel)
    try:
        account = open_channel.probe()
    except Unsent as error:
        raise Refusal(
            _failure_message(command, channel, error), reasons={"channel": channel, "detail": error.detail}
        ) from None
    lines = [command.text("channel_works", channel=channel, account=account)]
    if env.senders.unready_channels.get(channel) == "no_address":
        lines.append(command.text("channel_no_address"))
    command.print_result({"channel": channel, "account": account}, lines)


def _open_channel(command: CommandContext, env: Environment, channel: str) -> Channel:
    spec = env.site.catalog.channels.get(channel)
    if spec is None:
        known = env.site.catalog.channels
        sentence = command.text("channel_unknown", channel=channel, known=", ".join(known) or "-")
        raise Refusal(with_nearest(command, sentence, channel, known))
    if channel in env.senders.channels:
        return env.senders.channels[channel]
    secrets = _secrets(env)
    if missing := channels.missing_settings(spec, secrets):
        raise Refusal(
            command.text("channel_missing_settings", channel=channel, names=", ".join(missing)),
            reasons={"missing": missing},
        )
    return channels.open_live(spec, secrets)  # Only the page's address is missing.


def _secrets(env: Environment) -> Mapping[str, str]:
    """What the environment variables set, and what was entered on the desk."""
    return env.secret_store.effective_values() if env.secret_store else {}


def _failure_message(command: CommandContext, channel: str, error: Unsent) -> str:
    match error:
        case CredentialsInvalid():
            key = "channel_credentials"
        case Refused():
            key = "channel_refuses"
        case _:
            key = "channel_unreachable"
    return command.text(key, channel=channel, said=error.detail or error.reason)


COMMANDS = {command.name: command for command in (list_channels, test_channel)}
