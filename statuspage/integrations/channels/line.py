"""LINE: one message per notice to all followers of the company's official account."""

from __future__ import annotations

import re
from collections.abc import Mapping

from statuspage.domain import ChannelSpec, OutgoingMessage, Receipt, Thread
from statuspage.integrations.channels.base import (
    CredentialsInvalid,
    DeliveryUnknown,
    Message,
    OnUnsure,
    Unsent,
    on_unsure,
)
from statuspage.integrations.channels.channel_type import (
    ChannelType,
    chosen_text,
    idempotency_key,
    notice_texts,
    receipt_note,
)
from statuspage.integrations.channels.http_client import HttpClient, HttpResponse
from statuspage.integrations.channels.timeouts import Timeouts

API = "https://api.line.me"

RETRY_KEY, REQUEST, ACCEPTED = "X-Line-Retry-Key", "x-line-request-id", "x-line-accepted-request-id"


def line_message(delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Message:
    """The body of ``POST /v2/bot/message/broadcast`` (https://developers.line.biz/en/reference/messaging-api/)."""
    return {"messages": [{"type": "text", "text": chosen_text(delivery, page_readable=page_readable)}]}


class LineChannel:
    """One official account. LINE recognises a repetition by its key for 24 hours."""

    def __init__(self, spec: ChannelSpec, token: str, api: str, timeouts: Timeouts) -> None:
        self.spec = spec
        self.on_unsure: OnUnsure = on_unsure(spec, "key")
        self._http = HttpClient(api, secrets=(token,), headers={"Authorization": f"Bearer {token}"}, timeouts=timeouts)

    def deliver(self, delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Receipt:
        """Sends it to all followers. LINE has no threads, and its messages have no URL."""
        response = self._http.request(
            "POST",
            "/v2/bot/message/broadcast",
            json=line_message(delivery, thread, page_readable=page_readable),
            headers={RETRY_KEY: str(idempotency_key(delivery))},
        )
        if response.status == 409:
            return Receipt(response.headers.get(ACCEPTED, ""), note_key="already_there")
        if not response.ok:
            raise self._line_error(response)
        if not (id := response.headers.get(REQUEST, "")) or not isinstance(response.json_value(), dict):
            raise DeliveryUnknown("unexpected_response", f"{response.status}, and not what LINE answers")
        return Receipt(id, note_key=receipt_note(delivery, page_readable=page_readable))

    def probe(self) -> str:
        """The account's name, ``GET /v2/bot/info``."""
        response = self._http.request("GET", "/v2/bot/info")
        if not response.ok:
            raise self._line_error(response)
        return f"{response.require_text('displayName')} ({response.require_text('basicId')})"

    def _line_error(self, response: HttpResponse) -> Unsent:
        """The error for a rejection. A used-up monthly quota or a missing feature of the plan needs a person. After 500
        it may have been accepted (https://developers.line.biz/en/docs/messaging-api/retrying-api-request/)."""
        message = str(response.json_value("message") or "")
        detail = self._http.clean(f"{response.status} {message}")
        if response.status == 429 and re.search(r"monthly limit", message, re.IGNORECASE):
            return CredentialsInvalid("credits", detail)
        if response.status == 403:
            return CredentialsInvalid("credentials", detail)
        if response.status == 500:
            return DeliveryUnknown("no_response", detail)
        return self._http.error_for(response, message)


def open_account(spec: ChannelSpec, secrets: Mapping[str, str], api: str, timeouts: Timeouts) -> LineChannel:
    """The official account with this channel access token."""
    return LineChannel(spec, secrets["token"], api or API, timeouts)


CHANNEL = ChannelType(notice_texts, line_message, open_account, ("token",))
