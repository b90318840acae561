"""Begins with the files that take minutes. Workers take whole files, by default those of few tests last; a long file
that is begun last keeps one worker busy while the others have nothing to do."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.paths import ROOT

LONGEST = (
    "system/test_sealed_drill.py",
    "integration/usecases/test_drill_marks.py",
    "system/test_both_environments.py",
    "system/test_soak.py",
    "system/test_attacks.py",
    "system/test_operating_guide.py",
    "system/test_action_issues_killed.py",
)
"""The first mostly waits, the next two mostly calculate."""


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files, then those of the most tests."""
    ranks = {ROOT / "tests" / name: rank for rank, name in enumerate(LONGEST)}
    sizes = Counter(item.path for item in items)
    items.sort(key=lambda item: (ranks.get(item.path, len(ranks)), -sizes[item.path], item.path))
