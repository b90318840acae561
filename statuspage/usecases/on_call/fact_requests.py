"""Facts from engineers: the questions with a link that needs no account, sent to them, and the answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from itsdangerous import BadSignature, URLSafeSerializer

from statuspage.domain import (
    NOW,
    EngineerAnswer,
    FactRequest,
    Facts,
    Incident,
    IncidentType,
    NoticeInput,
    NoticeKind,
    NotificationReason,
    StepKind,
    TimelineEvent,
    ValidationError,
    asks,
    find_forbidden_phrase,
    parse_notice,
    strip_invisible,
    text_problems,
    unreadable,
)
from statuspage.rendering.plain_language import Finding, find_unplain
from statuspage.storage import alerts, incidents
from statuspage.storage.engine import Connection
from statuspage.usecases.environment import Environment
from statuspage.usecases.incidents import NotNow, there
from statuspage.usecases.on_call import current, notify
from statuspage.usecases.on_call.notify import StaffMessage

LINE_LIMIT, NAME_LIMIT = 300, 80
"""Characters of the line of text, and of a name."""

_LEFT_OUT = ("missing", "required", "unsaid")
"""Problems of what nobody answered: an engineer says what is known, and nothing else is wrong."""


def ask_engineers(world: Environment, incident_id: str, *, by: str, now: datetime, to: str = "") -> int:
    """Engineers are asked by every way that the content names to tell colleagues, whoever is on duty called by name;
    returns the question's number. Raises NoSuchIncident, NotNow where there is nothing to ask.

    ``to`` is whom the question goes to besides, as a note.
    """
    if not can_name(world, to):
        raise NotNow("ask.to")
    with world.store.begin() as tx:
        incident = _open(tx, incident_id)
        step = TimelineEvent(StepKind.FACTS_ASKED, by=by, text=strip_invisible(to))
        number = incidents.append(tx, incident_id, step, happened=now, recorded=now)
        _owe(tx, world, incident, number, 0, now)
    return number


def can_name(world: Environment, to: str) -> bool:
    """Whether this can be kept as whom the question goes to."""
    return not (len(to) > NAME_LIMIT or unreadable(to) or find_forbidden_phrase(to, world.catalog.never))


def end_request(world: Environment, incident_id: str, number: int, *, by: str, now: datetime) -> None:
    """Takes the link of this question back. Raises NoSuchIncident, NotNow where there is no such question."""
    with world.store.begin() as tx:
        _follow(tx, incident_id, number, StepKind.FACTS_ENDED, by, now)


def remind(world: Environment, incident_id: str, number: int, *, by: str, now: datetime) -> None:
    """The question is asked once more, by the same ways. Raises NoSuchIncident, NotNow where there is no such
    question."""
    with world.store.begin() as tx:
        incident, asked = _follow(tx, incident_id, number, StepKind.FACTS_REMINDED, by, now)
        _owe(tx, world, incident, number, asked.reminded + 1, now)


def overdue(world: Environment, *, now: datetime) -> tuple[tuple[Incident, FactRequest], ...]:
    """Questions nobody has answered that are to be asked once more now."""
    with world.store.read() as tx:
        opened = incidents.open_now(tx)
    return tuple((one, ask) for one in opened for ask in asks(one) if ask.overdue(now))


def go_round(world: Environment, *, now: datetime) -> None:
    """Asks once more what nobody has answered: the desk shows it, and how long it has waited.

    Nothing while the books are on hold, or a drill stands still.
    """
    with world.store.read() as tx:
        if notify.quiet(tx):
            return
    for incident, late in overdue(world, now=now):
        remind(world, incident.id, late.number, by="", now=now)


def kind_of(world: Environment, incident: Incident) -> IncidentType | None:
    """The kind of trouble, as customers were told or an alert proposes; its own questions are asked too."""
    with world.store.read() as tx:
        return _kind(tx, world, incident)


def alerted(world: Environment, incident: Incident) -> str:
    """What the monitor called this trouble, "" where none told of it."""
    with world.store.read() as tx:
        joined = alerts.alerts_of_incident(tx, incident.id)
    return joined[0].signal.title if joined else ""


def answer(
    world: Environment,
    incident_id: str,
    typed: NoticeInput,
    *,
    by: str,
    now: datetime,
    text: str = "",
    language: str = "",
    of: int = 0,
) -> tuple[ValidationError, ...]:
    """Puts on record what somebody knows, as far as they do; returns what is wrong, and then nothing is recorded.

    ``text`` is one line in ``language``. ``of`` is the question it answers. Raises NoSuchIncident.
    """
    by, text = strip_invisible(by), " ".join(strip_invisible(text).split())
    with world.store.begin() as tx:
        incident = there(tx, incident_id)
        facts, wrong = _parse_answers(world, incident, typed, now)
        said = EngineerAnswer(_meant(typed, facts), facts, language if text else "")
        found = (*wrong, *_of_words(world, by, text))
        if not (said.fields or text or found):
            found = (ValidationError("services", "answer.nothing"),)
        if not found:
            step = TimelineEvent(StepKind.FACT_RECEIVED, by=by, text=text, of=of, said=said)
            incidents.append(tx, incident_id, step, happened=now, recorded=now)
    return tuple(found)


def strange(world: Environment, text: str, language: str) -> tuple[Finding, ...]:
    """What customers would stumble over in a line of text. It stays as it is: engineers may speak as engineers."""
    if not text or language not in world.catalog.books:
        return ()
    return tuple(one for one in find_unplain(text, language=language, catalog=world.catalog) if one.start < one.end)


def token(world: Environment, incident_id: str, number: int) -> str:
    """What the link of a question carries: which one it is, signed."""
    return str(_signer(world).dumps([incident_id, number]))


def opened(world: Environment, token: str, *, now: datetime) -> tuple[Incident, FactRequest] | None:
    """The question behind a link; None when it is not ours, was taken back, is too old, or all is over."""
    try:
        incident_id, number = _signer(world).loads(token)
    except (BadSignature, ValueError, TypeError):
        return None
    with world.store.read() as tx:
        incident = incidents.load(tx, str(incident_id))
    if incident is None or incident.over:
        return None
    found = next((one for one in asks(incident) if one.number == number), None)
    return (incident, found) if found and found.holds(now) else None


def request_message(world: Environment, incident: Incident, title: str, link: str, language: str) -> str:
    """The questions as they are sent to engineers, with the link; without one they are asked to reply.

    The last mark has a line of its own, or a chat takes it for a part of the link.
    """
    marks = world.catalog.books[language].marks
    head, *lines = _questions(world, kind_of(world, incident), title, link, language)
    return "\n".join((f"{marks.start}{head}", *lines, *filter(None, (marks.end.strip(),))))


def beginning(incident_id: str, number: int) -> str:
    """What the key of every word that asks this question begins with."""
    return f"asked.{incident_id}.{number}."


def _owe(tx: Connection, world: Environment, incident: Incident, number: int, times: int, now: datetime) -> None:
    """The question goes to engineers, for the ``times``-th time after the first."""
    desk, language = notify.desk_link(world), notify.book(world).language
    link = f"{desk}/facts/{token(world, incident.id, number)}" if desk else ""
    title = _incident_title(tx, world, incident)
    head, *lines = _questions(world, _kind(tx, world, incident), title, link, language)
    head = notify.staff_label(world, "asked.again", title=head) if times else head
    word = StaffMessage(NotificationReason.ASKED, head, tuple(lines), incident=incident.id)
    who = current.called(world, (NOW,), now=now)
    notify.enqueue_staff_notification(
        tx, world, f"{beginning(incident.id, number)}{times}", word, world.catalog.duty.tell, who, now=now
    )


def _incident_title(tx: Connection, world: Environment, incident: Incident) -> str:
    """What this trouble is called: as customers were told, else by the monitor."""
    book = notify.book(world)
    if incident.latest is not None:
        words = incident.latest.notice.words
        return (words.get(book.language) or next(iter(words.values()))).title
    joined = alerts.alerts_of_incident(tx, incident.id, 1)
    return joined[0].signal.title if joined else book.labels["desk.home.unnamed"]


def _kind(tx: Connection, world: Environment, incident: Incident) -> IncidentType | None:
    if incident.kind:
        return world.catalog.kinds.get(incident.kind)
    joined = alerts.alerts_of_incident(tx, incident.id)
    return next((world.catalog.kinds.get(one.proposal.kind) for one in joined if one.proposal.kind), None)


def _questions(world: Environment, kind: IncidentType | None, title: str, link: str, language: str) -> list[str]:
    """A line each, without marks."""
    book = world.catalog.books[language]
    asked = [book.labels[f"desk.engineers.ask.{name}"] for name in ("services", "since", "estimate")]
    own = [book.phrases.get(f"kind.{kind.id}.question.{q.id}.ask", q.id) for q in kind.questions] if kind else []
    listed = [f"{n}. {one}" for n, one in enumerate([*asked, *own], 1)]
    head = book.labels["desk.engineers.message"].format(title=notify.bare(world, title))
    last = book.labels["desk.engineers.message_link"].format(link=link) if link else book.labels["desk.engineers.reply"]
    return [head, *listed, last]


def _signer(world: Environment) -> URLSafeSerializer:
    return URLSafeSerializer(world.secret, salt=f"facts-{world.name}")


def _open(tx: Connection, incident_id: str) -> Incident:
    incident = there(tx, incident_id)
    if incident.maintenance:
        raise NotNow("notice.of_trouble")
    if incident.over:
        raise NotNow("ask.over")
    return incident


def _follow(
    tx: Connection, incident_id: str, number: int, kind: StepKind, by: str, now: datetime
) -> tuple[Incident, FactRequest]:
    incident = there(tx, incident_id)
    found = next((one for one in asks(incident) if one.number == number), None)
    if found is None or found.ended is not None:
        raise NotNow("ask.none")
    incidents.append(tx, incident_id, TimelineEvent(kind, by=by, of=number), happened=now, recorded=now)
    return incident, found


def _parse_answers(
    world: Environment, incident: Incident, typed: NoticeInput, now: datetime
) -> tuple[Facts, list[ValidationError]]:
    kind = kind_of(world, incident)
    typed = replace(typed, kind=typed.kind or (kind.id if kind else ""), services=typed.services or ())
    notice = NoticeKind.RESOLVED if typed.ended.strip() else NoticeKind.UPDATE
    facts, found = parse_notice(typed, catalog=world.catalog, notice=notice, now=now)
    left = [one for one in found if one.code.rpartition(".")[2] not in _LEFT_OUT and one.field != "next"]
    return replace(facts, next_update=None), left


def _meant(typed: NoticeInput, facts: Facts) -> tuple[str, ...]:
    given: Mapping[str, object] = {
        "services": facts.ticked,
        "since": facts.started,
        "estimate": typed.estimate.strip(),
        "ended": facts.ended,
    }
    return (*(name for name, value in given.items() if value), *(f"answer.{q}" for q in facts.answers))


def _of_words(world: Environment, by: str, text: str) -> list[ValidationError]:
    found = [ValidationError("name", "name.missing")] if not by else []
    found += [*text_problems("name", by, NAME_LIMIT), *text_problems("text", text, LINE_LIMIT)]
    said = [
        (field, find_forbidden_phrase(words, world.catalog.never)) for field, words in (("name", by), ("text", text))
    ]
    return [*found, *(ValidationError(field, "text.denies", {"text": denied}) for field, denied in said if denied)]
