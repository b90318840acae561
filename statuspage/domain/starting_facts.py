"""The facts that a new notice starts from, before anybody edits them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from statuspage.domain.catalog import Catalog, IncidentType
from statuspage.domain.facts import Audience, Facts, NoticeKind
from statuspage.domain.incident import Incident


def initial_facts(incident: Incident, notice: NoticeKind, catalog: Catalog) -> Facts | None:
    """The published facts, as far as they apply to this kind of notice; None before the first notice.

    *Partly restored* starts without facts that may have applied only to the services that work again (see
    facts_for_remaining). *Resolved* covers everything, and restores those answers.
    """
    facts = incident.current_facts
    if facts is None or incident.is_maintenance:
        return facts
    incident_type = catalog.incident_types.get(facts.incident_type) or IncidentType(facts.incident_type)
    if notice is NoticeKind.PARTLY_RESTORED:
        return facts_for_remaining(facts, incident_type)
    if notice is NoticeKind.RESOLVED:
        return replace(facts, answers={**_omitted_answers(incident, incident_type), **facts.answers})
    return facts


def facts_for_remaining(facts: Facts, incident_type: IncidentType) -> Facts:
    """The facts of several services without audience, workarounds and answers. Nothing links those to a service, so
    only a person can say which apply to the remaining services. Answers that every notice must give are kept."""
    if len(facts.affected) < 2:
        return facts
    required = {question.id for question in incident_type.questions if question.is_required}
    answers = {question: answer for question, answer in facts.answers.items() if question in required}
    return replace(facts, audience=Audience(), workarounds=(), answers=answers)


def omitted_facts(incident: Incident, notice: NoticeKind, catalog: Catalog) -> Facts | None:
    """The published facts that this notice starts without; None if it starts with all of them."""
    current, start_facts = incident.current_facts, initial_facts(incident, notice, catalog)
    if notice is not NoticeKind.PARTLY_RESTORED or current is None or start_facts is None or start_facts == current:
        return None
    answers = {question: answer for question, answer in current.answers.items() if question not in start_facts.answers}
    return replace(current, answers=answers)


def _omitted_answers(incident: Incident, incident_type: IncidentType) -> Mapping[str, str]:
    """Answers that were published before a *partly restored* notice left them out."""
    question_ids, left_out = {question.id for question in incident_type.questions}, dict[str, str]()
    previous_answers: Mapping[str, str] = {}
    for notice in (item.notice for item in incident.notices if item.notice.facts.incident_type == incident_type.id):
        if notice.notice is NoticeKind.PARTLY_RESTORED:
            dropped = previous_answers.keys() - notice.facts.answers.keys()
            left_out |= {question: previous_answers[question] for question in dropped & question_ids}
        if notice.notice in (NoticeKind.RESOLVED, NoticeKind.WITHDRAWAL):
            left_out.clear()
        previous_answers = notice.facts.answers
    return left_out
