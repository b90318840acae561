"""The desk's markup in the W3C's validator."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from statuspage.usecases.environment.model import Environment
from tests.support.desk import Clock, alert_arrives, clock, env, signed_in
from tests.support.desk_pages import FIRST

__all__ = ["clock", "env"]

pytestmark = pytest.mark.usefixtures("database")


def test_every_page_is_valid_html(
    env: Environment, clock: Clock, tmp_path: Path, nu: Callable[[list[Path]], list[str]]
):
    browser = signed_in(env, clock)
    alert_arrives(browser)
    pages = [browser.open("/").text, browser.open("/incidents/new").text, browser.send({**FIRST, "start": None}).text]
    browser.open("/incidents/new").send({"do": "discard"}).send(FIRST)
    incident_url = browser.path.rpartition("/notices/")[0]
    pages += [browser.text, browser.open(incident_url).text, browser.open(f"{incident_url}/notices/new/resolved").text]
    pages += [
        browser.open(f"{incident_url}/notices/new/update").send({"do": "preview"}).text,
        browser.open("/nothing").text,
    ]
    names = [tmp_path / f"{n}.html" for n in range(len(pages))]
    for name, page in zip(names, pages, strict=True):
        name.write_text(page, "utf-8")
    assert nu(names) == []
