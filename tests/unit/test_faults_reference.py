"""docs/faults.md names tests that exist."""

from __future__ import annotations

import ast
import re

from tests.support.paths import ROOT

NAMED = re.compile(r"`(test_\w+\.py)(?:::(test_\w+)(…?))?`")
"""A file of tests, and one of its tests by its name or the beginning of it."""


def test_every_fault_is_made_by_a_test_that_exists() -> None:
    page = (ROOT / "docs" / "faults.md").read_text("utf-8")
    named = NAMED.findall(page)
    assert named
    assert [f"{file}::{name}" for file, name, begins in named if not is_there(file, name, bool(begins))] == []


def is_there(file: str, name: str, begins: bool) -> bool:
    path = ROOT / "tests" / file
    if not path.exists():
        return False
    tree = ast.parse(path.read_text("utf-8"))
    found = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    return any(one.startswith(name) for one in found) if begins or not name else name in found
