"""All channels of the desk, configured or not, with the settings each needs and its guide."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template

from statuspage.domain import ChannelSpec, channel_type_name
from statuspage.integrations import channels
from statuspage.usecases.environment import Environment
from statuspage.web.desk import request_context
from statuspage.web.desk.panels import on_call
from statuspage.web.desk.translations import Translator

pages = Blueprint("connections", __name__)


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection. ``settings`` are the names of settings, ``guide`` is the page that describes them."""

    name: str
    account: str
    is_ready: bool
    settings: tuple[str, ...]
    guide: str


@pages.get("/connections")
def show_connections() -> str:
    """Shows all connections: to customers and to staff."""
    env, translator = request_context.env(), request_context.translator()
    return render_template(
        "connections.html",
        section="connections",
        parts=(("out", _channel_connections(env, translator)), ("inside", _staff_connections(env, translator))),
    )


def count_unconnected(env: Environment) -> int:
    """The number of channels to customers and staff that the content defines but that are not connected."""
    return len(env.senders.unready_channels) + len(env.senders.unready_staff_channels)


def _channel_connections(env: Environment, translator: Translator) -> list[Connection]:
    return [
        _channel_connection(spec, env.senders.unready_channels.get(spec.id, ""), translator)
        for spec in env.site.catalog.channels.values()
    ]


def _channel_connection(spec: ChannelSpec, reason: str, translator: Translator) -> Connection:
    settings = ("STATUSPAGE_ADDRESS",) if reason == "no_address" else _setting_names(spec)
    guide = f"docs/guides/channels/{_GUIDES.get(spec.type, spec.type)}.md"
    return Connection(channel_type_name(spec.type, translator.pack.labels), spec.account, not reason, settings, guide)


def _staff_connections(env: Environment, translator: Translator) -> list[Connection]:
    return [
        Connection(
            on_call.staff_channel_name(env.site.catalog, id, translator),
            "",
            id not in env.senders.unready_staff_channels,
            _setting_names(spec),
            "docs/guides/on-call.md",
        )
        for id, spec in env.site.catalog.notification_channels.items()
    ]


def _setting_names(spec: ChannelSpec) -> tuple[str, ...]:
    return tuple(channels.secret_settings(spec).values())


_GUIDES = {"slack-webhook": "slack", "subscriber-webhooks": "subscribers"}
"""Types documented on another type's page."""
