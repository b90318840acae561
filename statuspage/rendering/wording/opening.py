"""The first sentence: what people cannot do and since when, or how it stands at this moment."""

from __future__ import annotations

from datetime import datetime

from statuspage.domain import OF_MAINTENANCE, NoticeKind
from statuspage.rendering.wording import maintenance, scope
from statuspage.rendering.wording.context import WordingContext

_N = NoticeKind


def opening(case: WordingContext, form: str = "opening") -> str:
    """The first sentence: what people cannot do and since when, or how it stands at this moment."""
    if case.notice in OF_MAINTENANCE:
        return maintenance.opening(case, form)
    match case.notice:
        case _N.CORRECTION if case.facts.ended:
            return _resolved(case, form)
        case _N.FIRST | _N.CORRECTION:
            return _first_opening(case, form)
        case _N.UPDATE:
            return _as_of(case, f"{form}.update.{'reopened' if case.story.reopened else 'plain'}")
        case _N.PARTLY_RESTORED:
            return _partly(case, form)
        case _N.WATCHING:
            return _as_of(case, f"{form}.watching.plain")
        case _N.RESOLVED:
            return _resolved(case, form)
        case _:
            return ""


def _first_opening(case: WordingContext, form: str) -> str:
    now, started = scope.without_breaks(scope.head(case).now), case.facts.started
    if started is None:
        return case.phrases.say(f"{form}.first.unstated", now=now)
    return case.phrases.say(f"{form}.first.{started.precision}", now=now, start=_opens(case, form, started.at))


def _resolved(case: WordingContext, form: str) -> str:
    again, ended = scope.without_breaks(scope.head(case).again), case.facts.ended
    if ended is None:
        return case.phrases.say(f"{form}.resolved.unstated", again=again)
    name = "apart" if scope.head_apart(case) else "plain"
    return case.phrases.say(f"{form}.resolved.{name}", again=again, end=_opens(case, form, ended))


def _opens(case: WordingContext, form: str, at: datetime) -> str:
    """The time in the first sentence: with the day, unless a correction has already named one."""
    if case.notice is _N.CORRECTION and case.story.corrects:
        return case.later(at)
    return case.opens(form, at)


def _as_of(case: WordingContext, name: str) -> str:
    clauses, form = scope.head(case), name.partition(".")[0]
    now, still, again = (scope.without_breaks(c) for c in (clauses.now, clauses.still, clauses.again))
    asof = case.opens(form, case.now)
    return case.phrases.say(name, now=now, still=still, again=again, asof=asof)


def _partly(case: WordingContext, form: str) -> str:
    back = scope.recovered(case)
    if not back:
        return _as_of(case, f"{form}.partly_restored.better")
    again = scope.without_breaks(scope.effect(case, back[0]).again)
    return case.phrases.say(f"{form}.partly_restored.back", again=again, asof=case.opens(form, case.now))
