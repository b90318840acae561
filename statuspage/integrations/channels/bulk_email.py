"""Builds the emails of one notice for many recipients; the common parts are built once."""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from statuspage.integrations.channels.base import Message
from statuspage.integrations.channels.email import boundary, build_headers

PREFERENCES, UNSUBSCRIBE = "https://preferences.invalid/", "https://unsubscribe.invalid/"
"""Placeholders for the links of each recipient."""

_LINE_BYTES, _LINE_LENGTH = 57, 76
"""The number of bytes in one line of Base64, and the length of that line (RFC 2045, 6.8)."""


@dataclass(frozen=True, slots=True)
class RecipientFields:
    """What differs by recipient: address, the email's id and those it replies to (oldest first), links."""

    to: str
    id: str
    references: tuple[str, ...]
    preferences_url: str
    unsubscribe_url: str

    @property
    def link_replacements(self) -> Mapping[bytes, bytes]:
        """The links by placeholder."""
        return {
            PREFERENCES.encode(): self.preferences_url.encode(),
            UNSUBSCRIBE.encode(): self.unsubscribe_url.encode(),
        }


class BulkEmail:
    """Builds one email after the other; identical bytes for the same recipient (RFC 5322, 2046, 8058)."""

    def __init__(self, message: Message) -> None:
        headers = build_headers(message)
        headers["Content-Language"] = message["language"]
        headers["List-Id"] = f"<{message['list']}>"
        headers["MIME-Version"] = "1.0"
        separator = boundary(message)
        self._headers = headers.as_bytes().rstrip(b"\r\n") + (
            f'\r\nContent-Type: multipart/alternative; boundary="{separator}"\r\n'.encode()
        )
        self._delimiter, self._close_delimiter = f"\r\n--{separator}\r\n".encode(), f"\r\n--{separator}--\r\n".encode()
        self._text_part, self._html_part = _MimePart("plain", message["text"]), _MimePart("html", message["html"])

    def build_for(self, fields: RecipientFields) -> bytes:
        """The email to this recipient. All ``fields`` must be validated: nothing in them may end a line."""
        thread_headers = (
            f"In-Reply-To: {fields.references[-1]}\r\nReferences: {' '.join(fields.references)}\r\n"
            if fields.references
            else ""
        )
        unsubscribe_headers = (
            f"List-Unsubscribe: <{fields.unsubscribe_url}>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
        )
        own_headers = f"To: {fields.to}\r\nMessage-ID: {fields.id}\r\n{thread_headers}{unsubscribe_headers}".encode(
            "ascii"
        )
        parts = (
            self._text_part.encode_with(fields.link_replacements),
            self._delimiter,
            self._html_part.encode_with(fields.link_replacements),
        )
        return b"".join((own_headers, self._headers, self._delimiter, *parts, self._close_delimiter))


class _MimePart:
    """A MIME part; its bytes up to the recipient's first link are encoded in advance."""

    def __init__(self, subtype: str, text: str) -> None:
        self._is_plain = text.isascii() and subtype == "plain"  # mail clients and filters distrust the other
        body = text.replace("\n", "\r\n").encode()
        first_link = min(
            (offset for link in (PREFERENCES, UNSUBSCRIBE) if (offset := body.find(link.encode())) >= 0), default=0
        )
        cut = body.rfind(b"\r\n", 0, first_link) + 2 if self._is_plain else first_link // _LINE_BYTES * _LINE_BYTES
        self._variable_body = body[cut:]
        encoding = "quoted-printable" if self._is_plain else "base64"
        headers = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
        self._fixed_bytes = headers.encode() + self._encode(body[:cut])

    def encode_with(self, links: Mapping[bytes, bytes]) -> bytes:
        """The part with these links."""
        body = self._variable_body
        for placeholder, link in links.items():
            body = body.replace(placeholder, link)
        return self._fixed_bytes + self._encode(body)

    def _encode(self, body: bytes) -> bytes:
        if self._is_plain:
            return binascii.b2a_qp(body, istext=True)
        encoded = binascii.b2a_base64(body, newline=False)
        return b"".join(
            [encoded[start : start + _LINE_LENGTH] + b"\r\n" for start in range(0, len(encoded), _LINE_LENGTH)]
        )
