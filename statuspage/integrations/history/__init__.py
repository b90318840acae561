"""Reads published histories, ours and others', as incidents. Their content is never trusted."""

from typing import TYPE_CHECKING

from statuspage.integrations.history import archive
from statuspage.integrations.history.archive import Month

if TYPE_CHECKING:
    from statuspage.integrations.history.on_use import *
else:

    def __getattr__(name: str) -> object:
        if name not in __all__:
            raise AttributeError(name)
        from statuspage.integrations.history import on_use

        return getattr(on_use, name)


__all__ = [
    "FileMissing",
    "Month",
    "PublishedPage",
    "Source",
    "UnreadablePage",
    "archive",
    "own_archive",
    "read_page",
    "statuspage_import",
]
