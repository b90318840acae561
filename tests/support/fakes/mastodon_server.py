"""A server on loopback that behaves like Mastodon's API (https://docs.joinmastodon.org/methods/statuses/)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from html import escape
from typing import Any

from statuspage.rendering.wording.text_length import mastodon
from tests.support.fakes.service import ReceivedMessage, Reply, Request, Service

TOKEN = "mastodon-access-token"
LIMIT = 500
ACCOUNT = {"id": "109000000000000001", "username": "fitline", "acct": "fitline"}

_ADDRESS = re.compile(r"(https?://)([^\s（）()]{1,30})([^\s（）()]*)")
_MENTION = re.compile(r"(?<![=/\w])@([a-z0-9_]+)(?:@[\w.-]+[\w]+)?", re.IGNORECASE)


def shown(text: str) -> str:
    """As the server returns a status: paragraphs, shortened URLs, linked mentions."""
    found = escape(text, quote=False)
    found = _ADDRESS.sub(_link, found)
    found = "</p><p>".join(part.replace("\n", "<br />") for part in found.split("\n\n"))
    return f"<p>{found}</p>"


def mentioned(text: str) -> list[str]:
    """Whom the server would notify of a mention in this text."""
    return _MENTION.findall(text)


def _link(match: re.Match[str]) -> str:
    scheme, start, rest = match.groups()
    hidden = f'<span class="invisible">{rest}</span>' if rest else ""
    return (
        f'<a href="{match[0]}" rel="nofollow"><span class="invisible">{scheme}</span><span>{start}</span>{hidden}</a>'
    )


class Server(Service):
    """One server with one account, which recognises a repetition by its key until it ``forgets``."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.tokens = {TOKEN}
        self.keys: dict[str, dict[str, Any]] = {}
        self.statuses: dict[str, dict[str, Any]] = {}
        self.deleted: list[str] = []

    def until(self, at: float) -> str:
        """As ISO 8601, with microseconds."""
        return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")

    def refusal(self, status: int, headers: Mapping[str, str]) -> Reply:
        """Mastodon gives the reason in ``error``."""
        body = {
            400: "Validation failed",
            401: "The access token is invalid",
            403: "This action is outside the authorized scopes",
            422: "Validation failed: Text character limit of 500 exceeded",
            429: "Too many requests",
        }
        return Reply(status, {"error": body.get(status, "We are sorry, but something went wrong")}, headers)

    def own(self) -> Mapping[str, Callable[[], Reply]]:
        """Its own refusal: the account has been closed."""
        return {"disabled": lambda: Reply(403, {"error": "Your login is currently disabled"})}

    def revoke(self) -> None:
        """The token is revoked."""
        self.tokens.clear()

    def restore(self) -> None:
        """It is valid again."""
        self.tokens.add(TOKEN)

    def forget(self) -> None:
        """More than an hour has passed since the last key came."""
        self.keys.clear()

    def is_message(self, request: Request) -> bool:
        """``POST /api/v1/statuses``."""
        return (request.method, request.path) == ("POST", "/api/v1/statuses")

    def answer(self, request: Request) -> Reply:
        """Posts, edits, deletes and lists the account's own statuses."""
        if request.bearer not in self.tokens:
            raise self.refusal(401, {})
        match request.method, request.path.split("/")[3:]:
            case "POST", ["statuses"]:
                return Reply(200, self._post(request))
            case "PUT", ["statuses", id]:
                return Reply(200, self._edit(self._one(id), request.fields))
            case "DELETE", ["statuses", id]:
                return Reply(200, self._delete(self._one(id)))
            case "GET", ["accounts", "verify_credentials"]:
                return Reply(200, ACCOUNT)
            case "GET", ["accounts", "109000000000000001", "statuses"]:
                newest = list(reversed(self.statuses.values()))
                return Reply(200, newest[: int(request.query.get("limit", "20"))])
        raise Reply(404, {"error": "Record not found"})

    def _one(self, id: str) -> dict[str, Any]:
        if id not in self.statuses:
            raise Reply(404, {"error": "Record not found"})
        return self.statuses[id]

    def _post(self, request: Request) -> dict[str, Any]:
        key = request.headers.get("Idempotency-Key", "")
        if key in self.keys:
            return self.keys[key]
        sent = request.fields
        self._refuse(sent)
        id = str(110_000_000_000_000_000 + len(self.received) + len(self.deleted) + len(self.statuses) * 7)
        status = self._status(id, sent)
        self.statuses[id] = status
        if key:
            self.keys[key] = status
        self.received.append(ReceivedMessage(id, ACCOUNT["acct"], sent["status"], sent.get("in_reply_to_id", ""), sent))
        return status

    def _refuse(self, sent: dict[str, Any]) -> None:
        if mastodon(sent["status"]) > LIMIT:
            raise self.refusal(422, {})
        if (above := sent.get("in_reply_to_id")) and above not in self.statuses:
            body = "The status you are trying to reply to does not appear to exist."
            raise Reply(404, {"error": body})

    def _status(self, id: str, sent: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": id,
            "url": f"https://social.example/@fitline/{id}",
            "uri": f"https://social.example/users/fitline/statuses/{id}",
            "created_at": "2026-07-04T03:05:00.000Z",
            "in_reply_to_id": sent.get("in_reply_to_id"),
            "visibility": sent.get("visibility", "public"),
            "language": sent.get("language"),
            "content": shown(sent["status"]),
            "mentions": [{"acct": name} for name in mentioned(sent["status"])],
            "account": ACCOUNT,
        }

    def _edit(self, status: dict[str, Any], sent: dict[str, Any]) -> dict[str, Any]:
        status["content"] = shown(sent["status"])
        self.received[:] = [
            ReceivedMessage(one.id, one.account, sent["status"], one.parent, sent) if one.id == status["id"] else one
            for one in self.received
        ]
        return status

    def _delete(self, status: dict[str, Any]) -> dict[str, Any]:
        del self.statuses[status["id"]]
        self.deleted.append(status["id"])
        self.received[:] = [one for one in self.received if one.id != status["id"]]
        return status
