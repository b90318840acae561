"""Microsoft Teams by the webhook of a workflow: a card in one channel. No threads, nothing can be read back or
deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from statuspage.domain import ChannelSpec, OutgoingMessage, Receipt, Thread
from statuspage.integrations.channels.base import (
    CredentialsInvalid,
    DeliveryUnknown,
    Message,
    NoticeContext,
    OnUnsure,
    Refused,
    Unsent,
    on_unsure,
)
from statuspage.integrations.channels.channel_type import ChannelType, chosen_text, notice_texts, receipt_note
from statuspage.integrations.channels.http_client import HttpResponse
from statuspage.integrations.channels.incoming_webhook import IncomingWebhook
from statuspage.integrations.channels.staff_message import parse_mentions, staff_text_payload
from statuspage.integrations.channels.timeouts import Timeouts
from statuspage.rendering.site import site_label

MAX_CARD_BYTES = 28_000
"""Maximum bytes of a card with its envelope; Microsoft's limit is 28 kB."""

SCHEMA = "http://adaptivecards.io/schemas/adaptive-card.json"


def teams_payload(context: NoticeContext, spec: ChannelSpec) -> Mapping[str, str]:
    """Both texts, and the label of the button that leads to the page."""
    pack, link = context.catalog.packs[spec.language], context.incident_url(spec.language)
    return {**notice_texts(context, spec), "link": link, "look": site_label(pack, "email.open_page")}


def teams_card(delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Message:
    """The card. Its texts are text runs, in which Teams recognises neither markup nor mentions."""
    text, link = chosen_text(delivery, page_readable=page_readable), delivery.payload.get("link", "")
    has_link = bool(link) and link in text
    lines = [line for line in text.splitlines() if not (has_link and line.strip() == link)]
    card: dict[str, Any] = {
        "$schema": SCHEMA,
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": list(_blocks(lines)),
    }
    if mentions := parse_mentions(delivery.payload):
        card["body"].append({"type": "TextBlock", "text": " ".join(f"<at>{name}</at>" for name, _ in mentions)})
        card["msteams"]["entities"] = [
            {"type": "mention", "text": f"<at>{name}</at>", "mentioned": {"id": id, "name": name}}
            for name, id in mentions
        ]
    if has_link:
        card["actions"] = [{"type": "Action.OpenUrl", "title": delivery.payload["look"], "url": link}]
    content_type = "application/vnd.microsoft.card.adaptive"
    return {"type": "message", "attachments": [{"contentType": content_type, "contentUrl": None, "content": card}]}


def _blocks(lines: list[str]) -> Iterator[dict[str, Any]]:
    """One block per line, the first one bold. An empty line adds space before the next one."""
    style: dict[str, str] = {"weight": "Bolder"}
    spacing: dict[str, str] = {}
    for line in lines:
        if line.strip():
            yield {"type": "RichTextBlock", "inlines": [{"type": "TextRun", "text": line, **style}], **spacing}
            style, spacing = {}, {"spacing": "Small"}
        elif spacing:
            spacing = {"spacing": "Large"}


def readable_card_text(message: Message) -> str:
    """The text as its readers see it: a line for each block, an empty one for a space, and the button's label."""
    (attachment,) = message["attachments"]
    card, lines = attachment["content"], []
    for block in card["body"]:
        lines += [""] if block.get("spacing") == "Large" else []
        lines.append("".join(run["text"] for run in block["inlines"]) if "inlines" in block else block["text"])
    return "\n".join([*lines, *(f"[{action['title']}]" for action in card.get("actions", ()))])


class Teams:
    """One Teams channel. Its workflow only confirms that it has accepted the card."""

    def __init__(self, spec: ChannelSpec, address: str, timeouts: Timeouts) -> None:
        self.spec = spec
        self.on_unsure: OnUnsure = on_unsure(spec, "resend")
        self._webhook = IncomingWebhook(address, timeouts=timeouts)

    def deliver(self, delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Receipt:
        """Posts the card. 202 means that the workflow starts, not that the card is in the channel."""
        self._post_card(teams_card(delivery, thread, page_readable=page_readable))
        return Receipt(note_key=receipt_note(delivery, page_readable=page_readable) or "accepted")

    def _post_card(self, card: Message) -> None:
        body = json.dumps(card, ensure_ascii=False).encode()
        if len(body) > MAX_CARD_BYTES:
            raise Refused("too_long", f"{len(body)} > {MAX_CARD_BYTES}")
        response = self._webhook.request("POST", body=body, headers={"Content-Type": "application/json; charset=utf-8"})
        if not response.ok:
            raise self._teams_error(response)
        if response.status != 202:
            raise DeliveryUnknown("unexpected_response", f"{response.status} and not 202")

    def probe(self) -> str:
        """Sends a message without a card: the workflow starts but has nothing to post."""
        self._post_card({"type": "message", "attachments": []})
        return self.spec.account

    def _teams_error(self, response: HttpResponse) -> Unsent:
        """The error for a rejection. A workflow that is turned off or deleted, or whose signature has expired, needs a
        person."""
        code = response.json_value("error", "code")
        is_disabled = isinstance(code, str) and ("Trigger" in code or "Workflow" in code)
        if response.status in (401, 403, 404, 410) or (response.status == 400 and is_disabled):
            return CredentialsInvalid("credentials", self._webhook.clean(f"{response.status} {response.text}"))
        return self._webhook.error_for(response)


CHANNEL = ChannelType(
    payload=teams_payload,
    message=teams_card,
    open=lambda spec, secrets, _api, timeouts: Teams(spec, secrets["url"], timeouts),
    secrets=("url",),
    readable_text=readable_card_text,
    staff_payload=staff_text_payload,
)
