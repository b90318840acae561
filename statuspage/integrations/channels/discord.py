"""Discord by the webhook of one room, or of a forum, where each incident is a post of its own with its notices below.

In a room nothing hangs on anything. Our own messages can be rewritten or deleted.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from statuspage.domain import ChannelSpec, Delivery, Receipt, Thread
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
from statuspage.integrations.channels.channel_type import ChannelType, chosen_text, note_of, texts
from statuspage.integrations.channels.http_client import Answer
from statuspage.integrations.channels.http_limits import Timeouts
from statuspage.integrations.channels.incoming_webhook import Hook
from statuspage.integrations.channels.staff_message import mentioned, words

LIMIT = 2000
"""Characters of a message, https://docs.discord.com/developers/resources/webhook#execute-webhook"""

NO_PICTURES = 4
"""The flag by which no page is shown below its address."""

NAME = 100
"""Characters of a forum post's name, https://docs.discord.com/developers/resources/channel#channel-object"""

UNKNOWN_CHANNEL, UNKNOWN_MESSAGE = 10003, 10008
FORUM = 220001
"""*Webhooks posted to forum channels must have a thread_name or thread_id*: nothing was posted. Nobody has to tell us
beforehand which of both an address belongs to."""

POST = "post"
"""Of a receipt's ``extra``: the number of the forum's post that the message is in."""

_SIGNS = re.compile(r"(?:https?://\S+)|([\\*_~`|>\[\]]|(?m:^(?:#{1,3}|-#|[-+]|\d+\.)(?= )))")
"""What Discord reads as its own signs, outside an address."""


def discord_payload(told: NoticeContext, spec: ChannelSpec) -> Mapping[str, str]:
    """Both texts, and what a post of a forum would be called."""
    title = told.notice.words[spec.language].title
    return {**texts(told, spec), "name": title if len(title) <= NAME else told.catalog.books[spec.language].site}


def discord_message(delivery: Delivery, thread: Thread | None, *, readable: bool) -> Message:
    """The message as the address is handed it. Nobody is called by its words, ``@everyone`` included,
    but colleagues whom it is for."""
    text = chosen_text(delivery, readable=readable)
    plain = _SIGNS.sub(lambda found: f"\\{found[1]}" if found[1] else found[0], text)
    content = plain if len(plain) <= LIMIT else text
    ids = [id for _, id in mentioned(delivery.payload)]
    called = "\n".join(filter(None, (" ".join(f"<@{id}>" for id in ids), content)))
    allowed = {"parse": [], "users": ids} if ids else {"parse": []}
    return {"content": called, "allowed_mentions": allowed, "flags": NO_PICTURES}


class Discord:
    """One room of Discord."""

    def __init__(self, spec: ChannelSpec, address: str, bounds: Timeouts) -> None:
        self.spec = spec
        self.on_unsure: OnUnsure = on_unsure(spec, "resend")
        self._hook = Hook(address, bounds=bounds)

    def payload(self, told: NoticeContext) -> Mapping[str, str]:
        """Both texts a notice may become."""
        return discord_payload(told, self.spec)

    def deliver(self, delivery: Delivery, thread: Thread | None, *, readable: bool) -> Receipt:
        """Posts it and waits for its id (``wait=true``); in a forum below the incident's first message."""
        post, note = dict(discord_message(delivery, thread, readable=readable)), note_of(delivery, readable=readable)
        below = thread.root.extra.get(POST, "") if thread else ""
        answer = self._posted(post, below)
        if below and answer.found("code") == UNKNOWN_CHANNEL:
            below, note = "", "standalone"
            answer = self._posted(post)
        if answer.found("code") == FORUM:
            answer = self._posted({**post, "thread_name": delivery.payload.get("name") or delivery.incident})
            below = str(answer.found("channel_id") or "")
        return self._receipt(self._taken(answer), note, below)

    def _posted(self, post: Message, below: str = "") -> Answer:
        return self._hook.ask("POST", json=post, query={"wait": "true", **({"thread_id": below} if below else {})})

    def _receipt(self, answer: Answer, note: str, below: str) -> Receipt:
        id, room, server = answer.word("id"), answer.found("channel_id"), answer.found("guild_id")
        url = f"https://discord.com/channels/{server}/{room}/{id}" if room and server else ""
        return Receipt(id, url, note=note, extra={POST: below} if below else {})

    def find(self, delivery: Delivery, *, readable: bool) -> tuple[Receipt, ...]:
        """The address shows a message to whoever knows its id, and no list."""
        return ()

    def probe(self) -> str:
        """The webhook's name and room; tells nobody anything."""
        answer = self._taken(self._hook.ask("GET"))
        return f"{answer.word('name')} ({answer.found('channel_id') or ''})"

    def edit(self, told: Receipt, delivery: Delivery, *, readable: bool) -> Receipt:
        """The earlier message now says this."""
        json = discord_message(delivery, None, readable=readable)
        self._taken(self._hook.ask("PATCH", f"/messages/{told.remote_id}", json=json, query=_forum_thread(told)))
        return Receipt(told.remote_id, told.url, note="edited", extra=told.extra)

    def delete(self, told: Receipt) -> None:
        """Takes it away; what is gone is what we wanted."""
        answer = self._hook.ask("DELETE", f"/messages/{told.remote_id}", query=_forum_thread(told))
        if answer.found("code") not in (UNKNOWN_MESSAGE, UNKNOWN_CHANNEL):
            self._taken(answer)

    def _taken(self, answer: Answer) -> Answer:
        if answer.ok:
            return answer
        raise self._refusal(answer)

    def _refusal(self, answer: Answer) -> Unsent:
        """How long to wait stands in the answer itself, in seconds with a fraction; a proxy in between says it in the
        headers."""
        status, words = answer.status, str(answer.found("message") or "")
        wait = answer.found("retry_after")
        if status == 429 and isinstance(wait, int | float) and wait > 0:
            return Unreachable("rate_limited", self._hook.clean(f"429 {words}"), wait=Wait(seconds=float(wait)))
        if status in (401, 403) or (status == 404 and answer.found("code") != UNKNOWN_MESSAGE):
            return CredentialsInvalid("credentials", self._hook.clean(f"{status} {words}"))
        return self._hook.meaning(answer, words)


def _forum_thread(told: Receipt) -> Mapping[str, str] | None:
    """Where an earlier message lies, if that is a forum's post."""
    return {"thread_id": told.extra[POST]} if told.extra.get(POST) else None


CHANNEL = ChannelType(
    payload=discord_payload,
    message=discord_message,
    open=lambda spec, secrets, _api, bounds: Discord(spec, secrets["url"], bounds),
    secrets=("url",),
    withdrawals=("edit", "delete"),
    reads=lambda message: re.sub(r"\\([^\w\s]|_|\d+\.)", r"\1", str(message["content"])),
    inside=words,
)
