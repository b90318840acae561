"""Fact requests to engineers about an incident: questions, answers, and what is still open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from statuspage.domain.catalog import Catalog, IncidentType, Question
from statuspage.domain.facts import (
    EngineerAnswer,
    Facts,
    MissedEstimate,
    NoticeKind,
    Precision,
    Unknown,
    estimate_expires_at,
)
from statuspage.domain.incident import EventKind, Incident, TimelineEntry, TimelineEvent

LINK_LIFETIME = timedelta(hours=24)
"""How long the link of a fact request is valid; in any case it ends with the incident."""

REMINDERS = (timedelta(minutes=5), timedelta(minutes=15))
"""How long after an unanswered fact request its first and second reminders are due."""

QUESTIONS = ("services", "start", "estimate", "ended")
"""What is asked for every incident type, in addition to its own questions."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: who gave it, since when this is known, the facts, and a line of text. ``answers_to`` is the sequence
    of its fact request (0: none)."""

    sequence: int
    at: datetime
    actor: str
    engineer_answer: EngineerAnswer
    text: str = ""
    answers_to: int = 0


@dataclass(frozen=True, slots=True)
class FactRequest:
    """One fact request. ``sequence`` is that of its event, ``recipient`` whom it went to ("": not recorded),
    ``reminder_count`` how often it was repeated, ``revoked_at`` when its link was revoked."""

    sequence: int
    at: datetime
    actor: str
    recipient: str
    answers: tuple[Answer, ...] = ()
    reminder_count: int = 0
    revoked_at: datetime | None = None

    @property
    def is_waiting(self) -> bool:
        """Whether it has no answer yet but can still get one."""
        return not self.answers and self.revoked_at is None

    def is_link_valid(self, now: datetime) -> bool:
        """Whether its link is still valid."""
        return self.revoked_at is None and now < self.at + LINK_LIFETIME

    def is_reminder_due(self, now: datetime) -> bool:
        """Whether a reminder is due now."""
        delay = REMINDERS[self.reminder_count] if self.reminder_count < len(REMINDERS) else None
        return self.is_waiting and self.is_link_valid(now) and delay is not None and now >= self.at + delay


def asks(incident: Incident) -> tuple[FactRequest, ...]:
    """Every fact request, oldest first."""
    request_entries = [
        item
        for item in incident.entries
        if isinstance(item.entry, TimelineEvent) and item.entry.event is EventKind.FACTS_REQUESTED
    ]
    return tuple(_fact_request(incident, item) for item in request_entries)


def answers(incident: Incident) -> tuple[Answer, ...]:
    """Every answer, oldest first, including those that belong to no request."""
    received = []
    for item in incident.entries:
        event = item.entry
        if (
            isinstance(event, TimelineEvent)
            and event.event is EventKind.FACT_RECEIVED
            and event.engineer_answer is not None
        ):
            received.append(
                Answer(item.sequence, item.recorded, event.actor, event.engineer_answer, event.text, event.answers_to)
            )
    return tuple(received)


def newest_answers(incident: Incident) -> Mapping[str, Answer]:
    """The newest answer for each fact, in the order of the questions."""
    newest: dict[str, Answer] = {}
    for answer in answers(incident):
        newest |= dict.fromkeys(answer.engineer_answer.fields, answer)
    order = [*QUESTIONS, *sorted(name for name in newest if name not in QUESTIONS)]
    return {name: newest[name] for name in order if name in newest}


def _fact_request(incident: Incident, request_entry: TimelineEntry) -> FactRequest:
    follow_ups = [
        (item, item.entry)
        for item in incident.entries
        if isinstance(item.entry, TimelineEvent) and item.entry.answers_to == request_entry.sequence
    ]
    revocations = [item.recorded for item, event in follow_ups if event.event is EventKind.FACT_REQUEST_REVOKED]
    recipient, actor = (
        (request_entry.entry.text, request_entry.entry.actor)
        if isinstance(request_entry.entry, TimelineEvent)
        else ("", "")
    )
    return FactRequest(
        sequence=request_entry.sequence,
        at=request_entry.recorded,
        actor=actor,
        recipient=recipient,
        answers=tuple(answer for answer in answers(incident) if answer.answers_to == request_entry.sequence),
        reminder_count=sum(event.event is EventKind.FACTS_REMINDED for _, event in follow_ups),
        revoked_at=revocations[0] if revocations else None,
    )


def open_questions(incident: Incident, catalog: Catalog) -> tuple[Question, ...]:
    """The questions still without an answer although customers were told that it is over; none while it is open, for
    planned work, and after a withdrawal."""
    facts = incident.public_facts
    if facts is None or incident.is_maintenance or not is_resolved(incident):
        return ()
    return unanswered_questions(facts, catalog)


def is_resolved(incident: Incident) -> bool:
    """Whether customers were told that it works again, and this was neither withdrawn nor has it come back since."""
    ends = [item.notice.notice for item in incident.notices if item.notice.notice in _FINAL_NOTICES]
    return incident.is_announced_over and not incident.is_reopened and ends[-1:] == [NoticeKind.RESOLVED]


def unanswered_questions(facts: Facts, catalog: Catalog) -> tuple[Question, ...]:
    """The questions that these facts do not answer and that a resolved notice then calls open. The others no longer
    matter once it works again."""
    incident_type, phrases = catalog.incident_types.get(facts.incident_type), catalog.leading_pack.phrases
    if incident_type is None:
        return ()
    return tuple(
        question
        for question in incident_type.questions
        if question.id not in facts.answers
        and phrases.get(f"incident_type.{incident_type.id}.question.{question.id}.checking.resolved")
    )


_FINAL_NOTICES = (NoticeKind.RESOLVED, NoticeKind.WITHDRAWAL)


def can_answer(incident: Incident, catalog: Catalog) -> bool:
    """Whether engineers may still be asked: until it is over, and then as long as a question is open."""
    return not incident.is_over or bool(open_questions(incident, catalog))


def asked_questions(incident: Incident, incident_type: IncidentType | None, catalog: Catalog) -> tuple[Question, ...]:
    """The incident type's own questions to ask: once it is over, only those still open."""
    if incident.is_over:
        return open_questions(incident, catalog)
    return incident_type.questions if incident_type else ()


_SAYS_ESTIMATE = (NoticeKind.FIRST, NoticeKind.UPDATE, NoticeKind.PARTLY_RESTORED, NoticeKind.CORRECTION)
_SAYS_ANSWERS = (NoticeKind.FIRST, NoticeKind.UPDATE, NoticeKind.RESOLVED, NoticeKind.CORRECTION)


def unheard_answers(
    incident: Incident, notice: NoticeKind, facts: Facts, catalog: Catalog, *, now: datetime
) -> Mapping[str, Answer]:
    """The newest answers since the last notice that these facts call unknown, by the name of the fact.

    *Ended* counts for an update, which says that it still does not work.
    """
    return {
        name: answer
        for name, answer in newest_answers(incident).items()
        if answer.sequence > incident.latest_sequence
        and _is_unheard(name, answer.engineer_answer.facts, notice, facts, catalog, now)
    }


def _is_unheard(name: str, answered: Facts, notice: NoticeKind, facts: Facts, catalog: Catalog, now: datetime) -> bool:
    is_over = facts.ended_at is not None
    match name:
        case "estimate":
            return notice in _SAYS_ESTIMATE and not is_over and _is_unknown(facts) and _is_still_ahead(answered, now)
        case "start":
            return _is_start_open(facts) and answered.start is not None and not _is_start_open(answered)
        case "ended":
            return notice is NoticeKind.UPDATE and answered.ended_at is not None
        case "services":
            return False
    question = name.removeprefix("answer.")
    incident_type = catalog.incident_types.get(facts.incident_type)
    is_asked = incident_type is not None and question in {own.id for own in incident_type.questions}
    return notice in _SAYS_ANSWERS and is_asked and question in answered.answers and question not in facts.answers


def _is_unknown(facts: Facts) -> bool:
    estimate = facts.estimate.current if isinstance(facts.estimate, MissedEstimate) else facts.estimate
    return isinstance(estimate, Unknown)


def _is_still_ahead(answered: Facts, now: datetime) -> bool:
    expires_at = estimate_expires_at(answered.estimate)
    return expires_at is not None and expires_at > now


def _is_start_open(facts: Facts) -> bool:
    return facts.start is not None and facts.start.precision is Precision.NOTICED
