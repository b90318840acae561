"""The page on data protection names the periods that the program has."""

from __future__ import annotations

import re
from dataclasses import asdict

from statuspage.domain import Retention
from statuspage.storage.content_changes import CHANGES_KEPT
from tests.support.paths import ROOT

PAGE = (ROOT / "docs" / "reference" / "data-protection.md").read_text("utf-8")


def test_the_table_of_periods_has_every_kind_of_record_with_its_default():
    rows = re.findall(r"^\| `([a-z_]+)` \| [^|]+ \| (\d+) \|$", PAGE, re.MULTILINE)
    assert {kind: int(days) for kind, days in rows} == asdict(Retention())
    assert len(rows) == len(asdict(Retention()))


def test_the_page_names_how_many_changes_of_settings_are_kept():
    assert f"the latest {CHANGES_KEPT} changes of settings" in PAGE
