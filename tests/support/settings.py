"""A company whose content files can be changed: a copy of the demo, or of a new company, with its accounts."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from statuspage.content.loading.loader import read_content
from statuspage.storage.engine.database import Database
from statuspage.usecases.content import ContentFolders
from statuspage.usecases.environment.model import ContentSource, Environment
from statuspage.usecases.settings import ContentStore
from tests.support.database import made
from tests.support.desk import environment_in
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
    accounts: Database = made(home / "shared" / "accounts.db", "accounts")
    return ContentStore(ContentFolders.of_live(home, content), accounts)


def company_environment(home: Path) -> Environment:
    """The live environment of that company, whose content folder the desk may change."""
    store = store_in(home)
    catalog, errors = read_content(store.folders.current)
    assert catalog is not None, errors
    env = environment_in(home, catalog)
    return replace(env, content_source=ContentSource(store.folders.current))
