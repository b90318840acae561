"""Messages that still carry what was removed here; only a person can delete them where they are."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, url_for

from statuspage.domain.delivery import Delivery
from statuspage.usecases.environment.model import World
from statuspage.usecases.redaction import redact
from statuspage.web.desk.notice_form import channel_picker
from statuspage.web.desk.translations import Voice


@dataclass(frozen=True, slots=True)
class Left:
    """One message out there, and its address where that is known."""

    id: int
    name: str
    account: str
    url: str


def messages(world: World, incident_id: str, voice: Voice) -> list[Left]:
    """All of an incident's, each once."""
    found = {one.id: one for _, carried in redact.done(world, incident_id) for one in carried}
    return [_left(world, one, voice) for one in found.values()]


def _left(world: World, delivery: Delivery, voice: Voice) -> Left:
    name, account = channel_picker.named(world, delivery.channel, voice)
    return Left(delivery.id, name, account, address(delivery))


def address(delivery: Delivery) -> str:
    """Where it can be seen: on the other side, or on the wall of a drill."""
    if not delivery.receipt.url:
        return ""
    return url_for("wall.show") if "wall" in current_app.blueprints else delivery.receipt.url
