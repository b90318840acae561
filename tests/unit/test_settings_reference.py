"""docs/reference/settings.md lists every setting that the program reads, and no others."""

from __future__ import annotations

import pytest

from tests.support.paths import ROOT
from tools import settings_reference


@pytest.mark.slow
def test_every_setting_is_explained_and_no_other() -> None:
    assert settings_reference.explained() == settings_reference.read_by_the_program()


def test_the_page_is_the_one_that_is_made() -> None:
    made = settings_reference.page()
    assert settings_reference.FILE.read_text("utf-8") == made, "python -m tools.settings_reference"


def test_nobody_is_told_to_copy_a_database_by_hand() -> None:
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        assert ".backup copy" not in path.read_text("utf-8"), path.name
