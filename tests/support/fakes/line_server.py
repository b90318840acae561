"""A server on loopback that behaves like LINE's Messaging API
(https://developers.line.biz/en/reference/messaging-api/)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from statuspage.rendering.wording.text_length import utf16
from tests.support.fakes.service import ReceivedMessage, Reply, Request, Service

TOKEN = "line-channel-access-token"
LIMIT = 5000
BROADCAST = "/v2/bot/message/broadcast"


class Server(Service):
    """One official account. It recognises a repetition by its key; rate limits have no header."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.tokens = {TOKEN}
        self.keys: dict[str, str] = {}

    def refusal(self, status: int, headers: Mapping[str, str]) -> Reply:
        """LINE gives the reason in ``message``."""
        body = {
            400: "The request body has 1 error(s)",
            401: "Authentication failed due to the following reason: invalid token. Confirm that the access token "
            "in the authorization header is valid.",
            403: "Access to this API is not available for your account",
            429: "The API rate limit has been exceeded. Try again later.",
        }
        return Reply(status, {"message": body.get(status, "Internal server error")}, headers)

    def own(self) -> Mapping[str, Callable[[], Reply]]:
        """The monthly quota is used up."""
        return {"monthly": lambda: Reply(429, {"message": "You have reached your monthly limit."})}

    def revoke(self) -> None:
        """The token is revoked."""
        self.tokens.clear()

    def restore(self) -> None:
        """It is valid again."""
        self.tokens.add(TOKEN)

    def is_message(self, request: Request) -> bool:
        """``POST /v2/bot/message/broadcast``."""
        return (request.method, request.path) == ("POST", BROADCAST)

    def answer(self, request: Request) -> Reply:
        """Broadcast, and account details."""
        if request.bearer not in self.tokens:
            raise self.refusal(401, {})
        match request.method, request.path:
            case "POST", "/v2/bot/message/broadcast":
                return self._broadcast(request)
            case "GET", "/v2/bot/info":
                about = {
                    "userId": "U0047556f2e40dba2456887320ba7c76d",
                    "basicId": "@216ru003",
                    "displayName": "Fitline",
                }
                return Reply(200, {**about, "chatMode": "chat", "markAsReadMode": "manual"})
        raise Reply(404, {"message": "Not found"})

    def _broadcast(self, request: Request) -> Reply:
        key = request.headers.get("X-Line-Retry-Key", "")
        id = f"123e4567-e89b-12d3-a456-{len(self.requests):012}"
        if key and key in self.keys:
            headers = {"x-line-request-id": id, "x-line-accepted-request-id": self.keys[key]}
            raise Reply(409, {"message": "The retry key is already accepted"}, headers)
        messages = request.json["messages"]
        if len(messages) > 5 or any(utf16(one["text"]) > LIMIT for one in messages):
            raise self.refusal(400, {})
        if key:
            self.keys[key] = id
        self.received.append(
            ReceivedMessage(id, "@216ru003", "\n".join(one["text"] for one in messages), body=request.json)
        )
        return Reply(200, {}, {"x-line-request-id": id})
