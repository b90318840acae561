"""Slack by an incoming webhook: a secret address for one channel. No threads, nothing can be read back or deleted."""

from __future__ import annotations

from statuspage.domain import ChannelSpec, OutgoingMessage, Receipt, Thread
from statuspage.integrations.channels.base import (
    CredentialsInvalid,
    DeliveryUnknown,
    Message,
    OnUnsure,
    Unsent,
    on_unsure,
)
from statuspage.integrations.channels.channel_type import ChannelType, chosen_text, notice_texts, receipt_note
from statuspage.integrations.channels.http_client import HttpResponse
from statuspage.integrations.channels.incoming_webhook import IncomingWebhook
from statuspage.integrations.channels.slack import NO_PREVIEWS, escape_text, readable_text, with_mentions
from statuspage.integrations.channels.staff_message import staff_text_payload
from statuspage.integrations.channels.timeouts import Timeouts

ACCOUNT_ERRORS = frozenset("no_service no_service_id no_team team_disabled invalid_token action_prohibited".split())
CHANNEL_ERRORS = frozenset("channel_not_found channel_is_archived posting_to_general_channel_denied".split())


def slack_webhook_message(delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Message:
    """The message as posted."""
    return {
        "text": with_mentions(delivery, escape_text(chosen_text(delivery, page_readable=page_readable))),
        **NO_PREVIEWS,
    }


class SlackWebhook:
    """One Slack channel."""

    def __init__(self, spec: ChannelSpec, address: str, timeouts: Timeouts) -> None:
        self.spec = spec
        self.on_unsure: OnUnsure = on_unsure(spec, "resend")
        self._webhook = IncomingWebhook(address, timeouts=timeouts)

    def deliver(self, delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Receipt:
        """Posts it. Slack's only response is *ok*."""
        response = self._webhook.request(
            "POST", json=slack_webhook_message(delivery, thread, page_readable=page_readable)
        )
        if not response.ok:
            raise self._slack_webhook_error(response)
        if response.text.strip() != "ok":
            raise DeliveryUnknown("unexpected_response", f"{response.status}, and no “ok” in the answer")
        return Receipt(note_key=receipt_note(delivery, page_readable=page_readable))

    def probe(self) -> str:
        """Sends an empty message, which Slack rejects (``no_text``) if the address is right, and which nobody sees."""
        response = self._webhook.request("POST", json={"text": ""})
        if response.status == 400 and response.text.strip() in ("no_text", "invalid_payload"):
            return self.spec.account
        raise self._slack_webhook_error(response)

    def _slack_webhook_error(self, response: HttpResponse) -> Unsent:
        detail = self._webhook.clean(f"{response.status} {response.text}")
        error = response.text.strip()
        if error in CHANNEL_ERRORS or response.status == 410:
            return CredentialsInvalid("no_destination", detail)
        if error in ACCOUNT_ERRORS or response.status in (401, 403, 404):
            return CredentialsInvalid("credentials", detail)
        return self._webhook.error_for(response)


CHANNEL = ChannelType(
    payload=notice_texts,
    message=slack_webhook_message,
    open=lambda spec, secrets, _api, timeouts: SlackWebhook(spec, secrets["url"], timeouts),
    secrets=("url",),
    readable_text=readable_text,
    staff_payload=staff_text_payload,
)
