"""A follow-up after the end: the answer is in every medium, and nothing that customers know already."""

from __future__ import annotations

from dataclasses import replace

import pytest

from statuspage.content.validation.sample_incidents import Trial
from statuspage.domain.fact_request import unanswered_questions
from statuspage.domain.facts import Affected, Facts, Known, NoticeKind, Precision, StartTime, State
from statuspage.domain.validation import validate_facts
from statuspage.rendering.wording.composition import compose
from tests.support.golden_stories import CATALOG, SAMPLE_NOTICES
from tests.support.times import at

FOLLOW_UPS = [one for one in SAMPLE_NOTICES if one.notice is NoticeKind.FOLLOW_UP]


@pytest.mark.parametrize("one", FOLLOW_UPS, ids=lambda one: one.facts.incident_type)
def test_the_answer_is_in_every_medium(one: Trial):
    words = compose(one.notice, one.facts, catalog=CATALOG, incident=one.context, now=one.now)
    for language, shown in words.items():
        (answer,) = [sentence.text for sentence in shown.sentences if sentence.name == "new_answers"]
        for medium, text in shown.media.items():
            assert answer in text.body, (language, medium)


def test_only_what_customers_were_told_is_being_checked_stays_open():
    still_open = {
        one.facts.incident_type: [question.id for question in unanswered_questions(one.context.previous_facts, CATALOG)]
        for one in FOLLOW_UPS
        if one.context.previous_facts
    }
    assert still_open["booking"] == ["made"], "whether to try again no longer matters"
    assert "slow" not in still_open


@pytest.mark.parametrize("notice", [NoticeKind.FOLLOW_UP, NoticeKind.POSTMORTEM, NoticeKind.CORRECTION])
def test_what_was_expected_before_the_end_holds_back_nothing_after_it(notice: NoticeKind):
    start, expected = StartTime(Precision.EXACT, at("12:00")), at("12:30")
    facts = Facts("booking", (Affected("booking", State.MAJOR),), start=start, estimate=Known(expected))
    facts = replace(facts, next_update=expected, answers={"made": "valid"})
    over = replace(facts, ended_at=at("12:20"))
    assert validate_facts(over, notice, CATALOG, now=at("12:40")) == ()
    codes = {problem.code for problem in validate_facts(facts, NoticeKind.UPDATE, CATALOG, now=at("12:40"))}
    assert codes == {"estimate.past", "next_update.past"}
