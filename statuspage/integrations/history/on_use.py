"""What the front of the histories imports when it is first asked for: the readers of published pages."""

from statuspage.integrations.history import own_archive, statuspage_import
from statuspage.integrations.history.fetch import FileMissing, Source, UnreadablePage
from statuspage.integrations.history.published_page import PublishedPage, read_page

__all__ = [
    "FileMissing",
    "PublishedPage",
    "Source",
    "UnreadablePage",
    "own_archive",
    "read_page",
    "statuspage_import",
]
