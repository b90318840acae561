"""Services that are renamed or retired keep their history."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import feedparser
import pytest

from statuspage.content import validation
from statuspage.domain import service_renames
from statuspage.domain.alert import MonitorAlert, Proposal
from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import Affected, Facts, State
from statuspage.domain.notice_input import ServiceInput
from statuspage.domain.subscription import Preferences, is_wanted
from statuspage.rendering.site.pages.subscriber import service_choices
from statuspage.storage import alerts, incidents, public_history
from statuspage.usecases.diagnostics import local_checks
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.publishing import site_updates
from statuspage.web.desk.notice_form.fields import ticked_services
from tests.support.environments import with_changes
from tests.support.publishing import changed, environment_in, plain, site, store_incident
from tests.support.site import ADDRESS, another, site_context
from tests.support.times import at

pytestmark = pytest.mark.usefixtures("database")

NOW = at("15:00")
PAST, OPEN = another("gatepast0000", at("10:00")), another("gateopen0000", at("14:00"), minutes=None)
BARS = re.compile(rb'<path[^>]* d="[^"]*"')


@pytest.fixture
def env(tmp_path: Path, catalog: Catalog) -> Environment:
    """An environment in which the gate had an incident, and has another one now."""
    env = environment_in(tmp_path, catalog)
    for name in (PAST, OPEN):
        store_incident(env, name)
    site_updates.build_site(env, now=NOW)
    return env


def called(catalog: Catalog, old: str, new: str) -> Catalog:
    """The same content after the service was given another id."""
    every = catalog.services.values()
    services = [replace(one, id=new, former_ids=(*one.former_ids, old)) if one.id == old else one for one in every]
    packs = {
        language: replace(pack, services={new if id == old else id: words for id, words in pack.services.items()})
        for language, pack in catalog.packs.items()
    }
    return replace(catalog, version=f"{catalog.version}-{new}", services={one.id: one for one in services}, packs=packs)


def without(catalog: Catalog, id: str, ended: date | None = None) -> Catalog:
    """The same content after a service was retired."""
    gone = replace(catalog.services[id], is_retired=True, retired_on=ended)
    return replace(catalog, version=f"{catalog.version}-{ended}", services={**catalog.services, id: gone})


def api(files: Mapping[str, bytes], name: str) -> Any:
    return json.loads(files[f"api/v2/{name}.json"])


def component(files: Mapping[str, bytes], name: str) -> Any:
    (found,) = (one for one in api(files, "components")["components"] if one["name"] == name)
    return found


def test_a_renamed_service_keeps_its_days_its_incidents_its_feed_and_its_ids(env: Environment):
    before, name = site(env), env.site.catalog.leading_pack.services["gate"].name
    renamed = with_changes(env, catalog=called(env.site.catalog, "gate", "way-in"))
    site_updates.prepare_site(renamed, now=NOW)
    after = site(renamed)
    for language in env.site.catalog.languages:
        old, new = f"{language}/services/gate/", f"{language}/services/way-in/"
        assert BARS.findall(after[f"{new}index.html"]) == BARS.findall(before[f"{old}index.html"]) != []
        assert after[f"{old}index.html"] == after[f"{new}index.html"]
        assert f'rel="canonical" href="{ADDRESS}/{new}"'.encode() in after[f"{old}index.html"]
        assert after[f"{old}feed.rss"] == after[f"{new}feed.rss"]
        was, now = (feedparser.parse(files[f"{old}feed.rss"]) for files in (before, after))
        assert [one.id for one in now.entries] == [one.id for one in was.entries] != []
    for feed_name in ("incidents", "incidents/unresolved", "summary", "components"):
        assert api(after, feed_name) == api(before, feed_name)
    assert component(after, name)["status"] == "partial_outage"
    assert {one for one in before if "/history/" in one and before[one] != after[one]} == set()


@pytest.mark.slow
def test_what_is_said_after_the_renaming_is_said_of_the_same_service(env: Environment):
    renamed = with_changes(env, catalog=called(called(env.site.catalog, "gate", "way-in"), "way-in", "entrance"))
    site_updates.prepare_site(renamed, now=NOW)
    before = site(renamed)
    over = another("gateopen0000", at("14:00"), minutes=50, service="entrance")
    store_incident(renamed, over)
    site_updates.publish_incident(renamed, OPEN.id, now=NOW)
    written = plain(changed(before, site(renamed)))
    for id in ("gate", "way-in", "entrance"):
        assert {f"ja/services/{id}/{name}" for name in ("index.html", "feed.rss")} <= written
    with renamed.databases.environment.read() as tx:
        assert [one.id for one in public_history.incidents_of_service(tx, "entrance", 5)] == [OPEN.id, PAST.id]
        assert [i.id for i, _ in public_history.notices_of_service(tx, "entrance", 9)] == [
            OPEN.id,
            OPEN.id,
            PAST.id,
            PAST.id,
        ]
        assert public_history.last_notice_times(tx, ["entrance"]) == {"entrance": over.notices[-1].recorded}
        assert set(public_history.periods_since(tx, at("00:00"))) == public_history.named_services(tx) == {"entrance"}
        incident = incidents.load_incident(tx, OPEN.id)
    assert incident is not None and incident.ever_affected == ("entrance",)
    site_updates.build_site(renamed, now=NOW)
    assert plain(changed(before, site(renamed))) == written


def test_of_services_that_became_one_the_worst_counts():
    affected = (Affected("a", State.DEGRADED), Affected("c", State.PARTIAL), Affected("b", State.MAJOR))
    facts = Facts("entry", affected, confirmed_working=("d",))
    one = service_renames.rename_facts(facts, {"a": "z", "b": "z", "d": "c"})
    assert one.affected == (Affected("z", State.MAJOR), Affected("c", State.PARTIAL))
    assert one.confirmed_working == ()


def test_whoever_asked_for_it_under_its_former_id_is_told_and_finds_it_ticked():
    wish, renamed = Preferences("ja", services=("gate",)), {"gate": "way-in"}
    first = PAST.notices[0].notice.notice
    assert is_wanted(wish, first, services=service_renames.all_service_ids(["way-in"], renamed), is_maintenance=False)
    assert not is_wanted(wish, first, services=service_renames.all_service_ids(["lock"], renamed), is_maintenance=False)
    assert service_renames.current_service_ids(wish.services, renamed) == ("way-in",)


def test_an_alert_and_a_draft_from_before_the_renaming_propose_the_service_of_today(env: Environment):
    signal = MonitorAlert("alertmanager", "k1", "Gate", "The gate does not answer", {}, at("09:55"))
    gate = (Affected("gate", State.MAJOR),)
    with env.databases.environment.begin() as tx:
        alerts.receive_alert(tx, signal, id="alertgate000", received_at=NOW, proposal=Proposal("entry", gate))
    renamed = with_changes(env, catalog=called(env.site.catalog, "gate", "way-in"))
    with renamed.databases.environment.read() as tx:
        alert = alerts.find_alert(tx, "alertgate000")
    assert alert is not None and alert.proposal.services == (Affected("way-in", State.MAJOR),)
    draft = {
        "incident_type": ["entry"],
        "shown_incident_type": ["entry"],
        "service": ["gate"],
        "state-gate": ["partial"],
    }
    assert ticked_services(draft, renamed.site.catalog) == [ServiceInput("way-in", "partial")]


def test_a_retired_service_keeps_its_page_and_leaves_the_front_and_the_forms(env: Environment):
    before = site(env)
    retired = with_changes(env, catalog=without(env.site.catalog, "gate", date(2026, 7, 3)))
    site_updates.prepare_site(retired, now=NOW)
    after, name = site(retired), env.site.catalog.packs["en"].services["gate"].name
    page = after["en/services/gate/index.html"].decode()
    assert f"{name}: Ended on <span>Friday 3 July</span></h1>" in page
    assert "gatepast0000" in page
    assert b"services/gate/" in before["en/index.html"] and b"services/gate/" not in after["en/index.html"]
    assert all(name != one for _, some in service_choices(site_context(retired.site.catalog), "en") for _, one in some)
    assert {one for one in before if "/incidents/" in one and "api" not in one and before[one] != after[one]} == set()
    assert before["en/services/gate/feed.rss"] == after["en/services/gate/feed.rss"]
    assert {one for one in before if "/history/" in one and before[one] != after[one]} == set()
    leading = env.site.catalog.leading_pack.services["gate"].name
    assert leading not in [one["name"] for one in api(after, "components")["components"]]
    components = [one for one in api(after, "incidents")["incidents"] for one in one["components"]]
    assert [one["name"] for one in components] == [leading, leading]


def test_of_a_service_whose_last_day_nobody_wrote_down_no_day_is_shown(env: Environment):
    for day, words, shown in ((date(2026, 7, 3), b"Ended on Friday 3 July", True), (None, b"No longer offered", False)):
        site_updates.prepare_site(with_changes(env, catalog=without(env.site.catalog, "gate", day)), now=NOW)
        page = site(env)["en/services/gate/index.html"]
        assert words in page
        assert (b'class="hist"' in page) == shown


@pytest.mark.slow
def test_the_check_refuses_an_end_that_is_to_come(catalog: Catalog):
    found = validation.check_wording(without(catalog, "gate", date(2026, 7, 5)), now=NOW)
    position = list(catalog.services).index("gate") + 1
    assert [(one.file, one.key) for one in found] == [("services.toml", f"service.{position}.retired")]


def test_the_doctor_names_a_service_that_customers_were_told_of_and_nobody_knows(env: Environment):
    assert list(local_checks.check_services(env)) == []
    services = {id: one for id, one in env.site.catalog.services.items() if id != "gate"}
    lost = with_changes(env, catalog=replace(env.site.catalog, services=services))
    assert [(one.code, one.slots["id"]) for one in local_checks.check_services(lost)] == [("vanished", "gate")]
    kept = {**services, "lock": replace(services["lock"], former_ids=("gate",))}
    assert list(local_checks.check_services(with_changes(env, catalog=replace(env.site.catalog, services=kept)))) == []
