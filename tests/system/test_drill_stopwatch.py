"""Drills played on a served desk, with a second clock beside them that knows only the published page."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
import requests

from tests.support.desk import Browser, alertmanager
from tests.support.playing import Player, Serving, serving, until
from tests.support.remote_browser import remote_browser

TOLERANCE = 1.0
"""Seconds by which program and stopwatch may differ, besides what the stopwatch itself does not know."""


@dataclass(frozen=True)
class Moment:
    """Something happened after ``earliest`` and before ``latest``, in seconds of the second clock."""

    earliest: float
    latest: float


@dataclass
class Stopwatch:
    """Reads the front page of the drill's site ten times a second, and notes which incident it names when."""

    page: str
    seen: dict[str, Moment] = field(default_factory=dict)
    longest_gap: float = 0.0
    stop: Event = field(default_factory=Event)

    def run(self) -> None:
        """Until it is stopped."""
        previous = time.monotonic()
        while not self.stop.wait(0.1):
            began = time.monotonic()
            text = requests.get(f"{self.page}/en/", timeout=30).text
            for incident in re.findall(r"incidents/(drill\w+)", text):
                self.seen.setdefault(incident, Moment(previous, time.monotonic()))
            self.longest_gap = max(self.longest_gap, time.monotonic() - previous)
            previous = began

    def time_to_notice(self, begin: Moment, incident: str, pause: tuple[Moment, Moment] | None = None) -> Moment:
        """The shortest and the longest time that it may have been."""
        end, shortest_pause, longest_pause = self.seen[incident], 0.0, 0.0
        if pause is not None:
            shortest_pause = pause[1].earliest - pause[0].latest
            longest_pause = pause[1].latest - pause[0].earliest
        return Moment(end.earliest - begin.latest - longest_pause, end.latest - begin.earliest - shortest_pause)


@dataclass
class Table:
    """The rows so far: case, what the stopwatch says, what the program says."""

    rows: list[str] = field(default_factory=list)

    def compare(self, case: str, stopwatch: Moment, program: float | None, gap: float) -> None:
        """Program and stopwatch agree to the second."""
        shown = "–" if program is None else f"{program:.1f}"
        self.rows.append(f"{case:45} stopwatch {stopwatch.earliest:5.1f} to {stopwatch.latest:5.1f}  program {shown}")
        print(self.rows[-1])
        assert program is not None, case
        slack = TOLERANCE + gap
        assert stopwatch.earliest - slack <= program <= stopwatch.latest + slack, self.rows[-1]


@dataclass
class Played:
    """A served instance, the leader at its drill desk, and the second clock."""

    served: Serving
    leader: Browser
    stopwatch: Stopwatch
    table: Table

    def begin(self, **form: str) -> Moment:
        """Starts a drill through the form."""
        self.leader.open("/drills")
        before = time.monotonic()
        self.leader.send({"when": "now", "announce": None, **form})
        return Moment(before, time.monotonic())

    def press(self, do: str, path: str = "/drills/console") -> Moment:
        """One press of the leader."""
        self.leader.open(path)
        before = time.monotonic()
        self.leader.send(do=do)
        return Moment(before, time.monotonic())

    def publish(self, path: str, **change: object) -> str:
        """Publishes a first report. Returns the incident, once the second clock has read it."""
        before = {*self.stopwatch.seen}
        self.leader.open(path)
        self.leader.send({"incident_type": "booking", "start": "5m", **change, "do": "publish"})
        found = re.search(r"/incidents/(drill\w+)/notices/", self.leader.path)
        assert found, self.leader.words
        assert until(lambda: found[1] in self.stopwatch.seen), "the page never shows it"
        assert found[1] not in before
        return found[1]

    def confirm(self) -> str:
        """The form of the alert that waits. Returns its path."""
        alert = self.alert()
        self.leader.open(f"/alerts/{alert}").send(do="write", action=f"/alerts/{alert}")
        return self.leader.path

    def alert(self) -> str:
        """The alert that waits."""
        found = until(lambda: re.search(r"/alerts/(drill\w+)", self.leader.open("/").text))
        assert found, self.leader.words
        return str(found[1])

    def figures(self, drill: str = "") -> dict[str, Any]:
        """What the program says of the drill that runs, or of this one."""
        found = drill or re.findall(r"/drills/(drill\w+)", self.leader.open("/drills").text)[0]
        return dict(json.loads(self.leader.open(f"/drills/{found}.json").text), drill=found)

    def seconds(self) -> float | None:
        """The one number, once the program knows it."""
        until(lambda: self.figures()["time_to_notice"]["seconds"] is not None)
        number = self.figures()["time_to_notice"]["seconds"]
        return None if number is None else float(number)

    def end(self) -> None:
        """Ends the drill."""
        self.leader.open("/drills")
        self.leader.send(action="/drills/end")

    def compare(self, case: str, stopwatch: Moment) -> None:
        """One row of the table."""
        self.table.compare(case, stopwatch, self.seconds(), self.stopwatch.longest_gap)


@pytest.fixture(scope="module")
def player(made_instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Player:
    """Somebody with an instance of their own."""
    folder = tmp_path_factory.mktemp("stopwatch") / "instance"
    shutil.copytree(made_instance, folder, symlinks=True)
    return Player(folder)


@contextmanager
def beside(page: str) -> Iterator[Stopwatch]:
    """The second clock, while it runs."""
    stopwatch = Stopwatch(page)
    thread = Thread(target=stopwatch.run, daemon=True)
    thread.start()
    yield stopwatch
    stopwatch.stop.set()
    thread.join(30)


@pytest.fixture(scope="module")
def played(player: Player) -> Iterator[Played]:
    """The instance served, a lead signed in, the second clock running."""
    added = player.run("account", "add", "nakamura", "--name", "中村", "--role", "lead", "--lang", "en")
    assert added.code == 0, added.err
    with serving(player) as served, beside(served["drill_site"]) as stopwatch:
        link = player.ask("account", "link", "nakamura")
        leader = remote_browser(served["drill"])
        path = re.search(r"/sign-in/link/[^\"\s]+", json.dumps(link))
        assert path, link
        leader.open(path[0]).send()
        yield Played(served, leader, stopwatch, Table())


def test_before_anybody_serves_the_page_nothing_is_readable_and_there_is_no_number(player: Player) -> None:
    begun = player.ask("drill", "start", "--title", "Bookings fail")
    player.ask("report", "--drill", "--incident-type", "booking", "--start", "about:5m", "--yes", "--anyway")
    report = player.ask("drill", "report", begun["id"])
    assert report["time_to_notice"]["seconds"] is None
    player.ask("drill", "end")


def test_from_the_alert_of_a_script_to_the_page(played: Played) -> None:
    begin = played.begin(scenario="booking-phone")
    incident = played.publish(played.confirm())
    played.compare("alert, then a notice", played.stopwatch.time_to_notice(begin, incident))
    figures = played.figures()
    assert figures["promises"] == [], "a promise that is not due yet is not broken"
    played.end()


def test_a_pause_is_taken_out(played: Played) -> None:
    begin = played.begin(scenario="booking-phone")
    paused = played.press("pause")
    time.sleep(8)
    resumed = played.press("resume")
    incident = played.publish(played.confirm())
    played.compare("a pause of 8 s", played.stopwatch.time_to_notice(begin, incident, (paused, resumed)))
    assert abs(played.figures()["time_to_notice"]["paused_seconds"] - 8) < 3
    played.end()


def test_a_wrong_notice_that_is_withdrawn_is_no_first_report(played: Played) -> None:
    begin = played.begin(scenario="booking-phone")
    wrong = played.publish("/incidents/new", incident_type="login")
    first = played.seconds()
    played.leader.open(f"/incidents/{wrong}/notices/new/withdrawal").send(do="publish")
    until(lambda: played.figures()["time_to_notice"]["seconds"] is None)
    assert first is not None and played.figures()["time_to_notice"]["seconds"] is None
    right = played.publish(played.confirm())
    played.compare("a wrong notice, withdrawn, the right one later", played.stopwatch.time_to_notice(begin, right))
    assert played.figures()["time_to_notice"]["first_notice_withdrawn"] is True
    played.end()


def test_an_announcement_alone_starts_the_clock(played: Played) -> None:
    begin = played.begin(scenario="", title="Bookings fail", incident_type="")
    time.sleep(4)
    incident = played.publish("/incidents/new")
    played.compare("only announced", played.stopwatch.time_to_notice(begin, incident))
    assert played.figures()["time_to_notice"]["t0_source"] == "announced"
    played.end()


def test_an_alert_that_is_joined_late_counts_all_the_same(played: Played) -> None:
    begin = played.begin(scenario="booking-phone")
    alert = played.alert()
    time.sleep(3)
    incident = played.publish("/incidents/new")
    measured = played.stopwatch.time_to_notice(begin, incident)
    played.compare("a notice without the alert", measured)
    time.sleep(3)
    played.leader.open(f"/alerts/{alert}").send(to=incident, do="group", action=f"/alerts/{alert}/group")
    with_alert = played.figures()
    played.compare("the same, its alert joined later", measured)
    assert with_alert["time_to_notice"]["t0_source"] == "alert"
    taken = [objective for objective in with_alert["objectives"] if objective["measure"] == "acknowledged"]
    assert all(objective["grade"] != "U" for objective in taken), "it was taken when it was joined"
    played.end()


def test_an_alert_of_a_real_monitor_that_is_joined_late_starts_the_clock(played: Played) -> None:
    played.begin(scenario="", title="Bookings fail", incident_type="")
    time.sleep(3)
    before = time.monotonic()
    intake = f"{played.served['drill']}/intake/alertmanager"
    requests.post(intake, data=alertmanager(datetime.now(UTC)), timeout=60).raise_for_status()
    fired = Moment(before, time.monotonic())
    alert = played.alert()
    incident = played.publish("/incidents/new")
    measured = played.stopwatch.time_to_notice(fired, incident)
    played.compare("a monitor's alert, not joined", measured)
    time.sleep(3)
    played.leader.open(f"/alerts/{alert}").send(to=incident, do="group", action=f"/alerts/{alert}/group")
    played.compare("the same, joined later", measured)
    played.end()


def test_a_tutorial_is_timed_like_any_drill_and_says_so(played: Played) -> None:
    begin = played.begin(scenario="tutorial")
    incident = played.publish(played.confirm())
    played.compare("the tutorial", played.stopwatch.time_to_notice(begin, incident))
    assert played.figures()["time_to_notice"]["tutorial"] is True
    played.end()
