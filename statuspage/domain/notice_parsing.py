"""Reads what somebody typed into the facts of a notice, with every problem, in the order of the form."""

from __future__ import annotations

from datetime import datetime, timedelta

from statuspage.domain.catalog import Catalog, IncidentType
from statuspage.domain.facts import (
    MAINTENANCE,
    OF_MAINTENANCE,
    Affected,
    AffectedAudience,
    Audience,
    Facts,
    Known,
    MaintenanceWindow,
    NotBefore,
    NoticeKind,
    Precision,
    Range,
    StartTime,
    State,
    Unknown,
    next_estimate,
)
from statuspage.domain.notice_input import NoticeInput, strip_invisible
from statuspage.domain.time_parsing import EMPTY, TimeParser, is_length
from statuspage.domain.validation import ACCOUNT_LIMIT, ValidationError, problems, text_problems


def parse_notice(
    typed: NoticeInput, *, catalog: Catalog, notice: NoticeKind, now: datetime, previous: Facts | None = None
) -> tuple[Facts, tuple[ValidationError, ...]]:
    """The facts, as far as they can be read, with every problem in the form's order.

    An estimate of ``previous`` that has passed makes the new one a *missed* one; only a person publishes that.
    """
    kind = catalog.kinds.get(typed.kind)
    moments = TimeParser(catalog.site.zone, now)
    found: list[ValidationError] = []
    if notice in OF_MAINTENANCE:
        facts = _parse_maintenance(typed, notice, kind, moments, previous, found)
    else:
        facts = _of_trouble(typed, notice, kind, moments, previous, found)
    read_wrong = {p.field for p in found}
    missing = [p for p in problems(facts, notice, catalog, now=now, previous=previous) if p.field not in read_wrong]
    return facts, (*found, *missing, *_reports(typed, facts, notice, catalog), *_by_hand(typed, catalog))


def _of_trouble(
    typed: NoticeInput,
    notice: NoticeKind,
    kind: IncidentType | None,
    moments: TimeParser,
    previous: Facts | None,
    found: list[ValidationError],
) -> Facts:
    affected, working = _parse_services(typed.services, kind, found)
    before = previous.estimate if previous else Unknown()
    return Facts(
        kind=typed.kind,
        affected=affected,
        who=_parse_audience(typed.who),
        started=_since(typed.since, moments, found),
        estimate=next_estimate(before, _parse_estimate(typed.estimate, moments, found), moments.now),
        workarounds=typed.workarounds,
        doing=typed.doing or None,
        cause=typed.cause or None,
        next_update=_next(typed.next, notice, kind, moments, previous, found),
        ended=_parse_ended(typed.ended, notice, moments, previous, found),
        answers={q: a for q, a in typed.answers.items() if a and a != "checking"},
        extra=_parse_extra(typed),
        account=_account(typed, notice),
        working=working,
    )


def _account(typed: NoticeInput, notice: NoticeKind) -> dict[str, str]:
    texts = typed.account.items() if notice is NoticeKind.ACCOUNT else ()
    return {language: strip_invisible(text) for language, text in texts if strip_invisible(text)}


def _parse_maintenance(
    typed: NoticeInput,
    notice: NoticeKind,
    kind: IncidentType | None,
    moments: TimeParser,
    previous: Facts | None,
    found: list[ValidationError],
) -> Facts:
    """What a notice of planned work says. Its services, and the window where none is typed, stay as announced."""
    affected, working = _parse_services(typed.services, kind, found)
    return Facts(
        kind=MAINTENANCE,
        affected=affected,
        who=Audience(AffectedAudience.ALL),
        started=_parse_begun(typed.since, notice, moments, previous, found),
        workarounds=typed.workarounds,
        ended=_finished(typed.ended, notice, moments, found),
        extra=_parse_extra(typed),
        planned=_window(typed, moments, previous, found),
        working=working,
    )


def _parse_extra(typed: NoticeInput) -> dict[str, str]:
    return {language: strip_invisible(text) for language, text in typed.extra.items() if strip_invisible(text)}


def _parse_begun(
    text: str, notice: NoticeKind, moments: TimeParser, previous: Facts | None, found: list[ValidationError]
) -> StartTime | None:
    """When planned work really began; when customers are told that it has, now, unless another time is typed."""
    if notice is not NoticeKind.STARTED:
        return previous.started if previous else None
    this_minute = moments.now.replace(second=0, microsecond=0)
    return _since(text, moments, found) if text.strip() else StartTime(Precision.EXACT, this_minute)


def _finished(text: str, notice: NoticeKind, moments: TimeParser, found: list[ValidationError]) -> datetime | None:
    if notice is not NoticeKind.FINISHED:
        return None
    at = moments.past(text.strip() or "now")
    if at is None:
        found.append(_no_time("ended", text))
    return at


def _no_time(field: str, text: str, code: str = "") -> ValidationError:
    """What stands in the place of a time and is none: nothing at all, or what cannot be read."""
    unreadable = ValidationError(field, f"{code or field}.unreadable", {"value": text})
    return ValidationError(field, "time.empty") if text == EMPTY else unreadable


def _window(
    typed: NoticeInput, moments: TimeParser, previous: Facts | None, found: list[ValidationError]
) -> MaintenanceWindow | None:
    before = previous.planned if previous else None
    start = _moment("begins", typed.begins, moments, found) or (before.start if before else None)
    after = TimeParser(moments.zone, start) if start and is_length(typed.ends) else moments
    end = _moment("ends", typed.ends, after, found) or (before.end if before else None)
    if start is None or end is None:
        return None
    return MaintenanceWindow(start, end, _reminder(typed.remind, start, moments.now, before, found))


def _moment(field: str, text: str, moments: TimeParser, found: list[ValidationError]) -> datetime | None:
    if not text.strip():
        return None
    at = moments.future(text)
    if at is None:
        found.append(_no_time(field, text, "window"))
    return at


def _reminder(
    text: str, start: datetime, now: datetime, before: MaintenanceWindow | None, found: list[ValidationError]
) -> datetime | None:
    """A day before, or an hour where that is too late; none where even that is."""
    text = text.strip()
    if text == "none":
        return None
    if text:
        at = TimeParser("UTC", start).past(text) if is_length(text) else None
        if at is None:
            found.append(ValidationError("remind", "remind.unreadable", {"value": text}))
        return at
    if before and before.start == start:
        return before.remind
    return next((start - lead for lead in REMINDERS if start - lead > now + lead / 2), None)


REMINDERS = (timedelta(days=1), timedelta(hours=1))
"""How long before planned work customers are reminded, where nobody said otherwise."""


def _parse_services(
    services: tuple[str, ...] | None, kind: IncidentType | None, found: list[ValidationError]
) -> tuple[tuple[Affected, ...], tuple[str, ...]]:
    """The services that are affected, and those that somebody made sure of."""
    if services is None:
        return (kind.services if kind else ()), ()
    default = kind.state if kind else State.MAJOR
    ticked = [one for text in services if (one := _one_service(text, default, found))]
    working = tuple(one.service for one in ticked if one.state is State.OPERATIONAL)
    return tuple(one for one in ticked if one.state is not State.OPERATIONAL), working


def _one_service(text: str, default: State, found: list[ValidationError]) -> Affected | None:
    service, _, state = text.partition(":")
    if state and state not in list(State):
        found.append(ValidationError("services", "services.state", {"value": state}))
        return None
    return Affected(service, State(state) if state else default)


def _parse_audience(text: str) -> Audience:
    if not text or text == AffectedAudience.CHECKING:
        return Audience()
    if text in (AffectedAudience.ALL, AffectedAudience.SOME):
        return Audience(AffectedAudience(text))
    ids = tuple(part.strip() for part in text.split(",") if part.strip())
    return Audience(AffectedAudience.GROUPS, tuple(i for i in ids if i != AffectedAudience.GROUPS))


def _since(text: str, moments: TimeParser, found: list[ValidationError]) -> StartTime | None:
    if not text.strip():
        return None
    precision, rest = _precision(text.strip())
    at = moments.past(rest)
    if at is None:
        found.append(_no_time("since", rest))
        return None
    return StartTime(precision, at)


def _precision(text: str) -> tuple[Precision, str]:
    word, colon, rest = text.partition(":")
    if colon and word in list(Precision):
        return Precision(word), rest
    if text.endswith(("ごろ", "頃")):
        return Precision.ABOUT, text.removesuffix("ごろ").removesuffix("頃")
    relative = not any(mark in text for mark in ":：時")
    return (Precision.ABOUT if relative and not text.isdigit() else Precision.EXACT), text


def _parse_estimate(
    text: str, moments: TimeParser, found: list[ValidationError]
) -> Unknown | Known | Range | NotBefore:
    text = text.strip()
    if not text or text == "unknown":
        return Unknown()
    if ".." in text:
        first, last = (moments.future(part) for part in text.split("..", 1))
        if first and last:
            return Range(first, last)
    elif text.startswith("not-before:"):
        if at := moments.future(text.removeprefix("not-before:")):
            return NotBefore(at)
    elif at := moments.future(text):
        return Known(at)
    found.append(_no_time("estimate", text))
    return Unknown()


def _next(
    text: str,
    notice: NoticeKind,
    kind: IncidentType | None,
    moments: TimeParser,
    previous: Facts | None,
    found: list[ValidationError],
) -> datetime | None:
    over = notice is NoticeKind.CORRECTION and previous is not None and previous.ended is not None
    if over or notice in (NoticeKind.RESOLVED, NoticeKind.WITHDRAWAL, NoticeKind.ACCOUNT):
        return None
    if not text.strip():
        return _kept_promise(notice, previous, moments) or moments.now + (
            kind.cadence if kind else timedelta(minutes=30)
        )
    at = moments.future(text)
    if at is None:
        found.append(_no_time("next", text))
    return at


def _kept_promise(notice: NoticeKind, previous: Facts | None, moments: TimeParser) -> datetime | None:
    """A correction keeps the promise that stands."""
    promised = previous.next_update if previous and notice is NoticeKind.CORRECTION else None
    return promised if promised and promised > moments.now else None


def _parse_ended(
    text: str, notice: NoticeKind, moments: TimeParser, previous: Facts | None, found: list[ValidationError]
) -> datetime | None:
    """A correction of what is over, and the report on it, keep the end that was told, unless another is typed."""
    told = previous.ended if previous and notice in (NoticeKind.CORRECTION, NoticeKind.ACCOUNT) else None
    if not text.strip() or (notice is not NoticeKind.RESOLVED and told is None):
        return told
    at = moments.past(text)
    if at is None:
        found.append(_no_time("ended", text))
    return at


def _reports(typed: NoticeInput, facts: Facts, notice: NoticeKind, catalog: Catalog) -> tuple[ValidationError, ...]:
    """What is wrong with the texts of a report: each language has one, or somebody said which ones do."""
    if notice is not NoticeKind.ACCOUNT:
        return ()
    wanted = typed.only or catalog.languages
    found = [ValidationError(f"account.{one}", "account.missing") for one in wanted if one not in facts.account]
    for language, text in facts.account.items():
        if language not in catalog.languages:
            found.append(ValidationError(f"account.{language}", "language.unknown", {"value": language}))
        found += text_problems(f"account.{language}", text, ACCOUNT_LIMIT)
    return tuple(found)


def _by_hand(typed: NoticeInput, catalog: Catalog) -> tuple[ValidationError, ...]:
    found = [
        ValidationError(f"text.{language}", "language.unknown", {"value": language})
        for language in (*typed.text, *typed.only)
        if language not in catalog.languages
    ]
    found += [
        p for language, text in typed.text.items() for p in text_problems(f"text.{language}", strip_invisible(text))
    ]
    if (typed.text or typed.only) and not typed.reason.strip():
        found.append(ValidationError("reason", "reason.missing"))
    found += text_problems("reason", typed.reason)
    return tuple(found)
