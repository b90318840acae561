"""A subscriber's program that receives webhooks."""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

from tests.support.public_egress import Stranger


class Program:
    """A program at ``hooks.example`` that echoes the challenge, unless told otherwise."""

    def __init__(self, stranger: Stranger) -> None:
        self.status = 200
        self.says: Callable[[str], str] = str
        self.got: list[tuple[dict[str, str], bytes]] = []
        self._stranger = stranger
        stranger.answer = self.answer

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Records what was received."""
        body = self._stranger.asked[-1][2]
        self.got.append(({name.lower(): value for name, value in handler.headers.items()}, body))
        handler.send_response(self.status)
        handler.end_headers()
        handler.wfile.write(self.says(json.loads(body)["challenge"]).encode())
