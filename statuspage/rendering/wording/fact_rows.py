"""The facts of a notice as rows: a label, then a large time or lines, always in the same order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from statuspage.domain.facts import OF_MAINTENANCE, Affected, Known, Missed, NotBefore, NoticeKind, Range, Row, TimeText
from statuspage.rendering.wording import estimates, maintenance, scope
from statuspage.rendering.wording.context import Case
from statuspage.rendering.wording.locale_format import listed
from statuspage.rendering.wording.sentences import answers, cause_row, chosen, doing, period_row, promise

_ROW_OF = {"after": "workaround", "scope_over": "scope"}
"""Rows that have another label once it is over."""

LISTED_SERVICES = 4
"""Services that get a line each; more of them stand in one line."""


def rows(case: Case) -> tuple[Row, ...]:
    """Scope, times, advice, work, cause, free text, next update: those that say something."""
    if case.notice is NoticeKind.WITHDRAWAL:
        return tuple(_lines(case, "extra", _extra(case)))
    if case.notice in OF_MAINTENANCE:
        return tuple(_of_plan(case))
    return tuple(row for part in (_scope, _times, _advice, _work, _promise) for row in part(case))


def _scope(case: Case) -> Iterator[Row]:
    services = case.ordered
    if case.over or case.notice is NoticeKind.WATCHING:
        names = [case.book.services[a.service].name for a in services]
        yield from _lines(case, "scope_over" if case.over else "scope", [*names, scope.apart(case)])
        return
    lines = [_service(case, a) for a in services]
    if len(lines) > LISTED_SERVICES:
        lines = [listed(lines, case.book.writing)]
    yield from _lines(case, "scope", [*lines, scope.who(case), scope.working(case)])


def _of_plan(case: Case) -> Iterator[Row]:
    """Which services, the window, what one can do meanwhile, free text."""
    names = [case.book.services[a.service].name for a in case.ordered]
    lines = names if case.over else [_service(case, a) for a in case.ordered]
    if len(lines) > LISTED_SERVICES:
        lines = [listed(lines, case.book.writing)]
    yield from _lines(case, "scope_over" if case.notice is NoticeKind.FINISHED else "scope", lines)
    yield from maintenance.window(case)
    if case.notice is NoticeKind.FINISHED:
        yield from _lines(case, "period", [period_row(case)])
    if not case.over:
        yield from _lines(case, "workaround", chosen(case, after=False))
    yield from _lines(case, "extra", _extra(case))


def _service(case: Case, affected: Affected) -> str:
    name = case.book.services[affected.service].name
    return case.phrases.label("row.service", name=name, state=scope.state_name(case, affected.state))


def _times(case: Case) -> Iterator[Row]:
    if case.over:
        yield from _lines(case, "period", [period_row(case)])
        return
    started = case.facts.started
    if started is not None:
        yield Row("started", case.phrases.label("row.started"), time=_start(case))
    if case.notice is not NoticeKind.WATCHING:
        yield from _estimate(case)


def _start(case: Case) -> TimeText | None:
    started = case.facts.started
    if started is None:
        return None
    day = case.clock.day(started.at)
    before, after = (
        case.phrases.label(f"row.start.{started.precision}.{side}", day=day) for side in ("before", "after")
    )
    return TimeText(case.clock.clock(started.at), before, after)


def _estimate(case: Case) -> Iterator[Row]:
    if not estimates.sentence(case):
        return
    label, said = case.phrases.label("row.estimate"), estimates.said(case)
    lines = (estimates.missed(case, said),) if isinstance(said, Missed) else ()
    time = _eta(case)
    yield Row("estimate", label, lines, time, "" if time else case.phrases.label("row.checking"))


def _eta(case: Case) -> TimeText | None:
    estimate = estimates.present(case)
    match estimate:
        case Known(at=at) | NotBefore(at=at):
            slots = {"day": case.day_of(at), "eta": case.clock.clock(at)}
        case Range(earliest=earliest, latest=latest):
            last = case.later(latest, after=earliest)
            slots = {"day": case.day_of(earliest), "earliest": case.clock.clock(earliest), "latest": last}
        case _:
            return None
    before, value, after = (
        case.phrases.label(f"row.eta.{estimate.shape}.{part}", **slots) for part in ("before", "value", "after")
    )
    return TimeText(value, before, after)


def _advice(case: Case) -> Iterator[Row]:
    if case.over or case.notice is NoticeKind.WATCHING:
        yield from _lines(case, "answers", answers(case).values() if case.over else ())
        yield from _lines(case, "after", chosen(case, after=True))
        return
    yield from _lines(case, "workaround", chosen(case, after=False))
    yield from _lines(case, "answers", answers(case).values())


def _work(case: Case) -> Iterator[Row]:
    if not case.over:
        yield from _lines(case, "doing", [doing(case)])
    yield from _lines(case, "cause", [cause_row(case)])
    yield from _lines(case, "extra", _extra(case))


def _promise(case: Case) -> Iterator[Row]:
    due = case.facts.next_update
    if due is None or not promise(case):
        return
    slots = {"day": case.day_of(due)}
    before, after, line = (case.phrases.label(f"row.due.{part}", **slots) for part in ("before", "after", "line"))
    yield Row("next", case.phrases.label("row.next"), (line,), TimeText(case.clock.clock(due), before, after))


def _extra(case: Case) -> list[str]:
    text = case.facts.extra.get(case.book.language, "")
    return [line.strip() for line in text.splitlines()]


def _lines(case: Case, key: str, lines: Iterable[str]) -> Iterator[Row]:
    full = tuple(line for line in lines if line)
    if full:
        yield Row(_ROW_OF.get(key, key), case.phrases.label(f"row.{key}"), full)


def aged_row(case: Case, sentence: str) -> Row:
    """The estimate's row once its time has passed."""
    label, soft = case.phrases.label("row.estimate"), case.phrases.label("row.checking")
    return Row("estimate", label, (sentence,), soft=soft)
