"""What the tests in a real browser share."""

from tests.support.browser import axe, browser, nu

__all__ = ["axe", "browser", "nu"]
