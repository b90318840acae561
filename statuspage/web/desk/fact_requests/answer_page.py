"""The page an engineer answers on: a link without an account, for one incident, on any phone."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from flask import Blueprint, Response, abort, g, make_response, render_template

from statuspage.domain import (
    EFFECTS,
    Incident,
    NoticeInput,
    Precision,
    State,
    ValidationError,
    fact_request,
    network_of,
)
from statuspage.rendering.plain_language import why_of
from statuspage.usecases import throttling
from statuspage.usecases.on_call import fact_requests
from statuspage.web.desk import request_context
from statuspage.web.desk.fact_requests.panel import title_of
from statuspage.web.desk.notice_form import fields, pinned_times
from statuspage.web.desk.notice_form.drafts import Fields
from statuspage.web.desk.notice_form.fields import Choice, ticked_choices
from statuspage.web.desk.panels import fact_lines

pages = Blueprint("answering", __name__)

WRONG_LINKS, ANSWERS = 20, 60
"""Links nobody made that one network address may try, and answers to one question, in a quarter of an hour."""

THROTTLE_WINDOW = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Asked:
    """One of the kind's own questions."""

    id: str
    ask: str
    answers: list[Choice]


@dataclass(frozen=True, slots=True)
class Given:
    """What was answered by this link before: when and by whom, each fact, and the line of text."""

    who: str
    facts: list[tuple[str, str]]
    text: str
    language: str
    strange: list[tuple[str, str, str]] = field(default_factory=list)


@pages.get("/facts/<token>")
def show_questions(token: str) -> Response:
    """The questions, and what was answered here before."""
    incident, ask = _request_of(token)
    return _questions_page(incident, ask, dict(fields.USUAL_MINUTES))


@pages.get("/facts/<token>/real")
def real(token: str) -> str:
    """What stands above the questions of a drill while something real is going on."""
    _request_of(token)
    return render_template("real.html")


@pages.post("/facts/<token>")
def send(token: str) -> Response:
    """An answer. What is wrong stands beside its field; the link stays open for what is known later."""
    incident, ask = _request_of(token)
    if not throttling.allowed(
        request_context.world().people,
        f"facts:{incident.id}:{ask.number}",
        ANSWERS,
        THROTTLE_WINDOW,
        now=request_context.now(),
    ):
        abort(429)
    sent = pinned_times.sent()
    typed = _typed(incident, sent)
    problems = fact_requests.answer(
        request_context.world(),
        incident.id,
        typed,
        by=fields.one(sent, "name"),
        now=request_context.now(),
        text=fields.one(sent, "text"),
        language=request_context.language(),
        of=ask.number,
    )
    if problems:
        return _questions_page(incident, ask, sent, problems)
    return _questions_page(*_request_of(token), {**fields.USUAL_MINUTES, "name": sent.get("name", [""])}, thanked=True)


def _request_of(token: str) -> tuple[Incident, fact_request.FactRequest]:
    found = fact_requests.opened(request_context.world(), token, now=request_context.now())
    if found is not None:
        g.answers_by = token
        return found
    key = f"facts:{network_of(request_context.network_address())}"
    if not throttling.allowed(
        request_context.world().people, key, WRONG_LINKS, THROTTLE_WINDOW, now=request_context.now()
    ):
        abort(429)
    return abort(_private_response(render_template("answer_gone.html"), 404))


def _typed(incident: Incident, sent: Fields) -> NoticeInput:
    """What was typed; a kind's questions only count where it is this incident's kind."""
    kind = fact_requests.kind_of(request_context.world(), incident)
    told = {**sent, "kind": [kind.id] if kind else [], "shown_kind": [kind.id] if kind else []}
    return fields.typed_of(told, request_context.world().catalog)


def _questions_page(
    incident: Incident,
    ask: fact_request.FactRequest,
    sent: Fields,
    problems: tuple[ValidationError, ...] = (),
    *,
    thanked: bool = False,
) -> Response:
    voice, catalog = request_context.voice(), request_context.world().catalog
    ticked = set(sent.get("service", ()))
    page = render_template(
        "answer.html",
        heading=title_of(incident, voice),
        by=ask.by,
        services=[
            (id, voice.book.services[id].name, id in ticked, fields.one(sent, f"state-{id}") or "major")
            for id, service in catalog.services.items()
            if not service.retired
        ],
        states=[(str(state), voice.t(f"state.{state}")) for state in (*EFFECTS, State.OPERATIONAL)],
        sinces=ticked_choices(pinned_times.spans(sent, "since", voice), [fields.chosen(sent, "since")]),
        ended_now=dict(pinned_times.spans(sent, "ended", voice))["now"],
        minutes=pinned_times.minutes(sent, voice),
        hidden=[*((f"was-{box}", fields.one(sent, box)) for box in _TIMES), *pinned_times.hidden(sent)],
        precisions=ticked_choices(
            ((p, voice.t(f"precision.{p}")) for p in (Precision.ABOUT, Precision.EXACT)),
            [fields.one(sent, "precision") or "about"],
        ),
        chosen={name: fields.chosen(sent, name) for name in ("since", "estimate", "ended")},
        sent={name: fields.one(sent, name) for name in (*_TIMES, "text", "name")},
        questions=_questions(incident, sent),
        given=[_given(incident, one) for one in reversed(ask.answers)],
        thanked=thanked,
        limit=fact_requests.LINE_LIMIT,
        problems=[{"field": p.field, "text": voice.problem(p)} for p in problems],
    )
    return _private_response(page, 422 if problems else 200)


_TIMES = ("since_at", "estimate_at", "estimate_minutes", "estimate_not_before", "ended_at")


def _questions(incident: Incident, sent: Fields) -> list[Asked]:
    kind, phrases, voice = (
        fact_requests.kind_of(request_context.world(), incident),
        request_context.voice().book.phrases,
        request_context.voice(),
    )
    found = []
    for question in kind.questions if kind else ():
        head = f"kind.{kind.id if kind else ''}.question.{question.id}"
        options = [(one, phrases.get(f"{head}.answer.{one}.label", one)) for one in question.answers]
        options.append(("checking", voice.t("reach.checking")))
        picked = [fields.one(sent, f"answer-{question.id}")]
        found.append(Asked(question.id, phrases.get(f"{head}.ask", question.id), ticked_choices(options, picked)))
    return found


def _given(incident: Incident, answer: fact_request.Answer) -> Given:
    voice, now, world = request_context.voice(), request_context.now(), request_context.world()
    kind = fact_requests.kind_of(world, incident)
    said = answer.said
    facts = [
        (fact_lines.fact_label(one, kind, voice), fact_lines.line(one, said.facts, voice, now)) for one in said.fields
    ]
    who = voice.t("engineers.who", name=answer.by, time=voice.times.clock(answer.at))
    strange = [
        (answer.text[one.start : one.end], one.instead, why_of(one, voice.book.labels))
        for one in fact_requests.strange(world, answer.text, said.language)
    ]
    return Given(who, facts, answer.text, said.language, strange)


def _private_response(page: str, status: int = 200) -> Response:
    """A page that no search engine keeps, and whose address is told to nobody."""
    response = make_response(page, status)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
