"""Importing a public history: all of our own page, what can be determined from others', nothing from a hostile one."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

import pytest

from statuspage.cli.messages import messages_in
from statuspage.domain import NoticeKind, Precision, StartTime, State
from statuspage.domain.catalog import Catalog
from statuspage.domain.incident import Incident, InternalNote
from statuspage.integrations.history.fetch import UnreadablePage
from statuspage.integrations.history.html_to_text import html_to_text
from statuspage.storage import deliveries, delivery_lookups, incidents
from statuspage.usecases import history_import
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.publishing import site_updates
from tests.support.instance import Cli, cli, home, publish_report
from tests.support.paths import ROOT
from tests.support.publishing import environment_in, store_incident
from tests.support.site import booking, composed, maintenance, over, reported
from tests.support.times import at

__all__ = ["cli", "home"]

NOW = at("15:00", "2026-07-20")
SERVE = Callable[[Path], str]


def two_environments(tmp_path: Path, catalog: Catalog) -> tuple[Environment, Environment]:
    for name in ("before", "after"):
        (tmp_path / name).mkdir()
    return environment_in(tmp_path / "before", catalog), environment_in(tmp_path / "after", catalog)


def own_incidents(catalog: Catalog) -> list[Incident]:
    """Incidents that are open, over, with a postmortem, withdrawn, planned; with gaps in the sequence for internal
    entries."""
    incident = composed(catalog, ("12:03", "first"), ("12:18", "update"), ("13:15", "resolved"), id="a3m9p2q7x4ab")
    gone = composed(catalog, ("12:03", "first"), ("12:30", "withdrawal"), id="b3m9p2q7x4ab")
    work = maintenance(catalog, "announced", "started", "extended", "finished")
    return [booking(), inside(over(id="c3m9p2q7x4ab")), reported(), incident, gone, work]


def inside(incident: Incident) -> Incident:
    """The incident with an internal entry before each notice, so that the sequence has gaps."""
    entries = [one for r in incident.entries for one in (replace(r, entry=InternalNote("for us")), r)]
    return replace(incident, entries=tuple(entries))


def everything(env: Environment) -> dict[str, bytes]:
    root = env.site_folder.current
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


@pytest.mark.slow
@pytest.mark.usefixtures("database")
def test_our_own_page_comes_back_byte_for_byte(tmp_path: Path, catalog: Catalog, static_server: SERVE):
    before, after = two_environments(tmp_path, catalog)
    for incident in own_incidents(catalog):
        with before.databases.environment.begin() as tx:
            incidents.open_incident(tx, incident.id, at=incident.opened, t0=incident.t0, t0_source="alert")
            for r in incident.entries:
                incidents.append_entry(tx, incident.id, r.entry, happened=r.happened, recorded=r.recorded)
    site_updates.build_site(before, now=NOW)
    found = history_import.restore_history(after, static_server(before.site_folder.current), now=NOW)
    assert (found.incidents, found.there, found.whole, found.unknown) == (6, 0, True, ())
    site_updates.build_site(after, now=NOW)
    was, now = everything(before), everything(after)
    assert set(was) == set(now)
    assert [name for name in was if was[name] != now[name]] == []
    again = history_import.restore_history(after, str(before.site_folder.current), now=NOW)
    assert (again.incidents, again.there) == (0, 6), "said again, it changes nothing"


def test_nobody_is_told_of_what_was_restored_and_what_is_open_goes_on(tmp_path: Path, catalog: Catalog):
    before, after = two_environments(tmp_path, catalog)
    store_incident(before, booking())
    site_updates.build_site(before, now=at("12:20"))
    history_import.restore_history(after, str(before.site_folder.current), now=NOW)
    with after.databases.environment.read() as tx:
        assert delivery_lookups.count_untried(tx) == 0
        assert deliveries.unsettled_deliveries(tx) == ()
        (incident,) = incidents.open_incidents(tx)
    assert incident.latest_sequence == 2
    store_incident(after, replace(over(), id=incident.id))
    with after.databases.environment.read() as tx:
        assert incidents.open_incidents(tx) == ()


@pytest.mark.slow
def test_the_page_that_follows_counts_further_than_the_one_that_was_lost(tmp_path: Path, catalog: Catalog):
    before, after = two_environments(tmp_path, catalog)
    store_incident(before, booking())
    site_updates.build_site(before, now=NOW)
    history_import.restore_history(after, str(before.site_folder.current), now=NOW)
    site_updates.build_site(after, now=NOW)
    assert after.site_folder.fence > 1_000_000 > before.site_folder.fence


@pytest.mark.slow
def test_the_command_says_what_came_back(cli: Cli, home: Path):
    incident = publish_report(cli)["incident"]
    result = cli("history", "import", str(home / "site" / "current"))
    assert result.code == 0, result.err
    assert result.out.splitlines()[0].startswith("Imported: incidents 0, notices 0. Already there: 1.")
    refused = cli("history", "import", str(home))
    assert (refused.code, "api/v2" in refused.err) == (1, True)
    assert cli("show", incident, "--json").code == 0


# Other products' pages


def update(status: str, body: str, when: str, **more: Any) -> dict[str, Any]:
    return {"status": status, "body": body, "created_at": when, "display_at": when, **more}


def page(folder: Path, files: dict[str, Any]) -> str:
    for name, body in files.items():
        path = folder / "theirs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body if isinstance(body, str) else json.dumps(body), "utf-8")
    return str(folder / "theirs")


FAULTS = {
    "id": "01JQ8XK2M4N6P8R0T2V4W6Y8Z0",
    "name": "Booking is <b>slow</b>",
    "status": "postmortem",
    "created_at": "2026-05-01T04:00:00.123-06:00",
    "started_at": "2026-05-01T09:50:00Z",
    "resolved_at": "2026-05-01T11:00:00.000Z",
    "impact": "minor",
    "components": [
        {"id": "c1", "name": "Bookings", "status": "operational"},
        {"name": "Espresso", "status": "operational"},
    ],
    "incident_updates": [
        update("postmortem", "A disk failed.", "2026-05-03T09:00:00Z"),
        update("resolved", "It works again.", "2026-05-01T11:00:00.000Z"),
        update("monitoring", "Watching &amp; waiting.", "2026-05-01T10:40:00.000Z"),
        update(
            "investigating",
            'Slow.<br>\nSee <a href="https://other.example/x">here</a>.<script>alert(1)</script>',
            "2026-05-01T10:00:00.123Z",
            affected_components=[{"code": "c1", "name": "App - Bookings", "new_status": "partial_outage"}],
        ),
    ],
}
WORK = {
    "id": "a1b2c3d4e5f6",
    "name": "New lines",
    "status": "completed",
    "impact": "maintenance",
    "created_at": "2026-06-01T00:00:00Z",
    "scheduled_for": "2026-06-02T00:00:00Z",
    "scheduled_until": "2026-06-02T02:00:00Z",
    "incident_updates": [
        update("scheduled", "We plan.", "2026-06-01T00:00:00Z"),
        update("in_progress", "It begins.", "2026-06-02T00:00:00Z"),
        update("verifying", "We look.", "2026-06-02T01:00:00Z"),
        update("completed", "Done.", "2026-06-02T01:30:00Z"),
    ],
}
BACK = {
    "id": "r1b2c3d4e5f6",
    "name": "Twice",
    "status": "resolved",
    "created_at": "2026-06-05T00:00:00Z",
    "incident_updates": [
        update("investigating", "a", "2026-06-05T00:00:00Z"),
        update("resolved", "b", "2026-06-05T01:00:00Z"),
        update("investigating", "c", "2026-06-05T02:00:00Z"),
    ],
}


def paragraph(day: str, time: str, label: str, text: str, blank: str = "") -> str:
    """As such feeds write it, before and after they began to insert spaces."""
    day, time = f"<var data-var='date'>{day}</var>", f"<var data-var='time'>{time}</var>"
    return f"<p>{blank}<small>Dec {day}, {time} PST</small><br />{blank}<strong>{label}</strong> - {text}{blank}</p>"


PARAGRAPHS = f"""{escape(paragraph("31", "17:10", "Resolved", "Over.", blank=" "))}
{escape(paragraph("31", "16:40", "Update", "More.<br />Lines."))}
{escape(paragraph("31", "15:00", "Investigating", "Hm."))}"""
OLD = f"""<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><id>x</id><entry><id>tag:x,2005:Incident/1</id>
<published>2026-01-01T01:10:00Z</published><title>Old &lt;i&gt;one&lt;/i&gt;</title>
<link rel="alternate" href="https://status.other.example/incidents/o1b2c3d4e5f6"/><content type="html">
{PARAGRAPHS}
</content></entry></feed>"""
OLD_RSS = f"""<?xml version="1.0"?><rss version="2.0"><channel><title>x</title><link>https://status.other.example</link>
<item><title>Old &lt;i&gt;one&lt;/i&gt;</title><description>{PARAGRAPHS}</description>
<pubDate>Wed, 31 Dec 2025 17:10:00 -0800</pubDate>
<link>https://status.other.example/incidents/o1b2c3d4e5f6</link>
<guid>https://status.other.example/incidents/o1b2c3d4e5f6</guid></item>
<item><title>Without a time</title><description>{PARAGRAPHS}</description>
<link>https://status.other.example/incidents/p1b2c3d4e5f6</link></item></channel></rss>"""


@pytest.fixture
def theirs(tmp_path: Path, catalog: Catalog) -> tuple[Environment, history_import.RestoreResult, dict[str, Incident]]:
    """Another product's page, imported in English."""
    packs = {}
    for language, pack in catalog.packs.items():
        renamed = replace(pack.services["booking"], name="Bookings")
        packs[language] = replace(pack, services={**pack.services, "booking": renamed})
    env = environment_in(tmp_path, replace(catalog, packs=packs))
    files = {
        "api/v2/incidents.json": {"incidents": [FAULTS, WORK, BACK]},
        "api/v2/scheduled-maintenances.json": {"scheduled_maintenances": [WORK]},
        "history.atom": OLD,
    }
    found = history_import.restore_history(env, page(tmp_path, files), now=NOW, language="en")
    with env.databases.environment.read() as tx:
        every = incidents.opened_between(tx, at("00:00", "2020-01-01"), NOW)
    read = {i.notices[0].notice.texts["en"].title: i for i in every}
    return env, found, read


Theirs = tuple[Environment, history_import.RestoreResult, dict[str, Incident]]


def notice_lines(incident: Incident) -> list[tuple[NoticeKind, str]]:
    return [(n.notice.notice, n.notice.texts["en"].sentences[0].text) for n in incident.notices]


def test_an_incident_of_others_keeps_its_times_states_and_words(theirs: Theirs):
    incident = theirs[2]["Booking is slow"]
    assert notice_lines(incident) == [
        (NoticeKind.FIRST, "Slow.\n\nSee here (https://other.example/x)."),
        (NoticeKind.MONITORING, "Watching & waiting."),
        (NoticeKind.RESOLVED, "It works again."),
        (NoticeKind.POSTMORTEM, "A disk failed."),
    ]
    assert incident.notices[0].recorded == datetime(2026, 5, 1, 10, 0, 0, 123000, UTC)
    first = incident.notices[0].notice.facts
    assert first.start is not None and first.start.at == datetime(2026, 5, 1, 9, 50, tzinfo=UTC)
    assert [(one.service, one.state) for one in first.affected] == [("booking", State.PARTIAL)]
    assert (incident.status, incident.is_over) == ("postmortem", True)


def test_planned_work_among_the_incidents_is_planned_work_once(theirs: Theirs):
    incident = theirs[2]["New lines"]
    assert [notice_kind for notice_kind, _ in notice_lines(incident)] == [
        NoticeKind.ANNOUNCED,
        NoticeKind.STARTED,
        NoticeKind.MONITORING,
        NoticeKind.FINISHED,
    ]
    assert (incident.id, incident.is_maintenance, incident.is_over) == ("a1b2c3d4e5f6", True, True)
    assert incident.notices[2].notice.texts["en"].label == "Verifying"


def test_planned_work_that_is_being_verified_stays_so(tmp_path: Path, catalog: Catalog):
    env = environment_in(tmp_path, catalog)
    verifying = {**WORK, "status": "verifying", "incident_updates": WORK["incident_updates"][:3]}
    back = {
        **WORK,
        "id": "b1b2c3d4e5f6",
        "status": "in_progress",
        "incident_updates": [*WORK["incident_updates"][:3], update("in_progress", "On.", "2026-06-02T01:10:00Z")],
    }
    files = {"api/v2/scheduled-maintenances.json": {"scheduled_maintenances": [verifying, back]}}
    history_import.restore_history(env, page(tmp_path, files), now=NOW, language="en")
    with env.databases.environment.read() as tx:
        states = {
            incident.id: incident.status for incident in incidents.opened_between(tx, at("00:00", "2020-01-01"), NOW)
        }
    assert states == {"a1b2c3d4e5f6": "verifying", "b1b2c3d4e5f6": "in_progress"}


def test_a_page_that_has_had_no_incident_is_a_page_too(tmp_path: Path, catalog: Catalog):
    env = environment_in(tmp_path, catalog)
    files = {
        "api/v2/summary.json": {"page": {"name": "Quiet"}, "components": [{"id": "c", "name": "API"}]},
        "api/v2/incidents.json": {"incidents": []},
    }
    found = history_import.restore_history(env, page(tmp_path, files), now=NOW)
    assert (found.incidents, found.notices) == (0, 0)
    for place in ("theirs", "theirs/api/v2", "theirs/api/v2/"):
        assert history_import.read_published_page(f"{tmp_path}/{place}").components == (("API", ""),)


INSTATUS = {
    "summary.json": {
        "page": {"name": "Rocket", "url": "https://rocket.instatus.com", "status": "HASISSUES"},
        "activeIncidents": [
            {
                "name": "API errors",
                "started": "Sat Jul 18 2026 18:55:50 GMT+0000 (Coordinated Universal Time)",
                "status": "IDENTIFIED",
                "impact": "MAJOROUTAGE",
                "url": "https://rocket.instatus.com/incident/cl4a8n3070721qtmzvts760c4",
            }
        ],
        "activeMaintenances": [
            {
                "name": "Database work",
                "start": "2026-08-01T01:00:00.000Z",
                "status": "NOTSTARTEDYET",
                "duration": "60",
                "url": "https://rocket.instatus.com/maintenance/cl4a8nlv50918qtmzdlw60ivu",
            }
        ],
    },
    "components.json": {
        "components": [
            {"id": "c1", "name": "API", "status": "MAJOROUTAGE", "group": {"id": "g", "name": "For builders"}},
            {"id": "c2", "name": "Website", "status": "OPERATIONAL", "group": None},
        ]
    },
}


def test_a_page_of_instatus_gives_components_states_and_what_is_open(tmp_path: Path, catalog: Catalog):
    folder = page(tmp_path, INSTATUS)
    found = history_import.read_published_page(folder)
    assert (found.name, found.components) == ("Rocket", (("API", "For builders"), ("Website", "")))
    pack = catalog.packs["en"]
    services = {**pack.services, "booking": replace(pack.services["booking"], name="API")}
    env = environment_in(tmp_path, replace(catalog, packs={**catalog.packs, "en": replace(pack, services=services)}))
    history_import.restore_history(env, folder, now=NOW, language="en")
    with env.databases.environment.read() as tx:
        found_incidents = incidents.opened_between(tx, at("00:00"), NOW + timedelta(days=1))
    newest = {one.latest.notice.texts["en"].title: one for one in found_incidents if one.latest}
    trouble, work = (newest[title].public_facts for title in ("API errors", "Database work"))
    assert trouble is not None
    assert work is not None
    assert [(item.service, item.state) for item in trouble.affected] == [("booking", State.MAJOR)]
    assert trouble.start == StartTime(Precision.EXACT, datetime(2026, 7, 18, 18, 55, 50, tzinfo=UTC))
    window = work.maintenance_window
    assert window is not None
    assert (window.start.isoformat(), window.end.isoformat()) == (
        "2026-08-01T01:00:00+00:00",
        "2026-08-01T02:00:00+00:00",
    )


REASONS = (
    "no_component no_file no_page other_version drill no_list no_archive broken_incident no_zone no_entry no_id "
    "definitions too_deep no_xml no_json bad_name all_too_large outside too_long answer unreachable too_large"
).split()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_why_a_page_cannot_be_read_is_said_in_the_language_of_the_message(language: str):
    texts = messages_in(language)
    for reason in REASONS:
        sentence = texts.label(f"cli.restore_page_{reason}", file="FILE", value="VALUE")
        assert sentence.endswith("。" if language == "ja" else ".")
        assert "{" not in sentence
    sources = [path.read_text("utf-8") for path in (ROOT / "statuspage").rglob("*.py")]
    assert {reason for text in sources for reason in re.findall(r'UnreadablePage\(\s*"(\w+)"', text)} == set(REASONS)


def test_what_came_back_is_opened_again_and_closed_as_they_closed_it(theirs: Theirs):
    incident = theirs[2]["Twice"]
    assert [r.entry.type for r in incident.entries] == ["notice", "notice", "step", "notice", "step"]
    assert incident.is_over


def test_the_feed_gives_what_the_files_no_longer_have_with_its_year_and_zone(theirs: Theirs):
    incident = theirs[2]["Old one"]
    assert notice_lines(incident) == [
        (NoticeKind.FIRST, "Hm."),
        (NoticeKind.UPDATE, "More.\nLines."),
        (NoticeKind.RESOLVED, "Over."),
    ]
    assert [f"{n.recorded:%Y-%m-%d %H:%M}" for n in incident.notices] == [
        "2025-12-31 23:00",
        "2026-01-01 00:40",
        "2026-01-01 01:10",
    ]


def test_where_there_is_no_atom_the_other_feed_says_the_same(theirs: Theirs, tmp_path: Path, catalog: Catalog):
    (tmp_path / "again").mkdir()
    env = environment_in(tmp_path / "again", catalog)
    files = {"api/v2/incidents.json": {"incidents": []}, "history.rss": OLD_RSS}
    found = history_import.restore_history(env, page(tmp_path / "again", files), now=NOW, language="en")
    with env.databases.environment.read() as tx:
        (incident,) = incidents.opened_between(tx, at("00:00", "2020-01-01"), NOW)
    same = theirs[2]["Old one"]
    assert (found.incidents, incident.id, notice_lines(incident)) == (1, same.id, notice_lines(same))
    assert [n.recorded for n in incident.notices] == [n.recorded for n in same.notices]


def test_what_could_not_be_known_is_listed_and_the_page_can_be_built(theirs: Theirs):
    env, found, _ = theirs
    assert (found.incidents, found.notices, found.whole) == (4, 14, False)
    reasons = dict(found.unknown)
    assert set(reasons) == {"facts", "earlier", "languages", "components", "ids", "feed_only"}
    assert reasons["components"] == "Espresso"
    assert reasons["ids"] == "01JQ8XK2M4N6P8R0T2V4W6Y8Z0"
    site_updates.build_site(env, now=NOW)
    shown = everything(env)["en/incidents/a1b2c3d4e5f6/index.html"].decode()
    assert "We plan." in shown and "<script>alert" not in shown


# Hostile pages


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><feed>&b;</feed>'
HOSTILE: dict[str, dict[str, Any]] = {
    "entities": {"history.atom": BOMB},
    "entities behind what is no comment": {"history.atom": f"<?a <!-- ?>{BOMB}<?b --> ?>"},
    "a file from elsewhere": {"history.rss": '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss>&a;</rss>'},
    "deep XML": {"history.rss": "<a>" * 5000 + "</a>" * 5000},
    "deep JSON": {"api/v2/incidents.json": "[" * 200_000},
    "nested JSON": {"api/v2/incidents.json": '{"incidents": ' + "[" * 100 + "]" * 100 + "}"},
    "no JSON": {"history/index.json": "<html>"},
    "another version": {"history/index.json": {"version": 2, "cap_status": "Actual", "months": []}},
    "a drill": {"history/index.json": {"version": 1, "cap_status": "Exercise", "months": []}},
    "a way out": {"history/index.json": {"version": 1, "cap_status": "Actual", "months": ["../../secret.json"]}},
    "a missing month": {
        "history/index.json": {"version": 1, "cap_status": "Actual", "months": ["history/2026-07.json"]}
    },
    "no time": {"api/v2/incidents.json": {"incidents": [{"id": "a"}]}},
    "nothing": {"index.html": "hello"},
}


@pytest.mark.parametrize("fault", HOSTILE)
def test_a_page_that_is_none_is_refused_and_leaves_nothing(tmp_path: Path, catalog: Catalog, fault: str):
    env = environment_in(tmp_path, catalog)
    with pytest.raises(UnreadablePage):
        history_import.restore_history(env, page(tmp_path, HOSTILE[fault]), now=NOW)
    with env.databases.environment.read() as tx:
        assert incidents.open_incidents(tx) == ()


def test_a_file_that_is_far_too_large_and_a_page_that_never_ends_are_given_up(
    tmp_path: Path, catalog: Catalog, static_server: SERVE, monkeypatch: pytest.MonkeyPatch
):
    env = environment_in(tmp_path, catalog)
    where = page(tmp_path, {"api/v2/incidents.json": {"incidents": [], "padding": "x" * 300_000}})
    for place in (where, static_server(Path(where))):
        with monkeypatch.context() as small:
            small.setattr("statuspage.integrations.history.fetch.MAX_FILE_BYTES", 200_000)
            with pytest.raises(UnreadablePage, match="too_large"):
                history_import.restore_history(env, place, now=NOW)
    monkeypatch.setattr(history_import, "IMPORT_TIMEOUT", -1.0)
    with pytest.raises(UnreadablePage, match="too_long"):
        history_import.restore_history(env, static_server(Path(where)), now=NOW)


def test_words_of_others_become_plain() -> None:
    assert html_to_text("a<br/>b<p>c</p><style>x{}</style>&lt;d&gt; \u0000e") == "a\nb\nc<d> e"
    assert html_to_text('<a href="javascript:x">y</a>') == "y"
    assert html_to_text(None) == ""
