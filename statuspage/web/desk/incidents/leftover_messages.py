"""Messages that still carry what was removed here; only a person can delete them where they are."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, url_for

from statuspage.domain import Delivery
from statuspage.usecases.environment import Environment
from statuspage.usecases.redaction import redact
from statuspage.web.desk.notice_form import channel_picker
from statuspage.web.desk.translations import Translator


@dataclass(frozen=True, slots=True)
class Left:
    """One message out there, and its address where that is known."""

    id: int
    name: str
    account: str
    url: str


def messages(world: Environment, incident_id: str, voice: Translator) -> list[Left]:
    """All of an incident's, each once."""
    found = {one.id: one for _, carried in redact.done(world, incident_id) for one in carried}
    return [_left(world, one, voice) for one in found.values()]


def _left(world: Environment, delivery: Delivery, voice: Translator) -> Left:
    name, account = channel_picker.channel_name(world, delivery.channel, voice)
    return Left(delivery.id, name, account, message_address(delivery))


def message_address(delivery: Delivery) -> str:
    """Where it can be seen: on the other side, or on the wall of a drill."""
    if not delivery.receipt.url:
        return ""
    return url_for("wall.show_sandbox") if "wall" in current_app.blueprints else delivery.receipt.url
