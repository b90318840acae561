"""HTTP with limits on time, size and redirects; and the Retry-After of a response."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from requests import PreparedRequest, RequestException, Response, Session
from requests.adapters import HTTPAdapter
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ConnectTimeout, InvalidHeader, InvalidSchema, InvalidURL, MissingSchema, SSLError
from urllib3.exceptions import ConnectTimeoutError, HTTPError, MaxRetryError, NewConnectionError, ProxyError

from statuspage.integrations.channels.base import DeliveryUnknown, Unreachable, Unsent, Wait
from statuspage.integrations.channels.timeouts import DEFAULT_TIMEOUTS, Timeouts

MAX_RESPONSE_BYTES = 256 * 1024
"""Maximum bytes read of a response."""

RESET_HEADERS = ("x-rate-limit-reset", "x-ratelimit-reset-after", "x-ratelimit-reset", "ratelimit-reset")
"""Headers for the end of a rate limit: those of X, Discord, Mastodon, Bluesky and the IETF drafts."""

EPOCH_THRESHOLD = 1_000_000_000
"""A reset of at least this value is a time since 1970; anything less is a number of seconds from now."""

MAX_TIMESTAMP = 253_402_300_799
"""The last second that a datetime can represent."""


class ResponseLimitExceeded(RequestException):
    """The response was larger or slower than any valid one."""


class BoundedAdapter(HTTPAdapter):
    """Sends one request on its own connection and reads the whole response, within the limits above."""

    def __init__(self, timeouts: Timeouts = DEFAULT_TIMEOUTS) -> None:
        super().__init__(max_retries=0)
        self._timeouts = timeouts

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """The response with its body read. Raises ResponseLimitExceeded, or what requests raises."""
        # A connection kept from an earlier request may be dead by now, and it would then be unknown whether this one
        # was sent.
        self.close()
        request.headers["Connection"] = "close"
        kwargs.update(stream=True, timeout=(self._timeouts.connect, self._timeouts.read))
        response = super().send(request, *args, **kwargs)
        response._content = b"".join(_read_bounded(response, time.monotonic() + self._timeouts.total))
        response._content_consumed = True  # type: ignore[attr-defined] # private in requests, which would read it again
        return response


class BaseUrlSession(Session):
    """A session for a library with a fixed host: requests to ``host`` go to ``api`` instead.

    The URL is changed before the request is signed, so that the signature covers the URL actually requested.
    """

    def __init__(self, host: str, api: str, adapter: HTTPAdapter) -> None:
        super().__init__()
        self._host, self._api = host, api.rstrip("/")
        self.mount("https://", adapter)
        self.mount("http://", adapter)

    def request(self, method: str | bytes, url: str | bytes, *args: Any, **kwargs: Any) -> Response:
        """Like requests, but never follows redirects."""
        kwargs["allow_redirects"] = False
        return super().request(method, self._api + str(url).removeprefix(self._host), *args, **kwargs)


def parse_wait(headers: Mapping[str, str]) -> Wait:
    """The Retry-After of a response, in any of the formats in use; nothing if it is invalid.

    ``Retry-After`` by RFC 9110 (section 10.2.3), in seconds or as a date, also with a fraction. Otherwise the reset of
    a rate limit: seconds from now, seconds or milliseconds since 1970, or an ISO 8601 time.
    """
    by_name = {name.lower(): value.strip() for name, value in headers.items()}
    if (wait := _retry_after(by_name)) is not None:
        return wait
    for name in RESET_HEADERS:
        if (wait := _reset(by_name.get(name, ""))) is not None:
            return wait
    return Wait()


def _retry_after(by_name: Mapping[str, str]) -> Wait | None:
    value = by_name.get("retry-after", "")
    if (seconds := _finite_number(value)) is not None:
        return Wait(seconds=seconds) if seconds > 0 else None
    until, sent_at = _date(value), _date(by_name.get("date", ""))
    if until is None:
        return None
    # Measured on the other side's clock if known, so that a difference between the clocks does not matter.
    return Wait(seconds=(until - sent_at).total_seconds()) if sent_at else Wait(until=until)


def _reset(value: str) -> Wait | None:
    if (number := _finite_number(value)) is not None:
        if number < EPOCH_THRESHOLD:
            return Wait(seconds=number) if number > 0 else None
        since_1970 = number / 1000 if number >= EPOCH_THRESHOLD * 1000 else number
        return Wait(until=datetime.fromtimestamp(min(since_1970, MAX_TIMESTAMP), UTC))
    try:
        until = datetime.fromisoformat(value)
    except ValueError:
        return None
    return Wait(until=until if until.tzinfo else until.replace(tzinfo=UTC))


def _finite_number(text: str) -> float | None:
    """A finite number of at most fifteen digits; None for anything else."""
    return float(text) if re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,15})?", text) else None


def _date(text: str) -> datetime | None:
    try:
        parsed = parsedate_to_datetime(text)
    except ValueError:
        return None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def no_response_error(error: RequestException, clean: Callable[[str], str]) -> Unsent:
    """The error if there is no response: nothing was sent, or it is unknown."""
    detail = clean(type(error).__name__)
    return Unreachable("no_connection", detail) if was_never_sent(error) else DeliveryUnknown("no_response", detail)


def was_never_sent(error: RequestException) -> bool:
    """Whether this failure happened before any byte of the message was sent."""
    if isinstance(error, ConnectTimeout | InvalidURL | InvalidHeader | InvalidSchema | MissingSchema):
        return True
    if isinstance(error, SSLError):
        return _is_certificate_error(error)
    if not isinstance(error, RequestsConnectionError) or not error.args:
        return False
    cause = error.args[0]
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(reason, NewConnectionError | ConnectTimeoutError | ProxyError)


def _is_certificate_error(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        inner = [arg for arg in (*error.args, getattr(error, "reason", None)) if isinstance(arg, BaseException)]
        error = inner[0] if inner else None
    return False


def _read_bounded(response: Response, deadline: float) -> Iterator[bytes]:
    size = 0
    # read1 returns what has arrived; read would wait for a whole chunk, for as long as the other side likes.
    while chunk := _read_chunk(response):
        size += len(chunk)
        if size > MAX_RESPONSE_BYTES or time.monotonic() > deadline:
            response.close()
            raise ResponseLimitExceeded("the answer did not end")
        yield chunk


def _read_chunk(response: Response) -> bytes:
    try:
        chunk: bytes = response.raw.read1(8192, decode_content=True)
    except HTTPError as error:
        raise RequestsConnectionError(error) from error
    return chunk
