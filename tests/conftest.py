"""Fixtures shared by all tests: the shipped content, the databases, and markers by folder."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import structlog

from statuspage import process_log
from statuspage.cli.messages import Messages
from statuspage.domain.catalog import Catalog
from statuspage.web.desk.translations import Translator
from tests.support.compiled_once import compiled_once, quick_passwords
from tests.support.content import demo_catalog
from tests.support.database import closed_after, database, on_postgresql, postgresql
from tests.support.file_server import static_server
from tests.support.instance import made_instance

__all__ = [
    "closed_after",
    "compiled_once",
    "database",
    "made_instance",
    "on_postgresql",
    "postgresql",
    "quick_passwords",
    "static_server",
]


NEVER_RERUN = re.compile("kill|soak|attacks|isolation|sealed|both_environments")
"""Files whose tests count on their first failure."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks each test by its folder, unless it has a marker of its own; one that needs PostgreSQL is ``system``. What
    fails in a browser or beside real programs is run once more, and the end of the run shows why: a race to repair.
    Kills, attacks and the isolation of drills are not: what was lost or leaked once is lost or leaked."""
    root = Path(__file__).parent
    for item in items:
        folder = item.path.relative_to(root).parts[0]
        if folder in ("e2e", "system") and not NEVER_RERUN.search(item.path.name):
            item.add_marker(pytest.mark.flaky(reruns=1))
        if not item.get_closest_marker("system"):
            item.add_marker("system" if _needs_server(item) else folder)


def _needs_server(item: pytest.Item) -> bool:
    parameters = item.callspec.params.values() if hasattr(item, "callspec") else ()
    return "postgresql" in parameters or "postgresql" in getattr(item, "fixturenames", ())


@pytest.fixture(scope="session")
def catalog() -> Catalog:
    """The shipped content of the sample company, which must have no errors."""
    return demo_catalog()


@pytest.fixture(scope="session", autouse=True)
def plain_tracebacks() -> Mapping[str, Any]:
    """The log of each test's beginning: without values in tracebacks, because printing them takes seconds."""
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*structlog.get_config()["processors"][:-1], plain])
    return structlog.get_config()


@pytest.fixture(autouse=True)
def log_as_at_the_beginning(plain_tracebacks: Mapping[str, Any]) -> Iterator[None]:
    """Undoes what a command that ran in this process said about the log."""
    structlog.configure(**plain_tracebacks)
    process_log.keep(structlog.get_logger)
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(autouse=True)
def no_label_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes a test fail if a page lacks a label. The program would show its key instead."""
    for texts, labels_of in ((Translator, lambda self: self.pack.labels), (Messages, lambda self: self.labels)):
        monkeypatch.setattr(texts, "label", _strict(texts.label, labels_of))


def _strict(label: Callable[..., str], labels_of: Callable[[Any], Mapping[str, str]]) -> Callable[..., str]:
    def strict_label(self: Any, key: str, **slots: object) -> str:
        assert key in labels_of(self), f"there is no label {key}"
        return label(self, key, **slots)

    return strict_label
