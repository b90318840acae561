"""Discord by the webhook of one room. No threads; our own messages can be rewritten or deleted."""

from __future__ import annotations

import re
from collections.abc import Mapping

from statuspage.catalog import ChannelSpec
from statuspage.channels.answers import AuthBroken, Message, OnUnsure, Told, Unreachable, Unsent, Wait, on_unsure
from statuspage.channels.exchange import Answer
from statuspage.channels.hooks import Hook
from statuspage.channels.inside import mentioned, words
from statuspage.channels.way import Way, note_of, said, texts
from statuspage.channels.wire import Bounds
from statuspage.deliveries import Delivery, Receipt, Thread

LIMIT = 2000
"""Characters of a message, https://docs.discord.com/developers/resources/webhook#execute-webhook"""

NO_PICTURES = 4
"""The flag by which no page is shown below its address."""

UNKNOWN_MESSAGE, UNKNOWN_WEBHOOK = 10008, 10015
_SIGNS = re.compile(r"(?:https?://\S+)|([\\*_~`|>\[\]]|(?m:^(?:#{1,3}|-#|[-+]|\d+\.)(?= )))")
"""What Discord reads as its own signs, outside an address."""


def message(delivery: Delivery, thread: Thread | None, *, readable: bool) -> Message:  # noqa: ARG001
    """The message as the address is handed it. Nobody is called by its words, ``@everyone`` included,
    but colleagues whom it is for."""
    text = said(delivery, readable=readable)
    plain = _SIGNS.sub(lambda found: f"\\{found[1]}" if found[1] else found[0], text)
    content = plain if len(plain) <= LIMIT else text
    ids = [id for _, id in mentioned(delivery.payload)]
    called = "\n".join(filter(None, (" ".join(f"<@{id}>" for id in ids), content)))
    allowed = {"parse": [], "users": ids} if ids else {"parse": []}
    return {"content": called, "allowed_mentions": allowed, "flags": NO_PICTURES}


class Discord:
    """One room of Discord."""

    def __init__(self, spec: ChannelSpec, address: str, bounds: Bounds) -> None:
        self.spec = spec
        self.on_unsure: OnUnsure = on_unsure(spec, "resend")
        self._hook = Hook(address, bounds=bounds)

    def payload(self, told: Told) -> Mapping[str, str]:
        """Both texts a notice may become."""
        return texts(told, self.spec)

    def deliver(self, delivery: Delivery, thread: Thread | None, *, readable: bool) -> Receipt:
        """Posts it and waits for its id (``wait=true``)."""
        answer = self._said("POST", message(delivery, thread, readable=readable), wait=True)
        id, room = answer.word("id"), answer.found("channel_id")
        server = answer.found("guild_id") or "@me"
        return Receipt(
            id,
            f"https://discord.com/channels/{server}/{room}/{id}" if room and server != "@me" else "",
            note=note_of(delivery, readable=readable),
        )

    def find(self, delivery: Delivery, *, readable: bool) -> tuple[Receipt, ...]:  # noqa: ARG002
        """The address shows a message to whoever knows its id, and no list."""
        return ()

    def probe(self) -> str:
        """The webhook's name and room; tells nobody anything."""
        answer = self._said("GET")
        return f"{answer.word('name')} ({answer.found('channel_id') or ''})"

    def edit(self, told: Receipt, delivery: Delivery, *, readable: bool) -> Receipt:
        """The earlier message now says this."""
        self._said("PATCH", message(delivery, None, readable=readable), below=f"/messages/{told.remote_id}")
        return Receipt(told.remote_id, told.url, note="edited")

    def delete(self, told: Receipt) -> None:
        """Takes it away; what is gone is what we wanted."""
        answer = self._hook.ask("DELETE", f"/messages/{told.remote_id}")
        if not answer.ok and answer.found("code") != UNKNOWN_MESSAGE:
            raise self._refusal(answer)

    def _said(self, method: str, json: Message | None = None, *, below: str = "", wait: bool = False) -> Answer:
        answer = self._hook.ask(method, below, json=json, query={"wait": "true"} if wait else None)
        if not answer.ok:
            raise self._refusal(answer)
        return answer

    def _refusal(self, answer: Answer) -> Unsent:
        """How long to wait stands in the answer itself, in seconds with a fraction; a proxy in between says it in the
        headers."""
        status, words = answer.status, str(answer.found("message") or "")
        wait = answer.found("retry_after")
        if status == 429 and isinstance(wait, int | float) and wait > 0:
            return Unreachable("rate_limited", self._hook.clean(f"429 {words}"), wait=Wait(seconds=float(wait)))
        if status in (401, 403) or (status == 404 and answer.found("code") != UNKNOWN_MESSAGE):
            return AuthBroken("credentials", self._hook.clean(f"{status} {words}"))
        return self._hook.meaning(answer, words)


WAY = Way(
    payload=texts,
    message=message,
    open=lambda spec, secrets, _api, bounds: Discord(spec, secrets["url"], bounds),
    secrets=("url",),
    withdrawals=("edit", "delete"),
    reads=lambda message: re.sub(r"\\([^\w\s]|_|\d+\.)", r"\1", str(message["content"])),
    inside=words,
)
