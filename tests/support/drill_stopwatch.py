"""Drills at random, stored as the program stores them, and a stopwatch that knows nothing of the program.

A drill is played in real seconds. The machine's clock shows something else if somebody sets it meanwhile.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from statuspage import serialization
from statuspage.domain.alert import AlertState, MonitorAlert, Proposal
from statuspage.domain.facts import Facts, NoticeKind
from statuspage.domain.incident import Entry, EventKind, Notice, TimelineEvent
from statuspage.domain.response_times import ClockStep
from statuspage.storage import alerts, drill_injects, drills, incidents
from statuspage.storage.drills import Drill
from statuspage.storage.engine import Connection

LENGTH = 1500
"""Seconds from the beginning of a drill to its end."""


@dataclass
class Story:
    """What happens in a drill, in real seconds from its beginning. ``alert`` None: it is only announced. A notice of
    ``notices`` is (published, readable or None, withdrawn or None). ``joins``: when the alert is joined to the incident
    of the first notice; None: the incident came from the alert. ``clock_step``: when the clock is set, by how much."""

    alert: int | None
    fired_earlier: int
    confirmed: bool
    joins: int | None
    notices: list[tuple[int, int | None, int | None]]
    pauses: list[tuple[int, int]]
    clock_step: tuple[int, int] | None = None
    form_opened: int = 0
    noise: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class Reading:
    """What the stopwatch says: seconds until customers could read the first report that stands (None: never), whether
    somebody set the clock while it ran, and how long it stood still."""

    seconds: int | None
    paused: int = 0
    clock_was_set: bool = False
    has_alert: bool = False


def random_story(dice: random.Random) -> Story:
    """A drill with pauses, withdrawals, late joins and clock steps."""
    alert = dice.choice((None, 0, 0, 0, dice.randint(1, 200)))
    at, notices = (alert or 0) + dice.randint(5, 120), list[tuple[int, int | None, int | None]]()
    form_opened = at - 3
    for number in range(dice.choice((1, 1, 1, 2, 3))):
        readable = dice.choice((None, at + dice.randint(1, 90), at + dice.randint(1, 90)))
        withdrawn = (readable or at) + dice.randint(5, 60) if number == 0 and dice.random() < 0.5 else None
        notices.append((at, readable, withdrawn))
        at = (withdrawn or readable or at) + dice.randint(10, 100)
    confirmed = alert is not None and dice.random() < 0.6
    joins = at + dice.randint(1, 50) if alert is not None and not confirmed and dice.random() < 0.6 else None
    step = (dice.randint(1, at), dice.choice((-40, -7, 30, 3600))) if dice.random() < 0.4 else None
    noise = [at + dice.randint(1, 30)] if dice.random() < 0.3 else []
    return Story(
        alert, dice.choice((0, 0, 400)), confirmed, joins, notices, _pauses(dice, at), step, form_opened, noise
    )


def _pauses(dice: random.Random, until: int) -> list[tuple[int, int]]:
    pauses, at = list[tuple[int, int]](), 0
    for _ in range(dice.choice((0, 0, 1, 2, 3))):
        begin = at + dice.randint(1, max(2, until // 2))
        at = begin + dice.randint(1, 150)
        pauses.append((begin, at))
    return pauses


def stopwatch(story: Story) -> Reading:
    """Runs second by second, as a person with a watch beside the drill would."""
    counting = _counting(story)
    end, start = (story.notices[counting][1] if counting is not None else None), story.alert or 0
    last = end if end is not None else LENGTH
    ran = [second for second in range(start, last) if not any(begin <= second < until for begin, until in story.pauses)]
    was_set = story.clock_step is not None and start <= story.clock_step[0] <= last
    has_alert = story.alert is not None and story.alert <= story.form_opened
    return Reading(len(ran) if end is not None else None, last - start - len(ran), was_set, has_alert)


def _counting(story: Story) -> int | None:
    """The first notice that customers could read and that stands."""
    notices = enumerate(story.notices)
    return next((n for n, (_, readable, withdrawn) in notices if readable is not None and withdrawn is None), None)


@dataclass
class Recorder:
    """Stores a story in the database, with the times that the machine's clock showed."""

    tx: Connection
    story: Story
    begins: datetime
    number: int

    def wall(self, second: int) -> datetime:
        """What the machine's clock shows in this real second."""
        step = self.story.clock_step
        changed = step[1] if step and second >= step[0] else 0
        return self.begins + timedelta(seconds=second + changed)

    def store(self) -> str:
        """Stores it; returns the id of the drill."""
        story, drill_id = self.story, f"drill{self.number:07}"
        if story.alert is not None:
            self._alert("a", story.alert, story.fired_earlier)
        for n, at in enumerate(story.noise):
            self._alert(f"n{n}", at, 0)
        self._incidents()
        drills.insert_drill(self.tx, self._drill(drill_id))
        for begin, end in story.pauses:
            drill_injects.insert_pause(self.tx, drill_id, self.wall(begin))
            if end < LENGTH:
                drill_injects.end_pause(self.tx, drill_id, self.wall(end))
        return drill_id

    def _drill(self, id: str) -> Drill:
        step = self.story.clock_step
        steps = [ClockStep(self.begins + timedelta(seconds=step[0]), timedelta(seconds=step[1]))] if step else []
        note = {"clock_steps": serialization.to_json_value(steps)}
        alert = self._id("a") if self.story.alert is not None else ""
        goal = timedelta(minutes=10)
        return Drill(id, f"Drill {id}", "Nakamura", goal, self.begins, self.wall(LENGTH), alert, note)

    def _id(self, name: str) -> str:
        return f"drill{name}{self.number}"

    def _alert(self, name: str, at: int, fired_earlier: int) -> None:
        received, fired = self.wall(at), self.wall(at) - timedelta(seconds=fired_earlier if at == 0 else 0)
        signal = MonitorAlert("alertmanager", self._id(name), "Bookings fail", "", {}, fired)
        alerts.receive_alert(self.tx, signal, id=self._id(name), received_at=received, proposal=Proposal("", ()))

    def _incidents(self) -> None:
        """The first notice is of one incident; after its withdrawal each next one is of another."""
        for number, (published, readable, withdrawn) in enumerate(self.story.notices):
            incident = self._id(f"i{number}")
            self._open(incident, number, published)
            sequence = self._append(incident, Notice(NoticeKind.FIRST, Facts("booking"), {}, "Sato"), published)
            if readable is not None:
                self._append(incident, TimelineEvent(EventKind.READABLE, text=str(sequence)), readable)
            if withdrawn is not None:
                self._append(incident, Notice(NoticeKind.WITHDRAWAL, Facts("booking"), {}, "Sato"), withdrawn)

    def _open(self, incident: str, number: int, published: int) -> None:
        story, is_counting = self.story, number == (_counting(self.story) or 0)
        form = self.wall(published - 3)
        if story.alert is not None and story.confirmed and is_counting:
            start = max(self.wall(story.alert), self.begins)
            incidents.open_incident(self.tx, incident, at=form, t0=start, t0_source="alert")
            self._take(AlertState.CONFIRMED, published - 3, incident)
            return
        incidents.open_incident(self.tx, incident, at=form, t0=form, t0_source="form")
        if story.joins is not None and is_counting:
            self._take(AlertState.CONFIRMED, story.joins, incident)

    def _take(self, state: AlertState, at: int, incident: str) -> None:
        alerts.change_state(self.tx, self._id("a"), state, at=self.wall(at), actor="Sato", incident=incident)

    def _append(self, incident: str, entry: Entry, at: int) -> int:
        return incidents.append_entry(self.tx, incident, entry, happened=self.wall(at), recorded=self.wall(at))


def is_readable_on_the_clock(story: Story) -> bool:
    """Whether no time that matters was shown twice by the machine's clock, which nobody could tell apart."""
    if story.clock_step is None:
        return True
    at, change = story.clock_step
    moments = [story.alert or 0, *(second for notice in story.notices for second in notice if second is not None)]
    moments += [second - 3 for second, _, _ in story.notices] + [second for pause in story.pauses for second in pause]
    moments += [*story.noise, *([story.joins] if story.joins is not None else [])]
    return not any(abs(second - at) <= abs(min(change, 0)) + 1 for second in moments)


def stories(count: int, seed: int = 23) -> Sequence[Story]:
    """So many drills that a person with a watch could time."""
    dice, found = random.Random(seed), list[Story]()
    while len(found) < count:
        story = random_story(dice)
        if is_readable_on_the_clock(story):
            found.append(story)
    return found
