"""Retrospectives: the timeline, notes of several people at once, causes, the reminder, redaction, and no leak."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from statuspage.domain import ContributingCause, RetrospectiveState, Section
from statuspage.domain.incident import EventKind, TimelineEvent
from statuspage.domain.staff_notification import NotificationReason
from statuspage.rendering.wording import Clock
from statuspage.storage import incident_records, incidents
from statuspage.storage.incident_records import IncidentFilter, IncidentGroup
from statuspage.usecases import action_items, alerts, drills, incident_reports, retrospectives
from statuspage.usecases.action_items import ActionInput, NoSuchSubject
from statuspage.usecases.audit_log import Actor
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.incidents import ActionRefused
from statuspage.usecases.on_call import fact_requests
from statuspage.usecases.publishing import site_updates
from statuspage.usecases.redaction import redact
from statuspage.usecases.retrospectives import EventInput, NotOverYet, RetrospectiveFormatter, TimelineKind
from tests.integration.usecases.test_action_items import FIRST, OVER, SECOND, keep
from tests.support.desk import drill_environment_in, env
from tests.support.drill_series import QUICK, play
from tests.support.on_call import OnCallSetup, on_call_setup
from tests.support.site import booking
from tests.support.times import at
from tests.support.typed import typed_input

__all__ = ["env", "on_call_setup"]

pytestmark = pytest.mark.usefixtures("database")

AYA, KEN = {"actor": Actor("a1", "彩"), "now": at("15:00")}, {"actor": Actor("a2", "健"), "now": at("15:01")}
CANARY = "カナリア7391"


@pytest.fixture
def incident(env: Environment) -> str:
    """An incident that is over."""
    keep(env, FIRST, OVER)
    return FIRST


def notes(env: Environment, subject: str, section: Section = Section.WHY) -> list[str]:
    found = retrospectives.find_retrospective(env, subject, now=at("16:00"))
    return [note.text for note in found.record.notes_in(section)]


def test_two_people_add_notes_and_none_is_lost(env: Environment, incident: str):
    retrospectives.write_note(env, incident, Section.WHY, "確認が切られていた", **AYA)
    retrospectives.write_note(env, incident, Section.WHY, "予備が動かなかった", **KEN)
    assert notes(env, incident) == ["確認が切られていた", "予備が動かなかった"]


def test_of_two_changes_of_one_note_both_texts_stay(env: Environment, incident: str):
    number = retrospectives.write_note(env, incident, Section.WHY, "最初", **AYA)
    assert retrospectives.change_note(env, incident, number, "彩の文", version=1, **AYA)
    assert not retrospectives.change_note(env, incident, number, "健の文", version=1, **KEN)
    assert notes(env, incident) == ["彩の文", "健の文"]


def test_the_same_change_twice_is_one_note(env: Environment, incident: str):
    number = retrospectives.write_note(env, incident, Section.WHY, "最初", **AYA)
    for _ in range(2):
        assert retrospectives.change_note(env, incident, number, "次", version=1, **AYA)
    assert notes(env, incident) == ["次"]


def test_a_note_of_another_retrospective_cannot_be_changed_through_this_one(env: Environment, incident: str):
    keep(env, SECOND, OVER)
    number = retrospectives.write_note(env, SECOND, Section.WHY, "ほか", **AYA)
    with pytest.raises(NoSuchSubject):
        retrospectives.change_note(env, incident, number, "x", version=1, **AYA)
    assert notes(env, SECOND) == ["ほか"]


def test_causes_chosen_by_two_people_add_up(env: Environment, incident: str):
    empty: set[ContributingCause] = set()
    retrospectives.change_causes(env, incident, added={ContributingCause.CHANGE}, removed=empty, **AYA)
    retrospectives.change_causes(env, incident, added={ContributingCause.NO_ALERT}, removed=empty, **KEN)
    retrospectives.change_causes(env, incident, added=empty, removed={ContributingCause.CHANGE}, **KEN)
    found = retrospectives.find_retrospective(env, incident, now=at("16:00"))
    assert found.record.causes == (ContributingCause.NO_ALERT,)


def test_an_added_event_stands_in_the_timeline_by_its_time_with_its_source(env: Environment, incident: str):
    typed = EventInput(at("12:10"), "予備機を手で起動", "作業ログ")
    retrospectives.add_event(env, incident, typed, **AYA)
    timeline = retrospectives.find_retrospective(env, incident, now=at("16:00")).timeline
    assert [item.at for item in timeline] == sorted(item.at for item in timeline)
    (added,) = [item for item in timeline if item.kind is TimelineKind.ADDED]
    assert (added.at, added.source, added.actor) == (at("12:10"), "作業ログ", "彩")
    assert timeline.index(added) not in (0, len(timeline) - 1)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (EventInput(None, "a", "b"), "retro.time"),
        (EventInput(at("23:00"), "a", "b"), "retro.time"),
        (EventInput(at("12:10"), "", "b"), "retro.event"),
        (EventInput(at("12:10"), "a", " "), "retro.source"),
    ],
)
def test_an_event_without_time_words_or_source_is_refused(
    env: Environment, incident: str, typed: EventInput, code: str
):
    with pytest.raises(ActionRefused) as refused:
        retrospectives.add_event(env, incident, typed, **AYA)
    assert refused.value.code == code


def test_while_it_is_open_nothing_is_written(env: Environment):
    keep(env, FIRST, booking(("12:03", "first")))
    with pytest.raises(NotOverYet):
        retrospectives.write_note(env, FIRST, Section.WHY, "a", **AYA)


def test_only_what_is_done_leaves_the_list_of_those_that_are_due(env: Environment, incident: str):
    def due() -> list[str]:
        with env.databases.environment.read() as tx:
            wanted = IncidentFilter(group=IncidentGroup.RETROSPECTIVE)
            return [record.id for record in incident_records.list_records(tx, wanted)]

    retrospectives.set_state(env, incident, RetrospectiveState.REVIEWED, **AYA)
    assert due() == [incident]
    retrospectives.set_state(env, incident, RetrospectiveState.DONE, **AYA)
    assert due() == []


def test_a_redaction_reaches_notes_and_added_events(env: Environment, incident: str):
    retrospectives.write_note(env, incident, Section.RESPONSE, "山田花子さまに電話した", **AYA)
    retrospectives.add_event(env, incident, EventInput(at("12:10"), "電話", "山田花子さま"), **AYA)
    places = redact.redact_text(env, incident, "山田花子", reason="本人の依頼", actor="管理者", now=at("16:00"))
    assert {"retro_note", "retro_event"} <= {place.record_type for place in places.places}
    found = retrospectives.find_retrospective(env, incident, now=at("17:00"))
    assert "山田" not in repr(found.record)


def test_nothing_of_it_is_on_the_site(env: Environment, incident: str):
    for section in Section:
        retrospectives.write_note(env, incident, section, f"{CANARY} {section}", **AYA)
    retrospectives.add_event(env, incident, EventInput(at("12:10"), CANARY, CANARY), **AYA)
    action_items.add_item(env, incident, ActionInput(CANARY, CANARY, link=f"https://x.example/{CANARY}"), **AYA)
    retrospectives.set_state(env, incident, RetrospectiveState.DONE, **AYA)
    report = incident_reports.begin_report(env, incident, CANARY, (), **AYA)
    texts = {"root_cause": {"ja": CANARY, "en": CANARY}}
    report = incident_reports.change_report(env, report.number, texts, seen=(report.version, report.changes), **AYA)
    incident_reports.approve_report(env, report.number, seen=(report.version, report.changes), **AYA)
    site_updates.build_site(env, now=at("16:00"))
    files = [path for path in env.site_folder.current.rglob("*") if path.is_file()]
    assert len(files) > 20
    assert [path for path in files if CANARY.encode() in path.read_bytes()] == []


def tokyo(day: int, hour: int) -> datetime:
    return datetime(2026, 7, day, hour, tzinfo=UTC) - timedelta(hours=9)


def remind(setup: OnCallSetup, now: datetime) -> int:
    setup.clock.now = now
    count = retrospectives.remind_of_retrospectives(setup.env, now=now)
    setup.carry_out()
    return count


def test_the_next_day_at_ten_whoever_is_on_call_is_reminded_once(on_call_setup: OnCallSetup):
    env = on_call_setup.env
    keep(env, FIRST, OVER)
    day = OVER.notices[-1].recorded.astimezone(UTC).day
    assert remind(on_call_setup, tokyo(day, 23)) == remind(on_call_setup, tokyo(day + 1, 9)) == 0
    assert remind(on_call_setup, tokyo(day + 1, 10)) > 0
    assert remind(on_call_setup, tokyo(day + 1, 15)) == remind(on_call_setup, tokyo(day + 2, 10)) == 0
    assert {one.trigger for one in on_call_setup.made()} == {NotificationReason.RETROSPECTIVE_DUE}
    assert "振り返り" in on_call_setup.chat.received[-1].body["text"]
    timeline = retrospectives.find_retrospective(env, FIRST, now=tokyo(day + 2, 11)).timeline
    assert TimelineKind.CALL not in {item.kind for item in timeline}


def test_nobody_is_reminded_of_what_was_reviewed_or_broke_again(on_call_setup: OnCallSetup):
    env = on_call_setup.env
    keep(env, FIRST, OVER)
    keep(env, SECOND, OVER)
    retrospectives.set_state(env, FIRST, RetrospectiveState.REVIEWED, **AYA)
    with env.databases.environment.begin() as tx:
        event = TimelineEvent(EventKind.REOPENED, actor="健")
        incidents.append_entry(tx, SECOND, event, happened=at("15:00"), recorded=at("15:00"))
    day = OVER.notices[-1].recorded.astimezone(UTC).day
    assert remind(on_call_setup, tokyo(day + 1, 10)) == 0
    assert retrospectives.remind_of_retrospectives(replace(env, follows_up_actions=False), now=tokyo(day + 1, 10)) == 0


def test_the_timeline_has_everything_that_was_recorded_from_the_alert_to_the_recovery(on_call_setup: OnCallSetup):
    env, clock = on_call_setup.env, on_call_setup.clock
    alert = on_call_setup.alert()
    on_call_setup.work(minutes=6)
    alerts.acknowledge(env, alert.id, actor="彩", now=clock.later(minutes=1))
    incident = alerts.confirm(env, alert.id, actor="彩", now=clock.later(minutes=1)).id
    request = fact_requests.ask_engineers(env, incident, actor="彩", now=clock.later(minutes=1))
    estimate = typed_input(estimate="30m")
    answer = {"actor": "健", "text": "予備に切替中", "request_sequence": request}
    assert fact_requests.record_answer(env, incident, estimate, **answer, now=clock.later(minutes=3)) == ()
    on_call_setup.over()
    with env.databases.environment.begin() as tx:
        for item in OVER.entries:
            incidents.append_entry(tx, incident, item.entry, happened=item.happened, recorded=item.recorded)
        readable = TimelineEvent(EventKind.READABLE, text="1")
        incidents.append_entry(tx, incident, readable, happened=at("12:32"), recorded=at("12:32"))
    found = retrospectives.find_retrospective(env, incident, now=at("16:00"))
    pack = env.site.catalog.packs["ja"]
    formatter = RetrospectiveFormatter(
        lambda key, **slots: pack.labels[key].format(**slots), Clock(pack.locale_rules, "Asia/Tokyo"), pack
    )
    written = retrospectives.retrospective_markdown(found, formatter)
    events = {item.event for item in found.timeline if item.event}
    assert {
        EventKind.ALERTED, EventKind.ACKNOWLEDGED, EventKind.CONFIRMED, EventKind.FACTS_REQUESTED,
        EventKind.FACT_RECEIVED, EventKind.READABLE, EventKind.RECOVERED,
    } <= events  # fmt: skip
    assert {TimelineKind.CALL, TimelineKind.NOTICE} <= {item.kind for item in found.timeline}
    assert "12:44" in written and "予備に切替中" in written, "what was answered, not only that"


@pytest.fixture
def drill(tmp_path: Path) -> Iterator[Environment]:
    """A drill environment."""
    made = drill_environment_in(tmp_path)
    yield made
    made.databases.environment.close()
    made.databases.accounts.close()


@pytest.mark.slow
def test_a_drill_has_a_retrospective_of_its_own_with_the_intervals_of_its_scorecard(drill: Environment):
    played = play(drill, at("10:00"), QUICK)
    found = retrospectives.find_retrospective(drill, played.drill.id, now=at("16:00"))
    assert found.intervals == drills.report(drill, played.drill.id, now=at("16:00")).incidents[0].intervals
    assert found.is_over and found.incident is not None
    retrospectives.write_note(drill, played.drill.id, Section.WENT_WELL, "声かけ", **AYA)
    assert notes(drill, played.drill.id, Section.WENT_WELL) == ["声かけ"]
