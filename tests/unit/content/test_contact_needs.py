"""A sentence that sends readers to the company is offered only where the company says how to reach it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from statuspage.content import loading
from statuspage.domain import (
    Affected,
    Catalog,
    Contact,
    ContactNeed,
    Facts,
    NoticeKind,
    Precision,
    StartTime,
    State,
)
from statuspage.domain.validation import validate_facts
from statuspage.usecases.content import unavailable_choices
from tests.support.times import at
from tests.support.trial_company import write_company

PHONE, URL = '[contact]\nphone = "+43 1 5550100"\n', '[contact]\nurl = "https://lab.example/help"\n'


def company(folder: Path, starter: str, contact: str = "", **files: str) -> Catalog:
    """The company of a starter, with files of its own by name."""
    write_company(folder, starter, ["en", "de"])
    with (folder / "site.toml").open("a", encoding="utf-8") as site:
        site.write(contact)
    for name, text in files.items():
        (folder / "en" / f"{name}.toml").write_text(text, "utf-8")
    catalog, errors = loading.read_content(folder)
    assert errors == ()
    assert catalog is not None
    return catalog


def refused(catalog: Catalog, facts: Facts, previous: Facts | None = None) -> set[tuple[str, str]]:
    found = validate_facts(facts, NoticeKind.UPDATE, catalog, now=at("12:03"), previous=previous)
    return {(problem.field, problem.code) for problem in found}


def facts_of(catalog: Catalog, incident_type: str = "other", *workarounds: str) -> Facts:
    affected = (Affected(next(iter(catalog.services)), State.MAJOR),)
    start = StartTime(Precision.ABOUT, at("11:55"))
    return Facts(incident_type, affected, start=start, next_update=at("12:35"), workarounds=workarounds)


@pytest.mark.parametrize(
    ("contact", "lacking"),
    [("", {"phone", "contact", "after-resend"}), (URL, {"phone"}), (PHONE, set())],
)
def test_what_needs_a_contact_cannot_be_chosen_without_it(tmp_path: Path, contact: str, lacking: set[str]):
    catalog = company(tmp_path / "content", "general", contact)
    offered = catalog.leading_pack.lists["workaround"]
    assert {id for id in offered if catalog.lacking_contact(f"workaround.{id}")} == lacking
    for id in offered:
        found = {code for field, code in refused(catalog, facts_of(catalog, "other", id)) if field == "workaround"}
        assert any(code.startswith("contact.") for code in found) is (id in lacking), id


def test_what_an_earlier_notice_said_may_still_be_said_when_the_contact_is_gone(tmp_path: Path):
    catalog = company(tmp_path / "content", "general")
    facts = facts_of(catalog, "other", "phone")
    assert refused(catalog, facts) == {("workaround", "contact.phone")}
    assert refused(catalog, facts, previous=facts) == set()


def test_an_answer_that_sends_people_to_customer_service_needs_a_contact_too(tmp_path: Path):
    without, given = company(tmp_path / "a", "shop"), company(tmp_path / "b", "shop", URL)
    for catalog, answers in ((without, ("back",)), (given, ("back", "contact"))):
        (question,) = (one for one in catalog.incident_types["payment"].questions if one.id == "refund")
        assert question.answers == answers
    facts = replace(facts_of(without, "payment"), answers={"refund": "contact"})
    assert ("answer.refund", "contact.contact") in refused(without, facts)


def test_members_of_a_gym_know_the_number_of_their_club(tmp_path: Path):
    catalog = company(tmp_path / "content", "fitness")
    assert unavailable_choices(tmp_path / "content", catalog) == {}


def test_a_company_may_need_less_for_words_of_its_own_and_is_told_where_it_does_not(tmp_path: Path):
    own = '[workaround.phone]\ntext = "Please ring the front office."\n'
    catalog = company(tmp_path / "content", "general", lists=own)
    left_out = unavailable_choices(tmp_path / "content", catalog)
    assert left_out[ContactNeed.PHONE] == ("workaround.phone (en/lists.toml:2)",)
    assert left_out[ContactNeed.CONTACT] == ("workaround.contact", "workaround.after-resend")
    (tmp_path / "content" / "contact_needs.toml").write_text('[workaround]\nphone = "nothing"\n', "utf-8")
    freed, errors = loading.read_content(tmp_path / "content")
    assert errors == ()
    assert freed is not None
    assert ContactNeed.PHONE not in unavailable_choices(tmp_path / "content", freed)


def test_an_unknown_need_or_choice_is_named(tmp_path: Path):
    write_company(tmp_path / "content", "general", ["en"])
    (tmp_path / "content" / "contact_needs.toml").write_text(
        '[workaround]\nwait = "telephone"\nphoned = "phone"\n', "utf-8"
    )
    _, errors = loading.read_content(tmp_path / "content")
    assert [(error.line, error.key) for error in errors] == [(2, "workaround.wait"), (3, "workaround.phoned")]
    assert "did you mean “phone”?" in errors[1].message


@pytest.mark.parametrize(
    ("contact", "met"),
    [
        (Contact(), ()),
        (Contact(phone="+43 1 5550100"), ("phone", "contact")),
        (Contact(url="https://lab.example"), ("contact",)),
        (Contact(hours={"": "9 to 5"}, emergency="112"), ()),
    ],
)
def test_hours_and_the_emergency_number_are_no_way_to_reach_the_company(contact: Contact, met: tuple[str, ...]):
    assert tuple(need for need in ContactNeed if contact.meets(need)) == met
