"""A server on loopback that behaves like X's API v2: posts, duplicates, replies, limits, and faults.

Its texts follow X's documentation of POST /2/tweets and reports by users of clients. Run on its own (``python -m
tests.support.fakes.x_server --port 0 --print-port``) it also shows what it was sent, at ``GET /_posts``.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from typing import Any, ClassVar
from urllib.parse import urlsplit

from oauthlib.oauth1.rfc5849 import signature

from statuspage.rendering.wording.text_length import x_length
from tests.support.fakes.service import ReceivedMessage, Reply, Request, Service, running

LIMIT = 280


@dataclass(frozen=True)
class Account:
    """An account and the secrets that sign its requests."""

    id: str = "1750000000000000001"
    username: str = "fitline_jp"
    consumer_key: str = "planted-consumer-key"
    consumer_secret: str = "planted-consumer-secret"
    access_token: str = "planted-access-token"
    access_token_secret: str = "planted-access-token-secret"

    @property
    def settings(self) -> dict[str, str]:
        """The four secrets by the names that our channel uses."""
        names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
        return {name: getattr(self, name) for name in names}

    def environ(self, channel: str) -> dict[str, str]:
        """The secrets as environment variables of a channel such as ``x-ja``."""
        prefix = f"STATUSPAGE_{channel.upper().replace('-', '_')}_"
        return {prefix + name.upper(): value for name, value in self.settings.items()}


SECOND = Account(
    "1750000000000000002",
    "fitline_en",
    "planted-consumer-key",
    "planted-consumer-secret",
    "planted-token-en",
    "planted-secret-en",
)
"""The account in English, when there are two."""


@dataclass(frozen=True)
class Post:
    """A post as sent."""

    id: str
    username: str
    text: str
    in_reply_to: str
    at: float


def problem(status: int, title: str, detail: str, problem_type: str = "about:blank", headers: Any = None) -> Reply:
    """A rejection in the form of X's problem documents."""
    return Reply(status, {"title": title, "detail": detail, "type": problem_type, "status": status}, headers)


PROBLEM_TYPE = "https://api.twitter.com/2/problems/"

OWN: Mapping[str, Callable[[], Reply]] = {
    "401": lambda: problem(401, "Unauthorized", "Unauthorized"),
    "402": lambda: problem(
        402, "CreditsDepleted", "Your enrolled account does not have any credits to fulfill this request."
    ),
    "403": lambda: problem(403, "Forbidden", "You are not permitted to perform this action."),
    "400": lambda: Reply(
        400,
        {
            "errors": [{"message": "One or more parameters to your request was invalid."}],
            "title": "Invalid Request",
            "type": PROBLEM_TYPE + "invalid-request",
        },
    ),
    "permissions": lambda: problem(
        403,
        "Forbidden",
        "Your client app is not configured with the appropriate oauth1 app permissions for this endpoint.",
        PROBLEM_TYPE + "oauth1-permissions",
    ),
    "500-list": lambda: Reply(500, "[]"),
}


class Server(Service):
    """The server; its state can be changed while it runs."""

    reset = "x-rate-limit-reset"
    empty_answers: ClassVar[Mapping[str, str]] = {**Service.empty_answers, "no-id": '{"data": {}}'}

    def __init__(self, port: int = 0, accounts: tuple[Account, ...] = (Account(),)) -> None:
        super().__init__(port)
        self.accounts = self._known = accounts
        self.posts: list[Post] = []
        self.next_id = 1_990_000_000_000_000_001
        self.hides_posts = False
        self._no_replies = False

    @property
    def state(self) -> Server:
        """Its state."""
        return self

    def is_message(self, request: Request) -> bool:
        """``POST /2/tweets``."""
        return (request.method, request.path) == ("POST", "/2/tweets")

    def own(self) -> Mapping[str, Callable[[], Reply]]:
        """X's own rejections."""
        return OWN

    def refusal(self, status: int, headers: Mapping[str, str]) -> Reply:
        """Problem documents, as X writes them."""
        if status == 429:
            limits = {"x-rate-limit-limit": "100", "x-rate-limit-remaining": "0"}
            return problem(429, "Too Many Requests", "Too Many Requests", headers={**limits, **headers})
        return problem(status, "Error", "Something is technically wrong.", headers=headers)

    def refused(self, fault: str) -> Reply | None:
        """X also rejects replies."""
        self._no_replies = fault == "no-reply"
        return super().refused(fault)

    def revoke(self) -> None:
        """No account's credentials are valid any more."""
        self.accounts = ()

    def restore(self) -> None:
        """All are valid again."""
        self.accounts = self._known

    def answer(self, request: Request) -> Reply:
        """``POST /2/tweets``, ``DELETE /2/tweets/:id``, ``GET /2/users/me`` and ``:id/tweets``; our own ``/_posts``."""
        if request.path == "/_posts":
            return Reply(200, [vars(p) for p in self.posts])
        account = self._account(request)
        match request.method, request.path.split("/")[1:]:
            case "POST", ["2", "tweets"]:
                post = self._take(account, request.json)
                return Reply(201, {"data": {"id": post.id, "text": post.text}})
            case "DELETE", ["2", "tweets", id]:
                return self._delete(account, id)
            case "GET", ["2", "users", "me"]:
                return Reply(200, {"data": {"id": account.id, "username": account.username, "name": account.username}})
            case "GET", ["2", "users", account.id, "tweets"]:
                return self._newest(account, int(request.query.get("max_results", "10")))
        raise problem(404, "Not Found", "Not Found")

    def _newest(self, account: Account, most: int) -> Reply:
        if self.hides_posts:
            raise problem(503, "Service Unavailable", "Service Unavailable")
        mine = [p for p in reversed(self.posts) if p.username == account.username][:most]
        return Reply(200, {"data": [_shown(p) for p in mine], "meta": {"result_count": len(mine)}})

    def _take(self, account: Account, sent: dict[str, Any]) -> Post:
        text, parent = sent["text"], sent.get("reply", {}).get("in_reply_to_tweet_id", "")
        self._refuse(account, text, parent)
        post = Post(str(self.next_id), account.username, text, parent, time.time())
        self.next_id += 7
        self.posts.append(post)
        self.received.append(ReceivedMessage(post.id, account.username, text, parent, sent))
        return post

    def _refuse(self, account: Account, text: str, parent: str) -> None:
        if x_length(text) > LIMIT:
            raise problem(403, "Forbidden", "Your Tweet text is too long.")
        if parent and self._no_replies:
            body = "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged."
            raise problem(403, "Forbidden", body)
        if parent and parent not in {p.id for p in self.posts}:
            body = "You attempted to reply to a Tweet that is deleted or not visible to you."
            raise problem(403, "Forbidden", body)
        if any(p.text == text and p.username == account.username for p in self.posts):
            raise problem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")

    def _delete(self, account: Account, id: str) -> Reply:
        if all(post.id != id for post in self.posts):
            raise problem(404, "Not Found Error", f"Could not find tweet with id: [{id}].")
        self.posts[:] = [post for post in self.posts if post.id != id]
        self.received[:] = [message for message in self.received if message.id != id]
        return Reply(200, {"data": {"deleted": True}})

    def _account(self, request: Request) -> Account:
        """The account of the request; 401 unless it is signed with an account's secrets."""
        header = request.headers.get("Authorization", "")
        given = dict(signature.collect_parameters(headers={"Authorization": header}, exclude_oauth_signature=False))
        for account in self.accounts:
            if account.access_token == given.get("oauth_token") and _signed_by(account, given, request, self.scheme):
                return account
        raise problem(401, "Unauthorized", "Unauthorized")


def _signed_by(account: Account, given: dict[str, str], request: Request, scheme: str) -> bool:
    url = f"{scheme}://{request.headers['Host']}{request.url}"
    header = {"Authorization": request.headers["Authorization"]}
    parameters = signature.collect_parameters(urlsplit(url).query, headers=header)
    base = signature.signature_base_string(
        request.method, signature.base_string_uri(url), signature.normalize_parameters(parameters)
    )
    right = signature.sign_hmac_sha1_with_client(base, _Client(account))
    return given.get("oauth_consumer_key") == account.consumer_key and given.get("oauth_signature") == right


class _Client:
    def __init__(self, account: Account) -> None:
        self.client_secret, self.resource_owner_secret = account.consumer_secret, account.access_token_secret


def mentioned(text: str) -> list[str]:
    """Whom X would notify of a mention in this text (twitter-text, *validMention*)."""
    before = r"(?:^|[^a-zA-Z0-9_!#$%&*@＠]|(?:^|[^a-zA-Z0-9_+~.-])(?:rt|RT|rT|Rt):?)"
    return re.findall(before + r"[@＠]([a-zA-Z0-9_]{1,20})", text)


def _shown(post: Post) -> dict[str, Any]:
    """The post as the API returns it: URLs shortened, three characters escaped."""
    urls = re.findall(r"https?://\S+", post.text)
    text = escape(post.text, quote=False)
    entities = []
    for number, url in enumerate(urls):
        short = f"https://t.co/{post.id[-4:]}{number}"
        text = text.replace(escape(url, quote=False), short)
        entities.append({"url": short, "expanded_url": url, "display_url": url[8:40]})
    return {"id": post.id, "text": text, "entities": {"urls": entities}}


@contextmanager
def x_server(*accounts: Account) -> Iterator[Server]:
    """A running server for the time of the block."""
    with running(Server(accounts=accounts or (Account(),))) as server:
        yield server


def main() -> None:
    """Serves until it is stopped."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--print-port", action="store_true", help="write the port as the first line")
    options.add_argument("--always", default="", help="a fault that every post meets")
    given = options.parse_args()
    server = Server(given.port, (Account(), SECOND))
    server.always = given.always
    if given.print_port:
        print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
