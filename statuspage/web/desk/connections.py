"""What is connected to the desk and what is not yet, with what each of them needs and where that is described."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, render_template

from statuspage.domain import ChannelSpec, type_name
from statuspage.integrations import channels
from statuspage.integrations.monitors import monitors
from statuspage.usecases.environment import Environment
from statuspage.web.desk import request_context
from statuspage.web.desk.alerts import groups
from statuspage.web.desk.panels import on_call
from statuspage.web.desk.translations import Translator

pages = Blueprint("connections", __name__)


@dataclass(frozen=True, slots=True)
class Connection:
    """One way in or out. ``needs`` are names of settings, ``guide`` the page that describes them."""

    name: str
    account: str
    ready: bool
    needs: tuple[str, ...]
    guide: str


@pages.get("/connections")
def show_connections() -> str:
    """All ways: to customers, to colleagues, and from monitors."""
    world, voice = request_context.world(), request_context.voice()
    return render_template(
        "connections.html",
        here="connections",
        parts=(("out", _out(world, voice)), ("inside", _staff_connections(world, voice))),
        sources=[
            (source, _monitor_name(source, voice), _monitor_guide(source)) for source in monitors(world.catalog.mapped)
        ],
    )


def away(world: Environment) -> int:
    """How many ways to customers and colleagues are prepared in the content and not connected."""
    return len(world.unready) + len(world.not_callers)


def _out(world: Environment, voice: Translator) -> list[Connection]:
    return [
        _channel_connection(spec, world.unready.get(spec.id, ""), voice) for spec in world.catalog.channels.values()
    ]


def _channel_connection(spec: ChannelSpec, why: str, voice: Translator) -> Connection:
    needs = ("STATUSPAGE_ADDRESS",) if why == "no_address" else _settings(spec)
    guide = f"docs/channels/{_GUIDES.get(spec.type, spec.type)}.md"
    return Connection(type_name(spec.type, voice.book.labels), spec.account, not why, needs, guide)


def _staff_connections(world: Environment, voice: Translator) -> list[Connection]:
    return [
        Connection(on_call.way(world, id, voice), "", id not in world.not_callers, _settings(spec), "docs/duty.md")
        for id, spec in world.catalog.ways_inside.items()
    ]


def _settings(spec: ChannelSpec) -> tuple[str, ...]:
    return tuple(channels.secrets(spec).values())


def _monitor_name(source: str, voice: Translator) -> str:
    """On the desk Alertmanager is just "the monitor"; here it goes by its own name."""
    return "Alertmanager" if source == "alertmanager" else groups.monitor_name(source, voice)


def _monitor_guide(source: str) -> str:
    own = source in request_context.world().catalog.mapped
    return f"docs/monitors/{'json' if own else source}.md"


_GUIDES = {"slack-webhook": "slack", "subscriber-webhooks": "subscribers"}
"""Types that are described on another type's page."""
