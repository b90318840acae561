"""What the list of incidents shows, filters and sorts by, and the text in which it searches."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from statuspage.domain.drill_scoring import promises
from statuspage.domain.facts import IMPACT_STATES, WORST_FIRST, AffectedAudience, NoticeKind, State, worst
from statuspage.domain.incident import Incident, InternalNote, Notice, TimelineEvent
from statuspage.domain.response_times import first_standing, time_to_notice
from statuspage.domain.services.outages import last_period

SEARCHED_LANGUAGES = 3
"""In how many languages whole notices are searched, the leading ones first. Headlines are searched in all."""


@dataclass(frozen=True, slots=True)
class IncidentFigures:
    """The figures of one incident.

    ``headlines`` is what customers read last, by language; ``impacts`` is as in ``past_impacts``. ``duration`` is from
    the published start to the published end, ``time_to_notice`` from the start of the clock to the moment customers
    could read the first valid notice; each is None if it is not known. ``report_by`` is the local day until which a
    postmortem is promised, None once it is published. Of ``promises_made`` (next updates that were due or came),
    ``promises_kept`` came in time. ``is_withdrawn``: every notice was withdrawn, and none has followed.
    """

    headlines: Mapping[str, str] = field(default_factory=dict)
    impacts: tuple[tuple[str, str], ...] = ()
    state: State = State.OPERATIONAL
    incident_type: str = ""
    cause: str = ""
    duration: timedelta | None = None
    time_to_notice: timedelta | None = None
    promises_made: int = 0
    promises_kept: int = 0
    corrections: int = 0
    has_postmortem: bool = False
    is_withdrawn: bool = False
    report_by: date | None = None


def past_impacts(incident: Incident) -> tuple[tuple[str, str], ...]:
    """What names this incident once it is over: each service and its worst state. Empty while it goes on, if it was
    withdrawn, or limited to groups of customers."""
    facts = incident.public_facts
    is_limited = facts is None or facts.audience.extent is AffectedAudience.GROUPS
    if incident.is_maintenance or is_limited or not incident.is_announced_over:
        return ()
    found = [impact for impact in incident.impacts if impact.state in IMPACT_STATES]
    ordered = sorted(found, key=lambda impact: WORST_FIRST.index(impact.state))
    return tuple((impact.service, impact.state.value) for impact in ordered)


def incident_figures(incident: Incident) -> IncidentFigures:
    """The figures of this incident as far as it has come."""
    latest, period = incident.latest, last_period(incident)
    last_at = latest.recorded if latest else incident.opened
    due_promises = () if incident.is_maintenance else promises(incident, last_at)
    return IncidentFigures(
        headlines={language: text.headline for language, text in latest.notice.texts.items()} if latest else {},
        impacts=past_impacts(incident),
        state=worst(tuple(impact.state for impact in incident.impacts)),
        incident_type=incident.incident_type,
        cause=_published_cause(incident),
        duration=period.ended_at - period.start.at if period and period.start and period.ended_at else None,
        time_to_notice=time_to_notice(incident),
        promises_made=len(due_promises),
        promises_kept=sum(promise.was_on_time for promise in due_promises),
        corrections=sum(item.notice.notice is NoticeKind.CORRECTION for item in incident.notices),
        has_postmortem=incident.has_postmortem,
        is_withdrawn=latest is not None and first_standing(incident) is None,
        report_by=incident.report_by,
    )


def search_text(incident: Incident) -> str:
    """Everything in which an incident is searched, normalised: headlines, notices, internal notes, answers."""
    parts = dict.fromkeys(normalize_search(part) for part in _searched_parts(incident))
    return "\n".join(part for part in parts if part)


def normalize_search(text: str) -> str:
    """The text as it is compared: NFKC (full-width and half-width are the same), without upper case."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _published_cause(incident: Incident) -> str:
    """The id of the cause that customers were told last; "" if none was."""
    return next((item.notice.facts.cause for item in reversed(incident.notices) if item.notice.facts.cause), "")


def _searched_parts(incident: Incident) -> Iterator[str]:
    yield incident.id
    for item in incident.entries:
        match item.entry:
            case Notice() as notice:
                yield from _notice_parts(notice)
            case InternalNote(text=text):
                yield text
            case TimelineEvent(text=text) if not text.isdecimal():
                yield text


def _notice_parts(notice: Notice) -> Iterator[str]:
    for number, text in enumerate(notice.texts.values()):
        yield from (text.title, text.headline)
        if number < SEARCHED_LANGUAGES:
            yield from (sentence.text for sentence in text.sentences)
