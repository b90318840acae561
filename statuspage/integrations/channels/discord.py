"""Discord by the webhook of a text channel, or of a forum, where each incident is a post with its notices below it.

Messages in a text channel have no thread. Our own messages can be edited or deleted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from statuspage.domain import ChannelSpec, OutgoingMessage, Receipt, Thread
from statuspage.integrations.channels.base import (
    CredentialsInvalid,
    Message,
    NoticeContext,
    OnUnsure,
    Unreachable,
    Unsent,
    Wait,
    on_unsure,
)
from statuspage.integrations.channels.channel_type import ChannelType, chosen_text, notice_texts, receipt_note
from statuspage.integrations.channels.http_client import HttpResponse
from statuspage.integrations.channels.incoming_webhook import IncomingWebhook
from statuspage.integrations.channels.staff_message import parse_mentions, staff_text_payload
from statuspage.integrations.channels.timeouts import Timeouts

MAX_CONTENT = 2000
"""Maximum characters of a message, https://docs.discord.com/developers/resources/webhook#execute-webhook"""

SUPPRESS_EMBEDS = 4
"""The flag that suppresses link previews."""

MAX_THREAD_NAME = 100
"""Maximum characters of a forum post's name, https://docs.discord.com/developers/resources/channel#channel-object"""

UNKNOWN_CHANNEL, UNKNOWN_MESSAGE = 10003, 10008
THREAD_REQUIRED = 220001
"""*Webhooks posted to forum channels must have a thread_name or thread_id*: nothing was posted. Because of this error,
nobody has to configure whether an address belongs to a forum."""

THREAD_ID = "post"
"""Key in a receipt's ``extra``: the id of the forum post that contains the message."""

_MARKDOWN = re.compile(r"(?:https?://\S+)|([\\*_~`|>\[\]]|(?m:^(?:#{1,3}|-#|[-+]|\d+\.)(?= )))")
"""Discord's markup characters, outside URLs."""


def discord_payload(context: NoticeContext, spec: ChannelSpec) -> Mapping[str, str]:
    """Both texts, and the title of a forum post."""
    title = context.notice.texts[spec.language].title
    return {
        **notice_texts(context, spec),
        "name": title if len(title) <= MAX_THREAD_NAME else context.catalog.packs[spec.language].site,
    }


def discord_message(delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Message:
    """The message as posted. Its text mentions nobody, not even ``@everyone``, except the staff it is for."""
    text = chosen_text(delivery, page_readable=page_readable)
    escaped = _MARKDOWN.sub(lambda match: f"\\{match[1]}" if match[1] else match[0], text)
    content = escaped if len(escaped) <= MAX_CONTENT else text
    ids = [id for _, id in parse_mentions(delivery.payload)]
    with_mentions = "\n".join(filter(None, (" ".join(f"<@{id}>" for id in ids), content)))
    allowed_mentions = {"parse": [], "users": ids} if ids else {"parse": []}
    return {"content": with_mentions, "allowed_mentions": allowed_mentions, "flags": SUPPRESS_EMBEDS}


class Discord:
    """One Discord channel."""

    def __init__(self, spec: ChannelSpec, address: str, timeouts: Timeouts) -> None:
        self.spec = spec
        self.on_unsure: OnUnsure = on_unsure(spec, "resend")
        self._webhook = IncomingWebhook(address, timeouts=timeouts)

    def deliver(self, delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Receipt:
        """Posts it and waits for its id (``wait=true``); in a forum, below the incident's first message."""
        post = dict(discord_message(delivery, thread, page_readable=page_readable))
        note = receipt_note(delivery, page_readable=page_readable)
        thread_id = thread.root.extra.get(THREAD_ID, "") if thread else ""
        response = self._post_to_thread(post, thread_id)
        if thread_id and response.json_value("code") == UNKNOWN_CHANNEL:
            thread_id, note = "", "standalone"
            response = self._post_to_thread(post)
        if response.json_value("code") == THREAD_REQUIRED:
            response = self._post_to_thread(
                {**post, "thread_name": delivery.payload.get("name") or delivery.thread_key}
            )
            thread_id = str(response.json_value("channel_id") or "")
        return self._build_receipt(self._require_ok(response), note, thread_id)

    def _post_to_thread(self, post: Message, thread_id: str = "") -> HttpResponse:
        return self._webhook.request(
            "POST", json=post, query={"wait": "true", **({"thread_id": thread_id} if thread_id else {})}
        )

    def _build_receipt(self, response: HttpResponse, note: str, thread_id: str) -> Receipt:
        id = response.require_text("id")
        channel_id = response.json_value("channel_id")
        guild_id = response.json_value("guild_id")
        url = f"https://discord.com/channels/{guild_id}/{channel_id}/{id}" if channel_id and guild_id else ""
        return Receipt(id, url, note_key=note, extra={THREAD_ID: thread_id} if thread_id else {})

    def probe(self) -> str:
        """The webhook's name and channel; posts nothing."""
        response = self._require_ok(self._webhook.request("GET"))
        return f"{response.require_text('name')} ({response.json_value('channel_id') or ''})"

    def edit(self, earlier: Receipt, delivery: OutgoingMessage, *, page_readable: bool) -> Receipt:
        """Edits the earlier message."""
        message = discord_message(delivery, None, page_readable=page_readable)
        self._require_ok(
            self._webhook.request("PATCH", f"/messages/{earlier.remote_id}", json=message, query=_forum_thread(earlier))
        )
        return Receipt(earlier.remote_id, earlier.url, note_key="edited", extra=earlier.extra)

    def delete(self, receipt: Receipt) -> None:
        """Deletes it. Not an error if it is already gone."""
        response = self._webhook.request("DELETE", f"/messages/{receipt.remote_id}", query=_forum_thread(receipt))
        if response.json_value("code") not in (UNKNOWN_MESSAGE, UNKNOWN_CHANNEL):
            self._require_ok(response)

    def _require_ok(self, response: HttpResponse) -> HttpResponse:
        if response.ok:
            return response
        raise self._discord_error(response)

    def _discord_error(self, response: HttpResponse) -> Unsent:
        """The error for a rejection. The time to wait is in the body, in fractional seconds; a proxy in between gives
        it in the headers."""
        status, message = response.status, str(response.json_value("message") or "")
        wait = response.json_value("retry_after")
        if status == 429 and isinstance(wait, int | float) and wait > 0:
            return Unreachable("rate_limited", self._webhook.clean(f"429 {message}"), wait=Wait(seconds=float(wait)))
        if status in (401, 403) or (status == 404 and response.json_value("code") != UNKNOWN_MESSAGE):
            return CredentialsInvalid("credentials", self._webhook.clean(f"{status} {message}"))
        return self._webhook.error_for(response, message)


def _forum_thread(receipt: Receipt) -> Mapping[str, str] | None:
    """The thread of an earlier message, if it is in a forum post."""
    return {"thread_id": receipt.extra[THREAD_ID]} if receipt.extra.get(THREAD_ID) else None


CHANNEL = ChannelType(
    payload=discord_payload,
    message=discord_message,
    open=lambda spec, secrets, _api, timeouts: Discord(spec, secrets["url"], timeouts),
    secrets=("url",),
    withdrawals=("edit", "delete"),
    readable_text=lambda message: re.sub(r"\\([^\w\s]|_|\d+\.)", r"\1", str(message["content"])),
    staff_payload=staff_text_payload,
)
