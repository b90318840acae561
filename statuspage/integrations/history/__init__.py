"""Reads published histories, ours and others', as incidents. Their content is never trusted."""

from statuspage.integrations.history import archive, own_archive, statuspage_import
from statuspage.integrations.history.archive import Month
from statuspage.integrations.history.fetch import FileMissing, Source, UnreadablePage
from statuspage.integrations.history.published_page import PublishedPage, read_page

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
