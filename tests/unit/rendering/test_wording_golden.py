"""Exact texts of every kind × notice × language. A changed one is read by somebody who speaks the language.

With ``GOLDEN=write`` in the environment they are rewritten; with ``GOLDEN=show`` and ``-s`` the first reports are
printed.
"""

from __future__ import annotations

import os

import pytest

from statuspage.content.validation.sample_incidents import Trial
from statuspage.domain.facts import NoticeKind
from statuspage.rendering.wording.composition import compose
from tests.support.golden_stories import CATALOG, SAMPLE_NOTICES, printed
from tests.support.paths import ROOT

GOLDEN = ROOT / "tests" / "golden"


CASES = [pytest.param(one, id=f"{one.facts.incident_type}-{one.notice}") for one in SAMPLE_NOTICES]


@pytest.mark.parametrize("one", CASES)
def test_the_words_are_those_that_were_read_and_approved(one: Trial):
    words = compose(one.notice, one.facts, catalog=CATALOG, incident=one.context, now=one.now)
    for language, shown in words.items():
        file = GOLDEN / f"{one.facts.incident_type}.{one.notice}.{language}.txt"
        text = printed(shown)
        if os.environ.get("GOLDEN") == "write":
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, "utf-8")
        if os.environ.get("GOLDEN") == "show" and one.notice is NoticeKind.FIRST:
            print(
                f"\n===== {one.facts.incident_type} {language}\n{shown.media['page'].body}\n--\n{shown.media['x'].body}"
            )
        assert text == file.read_text("utf-8")


def test_no_approved_text_is_left_over_from_a_notice_that_is_gone():
    expected = {
        f"{one.facts.incident_type}.{one.notice}.{language}.txt"
        for one in SAMPLE_NOTICES
        for language in CATALOG.languages
    }
    assert {file.name for file in GOLDEN.glob("*.txt")} == expected
