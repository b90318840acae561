"""Texts fit their medium by dropping whole sentences."""

from __future__ import annotations

from dataclasses import replace

import pytest

from statuspage.domain.catalog import Medium
from statuspage.domain.facts import NoticeKind, Sentence
from statuspage.rendering.wording.length_fitting import (
    DoesNotFit,
    find_left_out,
    fit_to_medium,
    join_texts,
    measured_length,
)

FIRST = NoticeKind.FIRST


def medium(limit: int, *, count: str = "characters", separator: str = "auto") -> Medium:
    names = ("opening", "audience", "estimate", "link", "apology")
    return Medium("post", count, limit, {FIRST: names}, {FIRST: ("apology", "audience")}, separator)


SENTENCES = (
    Sentence("apology", "We are sorry."),
    Sentence("opening", "You cannot book classes."),
    Sentence("audience", "This affects everyone."),
    Sentence("current_action", "We are looking into it."),
    Sentence("estimate", "We do not know yet."),
)
WHOLE = "You cannot book classes. This affects everyone. We do not know yet. We are sorry."


def test_a_medium_says_its_own_sentences_in_its_own_order():
    text = fit_to_medium(SENTENCES, medium(0), FIRST, joiner=" ")
    assert text.body == WHOLE
    assert (text.length, text.limit) == (len(WHOLE), 0)


def test_what_does_not_fit_is_given_up_whole_and_in_order():
    assert fit_to_medium(SENTENCES, medium(len(WHOLE)), FIRST, joiner=" ").body == WHOLE
    shorter = fit_to_medium(SENTENCES, medium(len(WHOLE) - 1), FIRST, joiner=" ")
    assert shorter.body == "You cannot book classes. This affects everyone. We do not know yet."
    shortest = fit_to_medium(SENTENCES, medium(50), FIRST, joiner=" ")
    assert shortest.body == "You cannot book classes. We do not know yet."


def test_facts_that_had_no_room_are_named_and_those_said_in_fewer_words_are_not():
    page = (
        Sentence("opening", "You cannot book classes. This started at 11:55."),
        Sentence("cause", "The cause is a power cut."),
        Sentence("answer.made", "Classes booked before are valid."),
        Sentence("workaround", "Please phone us."),
        Sentence("estimate", "We expect it to be fixed at 13:00. If that changes, we will tell you."),
        Sentence("apology", "We are sorry."),
    )
    offered = (
        Sentence("opening_short", "You cannot book classes (since 11:55)."),
        Sentence("opening_bare", "You cannot book classes."),
        Sentence("estimate_short", "We expect it to be fixed at 13:00."),
        Sentence("workaround", "Please phone us."),
    )
    whole = " ".join(sentence.text for sentence in (*offered[:1], *offered[2:]))
    assert find_left_out(page, offered, whole) == ("cause", "answers")
    assert find_left_out(page, offered, "You cannot book classes.") == (
        *("start", "cause", "answers"),
        *("workaround", "estimate"),
    )
    assert find_left_out(page, (*offered[:1], Sentence("unknown_short", "…")), offered[0].text) == (
        *("cause", "answers", "workaround"),
    )


def test_a_text_that_cannot_be_made_to_fit_is_refused_and_not_cut():
    with pytest.raises(DoesNotFit) as refused:
        fit_to_medium(SENTENCES, medium(20), FIRST, joiner=" ")
    assert refused.value.length == len("You cannot book classes. We do not know yet.")
    assert "post" in str(refused.value)


def test_marks_stand_at_both_ends_and_are_never_given_up():
    whole = "[DRILL] You cannot book classes. We do not know yet. This is a drill."
    assert (
        fit_to_medium(SENTENCES, medium(len(whole)), FIRST, start="[DRILL]", end="This is a drill.", joiner=" ").body
        == whole
    )
    with pytest.raises(DoesNotFit):
        fit_to_medium(SENTENCES, medium(len(whole) - 1), FIRST, start="[DRILL]", end="This is a drill.", joiner=" ")


def test_a_mark_that_brings_its_own_space_gets_no_second_one():
    assert join_texts(("[DRILL] ", "You cannot book.", "This is a drill."), " ").startswith("[DRILL] You cannot")


def test_japanese_sentences_follow_each_other_without_a_space():
    sentences = (Sentence("opening", "予約できません。"), Sentence("estimate", "調べています。"))
    text = fit_to_medium(sentences, medium(0), FIRST, start="【訓練】", end="※これは訓練です。", joiner="")
    assert text.body == "【訓練】予約できません。調べています。※これは訓練です。"


def test_an_address_stands_alone_on_its_line():
    assert (
        join_texts(("予約できません。", "https://fitline.jp/", "※訓練"), "")
        == "予約できません。\nhttps://fitline.jp/\n※訓練"
    )


def test_no_sentences_make_no_text():
    assert fit_to_medium((), medium(0), FIRST, joiner=" ").body == ""
    assert (
        fit_to_medium((), medium(0), FIRST, start="[DRILL]", end="This is a drill.").body == "[DRILL]This is a drill."
    )


def test_several_sentences_of_one_name_stay_together():
    sentences = (Sentence("audience", "A."), Sentence("opening", "O."), Sentence("audience", "B."))
    assert fit_to_medium(sentences, medium(0), FIRST, joiner=" ").body == "O. A. B."


def test_a_medium_with_a_separator_of_its_own_uses_it():
    assert fit_to_medium(SENTENCES[1:3], medium(0, separator="\n"), FIRST, joiner=" ").body.split("\n") == [
        "You cannot book classes.",
        "This affects everyone.",
    ]


def test_a_medium_that_names_no_sentences_for_a_notice_says_all_of_them():
    assert (
        fit_to_medium(SENTENCES[:2], medium(0), NoticeKind.UPDATE, joiner=" ").body
        == "We are sorry. You cannot book classes."
    )


def test_length_is_counted_in_the_mediums_own_unit():
    family = "👨‍👩‍👧‍👦です"
    assert measured_length(family, "x") == 6
    assert measured_length(family, "graphemes") == 3
    assert measured_length(family, "characters") == 9
    assert measured_length("क्षि", "graphemes") == 1
    assert [
        measured_length("한국어 날짜\n日本語\r\n", "graphemes"),
        measured_length("各", "graphemes"),
        measured_length("각", "graphemes"),
    ] == [
        11,
        1,
        1,
    ]
    assert [measured_length("予約😀", "utf16"), measured_length("予約😀", "bytes")] == [4, 10]


def test_an_address_weighs_23_on_mastodon_however_long_it_is():
    assert measured_length("予約\nhttps://status.fitline.example/ja/incidents/k7m2p9xa4tq8/", "mastodon") == 3 + 23
    assert measured_length("くわしくはhttps://a.jp/。", "mastodon") == 5 + 23 + 1


def test_a_medium_may_have_a_second_limit_in_bytes():
    small = replace(medium(60, count="graphemes"), byte_limit=75)
    assert fit_to_medium(SENTENCES, small, FIRST, joiner=" ").body == ("You cannot book classes. We do not know yet.")
    wide = tuple(replace(s, text=s.text.replace("You", "Yóü")) for s in SENTENCES)
    assert fit_to_medium(wide, replace(small, byte_limit=46), FIRST, joiner=" ").length == 44
    with pytest.raises(DoesNotFit):
        fit_to_medium(wide, replace(small, byte_limit=45), FIRST, joiner=" ")
