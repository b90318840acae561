"""Parses entered values into the facts of a notice, and collects every problem in the order of the form."""

from __future__ import annotations

from datetime import datetime, timedelta

from statuspage.domain.catalog import Catalog, IncidentType
from statuspage.domain.facts import (
    MAINTENANCE,
    MAINTENANCE_NOTICES,
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
from statuspage.domain.later_notices import (
    follow_up_problems,
    parse_answers,
    parse_extra,
    parse_follow_up,
    parse_postmortem,
    parse_preventions,
    parse_report_by,
    postmortem_problems,
)
from statuspage.domain.notice_input import (
    AudienceInput,
    EstimateInput,
    EstimateShape,
    NoticeInput,
    ServiceInput,
    StartInput,
    TimeInput,
    TypedTime,
    strip_invisible,
)
from statuspage.domain.time_parsing import TimeParser, is_length
from statuspage.domain.validation import ValidationError, text_problems, validate_facts


def parse_notice(
    notice_input: NoticeInput, *, catalog: Catalog, notice: NoticeKind, now: datetime, previous: Facts | None = None
) -> tuple[Facts, tuple[ValidationError, ...]]:
    """The facts, as far as they can be parsed, with every problem in the form's order.

    If an estimate of ``previous`` has passed, the new one becomes a missed estimate.
    """
    incident_type = catalog.incident_types.get(notice_input.incident_type)
    time_parser = TimeParser(catalog.site.zone, now)
    errors: list[ValidationError] = []
    if notice is NoticeKind.FOLLOW_UP and previous is not None:
        facts = parse_follow_up(notice_input, previous)
    elif notice in MAINTENANCE_NOTICES:
        facts = _parse_maintenance(notice_input, notice, incident_type, time_parser, previous, errors)
    else:
        facts = _parse_incident(notice_input, notice, incident_type, time_parser, previous, errors)
    unreadable_fields = {error.field for error in errors}
    missing = [
        error
        for error in validate_facts(facts, notice, catalog, now=now, previous=previous)
        if error.field not in unreadable_fields
    ]
    return facts, (
        *errors,
        *missing,
        *follow_up_problems(notice_input, notice, catalog, previous),
        *postmortem_problems(notice_input, facts, notice, catalog),
        *_manual_text_problems(notice_input, catalog),
    )


def _parse_incident(
    notice_input: NoticeInput,
    notice: NoticeKind,
    incident_type: IncidentType | None,
    time_parser: TimeParser,
    previous: Facts | None,
    errors: list[ValidationError],
) -> Facts:
    affected, working = _parse_services(notice_input.services, incident_type, errors)
    previous_estimate = previous.estimate if previous else Unknown()
    return Facts(
        incident_type=notice_input.incident_type,
        affected=affected,
        audience=_parse_audience(notice_input.audience),
        start=_parse_start(notice_input.start, time_parser, errors),
        estimate=next_estimate(
            previous_estimate, _parse_estimate(notice_input.estimate, time_parser, errors), time_parser.now
        ),
        workarounds=notice_input.workarounds,
        current_action=notice_input.current_action or None,
        cause=notice_input.cause or None,
        next_update=_parse_next_update(notice_input.next_update, notice, incident_type, time_parser, previous, errors),
        ended_at=_parse_ended(notice_input.ended, notice, time_parser, previous, errors),
        answers=parse_answers(notice_input),
        extra=parse_extra(notice_input),
        postmortem=parse_postmortem(notice_input, notice),
        confirmed_working=working,
        preventions=parse_preventions(notice_input, notice, previous),
        report_by=parse_report_by(notice_input, notice, time_parser, previous, errors),
    )


def _parse_maintenance(
    notice_input: NoticeInput,
    notice: NoticeKind,
    incident_type: IncidentType | None,
    time_parser: TimeParser,
    previous: Facts | None,
    errors: list[ValidationError],
) -> Facts:
    """The facts of a maintenance notice. Its services, and the window if none is typed, stay as announced."""
    affected, working = _parse_services(notice_input.services, incident_type, errors)
    return Facts(
        incident_type=MAINTENANCE,
        affected=affected,
        audience=Audience(AffectedAudience.ALL),
        start=_parse_work_start(notice_input.start, notice, time_parser, previous, errors),
        workarounds=notice_input.workarounds,
        ended_at=_parse_finished(notice_input.ended, notice, time_parser, errors),
        extra=parse_extra(notice_input),
        maintenance_window=_parse_window(notice_input, time_parser, previous, errors),
        confirmed_working=working,
    )


def _parse_work_start(
    start: StartInput | None,
    notice: NoticeKind,
    time_parser: TimeParser,
    previous: Facts | None,
    errors: list[ValidationError],
) -> StartTime | None:
    """When planned work actually began. The notice that it has begun defaults to now."""
    if notice is not NoticeKind.STARTED:
        return previous.start if previous else None
    this_minute = time_parser.now.replace(second=0, microsecond=0)
    return _parse_start(start, time_parser, errors) if start else StartTime(Precision.EXACT, this_minute)


def _parse_finished(
    ended: TimeInput | None, notice: NoticeKind, time_parser: TimeParser, errors: list[ValidationError]
) -> datetime | None:
    if notice is not NoticeKind.FINISHED:
        return None
    return _parse_past("ended", ended or TypedTime("now"), time_parser, errors)


def _parse_past(field: str, time: TimeInput, time_parser: TimeParser, errors: list[ValidationError]) -> datetime | None:
    """A time in the past. A known moment is cut to the minute, so that a duration agrees with the times displayed."""
    if isinstance(time, datetime):
        return time.replace(second=0, microsecond=0)
    at = time_parser.parse_past(time.text)
    if at is None:
        errors.append(_time_error(field, time))
    return at


def _parse_future(
    field: str, time: TimeInput, time_parser: TimeParser, errors: list[ValidationError], code: str = ""
) -> datetime | None:
    if isinstance(time, datetime):
        return time
    at = time_parser.parse_future(time.text)
    if at is None:
        errors.append(_time_error(field, time, code))
    return at


def _time_error(field: str, time: TypedTime, code: str = "") -> ValidationError:
    """The error for a time that is empty or cannot be parsed."""
    unreadable = ValidationError(field, f"{code or field}.unreadable", {"value": time.text})
    return unreadable if time.text.strip() else ValidationError(field, "time.empty")


def _parse_window(
    notice_input: NoticeInput, time_parser: TimeParser, previous: Facts | None, errors: list[ValidationError]
) -> MaintenanceWindow | None:
    previous_window = previous.maintenance_window if previous else None
    start = _parse_window_edge("begins", notice_input.begins, time_parser, errors) or (
        previous_window.start if previous_window else None
    )
    ends = notice_input.ends
    is_duration = isinstance(ends, TypedTime) and is_length(ends.text)
    end_parser = TimeParser(time_parser.zone, start) if start and is_duration else time_parser
    end = _parse_window_edge("ends", ends, end_parser, errors) or (previous_window.end if previous_window else None)
    if start is None or end is None:
        return None
    return MaintenanceWindow(
        start, end, _parse_reminder(notice_input.remind, start, time_parser.now, previous_window, errors)
    )


def _parse_window_edge(
    field: str, time: TimeInput | None, time_parser: TimeParser, errors: list[ValidationError]
) -> datetime | None:
    return None if time is None else _parse_future(field, time, time_parser, errors, "window")


def _parse_reminder(
    text: str, start: datetime, now: datetime, previous_window: MaintenanceWindow | None, errors: list[ValidationError]
) -> datetime | None:
    """When to remind customers. By default a day before, an hour if that is too late, or None if even that is."""
    text = text.strip()
    if text == "none":
        return None
    if text:
        at = TimeParser("UTC", start).parse_past(text) if is_length(text) else None
        if at is None:
            errors.append(ValidationError("remind", "remind.unreadable", {"value": text}))
        return at
    if previous_window and previous_window.start == start:
        return previous_window.remind_at
    return next((start - lead_time for lead_time in REMINDERS if start - lead_time > now + lead_time / 2), None)


REMINDERS = (timedelta(days=1), timedelta(hours=1))
"""How long before planned maintenance customers are reminded by default."""


def _parse_services(
    services: tuple[ServiceInput, ...] | None, incident_type: IncidentType | None, errors: list[ValidationError]
) -> tuple[tuple[Affected, ...], tuple[str, ...]]:
    """The services that are affected, and those confirmed to work as usual."""
    if services is None:
        return (incident_type.services if incident_type else ()), ()
    chosen_type = incident_type or IncidentType("")
    named = [affected for service in services if (affected := _parse_service(service, chosen_type, errors))]
    working = tuple(affected.service for affected in named if affected.state is State.OPERATIONAL)
    return tuple(affected for affected in named if affected.state is not State.OPERATIONAL), working


def _parse_service(
    service: ServiceInput, incident_type: IncidentType, errors: list[ValidationError]
) -> Affected | None:
    if service.state and service.state not in list(State):
        errors.append(ValidationError("services", "services.state", {"value": service.state}))
        return None
    return Affected(service.service, State(service.state) if service.state else incident_type.state_of(service.service))


def _parse_audience(audience: AudienceInput) -> Audience:
    """The audience. Groups next to *all* or *some* are contradictory: the extent is then treated as an unknown
    group."""
    if not audience.groups:
        return Audience(audience.extent)
    contradicting = (audience.extent,) if audience.extent in (AffectedAudience.ALL, AffectedAudience.SOME) else ()
    return Audience(AffectedAudience.GROUPS, (*contradicting, *audience.groups))


def _parse_start(start: StartInput | None, time_parser: TimeParser, errors: list[ValidationError]) -> StartTime | None:
    at = _parse_past("start", start.time, time_parser, errors) if start else None
    return StartTime(start.precision, at) if start and at else None


def _parse_estimate(
    estimate: EstimateInput | None, time_parser: TimeParser, errors: list[ValidationError]
) -> Unknown | Known | Range | NotBefore:
    if estimate is None:
        return Unknown()
    found: list[ValidationError] = []
    moments = [_parse_future("estimate", time, time_parser, found) for time in estimate.times]
    errors += found[:1]
    match estimate.shape, moments:
        case EstimateShape.KNOWN, [datetime() as at]:
            return Known(at)
        case EstimateShape.NOT_BEFORE, [datetime() as at]:
            return NotBefore(at)
        case EstimateShape.RANGE, [datetime() as earliest, datetime() as latest]:
            return Range(earliest, latest)
    return Unknown()


def _parse_next_update(
    time: TimeInput | None,
    notice: NoticeKind,
    incident_type: IncidentType | None,
    time_parser: TimeParser,
    previous: Facts | None,
    errors: list[ValidationError],
) -> datetime | None:
    corrects_ended = notice is NoticeKind.CORRECTION and previous is not None and previous.ended_at is not None
    if corrects_ended or notice in (NoticeKind.RESOLVED, NoticeKind.WITHDRAWAL, NoticeKind.POSTMORTEM):
        return None
    if time is None:
        return _kept_promise(notice, previous, time_parser) or time_parser.now + (
            incident_type.cadence if incident_type else timedelta(minutes=30)
        )
    return _parse_future("next_update", time, time_parser, errors)


def _kept_promise(notice: NoticeKind, previous: Facts | None, time_parser: TimeParser) -> datetime | None:
    """A correction keeps the promised next update."""
    promised = previous.next_update if previous and notice is NoticeKind.CORRECTION else None
    return promised if promised and promised > time_parser.now else None


def _parse_ended(
    time: TimeInput | None,
    notice: NoticeKind,
    time_parser: TimeParser,
    previous: Facts | None,
    errors: list[ValidationError],
) -> datetime | None:
    """A correction of a final notice, and the postmortem, keep the published end unless another one is given."""
    previous_end = previous.ended_at if previous and notice in (NoticeKind.CORRECTION, NoticeKind.POSTMORTEM) else None
    if time is None or (notice is not NoticeKind.RESOLVED and previous_end is None):
        return previous_end
    return _parse_past("ended", time, time_parser, errors)


def _manual_text_problems(notice_input: NoticeInput, catalog: Catalog) -> tuple[ValidationError, ...]:
    errors = [
        ValidationError(f"text.{language}", "language.unknown", {"value": language})
        for language in (*notice_input.text, *notice_input.only)
        if language not in catalog.languages
    ]
    errors += [
        error
        for language, text in notice_input.text.items()
        for error in text_problems(f"text.{language}", strip_invisible(text))
    ]
    if (notice_input.text or notice_input.only) and not notice_input.reason.strip():
        errors.append(ValidationError("reason", "reason.missing"))
    errors += text_problems("reason", notice_input.reason)
    return tuple(errors)
