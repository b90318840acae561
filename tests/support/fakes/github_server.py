"""A server on loopback that behaves like GitHub's REST API for issues
(https://docs.github.com/en/rest/issues/issues)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from tests.support.fakes.service import ReceivedMessage, Reply, Request, Service, running

TOKEN = "github_pat_11ABCDEFG0_loopback"
REPOSITORY = "acme/operations"

_ISSUES = re.compile(r"/repos/([\w.-]+/[\w.-]+)/issues(?:/(\d+))?")


class Server(Service):
    """One repository. Faults meet the creation of issues; ``503`` before, ``drop`` after it was made."""

    def __init__(self, port: int = 0) -> None:
        super().__init__(port)
        self.tokens = {TOKEN}
        self.issues: list[dict[str, Any]] = []
        self.clock: Callable[[], datetime] = lambda: datetime.now(UTC)

    def is_message(self, request: Request) -> bool:
        """``POST /repos/OWNER/NAME/issues``."""
        return request.method == "POST"

    def refusal(self, status: int, headers: Mapping[str, str]) -> Reply:
        """GitHub gives the reason in ``message``."""
        texts = {401: "Bad credentials", 403: "Resource not accessible by personal access token", 404: "Not Found"}
        texts |= {410: "Issues has been disabled in this repository.", 422: "Validation Failed"}
        body = {"message": texts.get(status, "Server Error"), "documentation_url": "https://docs.github.com/rest"}
        return Reply(status, body, headers)

    def own(self) -> Mapping[str, Callable[[], Reply]]:
        """The primary limit, and the secondary one with and without a time."""
        used_up = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(time.time()) + 90)}
        secondary = {"message": "You have exceeded a secondary rate limit. Please wait a few minutes."}
        return {
            "403-limit": lambda: Reply(403, {"message": "API rate limit exceeded for user ID 1."}, used_up),
            "403-secondary": lambda: Reply(403, secondary, {"Retry-After": "45"}),
            "403-silent": lambda: Reply(403, secondary),
        }

    def answer(self, request: Request) -> Reply:
        """Creates, lists and shows issues."""
        if request.bearer not in self.tokens:
            raise self.refusal(401, {})
        match = _ISSUES.fullmatch(request.path)
        if match is None or match[1] != REPOSITORY:
            raise self.refusal(404, {})
        if request.method == "POST":
            return self._create(request)
        return self._show(int(match[2])) if match[2] else self._list(request.query)

    def close(self, number: int, *, state: str = "closed") -> None:
        """Somebody closes an issue, or opens it again."""
        self.issues[number - 1] |= {"state": state, "updated_at": self._stamp()}

    def delete(self, number: int) -> None:
        """Somebody deletes an issue."""
        self.issues[number - 1]["number"] = 0

    def add(self, title: str, body: str = "", **more: Any) -> dict[str, Any]:
        """An issue that somebody else made."""
        number, stamp = len(self.issues) + 1, self._stamp()
        page = f"https://github.example/{REPOSITORY}/issues/{number}"
        issue = {"number": number, "title": title, "body": body, "state": "open", "html_url": page, "labels": []}
        self.issues.append({**issue, "created_at": stamp, "updated_at": stamp, **more})
        return self.issues[-1]

    def _create(self, request: Request) -> Reply:
        fields = request.json
        if not fields.get("title"):
            raise self.refusal(422, {})
        labels = [{"name": name} for name in fields.get("labels", [])]
        issue = self.add(fields["title"], fields.get("body", ""), labels=labels)
        self.received.append(ReceivedMessage(str(issue["number"]), REPOSITORY, fields["title"], body=fields))
        return Reply(201, issue)

    def _show(self, number: int) -> Reply:
        found = next((issue for issue in self.issues if issue["number"] == number), None)
        if found is None:
            raise self.refusal(410, {})
        return Reply(200, found)

    def _list(self, query: Mapping[str, str]) -> Reply:
        size, page = min(int(query.get("per_page", "30")), 100), int(query.get("page", "1"))
        changed = [issue for issue in self.issues if issue["updated_at"] >= query.get("since", "")]
        return Reply(200, changed[(page - 1) * size : page * size])

    def _stamp(self) -> str:
        return self.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@contextmanager
def github_server() -> Iterator[Server]:
    """The running server."""
    with running(Server()) as server:
        yield server
