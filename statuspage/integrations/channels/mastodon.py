"""Mastodon and its kin: one status per notice, below the incident's newest earlier one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from urllib.parse import urlsplit

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
from statuspage.integrations.channels.channel_type import ChannelType, Option, chosen_text, key, note_of, texts
from statuspage.integrations.channels.http_client import Answer, Exchange
from statuspage.integrations.channels.http_limits import Timeouts

NEWEST_STATUSES = "20"
"""Own statuses we look through for one that may have gone out."""

STATUSES = "/api/v1/statuses"

_MENTION = re.compile(r"(?<![\w/=])@(?=\w)")


def mastodon_status(delivery: Delivery, thread: Thread | None, *, readable: bool) -> Message:
    """What ``POST /api/v1/statuses`` is handed (https://docs.joinmastodon.org/methods/statuses/#create)."""
    post = {
        "status": unnamed(chosen_text(delivery, readable=readable)),
        "language": delivery.language.partition("-")[0],
    }
    return post | ({"in_reply_to_id": thread.parent.remote_id} if thread else {})


def unnamed(text: str) -> str:
    """The text, in which an @ calls nobody: a joiner behind it takes no room and is not part of a name."""
    return _MENTION.sub("@\u200d", text)


class Mastodon:
    """One account. The server knows a repetition by its key for an hour; after that our own statuses tell."""

    def __init__(self, spec: ChannelSpec, token: str, api: str, bounds: Timeouts) -> None:
        self.spec = spec
        self.on_unsure: OnUnsure = on_unsure(spec, "find")
        self._server = urlsplit(spec.options["server"]).netloc
        bearer = {"Authorization": f"Bearer {token}"}
        self._other = Exchange(api, secrets=(token,), headers=bearer, bounds=bounds)

    def payload(self, told: NoticeContext) -> Mapping[str, str]:
        """Both texts a notice may become."""
        return texts(told, self.spec)

    def deliver(self, delivery: Delivery, thread: Thread | None, *, readable: bool) -> Receipt:
        """Posts it below the newest one, or by itself where that is gone."""
        post = {**mastodon_status(delivery, thread, readable=readable), "visibility": self.spec.options["visibility"]}
        headers = {"Idempotency-Key": str(key(delivery))}
        answer = self._other.ask("POST", STATUSES, json=post, headers=headers)
        note = note_of(delivery, readable=readable)
        if answer.status == 404 and post.pop("in_reply_to_id", ""):
            answer, note = self._other.ask("POST", STATUSES, json=post, headers=headers), "standalone"
        return self._receipt(answer, note)

    def find(self, delivery: Delivery, *, readable: bool) -> tuple[Receipt, ...]:
        """Among the account's newest statuses."""
        query = {"limit": NEWEST_STATUSES, "exclude_reblogs": "true"}
        answer = self._taken(self._other.ask("GET", f"/api/v1/accounts/{self._me()['id']}/statuses", query=query))
        newest = answer.found()
        if not isinstance(newest, list):
            raise DeliveryUnknown("odd_answer", f"{answer.status}, and no list of statuses in the answer")
        text = _without_blanks(unnamed(chosen_text(delivery, readable=readable)))
        same = (one for one in newest if _without_blanks(as_text(str(one.get("content", "")))) == text)
        return tuple(Receipt(str(one["id"]), str(one["url"]), note="already_there") for one in same)

    def probe(self) -> str:
        """The account's full name, ``GET /api/v1/accounts/verify_credentials``."""
        return f"@{self._me()['acct']}@{self._server}"

    def delete(self, told: Receipt) -> None:
        """``DELETE /api/v1/statuses/:id``; a status that is gone is what we wanted."""
        answer = self._other.ask("DELETE", f"{STATUSES}/{told.remote_id}")
        if answer.status != 404:
            self._taken(answer)

    def edit(self, told: Receipt, delivery: Delivery, *, readable: bool) -> Receipt:
        """``PUT /api/v1/statuses/:id``."""
        post = mastodon_status(delivery, None, readable=readable)
        return self._receipt(self._other.ask("PUT", f"{STATUSES}/{told.remote_id}", json=post), "edited")

    def _me(self) -> Mapping[str, str]:
        answer = self._taken(self._other.ask("GET", "/api/v1/accounts/verify_credentials"))
        return {"id": answer.word("id"), "acct": answer.word("acct")}

    def _receipt(self, answer: Answer, note: str) -> Receipt:
        taken = self._taken(answer)
        return Receipt(taken.word("id"), taken.word("url"), note=note)

    def _taken(self, answer: Answer) -> Answer:
        if answer.ok:
            return answer
        raise self._meaning(answer)

    def _meaning(self, answer: Answer) -> Unsent:
        """403 is about the token or the account, never about one status; 422 is about the status."""
        words = str(answer.found("error") or "")
        if answer.status == 403:
            return CredentialsInvalid("credentials", self._other.clean(f"403 {words}"))
        return self._other.meaning(answer, words)


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("br", "p"):
            self.said.append("\n")

    def handle_data(self, data: str) -> None:
        self.said.append(data)


def as_text(html: str) -> str:
    """The words of a status, which the server gives back as HTML."""
    reading = _Text()
    reading.feed(html)
    reading.close()
    return "".join(reading.said)


def _without_blanks(text: str) -> str:
    """Without the blanks in which server and sender may differ."""
    return "".join(text.split())


def open_account(spec: ChannelSpec, secrets: Mapping[str, str], api: str, bounds: Timeouts) -> Mastodon:
    """The account with this access token, on the server that the content names."""
    return Mastodon(spec, secrets["token"], api or spec.options["server"], bounds)


CHANNEL = ChannelType(
    texts,
    mastodon_status,
    open_account,
    ("token",),
    options={"server": Option(None), "visibility": Option("public", ("public", "unlisted", "private"))},
    withdrawals=("delete", "edit"),
)
