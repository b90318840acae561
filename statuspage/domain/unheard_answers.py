"""Engineers' answers that a notice contradicts by saying that the fact is not known."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from statuspage.domain.catalog import Catalog
from statuspage.domain.fact_request import Answer, newest_answers
from statuspage.domain.facts import Facts, MissedEstimate, NoticeKind, Precision, Unknown, estimate_expires_at
from statuspage.domain.incident import Incident

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
