"""X: one post per notice and language, a reply to the incident's newest earlier post."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import requests
import tweepy  # type: ignore[import-untyped]

from statuspage.domain import ChannelSpec, Delivery, Receipt, Thread
from statuspage.integrations.channels.base import (
    CredentialsInvalid,
    DeliveryUnknown,
    Message,
    NoticeContext,
    OnUnsure,
    Refused,
    Unreachable,
    on_unsure,
)
from statuspage.integrations.channels.channel_type import ChannelType, chosen_text, note_of, texts
from statuspage.integrations.channels.http_limits import (
    BOUNDS,
    BaseUrlSession,
    Bounded,
    Timeouts,
    asked_to_wait,
    unanswered,
)
from statuspage.rendering.wording import unnamed

for _loud in ("tweepy", "requests_oauthlib", "oauthlib", "urllib3"):
    logging.getLogger(_loud).setLevel(logging.WARNING)  # below that they write down headers and signatures

_FIXED = "https://api.twitter.com"
"""The host that tweepy has built in."""

API = "https://api.x.com"
"""X's own address, https://docs.x.com/x-api."""

PAGE = "https://x.com"

SECRETS = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
"""The settings an account needs."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """OAuth 1.0a user context: the app's pair and the account's pair. Never shown."""

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    access_token: str = field(repr=False)
    access_token_secret: str = field(repr=False)

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not appear in any text of ours."""
        return (self.consumer_key, self.consumer_secret, self.access_token, self.access_token_secret)


def x_post(delivery: Delivery, thread: Thread | None, *, readable: bool) -> Message:
    """The post exactly as X is handed it, ``POST /2/tweets``. Nobody is called by its words."""
    text = {"text": unnamed(chosen_text(delivery, readable=readable))}
    return text | ({"in_reply_to_tweet_id": thread.parent.remote_id} if thread else {})


class X:
    """One account on X. X has no key against repetition, but shows our own posts and refuses a text twice."""

    def __init__(
        self, spec: ChannelSpec, credentials: Credentials, *, api: str = API, bounds: Timeouts = BOUNDS
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
        self._client.session = BaseUrlSession(_FIXED, api, Bounded(bounds))
        self._client.session.hooks["response"].append(_readable_for_tweepy)

    def payload(self, told: NoticeContext) -> Mapping[str, str]:
        """Both texts a notice may become."""
        return texts(told, self.spec)

    def deliver(self, delivery: Delivery, thread: Thread | None, *, readable: bool) -> Receipt:
        """Posts it as a reply to the newest post, or by itself where X does not allow the reply."""
        post = x_post(delivery, thread, readable=readable)
        try:
            return self._posted(post, note_of(delivery, readable=readable))
        except _ReplyRefused:
            alone = {"text": post["text"]}
            return self._posted(alone, "standalone")
        except _AlreadyThere:
            return self._recovered(post["text"])

    def _posted(self, post: Message, note: str) -> Receipt:
        with self._translated(reply="in_reply_to_tweet_id" in post):
            answer = self._client.create_tweet(**post, user_auth=True)
        id = _at_path(answer, "data", "id")
        if not isinstance(id, str) or not id.isdigit():
            raise DeliveryUnknown("odd_answer", f"{answer.status_code}, and no id in the answer")
        return Receipt(id, self._address(id), note=note)

    def _recovered(self, text: str) -> Receipt:
        """The post that is there already, found among the account's newest; without an id when it cannot be."""
        try:
            found = self._reading_as(text)
        except (Refused, Unreachable, DeliveryUnknown):
            found = ()
        return found[0] if found else Receipt(note="already_there")

    def find(self, delivery: Delivery, *, readable: bool) -> tuple[Receipt, ...]:
        """Among the account's newest posts."""
        return self._reading_as(unnamed(chosen_text(delivery, readable=readable)))

    def probe(self) -> str:
        """The account's name, ``GET /2/users/me``."""
        return f"@{self._me()['username']}"

    def delete(self, told: Receipt) -> None:
        """``DELETE /2/tweets/:id``; a post that is gone is what we wanted."""
        with self._translated(reply=False), suppress(tweepy.NotFound):
            self._client.delete_tweet(told.remote_id, user_auth=True)

    def _me(self) -> Mapping[str, Any]:
        with self._translated(reply=False):
            answer = self._client.get_me(user_auth=True)
        me = _at_path(answer, "data")
        if not isinstance(me, dict) or not {"id", "username"} <= me.keys():
            raise DeliveryUnknown("odd_answer", f"{answer.status_code}, and no account in the answer")
        return me

    def _reading_as(self, text: str) -> tuple[Receipt, ...]:
        me = self._me()["id"]
        with self._translated(reply=False):
            answer = self._client.get_users_tweets(me, max_results=20, tweet_fields=["entities"], user_auth=True)
        if _at_path(answer, "meta") is None:
            raise DeliveryUnknown("odd_answer", f"{answer.status_code}, and no list of posts in the answer")
        posts = (str(post["id"]) for post in _at_path(answer, "data") or () if _as_written(post) == text)
        return tuple(Receipt(id, self._address(id), note="already_there") for id in posts)

    def _address(self, id: str) -> str:
        account = self.spec.account.removeprefix("@") or "i"
        return f"{PAGE}/{account}/status/{id}"

    @contextmanager
    def _translated(self, *, reply: bool) -> Iterator[None]:
        try:
            yield
        except tweepy.HTTPException as error:
            raise _unsent_error(error, reply=reply, clean=self._clean) from None
        except requests.RequestException as error:
            raise unanswered(error, self._clean) from None

    def _clean(self, text: str) -> str:
        for secret in self._secrets:
            text = text.replace(secret, "…") if secret else text
        return text[:300]


def open_account(spec: ChannelSpec, secrets: Mapping[str, str], api: str, bounds: Timeouts) -> X:
    """The account with these secrets (named as in SECRETS); ``api`` is another host, or empty for X's own."""
    return X(spec, Credentials(**secrets), api=api or API, bounds=bounds)


CHANNEL = ChannelType(texts, x_post, open_account, SECRETS, withdrawals=("delete",))


class _ReplyRefused(Exception):
    """X does not let us hang this post on the earlier one."""


class _AlreadyThere(Exception):
    """X has this very text from us already."""


def _unsent_error(error: tweepy.HTTPException, *, reply: bool, clean: Callable[[str], str]) -> Exception:
    """What X's refusal means for us. Texts and types as X's API documentation gives them."""
    said = " ".join(str(m) for m in error.api_messages) or str(error)
    status, detail = error.response.status_code, clean(f"{error.response.status_code} {said}")
    if status == 403 and re.search(r"duplicate content", said, re.IGNORECASE):
        return _AlreadyThere()
    if reply and status in (400, 403) and re.search(r"\brepl(y|ies|ying)\b", said, re.IGNORECASE):
        return _ReplyRefused()
    if status == 429:
        return Unreachable("rate_limited", detail, wait=asked_to_wait(error.response.headers))
    if status == 402:
        return CredentialsInvalid("credits", detail)
    if status == 401 or (status == 403 and _is_about_us(error.response)):
        return CredentialsInvalid("credentials", detail)
    if status >= 500 or status == 408 or 300 <= status < 400:
        return Unreachable("channel_down", detail, wait=asked_to_wait(error.response.headers))
    return Refused("refused", detail)


def _is_about_us(response: requests.Response) -> bool:
    """Whether the refusal is of our app or account, not of this post (``type`` of X's problem documents)."""
    kind = str(_at_path(response, "type") or "") + str(_at_path(response, "detail") or "")
    return re.search(r"oauth1-permissions|client-forbidden|client-not-enrolled|suspended", kind) is not None


def _as_written(post: Mapping[str, Any]) -> str:
    """The text as we sent it: X shortens addresses and escapes three characters."""
    text = str(post.get("text", ""))
    for url in post.get("entities", {}).get("urls", ()):
        text = text.replace(url["url"], url["expanded_url"])
    return unescape(text)


def _at_path(response: requests.Response, *path: str) -> Any:
    """What lies at ``path`` in a JSON answer; None when it is not JSON or has no such place."""
    try:
        found = response.json()
    except requests.JSONDecodeError:
        return None
    for key in path:
        found = found.get(key) if isinstance(found, dict) else None
    return found


def _readable_for_tweepy(response: requests.Response, *_: object, **__: object) -> None:
    """Takes out what tweepy would trip over: a reset time that is no number, an error that is no JSON object."""
    reset = response.headers.get("x-rate-limit-reset", "")
    if not re.fullmatch(r"\d{1,10}", reset):
        response.headers.pop("x-rate-limit-reset", None)
    if not response.ok and not isinstance(_at_path(response), dict):
        response._content = b"{}"
