"""Channels by type. To add one, write a module and add a line below."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from statuspage.domain import ChannelSpec
from statuspage.integrations.channels.base import (
    Channel,
    NoticeContext,
)
from statuspage.integrations.channels.channel_type import ChannelType
from statuspage.integrations.channels.sandbox import Sandbox
from statuspage.integrations.channels.staff_message import StaffMessageContent
from statuspage.integrations.channels.timeouts import DEFAULT_TIMEOUTS, Timeouts
from statuspage.integrations.registry import Registry

TYPES: Registry[ChannelType] = Registry(
    "statuspage.integrations.channels",
    "CHANNEL",
    {
        "bluesky": "bluesky",
        "line": "line",
        "mastodon": "mastodon",
        "x": "x",
        "slack": "slack",
        "slack-webhook": "slack_webhook",
        "teams": "teams",
        "discord": "discord",
        "mail": "email",
        "webhook": "webhook",
        "subscribers": "subscriber_email",
        "subscriber-webhooks": "subscriber_webhook",
        "apprise": "apprise",
    },
)


def freeze_payload(context: NoticeContext, spec: ChannelSpec) -> Mapping[str, str]:
    """The payload that is frozen in the queue for this channel."""
    return TYPES[spec.type].payload(context, spec)


def freeze_staff_payload(content: StaffMessageContent, spec: ChannelSpec) -> Mapping[str, str]:
    """The payload that is frozen for this notification channel. Raises KeyError for a type without staff
    notifications."""
    channel_type = TYPES[spec.type]
    if channel_type.staff_payload is None:
        raise KeyError(spec.type)
    return channel_type.staff_payload(content, spec)


def freeze_event(event: Mapping[str, object], spec: ChannelSpec) -> Mapping[str, str]:
    """The payload that is frozen for this channel to a program. Raises KeyError for a type that people read."""
    channel_type = TYPES[spec.type]
    if channel_type.event_payload is None:
        raise KeyError(spec.type)
    return channel_type.event_payload(event)


def secret_settings(spec: ChannelSpec) -> Mapping[str, str]:
    """The settings this channel needs: short name → name in the environment (STATUSPAGE_X_JA_CONSUMER_KEY)."""
    return _setting_names(spec.id, TYPES[spec.type].secrets)


def all_secret_settings(id: str, type: str) -> Mapping[str, str]:
    """The settings that a channel of this id and type needs or may have: short name → name in the environment."""
    channel_type = TYPES[type]
    return _setting_names(id, (*channel_type.secrets, *channel_type.optional_secrets))


def missing_settings(spec: ChannelSpec, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Names of the missing settings; empty if the channel can be used."""
    return tuple(name for name in secret_settings(spec).values() if not environ.get(name))


def open_live(spec: ChannelSpec, environ: Mapping[str, str], timeouts: Timeouts = DEFAULT_TIMEOUTS) -> Channel:
    """Opens the real channel. ``STATUSPAGE_X_API`` (named after its type) sets another host."""
    channel_type = TYPES[spec.type]
    values = {key: environ[name] for key, name in all_secret_settings(spec.id, spec.type).items() if environ.get(name)}
    return channel_type.open(spec, values, environ.get(f"STATUSPAGE_{spec.type.upper()}_API", ""), timeouts)


def open_sandbox(spec: ChannelSpec, folder: Path) -> Channel:
    """Opens a channel that writes what the real one would have sent into ``folder``/ID."""
    return Sandbox(spec, folder, TYPES[spec.type].message)


def _setting_names(id: str, names: tuple[str, ...]) -> Mapping[str, str]:
    prefix = f"STATUSPAGE_{id.upper().replace('-', '_')}"
    return {name: f"{prefix}_{name.upper()}" for name in names}
