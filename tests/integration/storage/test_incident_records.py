"""The list of all incidents: found by search and filters, sorted by their figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from statuspage.domain.facts import NoticeKind
from statuspage.domain.incident import EventKind, Incident, InternalNote, Notice, TimelineEvent
from statuspage.storage import incident_records, incidents, redactions
from statuspage.storage.engine.database import Database
from statuspage.storage.incident_records import IncidentFilter, IncidentGroup, IncidentOrder
from statuspage.storage.tables import incident as table
from tests.support.database import made
from tests.support.site import booking
from tests.support.times import at

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    found = made(tmp_path / "environment.db", "environment")
    yield found
    found.close()


def keep(store: Database, id: str, incident: Incident, *, later: float = 0.0) -> None:
    """Writes the incident entry by entry, as it happened, that many hours later."""
    moved = timedelta(hours=later)
    with store.begin() as tx:
        incidents.open_incident(
            tx, id, at=incident.opened + moved, t0=incident.t0 + moved, t0_source=incident.t0_source
        )
        for item in incident.entries:
            entry = item.entry
            if isinstance(entry, Notice):
                entry = replace(entry, key=f"{id}-{item.sequence}")
            incidents.append_entry(tx, id, entry, happened=item.happened + moved, recorded=item.recorded + moved)


def found(store: Database, order: IncidentOrder = IncidentOrder.NEWEST, **wanted: object) -> list[str]:
    with store.read() as tx:
        return [record.id for record in incident_records.list_records(tx, IncidentFilter(**wanted), order)]


def append(store: Database, id: str, entry: object, clock: str) -> None:
    with store.begin() as tx:
        incidents.append_entry(tx, id, entry, happened=at(clock), recorded=at(clock))


@pytest.fixture
def two(store: Database) -> Database:
    """An incident of bookings that is over, and an open one an hour later."""
    keep(store, "over", booking(("12:03", "first"), ("12:30", "resolved")))
    keep(store, "open", booking(("12:03", "first")), later=1)
    return store


def test_two_japanese_characters_are_enough_to_find_an_incident(two: Database):
    assert found(two, text="予約") == ["open", "over"]


def test_full_width_and_upper_case_letters_find_the_same(two: Database):
    append(two, "over", InternalNote("Restarted DB-7 by hand", actor="Ken"), "13:00")
    assert found(two, text="ＤＢ-7") == found(two, text="db-7") == ["over"]


def test_every_word_of_a_search_must_occur(two: Database):
    append(two, "over", InternalNote("kernel panic", actor="Ken"), "13:00")
    assert found(two, text="panic 予約") == ["over"]
    assert found(two, text="panic tsunami") == []


def test_a_percent_sign_is_searched_as_itself(two: Database):
    append(two, "over", InternalNote("disk 100% full", actor="Ken"), "13:00")
    assert found(two, text="100%") == ["over"]
    assert found(two, text="%zz%") == []


def test_redacted_words_are_no_longer_found(two: Database):
    append(two, "over", InternalNote("called Sakura", actor="Ken"), "13:00")
    with two.begin() as tx:
        incident = incidents.load_incident(tx, "over")
        assert incident is not None
        redaction_id = redactions.begin_redaction(tx, "over", at=at("14:00"), actor="Aya", reason="asked")
        body = {"type": "note", "text": "called [removed]", "actor": "Ken"}
        incidents.rewrite_entry(tx, "over", incident.entries[-1].sequence, body)
        redactions.seal_redaction(tx, redaction_id, replacements=1, external_deliveries=[])
    assert found(two, text="sakura") == []
    assert found(two, text="[removed]") == ["over"]


@pytest.mark.parametrize(
    ("group", "ids"), [(None, ["open", "over"]), (IncidentGroup.OPEN, ["open"]), (IncidentGroup.OVER, ["over"])]
)
def test_open_and_ended_incidents_are_told_apart(two: Database, group: IncidentGroup | None, ids: list[str]):
    assert found(two, group=group) == ids


def test_open_questions_are_a_group_of_their_own(two: Database):
    with two.begin() as tx:
        incidents.set_open_questions(tx, "over", has_any=True)
    assert found(two, group=IncidentGroup.QUESTIONS) == ["over"]


def test_a_time_has_an_exclusive_end(two: Database):
    with two.read() as tx:
        newest, oldest = incident_records.list_records(tx, IncidentFilter())
    assert found(two, since=newest.opened_at) == ["open"]
    assert found(two, until=newest.opened_at) == ["over"]
    assert found(two, since=oldest.opened_at, until=newest.opened_at + timedelta(seconds=1)) == ["open", "over"]


def test_a_type_and_a_service_that_no_incident_has_find_nothing(two: Database):
    with two.read() as tx:
        records = incident_records.list_records(tx, IncidentFilter())
        services = incident_records.services_of(tx, ["over"])["over"]
    assert found(two, incident_type=records[0].figures.incident_type) == ["open", "over"]
    assert found(two, service=services[0]) == ["open", "over"]
    assert found(two, incident_type="payment") == found(two, service="nothing") == []


def test_the_time_to_the_first_report_is_known_once_it_could_be_read(two: Database):
    with two.read() as tx:
        (record, *_) = incident_records.list_records(tx, IncidentFilter(text="over"))
        sequence = incidents.load_incident(tx, "over").notices[0].sequence
    assert record.figures.time_to_notice is None
    append(two, "over", TimelineEvent(EventKind.READABLE, text=str(sequence)), "12:04")
    with two.read() as tx:
        incident = incidents.load_incident(tx, "over")
        (record, *_) = incident_records.list_records(tx, IncidentFilter(text="over"))
    assert incident is not None
    assert record.figures.time_to_notice == at("12:04") - incident.t0
    assert found(two, IncidentOrder.SLOWEST) == ["over", "open"]


def test_an_incident_that_was_never_published_is_listed_without_figures(store: Database):
    with store.begin() as tx:
        incidents.open_incident(tx, "new", at=at("12:00"), t0=at("12:00"), t0_source="form")
    with store.read() as tx:
        (record,) = incident_records.list_records(tx, IncidentFilter())
    assert (record.figures.headlines, record.figures.duration, record.figures.promises_made) == ({}, None, 0)


def test_planned_maintenance_is_not_among_the_incidents(two: Database):
    with two.read() as tx:
        incident = incidents.load_incident(tx, "over")
    assert incident is not None
    assert NoticeKind.ANNOUNCED not in {item.notice.notice for item in incident.notices}
    with two.begin() as tx:
        tx.execute(update(table).where(table.c.id == "over").values(maintenance_start=at("15:00")))
    assert found(two) == ["open"]
