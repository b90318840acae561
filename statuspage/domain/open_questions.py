"""Questions that customers were told are being checked, and that were still open when it was over."""

from __future__ import annotations

from statuspage.domain.catalog import Catalog, IncidentType, Question
from statuspage.domain.facts import Facts, NoticeKind
from statuspage.domain.incident import Incident


def open_questions(incident: Incident, catalog: Catalog) -> tuple[Question, ...]:
    """The questions still without an answer although customers were told that it is over; none while it is open, for
    planned work, and after a withdrawal."""
    facts = incident.public_facts
    if facts is None or incident.is_maintenance or not is_resolved(incident):
        return ()
    return unanswered_questions(facts, catalog.incident_types.get(facts.incident_type))


def is_resolved(incident: Incident) -> bool:
    """Whether customers were told that it works again, and this was neither withdrawn nor has it come back since."""
    ends = [item.notice.notice for item in incident.notices if item.notice.notice in _ENDS]
    return incident.is_announced_over and not incident.is_reopened and ends[-1:] == [NoticeKind.RESOLVED]


def unanswered_questions(facts: Facts, incident_type: IncidentType | None) -> tuple[Question, ...]:
    """The questions of this incident type that these facts do not answer."""
    if incident_type is None:
        return ()
    return tuple(question for question in incident_type.questions if question.id not in facts.answers)


_ENDS = (NoticeKind.RESOLVED, NoticeKind.WITHDRAWAL)
