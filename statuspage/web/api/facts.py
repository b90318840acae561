"""Facts: requests to engineers, and their answers."""

from __future__ import annotations

from typing import Any

from statuspage import serialization
from statuspage.domain import NoticeInput, answers, asks, open_questions
from statuspage.usecases.accounts import Role
from statuspage.usecases.api import Scope
from statuspage.usecases.incidents import ActionRefused
from statuspage.usecases.on_call import fact_requests
from statuspage.web.api.conversion import situation
from statuspage.web.api.incidents import require_incident
from statuspage.web.api.inputs import FactRequestIn, FactsAnswerIn
from statuspage.web.api.operations import Answer, Call, Operation
from statuspage.web.api.outputs import AnswerOut, FactRequestOut, FactsOut, RecordedOut
from statuspage.web.api.problems import refused, refused_code


def show_facts(call: Call) -> Answer:
    """The requests and answers of an incident."""
    incident = require_incident(call.env, call.path["incident"])
    requests = [
        FactRequestOut(
            sequence=each.sequence,
            at=each.at,
            by=each.actor,
            recipient=each.recipient,
            is_waiting=each.is_waiting,
            revoked_at=each.revoked_at,
        )
        for each in asks(incident)
    ]
    received = [
        AnswerOut(
            sequence=each.sequence,
            at=each.at,
            by=each.actor,
            text=each.text,
            fields=[*each.engineer_answer.fields],
            facts=serialization.to_json_value(each.engineer_answer.facts),
        )
        for each in answers(incident)
    ]
    still_open = [question.id for question in open_questions(incident, call.env.site.catalog)]
    return Answer(FactsOut(requests=requests, answers=received, open_questions=still_open))


def request_facts(call: Call) -> Answer:
    """Asks the engineers on call."""
    id, body = call.path["incident"], call.body_as(FactRequestIn)
    require_incident(call.env, id)
    try:
        sequence = fact_requests.ask_engineers(
            call.env, id, actor=call.actor, now=call.now, recipient=body.recipient
        )  # fmt: skip
    except ActionRefused as refusal:
        raise refused_code(refusal.code, call.translator) from None
    return Answer(RecordedOut(incident=id, sequence=sequence), incident=id, target=f"{id}.{sequence}")


def record_answer(call: Call) -> Answer:
    """Records what an engineer knows."""
    id, body = call.path["incident"], call.body_as(FactsAnswerIn)
    require_incident(call.env, id)
    given: dict[str, Any] = situation(body.services, body.start, body.estimate)
    problems = fact_requests.record_answer(
        call.env,
        id,
        NoticeInput(**{"services": (), **given}, ended=body.ended, answers=body.answers or {}),
        actor=f"{body.by} (API: {call.token.name})",
        now=call.now,
        text=body.text,
        language=body.language or call.env.site.catalog.desk_languages[0],
        request_sequence=body.request,
    )
    if problems:
        raise refused(problems, call.translator)
    sequence = require_incident(call.env, id).entries[-1].sequence
    return Answer(RecordedOut(incident=id, sequence=sequence), incident=id, target=f"{id}.{sequence}")


FACT_OPERATIONS = (
    Operation(
        "getFacts", "GET", "/incidents/{incident}/facts", "facts", "Get requests for facts and answers", FactsOut,
        show_facts, problems=(404,),
    ),
    Operation(
        "requestFacts", "POST", "/incidents/{incident}/fact-requests", "facts", "Ask the engineers on call",
        RecordedOut, request_facts, Scope.PUBLISH, Role.REPORTER, body=FactRequestIn, is_keyed=True,
        problems=(404, 409, 410, 422),
        description="Sends the questions through the staff channels, as the desk does.",
    ),
    Operation(
        "answerFacts", "POST", "/incidents/{incident}/facts", "facts", "Record an engineer's answer", RecordedOut,
        record_answer, Scope.PROPOSE, Role.REPORTER, body=FactsAnswerIn, is_keyed=True,
        problems=(404, 409, 410, 422),
        description="It is shown beside the form and overwrites nothing that was typed.",
    ),
)  # fmt: skip
