"""docs/faults.md names tests that exist."""

from __future__ import annotations

from tests.support.documents import missing_tests, named_tests


def test_every_fault_is_made_by_a_test_that_exists() -> None:
    assert named_tests("faults.md")
    assert missing_tests("faults.md") == []
