"""Notices: first reports, the next notice of an incident, planned maintenance. Each is previewed, waits on the desk, or
is published for the token's owner."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from statuspage.domain import (
    MAINTENANCE,
    AffectedAudience,
    Incident,
    NoticeInput,
    NoticeKind,
    initial_facts,
    notice_input_from_facts,
    omitted_facts,
    unheard_answers,
)
from statuspage.usecases import notices
from statuspage.usecases.accounts import Role
from statuspage.usecases.api import Scope, tokens
from statuspage.usecases.notices import AwaitingApproval, NoticeTarget, Preview, Published
from statuspage.web.api.conversion import desk_address, incident_out, notice_input, service_inputs, texts_out
from statuspage.web.api.incident_outputs import DoubtOut, NoticeResult
from statuspage.web.api.incidents import require_incident
from statuspage.web.api.inputs import FactsIn, IncidentIn, MaintenanceIn, NoticeIn, NoticeSending, SendingMode
from statuspage.web.api.operations import Answer, Call, Operation
from statuspage.web.api.problems import FieldError, Problem, refused, refused_code

MAX_PROPOSALS = 5
"""The maximum number of notices of one token that wait on the desk: somebody has to decide about each."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What will be stored: in which incident, and under which key it is found again."""

    incident: str
    key: str


@dataclass(frozen=True, slots=True)
class Writing:
    """A notice of a request."""

    kind: NoticeKind
    target: NoticeTarget
    notice_input: NoticeInput
    sending: NoticeSending
    plan: Plan
    incident: Incident | None = None


def report_incident(call: Call) -> Answer:
    """The first report of a new incident."""
    body = call.body_as(IncidentIn)
    plan = _plan(call, body)
    if (known := _find_recorded(call, plan)) is not None:
        return known
    _refuse_unsaid(NoticeKind.FIRST, None, body.facts)
    target = NoticeTarget(plan.incident, 0, call.now)
    return _write(call, Writing(NoticeKind.FIRST, target, notice_input(body.facts, NoticeInput()), body, plan))


def announce_maintenance(call: Call) -> Answer:
    """The announcement of planned maintenance."""
    body = call.body_as(MaintenanceIn)
    plan = _plan(call, body)
    if (known := _find_recorded(call, plan)) is not None:
        return known
    typed = NoticeInput(
        incident_type=MAINTENANCE,
        services=service_inputs(body.services),
        begins=body.begins,
        ends=body.ends,
        remind=body.remind,
        workarounds=tuple(body.workarounds or ()),
        extra=body.extra or {},
    )
    target = NoticeTarget(plan.incident, 0, call.now)
    return _write(call, Writing(NoticeKind.ANNOUNCED, target, typed, body, plan))


def add_notice(call: Call) -> Answer:
    """The next notice of an incident; what is not given stays as in the last one."""
    body, incident = call.body_as(NoticeIn), require_incident(call.env, call.path["incident"])
    plan = _plan(call, body, incident.id)
    if (known := _find_recorded(call, plan)) is not None:
        return known
    if call.if_match != f"{incident.id}.{incident.latest_sequence}":
        raise _superseded(incident)
    kind = NoticeKind(body.notice.value)
    _refuse_unsaid(kind, incident, body.facts)
    facts = initial_facts(incident, kind, call.env.site.catalog)
    base = notice_input_from_facts(facts, call.now) if facts else NoticeInput()
    _require_audience(call, incident, kind, body.facts)
    target = NoticeTarget(incident.id, incident.latest_sequence)
    writing = Writing(kind, target, notice_input(body.facts, base), body, plan, incident)
    return _write(call, writing)


def _plan(call: Call, sending: NoticeSending, incident_id: str = "") -> Plan:
    """What will be stored, recorded before it is. Raises Problem if the token may not do that."""
    if sending.mode is SendingMode.PUBLISH and not tokens.includes(call.token.scope, Scope.PUBLISH):
        raise Problem("scope", f"{Scope.PUBLISH} is needed; this token may {call.token.scope}.")
    unknown = [id for id in sending.channels or () if id not in call.env.senders.channels]
    if unknown:
        errors = tuple(FieldError(field="channels", code="channel.unknown", message=id) for id in unknown)
        raise Problem("refused", errors=errors)
    if call.claim is not None and call.claim.plan:
        return Plan(**call.claim.plan)
    plan = Plan(incident_id or call.env.new_id(), secrets.token_hex(12))
    if call.claim is not None and sending.mode is not SendingMode.PREVIEW:
        call.claim.keep_plan({"incident": plan.incident, "key": plan.key})
    return plan


def _find_recorded(call: Call, plan: Plan) -> Answer | None:
    """The answer if an interrupted request had stored what it planned."""
    if call.claim is None or not call.claim.plan:
        return None
    recorded = notices.find_recorded(call.env, plan.incident, plan.key)
    return _recorded(call, recorded) if recorded is not None else None


def _refuse_unsaid(kind: NoticeKind, incident: Incident | None, facts: FactsIn) -> None:
    given = {name for name in FactsIn.model_fields if getattr(facts, name) is not None}
    standing = incident.current_facts if incident else None
    unsaid = [*notices.unsaid_facts(kind, standing, given, facts.workarounds or ())]
    if unsaid:
        errors = tuple(
            FieldError(field=f"facts.{each.field}", code="unsaid", message="This notice would not say it.")
            for each in unsaid
        )
        raise Problem("refused", errors=errors)


def _require_audience(call: Call, incident: Incident, kind: NoticeKind, facts: FactsIn) -> None:
    """Raises Problem while it is open which customers the rest still affects."""
    dropped = omitted_facts(incident, kind, call.env.site.catalog)
    limited = (AffectedAudience.SOME, AffectedAudience.GROUPS)
    if dropped and dropped.audience.extent in limited and facts.audience is None:
        message = "Say which customers the rest still affects."
        raise Problem("refused", errors=(FieldError(field="facts.audience", code="audience.open", message=message),))


def _write(call: Call, writing: Writing) -> Answer:
    preview = notices.preview_notice(
        call.env, writing.notice_input, notice_kind=writing.kind, target=writing.target, now=call.now,
        key=writing.plan.key,
    )  # fmt: skip
    if preview.problems:
        raise refused(preview.problems, call.translator)
    if writing.sending.mode is SendingMode.PREVIEW:
        return Answer(_preview_result(call, writing, preview), is_kept=False)
    _refuse_doubts(call, writing, preview)
    _refuse_unheard(call, writing, preview)
    return _store(call, writing, preview)


def _store(call: Call, writing: Writing, preview: Preview) -> Answer:
    incident = writing.incident
    is_proposal = writing.sending.mode is SendingMode.PROPOSE
    if incident is not None and incident.latest is None and not is_proposal:
        database = call.env.databases.environment
        notices.open_notice_form(database, incident.id, actor=call.actor, now=call.now)
    channels = writing.sending.channels
    try:
        outcome = notices.publish_notice(
            call.env,
            writing.notice_input,
            preview.token,
            actor=call.actor,
            now=call.now,
            chosen_channels=None if channels is None else tuple(channels),
            account_id=call.token.owner.id,
            proposal_limit=MAX_PROPOSALS if is_proposal else None,
        )
    except notices.TooManyProposals as error:
        text = f"{MAX_PROPOSALS} proposals of this token wait on the desk. Have them published or refused there first."
        raise Problem("too-many-proposals", text) from error
    match outcome:
        case Published() | AwaitingApproval():
            return _recorded(call, outcome)
        case notices.Refused(problems=problems):
            raise refused(problems, call.translator)
        case notices.Stale(code=code):
            raise refused_code(code, call.translator, kind="settled")
        case notices.Superseded():
            raise _superseded(require_incident(call.env, writing.target.incident_id))


def _recorded(call: Call, recorded: Published | AwaitingApproval) -> Answer:
    """The answer of what is stored."""
    incident = require_incident(call.env, recorded.incident_id)
    shown = incident_out(call.env, incident)
    is_public = isinstance(recorded, Published)
    texts = {each.sequence: each.texts for each in shown.notices}
    texts |= {each.sequence: each.texts for each in shown.waiting}
    path = f"/incidents/{incident.id}/{'notices' if is_public else 'approvals'}/{recorded.sequence}"
    result = NoticeResult(
        status="published" if is_public else "waiting",
        incident=incident.id,
        sequence=recorded.sequence,
        desk=desk_address(call.env, path),
        texts=texts.get(recorded.sequence, {}),
        doubts=[],
        not_connected=[*call.env.senders.unready_channels],
    )
    return Answer(
        result,
        sequence=(incident.id, incident.latest_sequence),
        incident=incident.id,
        target=f"{incident.id}.{recorded.sequence}",
        location=f"/api/v1/incidents/{incident.id}",
    )


def _preview_result(call: Call, writing: Writing, preview: Preview) -> NoticeResult:
    return NoticeResult(
        status="previewed",
        incident=writing.incident.id if writing.incident else None,
        sequence=None,
        desk="",
        texts=texts_out(preview.notice_texts),
        doubts=[DoubtOut(**values) for values in _doubts(preview)],
        not_connected=[*call.env.senders.unready_channels],
    )


def _doubts(preview: Preview) -> Iterator[dict[str, Any]]:
    for doubt in preview.doubts:
        incident = doubt.incident.id if doubt.incident else None
        yield {"field": doubt.field, "key": doubt.key, "at": doubt.at, "incident": incident}


def _refuse_doubts(call: Call, writing: Writing, preview: Preview) -> None:
    """Raises Problem for what a person would be asked to confirm, unless the request confirms it."""
    doubts = [DoubtOut(**values) for values in _doubts(preview)]
    left = tuple(each.model_dump(mode="json") for each in doubts if each.key not in writing.sending.confirmed)
    if left:
        raise Problem(
            "doubtful",
            "An old time, an alert before the start, or an open incident or planned maintenance of the same service.",
            doubts=left,
        )


def _refuse_unheard(call: Call, writing: Writing, preview: Preview) -> None:
    """Raises Problem for engineers' answers that the notice calls unknown, unless the request says so."""
    if writing.incident is None or writing.sending.ignore_answers:
        return
    unheard = unheard_answers(writing.incident, writing.kind, preview.facts, call.env.site.catalog, now=call.now)
    if unheard:
        errors = tuple(
            FieldError(field=f"facts.{name}", code="answer.unheard", message=f"{answer.actor}, {answer.sequence}")
            for name, answer in unheard.items()
        )
        raise Problem("unheard-answers", errors=errors)


def _superseded(incident: Incident) -> Problem:
    etag = f'"{incident.id}.{incident.latest_sequence}"'
    return Problem("superseded", "Get the incident again, and send its ETag.", headers={"ETag": etag})


_WAITS = (
    "With mode propose, which is the default, it waits on the desk for a person, who sees the same preview. With mode "
    "publish it is published for the token's owner; an incident type that needs a second person makes it wait all the "
    "same. What a person would be asked to confirm is answered with 409."
)

NOTICE_OPERATIONS = (
    Operation(
        "reportIncident", "POST", "/incidents", "notices", "Propose or publish a first report", NoticeResult,
        report_incident, Scope.PROPOSE, Role.REPORTER, body=IncidentIn, is_keyed=True, problems=(409, 410, 422),
        description=_WAITS,
    ),
    Operation(
        "addNotice", "POST", "/incidents/{incident}/notices", "notices", "Propose or publish the next notice",
        NoticeResult, add_notice, Scope.PROPOSE, Role.REPORTER, body=NoticeIn, is_keyed=True, needs_match=True,
        problems=(404, 409, 410, 412, 422, 428), description=_WAITS,
    ),
    Operation(
        "announceMaintenance", "POST", "/maintenance", "maintenance", "Propose or announce planned maintenance",
        NoticeResult, announce_maintenance, Scope.PROPOSE, Role.REPORTER, body=MaintenanceIn, is_keyed=True,
        problems=(409, 410, 422), description=_WAITS,
    ),
)  # fmt: skip
