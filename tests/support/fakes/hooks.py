"""Servers on loopback with a secret URL to post to: Slack, Teams, Discord, and a customer's own program."""

from __future__ import annotations

import hmac
import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from tests.support.fakes.service import ReceivedMessage, Reply, Request, Service
from tests.support.fakes.slack_server import read


class Hooks(Service):
    """A service with one URL at ``path``, which can be revoked."""

    path: ClassVar[str]

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.known = True

    @property
    def url(self) -> str:
        """The secret URL."""
        return self.address + self.path

    def is_message(self, request: Request) -> bool:
        """Any post to it with visible text."""
        return request.method == "POST" and self.address + request.url == self.url and self.says(request.json)

    def says(self, body: Any) -> bool:
        """Whether a body would be visible to anybody."""
        return bool(body)

    def revoke(self) -> None:
        """The URL is no longer known."""
        self.known = False

    def restore(self) -> None:
        """It is known again."""
        self.known = True


class SlackHook(Hooks):
    """An incoming webhook of Slack, which responds with text, not JSON."""

    path = "/services/T0FITLINE/B0STATUS/secret-of-slack-webhook"
    empty_answers: ClassVar[Mapping[str, str]] = {"html": "<html></html>", "empty": "", "no-id": "{}", "list": "[1]"}

    def says(self, body: Any) -> bool:
        """Whether it has visible text."""
        return bool(body.get("text"))

    def own(self) -> Mapping[str, Callable[[], Reply]]:
        """Slack's own errors."""
        return {
            "400": lambda: Reply(400, "invalid_payload"),
            "403": lambda: Reply(403, "action_prohibited"),
            "404": lambda: Reply(404, "no_service"),
            "410": lambda: Reply(410, "channel_is_archived"),
        }

    def answer(self, request: Request) -> Reply:
        """Responds with *ok* and nothing more."""
        if not self.known or self.address + request.url != self.url:
            raise Reply(404, "no_service")
        if not request.json.get("text"):
            raise Reply(400, "no_text")
        self.received.append(
            ReceivedMessage(str(len(self.received) + 1), "", read(request.json["text"]), body=request.json)
        )
        return Reply(200, "ok")


class TeamsFlow(Hooks):
    """The webhook of a workflow: 202 without content; at most 28 kB."""

    path = "/workflows/6f1c0d2e3b4a/triggers/manual/paths/invoke?api-version=1&sig=secret-of-teams-workflow"
    empty_answers: ClassVar[Mapping[str, str]] = {"html": "<html></html>", "empty": "", "no-id": "{}", "list": "[1]"}

    def says(self, body: Any) -> bool:
        """Whether it has a card."""
        return bool(body.get("attachments"))

    def own(self) -> Mapping[str, Callable[[], Reply]]:
        """Microsoft's own errors."""
        off = {"error": {"code": "WorkflowTriggerIsNotEnabled", "message": "Could not execute workflow."}}
        return {
            "off": lambda: Reply(400, off),
            "404": lambda: Reply(404, {"error": {"code": "WorkflowNotFound", "message": "Not found."}}),
            "413": lambda: Reply(413, {"error": {"code": "RequestEntityTooLarge", "message": "Too large."}}),
        }

    def answer(self, request: Request) -> Reply:
        """Starts the workflow."""
        if not self.known or self.address + request.url != self.url:
            raise Reply(401, {"error": {"code": "DirectApiAuthorizationRequired", "message": "No."}})
        if len(request.body) > 28_000:
            raise self.own()["413"]()
        for attachment in request.json["attachments"]:
            text = of_card(attachment["content"])
            self.received.append(ReceivedMessage(str(len(self.received) + 1), "", text, body=request.json))
        return Reply(202)


def of_card(card: Mapping[str, Any]) -> str:
    """What its readers see: a line for each block, an empty one for each space, and the button."""
    lines = []
    for block in card["body"]:
        lines += [""] if block.get("spacing") == "Large" else []
        lines.append("".join(run["text"] for run in block["inlines"]))
    return "\n".join([*lines, *(action["url"] for action in card.get("actions", ()))])


class DiscordHook(Hooks):
    """A webhook of Discord: ids, edits, deletions; rate limits in fractional seconds. With ``posts`` it belongs to a
    forum: the names of its posts by id."""

    path = "/api/webhooks/1410000000000000000/secret-of-discord-webhook"
    empty_answers: ClassVar[Mapping[str, str]] = {"html": "<html></html>", "empty": "", "no-id": "{}", "list": "[1]"}
    reset = "X-RateLimit-Reset"
    posts: dict[str, str] | None = None

    def is_message(self, request: Request) -> bool:
        """A post to the URL itself."""
        return request.method == "POST" and request.path == self.path

    def own(self) -> Mapping[str, Callable[[], Reply]]:
        """Discord's own errors."""
        limited = {"message": "You are being rate limited.", "retry_after": 0.75, "global": False}
        return {
            "400": lambda: Reply(400, {"message": "Cannot send an empty message", "code": 50006}),
            "401": lambda: Reply(401, {"message": "Invalid Webhook Token", "code": 50027}),
            "404": lambda: Reply(404, {"message": "Unknown Webhook", "code": 10015}),
            "429-json": lambda: Reply(429, limited, {"Retry-After": "1", "X-RateLimit-Scope": "user"}),
        }

    def refusal(self, status: int, headers: Mapping[str, str]) -> Reply:
        """A message and a code."""
        return Reply(status, {"message": "Something is technically wrong.", "code": 0}, headers)

    def answer(self, request: Request) -> Reply:
        """One of a webhook's methods."""
        if not self.known or not request.path.startswith(self.path):
            raise self.own()["404"]()
        below = request.path.removeprefix(self.path)
        if below:
            return self._earlier(request, below.rpartition("/")[2])
        if request.method == "GET":
            return Reply(200, {"id": "1410000000000000000", "name": "Fitline", "channel_id": "77", "guild_id": "55"})
        self._weigh(request.json)
        id = str(1_420_000_000_000_000_000 + len(self.requests))
        room = "77" if self.posts is None else self._post(request, id)
        self.received.append(
            ReceivedMessage(id, "", markdown(request.json["content"]), "" if room == "77" else room, request.json)
        )
        if request.query.get("wait") != "true":
            return Reply(204)
        return Reply(200, {"id": id, "channel_id": room, "guild_id": "55", "content": request.json["content"]})

    def _post(self, request: Request, id: str) -> str:
        """The forum post for a message: an existing one, or a new one with a name, never both."""
        assert self.posts is not None
        below, name = request.query.get("thread_id", ""), request.json.get("thread_name", "")
        if bool(below) == bool(name):
            message = "Webhooks posted to forum channels must have a thread_name or thread_id"
            raise Reply(400, {"message": message, "code": 220001})
        if below and below not in self.posts:
            raise Reply(404, {"message": "Unknown Channel", "code": 10003})
        if name:
            self.posts[id] = name
        return below or id

    def _earlier(self, request: Request, id: str) -> Reply:
        position = next((n for n, one in enumerate(self.received) if one.id == id), None)
        if position is None or (
            self.received[position].parent and request.query.get("thread_id") != self.received[position].parent
        ):
            raise Reply(404, {"message": "Unknown Message", "code": 10008})
        if request.method == "DELETE":
            del self.received[position]
            return Reply(204)
        self._weigh(request.json)
        self.received[position] = ReceivedMessage(
            id, "", markdown(request.json["content"]), self.received[position].parent, request.json
        )
        return Reply(200, {"id": id, "channel_id": "77"})

    def _weigh(self, body: Mapping[str, Any]) -> None:
        if not 0 < len(body["content"]) <= 2000:
            raise Reply(400, {"message": "Invalid Form Body", "code": 50035})


def markdown(content: str) -> str:
    """The text as its readers see it: a backslash escapes the next character."""
    return re.sub(r"\\([^\w\s]|_|\d+\.)", r"\1", content)


class Subscriber(Hooks):
    """A customer's program that verifies signatures as specified by Standard Webhooks, and remembers messages."""

    path = "/hooks/statuspage"
    empty_answers: ClassVar[Mapping[str, str]] = {}

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.secret = SECRET
        self.deliveries: list[Mapping[str, str]] = []
        self.bodies: list[bytes] = []

    def says(self, body: Any) -> bool:
        """A notice, not a test message."""
        return bool(body.get("data") or body.get("incident"))

    def own(self) -> Mapping[str, Callable[[], Reply]]:
        """Other responses of such a program."""
        return {"410": lambda: Reply(410, "gone"), "422": lambda: Reply(422, "no")}

    def answer(self, request: Request) -> Reply:
        """Accepts each message once."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        if not self.known or not verified(self.secret, headers, request.body):
            raise Reply(401, "signature")
        body = json.loads(request.body)
        self.deliveries.append(headers)
        self.bodies.append(request.body)
        if self.says(body) and headers["webhook-id"] not in {one.id for one in self.received}:
            self.received.append(ReceivedMessage(headers["webhook-id"], "", text_of(body), body=body))
        return Reply(204)


SECRET = "whsec_" + b64encode(b"a secret of thirty-two bytes, ok").decode()


def verified(secret: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether one of the signatures is right. Written from the specification, not from our own code."""
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    right = b64encode(hmac.new(b64decode(secret.split("_")[1]), content, "sha256").digest()).decode()
    return any(hmac.compare_digest(one, f"v1,{right}") for one in headers["webhook-signature"].split())


def text_of(body: Mapping[str, Any]) -> str:
    """The text that people would read."""
    if "incident" in body and isinstance(body["incident"], dict):
        return str(body["incident"]["incident_updates"][0]["body"])
    if "words" not in body["data"]:
        return str(body["data"].get("text", body["type"]))  # A staff notification, or an event.
    return str(body["data"]["words"]["ja"]["text"])
