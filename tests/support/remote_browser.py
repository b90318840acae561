"""A browser without scripts at a desk that is served by another process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.support.desk import Browser


@dataclass
class RemotePage:
    """An answer, as the browser of the tests reads it."""

    answer: requests.Response

    @property
    def status_code(self) -> int:
        """Its status."""
        return self.answer.status_code

    @property
    def request(self) -> Any:
        """Where it came from, after redirects."""
        return SimpleNamespace(path=urlsplit(self.answer.url).path)

    def get_data(self, *, as_text: bool = True) -> str:
        """Its text."""
        self.answer.encoding = "utf-8"
        return self.answer.text


@dataclass
class RemoteClient:
    """Sends requests to the desk at ``address`` and keeps its cookies."""

    address: str
    session: requests.Session = field(default_factory=requests.Session)

    def get(self, path: str, **_: Any) -> RemotePage:
        """Opens a path."""
        return RemotePage(self.session.get(self._url(path), timeout=60))

    def post(self, path: str, data: Mapping[str, object] | None = None, **_: Any) -> RemotePage:
        """Submits a form."""
        return RemotePage(self.session.post(self._url(path), data=data, timeout=60))

    def _url(self, path: str) -> str:
        return path if path.startswith("http") else f"{self.address}{path}"


def remote_browser(address: str) -> Browser:
    """A browser at the desk with this address."""
    return Browser(SimpleNamespace(test_client=lambda: RemoteClient(address)))
