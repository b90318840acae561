"""The one number of a drill against a stopwatch that stood beside it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from statuspage.domain import response_times
from statuspage.domain.incident import Incident
from statuspage.domain.response_times import ResponseClock
from statuspage.storage import alerts, drill_injects
from statuspage.storage.drills import Drill
from statuspage.storage.engine import Connection
from statuspage.usecases import drill_figures, drills
from statuspage.usecases.drills import ClockWatch
from statuspage.usecases.environment.model import Environment
from tests.support.desk import drill_environment_in
from tests.support.drill_stopwatch import LENGTH, Reading, Recorder, Story, random_story, stopwatch, stories
from tests.support.times import at

COUNT = 120
"""Drills; enough that each planted mistake shows in some of them."""


@dataclass(frozen=True)
class Played:
    """The drills, stored."""

    env: Environment
    stories: Sequence[Story]
    ids: Sequence[str]

    def mistakes(self) -> list[tuple[Story, Reading, Reading]]:
        """The drills in which program and stopwatch disagree: the story, the stopwatch, the program."""
        readings = [self.reading(id) for id in self.ids]
        pairs = zip(self.stories, readings, strict=True)
        return [(story, stopwatch(story), shown) for story, shown in pairs if stopwatch(story) != shown]

    def reading(self, id: str) -> Reading:
        """What the program says of this drill."""
        report = drills.report(self.env, id, now=at("10:00", "2027-06-01"))
        seconds = None if report.duration is None else round(report.duration.total_seconds())
        has_alert = report.source == "alert"
        return Reading(seconds, round(report.pause_time.total_seconds()), report.is_clock_changed, has_alert)


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    env = drill_environment_in(tmp_path_factory.mktemp("stopwatch"))
    told = stories(COUNT)
    with env.databases.environment.begin() as tx:
        ids = [
            Recorder(tx, story, at("01:00", "2026-01-01") + timedelta(days=n), n).store()
            for n, story in enumerate(told)
        ]
    yield Played(env, told, ids)
    env.databases.environment.close()
    env.databases.accounts.close()


@pytest.mark.slow
def test_the_one_number_is_what_a_stopwatch_shows(played: Played) -> None:
    assert played.mistakes() == []


def test_the_drills_have_what_makes_counting_hard() -> None:
    told = stories(COUNT)
    assert sum(bool(story.pauses) for story in told) > 40
    assert sum(story.clock_step is not None for story in told) > 10
    assert sum(story.joins is not None for story in told) > 10
    assert sum(story.notices[0][2] is not None for story in told) > 20
    assert sum(story.alert is None for story in told) > 10


Plant = Callable[[pytest.MonkeyPatch], None]


def _pauses_count(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(drill_injects, "list_pauses", lambda tx, drill: ())


def _only_the_first_pause_is_taken_out(patch: pytest.MonkeyPatch) -> None:
    listed = drill_injects.list_pauses
    patch.setattr(drill_injects, "list_pauses", lambda tx, drill: listed(tx, drill)[:1])


def _pauses_are_taken_out_whole(patch: pytest.MonkeyPatch) -> None:
    def whole(self: ResponseClock, begin: datetime, end: datetime) -> timedelta:
        return sum((stop - start for start, stop in self.pauses), timedelta())

    patch.setattr(ResponseClock, "pause_between", whole)


def _a_withdrawn_notice_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(response_times, "_withdrawn_count", lambda incident: 0)


def _publishing_counts_as_reading(patch: pytest.MonkeyPatch) -> None:
    def published_at(incident: object, sequence: int | None = None) -> datetime | None:
        first = response_times.first_standing(incident)
        return first.recorded if first else None

    patch.setattr(response_times, "readable_at", published_at)


def _the_first_incident_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(drill_figures, "_counting_incident", lambda found: next(iter(found), None))


def _the_last_incident_counts(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(drill_figures, "_counting_incident", lambda found: found[-1] if found else None)


def _start_elsewhere(patch: pytest.MonkeyPatch, start: Callable[[ResponseClock, Drill, Incident], datetime]) -> None:
    counted = drill_figures._counted

    def elsewhere(tx: Connection, drill: Drill, incident: Incident, now: datetime, is_counting: bool) -> ResponseClock:
        clock = counted(tx, drill, incident, now, is_counting)
        return replace(clock, start=start(clock, drill, incident))

    patch.setattr(drill_figures, "_counted", elsewhere)


def _the_form_starts_the_clock(patch: pytest.MonkeyPatch) -> None:
    _start_elsewhere(patch, lambda clock, drill, incident: incident.t0)


def _the_beginning_of_the_drill_starts_the_clock(patch: pytest.MonkeyPatch) -> None:
    _start_elsewhere(patch, lambda clock, drill, incident: drill.started)


def _the_monitor_is_believed_from_before_the_drill(patch: pytest.MonkeyPatch) -> None:
    _start_elsewhere(patch, lambda clock, drill, incident: clock.start - timedelta(seconds=400))


def _an_alert_that_nobody_joined_is_overlooked(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(alerts, "find_first_alert", lambda *given, **named: None)


def _the_machines_clock_is_believed(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(drill_figures, "clock_steps", lambda drill: ())


PLANTED: Sequence[Plant] = (
    _pauses_count,
    _only_the_first_pause_is_taken_out,
    _pauses_are_taken_out_whole,
    _a_withdrawn_notice_counts,
    _publishing_counts_as_reading,
    _the_first_incident_counts,
    _the_last_incident_counts,
    _the_form_starts_the_clock,
    _an_alert_that_nobody_joined_is_overlooked,
    _the_beginning_of_the_drill_starts_the_clock,
    _the_monitor_is_believed_from_before_the_drill,
    _the_machines_clock_is_believed,
)


@pytest.mark.slow
@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__.strip("_"))
def test_the_stopwatch_finds_a_planted_mistake(played: Played, monkeypatch: pytest.MonkeyPatch, plant: Plant) -> None:
    plant(monkeypatch)
    assert played.mistakes()


def test_stories_end_before_their_drill_does() -> None:
    dice = random.Random(7)
    for _ in range(300):
        story = random_story(dice)
        assert max(second for notice in story.notices for second in notice if second is not None) < LENGTH


def test_a_clock_that_is_set_is_noticed_and_one_that_runs_slow_by_a_second_is_not() -> None:
    seconds = iter((100.0, 101.0, 102.0, 103.0, 7000.0))
    watch = ClockWatch(lambda: next(seconds))
    start = at("10:00:00")
    assert watch.change(start) is None
    assert watch.change(start + timedelta(seconds=2)) is None
    forward = watch.change(start + timedelta(seconds=3603))
    assert forward is not None and (forward.at, forward.change) == (at("10:00:03"), timedelta(hours=1))
    back = watch.change(start + timedelta(seconds=4))
    assert back is not None and (back.at, back.change) == (at("11:00:04"), timedelta(hours=-1))
    assert watch.change(start + timedelta(seconds=4 + 6897)) is None, "the machine slept, and its clock is right"
