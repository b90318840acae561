"""Maintenance proceeds automatically, on real databases: one reminder, one start notice, late if the worker was
down."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from statuspage.domain.catalog import Catalog
from statuspage.domain.delivery import SITE
from statuspage.domain.facts import MAINTENANCE, NoticeKind
from statuspage.domain.incident import Incident
from statuspage.domain.notice_input import NoticeInput
from statuspage.storage import deliveries, incidents
from statuspage.usecases import notices
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.notices import scheduled
from statuspage.usecases.notices.results import NoticeTarget, Published, Refused
from tests.support.desk import Clock, environment_in, until, working
from tests.support.times import at
from tests.support.typed import typed_input

N = NoticeKind
NOW = at("12:00")
START, END = at("02:00", "2026-07-12"), at("04:00", "2026-07-12")
REMIND = at("02:00", "2026-07-11")
PLAN = typed_input(incident_type=MAINTENANCE, services=("booking",), begins="7/12 02:00", ends="2h")


@pytest.fixture
def env(tmp_path: Path, catalog: Catalog) -> Iterator[Environment]:
    """A live environment with the sample company's content and the site as its only channel."""
    env = environment_in(tmp_path, catalog)
    yield env
    env.databases.environment.close()
    env.databases.accounts.close()


def publish(
    env: Environment,
    notice: NoticeKind,
    notice_input: NoticeInput,
    target: NoticeTarget,
    now: datetime,
    to: tuple[str, ...] | None = None,
) -> Published | Refused:
    """Previews and publishes."""
    preview = notices.preview_notice(env, notice_input, notice_kind=notice, target=target, now=now)
    if preview.problems:
        return Refused(preview.problems)
    published = notices.publish_notice(env, notice_input, preview.token, actor="Mika", now=now, chosen_channels=to)
    assert isinstance(published, Published)
    return published


def planned(env: Environment, now: datetime = NOW, to: tuple[str, ...] | None = None) -> str:
    """Maintenance that was announced; returns its id."""
    published = publish(env, N.ANNOUNCED, PLAN, notices.new_incident_target(env, now=now), now, to)
    assert isinstance(published, Published)
    return published.incident_id


def publish_later(
    env: Environment, incident: str, notice: NoticeKind, now: datetime, **typed: str
) -> Published | Refused:
    """Publishes a later notice about it by hand."""
    target = notices.open_notice_form(env.databases.environment, incident, actor="Mika", now=now)
    assert target is not None
    return publish(env, notice, typed_input(incident_type=MAINTENANCE, services=("booking",), **typed), target, now)


def incident_of(env: Environment, incident: str) -> Incident:
    with env.databases.environment.read() as tx:
        stored = incidents.load_incident(tx, incident)
    assert stored is not None
    return stored


def notice_kinds(env: Environment, incident: str) -> list[str]:
    return [n.notice.notice.value for n in incident_of(env, incident).notices]


def test_the_words_of_reminder_and_start_are_approved_with_the_plan(env: Environment):
    preview = notices.preview_notice(
        env, PLAN, notice_kind=N.ANNOUNCED, target=notices.new_incident_target(env, now=NOW), now=NOW
    )
    assert [(s.notice, s.at) for s in preview.scheduled_notices] == [(N.REMINDER, REMIND), (N.STARTED, START)]
    kept = incident_of(env, planned(env)).notices[0].notice.scheduled
    assert [s.texts["ja"].media["page"].body for s in kept] == [
        s.texts["ja"].media["page"].body for s in preview.scheduled_notices
    ]


def test_both_go_out_at_their_time_in_those_words_and_only_once(env: Environment):
    incident = planned(env)
    approved = incident_of(env, incident).notices[0].notice.scheduled
    assert scheduled.publish_due(env, now=REMIND - timedelta(seconds=1)) == ()
    assert scheduled.publish_due(env, now=REMIND) == (incident,)
    assert scheduled.publish_due(env, now=REMIND + timedelta(minutes=1)) == ()
    assert scheduled.publish_due(env, now=START) == (incident,)
    assert scheduled.publish_due(env, now=START + timedelta(minutes=1)) == ()
    assert notice_kinds(env, incident) == ["announced", "reminder", "started"]
    sent = incident_of(env, incident).notices[1:]
    assert [n.notice.texts for n in sent] == [s.texts for s in approved]
    with env.databases.environment.read() as tx:
        queued = deliveries.deliveries_of_incident(tx, incident)
    assert [(d.sequence, d.channel) for d in queued] == [(n.sequence, SITE) for n in incident_of(env, incident).notices]


def test_a_late_worker_sends_no_reminder_once_it_should_have_started_but_says_so_with_the_true_time(env: Environment):
    incident = planned(env)
    late = START + timedelta(minutes=25)
    assert scheduled.publish_due(env, now=late) == (incident,)
    assert notice_kinds(env, incident) == ["announced", "started"]
    started = incident_of(env, incident).notices[-1]
    assert (started.happened, started.recorded) == (START, late)
    assert "7月12日(日)2:00" in started.notice.texts["ja"].media["page"].body


def test_after_the_planned_end_nothing_goes_out_by_itself(env: Environment):
    incident = planned(env)
    assert scheduled.publish_due(env, now=END) == ()
    assert notice_kinds(env, incident) == ["announced"]
    assert incident_of(env, incident).is_overrun(END)


def test_workers_that_look_at_the_same_moment_say_it_once(env: Environment):
    incident = planned(env)
    barrier = threading.Barrier(8)

    def look() -> None:
        barrier.wait()
        scheduled.publish_due(env, now=START)

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert notice_kinds(env, incident) == ["announced", "started"]


def test_a_changed_plan_takes_the_place_of_the_old_one(env: Environment):
    incident = planned(env)
    assert scheduled.publish_due(env, now=REMIND) == (incident,)
    moved = publish_later(env, incident, N.ANNOUNCED, REMIND + timedelta(hours=1), begins="7/13 02:00", ends="2h")
    assert isinstance(moved, Published)
    assert scheduled.publish_due(env, now=START) == (incident,)
    assert notice_kinds(env, incident) == ["announced", "reminder", "announced", "reminder"]
    assert scheduled.publish_due(env, now=START + timedelta(days=1)) == (incident,)
    assert notice_kinds(env, incident)[-1] == "started"
    assert "7月13日" in incident_of(env, incident).notices[-1].notice.texts["ja"].title


def test_an_extension_before_the_start_keeps_both_coming(env: Environment):
    incident = planned(env)
    assert isinstance(publish_later(env, incident, N.EXTENDED, NOW, ends="7/12 06:00"), Published)
    assert scheduled.publish_due(env, now=REMIND) == (incident,)
    assert scheduled.publish_due(env, now=START) == (incident,)
    started = incident_of(env, incident).latest
    assert started is not None and "6:00ごろ" in started.notice.texts["ja"].media["page"].body


def test_work_that_a_person_started_is_not_started_again(env: Environment):
    incident = planned(env)
    early = START - timedelta(minutes=10)
    assert isinstance(publish_later(env, incident, N.STARTED, early), Published)
    assert scheduled.publish_due(env, now=START) == ()
    body = incident_of(env, incident).notices[-1].notice.texts["en"].media["page"].body
    assert "It began at 01:50" in body


@pytest.mark.parametrize("end", [N.FINISHED, N.CANCELLED])
def test_nothing_follows_on_work_that_is_over(env: Environment, end: NoticeKind):
    incident = planned(env)
    assert isinstance(publish_later(env, incident, end, NOW + timedelta(hours=1)), Published)
    assert scheduled.publish_due(env, now=START) == ()
    assert incident_of(env, incident).is_over


def test_a_quiet_plan_stays_quiet(env: Environment):
    incident = planned(env, to=())
    assert [s.channels for s in incident_of(env, incident).notices[0].notice.scheduled] == [(), ()]


@pytest.mark.parametrize(
    ("before", "notice", "code"),
    [
        ((), N.ANNOUNCED, "notice.same"),
        ((N.STARTED,), N.ANNOUNCED, "notice.already_started"),
        ((N.STARTED,), N.STARTED, "notice.already_started"),
        ((N.CANCELLED,), N.EXTENDED, "notice.maintenance_over"),
        ((), N.UPDATE, "notice.of_incident"),
    ],
)
def test_what_does_not_follow_on_a_plan_is_refused(env: Environment, before, notice: NoticeKind, code: str):
    incident = planned(env)
    for one in before:
        assert isinstance(publish_later(env, incident, one, NOW + timedelta(hours=1)), Published)
    refused = publish_later(env, incident, notice, NOW + timedelta(hours=2), ends="7/12 05:00" if before else "")
    assert isinstance(refused, Refused)
    assert code in [p.code for p in refused.problems]


def test_a_notice_of_planned_work_does_not_follow_on_trouble(env: Environment):
    first = typed_input(incident_type="booking", start="now")
    published = publish(env, N.FIRST, first, notices.new_incident_target(env, now=NOW), NOW)
    assert isinstance(published, Published)
    refused = publish_later(env, published.incident_id, N.FINISHED, NOW, begins="7/12 02:00", ends="2h")
    assert isinstance(refused, Refused)
    assert "notice.of_maintenance" in [p.code for p in refused.problems]


def test_the_worker_does_it_by_itself(env: Environment):
    incident = planned(env)
    with working(env, Clock(START)):
        until(lambda: notice_kinds(env, incident) == ["announced", "started"])
