"""A company whose content files can be changed: a copy of the demo, or of a new company, with its accounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from statuspage.content.loading.loader import read_content
from statuspage.storage.engine.database import Database
from statuspage.usecases.accounts import Role
from statuspage.usecases.content import ContentFolders
from statuspage.usecases.environment.model import ContentSource, Environment
from statuspage.usecases.settings import ContentStore
from tests.support.database import made
from tests.support.desk import Browser, Clock, as_role, desk_of, environment_in
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


@pytest.fixture
def env(tmp_path: Path) -> Iterator[Environment]:
    """That environment, closed after the test."""
    env = company_environment(tmp_path)
    yield env
    env.databases.environment.close()
    env.databases.accounts.close()


@pytest.fixture
def lead(env: Environment, clock: Clock) -> Browser:
    """A lead at its desk."""
    return as_role(env, clock, Role.LEAD, desk_of(env, clock))


def content_file(env: Environment, name: str) -> Path:
    """A file of the company's content."""
    assert env.content_source.folder is not None
    return env.content_source.folder / name
