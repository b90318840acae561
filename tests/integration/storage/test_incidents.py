"""Timelines in the database: append-only, in order, and safe if two people write at once."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert
from sqlalchemy.exc import IntegrityError

from statuspage.domain.facts import MediumText, NoticeKind
from statuspage.domain.incident import EventKind, Incident, InternalNote, Notice, TimelineEvent
from statuspage.serialization import to_json_value
from statuspage.storage import incidents, public_history
from statuspage.storage import tables as schema
from statuspage.storage.engine.database import Connection, Database, DatabaseBusy
from statuspage.storage.incidents import DuplicateNotice, NoticeConflict
from tests.support.database import made, url_of
from tests.support.site import another, booking, over
from tests.support.times import at

pytestmark = pytest.mark.usefixtures("database")

ID = "k3m9p2q7x4ab"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    found = made(tmp_path / "environment.db", "environment")
    yield found
    found.close()


def notice(text: str = "", key: str = "") -> Notice:
    entry = booking(("12:03", "first")).notices[0].notice
    return replace(entry, actor=text, key=key)


def everywhere(entry: Notice) -> Notice:
    """The same notice with texts for media besides the site's."""
    also = {"x": MediumText("Short.", length=6, limit=280), "short": MediumText("Said by phone.")}
    words = {language: replace(text, media={**text.media, **also}) for language, text in entry.texts.items()}
    return replace(entry, texts=words)


def opened(store: Database) -> None:
    with store.begin() as tx:
        incidents.open_incident(tx, ID, at=at("12:00"), t0=at("11:57"), t0_source="alert")


def append_notice(store: Database, entry: Notice, after: int | None, clock: str = "12:03") -> int:
    with store.begin() as tx:
        return incidents.append_entry(tx, ID, entry, happened=at(clock), recorded=at(clock), after=after)


def take(store: Database, step: EventKind, clock: str) -> int:
    with store.begin() as tx:
        return incidents.append_entry(tx, ID, TimelineEvent(step), happened=at(clock), recorded=at(clock))


def kept(store: Database, *incident_list: Incident) -> None:
    for incident in incident_list:
        with store.begin() as tx:
            incidents.open_incident(tx, incident.id, at=incident.opened, t0=incident.t0, t0_source=incident.t0_source)
            for r in incident.entries:
                incidents.append_entry(tx, incident.id, r.entry, happened=r.happened, recorded=r.recorded)


def names(found: tuple[Incident, ...]) -> list[str]:
    return [i.id for i in found]


def test_a_timeline_comes_back_in_the_order_it_was_written(store: Database):
    opened(store)
    with store.begin() as tx:
        for entry in (
            TimelineEvent(EventKind.CONFIRMED, actor="Aya"),
            InternalNote("Told the clubs", actor="Ken"),
            notice(),
        ):
            incidents.append_entry(tx, ID, entry, happened=at("12:00"), recorded=at("12:01"))
    with store.read() as tx:
        incident = incidents.load_incident(tx, ID)
    assert incident is not None
    assert [(r.sequence, r.entry.type, r.happened, r.recorded) for r in incident.entries] == [
        (n, entry_kind, at("12:00"), at("12:01")) for n, entry_kind in ((1, "step"), (2, "note"), (3, "notice"))
    ]
    assert incident.notices[0].notice == notice()
    assert (incident.opened, incident.t0, incident.t0_source) == (at("12:00"), at("11:57"), "alert")


def test_the_site_reads_a_notice_without_its_words_for_other_media(store: Database):
    opened(store)
    entry = everywhere(notice())
    append_notice(store, entry, after=0)
    with store.read() as tx, store.read_for_site() as other:
        whole, shown = incidents.load_incident(tx, ID), incidents.load_incident(other, ID)
    assert whole is not None and shown is not None and whole.latest is not None and shown.latest is not None
    assert whole.latest.notice == entry
    assert shown.latest.notice == notice()


def test_a_notice_written_before_its_media_stood_apart_comes_back_whole(store: Database):
    opened(store)
    entry = everywhere(notice())
    row = {"incident": ID, "sequence": 1, "type": "notice", "kind": "first", "body": to_json_value(entry)}
    with store.begin() as tx:
        tx.execute(insert(schema.entry).values({**row, "happened": at("12:03"), "recorded": at("12:03")}))
    with store.read() as tx, store.read_for_site() as other:
        incident = [incidents.load_incident(one, ID) for one in (tx, other)]
    assert [incident.latest.notice for incident in incident if incident and incident.latest] == [entry, entry]


def test_an_unknown_incident_is_nobody_s(store: Database):
    with store.read() as tx:
        assert incidents.load_incident(tx, "nobody") is None
    with pytest.raises(KeyError), store.begin() as tx:
        incidents.append_entry(tx, "nobody", notice(), happened=at("12:00"), recorded=at("12:00"))


def test_a_notice_that_does_not_follow_on_the_newest_shows_the_newest(store: Database):
    opened(store)
    append_notice(store, notice("Aya"), after=0)
    with pytest.raises(NoticeConflict) as raised:
        append_notice(store, notice("Ken"), after=0)
    assert (raised.value.newest.sequence, raised.value.newest.notice.actor) == (1, "Aya")


def test_other_entries_overtake_nobody(store: Database):
    opened(store)
    append_notice(store, notice("Aya"), after=0)
    take(store, EventKind.FACTS_REQUESTED, "12:05")
    assert append_notice(store, notice("Ken"), after=1) == 3


def test_two_people_at_once_one_is_told_what_the_other_wrote(store: Database):
    opened(store)
    start, ends = threading.Barrier(2), {}

    def publish(who: str) -> None:
        start.wait()
        try:
            ends[who] = append_notice(store, notice(who), after=0)
        except NoticeConflict as overtaken:
            ends[who] = overtaken.newest.notice.actor

    threads = [threading.Thread(target=publish, args=(who,)) for who in ("Aya", "Ken")]
    for person in threads:
        person.start()
    for person in threads:
        person.join()
    winner = next(who for who, end in ends.items() if end == 1)
    assert {ends["Aya"], ends["Ken"]} == {1, winner}


def test_a_button_pressed_twice_is_one_notice(store: Database):
    opened(store)
    append_notice(store, notice(key="press-1"), after=0)
    with pytest.raises(DuplicateNotice) as raised:
        append_notice(store, notice(key="press-1"), after=0)
    assert (raised.value.incident, raised.value.sequence) == (ID, 1)
    with store.read() as tx:
        incident = incidents.load_incident(tx, ID)
    assert incident is not None
    assert len(incident.notices) == 1


@pytest.mark.parametrize("statement", ["UPDATE entry SET kind = 'update'", "DELETE FROM entry"])
def test_the_database_itself_refuses_to_change_what_was_written(store: Database, statement: str):
    opened(store)
    append_notice(store, notice(), after=0)
    with pytest.raises(IntegrityError, match="append-only"), store.begin() as tx:
        tx.exec_driver_sql(statement)


def test_half_a_transaction_is_none(store: Database):
    opened(store)
    with pytest.raises(ZeroDivisionError), store.begin() as tx:
        incidents.append_entry(tx, ID, notice(), happened=at("12:00"), recorded=at("12:00"))
        raise ZeroDivisionError
    with store.read() as tx:
        incident = incidents.load_incident(tx, ID)
    assert incident is not None
    assert incident.entries == ()


def test_an_incident_is_open_until_customers_are_told_it_is_over(store: Database):
    opened(store)
    seen = []
    for act in (
        lambda: append_notice(store, notice(), after=0),
        lambda: append_notice(store, replace(notice(), notice=NoticeKind.RESOLVED), after=1),
        lambda: take(store, EventKind.REOPENED, "13:00"),
        lambda: append_notice(store, replace(notice(), notice=NoticeKind.WITHDRAWAL), after=2),
    ):
        act()
        with store.read() as tx:
            seen.append(bool(incidents.open_incidents(tx)))
    assert seen == [True, False, True, False]


def test_an_incident_closed_without_a_notice_is_over(store: Database):
    opened(store)
    take(store, EventKind.CLOSED, "12:10")
    with store.read() as tx:
        assert incidents.open_incidents(tx) == ()


def test_what_is_kept_beside_the_entries_agrees_with_them(store: Database):
    incident_list = [
        over(),
        another("c" * 12, at("09:00")),
        another("d" * 12, at("10:00"), minutes=None),
    ]
    kept(store, *incident_list)
    with store.read() as tx:
        assert set(names(incidents.open_incidents(tx))) == {s.id for s in incident_list if not s.is_over}
        for incident in incident_list:
            assert incidents.load_incident(tx, incident.id) == incident


def test_months_take_incidents_by_when_customers_were_first_told(store: Database):
    kept(store, another("a" * 12, at("09:00")), another("b" * 12, at("09:00", "2026-06-30")), booking())
    with store.read() as tx:
        assert names(incidents.published_between(tx, at("00:00", "2026-07-01"), at("00:00", "2026-08-01"))) == [
            "a" * 12,
            ID,
        ]
        assert names(incidents.published_between(tx, at("00:00", "2026-06-01"), at("00:00", "2026-07-01"))) == [
            "b" * 12
        ]


def test_recent_ones_come_with_the_last_told_first(store: Database):
    kept(store, over(), another("a" * 12, at("09:00")), another("b" * 12, at("09:00", "2026-06-30")))
    with store.read() as tx:
        assert names(incidents.changed_since(tx, at("00:00", "2026-07-01"))) == [ID, "a" * 12]


def test_the_newest_notices_of_all_come_with_their_incidents(store: Database):
    kept(store, over(), another("a" * 12, at("12:10")))
    with store.read() as tx:
        found = incidents.latest_notices(tx, 3)
    assert [(i.id, n.sequence) for i, n in found] == [(ID, 3), ("a" * 12, 2), (ID, 2)]


def test_incidents_already_read_in_a_transaction_are_not_read_again(store: Database):
    kept(store, over(), another("a" * 12, at("12:10")))
    queries = []
    with store.read() as tx:
        newest = incidents.latest_incidents(tx, 2)
        event.listen(store.engine, "before_cursor_execute", lambda *a: queries.append(a[2]))
        again = incidents.load_incidents(tx, [ID, "a" * 12, ID])
        assert queries == []
        both = incidents.load_incidents(tx, [ID, "b" * 12])
    assert again == tuple(sorted(newest, key=lambda incident: incident.id))
    assert names(both) == [ID]
    assert [query for query in queries if "FROM entry" in query] == []


def test_no_query_reads_through_history(store: Database):
    kept(store, over(), another("a" * 12, at("09:00")))
    queries = []
    event.listen(store.engine, "before_cursor_execute", lambda *a: queries.append((a[2], a[3])))
    with store.read() as tx:
        incidents.open_incidents(tx)
        incidents.changed_since(tx, at("00:00"))
        incidents.published_between(tx, at("00:00"), at("12:00"))
        incidents.latest_notices(tx, 50)
        asked = [q for q in queries if q[0].startswith("SELECT")]
        plans = [step for sql, values in asked for step in plan(tx, sql, values)]
    assert len(plans) >= 4
    assert [p for p in plans if re.search("(SCAN|Seq Scan on) (entry|incident)", p)] == []


def plan(tx: Connection, sql: str, values: Any) -> list[str]:
    """The query plan. PostgreSQL, which reads small tables as a whole, is told not to."""
    if tx.dialect.name == "sqlite":
        return [str(row[3]) for row in tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values)]
    tx.exec_driver_sql("SET LOCAL enable_seqscan = off")
    return [str(row[0]) for row in tx.exec_driver_sql(f"EXPLAIN {sql}", values)]


def test_each_fence_is_higher_than_the_one_before(store: Database):
    got: list[int] = []

    def draw() -> None:
        for _ in range(5):
            with store.begin() as tx:
                got.append(incidents.next_fence(tx))

    threads = [threading.Thread(target=draw) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == list(range(1, 11))


def test_a_database_held_by_somebody_else_is_busy_and_stores_nothing(
    store: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    opened(store)
    for manners in ("sqlite", "postgresql"):
        monkeypatch.setattr(f"statuspage.storage.engine.{manners}.LOCK_TIMEOUT_MS", 100)
    hurried = Database.for_environment(url_of(tmp_path / "environment.db"))
    with store.begin() as holding:
        incidents.append_entry(holding, ID, notice("Aya"), happened=at("12:00"), recorded=at("12:00"))
        with pytest.raises(DatabaseBusy):
            append_notice(hurried, notice("Ken"), after=0)
        with hurried.read() as tx:  # reading continues on the earlier snapshot
            incident = incidents.load_incident(tx, ID)
            assert incident is not None
            assert incident.entries == ()
    hurried.close()


def test_a_writer_waits_for_another_one_to_finish(store: Database):
    opened(store)
    with store.begin() as tx:
        incidents.append_entry(tx, ID, notice("Aya"), happened=at("12:00"), recorded=at("12:00"))
        waiting = threading.Thread(target=take, args=(store, EventKind.FACTS_REQUESTED, "12:10"))
        waiting.start()
        waiting.join(timedelta(milliseconds=200).total_seconds())
        assert waiting.is_alive()
    waiting.join()
    with store.read() as tx:
        incident = incidents.load_incident(tx, ID)
    assert incident is not None
    assert len(incident.entries) == 2


def test_however_many_writers_wait_whoever_reads_does_not(store: Database):
    opened(store)
    waiting = [threading.Thread(target=take, args=(store, EventKind.FACTS_REQUESTED, "12:10")) for _ in range(16)]
    with store.begin() as tx:
        incidents.append_entry(tx, ID, notice("Aya"), happened=at("12:00"), recorded=at("12:00"))
        for thread in waiting:
            thread.start()
        with store.read() as reading:
            assert incidents.load_incident(reading, ID) is not None
    for thread in waiting:
        thread.join()
    with store.read() as reading:
        incident = incidents.load_incident(reading, ID)
    assert incident is not None
    assert [recorded.sequence for recorded in incident.entries] == list(range(1, 18))


def test_history_finds_what_services_went_through_and_the_incidents_that_touched_one(store: Database):
    old = another("mail", at("09:10", "2026-03-01"))
    kept(store, old, booking(("12:04", "first"), id="open"), over(), another("gates", at("07:02", "2026-06-28")))
    with store.read() as tx:
        found = public_history.periods_since(tx, at("00:00", "2026-04-01"))
        touched = [incident.id for incident in public_history.incidents_of_service(tx, "gate", 5)]
    assert {service: len(spans) for service, spans in found.items()} == {"booking": 2, "desk-booking": 2, "gate": 1}
    assert touched == ["gates", "mail"]


def test_a_withdrawn_notice_leaves_no_history(store: Database):
    kept(store, booking(("12:03", "first"), ("12:10", "withdrawal")))
    with store.read() as tx:
        assert public_history.periods_since(tx, at("00:00")) == {}
