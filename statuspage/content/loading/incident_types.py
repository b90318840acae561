"""Reads ``incident_types.toml``: what customers notice, and what the form proposes and asks for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import timedelta

from statuspage.content.loading.contradictions import check_choice
from statuspage.content.loading.site import check_id, get_known_texts, read_new_id
from statuspage.content.loading.table_reader import ServiceIds, Table
from statuspage.domain import IMPACT_STATES, AffectedAudience, Contact, ContactNeed, IncidentType, Question, State


def read_incident_types(
    table: Table, services: ServiceIds, lists: Mapping[str, Collection[str]], contact: Contact
) -> dict[str, IncidentType]:
    """``incident_types.toml``. ``lists`` are the ids of cause, current_action and workaround. Answers that need more of
    the company's contact than it gives are unavailable."""
    incident_types = {
        name: _read_incident_type(name, entry, services, lists, contact) for name, entry in table.iter_tables()
    }
    if not incident_types:
        table.add_error("There is no incident type; add a table for one.")
    return incident_types


def _read_incident_type(
    name: str, table: Table, services: ServiceIds, lists: Mapping[str, Collection[str]], contact: Contact
) -> IncidentType:
    check_id(table, name)
    incident_type = IncidentType(
        id=name,
        services=table.get_affected("services", services),
        state=State(table.get_choice("state", [*IMPACT_STATES], "major")),
        cadence=timedelta(minutes=table.get_number("cadence_minutes", 30, minimum=1)),
        questions=_read_questions(table, lists, contact),
        workarounds=get_known_texts(table, "workarounds", lists["workaround"]),
        current_actions=get_known_texts(table, "current_actions", lists["current_action"]),
        causes=get_known_texts(table, "causes", lists["cause"]),
        has_own_sentences=table.get_flag("own_sentences"),
        affects_group=table.get_flag("affects_group"),
        gives_estimate=table.get_flag("gives_estimate", default=True),
        names_services=table.get_flag("names_services", default=True),
        needs_approval=table.get_flag("needs_approval"),
    )
    table.reject_unknown_keys()
    return incident_type


def _read_questions(type_table: Table, lists: Mapping[str, Collection[str]], contact: Contact) -> tuple[Question, ...]:
    questions: dict[str, Question] = {}
    for entry in type_table.get_tables("question"):
        name = read_new_id(entry, questions)
        answers = _read_answers(entry)
        conflicts = entry.get_table("conflicts", required=False)
        pairs = [
            (answer, choice)
            for answer in (*answers, "checking")
            for choice in _read_conflicting(conflicts, answer, lists)
        ]
        conflicts.reject_unknown_keys()
        against = _read_against(type_table, entry, name, answers)
        unavailable = tuple(_read_unavailable(entry, answers, contact))
        offered = tuple(answer for answer in answers if answer not in unavailable)
        advice = get_known_texts(entry, "advice", (*answers, "checking"))
        questions[name] = Question(
            name, offered, entry.get_flag("required"), tuple(pairs), against, unavailable, advice
        )
        entry.reject_unknown_keys()
    return tuple(questions.values())


def _read_answers(entry: Table) -> tuple[str, ...]:
    answers = entry.get_texts("answers", default=None)
    for answer in answers:
        check_id(entry, answer, "answers")
    if "checking" in answers:
        entry.add_error("Every question already has the answer “checking”; delete it here.", "answers")
    return tuple(answer for answer in answers if answer != "checking")


def _read_unavailable(entry: Table, answers: Collection[str], contact: Contact) -> Iterator[str]:
    """``needs``: what the company must give under ``[contact]`` for an answer."""
    table = entry.get_table("needs", required=False)
    for answer in answers:
        need = table.get_choice(answer, [*ContactNeed], "")
        if need and not contact.meets(ContactNeed(need)):
            yield answer
    table.reject_unknown_keys()


def _read_against(
    type_table: Table, entry: Table, question: str, answers: Collection[str]
) -> tuple[tuple[str, str, str], ...]:
    """``against``: an answer, and the ``QUESTION.ANSWER`` of the same type that contradict it."""
    known = [
        f"{other.values.get('id')}.{answer}"
        for other in type_table.get_tables("question")
        if other.values.get("id") != question
        for answer in other.values.get("answers", ())
    ]
    table = entry.get_table("against", required=False)
    chosen = [(answer, text.partition(".")) for answer in answers for text in get_known_texts(table, answer, known)]
    table.reject_unknown_keys()
    return tuple((answer, other, other_answer) for answer, (other, _, other_answer) in chosen)


def _read_conflicting(table: Table, answer: str, lists: Mapping[str, Collection[str]]) -> Iterator[str]:
    """The choices that an answer rules out: a workaround by its id, others with their kind (``cause.bank``)."""
    kinds = {**lists, "audience": (AffectedAudience.ALL,)}
    for name in table.get_texts(answer):
        choice = name if "." in name else f"workaround.{name}"
        if check_choice(table, choice, kinds, answer):
            yield choice
