"""The fact request panel: requests, answers, and how long each has waited."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import Facts, Incident, can_answer, fact_request
from statuspage.rendering.plain_language import reason_for
from statuspage.storage import alerts, staff_notifications
from statuspage.usecases.incidents import ActionRefused
from statuspage.usecases.on_call import fact_requests
from statuspage.web.desk import request_context
from statuspage.web.desk.notice_form.drafts import Fields
from statuspage.web.desk.notice_form.merge_answers import AnswerMerger, AnswerOffer
from statuspage.web.desk.panels import fact_lines, on_call
from statuspage.web.desk.translations import Translator, stopwatch, text_for_reader

pages = Blueprint("fact_requests", __name__)


MAX_REFUSED_NAME = 400
"""The maximum characters of a rejected name shown in its field again."""


@dataclass(frozen=True, slots=True)
class RequestView:
    """A request as shown on the desk. ``link`` and ``message`` are "" if it was revoked or is too old.
    ``notifications`` say how it was sent."""

    number: int
    at: datetime
    time: str
    to: str
    is_waiting: bool
    late: bool
    waited: str
    link: str
    message: str
    note: str
    notifications: list[on_call.NotificationLine] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class KnownFact:
    """One fact from an engineer, compared with the form. ``state`` is that of its offer, "" outside a form."""

    name: str
    label: str
    text: str
    answered_by: str
    state: str = ""
    form_text: str = ""


@dataclass(frozen=True, slots=True)
class AnswerText:
    """An engineer's line of text, with its plain-language findings."""

    text: str
    language: str
    answered_by: str
    hard_words: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Panel:
    """All requests and answers; ``channels`` are those through which a request is sent."""

    requests: list[RequestView]
    facts: list[KnownFact]
    text: AnswerText | None
    can_ask: bool
    incident: str = ""
    channels: str = ""

    @property
    def is_waiting(self) -> bool:
        """Whether an answer may still arrive."""
        return any(row.message for row in self.requests)

    @property
    def has_fillable_facts(self) -> bool:
        """Whether a fact can be filled into the form with one key."""
        return any(fact.state == "fillable" for fact in self.facts)


def ask_engineers(incident_id: str, to: str = "") -> None:
    """Requests facts. The next page shows the text to send, or why there was none."""
    with _flashing_refusals():
        fact_requests.ask_engineers(
            request_context.env(),
            incident_id,
            actor=request_context.actor(),
            now=request_context.now(),
            recipient=to,
        )


@pages.post("/incidents/<incident_id>/fact-requests")
def ask(incident_id: str) -> Response:
    """Requests facts from the incident's page."""
    recipient = request.form.get("recipient", "")
    is_refused = not fact_requests.can_name(request_context.env().site.catalog, recipient)
    if not is_refused:
        ask_engineers(incident_id, recipient)
    incident_url = url_for(
        "incidents.show_incident",
        incident_id=incident_id,
        recipient=recipient[:MAX_REFUSED_NAME] if is_refused else None,
    )
    return redirect(f"{incident_url}#fact-requests", 303)


@pages.post("/incidents/<incident_id>/fact-requests/<int:number>")
def remind_or_end(incident_id: str, number: int) -> Response:
    """Repeats a request, or revokes its link."""
    actions = {"remind": fact_requests.repeat_request, "revoke": fact_requests.end_request}
    action = actions.get(request.form.get("do", "")) or abort(400)
    with _flashing_refusals():
        action(request_context.env(), incident_id, number, actor=request_context.actor(), now=request_context.now())
    return redirect(f"{url_for('incidents.show_incident', incident_id=incident_id)}#fact-requests", 303)


@contextmanager
def _flashing_refusals() -> Iterator[None]:
    """Shows a refusal on the next page."""
    try:
        yield
    except ActionRefused as error:
        flash(request_context.translator().label(f"problem.{error.code}"))


def build_panel(
    incident: Incident,
    merger: AnswerMerger | None = None,
    form_fields: Fields | None = None,
    form_facts: Facts | None = None,
) -> Panel:
    """The panel of this incident; with a form, how each answer compares with it (``form_facts``)."""
    translator, now = request_context.translator(), request_context.now()
    offers = merger.list_offers(form_fields) if merger and form_fields is not None else None
    return Panel(
        requests=[
            _request_view(incident, engineer_request, translator, now)
            for engineer_request in fact_request.asks(incident)
        ],
        facts=_offered_facts(offers, form_facts, translator, now)
        if offers is not None
        else _all_facts(incident, translator, now),
        text=_answer_text(incident, translator),
        can_ask=not incident.is_maintenance and can_answer(incident, request_context.env().site.catalog),
        incident=incident.id,
        channels=on_call.staff_channels(request_context.env(), translator),
    )


def unanswered_requests(
    open_incidents: tuple[Incident, ...], titles: dict[str, str]
) -> list[tuple[str, str, RequestView]]:
    """Every unanswered request: its incident's id and title, and the request."""
    translator, now = request_context.translator(), request_context.now()
    unanswered = [
        (incident, engineer_request)
        for incident in open_incidents
        for engineer_request in fact_request.asks(incident)
        if engineer_request.is_waiting and engineer_request.is_link_valid(now)
    ]
    return [
        (
            incident.id,
            _incident_title(incident, titles, translator),
            _request_view(incident, engineer_request, translator, now),
        )
        for incident, engineer_request in unanswered
    ]


def _incident_title(incident: Incident, titles: dict[str, str], translator: Translator) -> str:
    latest = incident.latest
    return (
        text_for_reader(latest.notice.texts, translator).title
        if latest
        else titles.get(incident.id) or translator.t("home.unnamed")
    )


def incident_title(incident: Incident, translator: Translator) -> str:
    """The incident's title as customers read it, else the monitor's."""
    with request_context.env().databases.environment.read() as tx:
        incident_alerts = alerts.alerts_of_incident(tx, incident.id)
    return _incident_title(
        incident, {incident.id: incident_alerts[0].monitor_alert.title} if incident_alerts else {}, translator
    )


def _request_view(
    incident: Incident, engineer_request: fact_request.FactRequest, translator: Translator, now: datetime
) -> RequestView:
    is_link_valid = engineer_request.is_link_valid(now) and can_answer(incident, request_context.env().site.catalog)
    link = ""
    if is_link_valid and (desk := request_context.desk_address()):
        token = fact_requests.request_token(request_context.env(), incident.id, engineer_request.sequence)
        link = f"{desk}{url_for('fact_answers.show_questions', token=token)}"
    message = (
        fact_requests.request_message(
            request_context.env(), incident, incident_title(incident, translator), link, translator.language
        )
        if is_link_valid
        else ""
    )
    note = (
        translator.t("fact_requests.revoked")
        if engineer_request.revoked_at
        else ""
        if is_link_valid
        else translator.t("fact_requests.expired")
    )
    if engineer_request.is_waiting and engineer_request.reminder_count and is_link_valid:
        note = translator.tn("fact_requests.reminded", engineer_request.reminder_count)
    return RequestView(
        number=engineer_request.sequence,
        at=engineer_request.at,
        time=translator.times.format_time(engineer_request.at),
        to=engineer_request.recipient,
        is_waiting=engineer_request.is_waiting and is_link_valid,
        late=engineer_request.is_waiting
        and is_link_valid
        and (engineer_request.is_reminder_due(now) or engineer_request.reminder_count > 0),
        waited=stopwatch(now - engineer_request.at),
        link=link,
        message=message,
        note=note,
        notifications=_request_deliveries(incident.id, engineer_request.sequence, translator),
    )


def _request_deliveries(incident_id: str, number: int, translator: Translator) -> list[on_call.NotificationLine]:
    """How this request was sent and repeated."""
    with request_context.env().databases.environment.read() as tx:
        notifications = staff_notifications.notifications_with_key(
            tx, incident_id, fact_requests.notification_key_prefix(incident_id, number)
        )
    return [
        on_call.notification_line(request_context.env().site.catalog, notification, translator)
        for notification in notifications
    ]


def _offered_facts(
    offers: list[AnswerOffer], form_facts: Facts | None, translator: Translator, now: datetime
) -> list[KnownFact]:
    return [_known_fact(offer.name, offer.answer, translator, now, offer.state, form_facts) for offer in offers]


def _all_facts(incident: Incident, translator: Translator, now: datetime) -> list[KnownFact]:
    return [
        _known_fact(name, answer, translator, now) for name, answer in fact_request.newest_answers(incident).items()
    ]


def _known_fact(
    name: str,
    answer: fact_request.Answer,
    translator: Translator,
    now: datetime,
    state: str = "",
    form_facts: Facts | None = None,
) -> KnownFact:
    incident_type = request_context.env().site.catalog.incident_types.get(answer.engineer_answer.facts.incident_type)
    form_text = (
        fact_lines.fact_line(name, form_facts, translator, now)
        if state == "conflicting" and form_facts is not None
        else ""
    )
    text = fact_lines.fact_line(name, answer.engineer_answer.facts, translator, now)
    return KnownFact(
        name,
        fact_lines.fact_label(name, incident_type, translator),
        text,
        _answered_by(answer, translator),
        state,
        form_text,
    )


def _answer_text(incident: Incident, translator: Translator) -> AnswerText | None:
    answer = next((candidate for candidate in reversed(fact_request.answers(incident)) if candidate.text), None)
    if answer is None:
        return None
    findings = fact_requests.check_answer_text(
        request_context.env().site.catalog, answer.text, answer.engineer_answer.language
    )
    labels = translator.pack.labels
    hard_words = [
        (answer.text[finding.start : finding.end], finding.better_wording, reason_for(finding, labels))
        for finding in findings
    ]
    return AnswerText(answer.text, answer.engineer_answer.language, _answered_by(answer, translator), hard_words)


def _answered_by(answer: fact_request.Answer, translator: Translator) -> str:
    return translator.t("fact_requests.answered_by", name=answer.actor, time=translator.times.format_time(answer.at))
