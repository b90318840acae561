"""A small company as ``serve`` opens it: with its databases, its checked content, and a place for its secrets."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from statuspage.settings import read_settings
from statuspage.usecases.bootstrap import live_environment
from statuspage.usecases.environment.model import Environment
from tests.support.content import without_long_check
from tests.support.desk import NOW
from tests.support.settings import SERVICES
from tests.support.trial_company import write_company

ADDRESS = "https://status.example.com"


def environment_at(home: Path, **environ: str) -> Environment:
    return live_environment(
        read_settings({f"STATUSPAGE_{name}": value for name, value in environ.items()}, home=str(home)), now=NOW
    )


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company whose content counts as checked."""
    home = tmp_path_factory.mktemp("checked")
    write_company(home / "content", "general", ["en", "ja"], services=SERVICES)
    with without_long_check():
        env = environment_at(home, ADDRESS=ADDRESS)
    for database in (env.databases.environment, env.databases.accounts, env.databases.subscribers):
        assert database is not None
        database.close()
    return home


@pytest.fixture
def home(tmp_path: Path, checked: Path) -> Path:
    shutil.copytree(checked, tmp_path / "home")
    return tmp_path / "home"


@pytest.fixture
def env(home: Path) -> Iterator[Environment]:
    with ExitStack() as closing:
        env = environment_at(home, ADDRESS=ADDRESS)
        for database in (env.databases.environment, env.databases.accounts, env.databases.subscribers):
            assert database is not None
            closing.callback(database.close)
        assert env.secret_store is not None
        closing.callback(env.secret_store.close)
        yield env
