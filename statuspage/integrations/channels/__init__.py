"""The ways out, by type. A new one is a module and a line below."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from statuspage.domain.catalog import ChannelSpec
from statuspage.integrations.channels import (
    apprise,
    bluesky,
    discord,
    email,
    line,
    mastodon,
    slack,
    slack_webhook,
    subscriber_email,
    subscriber_webhook,
    teams,
    webhook,
    x,
)
from statuspage.integrations.channels.base import (
    AuthBroken,
    Channel,
    Deletes,
    Edits,
    Message,
    Refused,
    Told,
    Unreachable,
    Unsent,
    Unsure,
    Wait,
)
from statuspage.integrations.channels.channel_type import Option, Way
from statuspage.integrations.channels.http_limits import BOUNDS, Bounds
from statuspage.integrations.channels.sandbox import Sandbox
from statuspage.integrations.channels.staff_message import Inside

__all__ = ["AuthBroken", "Channel", "Deletes", "Edits", "Message", "Refused", "Unreachable", "Unsent", "Unsure", "Wait"]
__all__ += ["TYPES", "Bounds", "Inside", "Option", "Told", "inside", "live", "missing", "payload", "sandbox", "secrets"]


TYPES: Mapping[str, Way] = {
    "bluesky": bluesky.WAY,
    "line": line.WAY,
    "mastodon": mastodon.WAY,
    "x": x.WAY,
    "slack": slack.WAY,
    "slack-webhook": slack_webhook.WAY,
    "teams": teams.WAY,
    "discord": discord.WAY,
    "mail": email.WAY,
    "webhook": webhook.WAY,
    "subscribers": subscriber_email.WAY,
    "subscriber-webhooks": subscriber_webhook.WAY,
    "apprise": apprise.WAY,
}


def payload(told: Told, spec: ChannelSpec) -> Mapping[str, str]:
    """What is frozen in the queue for this channel."""
    return TYPES[spec.type].payload(told, spec)


def inside(said: Inside, spec: ChannelSpec) -> Mapping[str, str]:
    """What is frozen for this way to colleagues. Raises KeyError for a type that has no word for them."""
    way = TYPES[spec.type]
    if way.inside is None:
        raise KeyError(spec.type)
    return way.inside(said, spec)


def secrets(spec: ChannelSpec) -> Mapping[str, str]:
    """The settings this channel needs: short name → name in the environment (STATUSPAGE_X_JA_CONSUMER_KEY)."""
    return _named(spec, TYPES[spec.type].secrets)


def missing(spec: ChannelSpec, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the settings that are not there; none when the channel can be used."""
    return tuple(name for name in secrets(spec).values() if not environ.get(name))


def live(spec: ChannelSpec, environ: Mapping[str, str], bounds: Bounds = BOUNDS) -> Channel:
    """The channel itself. ``STATUSPAGE_X_API`` (after its type) is another host to talk to."""
    way = TYPES[spec.type]
    named = _named(spec, (*way.secrets, *way.optional))
    given = {short: environ[name] for short, name in named.items() if environ.get(name)}
    return way.open(spec, given, environ.get(f"STATUSPAGE_{spec.type.upper()}_API", ""), bounds)


def sandbox(spec: ChannelSpec, folder: Path) -> Channel:
    """A channel that writes what the real one would have been handed into ``folder``/ID."""
    way = TYPES[spec.type]
    return Sandbox(spec, folder, payload=way.payload, message=way.message)


def _named(spec: ChannelSpec, names: tuple[str, ...]) -> Mapping[str, str]:
    prefix = f"STATUSPAGE_{spec.id.upper().replace('-', '_')}"
    return {name: f"{prefix}_{name.upper()}" for name in names}
