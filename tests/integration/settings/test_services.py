"""Services are set up on the desk: what customers would read is shown first, and the files stay the truth."""

from __future__ import annotations

import shutil
import tomllib
from contextlib import closing
from dataclasses import fields, replace
from pathlib import Path

import pytest

from statuspage.domain import IMPACT_STATES, ImpactClauses
from statuspage.domain.catalog import Catalog
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import ContentSource, Environment
from tests.support.content import DEMO
from tests.support.desk import Browser, Clock, as_role, clock, desk_of, environment_in
from tests.support.settings import SERVICES, content_file, env, lead

__all__ = ["clock", "env", "lead"]


def test_the_sentences_of_every_state_follow_what_is_typed_and_nothing_is_written(env: Environment, lead: Browser):
    lead.open("/settings/services/api")
    assert "Payments API is not working." in lead.words
    lead.send({"en.name": "Invoices", "do": "preview"}, action="")
    assert "Invoices are not working." in lead.words
    lead.send({"en.major.now": "You cannot pay", "do": "preview"})
    assert "Invoices are not working." in lead.words  # not before all three are there
    lead.send({"en.major.still": "You still cannot pay", "en.major.again": "You can pay again", "do": "preview"})
    assert "You still cannot pay." in lead.words
    assert content_file(env, "services.toml").read_text("utf-8") == SERVICES


@pytest.mark.slow
def test_what_is_said_after_the_end_is_made_from_the_name_until_somebody_writes_it(env: Environment, lead: Browser):
    lead.open("/settings/services/api")
    (field,) = lead.tree.xpath("//input[@name='en.major.was']")
    assert (field.get("value"), field.get("placeholder")) == ("", "Payments API was not working")
    own = {"en.major.now": "You cannot pay", "en.major.still": "You still cannot pay", "en.major.again": "You can pay"}
    lead.send({**own, "do": "preview"}, action="")
    assert "Payments API was not working." in lead.words
    lead.send({**own, "en.major.was": "You could not pay", "do": "preview"}, action="")
    assert "You could not pay." in lead.words
    assert "Payments API was not working." not in lead.words
    lead.open("/settings/services/api").send({**own, "en.major.was": "You could not pay"})
    assert kept_clauses(env) == {"now": "You cannot pay", "still": "You still cannot pay", "again": "You can pay"} | {
        "was": "You could not pay"
    }
    lead.open("/settings/services/api").send({"en.major.was": ""})
    assert "was" not in kept_clauses(env)
    lead.open("/settings/services/api").send(dict.fromkeys(own, ""))
    assert lead.page.status_code == 200, lead.words
    assert "api" not in tomllib.loads(content_file(env, "en/organisation.toml").read_text("utf-8")).get("services", {})


def kept_clauses(env: Environment) -> dict[str, str]:
    tables = tomllib.loads(content_file(env, "en/organisation.toml").read_text("utf-8"))
    return dict(tables["services"]["api"]["major"])


def test_the_form_has_a_field_for_each_clause_of_each_state_in_each_language(
    tmp_path: Path, clock: Clock, catalog: Catalog
):
    env = replace(environment_in(tmp_path, catalog), content_source=ContentSource(DEMO))
    with closing(env.databases.environment), closing(env.databases.accounts):
        lead = as_role(env, clock, Role.LEAD, desk_of(env, clock)).open("/settings/services/booking")
        expected = {
            f"{language}.{state}.{clause.name}"
            for language in catalog.packs
            for state in IMPACT_STATES
            for clause in fields(ImpactClauses)
        }
        assert expected <= set(lead.fields())
        assert lead.fields()["en.major.was"] == ["You could not book classes in the member app"]


@pytest.mark.slow
def test_a_service_is_renamed_moved_retired_and_all_of_it_undone(env: Environment, lead: Browser):
    lead.open("/settings/services/api").send({"en.name": "Card API", "en.noun": "the card API"})
    assert "Saved" in lead.text, lead.words
    assert 'name = "Card API"   # as on the price list' in content_file(env, "services.toml").read_text("utf-8")
    assert tomllib.loads(content_file(env, "en/organisation.toml").read_text("utf-8"))["services"] == {
        "api": {"noun": "the card API"}
    }
    press(lead, "api", do="down")
    press(lead, "api", do="retire", day="2026-01-31")
    assert [each["id"] for each in tomllib.loads(content_file(env, "services.toml").read_text("utf-8"))["service"]] == [
        "web",
        "api",
    ]
    assert "retired = 2026-01-31" in content_file(env, "services.toml").read_text("utf-8")
    assert "# For partners only." in content_file(env, "services.toml").read_text("utf-8")
    lead.open("/settings/changes")
    for change in reversed(range(1, 4)):
        lead.open("/settings/changes").send(action=f"/settings/changes/{change}")
    assert content_file(env, "services.toml").read_text("utf-8") == SERVICES


def press(lead: Browser, service: str, **fields: str) -> None:
    lead.open("/settings/services")
    forms = lead.tree.xpath(f"//form[input[@name='service'][@value='{service}']]")
    sent = {each.get("name"): each.get("value") for each in forms[0].xpath(".//input")}
    lead.page = lead.client.post("/settings/services", data={**sent, **fields}, follow_redirects=True)
    assert lead.page.status_code == 200, lead.words


@pytest.mark.slow
def test_saving_writes_the_language_that_changed_and_no_other(tmp_path: Path, clock: Clock, catalog: Catalog):
    folder = Path(shutil.copytree(DEMO, tmp_path / "content"))
    env = replace(environment_in(tmp_path, catalog), content_source=ContentSource(folder))
    with closing(env.databases.environment), closing(env.databases.accounts):
        lead, before = as_role(env, clock, Role.LEAD, desk_of(env, clock)), bytes_in(folder)
        for service in catalog.services:
            lead.open(f"/settings/services/{service}").send()
            assert lead.page.status_code == 200, service
        assert bytes_in(folder) == before
        lead.open("/settings/services/booking").send({"en.noun": "the class booking"})
        assert lead.page.status_code == 200, lead.words
        changed = {name for name, content in bytes_in(folder).items() if before.get(name) != content}
        assert changed == {"en/organisation.toml"}


def bytes_in(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_services_are_added_in_groups_once_each(env: Environment, lead: Browser):
    lead.open("/settings/services").send(do="add", lines="Website\nShop:\nBasket\nCheckout\n")
    tables = tomllib.loads(content_file(env, "services.toml").read_text("utf-8"))
    assert tables["group"] == [{"id": "shop", "name": "Shop"}]
    assert [(each["id"], each.get("group")) for each in tables["service"]] == [
        *(("api", None), ("web", None), ("basket", "shop"), ("checkout", "shop"))
    ]
    lead.open("/settings/services")
    (form,) = lead.tree.xpath("//form[.//button[@value='rename_group']]")
    sent = {each.get("name"): each.get("value") for each in form.xpath(".//input")}
    lead.client.post("/settings/services", data={**sent, "name": "Web shop", "do": "rename_group"})
    written = tomllib.loads(content_file(env, "services.toml").read_text("utf-8"))
    assert written["group"] == [{"id": "shop", "name": "Web shop"}]


@pytest.mark.slow
def test_an_error_stands_beside_its_field_and_what_was_typed_stays(env: Environment, lead: Browser):
    lead.open("/settings/services/api").send({"en.noun": "the API", "en.major.now": "You cannot pay"})
    assert lead.page.status_code == 422
    (field,) = lead.tree.xpath("//input[@name='en.major.still'][@aria-invalid='true']")
    assert lead.tree.xpath(f"//*[@id='{field.get('aria-describedby')}']")
    assert lead.fields()["en.major.now"] == ["You cannot pay"]
    assert content_file(env, "services.toml").read_text("utf-8") == SERVICES


def test_a_hand_edit_meanwhile_is_shown_and_not_overwritten(env: Environment, lead: Browser):
    lead.open("/settings/services/api")
    by_hand = SERVICES.replace("Payments API", "Payments")
    content_file(env, "services.toml").write_text(by_hand, "utf-8")
    lead.send({"en.name": "Card API"})
    assert lead.page.status_code == 409
    assert "Now in the file: Payments" in lead.words
    assert lead.fields()["en.name"] == ["Card API"]
    assert content_file(env, "services.toml").read_text("utf-8") == by_hand


def test_a_service_does_not_end_in_the_future(env: Environment, lead: Browser):
    lead.open("/settings/services")
    sent = {"seen": lead.fields()["seen"][0], "csrf_token": lead.fields()["csrf_token"][0]}
    answer = lead.post("/settings/services", {**sent, "service": "api", "do": "retire", "day": "2999-01-01"})
    assert answer.status_code == 422
    assert content_file(env, "services.toml").read_text("utf-8") == SERVICES


def test_who_is_no_lead_does_not_get_in(env: Environment, clock: Clock):
    reporter = as_role(env, clock, Role.REPORTER, desk_of(env, clock))
    assert reporter.open("/settings/services").page.status_code == 403
    assert "/settings/services" not in reporter.open("/settings").text
