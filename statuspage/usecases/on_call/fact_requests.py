"""Facts from engineers: requests with a link that needs no account, and the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from itsdangerous import BadSignature, URLSafeSerializer

from statuspage.domain import (
    NOW,
    Catalog,
    EngineerAnswer,
    EventKind,
    FactRequest,
    Facts,
    Incident,
    IncidentType,
    NoticeInput,
    NoticeKind,
    NotificationReason,
    TimelineEvent,
    ValidationError,
    asked_questions,
    asks,
    can_answer,
    find_forbidden_phrase,
    has_unreadable_characters,
    parse_notice,
    strip_invisible,
    text_problems,
)
from statuspage.rendering.plain_language import Finding, find_unplain
from statuspage.storage import alerts, incidents
from statuspage.storage.engine import Connection, Database
from statuspage.usecases.environment import Environment
from statuspage.usecases.incidents import ActionRefused, require_incident
from statuspage.usecases.on_call import absence, current, notify
from statuspage.usecases.on_call.notify import StaffMessage

LINE_LIMIT, NAME_LIMIT = 300, 80
"""Maximum characters of the line of text, and of a name."""

STILL_CHECKING = "checking"
"""The answer with which an engineer takes back an earlier one."""

_UNANSWERED_CODES = ("missing", "required", "unsaid")
"""Codes of unanswered questions, which are no errors in an answer: engineers give only what they know."""


def ask_engineers(env: Environment, incident_id: str, *, actor: str, now: datetime, recipient: str = "") -> int:
    """Sends a fact request through every staff channel named in the content, mentioning who is on call; returns its
    sequence. Raises NoSuchIncident, or ActionRefused if there is nothing to ask.

    ``recipient`` records who else gets it.
    """
    if not can_name(env.site.catalog, recipient):
        raise ActionRefused("fact_request.recipient")
    with env.databases.environment.begin() as tx:
        incident = _require_answerable(tx, env.site.catalog, incident_id)
        event = TimelineEvent(EventKind.FACTS_REQUESTED, actor=actor, text=strip_invisible(recipient))
        sequence = incidents.append_entry(tx, incident_id, event, happened=now, recorded=now)
        absence.record_link(tx, event.text, actor=actor, now=now)
        _notify_engineers(tx, env, incident, sequence, 0, now)
    return sequence


def can_name(catalog: Catalog, recipient: str) -> bool:
    """Whether this can be stored as the recipient of the request."""
    return not (
        len(recipient) > NAME_LIMIT
        or has_unreadable_characters(recipient)
        or find_forbidden_phrase(recipient, catalog.forbidden_phrases)
    )


def end_request(env: Environment, incident_id: str, sequence: int, *, actor: str, now: datetime) -> None:
    """Revokes the link of this request. Raises NoSuchIncident, or ActionRefused if there is no such request."""
    with env.databases.environment.begin() as tx:
        _append_follow_up(tx, incident_id, sequence, EventKind.FACT_REQUEST_REVOKED, actor, now)


def repeat_request(env: Environment, incident_id: str, sequence: int, *, actor: str, now: datetime) -> None:
    """Sends the request again through the same channels. Raises NoSuchIncident, or ActionRefused if there is no such
    request."""
    with env.databases.environment.begin() as tx:
        incident, request = _append_follow_up(tx, incident_id, sequence, EventKind.FACTS_REMINDED, actor, now)
        _notify_engineers(tx, env, incident, sequence, request.reminder_count + 1, now)


def overdue_requests(database: Database, *, now: datetime) -> tuple[tuple[Incident, FactRequest], ...]:
    """Unanswered requests whose reminder is due now."""
    with database.read() as tx:
        open_incidents = incidents.open_incidents(tx)
    return tuple(
        (incident, request) for incident in open_incidents for request in asks(incident) if request.is_reminder_due(now)
    )


def repeat_overdue(env: Environment, *, now: datetime) -> None:
    """Repeats overdue requests. The desk shows them and how long they have waited.

    Does nothing during a send hold, or while a drill is paused.
    """
    with env.databases.environment.read() as tx:
        if notify.is_paused(tx):
            return
    for incident, request in overdue_requests(env.databases.environment, now=now):
        repeat_request(env, incident.id, request.sequence, actor="", now=now)


def incident_type_of(env: Environment, incident: Incident) -> IncidentType | None:
    """The incident type as published or proposed by an alert; its own questions are asked too."""
    with env.databases.environment.read() as tx:
        return _incident_type(tx, env.site.catalog, incident)


def monitor_title(database: Database, incident: Incident) -> str:
    """The monitor's title for this incident, "" if it has no alert."""
    with database.read() as tx:
        incident_alerts = alerts.alerts_of_incident(tx, incident.id)
    return incident_alerts[0].monitor_alert.title if incident_alerts else ""


def record_answer(
    env: Environment,
    incident_id: str,
    notice_input: NoticeInput,
    *,
    actor: str,
    now: datetime,
    text: str = "",
    language: str = "",
    request_sequence: int = 0,
) -> tuple[ValidationError, ...]:
    """Records an engineer's answer. Returns the problems; if there are any, nothing is recorded.

    ``text`` is one line in ``language``. ``request_sequence`` is the request it answers. Raises NoSuchIncident.
    """
    actor, text = strip_invisible(actor), " ".join(strip_invisible(text).split())
    with env.databases.environment.begin() as tx:
        incident = require_incident(tx, incident_id)
        facts, parse_problems = _parse_answers(env, incident, notice_input, now)
        engineer_answer = EngineerAnswer(_answered_fields(notice_input, facts), facts, language if text else "")
        problems = (*parse_problems, *_text_problems(env.site.catalog, actor, text), *absence.name_problems(tx, actor))
        if not (engineer_answer.fields or text or problems):
            problems = (ValidationError("services", "answer.nothing"),)
        if not problems:
            event = TimelineEvent(
                EventKind.FACT_RECEIVED,
                actor=actor,
                text=text,
                answers_to=request_sequence,
                engineer_answer=engineer_answer,
            )
            incidents.append_entry(tx, incident_id, event, happened=now, recorded=now)
    return tuple(problems)


def check_answer_text(catalog: Catalog, text: str, language: str) -> tuple[Finding, ...]:
    """The plain-language findings in a line of text. They are only shown: engineers may use technical words."""
    if not text or language not in catalog.packs:
        return ()
    return tuple(
        finding for finding in find_unplain(text, language=language, catalog=catalog) if finding.start < finding.end
    )


def request_token(env: Environment, incident_id: str, sequence: int) -> str:
    """The signed token in the link of a request."""
    return str(_signer(env).dumps([incident_id, sequence]))


def find_request(env: Environment, token: str, *, now: datetime) -> tuple[Incident, FactRequest] | None:
    """The request of a link; None if it is not ours, was revoked, is too old, or nothing is open any more."""
    try:
        incident_id, sequence = _signer(env).loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    with env.databases.environment.read() as tx:
        incident = incidents.load_incident(tx, str(incident_id))
    if incident is None or not can_answer(incident, env.site.catalog):
        return None
    request = next((candidate for candidate in asks(incident) if candidate.sequence == sequence), None)
    return (incident, request) if request and request.is_link_valid(now) else None


def request_message(env: Environment, incident: Incident, title: str, link: str, language: str) -> str:
    """The message to engineers with the link; without a link, it asks for a reply.

    The closing mark has its own line, otherwise a chat takes it for a part of the link.
    """
    marks = env.site.catalog.packs[language].marks
    heading, *lines = _question_lines(
        env.site.catalog, incident, incident_type_of(env, incident), title, link, language
    )
    return "\n".join((f"{marks.start}{heading}", *lines, *filter(None, (marks.end.strip(),))))


def notification_key_prefix(incident_id: str, sequence: int) -> str:
    """The prefix of the keys of all notifications of this request."""
    return f"fact_request.{incident_id}.{sequence}."


def _notify_engineers(
    tx: Connection, env: Environment, incident: Incident, sequence: int, reminder_count: int, now: datetime
) -> None:
    """Notifies the engineers; ``reminder_count`` is 0 for the request itself."""
    desk, language = notify.desk_link(env), notify.staff_pack(env.site.catalog).language
    link = f"{desk}/facts/{request_token(env, incident.id, sequence)}" if desk else ""
    title = _incident_title(tx, env.site.catalog, incident)
    heading, *lines = _question_lines(
        env.site.catalog, incident, _incident_type(tx, env.site.catalog, incident), title, link, language
    )
    heading = notify.staff_label(env.site.catalog, "fact_request.again", title=heading) if reminder_count else heading
    message = StaffMessage(NotificationReason.FACTS_REQUESTED, heading, tuple(lines), incident=incident.id)
    responders = current.resolve_recipients(env, (NOW,), now=now)
    notify.enqueue_staff_notification(
        tx,
        env,
        f"{notification_key_prefix(incident.id, sequence)}{reminder_count}",
        message,
        env.site.catalog.on_call.incident_channels,
        responders,
        now=now,
    )


def _incident_title(tx: Connection, catalog: Catalog, incident: Incident) -> str:
    """The incident's title as customers read it, else the monitor's."""
    pack = notify.staff_pack(catalog)
    if incident.latest is not None:
        notice_texts = incident.latest.notice.texts
        return (notice_texts.get(pack.language) or next(iter(notice_texts.values()))).title
    incident_alerts = alerts.alerts_of_incident(tx, incident.id, 1)
    return incident_alerts[0].monitor_alert.title if incident_alerts else pack.labels["desk.home.unnamed"]


def _incident_type(tx: Connection, catalog: Catalog, incident: Incident) -> IncidentType | None:
    if incident.incident_type:
        return catalog.incident_types.get(incident.incident_type)
    incident_alerts = alerts.alerts_of_incident(tx, incident.id)
    return next(
        (
            catalog.incident_types.get(alert.proposal.incident_type)
            for alert in incident_alerts
            if alert.proposal.incident_type
        ),
        None,
    )


def _question_lines(
    catalog: Catalog, incident: Incident, incident_type: IncidentType | None, title: str, link: str, language: str
) -> list[str]:
    """The lines of the message, without marks."""
    pack = catalog.packs[language]
    common_names = () if incident.is_over else ("services", "start", "estimate")
    common_questions = [pack.labels[f"desk.fact_requests.question.{name}"] for name in common_names]
    type_id = incident_type.id if incident_type else ""
    own_questions = [
        pack.phrases.get(f"incident_type.{type_id}.question.{question.id}.prompt", question.id)
        for question in asked_questions(incident, incident_type, catalog)
    ]
    numbered = [f"{n}. {question}" for n, question in enumerate([*common_questions, *own_questions], 1)]
    heading = pack.labels["desk.fact_requests.message"].format(title=notify.strip_marks(catalog, title))
    closing_line = (
        pack.labels["desk.fact_requests.message_link"].format(link=link)
        if link
        else pack.labels["desk.fact_requests.reply"]
    )
    return [heading, *numbered, closing_line]


def _signer(env: Environment) -> URLSafeSerializer:
    return URLSafeSerializer(env.secret, salt=f"facts-{env.name}")


def _require_answerable(tx: Connection, catalog: Catalog, incident_id: str) -> Incident:
    incident = require_incident(tx, incident_id)
    if incident.is_maintenance:
        raise ActionRefused("notice.of_incident")
    if not can_answer(incident, catalog):
        raise ActionRefused("fact_request.over")
    return incident


def _append_follow_up(
    tx: Connection, incident_id: str, sequence: int, event_kind: EventKind, actor: str, now: datetime
) -> tuple[Incident, FactRequest]:
    incident = require_incident(tx, incident_id)
    request = next((candidate for candidate in asks(incident) if candidate.sequence == sequence), None)
    if request is None or request.revoked_at is not None:
        raise ActionRefused("fact_request.none")
    incidents.append_entry(
        tx, incident_id, TimelineEvent(event_kind, actor=actor, answers_to=sequence), happened=now, recorded=now
    )
    return incident, request


def _parse_answers(
    env: Environment, incident: Incident, notice_input: NoticeInput, now: datetime
) -> tuple[Facts, list[ValidationError]]:
    incident_type = incident_type_of(env, incident)
    notice_input = replace(
        notice_input,
        incident_type=notice_input.incident_type or (incident_type.id if incident_type else ""),
        services=notice_input.services or (),
    )
    notice_kind = NoticeKind.RESOLVED if notice_input.ended else NoticeKind.UPDATE
    facts, problems = parse_notice(notice_input, catalog=env.site.catalog, notice=notice_kind, now=now)
    remaining = [
        problem
        for problem in problems
        if problem.code.rpartition(".")[2] not in _UNANSWERED_CODES and problem.field != "next_update"
    ]
    return replace(facts, next_update=None), remaining


def _answered_fields(notice_input: NoticeInput, facts: Facts) -> tuple[str, ...]:
    fact_values: Mapping[str, object] = {
        "services": facts.named_services,
        "start": facts.start,
        "estimate": notice_input.estimate,
        "ended": facts.ended_at,
    }
    return (
        *(name for name, value in fact_values.items() if value),
        *(
            f"answer.{question_id}"
            for question_id, answer in notice_input.answers.items()
            if question_id in facts.answers or answer == STILL_CHECKING
        ),
    )


def _text_problems(catalog: Catalog, actor: str, text: str) -> list[ValidationError]:
    problems = [ValidationError("name", "name.missing")] if not actor else []
    problems += [*text_problems("name", actor, NAME_LIMIT), *text_problems("text", text, LINE_LIMIT)]
    forbidden = [
        (field, find_forbidden_phrase(value, catalog.forbidden_phrases))
        for field, value in (("name", actor), ("text", text))
    ]
    return [
        *problems,
        *(ValidationError(field, "text.denies", {"text": phrase}) for field, phrase in forbidden if phrase),
    ]
