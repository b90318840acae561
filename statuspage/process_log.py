"""What this process logs: events with their fields. Nothing is imported for a process that keeps no log."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_open: Callable[[str], Any] | None = None
"""Opens the log of a module by its name; None while this process keeps no log."""


def keep(open_log: Callable[[str], Any] | None) -> None:
    """Sends the events from now on to what this opens; None drops them."""
    global _open
    _open = open_log


def is_kept() -> bool:
    """Whether this process keeps a log."""
    return _open is not None


class Log:
    """The log of one module."""

    def __init__(self, name: str) -> None:
        self._name = name

    def info(self, event: str, **fields: object) -> None:
        """Something happened that an operator may look for."""
        if _open is not None:
            _open(self._name).info(event, **fields)

    def warning(self, event: str, **fields: object) -> None:
        """Something is wrong that may pass by itself."""
        if _open is not None:
            _open(self._name).warning(event, **fields)

    def error(self, event: str, **fields: object) -> None:
        """Something failed."""
        if _open is not None:
            _open(self._name).error(event, **fields)

    def exception(self, event: str, **fields: object) -> None:
        """Something failed, with the traceback of the error that is being handled."""
        if _open is not None:
            _open(self._name).exception(event, **fields)
