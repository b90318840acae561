"""The answer page for engineers: a link for one incident that needs no account and works on any phone."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from flask import Blueprint, Response, abort, g, make_response, render_template

from statuspage.domain import (
    IMPACT_STATES,
    Incident,
    IncidentType,
    NoticeInput,
    Precision,
    State,
    ValidationError,
    asked_questions,
    fact_request,
)
from statuspage.rendering.plain_language import reason_for
from statuspage.usecases import throttling
from statuspage.usecases.on_call import fact_requests
from statuspage.web.desk import request_context
from statuspage.web.desk.fact_requests.panel import incident_title
from statuspage.web.desk.notice_form import fields, pinned_times
from statuspage.web.desk.notice_form.drafts import Fields, value_of
from statuspage.web.desk.notice_form.fields import Choice, ticked_choices
from statuspage.web.desk.panels import fact_lines
from statuspage.web.desk.translations import Translator

pages = Blueprint("fact_answers", __name__)

MAX_WRONG_LINKS, MAX_ANSWERS = 20, 60
"""The limits for a quarter of an hour: wrong links from one network address, and answers to one request."""

THROTTLE_WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One of the incident type's own questions."""

    id: str
    text: str
    answers: list[Choice]


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An earlier answer through this link: when and by whom, each fact, and the line of text."""

    answered_by: str
    facts: list[tuple[str, str]]
    text: str
    language: str
    hard_words: list[tuple[str, str, str]] = field(default_factory=list)


@pages.get("/facts/<token>")
def show_questions(token: str) -> Response:
    """Shows the questions, and earlier answers through this link."""
    incident, engineer_request = _request_or_404(token)
    return _questions_page(incident, engineer_request, dict(fields.USUAL_MINUTES))


@pages.get("/facts/<token>/live-banner")
def live_banner(token: str) -> str:
    """The banner with live alerts and incidents above the questions of a drill."""
    _request_or_404(token)
    return render_template("live_banner.html")


@pages.post("/facts/<token>")
def submit_answer(token: str) -> Response:
    """Records an answer. Problems are shown beside their fields; the link remains valid for later facts."""
    incident, engineer_request = _request_or_404(token)
    if not throttling.is_try_allowed(
        request_context.env().databases.accounts,
        f"facts:{incident.id}:{engineer_request.sequence}",
        MAX_ANSWERS,
        THROTTLE_WINDOW,
        now=request_context.now(),
    ):
        abort(429)
    form_fields = pinned_times.sent_fields()
    if conflicts := fields.conflict_problems(form_fields):
        return _questions_page(incident, engineer_request, form_fields, conflicts)
    notice_input = _notice_input(incident, form_fields)
    problems = fact_requests.record_answer(
        request_context.env(),
        incident.id,
        notice_input,
        actor=value_of(form_fields, "name"),
        now=request_context.now(),
        text=value_of(form_fields, "text"),
        language=request_context.language(),
        request_sequence=engineer_request.sequence,
    )
    if problems:
        return _questions_page(incident, engineer_request, form_fields, problems)
    return _questions_page(
        *_request_or_404(token), {**fields.USUAL_MINUTES, "name": form_fields.get("name", [""])}, thanked=True
    )


def _request_or_404(token: str) -> tuple[Incident, fact_request.FactRequest]:
    opened = fact_requests.find_request(request_context.env(), token, now=request_context.now())
    if opened is not None:
        g.answer_token = token
        return opened
    key = f"facts:{throttling.network_of(request_context.network_address())}"
    if not throttling.is_try_allowed(
        request_context.env().databases.accounts, key, MAX_WRONG_LINKS, THROTTLE_WINDOW, now=request_context.now()
    ):
        abort(429)
    return abort(_private_response(render_template("fact_answer_expired.html"), 404))


def _notice_input(incident: Incident, form_fields: Fields) -> NoticeInput:
    """The typed input. Answers to an incident type's own questions count only if the incident has that type."""
    incident_type = fact_requests.incident_type_of(request_context.env(), incident)
    with_type = {
        **form_fields,
        "incident_type": [incident_type.id] if incident_type else [],
        "shown_incident_type": [incident_type.id] if incident_type else [],
    }
    notice_input = fields.parse_notice_input(with_type, request_context.env().site.catalog)
    chosen = {question: value_of(form_fields, f"answer-{question}") for question in notice_input.answers}
    return replace(notice_input, answers={question: answer for question, answer in chosen.items() if answer})


def _questions_page(
    incident: Incident,
    engineer_request: fact_request.FactRequest,
    form_fields: Fields,
    problems: tuple[ValidationError, ...] = (),
    *,
    thanked: bool = False,
) -> Response:
    translator = request_context.translator()
    page = render_template(
        "fact_answer.html",
        heading=incident_title(incident, translator),
        by=engineer_request.actor,
        services=_service_choices(incident, form_fields, translator),
        states=[(str(state), translator.t(f"state.{state}")) for state in (*IMPACT_STATES, State.OPERATIONAL)],
        start_choices=ticked_choices(
            pinned_times.span_choices(form_fields, "start", translator), [fields.chosen_value(form_fields, "start")]
        ),
        ended_now=dict(pinned_times.span_choices(form_fields, "ended", translator))["now"],
        minutes=pinned_times.minutes_hint(form_fields, translator),
        hidden=_hidden_fields(form_fields),
        precisions=ticked_choices(
            ((precision, translator.t(f"precision.{precision}")) for precision in (Precision.ABOUT, Precision.EXACT)),
            [value_of(form_fields, "precision") or "about"],
        ),
        chosen={name: fields.chosen_value(form_fields, name) for name in ("start", "estimate", "ended")},
        sent={name: value_of(form_fields, name) for name in (*_TIMES, "text", "name")},
        questions=_question_views(incident, form_fields),
        is_over=incident.is_over,
        given_answers=[_given_answer(incident, answer) for answer in reversed(engineer_request.answers)],
        thanked=thanked,
        limit=fact_requests.LINE_LIMIT,
        problems=[{"field": problem.field, "text": translator.problem_text(problem)} for problem in problems],
    )
    return _private_response(page, 422 if problems else 200)


def _service_choices(
    incident: Incident, form_fields: Fields, translator: Translator
) -> list[tuple[str, str, bool, str]]:
    """For each service: id, name, whether it is ticked, and its state, that of the incident type until it is chosen."""
    ticked, services = form_fields.get("service", ()), request_context.env().site.catalog.services
    incident_type = fact_requests.incident_type_of(request_context.env(), incident) or IncidentType("")
    return [
        (
            id,
            translator.pack.services[id].name,
            id in ticked,
            value_of(form_fields, f"state-{id}") or str(incident_type.state_of(id)),
        )
        for id, service in services.items()
        if not service.is_retired
    ]


def _hidden_fields(form_fields: Fields) -> list[tuple[str, str]]:
    earlier_times = ((f"was-{box}", value_of(form_fields, box)) for box in _TIMES)
    choices = ((f"was-{name}", fields.chosen_value(form_fields, name)) for name in ("start", "estimate", "ended"))
    return [*earlier_times, *choices, *pinned_times.pin_fields(form_fields)]


_TIMES = ("start_at", "estimate_at", "estimate_minutes", "estimate_not_before", "ended_at")


def _question_views(incident: Incident, form_fields: Fields) -> list[QuestionView]:
    incident_type = fact_requests.incident_type_of(request_context.env(), incident)
    phrases = request_context.translator().pack.phrases
    translator = request_context.translator()
    views = []
    catalog = request_context.env().site.catalog
    for question in asked_questions(incident, incident_type, catalog):
        key_prefix = f"incident_type.{incident_type.id if incident_type else ''}.question.{question.id}"
        options = [(answer, phrases.get(f"{key_prefix}.answer.{answer}.label", answer)) for answer in question.answers]
        options.append(("checking", translator.t("audience.checking")))
        picked = [value_of(form_fields, f"answer-{question.id}")]
        views.append(
            QuestionView(question.id, phrases.get(f"{key_prefix}.prompt", question.id), ticked_choices(options, picked))
        )
    return views


def _given_answer(incident: Incident, answer: fact_request.Answer) -> GivenAnswer:
    translator, now, env = request_context.translator(), request_context.now(), request_context.env()
    incident_type = fact_requests.incident_type_of(env, incident)
    engineer_answer = answer.engineer_answer
    facts = [
        (
            fact_lines.fact_label(name, incident_type, translator),
            fact_lines.fact_line(name, engineer_answer.facts, translator, now),
        )
        for name in engineer_answer.fields
    ]
    answered_by = translator.t(
        "fact_requests.answered_by", name=answer.actor, time=translator.times.format_time(answer.at)
    )
    hard_words = [
        (answer.text[finding.start : finding.end], finding.better_wording, reason_for(finding, translator.pack.labels))
        for finding in fact_requests.check_answer_text(env.site.catalog, answer.text, engineer_answer.language)
    ]
    return GivenAnswer(answered_by, facts, answer.text, engineer_answer.language, hard_words)


def _private_response(page: str, status: int = 200) -> Response:
    """A page that search engines must not index, and whose URL is not passed to other sites."""
    response = make_response(page, status)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
