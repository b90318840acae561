"""Answers that say what to do, or what not to do, stand with what can be done now, and first."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from statuspage.content import loading
from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import (
    Affected,
    AffectedAudience,
    Audience,
    Facts,
    NoticeKind,
    NoticeText,
    Precision,
    StartTime,
    State,
)
from statuspage.rendering.wording.composition import compose
from statuspage.rendering.wording.context import IncidentContext
from tests.support.golden_companies import company_catalog
from tests.support.times import at
from tests.support.trial_company import CONTACT, write_company

LANGUAGES = ("de", "en", "es", "fr", "ja", "ja-simple", "ko", "pt-BR", "vi", "zh-Hans")
BREACH = Facts(
    "security",
    (),
    Audience(AffectedAudience.ALL),
    StartTime(Precision.EXACT, at("11:55")),
    workarounds=("watch-mail",),
    next_update=at("13:35"),
    answers={"stopped": "yes", "information": "contact", "password": "yes"},
)
PAYMENT = Facts(
    "payment",
    (Affected("checkout", State.MAJOR),),
    Audience(AffectedAudience.ALL),
    StartTime(Precision.EXACT, at("11:55")),
    workarounds=("cash",),
    next_update=at("12:35"),
)


@pytest.fixture(scope="module")
def gym(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return company_catalog("demo", tmp_path_factory.mktemp("gym") / "content", LANGUAGES)


def words(catalog: Catalog, notice: NoticeKind, facts: Facts, before: Facts | None = None) -> dict[str, NoticeText]:
    context = IncidentContext("k7m2p9xa4tq8", "https://status.fitline.example", previous_facts=before)
    return compose(notice, facts, catalog=catalog, incident=context, now=at("12:03"))


def lines(text: NoticeText, key: str) -> tuple[str, ...]:
    return next((row.lines for row in text.rows if row.key == key), ())


@pytest.mark.parametrize("notice", [NoticeKind.FIRST, NoticeKind.UPDATE, NoticeKind.RESOLVED])
def test_the_one_action_after_a_breach_is_what_can_be_done_now(gym: Catalog, notice: NoticeKind):
    ended = at("12:00") if notice is NoticeKind.RESOLVED else None
    facts = replace(BREACH, ended_at=ended, workarounds=() if ended else BREACH.workarounds)
    before = None if notice is NoticeKind.FIRST else BREACH
    for language, text in words(gym, notice, facts, before).items():
        key = "incident_type.security.question.password.answer.yes." + ("resolved" if ended else "text")
        action = gym.packs[language].phrases[key]
        assert lines(text, "workaround")[0] == action, language
        assert action not in lines(text, "answers")
        assert len(lines(text, "answers")) == 2


@pytest.mark.parametrize("retry", ["checking", "wait"])
def test_not_to_pay_again_stands_before_how_else_to_pay(gym: Catalog, retry: str):
    for language, text in words(gym, NoticeKind.FIRST, replace(PAYMENT, answers={"retry": retry})).items():
        phrases = gym.packs[language].phrases
        part = "checking" if retry == "checking" else f"answer.{retry}"
        first, *others = lines(text, "workaround")
        assert first == phrases[f"incident_type.payment.question.retry.{part}.text"], language
        assert others and first not in lines(text, "answers")


def test_what_is_still_being_checked_after_the_end_asks_for_nothing(tmp_path: Path):
    saas = company_catalog("saas", tmp_path / "content", ("en",))
    facts = Facts("api-errors", (Affected("api", State.MAJOR),), start=PAYMENT.start, ended_at=at("12:00"))
    text = words(saas, NoticeKind.RESOLVED, facts, replace(facts, ended_at=None))["en"]
    assert "We are checking whether failed requests can safely be sent again." in lines(text, "answers")


@pytest.mark.parametrize("starter", ["general", "saas", "shop", "fitness"])
def test_every_answer_that_asks_for_something_is_advice(tmp_path: Path, starter: str):
    catalog, errors = loading.read_content(write_company(tmp_path / "content", starter, ["en"], contact=CONTACT))
    assert catalog is not None, errors
    asked = advised = 0
    for incident_type in catalog.incident_types.values():
        for question in incident_type.questions:
            for answer in (*question.answers, "checking"):
                part = "checking" if answer == "checking" else f"answer.{answer}"
                key = f"incident_type.{incident_type.id}.question.{question.id}.{part}.text"
                if re.search(r"\b[Pp]lease (?!come)", catalog.packs["en"].phrases.get(key, "")):
                    asked += 1
                    assert answer in question.advice, key
                advised += answer in question.advice
    assert asked >= 6
    assert advised <= asked + 3


def test_advice_that_is_no_answer_is_an_error(tmp_path: Path):
    content = write_company(tmp_path / "content", "general", ["en"])
    (content / "incident_types.toml").write_text(
        '[lift]\n\n[[lift.question]]\nid = "stuck"\nanswers = ["no"]\nadvice = ["maybe"]\n', "utf-8"
    )
    _, errors = loading.read_content(content)
    assert any("maybe" in error.message for error in errors)
