"""Bluesky: one post per notice, below the incident's first and newest one, written under a key of our own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from statuspage.domain import ChannelSpec, Delivery, Receipt, Thread
from statuspage.integrations.channels.base import (
    CredentialsInvalid,
    Message,
    NoticeContext,
    OnUnsure,
    Unreachable,
    Unsent,
    on_unsure,
)
from statuspage.integrations.channels.channel_type import ChannelType, Option, chosen_text, key, note_of, texts
from statuspage.integrations.channels.http_client import Answer, Exchange
from statuspage.integrations.channels.http_limits import Timeouts

POSTS = "app.bsky.feed.post"
PAGE = "https://bsky.app"

_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
_WEB_ADDRESS = re.compile(r"https?://[^\s\u3000]+")
_AFTER = ".,;:!?)]}'\"、。）」』"
"""What stands behind an address rather than in it."""

_WORN = ("ExpiredToken", "InvalidToken")
_CLOSED = ("AuthenticationRequired", "AuthMissing", "AccountTakedown", "AccountDeactivated", "AuthFactorTokenRequired")


@dataclass(frozen=True, slots=True)
class _Session:
    """Who we are for the next hours. Never shown."""

    did: str
    handle: str
    access: str
    refresh: str

    def __repr__(self) -> str:
        return f"_Session({self.handle})"


def bluesky_record(delivery: Delivery, thread: Thread | None, *, readable: bool) -> Message:
    """The record of ``app.bsky.feed.post``, the same for every attempt (lexicons/app/bsky/feed/post.json)."""
    text = chosen_text(delivery, readable=readable)
    post = {"$type": POSTS, "text": text, "langs": [delivery.language], "createdAt": _timestamp(_queued(delivery))}
    facets = [_link(text, match) for match in _WEB_ADDRESS.finditer(text)]
    reply = {"root": _named(thread.root), "parent": _named(thread.parent)} if thread else {}
    return post | ({"facets": facets} if facets else {}) | ({"reply": reply} if reply else {})


def _queued(delivery: Delivery) -> datetime:
    return delivery.queued or delivery.started or datetime.fromtimestamp(0, UTC)


def _timestamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _named(receipt: Receipt) -> dict[str, str]:
    return {"uri": receipt.remote_id, "cid": receipt.extra.get("cid", "")}


def _link(text: str, match: re.Match[str]) -> dict[str, Any]:
    """An address that can be followed; its place is counted in bytes of UTF-8."""
    address = match[0].rstrip(_AFTER)
    start = len(text[: match.start()].encode())
    place = {"byteStart": start, "byteEnd": start + len(address.encode())}
    return {"index": place, "features": [{"$type": "app.bsky.richtext.facet#link", "uri": address}]}


def record_key(delivery: Delivery) -> str:
    """Our own time-ordered key (https://atproto.com/specs/tid): the millisecond it was queued, and what tells it from
    everything else queued then."""
    own = key(delivery).int
    micros = int(_queued(delivery).timestamp() * 1000) * 1000 + own % 1000
    number = (micros << 10) | ((own >> 64) & 1023)
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(60, -1, -5))


class Bluesky:
    """One account. A record written twice under its key is there once (com.atproto.repo.putRecord)."""

    def __init__(self, spec: ChannelSpec, password: str, api: str, bounds: Timeouts) -> None:
        self.spec = spec
        self.on_unsure: OnUnsure = on_unsure(spec, "key")
        self._password = password
        self._other = Exchange(api, secrets=(password,), bounds=bounds)
        self._session: _Session | None = None

    def payload(self, told: NoticeContext) -> Mapping[str, str]:
        """Both texts a notice may become."""
        return texts(told, self.spec)

    def deliver(self, delivery: Delivery, thread: Thread | None, *, readable: bool) -> Receipt:
        """Writes the post where nothing is, or where it is already."""
        record = bluesky_record(delivery, thread, readable=readable)
        place = {"collection": POSTS, "rkey": record_key(delivery)}
        # Null: only where there is no record. One that is the same already is left as it is all the same.
        answer = self._call("com.atproto.repo.putRecord", {**place, "record": record, "swapRecord": None})
        note = note_of(delivery, readable=readable)
        if answer.found("error") == "InvalidSwap":
            answer, note = self._there(place, record["text"]) or answer, "already_there"
        return self._receipt(answer, place["rkey"], note)

    def find(self, delivery: Delivery, *, readable: bool) -> tuple[Receipt, ...]:
        """Nobody asks: a repetition does no harm here."""
        return ()

    def probe(self) -> str:
        """The account's name, by signing in afresh."""
        self._session = self._signed_in()
        return f"@{self._session.handle}"

    def delete(self, told: Receipt) -> None:
        """``com.atproto.repo.deleteRecord``, which is content where nothing is."""
        rkey = told.remote_id.rpartition("/")[2]
        self._taken(self._call("com.atproto.repo.deleteRecord", {"collection": POSTS, "rkey": rkey}))

    def _there(self, place: Mapping[str, str], text: str) -> Answer | None:
        """The post that stands there already, where it is ours: an earlier attempt that hung elsewhere."""
        query = {"repo": self._me().did, **place}
        answer = self._taken(self._other.ask("GET", "/xrpc/com.atproto.repo.getRecord", query=query))
        return answer if answer.found("value", "text") == text else None

    def _receipt(self, answer: Answer, rkey: str, note: str) -> Receipt:
        taken = self._taken(answer)
        extra = {"cid": taken.word("cid")}
        return Receipt(taken.word("uri"), f"{PAGE}/profile/{self._me().handle}/post/{rkey}", note=note, extra=extra)

    def _call(self, method: str, given: Mapping[str, Any]) -> Answer:
        """One write. A session that is worn out is renewed first, and the same write asked for again."""
        answer = self._write(method, given)
        if answer.found("error") in _WORN:
            self._session = self._renewed(self._me())
            answer = self._write(method, given)
        return answer

    def _write(self, method: str, given: Mapping[str, Any]) -> Answer:
        me = self._me()
        bearer = {"Authorization": f"Bearer {me.access}"}
        return self._other.ask("POST", f"/xrpc/{method}", json={"repo": me.did, **given}, headers=bearer)

    def _me(self) -> _Session:
        """The session, kept: a sign-in is counted (30 in 5 minutes, 300 a day)."""
        if self._session is None:
            self._session = self._signed_in()
        return self._session

    def _signed_in(self) -> _Session:
        given = {"identifier": self.spec.account.removeprefix("@"), "password": self._password}
        with _Before():
            return self._opened(self._other.ask("POST", "/xrpc/com.atproto.server.createSession", json=given))

    def _renewed(self, old: _Session) -> _Session:
        bearer = {"Authorization": f"Bearer {old.refresh}"}
        with _Before():
            answer = self._other.ask("POST", "/xrpc/com.atproto.server.refreshSession", headers=bearer)
        return self._opened(answer) if answer.ok else self._signed_in()

    def _opened(self, answer: Answer) -> _Session:
        taken = self._taken(answer)
        names = ("did", "handle", "accessJwt", "refreshJwt")
        did, handle, access, refresh = (taken.word(name) for name in names)
        self._other.also_secret(access, refresh)
        return _Session(did, handle, access, refresh)

    def _taken(self, answer: Answer) -> Answer:
        if answer.ok:
            return answer
        raise self._meaning(answer)

    def _meaning(self, answer: Answer) -> Unsent:
        error = str(answer.found("error") or "")
        words = f"{error} {answer.found('message') or ''}"
        if answer.status == 401 or (answer.status < 500 and error in (*_CLOSED, *_WORN)):
            self._session = None
            return CredentialsInvalid("credentials", self._other.clean(f"{answer.status} {words}"))
        return self._other.meaning(answer, words if error else "")


class _Before:
    """Before the post itself: whatever happens here, that has not left."""

    def __enter__(self) -> None:
        """Nothing to do."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Not knowing becomes not having sent."""
        if isinstance(error, Unsent) and not isinstance(error, CredentialsInvalid | Unreachable):
            raise Unreachable("channel_down", error.detail) from None


def open_account(spec: ChannelSpec, secrets: Mapping[str, str], api: str, bounds: Timeouts) -> Bluesky:
    """The account with this app password, on the server that the content names."""
    return Bluesky(spec, secrets["app_password"], api or spec.options["server"], bounds)


CHANNEL = ChannelType(
    texts,
    bluesky_record,
    open_account,
    ("app_password",),
    options={"server": Option("https://bsky.social")},
    withdrawals=("delete",),
)
