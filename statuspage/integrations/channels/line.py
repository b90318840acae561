"""LINE: one message per notice to everybody who follows the company's official account."""

from __future__ import annotations

import re
from collections.abc import Mapping

from statuspage.domain import ChannelSpec, Delivery, Receipt, Thread
from statuspage.integrations.channels.base import (
    CredentialsInvalid,
    DeliveryUnknown,
    Message,
    NoticeContext,
    OnUnsure,
    Unsent,
    on_unsure,
)
from statuspage.integrations.channels.channel_type import ChannelType, chosen_text, key, note_of, texts
from statuspage.integrations.channels.http_client import Answer, Exchange
from statuspage.integrations.channels.http_limits import Timeouts

API = "https://api.line.me"

RETRY_KEY, REQUEST, ACCEPTED = "X-Line-Retry-Key", "x-line-request-id", "x-line-accepted-request-id"


def line_message(delivery: Delivery, thread: Thread | None, *, readable: bool) -> Message:
    """What ``POST /v2/bot/message/broadcast`` is handed (https://developers.line.biz/en/reference/messaging-api/)."""
    return {"messages": [{"type": "text", "text": chosen_text(delivery, readable=readable)}]}


class LineChannel:
    """One official account. LINE knows a repetition by its key for 24 hours."""

    def __init__(self, spec: ChannelSpec, token: str, api: str, bounds: Timeouts) -> None:
        self.spec = spec
        self.on_unsure: OnUnsure = on_unsure(spec, "key")
        self._other = Exchange(api, secrets=(token,), headers={"Authorization": f"Bearer {token}"}, bounds=bounds)

    def payload(self, told: NoticeContext) -> Mapping[str, str]:
        """Both texts a notice may become."""
        return texts(told, self.spec)

    def deliver(self, delivery: Delivery, thread: Thread | None, *, readable: bool) -> Receipt:
        """Sends it to all followers. LINE shows no thread and gives no address."""
        answer = self._other.ask(
            "POST",
            "/v2/bot/message/broadcast",
            json=line_message(delivery, thread, readable=readable),
            headers={RETRY_KEY: str(key(delivery))},
        )
        if answer.status == 409:
            return Receipt(answer.headers.get(ACCEPTED, ""), note="already_there")
        if not answer.ok:
            raise self._meaning(answer)
        if not (id := answer.headers.get(REQUEST, "")) or not isinstance(answer.found(), dict):
            raise DeliveryUnknown("odd_answer", f"{answer.status}, and not what LINE answers")
        return Receipt(id, note=note_of(delivery, readable=readable))

    def find(self, delivery: Delivery, *, readable: bool) -> tuple[Receipt, ...]:
        """Nobody asks: a repetition does no harm here."""
        return ()

    def probe(self) -> str:
        """The account's name, ``GET /v2/bot/info``."""
        answer = self._other.ask("GET", "/v2/bot/info")
        if not answer.ok:
            raise self._meaning(answer)
        return f"{answer.word('displayName')} ({answer.word('basicId')})"

    def _meaning(self, answer: Answer) -> Unsent:
        """A month's messages are used up, or a plan lacks this: a person's business. 500: it may have been accepted
        (https://developers.line.biz/en/docs/messaging-api/retrying-api-request/)."""
        words = str(answer.found("message") or "")
        detail = self._other.clean(f"{answer.status} {words}")
        if answer.status == 429 and re.search(r"monthly limit", words, re.IGNORECASE):
            return CredentialsInvalid("credits", detail)
        if answer.status == 403:
            return CredentialsInvalid("credentials", detail)
        if answer.status == 500:
            return DeliveryUnknown("no_answer", detail)
        return self._other.meaning(answer, words)


def open_account(spec: ChannelSpec, secrets: Mapping[str, str], api: str, bounds: Timeouts) -> LineChannel:
    """The official account with this channel access token."""
    return LineChannel(spec, secrets["token"], api or API, bounds)


CHANNEL = ChannelType(texts, line_message, open_account, ("token",))
