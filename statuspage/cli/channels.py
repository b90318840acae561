"""The ways out besides the page: which there are, and whether their settings hold."""

from __future__ import annotations

import click

from statuspage.cli.context import CommandContext
from statuspage.cli.errors import Refusal
from statuspage.cli.framework import Verbs, verb
from statuspage.domain import ChannelSpec, type_name
from statuspage.integrations import channels
from statuspage.integrations.channels import Channel, CredentialsInvalid, Refused, Unsent
from statuspage.usecases.environment import Environment


@verb("list", group="channel")
def everything(door: CommandContext) -> None:
    """Every channel of the content, and what it lacks."""
    world = door.world()
    found = [_channel_json(door, world, spec) for spec in world.catalog.channels.values()]
    door.put(found, [_channel_line(door, one) for one in found] or [door.say("channels_none")])


def _channel_json(door: CommandContext, world: Environment, spec: ChannelSpec) -> dict[str, object]:
    lacks = channels.missing(spec, door.settings.secrets) if spec.id in world.unready else ()
    return {
        "id": spec.id,
        "type": spec.type,
        "account": spec.account,
        "language": spec.language,
        "connected": spec.id in world.channels,
        "reason": world.unready.get(spec.id, ""),
        "missing": lacks,
    }


def _channel_line(door: CommandContext, one: dict[str, object]) -> str:
    state = door.say("channel_ready") if one["connected"] else door.speech.say(f"desk.ways.why.{one['reason']}")
    name = type_name(str(one["type"]), door.speech.labels)
    return f"{one['id']:<16}{name:<10}{one['language']:<8}{one['account']} {state}".rstrip()


@verb("test", click.Argument(["channel"], metavar="NAME"), group="channel")
def probe(door: CommandContext, channel: str) -> None:
    """Asks the other side whose account the settings open. Customers are told nothing."""
    world = door.world()
    way = _way(door, world, channel)
    try:
        account = way.probe()
    except Unsent as error:
        raise Refusal(_failure(door, channel, error), reasons={"channel": channel, "detail": error.detail}) from None
    door.put({"channel": channel, "account": account}, [door.say("channel_works", channel=channel, account=account)])


def _way(door: CommandContext, world: Environment, channel: str) -> Channel:
    spec = world.catalog.channels.get(channel)
    if spec is None:
        raise Refusal(door.say("channel_unknown", channel=channel, known=", ".join(world.catalog.channels) or "-"))
    if channel in world.channels:
        return world.channels[channel]
    secrets = door.settings.secrets
    if lacking := channels.missing(spec, secrets):
        raise Refusal(
            door.say("channel_lacks", channel=channel, names=", ".join(lacking)), reasons={"missing": lacking}
        )
    return channels.open_live(spec, secrets)  # all it lacks is the page's address


def _failure(door: CommandContext, channel: str, error: Unsent) -> str:
    match error:
        case CredentialsInvalid():
            key = "channel_keys"
        case Refused():
            key = "channel_refuses"
        case _:
            key = "channel_away"
    return door.say(key, channel=channel, said=error.detail or error.reason)


VERBS: dict[str, click.Command] = {
    "channel": Verbs("channel", dict.fromkeys(["list", "test"], "channels")),
    "list": everything,
    "test": probe,
}
