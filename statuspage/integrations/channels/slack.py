"""Slack by an app of the company's own: one message per notice, in the thread of its incident."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from statuspage.domain import ChannelSpec, NoticeKind, OutgoingMessage, Receipt, Thread
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
from statuspage.integrations.channels.channel_type import (
    ChannelType,
    Option,
    chosen_text,
    idempotency_key,
    notice_texts,
    receipt_note,
)
from statuspage.integrations.channels.http_client import HttpClient, HttpResponse
from statuspage.integrations.channels.staff_message import parse_mentions, staff_text_payload
from statuspage.integrations.channels.timeouts import Timeouts

API = "https://slack.com/api"
"""https://docs.slack.dev/reference/methods"""

EVENT = "statuspage_notice"
"""The key of our own id in a message's ``metadata``, by which we find it again."""

RECENT_MESSAGES = "100"
"""How many messages of a channel are searched for one of ours."""

BROADCAST_KINDS = (NoticeKind.RESOLVED, NoticeKind.FINISHED, NoticeKind.WITHDRAWAL, NoticeKind.CANCELLED)
"""Notices that are also shown in the channel, not only in the thread: those that it is over."""

ACCOUNT_ERRORS = frozenset(
    """not_authed invalid_auth access_denied account_inactive token_revoked token_expired no_permission missing_scope
    org_login_required ekm_access_denied team_access_not_granted not_allowed_token_type two_factor_setup_required
    accesslimited""".split()
)
CHANNEL_ERRORS = frozenset(
    """channel_not_found not_in_channel is_archived restricted_action restricted_action_read_only_channel
    restricted_action_thread_only_channel restricted_action_non_threadable_channel""".split()
)
TEMPORARY_ERRORS = frozenset("ratelimited rate_limited service_unavailable request_timeout team_added_to_org".split())
UNCERTAIN_ERRORS = frozenset("internal_error fatal_error".split())
"""Errors that, according to Slack, may come after a part was done."""
NO_THREAD = frozenset("thread_not_found cannot_reply_to_message message_not_found".split())


def slack_payload(context: NoticeContext, spec: ChannelSpec) -> Mapping[str, str]:
    """Both texts, and whether to show it in the whole channel."""
    return {**notice_texts(context, spec), "loud": "yes" if context.notice.notice in BROADCAST_KINDS else ""}


def slack_message(delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Message:
    """The message for ``chat.postMessage``, without the channel. Its text mentions nobody, and link previews are
    off."""
    message: dict[str, Any] = {
        "text": with_mentions(delivery, escape_text(chosen_text(delivery, page_readable=page_readable))),
        **NO_PREVIEWS,
    }
    if thread:
        message |= {"thread_ts": thread.root.remote_id, "reply_broadcast": bool(delivery.payload.get("loud"))}
    payload = {"delivery": str(idempotency_key(delivery)), "incident": delivery.thread_key}
    return {**message, "metadata": {"event_type": EVENT, "event_payload": payload}}


def with_mentions(delivery: OutgoingMessage, text: str) -> str:
    """The text with its mentions above it: a person (U…, W…), a group (S…), or everybody in the channel (here)."""
    ids = [id for _, id in parse_mentions(delivery.payload)]
    return "\n".join(filter(None, (" ".join(_mention(id) for id in ids), text)))


def _mention(id: str) -> str:
    if id in ("here", "channel"):
        return f"<!{id}>"
    return f"<!subteam^{id}>" if id.startswith("S") else f"<@{id}>"


NO_PREVIEWS = {"link_names": False, "unfurl_links": False, "unfurl_media": False}


def escape_text(text: str) -> str:
    """Escapes the three characters by which Slack recognises a mention or a link."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def check_options(spec: ChannelSpec) -> Mapping[str, str]:
    """Errors for a channel given by name: Slack shows the name but needs the ID."""
    channel_id = spec.options["channel_id"]
    if not channel_id or re.fullmatch(r"[CGD][A-Z0-9]{8,}", channel_id):
        return {}
    where = "it stands at the bottom of the channel’s details, as in “C0123456789”"
    return {"channel_id": f"“{channel_id}” is not a channel ID; {where}."}


def readable_text(message: Message) -> str:
    """The text as its readers see it."""
    return str(message["text"]).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


class Slack:
    """A channel, and the app that posts there. Slack has no idempotency key, but shows what the app posted."""

    def __init__(self, spec: ChannelSpec, token: str, *, api: str, timeouts: Timeouts) -> None:
        self.spec = spec
        self.on_unsure: OnUnsure = on_unsure(spec, "find")
        self._channel_id = spec.options["channel_id"]
        bearer = {"Authorization": f"Bearer {token}"}
        self._http = HttpClient(api or API, secrets=(token,), headers=bearer, timeouts=timeouts)

    def deliver(self, delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Receipt:
        """Posts it in its thread, or on its own if the first message is gone."""
        post = slack_message(delivery, thread, page_readable=page_readable)
        note = receipt_note(delivery, page_readable=page_readable)
        try:
            return self._post_message(post, note)
        except _NoThread:
            unthreaded = {name: value for name, value in post.items() if name not in ("thread_ts", "reply_broadcast")}
            return self._post_message(unthreaded, "standalone")

    def find(self, delivery: OutgoingMessage, *, page_readable: bool) -> tuple[Receipt, ...]:
        """Searches the channel's newest messages and the threads of the same incident."""
        delivery_key, matching = str(idempotency_key(delivery)), []
        for message in self._fetch_messages("conversations.history"):
            metadata = _delivery_metadata(message)
            if metadata.get("delivery") == delivery_key:
                matching.append(message)
            elif metadata.get("incident") == delivery.thread_key:
                replies = self._fetch_messages("conversations.replies", ts=str(message.get("ts")))
                matching += [reply for reply in replies if _delivery_metadata(reply).get("delivery") == delivery_key]
        receipts = (
            Receipt(str(match["ts"]), note_key="already_there", extra={"channel_id": self._channel_id})
            for match in matching
        )
        return tuple({receipt.remote_id: receipt for receipt in receipts}.values())

    def probe(self) -> str:
        """Our account (``auth.test``). Also checks that we may read the channel."""
        identity = self._call_method("auth.test", {})
        self._fetch_messages("conversations.history", limit="1")
        return f"{identity.json_value('user') or ''} ({identity.json_value('team') or ''})"

    def edit(self, earlier: Receipt, delivery: OutgoingMessage, *, page_readable: bool) -> Receipt:
        """``chat.update``: edits the earlier message."""
        post = slack_message(delivery, None, page_readable=page_readable)
        self._call_method(
            "chat.update",
            {"channel": _channel_of(earlier, self._channel_id), "ts": earlier.remote_id, "text": post["text"]},
        )
        return Receipt(earlier.remote_id, earlier.url, note_key="edited", extra=earlier.extra)

    def delete(self, receipt: Receipt) -> None:
        """``chat.delete``. Not an error if the message is already gone."""
        with suppress(_NoThread):
            self._call_method(
                "chat.delete", {"channel": _channel_of(receipt, self._channel_id), "ts": receipt.remote_id}
            )

    def _post_message(self, post: Message, note: str) -> Receipt:
        response = self._call_method("chat.postMessage", {"channel": self._channel_id, **post})
        id, channel_id = response.require_text("ts"), str(response.json_value("channel") or self._channel_id)
        return Receipt(id, self._fetch_permalink(channel_id, id), note_key=note, extra={"channel_id": channel_id})

    def _fetch_permalink(self, channel_id: str, id: str) -> str:
        """The message's URL; "" if it cannot be fetched, because a receipt is valid without it."""
        try:
            return self._call_method("chat.getPermalink", query={"channel": channel_id, "message_ts": id}).require_text(
                "permalink"
            )
        except Unsent:
            return ""

    def _fetch_messages(self, method: str, **extra: str) -> list[Mapping[str, Any]]:
        query = {"channel": self._channel_id, "limit": RECENT_MESSAGES, "include_all_metadata": "true", **extra}
        messages = self._call_method(method, query=query).json_value("messages")
        if not isinstance(messages, list):
            raise DeliveryUnknown("unexpected_response", "200, and no messages in the answer")
        return [message for message in messages if isinstance(message, dict)]

    def _call_method(
        self, method: str, json: Mapping[str, Any] | None = None, *, query: Mapping[str, str] | None = None
    ) -> HttpResponse:
        """The response to a successful call. Slack reports errors with a success status and ``ok: false``."""
        response = self._http.request("GET" if json is None else "POST", f"/{method}", json=json, query=query)
        if not response.ok:
            raise self._http.error_for(response, str(response.json_value("error") or ""))
        if response.json_value("ok") is True:
            return response
        error = response.json_value("error")
        if response.json_value("ok") is not False or not isinstance(error, str):
            raise DeliveryUnknown("unexpected_response", f"{response.status}, and neither yes nor no in the answer")
        raise self._slack_error(error, response)

    def _slack_error(self, error: str, response: HttpResponse) -> Exception:
        detail = self._http.clean(f"{error} {response.json_value('needed') or ''}")
        if error in NO_THREAD:
            return _NoThread("refused", detail)
        if error in ACCOUNT_ERRORS:
            return CredentialsInvalid("credentials", detail)
        if error in CHANNEL_ERRORS:
            return CredentialsInvalid("no_destination", detail)
        if error in TEMPORARY_ERRORS:
            return Unreachable("rate_limited" if "limited" in error else "channel_down", detail)
        return (
            DeliveryUnknown("unexpected_response", detail) if error in UNCERTAIN_ERRORS else Refused("refused", detail)
        )


class _NoThread(Refused):
    """The message to reply to does not exist."""


def _delivery_metadata(message: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = message.get("metadata")
    if not isinstance(metadata, dict) or metadata.get("event_type") != EVENT:
        return {}
    payload = metadata.get("event_payload")
    return payload if isinstance(payload, dict) else {}


def _channel_of(receipt: Receipt, channel_id: str) -> str:
    return receipt.extra.get("channel_id", channel_id)


CHANNEL = ChannelType(
    payload=slack_payload,
    message=slack_message,
    open=lambda spec, secrets, api, timeouts: Slack(spec, secrets["token"], api=api, timeouts=timeouts),
    secrets=("token",),
    options={"channel_id": Option(None)},
    withdrawals=("edit", "delete"),
    readable_text=readable_text,
    check_options=check_options,
    staff_payload=staff_text_payload,
)
