"""Engineers are asked from the desk; their answers, and how long one has waited, stand where they are needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import Facts, Incident, fact_request
from statuspage.rendering.plain_language import why_of
from statuspage.storage import alerts
from statuspage.storage import staff_notifications as calls
from statuspage.usecases.incidents import NoSuchIncident, NotNow
from statuspage.usecases.on_call import fact_requests
from statuspage.web.desk import request_context
from statuspage.web.desk.notice_form.drafts import Fields
from statuspage.web.desk.notice_form.merge_answers import Offer, Taking
from statuspage.web.desk.panels import fact_lines, on_call
from statuspage.web.desk.translations import Translator, mine, stopwatch

pages = Blueprint("engineers", __name__)


WHOM_KEPT = 400
"""Characters of a refused name that its field shows again."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A question as the desk shows it. ``link`` and ``message`` are "" once it has been taken back or is too old.
    ``calls`` say how it was sent."""

    number: int
    at: datetime
    time: str
    to: str
    waits: bool
    late: bool
    waited: str
    link: str
    message: str
    note: str
    calls: list[on_call.Made] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Known:
    """One fact an engineer gave, beside what the form says. ``state`` is same, free, typed, or "" outside a form."""

    name: str
    label: str
    text: str
    who: str
    state: str = ""
    mine: str = ""


@dataclass(frozen=True, slots=True)
class AnswerText:
    """An engineer's line of text, and words in it that customers would stumble over, with why."""

    text: str
    language: str
    who: str
    strange: list[tuple[str, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything the desk shows of what engineers were asked and said; ``ways`` by which a question is sent."""

    asks: list[Waiting]
    facts: list[Known]
    text: AnswerText | None
    can_ask: bool
    incident: str = ""
    ways: str = ""

    @property
    def waits(self) -> bool:
        """Whether an answer may still come by itself."""
        return any(one.message for one in self.asks)

    @property
    def free(self) -> bool:
        """Whether there is something that one key takes into the form."""
        return any(one.state == "free" for one in self.facts)


def ask_engineers(incident_id: str, to: str = "") -> None:
    """Engineers are asked; the page that follows has the words to send them, or says why not."""
    with _telling():
        fact_requests.ask_engineers(
            request_context.world(), incident_id, by=request_context.who().name, now=request_context.now(), to=to
        )


@pages.post("/incidents/<incident_id>/ask")
def send(incident_id: str) -> Response:
    """The same, from the incident's page."""
    whom = request.form.get("whom", "")
    refused = not fact_requests.can_name(request_context.world(), whom)
    if not refused:
        ask_engineers(incident_id, whom)
    back = url_for("incident.show_incident", incident_id=incident_id, whom=whom[:WHOM_KEPT] if refused else None)
    return redirect(f"{back}#engineers", 303)


@pages.post("/incidents/<incident_id>/ask/<int:number>")
def follow(incident_id: str, number: int) -> Response:
    """The question is asked once more, or its link is taken back."""
    verbs = {"remind": fact_requests.remind, "end": fact_requests.end_request}
    do = verbs.get(request.form.get("do", "")) or abort(400)
    with _telling():
        do(request_context.world(), incident_id, number, by=request_context.who().name, now=request_context.now())
    return redirect(f"{url_for('incident.show_incident', incident_id=incident_id)}#engineers", 303)


class _telling:
    """What cannot be done is said on the page that follows."""

    def __enter__(self) -> None:
        """Nothing is done before."""

    def __exit__(self, _type: object, error: BaseException | None, _trace: object) -> bool:
        if isinstance(error, NoSuchIncident):
            abort(404)
        if isinstance(error, NotNow):
            flash(request_context.voice().label(f"problem.{error.code}"))
            return True
        return False


def panel(
    incident: Incident, taking: Taking | None = None, typed: Fields | None = None, mine: Facts | None = None
) -> Panel:
    """What there is to show of this incident; with a form, how each answer stands to it (``mine``: its facts)."""
    voice, now = request_context.voice(), request_context.now()
    offers = taking.offers(typed) if taking and typed is not None else None
    return Panel(
        asks=[_waiting(incident, one, voice, now) for one in fact_request.asks(incident)],
        facts=_offered(offers, mine, voice, now) if offers is not None else _all_facts(incident, voice, now),
        text=_answer_text(incident, voice),
        can_ask=not incident.over and not incident.maintenance,
        incident=incident.id,
        ways=on_call.telling(request_context.world(), voice),
    )


def waiting_now(opened: tuple[Incident, ...], titles: dict[str, str]) -> list[tuple[str, str, Waiting]]:
    """Every question nobody has answered: its incident's id and title, and the question."""
    voice, now = request_context.voice(), request_context.now()
    found = [(one, ask) for one in opened for ask in fact_request.asks(one) if ask.waits and ask.holds(now)]
    return [(one.id, _incident_title(one, titles, voice), _waiting(one, ask, voice, now)) for one, ask in found]


def _incident_title(incident: Incident, titles: dict[str, str], voice: Translator) -> str:
    latest = incident.latest
    return mine(latest.notice.words, voice).title if latest else titles.get(incident.id) or voice.t("home.unnamed")


def title_of(incident: Incident, voice: Translator) -> str:
    """What this trouble is called: as customers were told, else by the monitor."""
    with request_context.world().store.read() as tx:
        joined = alerts.alerts_of_incident(tx, incident.id)
    return _incident_title(incident, {incident.id: joined[0].signal.title} if joined else {}, voice)


def _waiting(incident: Incident, ask: fact_request.FactRequest, voice: Translator, now: datetime) -> Waiting:
    holds = ask.holds(now) and not incident.over
    link = ""
    if holds and (desk := request_context.desk_address()):
        token = fact_requests.token(request_context.world(), incident.id, ask.number)
        link = f"{desk}{url_for('answering.show_questions', token=token)}"
    told = (
        fact_requests.request_message(
            request_context.world(), incident, title_of(incident, voice), link, voice.language
        )
        if holds
        else ""
    )
    note = voice.t("engineers.ended") if ask.ended else "" if holds else voice.t("engineers.expired")
    if ask.waits and ask.reminded and holds:
        note = voice.tn("engineers.reminded", ask.reminded)
    return Waiting(
        number=ask.number,
        at=ask.at,
        time=voice.times.clock(ask.at),
        to=ask.to,
        waits=ask.waits and holds,
        late=ask.waits and holds and (ask.overdue(now) or ask.reminded > 0),
        waited=stopwatch(now - ask.at),
        link=link,
        message=told,
        note=note,
        calls=_request_deliveries(incident.id, ask.number, voice),
    )


def _request_deliveries(incident_id: str, number: int, voice: Translator) -> list[on_call.Made]:
    """How this question was sent, and sent again."""
    with request_context.world().store.read() as tx:
        made = calls.about(tx, incident_id, fact_requests.beginning(incident_id, number))
    return [on_call.made(request_context.world(), one, voice) for one in made]


def _offered(offers: list[Offer], mine: Facts | None, voice: Translator, now: datetime) -> list[Known]:
    return [_known_fact(one.name, one.answer, voice, now, one.state, mine) for one in offers]


def _all_facts(incident: Incident, voice: Translator, now: datetime) -> list[Known]:
    return [_known_fact(name, one, voice, now) for name, one in fact_request.newest_answers(incident).items()]


def _known_fact(
    name: str,
    answer: fact_request.Answer,
    voice: Translator,
    now: datetime,
    state: str = "",
    form: Facts | None = None,
) -> Known:
    kind = request_context.world().catalog.kinds.get(answer.said.facts.kind)
    typed = fact_lines.line(name, form, voice, now) if state == "typed" and form is not None else ""
    text = fact_lines.line(name, answer.said.facts, voice, now)
    return Known(name, fact_lines.fact_label(name, kind, voice), text, _answered_by(answer, voice), state, typed)


def _answer_text(incident: Incident, voice: Translator) -> AnswerText | None:
    answer = next((one for one in reversed(fact_request.answers(incident)) if one.text), None)
    if answer is None:
        return None
    found = fact_requests.strange(request_context.world(), answer.text, answer.said.language)
    labels = voice.book.labels
    strange = [(answer.text[one.start : one.end], one.instead, why_of(one, labels)) for one in found]
    return AnswerText(answer.text, answer.said.language, _answered_by(answer, voice), strange)


def _answered_by(answer: fact_request.Answer, voice: Translator) -> str:
    return voice.t("engineers.who", name=answer.by, time=voice.times.clock(answer.at))
