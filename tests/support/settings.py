"""A company whose content files can be changed: a copy of the demo, or of a new company, with its accounts."""

from __future__ import annotations

from pathlib import Path

from statuspage.storage.engine.database import Database
from statuspage.usecases.content import ContentFolders
from statuspage.usecases.settings import ContentStore
from tests.support.database import made
from tests.support.trial_company import write_company

SERVICES = """\
# Ours, in the order of the page.

[[service]]
id = "api"
name = "Payments API"   # as on the price list

# For partners only.
[[service]]
id = "web"
name = "Website"
"""


def store_in(home: Path) -> ContentStore:
    """A small company in English with two services."""
    content = write_company(home / "content", "general", ["en"], services=SERVICES)
    accounts: Database = made(home / "accounts.db", "accounts")
    return ContentStore(ContentFolders.of_live(home, content), accounts)
