"""HTTP with an end to everything: time, size and redirects."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from typing import Any

from requests import PreparedRequest, RequestException, Response, Session
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ConnectTimeout, SSLError
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError, ProxyError

CONNECT, READ, WHOLE = 5.0, 10.0, 20.0
"""Seconds to be connected, for the other side to say something, and for its whole answer."""

LARGEST = 256 * 1024
"""Bytes of an answer we are ready to read."""


class Endless(RequestException):
    """The answer was larger or slower than anything this service has to say."""


class Bounded(HTTPAdapter):
    """Sends one request on a connection of its own and reads the whole answer, within the bounds above."""

    def __init__(self, *, read: float = READ, whole: float = WHOLE) -> None:
        super().__init__(max_retries=0)
        self._read = read
        self._whole = whole

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """The answer with its body read. Raises Endless, or what requests raises."""
        # A connection kept from an earlier post may be gone by now, and then nobody could say what became of this one.
        self.close()
        request.headers["Connection"] = "close"
        kwargs.update(stream=True, timeout=(CONNECT, self._read))
        response = super().send(request, *args, **kwargs)
        response._content = b"".join(_bounded(response, time.monotonic() + self._whole))
        response._content_consumed = True  # type: ignore[attr-defined]
        return response


class Rehosted(Session):
    """A session for a library whose host is fixed: what it sends to ``host`` goes to ``api`` instead.

    The address is changed before the request is signed, so that the signature is over the address really asked.
    """

    def __init__(self, host: str, api: str, adapter: HTTPAdapter) -> None:
        super().__init__()
        self._host, self._api = host, api.rstrip("/")
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> Response:
        """As requests does it, but redirects are never followed."""
        kwargs["allow_redirects"] = False
        return super().request(method, self._api + str(url).removeprefix(self._host), *args, **kwargs)


def nothing_left(error: RequestException) -> bool:
    """Whether this failure happened before a byte of the message could leave."""
    if isinstance(error, ConnectTimeout):
        return True
    if isinstance(error, SSLError):
        return _is_certificate(error)
    if not isinstance(error, RequestsConnectionError) or not error.args:
        return False
    cause = error.args[0]
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(reason, NewConnectionError | ConnectTimeoutError | ProxyError)


def _is_certificate(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        inner = [a for a in (*error.args, getattr(error, "reason", None)) if isinstance(a, BaseException)]
        error = inner[0] if inner else None
    return False


def _bounded(response: Response, until: float) -> Iterator[bytes]:
    size = 0
    # read1 returns what has come; read would wait for a whole piece, and so for as long as the other side likes.
    while piece := _piece(response):
        size += len(piece)
        if size > LARGEST or time.monotonic() > until:
            response.close()
            raise Endless("the answer did not end")
        yield piece


def _piece(response: Response) -> bytes:
    try:
        piece: bytes = response.raw.read1(8192, decode_content=True)
    except HTTPError as error:
        raise RequestsConnectionError(error) from error
    return piece
