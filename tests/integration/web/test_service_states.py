"""How badly a service is affected: as the incident type says, in whatever order the form is filled in, until a person
says otherwise."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from statuspage.domain.facts import NoticeKind
from statuspage.domain.notice_input import NoticeInput, ServiceInput
from statuspage.domain.notice_parsing import parse_notice
from statuspage.storage import incidents
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.on_call import fact_requests
from tests.support.desk import Browser, Clock, alert_arrives, clock, env, signed_in

__all__ = ["clock", "env"]

pytestmark = pytest.mark.usefixtures("database")

Steps = tuple[Mapping[str, object], ...]

SERVICE = {"service": ["fees"]}
ORDERS: dict[str, Steps] = {
    "the type first": ({"incident_type": "TYPE"}, SERVICE),
    "the service first": (SERVICE, {"incident_type": "TYPE"}),
    "both at once": ({"incident_type": "TYPE", **SERVICE},),
    "another type before": ({"incident_type": "payment", **SERVICE}, {"incident_type": "TYPE"}),
    "two other types before": (
        {"incident_type": "app"},
        {"incident_type": "booking", **SERVICE},
        {"incident_type": "TYPE"},
    ),
}


def filled_in(env: Environment, clock: Clock, *steps: Mapping[str, object]) -> Browser:
    browser = signed_in(env, clock, "kim", "Kim", "en").open("/incidents/new")
    for step in steps:
        browser.send({"start": "5m", **step, "do": "preview"})
    return browser


def states(browser: Browser) -> dict[str, str]:
    """The state of each ticked service."""
    fields = browser.fields()
    return {service: fields[f"state-{service}"][0] for service in fields.get("service", [])}


def by_command(env: Environment, incident_type: str, *services: str) -> dict[str, str]:
    """What the command line says of these services."""
    notice_input = NoticeInput(incident_type, tuple(ServiceInput(service) for service in services))
    facts, _ = parse_notice(notice_input, catalog=env.site.catalog, notice=NoticeKind.FIRST, now=Clock()())
    return {item.service: str(item.state) for item in facts.affected}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("incident_type", ["slow", "data", "login"])
def test_a_ticked_service_has_the_state_of_the_type_in_every_order(
    env: Environment, clock: Clock, incident_type: str, order: str
):
    steps = [
        {name: incident_type if value == "TYPE" else value for name, value in step.items()} for step in ORDERS[order]
    ]
    browser = filled_in(env, clock, *steps)
    assert states(browser) == by_command(env, incident_type, "fees")
    browser.send({"do": "publish"})
    with env.databases.environment.read() as tx:
        (incident,) = incidents.open_incidents(tx)
    assert {item.service: str(item.state) for item in incident.affected} == by_command(env, incident_type, "fees")


def test_the_page_says_what_the_type_says(env: Environment, clock: Clock):
    browser = filled_in(env, clock, {"incident_type": "slow"}, SERVICE)
    (headline,) = browser.tree.xpath("//div[contains(@class, 'pv-page') and @lang='en']//h3")
    assert headline.text_content() == "We are collecting monthly fees late."


def test_a_service_that_is_not_ticked_yet_shows_the_state_it_would_have(env: Environment, clock: Clock):
    fields = filled_in(env, clock, {"incident_type": "slow"}).fields()
    assert fields["state-fees"] == ["degraded"]


def test_a_state_chosen_by_hand_survives_every_change_of_type(env: Environment, clock: Clock):
    browser = filled_in(env, clock, {"incident_type": "slow", **SERVICE}, {"state-fees": "partial"})
    for incident_type in ("login", "booking", "slow"):
        browser.send({"incident_type": incident_type, "do": "preview"})
        assert states(browser) == {"fees": "partial"}


def test_a_state_chosen_by_hand_survives_though_it_is_that_of_another_type(env: Environment, clock: Clock):
    browser = filled_in(env, clock, {"incident_type": "slow", **SERVICE}, {"state-fees": "major"})
    browser.send({"incident_type": "login", "do": "preview"}).send({"incident_type": "slow", "do": "preview"})
    assert states(browser) == {"fees": "major"}


def test_a_state_chosen_by_hand_survives_in_a_draft(env: Environment, clock: Clock):
    browser = filled_in(env, clock, {"incident_type": "slow", **SERVICE}, {"state-fees": "partial"})
    browser.resume("/incidents/new").send({"incident_type": "login", "do": "preview"})
    assert states(browser) == {"fees": "partial"}


def test_a_service_that_a_type_proposes_has_the_state_it_proposes(env: Environment, clock: Clock):
    browser = filled_in(env, clock, {"incident_type": "booking"}, {"service": ["desk-booking"]})
    assert states(browser) == {"desk-booking": "degraded"} == by_command(env, "booking", "desk-booking")


def test_what_an_alert_proposes_stays_until_the_type_changes(env: Environment, clock: Clock):
    browser = signed_in(env, clock, "kim", "Kim", "en")
    alert_arrives(browser)
    browser.open("/").send({"do": "write"}).send({"do": "preview"})
    assert states(browser) == {"booking": "major", "desk-booking": "degraded"}
    browser.send({"incident_type": "slow", "do": "preview"})
    assert states(browser) == {"booking": "degraded"}


def test_an_engineer_is_offered_the_state_of_the_incidents_type(env: Environment, clock: Clock):
    browser = filled_in(env, clock, {"incident_type": "slow", **SERVICE}).send({"do": "publish"})
    with env.databases.environment.read() as tx:
        (incident,) = incidents.open_incidents(tx)
    number = fact_requests.ask_engineers(env, incident.id, actor="Kim", now=clock())
    fields = browser.open(f"/facts/{fact_requests.request_token(env, incident.id, number)}").fields()
    assert {value for name, values in fields.items() if name.startswith("state-") for value in values} == {"degraded"}


def test_a_published_state_stays_when_the_type_changes(env: Environment, clock: Clock):
    browser = filled_in(env, clock, {"incident_type": "slow", **SERVICE})
    browser.send({"do": "publish"})
    incident = browser.path.split("/")[2]
    browser.open(f"/incidents/{incident}/notices/new/update").send({"incident_type": "login", "do": "preview"})
    assert states(browser) == {"fees": "degraded"}
    browser.send({"service": ["fees", "checkin"], "do": "preview"})
    assert states(browser) == {"checkin": "major", "fees": "degraded"}
