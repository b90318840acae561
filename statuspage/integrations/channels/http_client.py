"""HTTP requests, and the meaning of unsuccessful answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from json import JSONDecodeError, loads
from typing import Any

from requests import PreparedRequest, RequestException, Session

from statuspage.integrations.channels.base import CredentialsInvalid, DeliveryUnknown, Refused, Unreachable, Unsent
from statuspage.integrations.channels.http_limits import (
    DEFAULT_TIMEOUTS,
    BoundedAdapter,
    Timeouts,
    no_response_error,
    parse_wait,
)

DETAIL = 300
"""Characters of the other side's own words that we store."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """The complete answer of the other side."""

    status: int
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether it accepted the message."""
        return 200 <= self.status < 300

    def json_value(self, *path: str) -> Any:
        """The value at ``path`` in a JSON answer; None if it is not JSON or has no such place."""
        try:
            value = loads(self.text)
        except (JSONDecodeError, RecursionError):
            return None
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def require_text(self, *path: str) -> str:
        """The text at ``path``. Raises DeliveryUnknown if there is none: nobody knows then what became of the
        message."""
        text = self.json_value(*path)
        if not isinstance(text, str) or not text:
            raise DeliveryUnknown("unexpected_response", f"{self.status}, and no {'.'.join(path)} in the answer")
        return text


class HttpClient:
    """One service over HTTP. ``secrets`` are removed from everything it says."""

    def __init__(
        self,
        api: str,
        *,
        secrets: tuple[str, ...] = (),
        headers: Mapping[str, str] | None = None,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
    ) -> None:
        self._api = api.rstrip("/")
        self._fixed_secrets = self._secrets = secrets
        self._headers = headers or {}
        self._session = Session()
        self._session.auth = _unchanged
        for scheme in ("https://", "http://"):
            self._session.mount(scheme, BoundedAdapter(timeouts))

    def request(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        body: bytes | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        """One request, never redirected. Raises Unreachable if nothing was sent, DeliveryUnknown if no whole answer
        came."""
        content: dict[str, Any] = {"json": json, "data": body, "params": query}
        try:
            response = self._session.request(
                method, self._api + path, headers={**self._headers, **(headers or {})}, allow_redirects=False, **content
            )
        except RequestException as error:
            raise no_response_error(error, self.clean) from None
        except UnicodeError:
            raise CredentialsInvalid("credentials", "a setting holds letters that no request can carry") from None
        return HttpResponse(response.status_code, response.content.decode("utf-8", "replace"), response.headers)

    def set_session_secrets(self, *secrets: str) -> None:
        """Secrets to remove from now on: those that the other side issued last."""
        self._secrets = (*self._fixed_secrets, *secrets)

    def clean(self, text: str) -> str:
        """Their words on one line, without our secrets, shortened if they are long."""
        for secret in self._secrets:
            text = text.replace(secret, "…") if secret else text
        return " ".join(text.split())[:DETAIL]

    def error_for(self, response: HttpResponse, message: str = "") -> Unsent:
        """The error for an unsuccessful answer, by its status alone (RFC 9110, 15); ``message`` are their own words.

        Channels whose service means something else by a status handle it first.
        """
        detail = self.clean(f"{response.status} {message or response.text}")
        status = response.status
        if status == 401:
            return CredentialsInvalid("credentials", detail)
        if status == 429:
            return Unreachable("rate_limited", detail, wait=parse_wait(response.headers))
        if status >= 500 or status == 408 or 300 <= status < 400:
            return Unreachable("channel_down", detail, wait=parse_wait(response.headers))
        return Refused("refused", detail)


def _unchanged(request: PreparedRequest) -> PreparedRequest:
    """Without this a .netrc of the machine would replace our credentials."""
    return request
