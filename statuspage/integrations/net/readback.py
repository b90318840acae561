"""Reads published pages over HTTP, as a customer would, and looks for a notice in them."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from html.parser import HTMLParser
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import requests

_MAX_BYTES = 2_000_000  # bytes; a page or feed of ours has about 30,000
_REQUEST_TIMEOUT = 5.0  # seconds for one request
_PAUSE = 0.3  # seconds between two attempts
_VOID = frozenset({"br", "wbr", "img", "hr", "meta", "link", "input"})


@dataclass(frozen=True, slots=True)
class ExpectedNotice:
    """A notice to be found at ``url``: an element on a page, or an entry of a feed, with the id ``element_id``, that
    contains ``text`` or ``expired_text``, the words approved for when a time in it has passed."""

    name: str
    url: str
    element_id: str
    text: str
    expired_text: str = ""


@dataclass(frozen=True, slots=True)
class ReadbackResult:
    """What was found, and what was not: name → URL read, and name → the reason in one sentence."""

    found: dict[str, str]
    missing: dict[str, str]

    @property
    def is_complete(self) -> bool:
        """Whether customers can read all of it."""
        return bool(self.found) and not self.missing


def read_back(expected: tuple[ExpectedNotice, ...], *, timeout: float) -> ReadbackResult:
    """Looks for each notice until all are found or ``timeout`` seconds have passed."""
    import requests  # Only here: a page without a public address is not read back.

    deadline = time.monotonic() + timeout
    found: dict[str, str] = {}
    missing: dict[str, str] = {}
    with requests.Session() as session:
        session.trust_env = False
        while True:
            for notice in (item for item in expected if item.name not in found):
                problem = _check_notice(session, notice, min(_REQUEST_TIMEOUT, max(0.1, deadline - time.monotonic())))
                if problem is None:
                    found[notice.name] = notice.url
                    missing.pop(notice.name, None)
                else:
                    missing[notice.name] = problem
            if not missing or time.monotonic() + _PAUSE >= deadline:
                return ReadbackResult(found, missing)
            time.sleep(_PAUSE)


def _check_notice(session: requests.Session, notice: ExpectedNotice, timeout: float) -> str | None:
    """None if the notice is there, else what is wrong in one sentence."""
    try:
        text = _fetch_text(session, notice.url, timeout)
    except OSError as error:  # also of a missing file of authorities, which requests raises as it is
        return f"The page cannot be reached ({type(error).__name__})."
    except ValueError as error:
        return str(error)
    shown = find_passage(text, notice.element_id)
    if shown is None:
        return "The notice is not there yet."
    accepted = [_bare_words(words) for words in (notice.text, notice.expired_text) if words]
    return (
        None if any(words in _bare_words(shown) for words in accepted) else "The notice is there, but with other words."
    )


def _fetch_text(session: requests.Session, address: str, timeout: float) -> str:
    headers = {"Cache-Control": "no-cache", "User-Agent": "statuspage-readback"}
    with session.get(address, timeout=timeout, stream=True, allow_redirects=False, headers=headers) as response:
        if response.status_code != HTTPStatus.OK:
            raise ValueError(f"The address answers with {response.status_code} instead of the page.")
        data = bytearray()
        for chunk in response.iter_content(65_536):
            data += chunk
            if len(data) > _MAX_BYTES:
                raise ValueError("What is at the address is far larger than our page.")
    return data.decode("utf-8", "replace")


def find_passage(text: str, element_id: str) -> str | None:
    """The text of the element or feed entry with this id; None if there is none."""
    finder = _PassageFinder(element_id)
    finder.feed(text)
    return finder.passage


class _PassageFinder(HTMLParser):
    """Collects the text of the element, item or entry with this id."""

    def __init__(self, element_id: str) -> None:
        super().__init__(convert_charrefs=True)
        self.element_id = element_id
        self.passage: str | None = None
        self._depth = 0
        self._entry: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("entry", "item"):
            self._entry = []
        if self._depth and tag not in _VOID:
            self._depth += 1
        elif not self._depth and dict(attrs).get("id") == self.element_id:
            self._depth, self.passage = 1, ""

    def handle_endtag(self, tag: str) -> None:
        if self._depth and tag not in _VOID:
            self._depth -= 1
        if tag in ("entry", "item") and self._entry is not None:
            if self.element_id in self._entry:
                self.passage = " ".join(self._entry)
            self._entry = None

    def handle_data(self, data: str) -> None:
        if self._depth:
            self.passage = (self.passage or "") + data
        if self._entry is not None:
            self._entry.append(data.strip())


def _bare_words(text: str) -> str:
    """The text without tags and whitespace, so that only the words are compared."""
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", text))
