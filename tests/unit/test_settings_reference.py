"""docs/guides/operate.md lists every setting that the program reads, and no others."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest

from tests.support.paths import ROOT

NAME = re.compile(r"STATUSPAGE_[A-Z0-9_]*[A-Z0-9]")

OF_CONTENT = re.compile(r"STATUSPAGE_(X_JA|X|BUCKET|PAGES|ON_CALL_CHAT|ROSTER_SUPPORT|INTAKE_GRAFANA)_[A-Z_]+")
"""Examples of names derived from the channels, hosts and monitors in the content."""

NOT_SET_BY_HAND = {"STATUSPAGE_ENVIRONMENT"}
"""By which the program tells its own process which environment it is."""


def read_by_the_program() -> set[str]:
    """Every complete name that is a string in the code; ``…_FILE`` is another way to set the same."""
    return {name.removesuffix("_FILE") for name in _texts() if NAME.fullmatch(name)} - NOT_SET_BY_HAND


def _texts() -> Iterator[str]:
    for path in (ROOT / "statuspage").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield node.value


def listed() -> set[str]:
    """The names in the first column of the table."""
    guide = (ROOT / "docs" / "guides" / "operate.md").read_text("utf-8")
    table = guide.split("## Settings\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `STATUSPAGE_")]
    assert rows
    return {name for row in rows for name in NAME.findall(row)}


@pytest.mark.slow
def test_every_setting_is_listed_and_no_other() -> None:
    by_name = {name for name in listed() if not OF_CONTENT.fullmatch(name)}
    # The secret for all monitors is found by a pattern, together with each monitor's own.
    assert by_name == read_by_the_program() | {"STATUSPAGE_INTAKE_SECRET"}


def test_nobody_is_told_to_copy_a_database_by_hand() -> None:
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        assert ".backup copy" not in path.read_text("utf-8"), path.name
