"""Bluesky: one post per notice, in the thread of its incident, written with a record key of our own."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from statuspage.domain import ChannelSpec, OutgoingMessage, Receipt, Thread
from statuspage.integrations.channels.base import (
    CredentialsInvalid,
    Message,
    OnUnsure,
    Unreachable,
    Unsent,
    on_unsure,
)
from statuspage.integrations.channels.channel_type import (
    ChannelType,
    Option,
    chosen_text,
    idempotency_key,
    notice_texts,
    receipt_note,
)
from statuspage.integrations.channels.http_client import HttpClient, HttpResponse
from statuspage.integrations.channels.timeouts import Timeouts

POSTS = "app.bsky.feed.post"
PAGE = "https://bsky.app"

_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
_WEB_ADDRESS = re.compile(r"https?://[^\s\u3000]+")
_TRAILING = ".,;:!?)]}'\"、。）」』"
"""Trailing punctuation that is not part of a URL."""

_EXPIRED = ("ExpiredToken", "InvalidToken")
_AUTH_ERRORS = (
    "AuthenticationRequired",
    "AuthMissing",
    "AccountTakedown",
    "AccountDeactivated",
    "AuthFactorTokenRequired",
)


@dataclass(frozen=True, slots=True)
class _Session:
    """Our session for the next few hours. Never shown."""

    did: str
    handle: str
    access_token: str
    refresh_token: str

    def __repr__(self) -> str:
        return f"_Session({self.handle})"


def bluesky_record(delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Message:
    """The record of ``app.bsky.feed.post``, the same for every attempt (lexicons/app/bsky/feed/post.json)."""
    text = chosen_text(delivery, page_readable=page_readable)
    post = {"$type": POSTS, "text": text, "langs": [delivery.language], "createdAt": _timestamp(_queued_at(delivery))}
    facets = [_link_facet(text, match) for match in _WEB_ADDRESS.finditer(text)]
    reply = {"root": _strong_ref(thread.root), "parent": _strong_ref(thread.parent)} if thread else {}
    return post | ({"facets": facets} if facets else {}) | ({"reply": reply} if reply else {})


def _queued_at(delivery: OutgoingMessage) -> datetime:
    return delivery.queued_at or delivery.started_at or datetime.fromtimestamp(0, UTC)


def _timestamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _strong_ref(receipt: Receipt) -> dict[str, str]:
    return {"uri": receipt.remote_id, "cid": receipt.extra.get("cid", "")}


def _link_facet(text: str, match: re.Match[str]) -> dict[str, Any]:
    """A link in the text; its position is counted in UTF-8 bytes."""
    address = match[0].rstrip(_TRAILING)
    start = len(text[: match.start()].encode())
    byte_slice = {"byteStart": start, "byteEnd": start + len(address.encode())}
    return {"index": byte_slice, "features": [{"$type": "app.bsky.richtext.facet#link", "uri": address}]}


def record_key(delivery: OutgoingMessage) -> str:
    """Our own time-ordered key (https://atproto.com/specs/tid): the millisecond it was queued, and bits that
    distinguish it from everything else queued then."""
    key_bits = idempotency_key(delivery).int
    micros = int(_queued_at(delivery).timestamp() * 1000) * 1000 + key_bits % 1000
    tid = (micros << 10) | ((key_bits >> 64) & 1023)
    return "".join(_ALPHABET[(tid >> shift) & 31] for shift in range(60, -1, -5))


class Bluesky:
    """One account. A record written twice with the same key exists once (com.atproto.repo.putRecord)."""

    def __init__(self, spec: ChannelSpec, password: str, api: str, timeouts: Timeouts) -> None:
        self.spec = spec
        self.on_unsure: OnUnsure = on_unsure(spec, "key")
        self._password = password
        self._http = HttpClient(api, secrets=(password,), timeouts=timeouts)
        self._session: _Session | None = None

    def deliver(self, delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Receipt:
        """Writes the post, unless it already exists with the same text."""
        record = bluesky_record(delivery, thread, page_readable=page_readable)
        record_ref = {"collection": POSTS, "rkey": record_key(delivery)}
        # Null: only if there is no record. An identical existing one is left as it is.
        response = self._call_procedure(
            "com.atproto.repo.putRecord", {**record_ref, "record": record, "swapRecord": None}
        )
        note = receipt_note(delivery, page_readable=page_readable)
        if response.json_value("error") == "InvalidSwap":
            response, note = self._find_existing(record_ref, record["text"]) or response, "already_there"
        return self._build_receipt(response, record_ref["rkey"], note)

    def probe(self) -> str:
        """The account's name, by signing in again."""
        self._session = self._sign_in()
        return f"@{self._session.handle}"

    def delete(self, receipt: Receipt) -> None:
        """``com.atproto.repo.deleteRecord``, which also succeeds if there is nothing."""
        rkey = receipt.remote_id.rpartition("/")[2]
        self._require_ok(self._call_procedure("com.atproto.repo.deleteRecord", {"collection": POSTS, "rkey": rkey}))

    def _find_existing(self, record_ref: Mapping[str, str], text: str) -> HttpResponse | None:
        """The existing post, if it is ours, written by an earlier attempt as a reply to another post."""
        query = {"repo": self._current_session().did, **record_ref}
        response = self._require_ok(self._http.request("GET", "/xrpc/com.atproto.repo.getRecord", query=query))
        return response if response.json_value("value", "text") == text else None

    def _build_receipt(self, response: HttpResponse, rkey: str, note: str) -> Receipt:
        accepted = self._require_ok(response)
        extra = {"cid": accepted.require_text("cid")}
        return Receipt(
            accepted.require_text("uri"),
            f"{PAGE}/profile/{self._current_session().handle}/post/{rkey}",
            note_key=note,
            extra=extra,
        )

    def _call_procedure(self, method: str, fields: Mapping[str, Any]) -> HttpResponse:
        """One write. If the session has expired, it is renewed and the same write repeated."""
        response = self._post_procedure(method, fields)
        if response.json_value("error") in _EXPIRED:
            self._session = self._renew_session(self._current_session())
            response = self._post_procedure(method, fields)
        return response

    def _post_procedure(self, method: str, fields: Mapping[str, Any]) -> HttpResponse:
        session = self._current_session()
        bearer = {"Authorization": f"Bearer {session.access_token}"}
        return self._http.request("POST", f"/xrpc/{method}", json={"repo": session.did, **fields}, headers=bearer)

    def _current_session(self) -> _Session:
        """The cached session: sign-ins are rate-limited (30 in 5 minutes, 300 a day)."""
        if self._session is None:
            self._session = self._sign_in()
        return self._session

    def _sign_in(self) -> _Session:
        credentials = {"identifier": self.spec.account.removeprefix("@"), "password": self._password}
        with _BeforePost():
            return self._store_session(
                self._http.request("POST", "/xrpc/com.atproto.server.createSession", json=credentials)
            )

    def _renew_session(self, expired: _Session) -> _Session:
        bearer = {"Authorization": f"Bearer {expired.refresh_token}"}
        with _BeforePost():
            response = self._http.request("POST", "/xrpc/com.atproto.server.refreshSession", headers=bearer)
        return self._store_session(response) if response.ok else self._sign_in()

    def _store_session(self, response: HttpResponse) -> _Session:
        accepted = self._require_ok(response)
        names = ("did", "handle", "accessJwt", "refreshJwt")
        did, handle, access, refresh = (accepted.require_text(name) for name in names)
        self._http.set_session_secrets(access, refresh)
        return _Session(did, handle, access, refresh)

    def _require_ok(self, response: HttpResponse) -> HttpResponse:
        if response.ok:
            return response
        raise self._bluesky_error(response)

    def _bluesky_error(self, response: HttpResponse) -> Unsent:
        error = str(response.json_value("error") or "")
        message = f"{error} {response.json_value('message') or ''}"
        if response.status == 401 or (response.status < 500 and error in (*_AUTH_ERRORS, *_EXPIRED)):
            self._session = None
            return CredentialsInvalid("credentials", self._http.clean(f"{response.status} {message}"))
        return self._http.error_for(response, message if error else "")


class _BeforePost:
    """Wraps the steps before the post itself: whatever fails there, the post was not sent."""

    def __enter__(self) -> None:
        """Does nothing."""

    def __exit__(self, error_type: object, error: BaseException | None, traceback: object) -> None:
        """Turns every failure except invalid credentials into Unreachable."""
        if isinstance(error, Unsent) and not isinstance(error, CredentialsInvalid | Unreachable):
            raise Unreachable("channel_down", error.detail) from None


def open_account(spec: ChannelSpec, secrets: Mapping[str, str], api: str, timeouts: Timeouts) -> Bluesky:
    """The account with this app password, on the server set in the content."""
    return Bluesky(spec, secrets["app_password"], api or spec.options["server"], timeouts)


CHANNEL = ChannelType(
    notice_texts,
    bluesky_record,
    open_account,
    ("app_password",),
    options={"server": Option("https://bsky.social")},
    withdrawals=("delete",),
)
