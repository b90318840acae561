"""Pressing *Publish* parses the input once and composes the notice once, because the preview has already done it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from statuspage.usecases import notices
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.notices import notice_problems, notice_texts, publication, scheduled
from tests.support.desk import Clock, clock, env, signed_in
from tests.support.instance import Cli, cli, home

__all__ = ["cli", "clock", "env", "home"]

FIRST = {"incident_type": "booking", "start": "5m", "estimate_from": "12:30", "estimate_to": "13:30"}
AT_THE_PRESS = {"parse_notice": 2, "compose": 1}
"""The second time parses what a colleague may have published since the preview, which would be asked about."""


def counting(counts: Counter[str], name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def counted(*args: Any, **named: Any) -> Any:
        counts[name] += 1
        return function(*args, **named)

    return counted


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Counts how often a notice is parsed and composed, by any caller."""
    counts: Counter[str] = Counter()
    places: list[tuple[ModuleType, str]] = [(notice_problems, "parse_notice"), (publication, "parse_notice")]
    places += [(notice_texts, "compose"), (scheduled, "compose")]
    for module, name in places:
        if hasattr(module, name):
            monkeypatch.setattr(module, name, counting(counts, name, getattr(module, name)))
    return counts


def test_a_press_on_the_desk_composes_once(env: Environment, clock: Clock, counts: Counter[str]):
    browser = signed_in(env, clock).open("/incidents/new").send({**FIRST, "do": "preview"})
    counts.clear()
    clock.later(minutes=1)
    browser.send({"do": "publish"})
    assert browser.path.startswith("/incidents/") and "/notices/" in browser.path
    assert counts == AT_THE_PRESS


def test_a_press_without_a_preview_makes_one_first(env: Environment, clock: Clock, counts: Counter[str]):
    browser = signed_in(env, clock).open("/incidents/new")
    counts.clear()
    browser.send({**FIRST, "do": "publish", "token": ""})
    assert "/notices/" in browser.path
    assert counts["compose"] == 2


def test_a_promise_that_has_passed_is_found_without_parsing(env: Environment, clock: Clock, counts: Counter[str]):
    browser = signed_in(env, clock).open("/incidents/new")
    browser.send({**FIRST, "next_update_at": "12:05", "do": "preview"})
    clock.later(minutes=4)
    browser.send({"do": "publish"})
    assert browser.page.status_code == 422
    (problem,) = browser.tree.xpath("//*[@id='f-next_update']//p[@class='wrong']")
    assert "すでに過ぎています" in problem.text_content()


def test_a_promise_counted_from_the_press_is_shown_again_once_it_has_passed(env: Environment, clock: Clock):
    browser = signed_in(env, clock).open("/incidents/new")
    browser.send({"incident_type": "booking", "start": "5m", "next_update_at": "5m", "do": "preview"})
    clock.now = clock() + timedelta(minutes=6)
    browser.send({"do": "publish"})
    assert browser.page.status_code == 409


def test_the_yes_on_the_command_line_parses_and_composes_once(
    cli: Cli, home: Path, counts: Counter[str], monkeypatch: pytest.MonkeyPatch
):
    def press(*args: Any, **named: Any) -> Any:
        counts.clear()
        outcome = publish(*args, **named)
        pressed.update(counts)
        return outcome

    publish, pressed = notices.publish_notice, Counter[str]()
    monkeypatch.setattr(notices, "publish_notice", press)
    assert cli("report", "--incident-type", "booking", "--start", "about:5m", "--estimate", "30m", "--yes").code == 0
    assert pressed == {"parse_notice": 1, "compose": 1}
