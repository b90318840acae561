"""Fixtures shared by the browser tests."""

from tests.support.browser import axe, browser, nu

__all__ = ["axe", "browser", "nu"]
