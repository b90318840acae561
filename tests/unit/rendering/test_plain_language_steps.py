"""The plain-language check takes linear time for any text: function calls are counted."""

from __future__ import annotations

import sys
from datetime import timedelta
from types import FrameType

import pytest

from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import NoticeKind
from statuspage.rendering.plain_language.check import find_unplain
from statuspage.rendering.plain_language.intervals import SpanSet
from statuspage.rendering.plain_language.notice_structure import CheckContext
from tests.support.times import at

LANGUAGES = ("ja", "en", "ja-simple", "de")
"""Languages with a glossary, and one without."""

UNITS = {
    "one word of the glossary": "障害発生中",
    "another with a word by which it is meant otherwise": "今日",
    "an abbreviation": "API ",
    "code": "a_b-c.",
    "equal values": "service workaround ",
    "one unknown word": "xqzt ",
    "katakana on no list": "アヌ",
    "katakana of many words": "サーバーダウン",
    "numbers": "1,",
    "percent": "12% ",
    "hosts": "db-prod-01 ",
    "apologies": "申し訳ございません。お待ちください。",
    "an English apology": "We apologize. Please wait. ",
    "half-width letters": "ｻｰﾊﾞｰ",
    "one letter": "あ",
}


def steps(catalog: Catalog, text: str, language: str) -> int:
    """The number of calls, of Python and of its library, in one check; the second of two, when everything is
    compiled."""
    context = CheckContext(
        NoticeKind.FIRST, is_whole_notice=True, now=at("12:00") + timedelta(hours=1), zone="Asia/Tokyo"
    )
    counted = [0]

    def count(_frame: FrameType, event: str, _about: object) -> None:
        counted[0] += event in ("call", "c_call")

    find_unplain(text, language=language, catalog=catalog, context=context)
    sys.setprofile(count)
    try:
        find_unplain(f"{text} ", language=language, catalog=catalog, context=context)
    finally:
        sys.setprofile(None)
    return counted[0]


@pytest.mark.parametrize("unit", UNITS.values(), ids=UNITS.keys())
def test_twice_the_text_takes_at_most_twice_the_steps(catalog: Catalog, unit: str) -> None:
    for language in LANGUAGES:
        once, twice = (steps(catalog, (unit * 1000)[:length], language) for length in (700, 1400))
        assert twice <= 2.1 * once + 300, language


@pytest.mark.parametrize("unit", ["a-", "a.", "a/", "db-", "db.", "db1.", "1,", "a@", "A1+", "x-dev-", "a.local-"])
def test_a_run_without_end_is_looked_at_and_what_stands_behind_it_too(catalog: Catalog, unit: str) -> None:
    text = f"{unit * (19_000 // len(unit))} db-prod-01 is slow."
    for language in LANGUAGES:
        found = find_unplain(text, language=language, catalog=catalog)
        assert "db-prod-01" in {text[one.start : one.end] for one in found if one.category == "secret"}, language


def test_a_place_meets_those_it_overlaps_and_no_others() -> None:
    taken = SpanSet([(10, 30), (12, 15), (40, 41)])
    taken.add(0, 5)
    assert [at for at in range(45) if taken.overlaps(at, at + 1)] == [*range(5), *range(10, 30), 40]
    assert taken.overlaps(29, 40)
    assert not taken.overlaps(30, 40)
