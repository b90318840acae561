"""A text is found in prose in any form, and nothing but prose is changed."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest

from statuspage.domain.facts import NoticeKind
from statuspage.domain.incident import Notice, ScheduledNotice
from statuspage.domain.redaction import STRUCTURE, RedactionMatcher, is_too_short, search_pattern
from statuspage.serialization import from_json_value, to_json_value
from tests.support.site import booking
from tests.support.times import at


def blanks(text: str) -> RedactionMatcher:
    return RedactionMatcher(search_pattern(text), {"ja": "【削除】", "en": "[removed]"}, "【?】")


@pytest.mark.parametrize(
    ("text", "message", "left"),
    [
        ("田中太郎", "ご予約の田中太郎様", "ご予約の【?】様"),
        ("田中 太郎", "田中　太郎様と田中\n太郎様", "【?】様と【?】様"),
        ("田中太郎", "田中<wbr>太郎様", "【?】様"),
        ("田中太郎", "<p><em>田中</em>太郎様</p>", "<p><em>【?】</em>様</p>"),
        ("田中太郎", '<a href="https://a.example/%E7%94%B0%E4%B8%AD%E5%A4%AA%E9%83%8E">こちら</a>', "<a>こちら</a>"),
        ("O'Neil & Co", "o&#39;neil &amp; co, O&#x27;Neil &amp; Co", "【?】, 【?】"),
        ("taro@fit.example", "<taro@fit.example> TARO@fit.example", "<【?】> 【?】"),
        ("taro@fit.example", '<a href="mailto:taro@fit.example">taro@fit.example</a>', "<a>【?】</a>"),
        ("090-1234", "０９０－１２３４ へ", "【?】 へ"),
        ("taro tanaka", "**Taro** Tanaka", "**【?】"),
        ("x<y>z", "x<y>z", "【?】"),
        ("太郎", "次郎 <b>郎太</b>", "次郎 <b>郎太</b>"),
    ],
)
def test_a_text_is_blanked_however_it_is_written(text: str, message: str, left: str) -> None:
    assert blanks(text).redact(message)[0] == left


def test_a_reader_is_told_in_the_language_of_the_words() -> None:
    notice = {"texts": {"ja": {"title": "太郎様"}, "en": {"title": "Mr 太郎"}}, "reason": "太郎"}
    assert blanks("太郎").redact(notice)[0] == {
        "texts": {"ja": {"title": "【削除】様"}, "en": {"title": "Mr [removed]"}},
        "reason": "【?】",
    }
    assert blanks("太郎").redact({"extra.en": ["a 太郎"]})[0] == {"extra.en": ["a [removed]"]}


def test_what_stands_around_it_is_shown() -> None:
    (hit,) = blanks("太郎").redact({"ja": "ご予約の太郎様から"})[1]
    assert (hit.language, hit.before, hit.text, hit.after) == ("ja", "ご予約の", "太郎", "様から")


def full(value: Any, word: str) -> Any:
    """The value with the word inserted in every text that is not a fact, an id or a time."""
    if isinstance(value, str):
        return value if isinstance(value, NoticeKind) else f"{value} {word}"
    if isinstance(value, tuple):
        return tuple(full(one, word) for one in value)
    if isinstance(value, dict):
        return {name: full(one, word) for name, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        names = [f.name for f in fields(value) if f.name not in STRUCTURE and f.name != "facts"]
        return replace(value, **{name: full(getattr(value, name), word) for name in names})
    return value


def test_whatever_text_a_notice_has_it_is_reached_and_the_notice_stays_one() -> None:
    plain = booking(("12:03", "first")).notices[0].notice
    facts = replace(plain.facts, extra={"ja": "太郎様"}, postmortem={"en": "太郎"})
    later = ScheduledNotice(NoticeKind.REMINDER, at("13:00"), facts, plain.texts, None)
    notice = replace(full(plain, "太郎"), facts=facts, scheduled=(full(later, "太郎"),))
    body, hits = blanks("太郎").redact(to_json_value(notice))
    assert len(hits) > 60
    assert "太郎" not in str(body)
    restored = from_json_value(Notice, body)
    assert restored.facts == replace(facts, extra={"ja": "【削除】様"}, postmortem={"en": "[removed]"})
    assert restored.texts["ja"].title == f"{plain.texts['ja'].title} 【削除】"
    assert (restored.key, restored.actor, restored.notice) == (plain.key, plain.actor, plain.notice)


def test_names_of_things_are_no_words() -> None:
    event = {
        "type": "notice",
        "notice": "first",
        "by": "first",
        "facts": {"incident_type": "first"},
        "labels": {"type": "first"},
    }
    assert blanks("first").redact(event)[0] == event | {"labels": {"type": "【?】"}}


@pytest.mark.parametrize(("text", "short"), [("林", True), ("林様", False), ("Al", True), ("Ann", False), ("……", True)])
def test_a_text_of_hardly_a_letter_is_too_short(text: str, short: bool) -> None:
    assert is_too_short(text) is short
