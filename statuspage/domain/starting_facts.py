"""The facts that a notice starts from, before anybody has changed one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from statuspage.domain.catalog import Catalog, IncidentType
from statuspage.domain.facts import Audience, Facts, NoticeKind
from statuspage.domain.incident import Incident

_N = NoticeKind


def starting(incident: Incident, notice: NoticeKind, catalog: Catalog) -> Facts | None:
    """What customers know, as far as it holds for this notice; None before the first.

    *Partly restored* starts without what may have held only for that which works again (see for_the_rest). *Resolved*
    speaks of everything, and takes such answers up again.
    """
    facts = incident.standing
    if facts is None or incident.maintenance:
        return facts
    kind = catalog.kinds.get(facts.kind) or IncidentType(facts.kind)
    if notice is _N.PARTLY_RESTORED:
        return for_the_rest(facts, kind)
    if notice is _N.RESOLVED:
        return replace(facts, answers={**_left_out(incident, kind), **facts.answers})
    return facts


def for_the_rest(facts: Facts, kind: IncidentType) -> Facts:
    """Facts of several services without who is affected, workarounds and answers: nothing ties them to a service, so
    that only a person can say which hold for what is left. Answers that every notice must give stay."""
    if len(facts.affected) < 2:
        return facts
    required = {question.id for question in kind.questions if question.required}
    answers = {question: answer for question, answer in facts.answers.items() if question in required}
    return replace(facts, who=Audience(), workarounds=(), answers=answers)


def set_aside(incident: Incident, notice: NoticeKind, catalog: Catalog) -> Facts | None:
    """What customers know and this notice starts without; None where it starts with all of it."""
    known, start = incident.standing, starting(incident, notice, catalog)
    if notice is not _N.PARTLY_RESTORED or known is None or start is None:
        return None
    answers = {question: answer for question, answer in known.answers.items() if question not in start.answers}
    return replace(known, answers=answers) if answers or known.workarounds or known.who != Audience() else None


def _left_out(incident: Incident, kind: IncidentType) -> Mapping[str, str]:
    """Answers that stood until a notice that part of it works again did not repeat them."""
    asked, found = {question.id for question in kind.questions}, dict[str, str]()
    before: Mapping[str, str] = {}
    for told in (one.notice for one in incident.notices if one.notice.facts.kind == kind.id):
        if told.notice is _N.PARTLY_RESTORED:
            gone = before.keys() - told.facts.answers.keys()
            found |= {question: before[question] for question in gone & asked}
        if told.notice in (_N.RESOLVED, _N.WITHDRAWAL):
            found.clear()
        before = told.facts.answers
    return found
