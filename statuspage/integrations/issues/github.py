"""Issues at GitHub, by its REST API (https://docs.github.com/en/rest/issues/issues, version 2022-11-28)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from statuspage.integrations.channels import (
    CredentialsInvalid,
    DeliveryUnknown,
    Refused,
    Timeouts,
    Unreachable,
    Unsent,
    Wait,
    http_client,
    http_limits,
)

API = "https://api.github.com"

PAGE_SIZES = (10, 1)
"""Issues in one response; if ten are larger than any response we read, one by one."""

MAX_PAGES = 300
"""How many pages are looked through at most."""

CLOCK_DIFFERENCE = timedelta(hours=1)
"""How far our clock may be ahead of GitHub's when an issue is looked for."""

LIMITED_FOR = Wait(seconds=60)
"""How long a rate limit without a time is waited for, as GitHub asks for
(https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api#exceeding-the-rate-limit)."""

MAX_TITLE = 256
"""Maximum characters of a title."""

_HEADERS = {
    "Accept": "application/vnd.github+json",
    "X-GitHub-Api-Version": "2022-11-28",
    "User-Agent": "statuspage",
}


@dataclass(frozen=True, slots=True)
class TrackerIssue:
    """An issue as the tracker has it."""

    number: int
    url: str
    is_open: bool


class GitHubIssues:
    """The issues of repositories (OWNER/NAME) that this token may use. Methods raise only the errors of channels."""

    def __init__(self, token: str, api: str = "", timeouts: Timeouts | None = None) -> None:
        self._http = http_client.HttpClient(
            api or API,
            secrets=(token,),
            headers={**_HEADERS, "Authorization": f"Bearer {token}"},
            timeouts=timeouts or Timeouts(),
        )

    def create(self, repository: str, title: str, body: str, labels: tuple[str, ...] = ()) -> TrackerIssue:
        """Makes an issue. After DeliveryUnknown or Unreachable it may be there: look for it before trying again."""
        fields: dict[str, Any] = {"title": title[:MAX_TITLE], "body": body}
        if labels:
            fields["labels"] = list(labels)
        response = self._http.request("POST", _path(repository), json=fields)
        if not response.ok:
            raise self._error(response)
        return _issue(response.json_value())

    def find(self, repository: str, marker: str, *, since: datetime) -> TrackerIssue | None:
        """The oldest issue whose text contains this marker, among those made since then."""
        for fields in self._listed(repository, since - CLOCK_DIFFERENCE):
            if marker in str(fields.get("body") or "") and "pull_request" not in fields:
                return _issue(fields)
        return None

    def look_up(self, repository: str, number: int) -> TrackerIssue | None:
        """The issue of this number; None if it was deleted or moved elsewhere."""
        response = self._http.request("GET", f"{_path(repository)}/{number}")
        if response.status in (301, 404, 410):
            return None
        if not response.ok:
            raise self._error(response)
        return _issue(response.json_value())

    def _listed(self, repository: str, since: datetime) -> Iterator[Mapping[str, Any]]:
        """Issues changed since then, in the order in which they were made: new ones come last, so that no page skips
        any."""
        for number in range(1, MAX_PAGES + 1):
            found = self._page(repository, since, number)
            yield from found
            if len(found) < PAGE_SIZES[0]:
                return
        raise Unreachable("channel_down", "too many issues to look through")

    def _page(self, repository: str, since: datetime, number: int) -> list[Mapping[str, Any]]:
        whole, single = PAGE_SIZES
        try:
            return self._part(repository, since, whole, number)
        except DeliveryUnknown:
            first = (number - 1) * whole
            parts = (self._part(repository, since, single, first + place) for place in range(1, whole + 1))
            return [fields for part in parts for fields in part]

    def _part(self, repository: str, since: datetime, size: int, number: int) -> list[Mapping[str, Any]]:
        stamp = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        query = {"state": "all", "sort": "created", "direction": "asc", "since": stamp}
        response = self._http.request(
            "GET", _path(repository), query={**query, "per_page": str(size), "page": str(number)}
        )
        if not response.ok:
            raise self._error(response)
        found = response.json_value()
        if not isinstance(found, list):
            raise DeliveryUnknown("unexpected_response", "no list of issues in the answer")
        return [fields for fields in found if isinstance(fields, dict)]

    def _error(self, response: http_client.HttpResponse) -> Unsent:
        """GitHub answers 403 or 429 to a rate limit, and 404 to a token without access."""
        message = response.json_value("message")
        text = message if isinstance(message, str) else ""
        if response.status in (403, 429) and _is_rate_limit(response, text):
            wait = http_limits.parse_wait(response.headers)
            return Unreachable("rate_limited", self._http.clean(text), wait=LIMITED_FOR if wait == Wait() else wait)
        if response.status == 403:
            return CredentialsInvalid("credentials", self._http.clean(f"403 {text}"))
        if response.status in (301, 307, 308, 404):
            return Refused("no_destination", self._http.clean(f"{response.status} {text}"))
        return self._http.error_for(response, text)


def _path(repository: str) -> str:
    return f"/repos/{repository}/issues"


def is_safe_api(api: str) -> bool:
    """Whether the token may be sent to this address: only encrypted, or to this machine."""
    parts = urlsplit(api)
    is_here = parts.hostname in ("127.0.0.1", "::1", "localhost")
    return bool(parts.hostname) and (parts.scheme == "https" or (parts.scheme == "http" and is_here))


def _is_rate_limit(response: http_client.HttpResponse, message: str) -> bool:
    by_name = {name.lower(): value for name, value in response.headers.items()}
    return (
        response.status == 429
        or "retry-after" in by_name
        or by_name.get("x-ratelimit-remaining") == "0"
        or "rate limit" in message.lower()
    )


def _issue(fields: Any) -> TrackerIssue:
    """The issue of a response. Raises DeliveryUnknown if it is none."""
    values = fields if isinstance(fields, dict) else {}
    number, url, state = values.get("number"), values.get("html_url"), values.get("state")
    if not isinstance(number, int) or not isinstance(url, str) or not url.startswith("http"):
        raise DeliveryUnknown("unexpected_response", "no issue in the answer")
    return TrackerIssue(number, url, state != "closed")
