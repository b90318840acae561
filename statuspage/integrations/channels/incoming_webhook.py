"""Incoming webhooks: whoever knows the secret address can post to it, and nothing can be read back."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from statuspage.integrations.channels.base import CredentialsInvalid
from statuspage.integrations.channels.http_client import HttpClient, HttpResponse
from statuspage.integrations.channels.timeouts import DEFAULT_TIMEOUTS, Timeouts


class IncomingWebhook:
    """One webhook address. The address and each long part of its path are secrets."""

    def __init__(self, address: str, *, secrets: tuple[str, ...] = (), timeouts: Timeouts = DEFAULT_TIMEOUTS) -> None:
        self._address = address.strip()
        parts = _split_address(self._address)
        secret_parts = (
            part for part in (*parts.path.split("/"), *parts.query.split("&")) if len(part) >= _MIN_SECRET_LENGTH
        )
        self._http = HttpClient("", secrets=(self._address, *secrets, *secret_parts), timeouts=timeouts)
        self.error_for = self._http.error_for
        self.clean = self._http.clean

    def request(
        self,
        method: str,
        subpath: str = "",
        *,
        json: object = None,
        body: bytes | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        """One request to the address or a path below it; see ``HttpClient.request``."""
        parts = _split_address(self._address)
        if parts.scheme not in ("https", "http") or not parts.hostname:
            raise CredentialsInvalid("credentials", "the address should begin with https://")
        url = parts._replace(path=f"{parts.path.rstrip('/')}{subpath}").geturl() if subpath else self._address
        return self._http.request(method, url, json=json, body=body, query=query, headers=headers)


def _split_address(address: str) -> SplitResult:
    """The parts of the address; all empty if it is invalid."""
    try:
        return urlsplit(address)
    except ValueError:
        return SplitResult("", "", "", "", "")


_MIN_SECRET_LENGTH = 12
"""A part of an address with at least this many characters counts as a secret."""
