"""What one notice must not say together is refused beside the field, before it is published."""

from __future__ import annotations

from dataclasses import replace

import pytest

from statuspage.domain import (
    Affected,
    AffectedAudience,
    Audience,
    Catalog,
    Facts,
    NoticeKind,
    Precision,
    StartTime,
    State,
)
from statuspage.domain.validation import has_minimum_facts, validate_facts
from tests.support.times import at

NOW = at("12:03")
FACTS = Facts(
    "booking",
    (Affected("booking", State.MAJOR),),
    start=StartTime(Precision.ABOUT, at("11:55")),
    next_update=at("12:35"),
)


def problems(catalog: Catalog, facts: Facts) -> set[tuple[str, str]]:
    found = validate_facts(facts, NoticeKind.UPDATE, catalog, now=NOW)
    return {(problem.field, problem.code) for problem in found}


@pytest.mark.parametrize(
    ("facts", "field", "code"),
    [
        (replace(FACTS, cause="spare-failed", current_action="spare"), "current_action", "contradiction"),
        (replace(FACTS, cause="bank", current_action="fix-program"), "current_action", "contradiction"),
        (replace(FACTS, workarounds=("after-nothing", "after-pay-again")), "workaround", "contradiction"),
        (replace(FACTS, current_action="restore-bookings"), "current_action", "conflict"),
        (
            replace(FACTS, incident_type="app", answers={"phone": "iphone"}, audience=Audience(AffectedAudience.ALL)),
            "audience",
            "conflict",
        ),
        (
            replace(FACTS, incident_type="payment", workarounds=("bank-transfer",), answers={"charged": "possible"}),
            "workaround",
            "conflict",
        ),
        (
            replace(FACTS, incident_type="payment", workarounds=("after-pay-again",), answers={"retry": "wait"}),
            "workaround",
            "conflict",
        ),
        (
            replace(FACTS, incident_type="payment", workarounds=("after-refund",), answers={"charged": "possible"}),
            "workaround",
            "conflict",
        ),
        (
            replace(FACTS, incident_type="messages", workarounds=("after-late-notices",), answers={"late": "arrive"}),
            "workaround",
            "conflict",
        ),
    ],
)
def test_choices_that_contradict_each_other_are_refused(catalog: Catalog, facts: Facts, field: str, code: str):
    assert (field, f"{field}.{code}") in problems(catalog, facts)


def test_the_problem_names_the_other_choice_as_the_form_does(catalog: Catalog):
    facts = replace(FACTS, cause="bank", current_action="fix-program")
    (problem,) = (p for p in validate_facts(facts, NoticeKind.UPDATE, catalog, now=NOW) if p.code.endswith("diction"))
    assert problem.args["value"] == catalog.packs[catalog.desk_languages[0]].lists["cause"]["bank"].label


def test_choices_that_fit_are_not_refused(catalog: Catalog):
    facts = replace(FACTS, cause="bank", current_action="with-provider", answers={"made": "some-lost"})
    assert not problems(catalog, replace(facts, workarounds=("phone",)))


def test_a_security_notice_needs_no_service_and_every_other_one_does(catalog: Catalog):
    security = replace(FACTS, incident_type="security", affected=())
    assert catalog.incident_types["security"].services == ()
    assert not problems(catalog, security) and has_minimum_facts(security, catalog)
    assert ("services", "services.missing") in problems(catalog, replace(FACTS, affected=()))
