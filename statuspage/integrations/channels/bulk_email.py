"""One notice as letters to many: what is the same in all of them is made once."""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from statuspage.integrations.channels.base import Message
from statuspage.integrations.channels.email import boundary, headed

PREFERENCES, UNSUBSCRIBE = "https://preferences.invalid/", "https://unsubscribe.invalid/"
"""What stands in a letter to nobody in particular where each has links of their own."""

_LINE, _WIDE = 57, 76
"""Bytes that make one line of Base64, and how long it is then (RFC 2045, 6.8)."""


@dataclass(frozen=True, slots=True)
class Own:
    """What is a recipient's own: address, the letter's id and those it hangs on, the oldest first, links."""

    to: str
    id: str
    above: tuple[str, ...]
    preferences: str
    unsubscribe: str

    @property
    def links(self) -> Mapping[bytes, bytes]:
        """By what stands in their place."""
        return {PREFERENCES.encode(): self.preferences.encode(), UNSUBSCRIBE.encode(): self.unsubscribe.encode()}


class Letters:
    """Makes a letter after the other, the same bytes for the same recipient (RFC 5322, 2046, 8058)."""

    def __init__(self, message: Message) -> None:
        head = headed(message)
        head["Content-Language"] = message["language"]
        head["List-Id"] = f"<{message['list']}>"
        head["MIME-Version"] = "1.0"
        mark = boundary(message)
        self._head = head.as_bytes().rstrip(b"\r\n") + (
            f'\r\nContent-Type: multipart/alternative; boundary="{mark}"\r\n'.encode()
        )
        self._between, self._end = f"\r\n--{mark}\r\n".encode(), f"\r\n--{mark}--\r\n".encode()
        self._text, self._html = _Part("plain", message["text"]), _Part("html", message["html"])

    def to(self, own: Own) -> bytes:
        """The letter to this one. Everything of ``own`` was looked at before: nothing in it ends a line."""
        above = f"In-Reply-To: {own.above[-1]}\r\nReferences: {' '.join(own.above)}\r\n" if own.above else ""
        unsubscribe = f"List-Unsubscribe: <{own.unsubscribe}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        ours = f"To: {own.to}\r\nMessage-ID: {own.id}\r\n{above}{unsubscribe}".encode("ascii")
        parts = (self._text.written(own.links), self._between, self._html.written(own.links))
        return b"".join((ours, self._head, self._between, *parts, self._end))


class _Part:
    """A part of which all up to the first link of somebody's own is written beforehand."""

    def __init__(self, kind: str, text: str) -> None:
        self._plain = text.isascii() and kind == "plain"  # readers of raw mail, and filters, look twice at the other
        body = text.replace("\n", "\r\n").encode()
        first = min((at for link in (PREFERENCES, UNSUBSCRIBE) if (at := body.find(link.encode())) >= 0), default=0)
        cut = body.rfind(b"\r\n", 0, first) + 2 if self._plain else first // _LINE * _LINE
        self._rest = body[cut:]
        encoding = "quoted-printable" if self._plain else "base64"
        head = f'Content-Type: text/{kind}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
        self._written = head.encode() + self._encoded(body[:cut])

    def written(self, links: Mapping[bytes, bytes]) -> bytes:
        """With these links."""
        rest = self._rest
        for place, link in links.items():
            rest = rest.replace(place, link)
        return self._written + self._encoded(rest)

    def _encoded(self, body: bytes) -> bytes:
        if self._plain:
            return binascii.b2a_qp(body, istext=True)
        written = binascii.b2a_base64(body, newline=False)
        return b"".join([written[at : at + _WIDE] + b"\r\n" for at in range(0, len(written), _WIDE)])
