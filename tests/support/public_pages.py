"""Shared by the tests of public_pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.support.desk import clock as clock


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=True, viewport={"width": 320, "height": 800})
    yield context.new_page()
    context.close()
