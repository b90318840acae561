"""The facts of a notice as rows: a label, then a large time or lines, always in the same order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from statuspage.domain import (
    MAINTENANCE_NOTICES,
    Affected,
    FactRow,
    Known,
    MissedEstimate,
    NotBefore,
    NoticeKind,
    Precision,
    Range,
    TimeText,
)
from statuspage.rendering.wording import maintenance, scope
from statuspage.rendering.wording.afterwards import preventions, report_by
from statuspage.rendering.wording.audience import audience_sentence
from statuspage.rendering.wording.context import WordingContext
from statuspage.rendering.wording.locale_format import join_list
from statuspage.rendering.wording.sentences import (
    answers,
    cause_row,
    chosen_workarounds,
    current_action,
    next_update,
    period_row,
    service_period,
)
from statuspage.rendering.wording.slot_grammar import word_before
from statuspage.rendering.wording.times import estimates

_ROW_OF = {"workaround_after": "workaround", "scope_over": "scope"}
"""Rows with a different label once it is over."""

LISTED_SERVICES = 4
"""Up to this many services get a line each; more share one line."""


def rows(context: WordingContext) -> tuple[FactRow, ...]:
    """The rows with content, in order: scope, times, workaround, current action, cause, free text, next update."""
    if context.notice is NoticeKind.WITHDRAWAL:
        return tuple(_rows_of_lines(context, "extra", _extra_lines(context)))
    if context.notice in MAINTENANCE_NOTICES:
        return tuple(_maintenance_rows(context))
    return tuple(row for section in (_scope, _times, _advice, _work, _promise_rows) for row in section(context))


def _scope(context: WordingContext) -> Iterator[FactRow]:
    services = context.affected
    if context.is_over or context.notice is NoticeKind.MONITORING:
        yield from _rows_of_lines(context, "scope_over" if context.is_over else "scope", _affected_lines(context))
        return
    lines = [_service(context, affected) for affected in services]
    if len(lines) > LISTED_SERVICES:
        lines = [join_list(lines, context.pack.locale_rules)]
    yield from _rows_of_lines(context, "scope", [*lines, audience_sentence(context), scope.working_sentence(context)])


def _affected_lines(context: WordingContext) -> list[str]:
    """The services by name; where they differ, each with its own start, end and length."""
    differs = any(impact.started or impact in scope.recovered_early(context) for impact in context.impacts)
    periods = [service_period(context, impact) if differs else "" for impact in context.impacts]
    return [
        context.phrases.format_label("row.service", name=name, state=period) if period else name
        for impact, period in zip(context.impacts, periods, strict=True)
        for name in [context.pack.services[impact.service].name]
    ]


def _maintenance_rows(context: WordingContext) -> Iterator[FactRow]:
    """The rows of a maintenance: the services, the window, the workaround, free text."""
    yield from _maintenance_scope(context)
    yield from maintenance.window_row(context)
    if context.notice is NoticeKind.FINISHED:
        yield from _rows_of_lines(context, "period", [period_row(context)])
    if not context.is_over:
        yield from _rows_of_lines(context, "workaround", chosen_workarounds(context, for_afterwards=False))
    yield from _rows_of_lines(context, "extra", _extra_lines(context))


def _maintenance_scope(context: WordingContext) -> Iterator[FactRow]:
    """The services; none of a maintenance that was cancelled before it began, which affects nothing."""
    if context.notice is NoticeKind.CANCELLED and context.facts.start is None:
        return
    names = [context.pack.services[affected.service].name for affected in context.affected]
    lines = names if context.is_over else [_service(context, affected) for affected in context.affected]
    if len(lines) > LISTED_SERVICES:
        lines = [join_list(lines, context.pack.locale_rules)]
    yield from _rows_of_lines(context, "scope_over" if context.is_over else "scope", lines)


def _service(context: WordingContext, affected: Affected) -> str:
    name = context.pack.services[affected.service].name
    return context.phrases.format_label("row.service", name=name, state=scope.state_name(context, affected.state))


def _times(context: WordingContext) -> Iterator[FactRow]:
    if context.is_over:
        yield from _rows_of_lines(context, "period", [period_row(context)])
        return
    if context.facts.start is not None:
        yield FactRow("start", _start_label(context), time=_start(context))
    if context.notice is not NoticeKind.MONITORING:
        yield from _estimate_rows(context)


def _is_found(context: WordingContext) -> bool:
    """Whether the start time says when something was found, which nobody calls its beginning."""
    return context.phrases.has_phrase("start_row.label")


def _start_label(context: WordingContext) -> str:
    if _is_found(context):
        return context.phrases.format("start_row.label")
    return context.phrases.format_label("row.start")


def _start(context: WordingContext) -> TimeText | None:
    start = context.facts.start
    if start is None:
        return None
    day = context.clock.format_day(start.at, now=context.now)
    precision = Precision.EXACT if _is_found(context) and start.precision is Precision.NOTICED else start.precision
    before, after = (
        context.phrases.format_label(f"row.start_time.{precision}.{side}", day=day) for side in ("before", "after")
    )
    time = context.add_zone_if_other(context.clock.format_time(start.at), start.at)
    return _time_text(context, time, before, after)


def _estimate_rows(context: WordingContext) -> Iterator[FactRow]:
    if not estimates.estimate_sentence(context):
        return
    label, estimate = context.phrases.format_label("row.estimate"), estimates.worded_estimate(context)
    lines = (estimates.missed_sentence(context, estimate),) if isinstance(estimate, MissedEstimate) else ()
    time = _eta(context)
    yield FactRow("estimate", label, lines, time, "" if time else context.phrases.format_label("row.checking"))


def _eta(context: WordingContext) -> TimeText | None:
    estimate = estimates.current_estimate(context)
    match estimate:
        case Known(at=at) | NotBefore(at=at):
            time = context.add_zone_if_other(context.clock.format_time(at), at)
            slots = {"day": context.format_day_if_other(at), "eta": time}
        case Range(earliest=earliest, latest=latest):
            latest_text = context.format_later(latest, after=earliest)
            slots = {
                "day": context.format_day_if_other(earliest),
                "earliest": context.add_zone_if_other(context.clock.format_time(earliest), earliest),
                "latest": latest_text,
            }
        case _:
            return None
    before, value, after = (
        context.phrases.format_label(f"row.estimate_time.{estimate.shape}.{part}", **slots)
        for part in ("before", "value", "after")
    )
    return _time_text(context, value, before, after)


def _time_text(context: WordingContext, value: str, before: str, after: str) -> TimeText:
    return TimeText(value, word_before(before, value, context.pack.locale_rules), after)


def _advice(context: WordingContext) -> Iterator[FactRow]:
    works_again = context.is_over or context.notice is NoticeKind.MONITORING
    given = {} if context.notice is NoticeKind.MONITORING else answers(context)
    advice = _advising_questions(context)
    to_know = [text for question, text in given.items() if question not in advice]
    to_do = [text for question, text in given.items() if question in advice]
    to_do += chosen_workarounds(context, for_afterwards=works_again)
    if works_again:
        yield from _rows_of_lines(context, "answers", to_know)
        yield from _rows_of_lines(context, "workaround_after", to_do)
    else:
        yield from _rows_of_lines(context, "workaround", to_do)
        yield from _rows_of_lines(context, "answers", to_know)


def _advising_questions(context: WordingContext) -> frozenset[str]:
    """The questions whose answer in these facts says what to do, or what not to do. What is still being checked after
    the end asks for nothing."""
    given = {item: item.answer_given(context.facts.answers) for item in context.incident_type.questions}
    return frozenset(
        item.id
        for item, answer in given.items()
        if answer in item.advice and not (context.is_over and answer == "checking")
    )


def _work(context: WordingContext) -> Iterator[FactRow]:
    if not context.is_over:
        yield from _rows_of_lines(context, "current_action", [current_action(context)])
    yield from _rows_of_lines(context, "cause", [cause_row(context)])
    yield from _rows_of_lines(context, "prevention", preventions(context))
    yield from _rows_of_lines(context, "extra", _extra_lines(context))


def _promise_rows(context: WordingContext) -> Iterator[FactRow]:
    yield from _rows_of_lines(context, "report_by", [report_by(context)])
    due_at = context.facts.next_update
    if due_at is None or not next_update(context):
        return
    slots = {"day": context.format_day_if_other(due_at)}
    before, after, line = (
        context.phrases.format_label(f"row.next_update_time.{part}", **slots) for part in ("before", "after", "line")
    )
    yield FactRow(
        "next_update",
        context.phrases.format_label("row.next_update"),
        (line,),
        _time_text(context, context.add_zone_if_other(context.clock.format_time(due_at), due_at), before, after),
    )


def _extra_lines(context: WordingContext) -> list[str]:
    text = context.facts.extra.get(context.pack.language, "")
    return [line.strip() for line in text.splitlines()]


def _rows_of_lines(context: WordingContext, key: str, lines: Iterable[str]) -> Iterator[FactRow]:
    non_empty = tuple(line for line in lines if line)
    if non_empty:
        yield FactRow(_ROW_OF.get(key, key), context.phrases.format_label(f"row.{key}"), non_empty)


def expired_row(context: WordingContext, sentence: str) -> FactRow:
    """The estimate's row once its time has passed."""
    label, soft = context.phrases.format_label("row.estimate"), context.phrases.format_label("row.checking")
    return FactRow("estimate", label, (sentence,), placeholder=soft)
