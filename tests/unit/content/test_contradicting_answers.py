"""Answers that contradict each other cannot go out in one notice, in whatever order they were given."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from statuspage.content import loading
from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import Affected, Facts, NoticeKind, Precision, StartTime, State
from statuspage.domain.validation import validate_facts
from tests.support.times import at
from tests.support.trial_company import write_company


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    catalog, errors = loading.read_content(write_company(tmp_path_factory.mktemp("shop") / "content", "shop", ["en"]))
    assert errors == ()
    assert catalog is not None
    return catalog


def problems(catalog: Catalog, incident_type: str = "prices-stock", **answers: str) -> list[tuple[str, str]]:
    facts = Facts(
        incident_type,
        (Affected("catalogue", State.PARTIAL),),
        start=StartTime(Precision.EXACT, at("11:00")),
        answers=answers,
    )
    found = validate_facts(facts, NoticeKind.FIRST, catalog, now=at("12:00"))
    return [(problem.field, problem.code) for problem in found if problem.field.startswith("answer.")]


@pytest.mark.parametrize("orders", ["kept", "cancelled", "asked"])
def test_prices_that_are_right_leave_no_order_at_a_wrong_price(shop: Catalog, orders: str):
    assert problems(shop, right="prices", orders=orders) == [("answer.right", "answer.against")]


def test_stock_that_is_right_cancels_no_order_for_lack_of_stock(shop: Catalog):
    assert problems(shop, right="stock", orders="sold-out") == [("answer.right", "answer.against")]


def test_whoever_may_have_been_charged_is_not_told_that_trying_again_is_safe(shop: Catalog):
    assert problems(shop, "payment", retry="safe", charged="possible") == [("answer.retry", "answer.against")]
    assert problems(shop, "payment", retry="wait", charged="possible") == []


@pytest.mark.parametrize(
    "answers", [{"right": "prices", "orders": "sold-out"}, {"right": "stock", "orders": "kept"}, {}]
)
def test_what_fits_together_may_be_said(shop: Catalog, answers: dict[str, str]):
    assert problems(shop, **answers) == []


ASKS = re.compile(r"\b[Pp]lease (?!come)|[Yy]ou do not need to|has to be ")


@pytest.mark.parametrize("starter", ["general", "fitness", "saas", "shop"])
def test_no_answer_that_asks_for_something_stands_beside_nothing_to_do(tmp_path: Path, starter: str):
    """Nor one that says so itself: no sentence stands twice in one notice."""
    catalog, errors = loading.read_content(write_company(tmp_path / "content", starter, ["en"]))
    assert catalog is not None, errors
    phrases = catalog.packs["en"].phrases
    asking = {
        (incident_type.id, question.id, answer): (answer, "workaround.after-nothing") in question.conflicts
        for incident_type in catalog.incident_types.values()
        for question in incident_type.questions
        for answer in question.answers
        if ASKS.search(phrases[f"incident_type.{incident_type.id}.question.{question.id}.answer.{answer}.resolved"])
    }
    assert ("login", "password", "yes") in asking
    assert [answer for answer, is_refused in asking.items() if not is_refused] == []


def test_a_rule_about_an_answer_that_does_not_exist_is_told(tmp_path: Path):
    folder = write_company(tmp_path / "content", "shop", ["en"])
    (folder / "incident_types.toml").write_text(
        '[[prices-stock.question]]\nid = "right"\nanswers = ["prices", "stock"]\n'
        'against = { prices = ["orders.kep"] }\n'
        '\n[[prices-stock.question]]\nid = "orders"\nanswers = ["kept", "cancelled", "asked", "sold-out"]\n',
        "utf-8",
    )
    errors = loading.read_content(folder)[1]
    assert [(error.file, error.line) for error in errors] == [("incident_types.toml", 4)]
    assert "orders.kept" in errors[0].message
