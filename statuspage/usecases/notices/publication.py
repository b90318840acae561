"""From what somebody typed to a notice on record: the preview is the message."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from statuspage.domain import (
    DeliveryStatus,
    Facts,
    Incident,
    Notice,
    NoticeInput,
    NoticeKind,
    NoticeText,
    PendingApproval,
    Scheduled,
    StepKind,
    TimelineEvent,
    ValidationError,
    estimate_expires_at,
    find_forbidden_phrase,
    has_minimum_facts,
    parse_notice,
    pending,
    strip_invisible,
)
from statuspage.rendering.wording import REPORTS, IncidentContext, WordingContext, compose, replace_words
from statuspage.storage import deliveries, incidents
from statuspage.storage.engine import Connection
from statuspage.usecases.environment import Environment
from statuspage.usecases.incidents import open_by_form
from statuspage.usecases.notices import scheduled
from statuspage.usecases.notices.approval_token import Approval, open_token, sign
from statuspage.usecases.notices.enqueue import costs, enqueue_deliveries
from statuspage.usecases.notices.plain_language import former, met_in, remarks, unplain
from statuspage.usecases.notices.results import (
    AwaitingApproval,
    NoticeTarget,
    Preview,
    Published,
    Refused,
    Stale,
    Superseded,
)
from statuspage.usecases.notices.sequence_rules import out_of_place

HOLDS = timedelta(minutes=10)
"""How long a preview stays good."""


def new_incident_target(world: Environment, *, now: datetime) -> NoticeTarget:
    """The place of a first report about something no alert told us of; the clock starts with it."""
    return NoticeTarget(world.new_id(), 0, now)


def open_form(world: Environment, incident_id: str, *, by: str, now: datetime) -> NoticeTarget | None:
    """Somebody opens the form for an incident on record. None when there is no such incident."""
    with world.store.begin() as tx:
        incident = incidents.load(tx, incident_id)
        if incident is None:
            return None
        if incident.latest is None and incident.when(StepKind.FORM_OPENED) is None:
            incidents.append(tx, incident_id, TimelineEvent(StepKind.FORM_OPENED, by=by), happened=now, recorded=now)
        return NoticeTarget(incident_id, incident.seen)


def preview(
    world: Environment, typed: NoticeInput, *, notice: NoticeKind, place: NoticeTarget, now: datetime
) -> Preview:
    """What would go out if it were published now. Changes nothing."""
    incident = _load(world, place.incident)
    facts, problems = _parse_and_check(world, typed, notice, place, incident, now)
    readable = has_minimum_facts(facts) and not any(_senseless(p) for p in problems)
    words = _compose_notice(world, typed, notice, facts, place, incident, now) if readable else {}
    said = tuple(remarks(world, typed, notice, incident))
    approval = Approval(typed, notice, place, now, world.catalog.version, met=met_in(said))
    token = "" if problems else sign(world, approval)
    follow = _scheduled(world, notice, facts, place, incident, words, now) if words else ()
    before = former(incident) if incident else {}
    return Preview(facts, problems, words, token, costs(world, notice), now, follow, said, before)


def _parse_and_check(
    world: Environment,
    typed: NoticeInput,
    notice: NoticeKind,
    place: NoticeTarget,
    incident: Incident | None,
    now: datetime,
) -> tuple[Facts, tuple[ValidationError, ...]]:
    """The facts with every problem: what was typed, another world's marks, and a notice that does not fit the story."""
    previous = incident.told_last if incident else None
    facts, problems = parse_notice(typed, catalog=world.catalog, notice=notice, now=now, previous=previous)
    told = incident if incident and incident.seen == place.seen else None
    return facts, (
        *problems,
        *_marked(world, typed),
        *unplain(world, typed, notice),
        *_by_hand(world, typed),
        *out_of_place(told, notice, facts, typed),
    )


def _by_hand(world: Environment, typed: NoticeInput) -> tuple[ValidationError, ...]:
    """Broken content says nothing of its own: somebody types the words, at least in one language."""
    leading = world.catalog.languages[0]
    return (ValidationError(f"text.{leading}", "text.needed"),) if world.by_hand and not typed.text else ()


def _marked(world: Environment, typed: NoticeInput) -> tuple[ValidationError, ...]:
    """A text with another world's mark would never be published; that this is not a drill is said in none."""
    texts = [(f"extra.{language}", text) for language, text in typed.extra.items()]
    texts += [(f"text.{language}", text) for language, text in typed.text.items()]
    texts += [(f"account.{language}", text) for language, text in typed.account.items()]
    texts = [(field, strip_invisible(text)) for field, text in texts]
    marked = [
        ValidationError(f, "text.mark", {"mark": m}) for f, text in texts for m in world.sources.refused if m in text
    ]
    said = [(f, find_forbidden_phrase(text, world.catalog.never)) for f, text in texts]
    return (*marked, *(ValidationError(f, "text.denies", {"text": one}) for f, one in said if one))


def _senseless(problem: ValidationError) -> bool:
    return problem.code.endswith(".unknown") or problem.code in ("answer.required", "ended.missing", "text.characters")


def publish(
    world: Environment, typed: NoticeInput, token: str, *, by: str, now: datetime,
    to: tuple[str, ...] | None = None, account: str = "", met: tuple[str, ...] = (),
) -> Published | AwaitingApproval | Refused | Stale | Superseded:  # fmt: skip
    """Puts the previewed notice on record, with what is owed to each channel, in one transaction.

    ``token`` comes from the preview the person saw; ``typed`` must be what it was made from. ``to`` names channels
    (the site always goes); None means all that carry this kind of notice. A repeated press gives the same notice.
    Where the kind asks for a second person it waits for one; ``account`` is the id of who wrote it. ``met`` are the
    classes of hard words of earlier previews, where one had more than this.
    """
    approval = open_token(world, token)
    if approval is None or approval.typed != typed:
        return Stale("preview.missing")
    if (why := _worn_out(world, approval, now)) is not None:
        return Stale(why)
    return _record(world, replace(approval, met=max(approval.met, met, key=len)), by, now, to, account)


def _worn_out(world: Environment, approval: Approval, now: datetime) -> str | None:
    if approval.version != world.catalog.version:
        return "preview.content"
    if now - approval.now > HOLDS:
        return "preview.expired"
    facts, _ = parse_notice(approval.typed, catalog=world.catalog, notice=approval.notice, now=approval.now)
    promises = (estimate_expires_at(facts.estimate), facts.next_update)
    return "preview.promise" if any(at is not None and at <= now for at in promises) else None


def _record(
    world: Environment, approval: Approval, by: str, now: datetime, to: tuple[str, ...] | None, account: str
) -> Published | AwaitingApproval | Refused | Superseded:
    place, notice = approval.place, approval.notice
    try:
        with world.store.begin() as tx:
            incident = incidents.load(tx, place.incident)
            facts, problems = _parse_and_check(world, approval.typed, notice, place, incident, approval.now)
            if problems:
                return Refused(problems)
            words = _published_words(
                world, _compose_notice(world, approval.typed, notice, facts, place, incident, approval.now)
            )
            entry = Notice(
                notice,
                facts,
                words,
                by=by,
                key=approval.key,
                reason=approval.typed.reason,
                scheduled=_scheduled(world, notice, facts, place, incident, words, approval.now, to),
                met=approval.met,
            )
            if incident is None:
                _open_new(tx, place, entry, now)
            first = incident is None or incident.when(StepKind.WORDS_READY) is None
            if world.catalog.kinds[facts.kind].approval:
                return _wait(tx, incident, PendingApproval(entry, place.seen, to, account), place, approval.now, now)
            if first:
                _ready(tx, place, by, approval.now, now)
                incidents.append(
                    tx, place.incident, TimelineEvent(StepKind.APPROVED, by=by), happened=now, recorded=now
                )
            return Published(place.incident, append_notice(world, tx, place.incident, entry, place.seen, now, to))
    except incidents.Repeated as repeated:
        return Published(place.incident, repeated.sequence)
    except incidents.Overtaken as overtaken:
        return Superseded(overtaken.newest)


def _published_words(world: Environment, words: Mapping[str, NoticeText]) -> Mapping[str, NoticeText]:
    """The words with the texts of those media alone that something is published on."""
    kept = world.catalog.carried
    return {
        language: replace(said, media={name: text for name, text in said.media.items() if name in kept})
        for language, said in words.items()
    }


def append_notice(
    world: Environment,
    tx: Connection,
    incident: str,
    entry: Notice,
    seen: int,
    now: datetime,
    to: tuple[str, ...] | None,
) -> int:
    """Puts a notice on record with what is owed to each channel. Raises Overtaken, Repeated."""
    sequence = incidents.append(tx, incident, entry, happened=now, recorded=now, after=seen)
    enqueue_deliveries(tx, world, incident, sequence, now=now, to=to, carried=_told_by(tx, incident))
    return sequence


def _wait(
    tx: Connection,
    incident: Incident | None,
    waiting: PendingApproval,
    place: NoticeTarget,
    ready: datetime,
    now: datetime,
) -> AwaitingApproval | Superseded:
    """Hands the words to a second person, once however often the button is pressed."""
    if incident is not None and incident.latest is not None and incident.seen != place.seen:
        return Superseded(incident.latest)
    for one in pending(incident) if incident else ():
        if one.waiting.notice.key == waiting.notice.key:
            return AwaitingApproval(place.incident, one.number)
    by = waiting.notice.by
    if incident is None or incident.when(StepKind.WORDS_READY) is None:
        _ready(tx, place, by, ready, now)
    step = TimelineEvent(StepKind.APPROVAL_ASKED, by=by, waiting=waiting)
    return AwaitingApproval(place.incident, incidents.append(tx, place.incident, step, happened=now, recorded=now))


def _ready(tx: Connection, place: NoticeTarget, by: str, ready: datetime, now: datetime) -> None:
    """The first notice: when its words stood as they go out."""
    ready = max(ready, place.opened or ready)
    incidents.append(
        tx, place.incident, TimelineEvent(StepKind.WORDS_READY, by=by), happened=min(ready, now), recorded=now
    )


def _told_by(tx: Connection, incident_id: str) -> frozenset[str]:
    """The channels that have told of this incident, or may yet."""
    never = (DeliveryStatus.REFUSED, DeliveryStatus.SUPERSEDED)
    return frozenset(d.channel for d in deliveries.for_incident(tx, incident_id) if d.end not in never)


def _open_new(tx: Connection, place: NoticeTarget, entry: Notice, now: datetime) -> None:
    open_by_form(tx, place.incident, opened=place.opened or now, by=entry.by, now=now)
    if entry.notice is not NoticeKind.ANNOUNCED:
        incidents.append(tx, place.incident, TimelineEvent(StepKind.CONFIRMED, by=entry.by), happened=now, recorded=now)


def _compose_notice(
    world: Environment,
    typed: NoticeInput,
    notice: NoticeKind,
    facts: Facts,
    place: NoticeTarget,
    incident: Incident | None,
    now: datetime,
) -> Mapping[str, NoticeText]:
    catalog, story = world.catalog, _story(world, place.incident, incident)
    words = compose(notice, facts, catalog=catalog, story=story, now=now)
    if not (typed.text or typed.only):
        return words
    case = WordingContext(notice, facts, catalog, story, now, catalog.leading)
    return replace_words(
        words, {language: strip_invisible(text) for language, text in typed.text.items()}, typed.only, case
    )


def _scheduled(
    world: Environment,
    notice: NoticeKind,
    facts: Facts,
    place: NoticeTarget,
    incident: Incident | None,
    words: Mapping[str, NoticeText],
    now: datetime,
    to: tuple[str, ...] | None = None,
) -> tuple[Scheduled, ...]:
    titles = {language: one.title for language, one in words.items()}
    story = replace(_story(world, place.incident, incident), titles=titles)
    return scheduled.scheduled(world, notice, facts, story, now=now, to=to)


def _story(world: Environment, incident_id: str, incident: Incident | None) -> IncidentContext:
    told = IncidentContext(incident=incident_id, address=world.address, busy=_busy(world, incident_id))
    if incident is None or incident.latest is None:
        return told
    latest = incident.latest
    return replace(
        told,
        titles={language: words.title for language, words in latest.notice.words.items()},
        previous=incident.told_last,
        told=incident.told,
        number=sum(told.notice.notice in REPORTS for told in incident.notices),
        reopened=incident.reopened,
        corrects=latest.recorded,
        posted=incident.notices[0].recorded,
    )


def _busy(world: Environment, incident_id: str) -> tuple[str, ...]:
    """Services that other open incidents affect, and that this one must not call working."""
    with world.store.read() as tx:
        others = [i for i in incidents.open_now(tx) if i.id != incident_id]
    return tuple(dict.fromkeys(one.service for i in others for one in i.affected))


def _load(world: Environment, incident_id: str) -> Incident | None:
    with world.store.read() as tx:
        return incidents.load(tx, incident_id)
