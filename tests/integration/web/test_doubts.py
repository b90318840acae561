"""What the form asks before it publishes: an old time, and a second incident of the same service."""

from __future__ import annotations

from datetime import timedelta

import pytest

from statuspage.domain.facts import State
from statuspage.domain.incident import Incident
from statuspage.storage import incidents
from statuspage.usecases.environment.model import Environment
from tests.support.desk import Browser, Clock, alert_arrives, clock, env, signed_in
from tests.support.times import at

__all__ = ["clock", "env"]

pytestmark = pytest.mark.usefixtures("database")

FIRST = {"incident_type": "booking", "start": "5m"}
OLD = {"incident_type": "booking", "start": "at", "start_at": "2026-07-01 04:58"}


def opened(env: Environment, clock: Clock) -> Browser:
    return signed_in(env, clock, "kim", "Kim", "en").open("/incidents/new")


def open_incidents(env: Environment) -> list[Incident]:
    with env.databases.environment.read() as tx:
        return [incident for incident in incidents.open_incidents(tx) if incident.latest]


def beside(browser: Browser, field: str) -> str:
    (box,) = browser.tree.xpath(f"//*[@id='f-{field}']")
    return " ".join(box.text_content().split())


def boxes(browser: Browser) -> list[str]:
    """The keys that the form offers to confirm."""
    return [str(box.get("value")) for box in browser.tree.xpath("//input[@name='confirmed']")]


def test_a_start_of_days_ago_is_asked_about_and_published_once_confirmed(env: Environment, clock: Clock):
    browser = opened(env, clock).send({**OLD, "do": "publish"})
    assert (browser.page.status_code, open_incidents(env)) == (422, [])
    assert "Confirm that it started at Wed 1 July, 04:58, or correct it." in beside(browser, "start")
    assert browser.tree.xpath("//div[@id='errs']//a[@href='#f-start']")
    browser.send({"confirmed": boxes(browser), "do": "publish"})
    (incident,) = open_incidents(env)
    assert incident.public_facts is not None and incident.public_facts.start is not None
    assert incident.public_facts.start.at == at("04:58") - timedelta(days=3)
    assert "since Wed 1 July, 04:58" in browser.open(f"/incidents/{incident.id}").words.lower().replace(
        "wed 1 july", "Wed 1 July"
    )


def test_another_old_start_is_asked_about_again(env: Environment, clock: Clock):
    browser = opened(env, clock).send({**OLD, "do": "preview"})
    browser.send({"confirmed": boxes(browser), "start_at": "2026-06-01 04:58", "do": "publish"})
    assert (browser.page.status_code, open_incidents(env)) == (422, [])


def test_a_start_of_less_than_a_day_ago_is_not_asked_about(env: Environment, clock: Clock):
    browser = opened(env, clock).send({**FIRST, "start": "at", "start_at": "2026-07-03 13:00", "do": "publish"})
    assert len(open_incidents(env)) == 1, browser.words


def test_later_notices_do_not_ask_again_about_what_was_published(env: Environment, clock: Clock):
    browser = opened(env, clock).send({**OLD, "do": "preview"})
    browser.send({"confirmed": boxes(browser), "do": "publish"})
    (incident,) = open_incidents(env)
    browser.open(f"/incidents/{incident.id}/notices/new/update")
    assert boxes(browser) == []
    browser.send({"audience": "all", "do": "publish"})
    assert [item.notice.notice for item in open_incidents(env)[0].notices] == ["first", "update"]


def test_an_end_of_days_ago_is_asked_about(env: Environment, clock: Clock):
    browser = opened(env, clock).send({**FIRST, "do": "publish"})
    (incident,) = open_incidents(env)
    clock.later(days=3)
    browser = signed_in(env, clock, "kim", "Kim", "en").open(f"/incidents/{incident.id}/notices/new/resolved")
    browser.send({"ended": "at", "ended_at": "2026-07-04 13:00", "do": "publish"})
    assert browser.page.status_code == 422
    assert "Confirm that it ended at Sat 4 July, 13:00, or correct it." in beside(browser, "ended")
    browser.send({"confirmed": boxes(browser), "do": "publish"})
    assert open_incidents(env) == []


def test_of_an_alert_of_months_ago_the_form_proposes_no_start(env: Environment, clock: Clock):
    browser = signed_in(env, clock, "kim", "Kim", "en")
    alert_arrives(browser, at("11:55") - timedelta(days=140))
    browser.open("/").send({"do": "write"})
    fields = browser.fields()
    assert (fields.get("start"), fields["start_at"]) == (None, [""])
    browser.send({"do": "publish"})
    assert (browser.page.status_code, open_incidents(env)) == (422, [])
    browser.send({"start": "5m", "do": "publish"})
    assert len(open_incidents(env)) == 1


def test_a_second_report_of_a_service_names_the_open_incident(env: Environment, clock: Clock):
    browser = opened(env, clock).send({**FIRST, "do": "publish"})
    browser.open("/incidents/new").send(
        {"incident_type": "login", "service": ["booking"], "start": "now", "do": "publish"}
    )
    assert browser.page.status_code == 422
    (incident,) = open_incidents(env)
    assert "An open incident has this service already" in beside(browser, "services")
    assert browser.tree.xpath(f"//a[@href='/incidents/{incident.id}']")
    browser.send({"confirmed": boxes(browser), "do": "publish"})
    assert len(open_incidents(env)) == 2


def test_what_a_colleague_published_after_the_preview_is_asked_about_too(env: Environment, clock: Clock):
    kim, sato = opened(env, clock).send({**FIRST, "do": "preview"}), signed_in(env, clock).open("/incidents/new")
    sato.send({**FIRST, "do": "publish"})
    kim.send({"do": "publish"})
    assert (kim.page.status_code, len(open_incidents(env))) == (422, 1)


def test_another_service_is_not_asked_about(env: Environment, clock: Clock):
    browser = opened(env, clock).send({**FIRST, "do": "publish"})
    browser.open("/incidents/new").send({"incident_type": "login", "start": "now", "do": "publish"})
    assert len(open_incidents(env)) == 2


def test_adding_to_the_open_incident_goes_on_with_what_was_typed(env: Environment, clock: Clock):
    browser = opened(env, clock).send(
        {"incident_type": "booking", "service": ["booking"], "start": "5m", "do": "publish"}
    )
    (incident,) = open_incidents(env)
    browser.open("/incidents/new").send(
        {
            "incident_type": "login",
            "service": ["booking", "login"],
            "state-booking": "partial",
            "start": "now",
            "audience": "some",
            "estimate_at": "13:30",
            "extra-en": "We have called the provider.",
            "do": "preview",
        }
    )
    browser.send({"do": f"join {incident.id}"})
    assert browser.path == f"/incidents/{incident.id}/notices/new/update"
    fields = browser.fields()
    assert (fields["service"], fields["state-booking"], fields["state-login"]) == (
        ["login", "booking"],
        ["partial"],
        ["major"],
    )
    assert (fields["audience"], fields["estimate_at"]) == (["some"], ["13:30"])
    assert fields["extra-en"] == ["We have called the provider."]
    assert fields["incident_type"] == ["booking"]
    browser.send({"do": "preview"}).send({"do": "publish"})
    (same,) = open_incidents(env)
    assert {item.service: item.state for item in same.affected} == {"booking": State.PARTIAL, "login": State.MAJOR}
    assert "Draft" not in browser.open("/incidents/new").words


def test_a_closed_incident_cannot_be_added_to(env: Environment, clock: Clock):
    browser = opened(env, clock).send({**FIRST, "do": "publish"})
    (incident,) = open_incidents(env)
    browser.open(f"/incidents/{incident.id}/notices/new/resolved").send({"ended": "now", "do": "publish"})
    browser.open("/incidents/new").send({**FIRST, "do": f"join {incident.id}"})
    assert browser.path == "/incidents/new"
