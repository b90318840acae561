"""What is raised when a monitor's message cannot be used."""

from __future__ import annotations


class Unreadable(Exception):
    """The monitor's message is not what it should be. ``reason`` says so in one plain sentence."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)
