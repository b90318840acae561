"""A server on loopback that answers as X's API v2 does: posts, duplicates, replies, limits, and its bad days.

What it says word for word follows X's documentation of POST /2/tweets and what clients of it have reported. Run by
itself (``python -m tests.fakes.x_server --port 0 --print-port``) it also shows what it was sent, at ``GET /_posts``.
"""

from __future__ import annotations

import argparse
import json
import re
import socket
import socketserver
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from oauthlib.oauth1.rfc5849 import signature

from statuspage.weighing import x_length

LIMIT = 280


@dataclass(frozen=True)
class Account:
    """An account and the secrets with which its requests have to be signed."""

    id: str = "1750000000000000001"
    username: str = "fitline_jp"
    consumer_key: str = "consumer-key"
    consumer_secret: str = "consumer-secret"
    access_token: str = "access-token"
    access_token_secret: str = "access-token-secret"

    @property
    def settings(self) -> dict[str, str]:
        """The four secrets by the names our channel gives them."""
        names = ("consumer_key", "consumer_secret", "access_token", "access_token_secret")
        return {name: getattr(self, name) for name in names}

    def environ(self, channel: str) -> dict[str, str]:
        """The same as the program reads them from its environment, for a channel such as ``x-ja``."""
        prefix = f"STATUSPAGE_{channel.upper().replace('-', '_')}_"
        return {prefix + name.upper(): value for name, value in self.settings.items()}


SECOND = Account("1750000000000000002", "fitline_en", "consumer-key", "consumer-secret", "access-token-en", "secret-en")
"""The account in English, when there are two."""


@dataclass(frozen=True)
class Post:
    """A post as it was sent."""

    id: str
    username: str
    text: str
    in_reply_to: str
    at: float


@dataclass
class State:
    """What the server knows. ``faults`` are used up one per post; ``always`` stays."""

    accounts: tuple[Account, ...] = (Account(),)
    posts: list[Post] = field(default_factory=list)
    faults: deque[str] = field(default_factory=deque)
    always: str = ""
    requests: list[str] = field(default_factory=list)
    authorized: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    closing: threading.Event = field(default_factory=threading.Event)
    patience: threading.Event = field(default_factory=threading.Event)
    next_id: int = 1_990_000_000_000_000_001
    elsewhere: str = ""
    hides_posts: bool = False


class Problem(Exception):
    """An answer that is not a post."""

    def __init__(self, status: int, body: dict[str, Any] | str, headers: dict[str, str] | None = None) -> None:
        super().__init__(status)
        self.status, self.body, self.headers = status, body, headers or {}


def problem(status: int, title: str, detail: str, kind: str = "about:blank", **headers: str) -> Problem:
    """A refusal in the form of X's problem documents."""
    body = {"title": title, "detail": detail, "type": kind, "status": status}
    return Problem(status, body, {name.replace("_", "-"): value for name, value in headers.items()})


def _rate_limited(reset: str = "", after: str = "") -> Problem:
    headers = {"x-rate-limit-limit": "100", "x-rate-limit-remaining": "0"}
    headers |= {"x-rate-limit-reset": reset} if reset else {}
    headers |= {"Retry-After": after} if after else {}
    body = {"title": "Too Many Requests", "detail": "Too Many Requests", "type": "about:blank", "status": 429}
    return Problem(429, body, headers)


PROBLEM_TYPE = "https://api.twitter.com/2/problems/"
FAULTS = {
    "401": lambda: problem(401, "Unauthorized", "Unauthorized"),
    "402": lambda: problem(
        402, "CreditsDepleted", "Your enrolled account does not have any credits to fulfill this request."
    ),
    "403": lambda: problem(403, "Forbidden", "You are not permitted to perform this action."),
    "400": lambda: Problem(
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
    "429": lambda: _rate_limited(),
    "429-reset": lambda: _rate_limited(str(int(time.time()) + 90)),
    "429-absurd": lambda: _rate_limited(str(int(time.time()) + 30 * 86400)),
    "429-nonsense": lambda: _rate_limited("soon"),
    "429-after": lambda: _rate_limited(after="45"),
    "429-negative": lambda: _rate_limited(after="-45"),
    "429-date": lambda: _rate_limited(after=formatdate(int(time.time()) + 60, usegmt=True)),
    "503-after": lambda: problem(503, "Error", "Something is technically wrong.", Retry_After="45"),
    "429-past": lambda: _rate_limited(str(int(time.time()) - 60)),
    **{str(s): lambda s=s: problem(s, "Error", "Something is technically wrong.") for s in (500, 502, 503, 504)},
    "503-html": lambda: Problem(503, "<html><body>Over capacity</body></html>"),
    "500-list": lambda: Problem(500, "[]"),
}
"""Answers given instead of taking the post."""

TEXT = {"html": "<html><body>Welcome</body></html>", "empty": "", "no-id": '{"data": {}}', "list": "[1]"}
"""Bodies given with status 200 after the post was taken."""


class Handler(BaseHTTPRequestHandler):
    """One request."""

    server: Server
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """``POST /2/tweets``."""
        self._answer(self._post)

    def do_GET(self) -> None:
        """``GET /2/users/me``, ``/2/users/:id/tweets``, and our own ``/_posts``."""
        self._answer(self._get)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""

    @property
    def state(self) -> State:
        """What the server knows."""
        return self.server.state

    def _answer(self, act: Any) -> None:
        try:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(length)
            self.state.requests.append(f"{self.command} {self.path}")
            self.state.authorized.append(self.headers.get("Authorization", ""))
            status, answer = act(body)
            self._send(status, answer if isinstance(answer, str) else json.dumps(answer))
        except Problem as p:
            self._send(p.status, p.body if isinstance(p.body, str) else json.dumps(p.body), p.headers)
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def _send(self, status: int, text: str, headers: dict[str, str] | None = None) -> None:
        body = text.encode()
        kind = "text/html" if text.startswith("<") else "application/json"
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _get(self, _body: bytes) -> tuple[int, Any]:
        path, _, query = self.path.partition("?")
        if path == "/_posts":
            return 200, [vars(p) for p in self.state.posts]
        account = self._account()
        if path == "/2/users/me":
            return 200, {"data": {"id": account.id, "username": account.username, "name": account.username}}
        if path == f"/2/users/{account.id}/tweets":
            most = int(dict(parse_qsl(query)).get("max_results", "10"))
            if self.state.hides_posts:
                raise problem(503, "Service Unavailable", "Service Unavailable")
            mine = [p for p in reversed(self.state.posts) if p.username == account.username][:most]
            return 200, {"data": [_shown(p) for p in mine], "meta": {"result_count": len(mine)}}
        raise problem(404, "Not Found", "Not Found")

    def _post(self, body: bytes) -> tuple[int, Any]:
        if self.path != "/2/tweets":
            raise problem(404, "Not Found", "Not Found")
        account = self._account()
        fault = self.state.faults.popleft() if self.state.faults else self.state.always
        if fault in FAULTS:
            raise FAULTS[fault]()
        self._misbehave_before(fault)
        post = self._take(account, json.loads(body), no_replies=fault == "no-reply")
        self._misbehave_after(fault)
        return 201 if fault not in TEXT else 200, TEXT.get(fault, {"data": {"id": post.id, "text": post.text}})

    def _misbehave_before(self, fault: str) -> None:
        if fault == "redirect":
            raise Problem(307, "", {"Location": self.state.elsewhere + "/2/tweets"})
        if fault == "cut":  # the connection goes before anything was taken
            self.connection.shutdown(socket.SHUT_RDWR)
            raise ConnectionResetError

    def _misbehave_after(self, fault: str) -> None:
        if fault == "slow":  # taken, and answered when somebody says so
            self.state.patience.wait(60)
        if fault == "hang":
            self.state.closing.wait(60)
            raise ConnectionResetError
        if fault == "drop":
            self.connection.shutdown(socket.SHUT_RDWR)
            raise ConnectionResetError
        if fault in ("endless", "drip"):
            self._never_stop(b" " * 4096 if fault == "endless" else b" ")

    def _never_stop(self, piece: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Connection", "close")
        self.end_headers()
        while not self.state.closing.wait(0.05 if len(piece) == 1 else 0):
            self.wfile.write(piece)
        raise ConnectionResetError

    def _take(self, account: Account, sent: dict[str, Any], *, no_replies: bool) -> Post:
        text, parent = sent["text"], sent.get("reply", {}).get("in_reply_to_tweet_id", "")
        with self.state.lock:
            self._refuse(account, text, parent, no_replies=no_replies)
            post = Post(str(self.state.next_id), account.username, text, parent, time.time())
            self.state.next_id += 7
            self.state.posts.append(post)
            return post

    def _refuse(self, account: Account, text: str, parent: str, *, no_replies: bool) -> None:
        if x_length(text) > LIMIT:
            raise problem(403, "Forbidden", "Your Tweet text is too long.")
        if parent and no_replies:
            said = "Reply to this conversation is not allowed because you have not been mentioned or otherwise engaged."
            raise problem(403, "Forbidden", said)
        if parent and parent not in {p.id for p in self.state.posts}:
            said = "You attempted to reply to a Tweet that is deleted or not visible to you."
            raise problem(403, "Forbidden", said)
        if any(p.text == text and p.username == account.username for p in self.state.posts):
            raise problem(403, "Forbidden", "You are not allowed to create a Tweet with duplicate content.")

    def _account(self) -> Account:
        """Whose request it is; 401 unless it is signed with the secrets of one of the accounts."""
        header = self.headers.get("Authorization", "")
        given = dict(signature.collect_parameters(headers={"Authorization": header}, exclude_oauth_signature=False))
        for account in self.state.accounts:
            if account.access_token == given.get("oauth_token") and self._signed_by(account, given):
                return account
        raise problem(401, "Unauthorized", "Unauthorized")

    def _signed_by(self, account: Account, given: dict[str, str]) -> bool:
        url = f"http://{self.headers['Host']}{self.path}"
        header = {"Authorization": self.headers["Authorization"]}
        parameters = signature.collect_parameters(urlsplit(url).query, headers=header)
        base = signature.signature_base_string(
            self.command, signature.base_string_uri(url), signature.normalize_parameters(parameters)
        )
        right = signature.sign_hmac_sha1_with_client(base, _Client(account))
        return given.get("oauth_consumer_key") == account.consumer_key and given.get("oauth_signature") == right


class _Client:
    def __init__(self, account: Account) -> None:
        self.client_secret, self.resource_owner_secret = account.consumer_secret, account.access_token_secret


def _shown(post: Post) -> dict[str, Any]:
    """As the API gives it back: addresses shortened, three characters escaped."""
    urls = re.findall(r"https?://\S+", post.text)
    text = escape(post.text, quote=False)
    entities = []
    for number, url in enumerate(urls):
        short = f"https://t.co/{post.id[-4:]}{number}"
        text = text.replace(escape(url, quote=False), short)
        entities.append({"url": short, "expanded_url": url, "display_url": url[8:40]})
    return {"id": post.id, "text": text, "entities": {"urls": entities}}


class Server(ThreadingHTTPServer):
    """The server, its address and its state."""

    daemon_threads = True

    def __init__(self, port: int = 0, accounts: tuple[Account, ...] = (Account(),)) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.state = State(accounts)

    def server_bind(self) -> None:
        """Without asking for a name of the address, which takes seconds where nobody answers."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def posts(self) -> list[Post]:
        """What it took, in order."""
        return self.state.posts

    def count(self, request: str) -> int:
        """How often it was asked just this."""
        return self.state.requests.count(request)

    def next(self, *faults: str) -> None:
        """Lets the next posts fare so; an empty string is a good day."""
        self.state.faults.extend(faults)


@contextmanager
def x_server(*accounts: Account) -> Iterator[Server]:
    """A running server for the time of the block."""
    server = Server(accounts=accounts or (Account(),))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.state.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


def main() -> None:
    """Serves until it is stopped."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--print-port", action="store_true", help="write the port as the first line")
    options.add_argument("--always", default="", help="a fault that every post meets")
    given = options.parse_args()
    server = Server(given.port, (Account(), SECOND))
    server.state.always = given.always
    if given.print_port:
        print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
