"""HTTP requests, and the meaning of unsuccessful responses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from json import JSONDecodeError, loads
from typing import Any

from requests import PreparedRequest, RequestException, Session

from statuspage.integrations.channels.base import CredentialsInvalid, DeliveryUnknown, Refused, Unreachable, Unsent
from statuspage.integrations.channels.http_limits import BoundedAdapter, no_response_error, parse_wait
from statuspage.integrations.channels.timeouts import DEFAULT_TIMEOUTS, Timeouts

DETAIL = 300
"""Maximum characters stored of the other side's own message."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """A complete response."""

    status: int
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the other side accepted the message."""
        return 200 <= self.status < 300

    def json_value(self, *path: str) -> Any:
        """The value at ``path`` in a JSON response; None if it is not JSON or has no such path."""
        try:
            value = loads(self.text)
        except (JSONDecodeError, RecursionError):
            return None
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        return value

    def require_text(self, *path: str) -> str:
        """The text at ``path``. Raises DeliveryUnknown if there is none, because it is then unknown whether the message
        was sent."""
        text = self.json_value(*path)
        if not isinstance(text, str) or not text:
            raise DeliveryUnknown("unexpected_response", f"{self.status}, and no {'.'.join(path)} in the answer")
        return text


class HttpClient:
    """One service over HTTP. ``secrets`` are removed from everything it returns."""

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
        """One request; redirects are not followed. Raises Unreachable if nothing was sent, DeliveryUnknown if no
        complete response came."""
        content: dict[str, Any] = {"json": json, "data": body, "params": query}
        try:
            response = self._session.request(
                method, self._api + path, headers={**self._headers, **(headers or {})}, allow_redirects=False, **content
            )
        except RequestException as error:
            raise no_response_error(error, self.clean) from None
        except UnicodeError:
            raise CredentialsInvalid("credentials", "a setting contains characters that no request can carry") from None
        return HttpResponse(response.status_code, response.content.decode("utf-8", "replace"), response.headers)

    def set_session_secrets(self, *secrets: str) -> None:
        """Replaces the secrets, issued by the other side, that are removed from texts from now on."""
        self._secrets = (*self._fixed_secrets, *secrets)

    def clean(self, text: str) -> str:
        """The other side's text on one line, without our secrets, shortened if it is long."""
        for secret in self._secrets:
            text = text.replace(secret, "…") if secret else text
        return " ".join(text.split())[:DETAIL]

    def error_for(self, response: HttpResponse, message: str = "") -> Unsent:
        """The error for an unsuccessful response, by its status alone (RFC 9110, 15). ``message`` is the other side's
        text.

        Channels whose service uses a status with another meaning handle it first.
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
    """Prevents a .netrc of the machine from replacing our credentials."""
    return request
