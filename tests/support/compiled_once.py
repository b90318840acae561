"""Makes dear things cheap for a whole run: what each test's own desk, databases and content would compile anew."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from statuspage.content import validation
from statuspage.content.loading import folder
from statuspage.domain import Catalog, ContentError
from statuspage.storage.engine import database
from statuspage.usecases import passwords

Check = Callable[..., tuple[ContentError, ...]]

FILES_KEPT = 1000
"""Files of content that stay parsed, by name and bytes: the shipped ones, and many that a test has changed."""

STATEMENTS_KEPT = 2000


@pytest.fixture(scope="session", autouse=True)
def compiled_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keeps parsed files of content, and compiled templates, routes and SQL statements. None of them is changed by
    those who use it.
    """
    with pytest.MonkeyPatch.context() as patch:
        cache = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": cache})
        patch.setattr(Rule, "_compile_builder", _kept_builders(Rule._compile_builder))
        patch.setattr(database, "_create_engine", _with_kept_statements(database._create_engine))
        patch.setattr(folder, "parse_toml", lru_cache(FILES_KEPT)(folder.parse_toml))
        patch.setattr(validation, "check_wording", _kept_checks(validation.check_wording))
        yield


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Hashes passwords as the program does, but with little memory: its own way takes a tenth of a second each time."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", hasher)
        patch.setattr(passwords, "_DUMMY_HASH", hasher.hash("nobody has this password"))
        yield


def _kept_builders(compile_builder: Callable[..., Any]) -> Callable[..., Any]:
    """The function that makes a URL gets its rule as an argument, so that the same rule of each desk can have it."""
    kept: dict[tuple[object, ...], Any] = {}

    def compile_once(rule: Rule, append_unknown: bool = True) -> Any:
        key = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in kept:
            kept[key] = compile_builder(rule, append_unknown)
        return kept[key]

    return compile_once


def _kept_checks(check_wording: Check) -> Check:
    """The long check of the same content finds the same: several companies of a test file are one."""
    kept: dict[bytes, tuple[ContentError, ...]] = {}

    def check_once(catalog: Catalog, *, now: datetime, **options: Any) -> tuple[ContentError, ...]:
        key = blake2b(pickle.dumps((catalog, now.date()))).digest()
        if key not in kept:
            kept[key] = check_wording(catalog, now=now, **options)
        return kept[key]

    return check_once


class _Statements:
    """Compiled statements of all databases of one kind. SQLAlchemy's keys begin with the database's own dialect."""

    def __init__(self) -> None:
        self._kept: LRUCache[Any, Any] = LRUCache(STATEMENTS_KEPT)

    def get(self, key: tuple[object, ...]) -> Any:
        return self._kept.get(key[1:])

    def __setitem__(self, key: tuple[object, ...], statement: object) -> None:
        self._kept[key[1:]] = statement


def _with_kept_statements(create_engine: Callable[[str], tuple[Any, Any]]) -> Callable[[str], tuple[Any, Any]]:
    kept: dict[str, _Statements] = {}

    def create(url: str) -> tuple[Any, Any]:
        engine, write_lock = create_engine(url)
        engine._compiled_cache = kept.setdefault(engine.dialect.name, _Statements())
        return engine, write_lock

    return create
