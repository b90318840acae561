"""Mastodon and compatible servers: one status per notice, in reply to the incident's newest earlier one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from urllib.parse import urlsplit

from statuspage.domain import ChannelSpec, OutgoingMessage, Receipt, Thread
from statuspage.integrations.channels.base import (
    CredentialsInvalid,
    DeliveryUnknown,
    Message,
    OnUnsure,
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

NEWEST_STATUSES = "20"
"""How many of our own statuses are searched for one that may have been sent."""

STATUSES = "/api/v1/statuses"

_MENTION = re.compile(r"(?<![\w/=])@(?=\w)")


def mastodon_status(delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Message:
    """The body of ``POST /api/v1/statuses`` (https://docs.joinmastodon.org/methods/statuses/#create)."""
    post = {
        "status": defuse_mentions(chosen_text(delivery, page_readable=page_readable)),
        "language": delivery.language.partition("-")[0],
    }
    return post | ({"in_reply_to_id": thread.parent.remote_id} if thread else {})


def defuse_mentions(text: str) -> str:
    """The text with an invisible joiner after each @, so that it mentions nobody: no name contains that character, and
    it takes up no space."""
    return _MENTION.sub("@\u200d", text)


class Mastodon:
    """One account. The server recognises a repetition by its key for an hour; after that we search our own statuses."""

    def __init__(self, spec: ChannelSpec, token: str, api: str, timeouts: Timeouts) -> None:
        self.spec = spec
        self.on_unsure: OnUnsure = on_unsure(spec, "find")
        self._server = urlsplit(spec.options["server"]).netloc
        bearer = {"Authorization": f"Bearer {token}"}
        self._http = HttpClient(api, secrets=(token,), headers=bearer, timeouts=timeouts)

    def deliver(self, delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Receipt:
        """Posts it in reply to the newest one, or on its own if that is gone."""
        post = {
            **mastodon_status(delivery, thread, page_readable=page_readable),
            "visibility": self.spec.options["visibility"],
        }
        headers = {"Idempotency-Key": str(idempotency_key(delivery))}
        response = self._http.request("POST", STATUSES, json=post, headers=headers)
        note = receipt_note(delivery, page_readable=page_readable)
        if response.status == 404 and post.pop("in_reply_to_id", ""):
            response, note = self._http.request("POST", STATUSES, json=post, headers=headers), "standalone"
        return self._build_receipt(response, note)

    def find(self, delivery: OutgoingMessage, *, page_readable: bool) -> tuple[Receipt, ...]:
        """Searches the account's newest statuses."""
        query = {"limit": NEWEST_STATUSES, "exclude_reblogs": "true"}
        response = self._require_ok(
            self._http.request("GET", f"/api/v1/accounts/{self._fetch_account()['id']}/statuses", query=query)
        )
        newest = response.json_value()
        if not isinstance(newest, list):
            raise DeliveryUnknown("unexpected_response", f"{response.status}, and no list of statuses in the answer")
        text = _without_whitespace(defuse_mentions(chosen_text(delivery, page_readable=page_readable)))
        matching = (
            status for status in newest if _without_whitespace(status_text(str(status.get("content", "")))) == text
        )
        return tuple(Receipt(str(status["id"]), str(status["url"]), note_key="already_there") for status in matching)

    def probe(self) -> str:
        """The account's full name, ``GET /api/v1/accounts/verify_credentials``."""
        return f"@{self._fetch_account()['acct']}@{self._server}"

    def delete(self, receipt: Receipt) -> None:
        """``DELETE /api/v1/statuses/:id``. Not an error if the status is already gone."""
        response = self._http.request("DELETE", f"{STATUSES}/{receipt.remote_id}")
        if response.status != 404:
            self._require_ok(response)

    def edit(self, earlier: Receipt, delivery: OutgoingMessage, *, page_readable: bool) -> Receipt:
        """``PUT /api/v1/statuses/:id``."""
        post = mastodon_status(delivery, None, page_readable=page_readable)
        return self._build_receipt(self._http.request("PUT", f"{STATUSES}/{earlier.remote_id}", json=post), "edited")

    def _fetch_account(self) -> Mapping[str, str]:
        response = self._require_ok(self._http.request("GET", "/api/v1/accounts/verify_credentials"))
        return {"id": response.require_text("id"), "acct": response.require_text("acct")}

    def _build_receipt(self, response: HttpResponse, note: str) -> Receipt:
        accepted = self._require_ok(response)
        return Receipt(accepted.require_text("id"), accepted.require_text("url"), note_key=note)

    def _require_ok(self, response: HttpResponse) -> HttpResponse:
        if response.ok:
            return response
        raise self._mastodon_error(response)

    def _mastodon_error(self, response: HttpResponse) -> Unsent:
        """The error for a rejection. 403 concerns the token or the account, never a single status; 422 concerns the
        status."""
        message = str(response.json_value("error") or "")
        if response.status == 403:
            return CredentialsInvalid("credentials", self._http.clean(f"403 {message}"))
        return self._http.error_for(response, message)


class _TextExtractor(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("br", "p"):
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        self.parts.append(data)


def status_text(html: str) -> str:
    """The text of a status, which the server returns as HTML."""
    extractor = _TextExtractor()
    extractor.feed(html)
    extractor.close()
    return "".join(extractor.parts)


def _without_whitespace(text: str) -> str:
    """The text without whitespace, in which server and sender may differ."""
    return "".join(text.split())


def open_account(spec: ChannelSpec, secrets: Mapping[str, str], api: str, timeouts: Timeouts) -> Mastodon:
    """The account with this access token, on the server set in the content."""
    return Mastodon(spec, secrets["token"], api or spec.options["server"], timeouts)


CHANNEL = ChannelType(
    notice_texts,
    mastodon_status,
    open_account,
    ("token",),
    options={"server": Option(None), "visibility": Option("public", ("public", "unlisted", "private"))},
    withdrawals=("delete", "edit"),
)
