"""X: one post per notice and language, in reply to the incident's newest earlier post."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import requests
import tweepy

from statuspage.domain import ChannelSpec, OutgoingMessage, Receipt, Thread
from statuspage.integrations.channels.base import (
    CredentialsInvalid,
    DeliveryUnknown,
    Message,
    OnUnsure,
    Refused,
    Unreachable,
    on_unsure,
)
from statuspage.integrations.channels.channel_type import ChannelType, chosen_text, notice_texts, receipt_note
from statuspage.integrations.channels.http_limits import BaseUrlSession, BoundedAdapter, no_response_error, parse_wait
from statuspage.integrations.channels.timeouts import DEFAULT_TIMEOUTS, Timeouts
from statuspage.rendering.wording import neutralize_mentions

for _loud in ("tweepy", "requests_oauthlib", "oauthlib", "urllib3"):
    logging.getLogger(_loud).setLevel(logging.WARNING)  # below that level they log headers and signatures

_TWEEPY_HOST = "https://api.twitter.com"
"""The host built into tweepy."""

API = "https://api.x.com"
"""X's own address, https://docs.x.com/x-api."""

PAGE = "https://x.com"

SECRETS = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
"""The settings an account needs."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """OAuth 1.0a user context: the key pairs of the app and of the account. Never shown."""

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    access_token_secret: str = field(repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not appear in any text of ours."""
        return (self.consumer_key, self.consumer_secret, self.access_token, self.access_token_secret)


def x_post(delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Message:
    """The body of ``POST /2/tweets``. Its text mentions nobody."""
    post = {"text": neutralize_mentions(chosen_text(delivery, page_readable=page_readable))}
    return post | ({"in_reply_to_tweet_id": thread.parent.remote_id} if thread else {})


class X:
    """One account on X. X has no idempotency key, but shows our own posts and rejects a duplicate text."""

    def __init__(
        self, spec: ChannelSpec, credentials: Credentials, *, api: str = API, timeouts: Timeouts = DEFAULT_TIMEOUTS
    ) -> None:
        self.spec = spec
        self.on_unsure: OnUnsure = on_unsure(spec, "find")
        self._secrets = credentials.secrets
        self._client = tweepy.Client(
            consumer_key=credentials.consumer_key,
            consumer_secret=credentials.consumer_secret,
            access_token=credentials.access_token,
            access_token_secret=credentials.access_token_secret,
            return_type=requests.Response,
            wait_on_rate_limit=False,  # it would sleep for up to 15 minutes inside the call
        )
        self._client.session = BaseUrlSession(_TWEEPY_HOST, api, BoundedAdapter(timeouts))
        self._client.session.hooks["response"].append(_readable_for_tweepy)

    def deliver(self, delivery: OutgoingMessage, thread: Thread | None, *, page_readable: bool) -> Receipt:
        """Posts it as a reply to the newest post, or on its own if X does not allow the reply."""
        post = x_post(delivery, thread, page_readable=page_readable)
        try:
            return self._post_status(post, receipt_note(delivery, page_readable=page_readable))
        except _ReplyRefused:
            standalone = {"text": post["text"]}
            return self._post_status(standalone, "standalone")
        except _AlreadyThere:
            return self._find_posted(post["text"])

    def _post_status(self, post: Message, note: str) -> Receipt:
        with self._translate_errors(is_reply="in_reply_to_tweet_id" in post):
            response = self._client.create_tweet(**post, user_auth=True)
        id = _at_path(response, "data", "id")
        if not isinstance(id, str) or not id.isdigit():
            raise DeliveryUnknown("unexpected_response", f"{response.status_code}, and no id in the answer")
        return Receipt(id, self._post_url(id), note_key=note)

    def _find_posted(self, text: str) -> Receipt:
        """The existing post among the account's newest; a receipt without an id if it cannot be found."""
        try:
            receipts = self._find_by_text(text)
        except (Refused, Unreachable, DeliveryUnknown):
            receipts = ()
        return receipts[0] if receipts else Receipt(note_key="already_there")

    def find(self, delivery: OutgoingMessage, *, page_readable: bool) -> tuple[Receipt, ...]:
        """Searches the account's newest posts."""
        return self._find_by_text(neutralize_mentions(chosen_text(delivery, page_readable=page_readable)))

    def probe(self) -> str:
        """The account's name, ``GET /2/users/me``."""
        return f"@{self._fetch_account()['username']}"

    def delete(self, receipt: Receipt) -> None:
        """``DELETE /2/tweets/:id``. Not an error if the post is already gone."""
        with self._translate_errors(is_reply=False), suppress(tweepy.NotFound):
            self._client.delete_tweet(receipt.remote_id, user_auth=True)

    def _fetch_account(self) -> Mapping[str, Any]:
        with self._translate_errors(is_reply=False):
            response = self._client.get_me(user_auth=True)
        account = _at_path(response, "data")
        if not isinstance(account, dict) or not {"id", "username"} <= account.keys():
            raise DeliveryUnknown("unexpected_response", f"{response.status_code}, and no account in the answer")
        return account

    def _find_by_text(self, text: str) -> tuple[Receipt, ...]:
        account_id = self._fetch_account()["id"]
        with self._translate_errors(is_reply=False):
            response = self._client.get_users_tweets(
                account_id, max_results=20, tweet_fields=["entities"], user_auth=True
            )
        if _at_path(response, "meta") is None:
            raise DeliveryUnknown("unexpected_response", f"{response.status_code}, and no list of posts in the answer")
        posts = (str(post["id"]) for post in _at_path(response, "data") or () if _as_written(post) == text)
        return tuple(Receipt(id, self._post_url(id), note_key="already_there") for id in posts)

    def _post_url(self, id: str) -> str:
        account = self.spec.account.removeprefix("@") or "i"
        return f"{PAGE}/{account}/status/{id}"

    @contextmanager
    def _translate_errors(self, *, is_reply: bool) -> Iterator[None]:
        try:
            yield
        except tweepy.HTTPException as error:
            raise _translate_error(error, is_reply=is_reply, clean=self._clean) from None
        except requests.RequestException as error:
            raise no_response_error(error, self._clean) from None

    def _clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "…") if secret else text
        return text[:300]


def open_account(spec: ChannelSpec, secrets: Mapping[str, str], api: str, timeouts: Timeouts) -> X:
    """The account with these secrets (named as in SECRETS). ``api`` is another host, or "" for X's own."""
    return X(spec, Credentials(**secrets), api=api or API, timeouts=timeouts)


CHANNEL = ChannelType(notice_texts, x_post, open_account, SECRETS, withdrawals=("delete",))


class _ReplyRefused(Exception):
    """X does not allow this post as a reply to the earlier one."""


class _AlreadyThere(Exception):
    """X already has exactly this text from us."""


def _translate_error(error: tweepy.HTTPException, *, is_reply: bool, clean: Callable[[str], str]) -> Exception:
    """The error for X's rejection, by the texts and types in X's API documentation."""
    reason = " ".join(str(message) for message in error.api_messages) or str(error)
    status, detail = error.response.status_code, clean(f"{error.response.status_code} {reason}")
    if status == 403 and re.search(r"duplicate content", reason, re.IGNORECASE):
        return _AlreadyThere()
    if is_reply and status in (400, 403) and re.search(r"\brepl(y|ies|ying)\b", reason, re.IGNORECASE):
        return _ReplyRefused()
    if status == 429:
        return Unreachable("rate_limited", detail, wait=parse_wait(error.response.headers))
    if status == 402:
        return CredentialsInvalid("credits", detail)
    if status == 401 or (status == 403 and _is_account_error(error.response)):
        return CredentialsInvalid("credentials", detail)
    if status >= 500 or status == 408 or 300 <= status < 400:
        return Unreachable("channel_down", detail, wait=parse_wait(error.response.headers))
    return Refused("refused", detail)


def _is_account_error(response: requests.Response) -> bool:
    """Whether the rejection concerns our app or account, not this post (``type`` of X's problem documents)."""
    problem = str(_at_path(response, "type") or "") + str(_at_path(response, "detail") or "")
    return re.search(r"oauth1-permissions|client-forbidden|client-not-enrolled|suspended", problem) is not None


def _as_written(post: Mapping[str, Any]) -> str:
    """The text as we sent it. X shortens URLs and escapes three characters."""
    text = str(post.get("text", ""))
    for url in post.get("entities", {}).get("urls", ()):
        text = text.replace(url["url"], url["expanded_url"])
    return unescape(text)


def _at_path(response: requests.Response, *path: str) -> Any:
    """The value at ``path`` in a JSON response; None if it is not JSON or has no such path."""
    try:
        value = response.json()
    except requests.JSONDecodeError:
        return None
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _readable_for_tweepy(response: requests.Response, *_: object, **__: object) -> None:
    """Removes what tweepy would fail on: a reset time that is not a number, an error that is not a JSON object."""
    reset = response.headers.get("x-rate-limit-reset", "")
    if not re.fullmatch(r"\d{1,10}", reset):
        response.headers.pop("x-rate-limit-reset", None)
    if not response.ok and not isinstance(_at_path(response), dict):
        response._content = b"{}"
