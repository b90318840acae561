"""An email as shown by the recipient's mail program."""

from __future__ import annotations

from flask import Blueprint, Response, abort, url_for

from statuspage.domain import Delivery
from statuspage.storage import deliveries
from statuspage.web.desk import request_context

pages = Blueprint("email_preview", __name__)

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox"
)
"""An email has inline styles. It may not run scripts, load anything or navigate away."""


@pages.get("/deliveries/<int:delivery_id>/email")
def show_email(delivery_id: int) -> Response:
    """Shows the HTML part as it was approved."""
    with request_context.env().databases.environment.read() as tx:
        delivery = deliveries.find_delivery(tx, delivery_id)
    if delivery is None or not _html(delivery):
        abort(404)
    return Response(_html(delivery), headers={"Content-Security-Policy": POLICY})


def preview_address(delivery: Delivery) -> str:
    """The URL of its preview; "" if it is not an email."""
    return url_for("email_preview.show_email", delivery_id=delivery.id) if _html(delivery) else ""


def _html(delivery: Delivery) -> str:
    return delivery.payload.get("plain_html" if delivery.receipt.note_key == "no_link" else "text_html", "")
