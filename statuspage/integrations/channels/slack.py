"""Slack: one message per notice, in the thread of its incident, by an app of the company's own; or by a webhook."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from statuspage.domain import ChannelSpec, Delivery, NoticeKind, Receipt, Thread
from statuspage.integrations.channels.base import (
    CredentialsInvalid,
    DeliveryUnknown,
    Message,
    NoticeContext,
    OnUnsure,
    Refused,
    Unreachable,
    Unsent,
    on_unsure,
)
from statuspage.integrations.channels.channel_type import ChannelType, Option, chosen_text, key, note_of, texts
from statuspage.integrations.channels.http_client import Answer, Exchange
from statuspage.integrations.channels.http_limits import Timeouts
from statuspage.integrations.channels.staff_message import mentioned, words

API = "https://slack.com/api"
"""https://docs.slack.dev/reference/methods"""

EVENT = "statuspage_notice"
"""The name under which a message carries whose it is, for us to find it again (``metadata``)."""

LATELY = "100"
"""Messages of a room among which we look for one of ours."""

LOUD = (NoticeKind.RESOLVED, NoticeKind.FINISHED, NoticeKind.WITHDRAWAL, NoticeKind.CANCELLED)
"""What is shown in the room too, not in the thread alone: that it is over."""

ABOUT_US = frozenset(
    """not_authed invalid_auth access_denied account_inactive token_revoked token_expired no_permission missing_scope
    org_login_required ekm_access_denied team_access_not_granted not_allowed_token_type two_factor_setup_required
    accesslimited""".split()
)
ABOUT_ROOM = frozenset(
    """channel_not_found not_in_channel is_archived restricted_action restricted_action_read_only_channel
    restricted_action_thread_only_channel restricted_action_non_threadable_channel""".split()
)
PASSES = frozenset("ratelimited rate_limited service_unavailable request_timeout team_added_to_org".split())
UNKNOWN = frozenset("internal_error fatal_error".split())
"""Of these two Slack says that some part of it may have been done all the same."""
NO_THREAD = frozenset("thread_not_found cannot_reply_to_message message_not_found".split())


def slack_payload(told: NoticeContext, spec: ChannelSpec) -> Mapping[str, str]:
    """Both texts, and whether the whole room is to see it."""
    return {**texts(told, spec), "loud": "yes" if told.notice.notice in LOUD else ""}


def slack_message(delivery: Delivery, thread: Thread | None, *, readable: bool) -> Message:
    """The message as ``chat.postMessage`` is handed it, but the room. Nobody is called by its words, no page is
    shown below it."""
    made: dict[str, Any] = {"text": called(delivery, escaped(chosen_text(delivery, readable=readable))), **QUIET}
    if thread:
        made |= {"thread_ts": thread.root.remote_id, "reply_broadcast": bool(delivery.payload.get("loud"))}
    payload = {"delivery": str(key(delivery)), "incident": delivery.incident}
    return {**made, "metadata": {"event_type": EVENT, "event_payload": payload}}


def called(delivery: Delivery, text: str) -> str:
    """The text below the people it calls: somebody (U…, W…), a group of them (S…), or who is in the room (here)."""
    ids = [id for _, id in mentioned(delivery.payload)]
    return "\n".join(filter(None, (" ".join(_mention(id) for id in ids), text)))


def _mention(id: str) -> str:
    if id in ("here", "channel"):
        return f"<!{id}>"
    return f"<!subteam^{id}>" if id.startswith("S") else f"<@{id}>"


QUIET = {"link_names": False, "unfurl_links": False, "unfurl_media": False}


def escaped(text: str) -> str:
    """What Slack reads as a mention or a link is written with one of three letters, which it wants escaped."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def wrong_options(spec: ChannelSpec) -> Mapping[str, str]:
    """Slack shows a room's name and wants its ID."""
    room = spec.options["room"]
    if not room or re.fullmatch(r"[CGD][A-Z0-9]{8,}", room):
        return {}
    return {
        "room": f"“{room}” is no channel ID; it stands at the bottom of the channel’s details, as in “C0123456789”."
    }


def readable_text(message: Message) -> str:
    """As its readers read it."""
    return str(message["text"]).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


class Slack:
    """A room, and the app that writes there. Slack knows no key, but shows what the app wrote."""

    def __init__(self, spec: ChannelSpec, token: str, *, api: str, bounds: Timeouts) -> None:
        self.spec = spec
        self.on_unsure: OnUnsure = on_unsure(spec, "find")
        self._room = spec.options["room"]
        bearer = {"Authorization": f"Bearer {token}"}
        self._slack = Exchange(api or API, secrets=(token,), headers=bearer, bounds=bounds)

    def payload(self, told: NoticeContext) -> Mapping[str, str]:
        """Both texts, and whether the whole room is to see it."""
        return slack_payload(told, self.spec)

    def deliver(self, delivery: Delivery, thread: Thread | None, *, readable: bool) -> Receipt:
        """Posts it in its thread, or by itself where the first message is gone."""
        post, note = slack_message(delivery, thread, readable=readable), note_of(delivery, readable=readable)
        try:
            return self._posted(post, note)
        except _NoThread:
            alone = {name: value for name, value in post.items() if name not in ("thread_ts", "reply_broadcast")}
            return self._posted(alone, "standalone")

    def find(self, delivery: Delivery, *, readable: bool) -> tuple[Receipt, ...]:
        """Among the room's newest messages and what hangs on those of the same incident."""
        mine, found = str(key(delivery)), []
        for one in self._messages("conversations.history"):
            about = _about(one)
            if about.get("delivery") == mine:
                found.append(one)
            elif about.get("incident") == delivery.incident:
                replies = self._messages("conversations.replies", ts=str(one.get("ts")))
                found += [reply for reply in replies if _about(reply).get("delivery") == mine]
        receipts = (Receipt(str(one["ts"]), note="already_there", extra={"room": self._room}) for one in found)
        return tuple({receipt.remote_id: receipt for receipt in receipts}.values())

    def probe(self) -> str:
        """Who we are there (``auth.test``), and whether we may read the room."""
        me = self._asked("auth.test", {})
        self._messages("conversations.history", limit="1")
        return f"{me.found('user') or ''} ({me.found('team') or ''})"

    def edit(self, told: Receipt, delivery: Delivery, *, readable: bool) -> Receipt:
        """``chat.update``: the earlier message now says this."""
        post = slack_message(delivery, None, readable=readable)
        self._asked("chat.update", {"channel": _room_of(told, self._room), "ts": told.remote_id, "text": post["text"]})
        return Receipt(told.remote_id, told.url, note="edited", extra=told.extra)

    def delete(self, told: Receipt) -> None:
        """``chat.delete``; a message that is gone is what we wanted."""
        with suppress(_NoThread):
            self._asked("chat.delete", {"channel": _room_of(told, self._room), "ts": told.remote_id})

    def _posted(self, post: Message, note: str) -> Receipt:
        answer = self._asked("chat.postMessage", {"channel": self._room, **post})
        id, room = answer.word("ts"), str(answer.found("channel") or self._room)
        return Receipt(id, self._address(room, id), note=note, extra={"room": room})

    def _address(self, room: str, id: str) -> str:
        """Where it is read; a receipt without that is a receipt all the same."""
        try:
            return self._asked("chat.getPermalink", query={"channel": room, "message_ts": id}).word("permalink")
        except Unsent:
            return ""

    def _messages(self, method: str, **more: str) -> list[Mapping[str, Any]]:
        query = {"channel": self._room, "limit": LATELY, "include_all_metadata": "true", **more}
        found = self._asked(method, query=query).found("messages")
        if not isinstance(found, list):
            raise DeliveryUnknown("odd_answer", "200, and no messages in the answer")
        return [one for one in found if isinstance(one, dict)]

    def _asked(
        self, method: str, json: Mapping[str, Any] | None = None, *, query: Mapping[str, str] | None = None
    ) -> Answer:
        """The answer to a call that went well. Slack says *no* with a good status and ``ok: false``."""
        answer = self._slack.ask("GET" if json is None else "POST", f"/{method}", json=json, query=query)
        if not answer.ok:
            raise self._slack.meaning(answer, str(answer.found("error") or ""))
        if answer.found("ok") is True:
            return answer
        error = answer.found("error")
        if answer.found("ok") is not False or not isinstance(error, str):
            raise DeliveryUnknown("odd_answer", f"{answer.status}, and neither yes nor no in the answer")
        raise self._refusal(error, answer)

    def _refusal(self, error: str, answer: Answer) -> Exception:
        detail = self._slack.clean(f"{error} {answer.found('needed') or ''}")
        if error in NO_THREAD:
            return _NoThread("refused", detail)
        if error in ABOUT_US:
            return CredentialsInvalid("credentials", detail)
        if error in ABOUT_ROOM:
            return CredentialsInvalid("no_room", detail)
        if error in PASSES:
            return Unreachable("rate_limited" if "limited" in error else "channel_down", detail)
        return DeliveryUnknown("odd_answer", detail) if error in UNKNOWN else Refused("refused", detail)


class _NoThread(Refused):
    """The message this one refers to is not there."""


def _about(message: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = message.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("event_type") != EVENT:
        return {}
    found = metadata.get("event_payload")
    return found if isinstance(found, dict) else {}


def _room_of(told: Receipt, room: str) -> str:
    return told.extra.get("room", room)


CHANNEL = ChannelType(
    payload=slack_payload,
    message=slack_message,
    open=lambda spec, secrets, api, bounds: Slack(spec, secrets["token"], api=api, bounds=bounds),
    secrets=("token",),
    options={"room": Option(None)},
    withdrawals=("edit", "delete"),
    reads=readable_text,
    wrong=wrong_options,
    inside=words,
)
