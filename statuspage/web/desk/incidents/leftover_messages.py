"""Messages that still contain redacted text; only a person can delete them at their service."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, url_for

from statuspage.domain import Catalog, Delivery
from statuspage.usecases.environment import Environment
from statuspage.usecases.redaction import redact
from statuspage.web.desk.notice_form import channel_picker
from statuspage.web.desk.translations import Translator


@dataclass(frozen=True, slots=True)
class LeftoverMessage:
    """One message, and its URL if known."""

    id: int
    name: str
    account: str
    url: str


def leftover_messages(env: Environment, incident_id: str, translator: Translator) -> list[LeftoverMessage]:
    """All such messages of an incident, without duplicates."""
    by_id = {
        delivery.id: delivery
        for _, deliveries in redact.past_redactions(env.databases.environment, incident_id)
        for delivery in deliveries
    }
    return [_leftover_message(env.site.catalog, delivery, translator) for delivery in by_id.values()]


def _leftover_message(catalog: Catalog, delivery: Delivery, translator: Translator) -> LeftoverMessage:
    name, account = channel_picker.channel_name(catalog, delivery.channel, translator)
    return LeftoverMessage(delivery.id, name, account, message_address(delivery))


def message_address(delivery: Delivery) -> str:
    """Where it can be seen: at its service, or in a drill's sandbox."""
    if not delivery.receipt.url:
        return ""
    return url_for("sandbox.show_sandbox") if "sandbox" in current_app.blueprints else delivery.receipt.url
