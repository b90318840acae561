"""The page of components in the drill desk: each part in every state, in both directions, at two widths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser import sideways
from tests.support.served_desk import Served, drill, on_the_desk

__all__ = ["drill"]

CUT = """() => [...document.querySelectorAll(".shown *")]
  .filter((e) => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).overflowX === "hidden")
  .filter((e) => !e.closest(".cut, .vh, .mini .hd") && e.checkVisibility())
  .map((e) => e.outerHTML.slice(0, 100))"""
"""What is cut although it is not meant to end in an ellipsis."""

BROKEN = """() => {
  const range = document.createRange();
  const broken = [];
  for (const e of document.querySelectorAll(".shown :is(.btn, .time, .mode, .big .v, .promise b, kbd)")) {
    if (!e.checkVisibility() || e.matches(":has(div)")) continue;
    range.selectNodeContents(e);
    const lines = new Set([...range.getClientRects()].filter((r) => r.width > 1).map((r) => Math.round(r.top / 12)));
    if (lines.size > 2) broken.push(e.outerHTML.slice(0, 100));
  }
  return broken;
}"""
"""Buttons, times and figures that take more than one line."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_component_is_cut_broken_or_unnamed(
    browser: Browser, drill: Served, axe: Callable[[Page], list[str]], language: str, scheme: Any
):
    with on_the_desk(browser, drill, language=language, color_scheme=scheme, bypass_csp=True) as page:
        page.goto(f"{drill.desk}/components")
        assert axe(page) == []
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 900})
            assert sideways(page) == 0
            assert page.evaluate(CUT) == []
            assert page.evaluate(BROKEN) == []


def test_only_the_drill_desk_has_the_page(browser: Browser, drill: Served):
    with on_the_desk(browser, drill) as page:
        page.goto(f"{drill.desk}/settings")
        assert page.locator("main a[href='/components']").count() == 1
