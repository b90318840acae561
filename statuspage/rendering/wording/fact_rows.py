"""The facts of a notice as rows: a label, then a large time or lines, always in the same order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from statuspage.domain import (
    OF_MAINTENANCE,
    Affected,
    FactRow,
    Known,
    MissedEstimate,
    NotBefore,
    NoticeKind,
    Range,
    TimeText,
)
from statuspage.rendering.wording import estimates, maintenance, scope
from statuspage.rendering.wording.context import WordingContext
from statuspage.rendering.wording.locale_format import listed
from statuspage.rendering.wording.sentences import answers, cause_row, chosen, doing, period_row, promise

_ROW_OF = {"after": "workaround", "scope_over": "scope"}
"""Rows that have another label once it is over."""

LISTED_SERVICES = 4
"""Services that get a line each; more of them stand in one line."""


def rows(case: WordingContext) -> tuple[FactRow, ...]:
    """Scope, times, advice, work, cause, free text, next update: those that say something."""
    if case.notice is NoticeKind.WITHDRAWAL:
        return tuple(_rows_of_lines(case, "extra", _extra_lines(case)))
    if case.notice in OF_MAINTENANCE:
        return tuple(_maintenance_rows(case))
    return tuple(row for part in (_scope, _times, _advice, _work, _promise_rows) for row in part(case))


def _scope(case: WordingContext) -> Iterator[FactRow]:
    services = case.ordered
    if case.over or case.notice is NoticeKind.WATCHING:
        names = [case.book.services[a.service].name for a in services]
        yield from _rows_of_lines(case, "scope_over" if case.over else "scope", [*names, scope.apart(case)])
        return
    lines = [_service(case, a) for a in services]
    if len(lines) > LISTED_SERVICES:
        lines = [listed(lines, case.book.writing)]
    yield from _rows_of_lines(case, "scope", [*lines, scope.who(case), scope.working(case)])


def _maintenance_rows(case: WordingContext) -> Iterator[FactRow]:
    """Which services, the window, what one can do meanwhile, free text."""
    names = [case.book.services[a.service].name for a in case.ordered]
    lines = names if case.over else [_service(case, a) for a in case.ordered]
    if len(lines) > LISTED_SERVICES:
        lines = [listed(lines, case.book.writing)]
    yield from _rows_of_lines(case, "scope_over" if case.notice is NoticeKind.FINISHED else "scope", lines)
    yield from maintenance.window(case)
    if case.notice is NoticeKind.FINISHED:
        yield from _rows_of_lines(case, "period", [period_row(case)])
    if not case.over:
        yield from _rows_of_lines(case, "workaround", chosen(case, after=False))
    yield from _rows_of_lines(case, "extra", _extra_lines(case))


def _service(case: WordingContext, affected: Affected) -> str:
    name = case.book.services[affected.service].name
    return case.phrases.label("row.service", name=name, state=scope.state_name(case, affected.state))


def _times(case: WordingContext) -> Iterator[FactRow]:
    if case.over:
        yield from _rows_of_lines(case, "period", [period_row(case)])
        return
    started = case.facts.started
    if started is not None:
        yield FactRow("started", case.phrases.label("row.started"), time=_start(case))
    if case.notice is not NoticeKind.WATCHING:
        yield from _estimate_rows(case)


def _start(case: WordingContext) -> TimeText | None:
    started = case.facts.started
    if started is None:
        return None
    day = case.clock.day(started.at)
    before, after = (
        case.phrases.label(f"row.start.{started.precision}.{side}", day=day) for side in ("before", "after")
    )
    return TimeText(case.clock.clock(started.at), before, after)


def _estimate_rows(case: WordingContext) -> Iterator[FactRow]:
    if not estimates.sentence(case):
        return
    label, said = case.phrases.label("row.estimate"), estimates.worded_estimate(case)
    lines = (estimates.missed(case, said),) if isinstance(said, MissedEstimate) else ()
    time = _eta(case)
    yield FactRow("estimate", label, lines, time, "" if time else case.phrases.label("row.checking"))


def _eta(case: WordingContext) -> TimeText | None:
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


def _advice(case: WordingContext) -> Iterator[FactRow]:
    if case.over or case.notice is NoticeKind.WATCHING:
        yield from _rows_of_lines(case, "answers", answers(case).values() if case.over else ())
        yield from _rows_of_lines(case, "after", chosen(case, after=True))
        return
    yield from _rows_of_lines(case, "workaround", chosen(case, after=False))
    yield from _rows_of_lines(case, "answers", answers(case).values())


def _work(case: WordingContext) -> Iterator[FactRow]:
    if not case.over:
        yield from _rows_of_lines(case, "doing", [doing(case)])
    yield from _rows_of_lines(case, "cause", [cause_row(case)])
    yield from _rows_of_lines(case, "extra", _extra_lines(case))


def _promise_rows(case: WordingContext) -> Iterator[FactRow]:
    due = case.facts.next_update
    if due is None or not promise(case):
        return
    slots = {"day": case.day_of(due)}
    before, after, line = (case.phrases.label(f"row.due.{part}", **slots) for part in ("before", "after", "line"))
    yield FactRow("next", case.phrases.label("row.next"), (line,), TimeText(case.clock.clock(due), before, after))


def _extra_lines(case: WordingContext) -> list[str]:
    text = case.facts.extra.get(case.book.language, "")
    return [line.strip() for line in text.splitlines()]


def _rows_of_lines(case: WordingContext, key: str, lines: Iterable[str]) -> Iterator[FactRow]:
    full = tuple(line for line in lines if line)
    if full:
        yield FactRow(_ROW_OF.get(key, key), case.phrases.label(f"row.{key}"), full)


def aged_row(case: WordingContext, sentence: str) -> FactRow:
    """The estimate's row once its time has passed."""
    label, soft = case.phrases.label("row.estimate"), case.phrases.label("row.checking")
    return FactRow("estimate", label, (sentence,), soft=soft)
