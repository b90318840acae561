"""Tests that the documents name."""

from __future__ import annotations

import ast
import re
from functools import cache

from tests.support.paths import ROOT

NAMED = re.compile(r"`(?:tests/)?([a-z0-9_]+/[a-z0-9_/]*test_\w+)(?:\.py)?(?:::(test_\w+)(…?))?`")
"""A test file below ``tests/``, and one of its tests by its name or the beginning of it."""


def named_tests(page: str) -> tuple[tuple[str, str, str], ...]:
    """File, test and, where only the beginning is named, ``…``: of each test that this page of ``docs/`` names."""
    return tuple(NAMED.findall((ROOT / "docs" / page).read_text("utf-8")))


def missing_tests(page: str) -> list[str]:
    """The tests that this page of ``docs/`` names and that do not exist."""
    return [f"{file}::{test}" for file, test, begins in named_tests(page) if not _exists(file, test, bool(begins))]


def _exists(file: str, test: str, begins: bool) -> bool:
    names = _functions(file)
    return any(name.startswith(test) for name in names) if begins or not test else test in names


@cache
def _functions(file: str) -> frozenset[str]:
    path = ROOT / "tests" / f"{file}.py"
    if not path.exists():
        return frozenset()
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
