"""The files for existing API clients: all of their fields, and the rules for indicator, impact and labels."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import feedparser
import pytest
from lxml import etree

from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import State
from statuspage.domain.incident import EventKind, Incident, TimelineEntry, TimelineEvent
from statuspage.rendering.site.api import RecentIncidents, v2
from statuspage.rendering.site.api.status_codes import indicator
from statuspage.rendering.site.feeds import history
from tests.support.recent_incidents import everywhere, recent, with_affected
from tests.support.site import DRILL, another, booking, composed, drilled, maintenance, over, site_context
from tests.support.times import at

PAGE = {"id", "name", "url", "time_zone", "updated_at"}
COMPONENT = {
    *("id", "name", "status", "created_at", "updated_at", "position", "description", "showcase", "start_date"),
    *("group_id", "page_id", "group", "only_show_if_degraded"),
}
INCIDENT = {
    *("id", "name", "status", "created_at", "started_at", "updated_at", "monitoring_at", "resolved_at", "impact"),
    *("shortlink", "page_id", "incident_updates", "components"),
}
UPDATE = {
    *("id", "incident_id", "status", "body", "created_at", "updated_at", "display_at", "affected_components"),
    *("deliver_notifications", "custom_tweet", "tweet_id"),
}
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
ID = re.compile(r"[a-z0-9]{12}")
KEYS = {
    "summary": {"page", "components", "incidents", "scheduled_maintenances", "status"},
    "status": {"page", "status"},
    "components": {"page", "components"},
    "incidents": {"page", "incidents"},
    "incidents/unresolved": {"page", "incidents"},
    "scheduled-maintenances": {"page", "scheduled_maintenances"},
    "scheduled-maintenances/upcoming": {"page", "scheduled_maintenances"},
    "scheduled-maintenances/active": {"page", "scheduled_maintenances"},
}


def read(catalog: Catalog, *incidents: Incident) -> dict[str, Any]:
    files = v2.api_files(site_context(catalog), recent(*incidents))
    return {name.removeprefix("api/v2/").removesuffix(".json"): json.loads(data) for name, data in files.items()}


def english(catalog: Catalog) -> Catalog:
    return replace(catalog, site=replace(catalog.site, languages=("en", "ja")))


def closed(incident: Incident, clock: str) -> Incident:
    when = at(clock)
    return replace(
        incident, entries=(*incident.entries, TimelineEntry(99, when, when, TimelineEvent(EventKind.CLOSED)))
    )


@pytest.fixture
def incidents(catalog: Catalog) -> tuple[Incident, ...]:
    return (
        booking(),
        over(id="k3m9p2q7x4ac"),
        another("watchedgate0", at("10:00"), minutes=None),
        maintenance(catalog, "announced", id="plannedwork0"),
        maintenance(catalog, "announced", "started", id="runningwork0", service="lock"),
        maintenance(catalog, "announced", "started", "finished", id="finishedwork"),
    )


def test_every_file_has_exactly_its_keys_and_says_in_which_environment_it_is(
    catalog: Catalog, incidents: Sequence[Incident]
):
    found = read(catalog, *incidents)
    assert {name: set(body) - {"cap_status"} for name, body in found.items()} == KEYS
    assert {body["cap_status"] for body in found.values()} == {"Actual"}


def test_every_object_has_exactly_the_documented_fields_in_their_form(catalog: Catalog, incidents: Sequence[Incident]):
    for body in read(catalog, *incidents).values():
        _check_page(body["page"])
        for component in body.get("components", ()):
            _check_component(component)
        for incident in body.get("incidents", ()):
            assert set(incident) == INCIDENT | {"reminder_intervals"}
            assert incident["status"] in {"investigating", "identified", "monitoring", "resolved", "postmortem"}
            assert incident["impact"] in {"none", "minor", "major", "critical"}
            _check_incident(incident)
        for work in body.get("scheduled_maintenances", ()):
            assert set(work) == INCIDENT | {"scheduled_for", "scheduled_until"}
            assert work["status"] in {"scheduled", "in_progress", "verifying", "completed"}
            assert work["impact"] == "maintenance"
            assert TIME.fullmatch(work["scheduled_for"]) and TIME.fullmatch(work["scheduled_until"])
            _check_incident(work)


def _check_page(page: dict[str, Any]) -> None:
    assert set(page) == PAGE
    assert ID.fullmatch(page["id"])
    assert TIME.fullmatch(page["updated_at"])
    assert page["time_zone"] == "Asia/Tokyo"
    assert page["url"].startswith("https://")


def _check_component(one: dict[str, Any]) -> None:
    assert set(one) == COMPONENT | ({"components"} if one["group"] else set())
    assert all(ID.fullmatch(one[name]) for name in ("id", "page_id"))
    assert one["group_id"] is None if one["group"] else ID.fullmatch(one["group_id"])
    assert all(TIME.fullmatch(one[name]) for name in ("created_at", "updated_at"))
    assert one["start_date"] is None or re.fullmatch(r"\d{4}-\d\d-\d\d", one["start_date"])
    assert isinstance(one["position"], int)


def _check_incident(one: dict[str, Any]) -> None:
    assert ID.fullmatch(one["id"])
    assert all(TIME.fullmatch(one[name]) for name in ("created_at", "started_at", "updated_at"))
    assert all(one[name] is None or TIME.fullmatch(one[name]) for name in ("monitoring_at", "resolved_at"))
    assert one["shortlink"] == f"https://status.fitline.example/ja/incidents/{one['id']}/"
    for component in one["components"]:
        _check_component(component)
    times = [update["created_at"] for update in one["incident_updates"]]
    assert times == sorted(times, reverse=True)
    for update in one["incident_updates"]:
        assert set(update) == UPDATE
        assert ID.fullmatch(update["id"]) and update["incident_id"] == one["id"]
        assert all(TIME.fullmatch(update[name]) for name in ("created_at", "updated_at", "display_at"))
        assert update["body"]
        for turned in update["affected_components"] or ():
            assert set(turned) == {"code", "name", "old_status", "new_status"}


def test_the_summary_holds_what_is_open_and_the_lists_hold_the_rest(catalog: Catalog, incidents: Sequence[Incident]):
    found = read(catalog, *incidents)
    ids = {name: [i["id"] for i in body.get("incidents", ())] for name, body in found.items()}
    works = {name: [i["id"] for i in body.get("scheduled_maintenances", ())] for name, body in found.items()}
    assert ids["summary"] == ids["incidents/unresolved"] == ["k3m9p2q7x4ab", "watchedgate0"]
    assert sorted(ids["incidents"]) == ["k3m9p2q7x4ab", "k3m9p2q7x4ac", "watchedgate0"]
    assert sorted(works["summary"]) == ["plannedwork0", "runningwork0"]
    assert works["scheduled-maintenances/upcoming"] == ["plannedwork0"]
    assert works["scheduled-maintenances/active"] == ["runningwork0"]
    assert len(works["scheduled-maintenances"]) == 3


def test_the_long_list_holds_the_newest_six_newest_first(catalog: Catalog):
    began = at("00:00", "2026-06-01")
    many = [another(f"i{n:011d}", began + timedelta(hours=n)) for n in range(60)]
    ids = [i["id"] for i in read(catalog, *many)["incidents"]["incidents"]]
    assert ids == [f"i{n:011d}" for n in range(59, 53, -1)]


MAJOR, PARTLY, SLOW, WORK, FINE = (
    "major_outage",
    "partial_outage",
    "degraded_performance",
    "under_maintenance",
    "operational",
)


@pytest.mark.parametrize(
    ("codes", "expected", "message"),
    [
        ([MAJOR, MAJOR], "critical", "Major System Outage"),
        ([MAJOR, PARTLY], "major", "Partial System Outage"),
        ([MAJOR, FINE, WORK], "major", "Partial System Outage"),
        ([PARTLY, PARTLY], "major", "Partial System Outage"),
        ([PARTLY, SLOW], "minor", "Minor Service Outage"),
        ([SLOW, SLOW], "minor", "Degraded System Service"),
        ([SLOW, WORK], "minor", "Partially Degraded Service"),
        ([WORK, WORK], "maintenance", "Service Under Maintenance"),
        ([WORK, FINE], "maintenance", "Service Under Maintenance"),
        ([FINE, FINE], "none", "All Systems Operational"),
        ([], "none", "All Systems Operational"),
    ],
)
def test_indicator_and_headline_follow_from_the_services(
    catalog: Catalog, codes: list[str], expected: str, message: str
):
    found, key = indicator(codes)
    assert found == expected
    assert catalog.packs["en"].labels[f"site.api.status.{key}"] == message


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.MAJOR, ("critical", MAJOR, "critical")),
        (State.PARTIAL, ("major", PARTLY, "major")),
        (State.DEGRADED, ("minor", SLOW, "minor")),
    ],
)
def test_groups_are_as_their_worst_member_and_do_not_count(
    catalog: Catalog, state: State, expected: tuple[str, str, str]
):
    sign, code, impact = expected
    summary = read(catalog, everywhere(catalog, state))["summary"]
    assert summary["status"]["indicator"] == sign
    assert {one["status"] for one in summary["components"]} == {code}
    assert summary["incidents"][0]["impact"] == impact
    some = read(catalog, another("gateonly0000", at("11:00"), minutes=None, state=state))["summary"]
    components = {one["id"]: one for one in some["components"] if one["group"] and one["status"] != FINE}
    assert [one["status"] for one in components.values()] == [code]
    assert some["status"]["indicator"] == ("major" if state is State.MAJOR else "minor")


def test_members_stand_in_their_group_and_count_from_one(catalog: Catalog):
    listed = read(catalog)["components"]["components"]
    groups = [one for one in listed if one["group"]]
    assert [one["name"] for one in groups] == [catalog.leading_pack.groups[id].name for id in catalog.groups]
    for group in groups:
        members = [one for one in listed if one["group_id"] == group["id"]]
        assert [one["id"] for one in members] == group["components"]
        assert [one["position"] for one in members] == list(range(1, len(members) + 1))
    assert len(listed) == len(groups) + len(catalog.services)


def test_an_open_incident_changes_the_indicator_only_through_its_services(catalog: Catalog):
    nothing = read(catalog, with_affected(another("nothinghit00", at("11:00"), minutes=None), ()))["summary"]
    # It names no service, as a security notice does: the services are well, but the incident is not called harmless.
    assert (nothing["status"]["indicator"], nothing["incidents"][0]["impact"]) == ("none", "major")
    ahead = read(catalog, maintenance(catalog, "announced"))["summary"]
    assert ahead["status"]["indicator"] == "none"
    running = read(catalog, maintenance(catalog, "announced", "started"))["summary"]
    assert running["status"]["indicator"] == "maintenance"


def test_impact_stays_at_its_worst_and_what_was_withdrawn_never_was(catalog: Catalog):
    watched = booking(("12:03", "first"), ("12:18", "monitoring"))
    summary = read(catalog, watched)["summary"]
    assert summary["incidents"][0]["impact"] == "major"
    assert summary["status"]["indicator"] == "minor"
    taken_back = booking(("12:03", "first"), ("12:18", "withdrawal"))
    assert read(catalog, taken_back)["incidents"]["incidents"][0]["impact"] == "none"


@pytest.mark.parametrize(
    ("published", "statuses"),
    [
        (["first"], ["investigating"]),
        (["first", "update"], ["investigating", "identified"]),
        (["first", "monitoring"], ["investigating", "monitoring"]),
        (["first", "update", "resolved"], ["investigating", "identified", "resolved"]),
        (["first", "resolved", "postmortem"], ["investigating", "resolved", "postmortem"]),
        (["first", "withdrawal"], ["investigating", "resolved"]),
    ],
)
def test_each_update_has_the_state_it_came_to(catalog: Catalog, published: list[str], statuses: list[str]):
    incident = booking(*((f"12:{10 + n}", notice_kind) for n, notice_kind in enumerate(published)))
    (found,) = read(catalog, incident)["incidents"]["incidents"]
    assert [update["status"] for update in found["incident_updates"]][::-1] == statuses
    assert found["status"] == statuses[-1]
    assert (found["resolved_at"] is None) == (statuses[-1] not in ("resolved", "postmortem"))
    assert (found["monitoring_at"] is None) == ("monitoring" not in published)


def test_an_incident_that_came_back_after_its_postmortem_is_open_again(catalog: Catalog):
    incident = booking(("12:10", "first"), ("12:20", "resolved"), ("12:30", "postmortem"), ("12:40", "update"))
    (found,) = read(catalog, incident)["incidents/unresolved"]["incidents"]
    assert found["status"] == "identified"


def test_an_update_names_the_services_that_changed_with_their_group(catalog: Catalog):
    (found,) = read(catalog, over())["incidents"]["incidents"]
    last, _, first = (update["affected_components"] for update in found["incident_updates"])
    assert [(c["name"], c["old_status"], c["new_status"]) for c in first] == [
        ("会員アプリ - レッスン予約", FINE, MAJOR),
        ("お店の管理画面 - 予約の管理", FINE, SLOW),
    ]
    assert {c["new_status"] for c in last} == {FINE}


def test_an_incident_closed_without_a_word_is_resolved_at_that_moment(catalog: Catalog):
    found = read(catalog, closed(booking(), "14:00"))
    assert found["incidents/unresolved"]["incidents"] == []
    (one,) = found["incidents"]["incidents"]
    assert (one["status"], one["resolved_at"]) == ("resolved", "2026-07-04T05:00:00.000Z")


def test_what_happened_and_when_it_was_posted_stand_apart(catalog: Catalog):
    incident = booking(("12:03", "first"))
    late = replace(incident, entries=(replace(incident.entries[0], happened=at("11:58")),))
    (found,) = read(catalog, late)["incidents"]["incidents"]
    (update,) = found["incident_updates"]
    assert (update["created_at"][11:16], update["display_at"][11:16]) == ("03:03", "02:58")
    assert found["started_at"][11:16] == "02:55"


def test_ids_stay_when_the_page_moves_and_differ_in_a_drill(catalog: Catalog):
    there, here = (v2.api_files(site_context(catalog, address=a), recent(over())) for a in ("https://a.example", ""))
    rehearsed = v2.api_files(site_context(drilled(catalog)), recent(over()))
    ids = [{c["id"] for c in json.loads(f["api/v2/components.json"])["components"]} for f in (there, here, rehearsed)]
    assert ids[0] == ids[1]
    assert not ids[0] & ids[2]
    assert len(ids[0]) == len(catalog.services) + len(catalog.groups)


def test_a_retired_service_leaves_the_list_and_stays_in_its_incidents(catalog: Catalog):
    services = {**catalog.services, "gate": replace(catalog.services["gate"], is_retired=True)}
    retired = replace(catalog, services=services)
    found = read(retired, another("gatepast0000", at("10:00")))
    name = catalog.leading_pack.services["gate"].name
    assert name not in [one["name"] for one in found["components"]["components"]]
    assert [one["name"] for one in found["incidents"]["incidents"][0]["components"]] == [name]


def test_a_page_on_which_nothing_was_said_is_whole_and_stays_the_same(catalog: Catalog):
    first, second = (v2.api_files(site_context(catalog), RecentIncidents()) for _ in range(2))
    assert first == second
    assert read(catalog)["summary"]["status"]["indicator"] == "none"


# The history feeds.

ATOM = "{http://www.w3.org/2005/Atom}"


def feed(catalog: Catalog, name: str, *incidents: Incident) -> bytes:
    return history.history_feed_files(site_context(catalog), recent(*incidents))[name]


@pytest.mark.parametrize("name", ["history.atom", "history.rss"])
def test_a_history_feed_has_an_entry_for_each_newest_first(catalog: Catalog, incidents: Sequence[Incident], name: str):
    found = feedparser.parse(feed(catalog, name, *incidents))
    assert found.bozo == 0
    assert len(found.entries) == len(incidents)
    dates = [tuple(e.published_parsed) for e in found.entries]
    assert dates == sorted(dates, reverse=True)
    assert {e.link for e in found.entries} == {
        f"https://status.fitline.example/ja/incidents/{incident.id}/" for incident in incidents
    }


def test_a_history_feed_holds_at_most_six(catalog: Catalog):
    many = [another(f"i{n:011d}", at("00:00") + timedelta(minutes=10 * n)) for n in range(30)]
    for name in ("history.atom", "history.rss"):
        found = feedparser.parse(feed(catalog, name, *many)).entries
        assert [e.link.split("/")[-2] for e in found] == [f"i{n:011d}" for n in range(29, 23, -1)]


def test_both_history_feeds_say_the_same_at_the_same_times(catalog: Catalog, incidents: Sequence[Incident]):
    atom, rss = (feedparser.parse(feed(catalog, name, *incidents)).entries for name in ("history.atom", "history.rss"))
    assert [e.published_parsed for e in atom] == [e.published_parsed for e in rss]
    assert [e.content[0].value for e in atom] == [e.summary for e in rss]


def test_an_entry_of_history_reads_like_those_of_others(catalog: Catalog):
    incident = booking(("12:03", "first"), ("12:10", "first"), ("12:18", "update"), ("13:15", "resolved"))
    root = etree.fromstring(feed(english(catalog), "history.atom", incident))
    texts = re.findall(
        r"<p><small>Jul <var data-var='date'>( ?\d+)</var>, <var data-var='time'>(\d\d:\d\d)</var> JST</small><br>"
        r"<strong>([A-Za-z ]+)</strong> - (.*?)</p>",
        root.findtext(f"{ATOM}entry/{ATOM}content") or "",
    )
    assert [text[:3] for text in texts] == [
        (" 4", "13:15", "Resolved"),
        (" 4", "12:18", "Identified"),
        (" 4", "12:10", "Update"),
        (" 4", "12:03", "Investigating"),
    ]
    assert texts[0][3] == "It was back at 13:12. You can book classes as usual."


def test_line_feeds_become_breaks_and_markup_stays_text(catalog: Catalog):
    html = history.incident_html(site_context(catalog), composed(catalog, ("12:03", "first")))
    assert "<br />" in html
    assert "Trouble &lt;gate00000000&gt; &amp; more" in history.incident_html(
        site_context(english(catalog)), another("gate00000000", at("11:00"))
    )


def test_work_that_is_ahead_begins_with_its_time_and_rss_tells_its_end(catalog: Catalog):
    ahead = maintenance(catalog, "announced")
    html = history.incident_html(site_context(english(catalog)), ahead)
    assert html.startswith(
        "<p><strong>THIS IS A SCHEDULED EVENT Jul <var data-var='date'> 6</var>, <var data-var='time'>02:00</var>"
        " - <var data-var='time'>04:00</var> JST</strong></p><p>"
    )
    rss = etree.fromstring(feed(catalog, "history.rss", ahead))
    assert rss.findtext("channel/item/maintenanceEndDate") == "Sun, 05 Jul 2026 19:00:00 +0000"
    begun = history.incident_html(site_context(english(catalog)), maintenance(catalog, "announced", "started"))
    assert "SCHEDULED EVENT" not in begun
    assert re.findall(r"<strong>(.*?)</strong>", begun) == ["In progress", "Scheduled"]


def test_a_drill_is_marked_in_every_client_file(catalog: Catalog):
    incident = booking(id="drillp2q7x4a", marks=DRILL)
    here = site_context(drilled(catalog))
    for data in v2.api_files(here, recent(incident)).values():
        body = json.loads(data)
        assert body["cap_status"] == "Exercise"
        assert body["page"]["name"].startswith("【訓練】")
        assert all(i["name"].startswith("【訓練】") for i in body.get("incidents", ()))
        assert body.get("status", {"description": "【訓練】"})["description"].startswith("【訓練】")
    for data in history.history_feed_files(here, recent(incident)).values():
        read = feedparser.parse(data)
        assert {tag.term for e in (read.feed, *read.entries) for tag in e.tags} == {"Exercise"}
        assert all(e.title.startswith("【訓練】") for e in (read.feed, *read.entries))
