"""The clock over a page: the minutes from the alert to the notice, drawn on the line the notice travels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from statuspage.domain import Counted, Incident, RecordedNotice, response_times
from statuspage.usecases import drills
from statuspage.usecases.notices import promised
from statuspage.web.desk import request_context as here
from statuspage.web.desk.translations import Translator, short, stopwatch

NEAR = 9
"""Stops closer together than this, percent of the track, do not both show their words."""


SAME = 2
"""Stops closer than this to where we are now, percent, would make one blot with it and are not drawn."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A mark on the track at ``at`` percent."""

    at: int
    time: str
    label: str
    look: str = ""
    near: bool = False
    same: bool = False


@dataclass(frozen=True, slots=True)
class ClockBar:
    """What the bar shows. While ``running`` a script carries it on from ``t0``. ``note`` says why it counts otherwise
    than the alert's monitor has it."""

    name: str
    label: str
    shown: str
    goal: str
    goal_seconds: int
    t0: datetime
    running: bool
    in_time: bool
    reached: int
    stops: list[Stop]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """When the next update is owed, and how far it is until then."""

    at: datetime
    late: bool
    shown: str
    reached: int
    told: str
    by: str


def of(incident: Incident, voice: Translator, now: datetime) -> ClockBar:
    """The clock of this incident, as the drill counts that it was opened in."""
    world = here.world()
    return clock_bar(incident, world.catalog.site.goal, voice, now, drills.counting(world, incident, now=now))


def clock_bar(incident: Incident, goal: timedelta, voice: Translator, now: datetime, how: Counted) -> ClockBar:
    """The clock of this incident; it stops when customers can read the first notice, or that it was none."""
    stopped = response_times.readable_at(incident) or _withdrawn(incident)
    took = how.after(stopped or now)
    whole = max(goal, took)
    marks = [s for s in response_times.stamps(incident, how) if s.stage in _SHOWN and s.at <= (stopped or now)]
    stops = [_stop(how.after(s.at), whole, _name(s.stage, how, voice)) for s in marks]
    if stopped is None:
        stops.append(Stop(_percent(took, whole), voice.t("clock.now"), voice.t("clock.first"), "here"))
    else:
        stops[-1] = replace(stops[-1], look="here")
    start = how.start + how.paused(how.start, stopped or now)
    bar = _bar(start, took, goal, whole, stops, voice, stopped is not None, _label(incident, how, stopped))
    stands_still = any(end >= now for _, end in how.pauses)
    note = voice.t("clock.old") if how.source == "received" else ""
    return replace(bar, note=note, running=bar.running and not stands_still)


def since(incident: Incident, voice: Translator, now: datetime) -> tuple[datetime, timedelta, str]:
    """The same in few words: what a running clock starts from, what it shows, and what that is counted from."""
    how = drills.counting(here.world(), incident, now=now)
    start = "alert" if how.source == "received" else how.source
    return now - how.after(now), how.after(now), voice.t(f"home.since_{start}")


def _withdrawn(incident: Incident) -> datetime | None:
    """When the only notices were withdrawn; None where one stands, or is to come."""
    gone = response_times.withdrew(incident) and incident.over and response_times.first_standing(incident) is None
    return incident.notices[-1].recorded if gone else None


def opened(t0: datetime, goal: timedelta, voice: Translator, now: datetime) -> ClockBar:
    """The clock of a form nobody has published from: it runs from when the form was opened."""
    took = now - t0
    whole = max(goal, took)
    stops = [
        Stop(0, "0:00", voice.t("clock.opened")),
        Stop(_percent(took, whole), voice.t("clock.now"), voice.t("clock.first"), "here"),
    ]
    return _bar(t0, took, goal, whole, stops, voice, False, "form")


_SHOWN = ("alerted", "announced", "received", "acknowledged", "confirmed", "readable")


def _bar(
    t0: datetime,
    took: timedelta,
    goal: timedelta,
    whole: timedelta,
    stops: list[Stop],
    voice: Translator,
    done: bool,
    label: str,
) -> ClockBar:
    end = [Stop(_percent(goal, whole), short(goal), voice.t("clock.goal"), "goal")]
    return ClockBar(
        name=voice.t(f"clock.name_{'done' if done else 'running'}"),
        label=voice.t(f"clock.{label}"),
        shown=stopwatch(took),
        goal=stopwatch(goal),
        goal_seconds=int(whole.total_seconds()),
        t0=t0,
        running=not done,
        in_time=done and took <= goal,
        reached=_percent(took, whole),
        stops=_apart(stops + (end if whole == goal else [])),
    )


def _apart(stops: list[Stop]) -> list[Stop]:
    """Words that would run into others are left out; where we are now always speaks."""
    here = next((stop.at for stop in stops if stop.look == "here"), -100)
    kept: list[Stop] = []
    last = -100
    for stop in stops:
        near = stop.look != "here" and (stop.at - last < NEAR or abs(stop.at - here) < NEAR)
        last = last if near else stop.at
        same = stop.look != "here" and abs(stop.at - here) < SAME
        kept.append(replace(stop, near=near, same=same))
    return kept


def _label(incident: Incident, how: Counted, stopped: datetime | None) -> str:
    if stopped is not None:
        return "published" if response_times.first_standing(incident) else "withdrawn"
    return {"received": "since_received", "announced": "since_announced"}.get(how.source, how.source)


def _name(stage: str, how: Counted, voice: Translator) -> str:
    names = {"form": "opened", "received": "received"}
    return voice.t(f"clock.{names.get(how.source, stage) if stage == 'alerted' else stage}")


def _stop(after: timedelta, whole: timedelta, label: str) -> Stop:
    return Stop(_percent(after, whole), short(after), label)


def _percent(part: timedelta, whole: timedelta) -> int:
    return max(0, min(100, round(100 * (part / whole)))) if whole else 0


def promise(incident: Incident, voice: Translator, now: datetime) -> Promise | None:
    """The next update customers were promised; None when none is owed."""
    found = promised(incident)
    return _promise_view(*found, voice, now) if found else None


def _promise_view(latest: RecordedNotice, due: datetime, voice: Translator, now: datetime) -> Promise:
    left, whole = due - now, due - latest.recorded
    clock = voice.times.clock
    gone = _percent(now - latest.recorded, whole) if whole > timedelta() else 100
    return Promise(due, left < timedelta(), stopwatch(left), gone, clock(latest.recorded), clock(due))
