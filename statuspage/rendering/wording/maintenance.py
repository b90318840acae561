"""Planned work: how its notices open, its window, and what customers can use meanwhile."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby

from statuspage.domain import EFFECTS, MAINTENANCE, Affected, FactRow, NoticeKind, State, TimeText
from statuspage.rendering.wording import scope
from statuspage.rendering.wording.context import WordingContext

_N = NoticeKind

WHILE = (_N.ANNOUNCED, _N.REMINDER, _N.STARTED, _N.EXTENDED)
"""Notices that speak of work to come or under way."""

_FROM_TO = (_N.ANNOUNCED, _N.REMINDER, _N.EXTENDED, _N.CANCELLED)
"""Notices whose first sentence may say from when to when."""


def opening(case: WordingContext, form: str) -> str:
    """The first sentence: which work, and from when to when as far as it belongs there."""
    start, end = _times(case, form)
    slots = {
        "services": scope.nouns(case, case.ordered) if form == "opening" else scope.briefly(case),
        "start": start,
        "end": end,
        "asof": case.opens(form, case.now),
    }
    return case.phrases.say(f"{form}.{case.notice}.{_variant(case)}", **slots)


def _variant(case: WordingContext) -> str:
    before, plan, under_way = case.story.previous, case.facts.planned, case.facts.started is not None
    match case.notice:
        case _N.ANNOUNCED if before and before.planned and before.planned != plan:
            return "changed"
        case _N.EXTENDED if not under_way:
            return "ahead"
        case _N.CANCELLED if under_way:
            return "stopped"
        case _:
            return "plain"


def _start(case: WordingContext) -> datetime:
    if case.facts.started and case.notice not in (_N.ANNOUNCED, _N.REMINDER, _N.CANCELLED):
        return case.facts.started.at
    return case.facts.planned.start if case.facts.planned else case.now


def _window_end(case: WordingContext) -> datetime:
    if case.notice is _N.FINISHED:
        return case.facts.ended or case.now
    return case.facts.planned.end if case.facts.planned else case.now


def _times(case: WordingContext, form: str) -> tuple[str, str]:
    """Start and end, with the day and the zone once: at the start, or at the end where a day follows its clock."""
    start, end = _start(case), _window_end(case)
    if case.notice in _FROM_TO and start == case.opens_at and case.day_last:
        same = case.clock.on(start) == case.clock.on(end)
        if case.clock.zone_at(start) != case.clock.zone_at(end):
            return case.opens(form, start), case.opens(form, end)
        return case.clock.clock(start) if same else case.dated(start), case.opens(form, end)
    return _put_time(case, form, start), _put_time(case, form, end, after=start)


def _put_time(case: WordingContext, form: str, at: datetime, after: datetime | None = None) -> str:
    return case.opens(form, at) if at == case.opens_at else case.later(at, after=after)


def until(case: WordingContext) -> str:
    """By when work that is under way should be over."""
    if case.notice not in (_N.STARTED, _N.EXTENDED) or case.facts.planned is None or not case.facts.started:
        return ""
    return case.phrases.say(f"until.{case.notice}", end=case.later(case.facts.planned.end))


def past_end(case: WordingContext) -> str:
    """What stands there once the planned end has passed and nobody has said more; "" when there is none."""
    if not until(case) or case.facts.planned is None:
        return ""
    return case.phrases.say("aged.planned", end=case.later(case.facts.planned.end))


def during(case: WordingContext) -> str:
    """What customers cannot use meanwhile."""
    if case.notice not in WHILE:
        return ""
    states = groupby((a for a in case.ordered if a.state in EFFECTS), key=lambda a: a.state)
    return case.joiner.join(_during(case, state, list(same)) for state, same in states)


def _during(case: WordingContext, state: State, services: Sequence[Affected]) -> str:
    return case.phrases.say(f"during.{state}", **scope.both(case, services))


def as_usual(case: WordingContext) -> str:
    """What customers can use once the work is over, or will not be done, unless other trouble affects it."""
    free = [a for a in case.ordered if a.service not in case.story.busy]
    if case.notice not in (_N.FINISHED, _N.CANCELLED) or not free:
        return ""
    return case.phrases.say("as_usual.text", services=scope.nouns(case, free))


def window(case: WordingContext) -> Iterator[FactRow]:
    """The row of the planned time."""
    plan = case.facts.planned
    if case.facts.kind != MAINTENANCE or plan is None or case.notice is _N.FINISHED:
        return
    clock = case.clock
    same = clock.on(plan.start) == clock.on(plan.end)
    day = clock.day(plan.start) if same else ""
    yield FactRow(
        "planned", case.phrases.label("row.planned"), time=TimeText(clock.span(plan.start, plan.end), before=day)
    )


def past_end_row(case: WordingContext, sentence: str) -> FactRow:
    """The same once its end has passed."""
    return FactRow("planned", case.phrases.label("row.planned"), (sentence,), soft=case.phrases.label("row.checking"))
