"""A server on loopback that behaves like Slack's Web API: status 200 for success and failure, threads, permalinks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import unescape
from typing import Any, ClassVar
from urllib.parse import parse_qsl

from tests.support.fakes.service import EMPTY_ANSWERS, ReceivedMessage, Reply, Request, Service

TOKEN = "xoxb-111111111111-slack-token"
CHANNEL_ID = "C0STATUS01"
SCOPES = frozenset({"chat:write", "channels:history"})


def no(error: str, **more: Any) -> Reply:
    """A rejection in Slack's form."""
    return Reply(200, {"ok": False, "error": error, **more})


NAMED = (
    "invalid_auth token_revoked missing_scope channel_not_found not_in_channel is_archived msg_too_long "
    "internal_error fatal_error service_unavailable ratelimited"
).split()
"""Rejections that a test may request by name."""


class SlackServer(Service):
    """One workspace with one channel."""

    empty_answers: ClassVar[Mapping[str, str]] = {**EMPTY_ANSWERS, "no-id": '{"ok": true, "channel": "C0STATUS01"}'}

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.token = TOKEN
        self.scopes = SCOPES
        self.number = 0
        self.bodies: dict[str, dict[str, Any]] = {}

    def is_message(self, request: Request) -> bool:
        """``chat.postMessage``."""
        return request.path == "/chat.postMessage"

    def own(self) -> Mapping[str, Callable[[], Reply]]:
        """Slack's own errors."""
        return {error: lambda error=error: no(error) for error in NAMED}

    def refusal(self, status: int, headers: Mapping[str, str]) -> Reply:
        """Only a rate limit has a status of its own."""
        return Reply(status, {"ok": False, "error": "ratelimited" if status == 429 else "http_error"}, headers)

    def answer(self, request: Request) -> Reply:
        """One of the methods we use."""
        if request.bearer != self.token:
            return no("invalid_auth")
        fields = {**request.query, **_given(request)}
        method = request.path.removeprefix("/").replace(".", "_")
        return getattr(self, f"_{method}", lambda _: no("unknown_method"))(fields)

    def _auth_test(self, _given: Mapping[str, Any]) -> Reply:
        return Reply(200, {"ok": True, "user": "statuspage", "team": "Fitline", "url": "https://fitline.slack.com/"})

    def _chat_postMessage(self, fields: Mapping[str, Any]) -> Reply:
        if fields.get("channel") != CHANNEL_ID:
            return no("channel_not_found")
        if len(fields["text"]) > 40000:
            return no("msg_too_long")
        parent = fields.get("thread_ts", "")
        if parent and parent not in self.bodies:
            return no("thread_not_found")
        if parent and self.bodies[parent].get("thread_ts"):
            return no("cannot_reply_to_message")
        self.number += 1
        ts = f"1783134180.{self.number:06}"
        self.bodies[ts] = {**fields, "ts": ts}
        self.received.append(ReceivedMessage(ts, CHANNEL_ID, read(fields["text"]), parent, dict(fields)))
        return Reply(200, {"ok": True, "channel": CHANNEL_ID, "ts": ts, "message": {"text": fields["text"], "ts": ts}})

    def _chat_update(self, fields: Mapping[str, Any]) -> Reply:
        if fields["ts"] not in self.bodies:
            return no("message_not_found")
        self.bodies[fields["ts"]]["text"] = fields["text"]
        self.received[:] = [
            ReceivedMessage(one.id, one.account, read(fields["text"]), one.parent, one.body)
            if one.id == fields["ts"]
            else one
            for one in self.received
        ]
        return Reply(200, {"ok": True, "channel": fields["channel"], "ts": fields["ts"], "text": fields["text"]})

    def _chat_delete(self, fields: Mapping[str, Any]) -> Reply:
        if self.bodies.pop(fields["ts"], None) is None:
            return no("message_not_found")
        self.received[:] = [one for one in self.received if one.id != fields["ts"]]
        return Reply(200, {"ok": True, "channel": fields["channel"], "ts": fields["ts"]})

    def _chat_getPermalink(self, fields: Mapping[str, Any]) -> Reply:
        ts = fields["message_ts"]
        link = f"https://fitline.slack.com/archives/{CHANNEL_ID}/p{ts.replace('.', '')}"
        return Reply(200, {"ok": True, "permalink": link}) if ts in self.bodies else no("message_not_found")

    def _conversations_history(self, fields: Mapping[str, Any]) -> Reply:
        return self._read(fields, lambda one: not one.get("thread_ts") or bool(one.get("reply_broadcast")))

    def _conversations_replies(self, fields: Mapping[str, Any]) -> Reply:
        return self._read(fields, lambda one: fields["ts"] in (one["ts"], one.get("thread_ts")))

    def _read(self, fields: Mapping[str, Any], which: Callable[[dict[str, Any]], bool]) -> Reply:
        if "channels:history" not in self.scopes:
            return no("missing_scope", needed="channels:history")
        shown = [one for one in reversed(self.bodies.values()) if which(one)]
        if fields.get("include_all_metadata") not in ("true", "1"):
            shown = [{name: value for name, value in one.items() if name != "metadata"} for one in shown]
        return Reply(200, {"ok": True, "messages": shown[: int(fields["limit"])], "has_more": False})

    def revoke(self) -> None:
        """The app is removed."""
        self.token = ""

    def restore(self) -> None:
        """It is installed again."""
        self.token = TOKEN


def _given(request: Request) -> Mapping[str, Any]:
    """Slack accepts JSON and forms."""
    if request.headers.get("Content-Type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(request.body.decode()))
    return request.json or {}


def read(text: str) -> str:
    """The text as its readers see it: three characters were escaped, and a mention would show the name."""
    return unescape(text.replace("<!channel>", "CALLED").replace("<!here>", "CALLED").replace("<!everyone>", "CALLED"))
