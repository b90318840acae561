"""The clock on a page: the time from the alert to the notice, drawn on a track."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from statuspage.domain import Incident, ResponseClock, response_times
from statuspage.usecases import drills
from statuspage.usecases.notices import promised_update
from statuspage.web.desk import request_context
from statuspage.web.desk.translations import Translator, short_stopwatch, stopwatch

NEAR_PERCENT = 9
"""Per cent of the track. If stops are closer together than this, only one shows its label."""


SAME_PERCENT = 2
"""Per cent of the track. Stops closer than this to the current one would overlap it and are not drawn."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A mark on the track, at ``at`` per cent, ``seconds`` after the start."""

    at: int
    time: str
    label: str
    style: str = ""
    near: bool = False
    same: bool = False
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class ClockBar:
    """The content of the bar. While ``running``, a script updates it from ``t0``. ``over`` is how long the goal has
    passed, "" before that. ``note`` says why it does not start
    at the alert's own time."""

    name: str
    label: str
    shown: str
    took: str
    goal: str
    goal_seconds: int
    t0: datetime
    running: bool
    in_time: bool
    reached: int
    stops: list[Stop]
    note: str = ""
    over: str = ""


@dataclass(frozen=True, slots=True)
class PromiseView:
    """When the next update is promised: at what time of day (``due``) and how far away that is (``text``)."""

    at: datetime
    late: bool
    due: str
    text: str


def incident_clock(incident: Incident, translator: Translator, now: datetime) -> ClockBar:
    """The clock of this incident; in a drill, as the drill counts."""
    env = request_context.env()
    return clock_bar(
        incident,
        env.site.catalog.site.notice_goal,
        translator,
        now,
        drills.counted_from(env.databases.environment, incident, now=now),
    )


def clock_bar(
    incident: Incident, goal: timedelta, translator: Translator, now: datetime, counting: ResponseClock
) -> ClockBar:
    """The clock of this incident. It stops when customers can read the first notice, or that it was a mistake."""
    stopped_at = response_times.readable_at(incident) or _withdrawn_at(incident)
    took = counting.elapsed_until(stopped_at or now)
    whole = _track_length(goal, took)
    marks = [
        stamp
        for stamp in response_times.stamps(incident, counting)
        if stamp.stage in _SHOWN_STAGES and stamp.at <= (stopped_at or now)
    ]
    stops = [
        _stop(counting.elapsed_until(stamp.at), whole, _stage_name(stamp.stage, counting, translator))
        for stamp in marks
    ]
    if stopped_at is None:
        stops.append(_here(took, whole, translator))
    else:
        stops[-1] = replace(stops[-1], style="here")
    started_at = (stopped_at or now) - took
    bar = _clock_bar(
        started_at,
        took,
        goal,
        whole,
        stops,
        translator,
        stopped_at is not None,
        _clock_label(incident, counting, stopped_at),
    )
    stands_still = any(end >= now for _, end in counting.pauses)
    note = translator.t("clock.old") if counting.source == "received" else ""
    return replace(bar, note=note, running=bar.running and not stands_still)


def short_clock(incident: Incident, now: datetime) -> tuple[datetime, timedelta]:
    """The clock in short: the start of a running clock, and how long it has run."""
    counting = drills.counted_from(request_context.env().databases.environment, incident, now=now)
    return now - counting.elapsed_until(now), counting.elapsed_until(now)


def _withdrawn_at(incident: Incident) -> datetime | None:
    """When the only notices were withdrawn; None if there is a valid one, or none yet."""
    is_withdrawn = (
        response_times.has_withdrawal(incident) and incident.is_over and response_times.first_standing(incident) is None
    )
    return incident.notices[-1].recorded if is_withdrawn else None


def form_clock(t0: datetime, goal: timedelta, translator: Translator, now: datetime) -> ClockBar:
    """The clock of an unpublished form, from when the form was opened."""
    took = now - t0
    whole = _track_length(goal, took)
    stops = [
        Stop(0, "0:00", translator.t("clock.opened")),
        _here(took, whole, translator),
    ]
    return _clock_bar(t0, took, goal, whole, stops, translator, False, "form")


_SHOWN_STAGES = ("alerted", "announced", "received", "acknowledged", "confirmed", "readable")


def _clock_bar(
    t0: datetime,
    took: timedelta,
    goal: timedelta,
    whole: timedelta,
    stops: list[Stop],
    translator: Translator,
    is_stopped: bool,
    label: str,
) -> ClockBar:
    goal_stop = replace(_stop(goal, whole, translator.t("clock.goal")), style="goal")
    return ClockBar(
        name=translator.t(f"clock.name_{'done' if is_stopped else 'running'}"),
        label=translator.t(f"clock.{label}"),
        shown=stopwatch(took),
        goal=translator.stopwatch(goal),
        took=translator.stopwatch(took),
        goal_seconds=int(goal.total_seconds()),
        t0=t0,
        running=not is_stopped,
        in_time=is_stopped and took <= goal,
        reached=_percent(took, whole),
        stops=_spaced_stops(sorted([*stops, goal_stop], key=lambda stop: stop.at)),
        over=stopwatch(took - goal) if took > goal and not is_stopped else "",
    )


def _spaced_stops(stops: list[Stop]) -> list[Stop]:
    """Drops labels that would overlap; the current stop always has its label."""
    current = next((stop.at for stop in stops if stop.style == "here"), -100)
    spaced: list[Stop] = []
    last_at = -100
    for stop in stops:
        is_near = stop.style != "here" and (stop.at - last_at < NEAR_PERCENT or abs(stop.at - current) < NEAR_PERCENT)
        last_at = last_at if is_near else stop.at
        is_same = stop.style != "here" and abs(stop.at - current) < SAME_PERCENT
        spaced.append(replace(stop, near=is_near, same=is_same))
    return spaced


def _clock_label(incident: Incident, counting: ResponseClock, stopped_at: datetime | None) -> str:
    if stopped_at is not None:
        return "published" if response_times.first_standing(incident) else "withdrawn"
    return {"received": "since_received", "announced": "since_announced"}.get(counting.source, counting.source)


def _stage_name(stage: str, counting: ResponseClock, translator: Translator) -> str:
    names = {"form": "opened", "received": "received"}
    return translator.t(f"clock.{names.get(counting.source, stage) if stage == 'alerted' else stage}")


def _stop(after: timedelta, whole: timedelta, label: str) -> Stop:
    return Stop(_percent(after, whole), short_stopwatch(after), label, seconds=int(after.total_seconds()))


def _here(took: timedelta, whole: timedelta, translator: Translator) -> Stop:
    return Stop(_percent(took, whole), translator.t("clock.now"), translator.t("clock.first"), "here")


def _track_length(goal: timedelta, took: timedelta) -> timedelta:
    """The time that the whole track stands for: the goal; once that has passed, a quarter more than it took."""
    return goal if took <= goal else took * 5 / 4


def _percent(part: timedelta, whole: timedelta) -> int:
    return max(0, min(100, round(100 * (part / whole)))) if whole else 0


def promise_view(incident: Incident, translator: Translator, now: datetime) -> PromiseView | None:
    """The promised next update; None if there is none."""
    latest_and_due = promised_update(incident)
    if latest_and_due is None:
        return None
    due_at = latest_and_due[1]
    return PromiseView(due_at, due_at < now, translator.times.format_time(due_at), translator.time_left(due_at - now))
