"""The public history as files: complete when read back, without anything private, and no file grows without limit."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import MaintenanceWindow
from statuspage.domain.incident import EventKind, Incident, InternalNote, Notice, TimelineEntry, TimelineEvent
from statuspage.integrations.history import archive
from statuspage.serialization import to_json_value
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.publishing import site_updates
from tests.support.publishing import changed, environment_in, plain, site, store_incident
from tests.support.site import DRILL, another, booking, composed, drilled, maintenance, only, over, site_context
from tests.support.times import at


@pytest.fixture
def env(tmp_path: Path, catalog: Catalog) -> Environment:
    return environment_in(tmp_path, catalog)


def restored(files: dict[str, bytes]) -> list[Incident]:
    """What a reader finds, starting with the index."""
    index = json.loads(files["history/index.json"])
    months = [json.loads(files[name]) for name in index["months"]]
    return [incident for month in months for name in month["shards"] for incident in archive.read_archive(files[name])]


def kept_secret(incident: Incident) -> Incident:
    """The incident with everything that only the team may know."""
    when = incident.entries[0].recorded
    inside = [
        TimelineEntry(70, when, when, InternalNote("SECRET note", actor="SECRET")),
        TimelineEntry(71, when, when, TimelineEvent(EventKind.ACKNOWLEDGED, actor="SECRET", text="SECRET")),
        TimelineEntry(72, when, when, TimelineEvent(EventKind.CLOSED, actor="SECRET", text="SECRET")),
    ]
    notices = [replace(r, entry=_signed(r.entry)) for r in incident.entries if isinstance(r.entry, Notice)]
    return replace(incident, entries=(*notices, *inside))


def _signed(notice: Notice) -> Notice:
    words = {
        language: replace(one, media={**one.media, "colleagues": replace(one.media["page"], body="SECRET")})
        for language, one in notice.texts.items()
    }
    return replace(notice, actor="SECRET", key="SECRET", reason="SECRET", texts=words)


def test_everything_public_of_every_incident_comes_back_equal(env: Environment, catalog: Catalog):
    incidents = [
        another("gatejune0000", at("10:00", "2026-06-30")),
        composed(catalog, ("12:03", "first"), ("12:18", "update"), ("13:15", "resolved"), id="composed0000"),
        booking(("12:05", "first"), ("12:10", "correction"), ("12:20", "withdrawal"), id="withdrawn000"),
        only(booking(("12:06", "first"), id="japaneseonly"), "ja"),
        maintenance(catalog, "announced", "started", "extended", "finished"),
    ]
    for incident in incidents:
        store_incident(env, incident)
    site_updates.build_site(env, now=at("14:00"))
    found, stored = (sorted(each, key=lambda i: i.id) for each in (restored(site(env)), incidents))
    assert [*map(archive.to_published, found)] == [*map(archive.to_published, stored)]


def test_what_is_public_of_a_story_is_all_that_its_readers_see(catalog: Catalog):
    incident = composed(catalog, ("12:03", "first"), ("12:18", "update"), ("13:15", "resolved"))
    (data,) = archive.archive_file(site_context(catalog), (2026, 7), 1, [incident]).values()
    (seen,) = archive.read_archive(data)
    assert [(n.sequence, n.happened, n.recorded, n.notice.facts) for n in seen.notices] == [
        (n.sequence, n.happened, n.recorded, n.notice.facts) for n in incident.notices
    ]
    for ours, theirs in zip(seen.notices, incident.notices, strict=True):
        for language, words in theirs.notice.texts.items():
            assert replace(words, media={}) == replace(ours.notice.texts[language], media={})
            assert {name: words.media[name] for name in ("page", "feed")} == ours.notice.texts[language].media
    assert (seen.id, seen.opened, seen.status, seen.affected) == (
        incident.id,
        incident.opened,
        incident.status,
        incident.affected,
    )


def test_nothing_that_only_the_team_knows_is_in_the_files(catalog: Catalog):
    (data,) = archive.archive_file(site_context(catalog), (2026, 7), 1, [kept_secret(booking())]).values()
    assert "SECRET" not in data.decode()
    (found,) = archive.read_archive(data)
    assert found.is_closed_silently
    planned = maintenance(catalog, "announced")
    (first,) = planned.notices
    plan = first.notice.facts.maintenance_window
    assert plan is not None
    reminded = replace(
        first.notice.facts, maintenance_window=MaintenanceWindow(plan.start, plan.end, remind_at=at("10:00"))
    )
    quiet = replace(planned, entries=(replace(planned.entries[0], entry=replace(first.notice, facts=reminded)),))
    (found,) = archive.read_archive(
        archive.archive_file(site_context(catalog), (2026, 7), 1, [quiet])["history/2026-07-1.json"]
    )
    assert found.maintenance_window == MaintenanceWindow(plan.start, plan.end)


def test_a_shard_holds_two_and_a_notice_rewrites_only_its_own(env: Environment):
    incidents = [another(f"i{n:011d}", at("00:00", "2026-07-01") + timedelta(hours=n)) for n in range(5)]
    for incident in incidents:
        store_incident(env, incident)
    site_updates.build_site(env, now=at("12:00"))
    before = site(env)
    assert [len(archive.read_archive(before[f"history/2026-07-{n}.json"])) for n in (1, 2, 3)] == [2, 2, 1]
    assert [i.id for i in restored(before)] == [i.id for i in incidents]
    store_incident(env, booking(("12:03", "first")))
    site_updates.publish_incident(env, "k3m9p2q7x4ab", now=at("12:03"))
    written = {name for name in plain(changed(before, site(env))) if name.startswith("history/")}
    assert written == {"history/2026-07-3.json"}


@pytest.mark.slow
def test_the_files_of_publishing_are_those_of_a_build(env: Environment):
    site_updates.build_site(env, now=at("11:00", "2026-05-01"))
    late = another("lateinjune00", at("10:00", "2026-06-30"), minutes=None)
    for incident in (another("gatemay00000", at("10:00", "2026-05-03")), late, booking(("12:03", "first")), over()):
        store_incident(env, incident)
        site_updates.publish_incident(env, incident.id, now=at("13:20"))
    published = {name: data for name, data in site(env).items() if name.startswith("history/")}
    site_updates.build_site(env, now=at("13:20"))
    assert {name: data for name, data in site(env).items() if name.startswith("history/")} == published
    assert json.loads(published["history/index.json"])["months"] == [f"history/2026-0{n}.json" for n in (5, 6, 7)]


def test_a_shard_is_written_quickly_and_says_what_records_say(catalog: Catalog):
    incident = composed(catalog, ("12:03", "first"), ("12:18", "update"), ("13:15", "resolved"))
    (data,) = archive.archive_file(
        site_context(catalog), (2026, 7), 1, [incident, maintenance(catalog, "announced")]
    ).values()
    plain = [to_json_value(archive.to_published(one)) for one in (incident, maintenance(catalog, "announced"))]
    assert json.loads(data)["incidents"] == json.loads(json.dumps(plain))


def test_a_newer_version_is_not_misread(catalog: Catalog):
    (data,) = archive.archive_file(site_context(catalog), (2026, 7), 1, [booking()]).values()
    for other in (data.replace(b'"version":1', b'"version":2'), b"[]", b"{}"):
        with pytest.raises(ValueError, match="no shard of version 1"):
            archive.read_archive(other)


def test_a_field_of_a_newer_program_is_left_out(catalog: Catalog):
    (data,) = archive.archive_file(site_context(catalog), (2026, 7), 1, [booking()]).values()
    newer = data.replace(b'"id":"k3m', b'"fresh":1,"id":"k3m')
    assert newer != data
    (found,) = archive.read_archive(newer)
    assert archive.to_published(found) == archive.to_published(booking())


def test_the_history_of_a_drill_says_so(catalog: Catalog):
    here, july = site_context(drilled(catalog)), (2026, 7)
    archived = archive.archive_file(here, july, 1, [booking(marks=DRILL)])
    for data in (
        *archive.index_file(here, [july]).values(),
        *archive.month_file(here, july, 1).values(),
        *archived.values(),
    ):
        body = json.loads(data)
        assert body["cap_status"] == "Exercise"
        assert body["site"].startswith("【訓練】")
