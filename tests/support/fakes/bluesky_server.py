"""A server on loopback that behaves like a personal data server of Bluesky's network (https://docs.bsky.app/docs).

Keys, limits and rejections follow the lexicons (com.atproto.repo.putRecord, app.bsky.feed.post) and that server's
published source: a record written again with its key is left as it is; ``swapRecord: null`` accepts only a new one.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from statuspage.rendering.wording.text_length import graphemes, utf8
from tests.support.fakes.service import ReceivedMessage, Reply, Request, Service

PASSWORD = "bluesky-app-password"
DID, HANDLE = "did:plc:fitline000000000000000000", "fitline.bsky.social"
POSTS = "app.bsky.feed.post"
TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")


def cid_of(record: Any) -> str:
    """An id for this content: in the form of a CID (version 1, dag-cbor, sha-256), from its JSON."""
    digest = hashlib.sha256(json.dumps(record, sort_keys=True).encode()).digest()
    return "b" + base64.b32encode(b"\x01\x71\x12\x20" + digest).decode().lower().rstrip("=")


def token(name: str, number: int) -> str:
    """A signed token as clients can read it."""
    parts = ({"typ": "at+jwt", "alg": "none"}, {"sub": DID, "iat": 1, "exp": 4102444800, "jti": f"{name}{number}"})
    return ".".join([*(base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts), "sig"])


def _error(status: int, error: str, message: str, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(status, {"error": error, "message": message}, headers)


class Server(Service):
    """One server with one account. ``expire`` ends its sessions, ``signed_in`` counts how many were opened."""

    reset = "ratelimit-reset"

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.passwords = {PASSWORD}
        self.access: set[str] = set()
        self.refresh: set[str] = set()
        self.signed_in = 0
        self.records: dict[str, dict[str, Any]] = {}

    def refusal(self, status: int, headers: Mapping[str, str]) -> Reply:
        """XRPC returns an error's name and a message."""
        names = {
            400: ("InvalidRequest", "Input/record must be an object"),
            401: ("AuthenticationRequired", "Invalid identifier or password"),
            403: ("Forbidden", "Forbidden"),
            429: ("RateLimitExceeded", "Rate Limit Exceeded"),
        }
        return _error(status, *names.get(status, ("InternalServerError", "Internal Server Error")), headers)

    def own(self) -> Mapping[str, Callable[[], Reply]]:
        """Its own rejections."""
        return {
            "takedown": lambda: _error(400, "AccountTakedown", "Account has been taken down"),
            "record": lambda: _error(400, "InvalidRecord", "Record/text must not be longer than 300 graphemes"),
        }

    def revoke(self) -> None:
        """The app password is revoked, and with it every session."""
        self.passwords.clear()
        self.expire()
        self.refresh.clear()

    def restore(self) -> None:
        """It is valid again."""
        self.passwords.add(PASSWORD)

    def expire(self) -> None:
        """Two hours later: every session must be renewed."""
        self.access.clear()

    def is_message(self, request: Request) -> bool:
        """``com.atproto.repo.putRecord``, or its older variant."""
        return request.path in ("/xrpc/com.atproto.repo.putRecord", "/xrpc/com.atproto.repo.createRecord")

    def answer(self, request: Request) -> Reply:
        """Sessions and records."""
        match request.path.removeprefix("/xrpc/"):
            case "com.atproto.server.createSession":
                return self._sign_in(request.json)
            case "com.atproto.server.refreshSession":
                return self._renew(request.bearer)
            case "com.atproto.repo.putRecord":
                return self._put(self._mine(request), request.json)
            case "com.atproto.repo.createRecord":
                sent = self._mine(request) and {"rkey": "3laaaaaaaaa2" + str(len(self.records) + 2), **request.json}
                return self._put(True, sent)
            case "com.atproto.repo.deleteRecord":
                return self._delete(self._mine(request), request.json)
            case "com.atproto.repo.getRecord":
                uri = f"at://{DID}/{request.query['collection']}/{request.query['rkey']}"
                return Reply(200, {"uri": uri, "cid": cid_of(self.records[uri]), "value": self.records[uri]})
            case "app.bsky.actor.getProfile":
                return Reply(200, {"did": DID, "handle": HANDLE})
        raise _error(501, "MethodNotImplemented", "Method Not Implemented")

    def _sign_in(self, fields: dict[str, str]) -> Reply:
        if fields["password"] not in self.passwords or fields["identifier"] not in (HANDLE, DID):
            raise self.refusal(401, {})
        return self._session()

    def _renew(self, bearer: str) -> Reply:
        if bearer not in self.refresh:
            raise _error(400, "ExpiredToken", "Token has been revoked")
        self.refresh.discard(bearer)
        return self._session()

    def _session(self) -> Reply:
        self.signed_in += 1
        access, refresh = token("access", self.signed_in), token("refresh", self.signed_in)
        self.access.add(access)
        self.refresh.add(refresh)
        return Reply(200, {"did": DID, "handle": HANDLE, "accessJwt": access, "refreshJwt": refresh, "active": True})

    def _mine(self, request: Request) -> bool:
        if request.bearer not in self.access:
            raise _error(400, "ExpiredToken", "Token has expired")
        return True

    def _put(self, _mine: bool, sent: dict[str, Any]) -> Reply:
        uri, record = f"at://{DID}/{sent['collection']}/{sent['rkey']}", sent["record"]
        before, answer = self.records.get(uri), {"uri": uri, "cid": cid_of(record), "validationStatus": "valid"}
        self._check(sent["rkey"], record)
        if before == record:
            return Reply(200, answer)
        if before is not None and "swapRecord" in sent and sent["swapRecord"] is None:
            raise _error(400, "InvalidSwap", f"Record was at {cid_of(before)}")
        self.records[uri] = record
        self.received.append(
            ReceivedMessage(
                uri, HANDLE, record["text"], record.get("reply", {}).get("parent", {}).get("uri", ""), record
            )
        )
        return Reply(200, {**answer, "commit": {"cid": cid_of(uri), "rev": sent["rkey"]}})

    def _check(self, rkey: str, record: dict[str, Any]) -> None:
        text = record["text"]
        wrong = not TID.fullmatch(rkey) or graphemes(text) > 300 or utf8(text) > 3000 or len(record["langs"]) > 3
        for facet in record.get("facets", ()):
            position, (feature,) = facet["index"], facet["features"]
            named = text.encode()[position["byteStart"] : position["byteEnd"]].decode("utf-8", "replace")
            wrong = wrong or named != feature["uri"]
        for end in ("root", "parent"):
            at = record.get("reply", {}).get(end)
            wrong = wrong or (at is not None and at != {"uri": at["uri"], "cid": cid_of(self.records.get(at["uri"]))})
        if wrong:
            raise _error(400, "InvalidRecord", "Invalid app.bsky.feed.post record")

    def _delete(self, _mine: bool, sent: dict[str, Any]) -> Reply:
        uri = f"at://{DID}/{sent['collection']}/{sent['rkey']}"
        self.records.pop(uri, None)
        self.received[:] = [one for one in self.received if one.id != uri]
        return Reply(200, {})
