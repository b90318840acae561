"""Tells customers: first report, update, correction, resolved."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import click

from statuspage.cli.alerts import by
from statuspage.cli.context import CommandContext, person
from statuspage.cli.errors import WRONG_USE, Refusal, of_problems
from statuspage.cli.framework import Flag, Verb, verb
from statuspage.cli.notices.prefill import FACTS, WINDOW_FIELDS, fact_flags, from_alert, typed_over
from statuspage.cli.notices.receipts import deliver
from statuspage.cli.notices.say import lines_of, texts_of
from statuspage.cli.show import clock_of
from statuspage.domain import (
    OPEN_ALERTS,
    Alert,
    AlertState,
    Incident,
    NoticeInput,
    NoticeKind,
    from_facts,
    set_aside,
    starting,
)
from statuspage.storage import alerts, incidents
from statuspage.usecases import alerts as alerts_of_the_desk
from statuspage.usecases import notices
from statuspage.usecases.alerts import AlreadySettled, NoSuchAlert
from statuspage.usecases.environment import Environment, shared_status
from statuspage.usecases.incidents import NoSuchIncident
from statuspage.usecases.notices import NoticeTarget, Preview

NO_ALERT = "none"
"""What ``--alert`` says about trouble that no monitor told us of."""


@dataclass(frozen=True, slots=True)
class Sending:
    """How it goes out: to these channels (None: all that carry it), asked for again or not, by whom."""

    to: tuple[str, ...] | None
    yes: bool
    by: str


def sending_flags(channel: str = "--to") -> list[click.Parameter]:
    """The flags that say how a notice goes out; ``channel`` is what the flag is called that names channels."""
    return [
        Flag(["--quiet"], is_flag=True),
        Flag([channel, "channels"], multiple=True, metavar="CHANNEL", label="to"),
        Flag(["--yes"], is_flag=True),
        by(),
    ]


def taken_sending(world: Environment, door: CommandContext, given: dict[str, object]) -> Sending:
    """Takes those flags out of what was given. Refuses a channel that is not there."""
    quiet, to, yes, name = (given.pop(key) for key in ("quiet", "channels", "yes", "by"))
    named = tuple(str(one) for one in to) if isinstance(to, tuple) else ()
    unknown = [one for one in named if one not in world.channels]
    if unknown:
        ready = ", ".join(world.channels) or "-"
        raise Refusal(*(door.say("no_channel", channel=one, ready=ready) for one in unknown))
    return Sending(() if quiet else named or None, bool(yes), person(str(name or "")))


@verb("report", *fact_flags("cause", "ended", *WINDOW_FIELDS), Flag(["--alert"], metavar="ID|none"), *sending_flags())
def report(door: CommandContext, alert: str | None, **given: object) -> int:
    """The first report. With an alert, that is acknowledged and confirmed, and its clock counts."""
    world = door.world()
    sending = taken_sending(world, door, given)
    joined = _alert_named(world, alert) if alert else _only_one(door, world)
    if joined is None:
        place = notices.new_incident_target(world, now=door.now())
        return tell(door, world, typed_over(NoticeInput(), given), NoticeKind.FIRST, place, sending)
    return _tell_of(door, world, joined, given, sending)


def _alert_named(world: Environment, alert_id: str) -> Alert | None:
    if alert_id == NO_ALERT:
        return None
    with world.store.read() as tx:
        alert = alerts.find_alert(tx, alert_id)
    if alert is None:
        raise NoSuchAlert
    return alert


def _only_one(door: CommandContext, world: Environment) -> Alert | None:
    """The alert that nobody has settled yet, and says that it is taken; asks which where there are several."""
    with world.store.read() as tx:
        found = [a for a in alerts.waiting(tx) if a.state in (AlertState.WAITING, AlertState.ACKNOWLEDGED)]
        starts = [alerts_of_the_desk.clock(world, tx, a)[0] for a in found]
    if len(found) > 1:
        raise Refusal(door.say("which_alert"), *(f"{a.id}  {a.signal.title}" for a in found), code=WRONG_USE)
    for alert, start in zip(found, starts, strict=True):
        at = clock_of(door, world.catalog).clock(start)
        click.echo(door.say("joined", alert=alert.id, title=alert.signal.title, at=at), err=door.as_json)
    return found[0] if found else None


def _tell_of(door: CommandContext, world: Environment, alert: Alert, given: dict[str, object], sending: Sending) -> int:
    """Of trouble that an alert told us of. The alert is confirmed only once somebody has said yes to the words."""
    typed = _proposed(alert, given)
    if alert.incident:
        return tell(door, world, typed, NoticeKind.FIRST, begun(door, world, alert.incident, sending.by), sending)
    if alert.state not in OPEN_ALERTS:
        raise AlreadySettled
    place = replace(notices.new_incident_target(world, now=door.now()), opened=None)

    def confirm() -> None:
        opened = alerts_of_the_desk.confirm(world, alert.id, by=sending.by, now=door.now(), incident=place.incident)
        if opened.id != place.incident:
            raise AlreadySettled
        begun(door, world, opened.id, sending.by)

    return tell(door, world, typed, NoticeKind.FIRST, place, sending, agreed=confirm)


def _proposed(alert: Alert, given: Mapping[str, object]) -> NoticeInput:
    """What the alert proposes, under what was given: the services it proposes belong to its kind of trouble only."""
    base = from_alert(alert)
    if given.get("kind") not in (None, base.kind):
        base = replace(base, services=None)
    return typed_over(base, given)


def begun(door: CommandContext, world: Environment, incident: str, by: str) -> NoticeTarget:
    """Somebody writes about an incident on record; its place. Raises NoSuchIncident."""
    place = notices.open_form(world, incident, by=by, now=door.now())
    if place is None:
        raise NoSuchIncident
    return place


def _following(name: str, notice: NoticeKind, *left_out: str) -> Verb:
    """A notice about an incident on record; what no flag says stays as customers were told last."""

    @verb(name, click.Argument(["incident"], metavar="ID"), *fact_flags(*left_out, *WINDOW_FIELDS), *sending_flags())
    def follow(door: CommandContext, incident: str, **given: object) -> int:
        world = door.world()
        sending = taken_sending(world, door, given)
        place = begun(door, world, incident, sending.by)
        known = load(world, incident)
        kind = NoticeKind.FIRST if known.latest is None and notice is NoticeKind.UPDATE else notice
        base = _last_told(door, world, known, kind, given)
        return tell(door, world, typed_over(base, given), kind, place, sending)

    return follow


def load(world: Environment, incident_id: str) -> Incident:
    """The incident with this id. Raises NoSuchIncident."""
    with world.store.read() as tx:
        incident = incidents.load(tx, incident_id)
    if incident is None:
        raise NoSuchIncident
    return incident


def _last_told(
    door: CommandContext, world: Environment, incident: Incident, notice: NoticeKind, given: Mapping[str, object]
) -> NoticeInput:
    """What the notice starts from; what it starts without is named, unless it was given."""
    facts = starting(incident, notice, world.catalog)
    aside = set_aside(incident, notice, world.catalog)
    flags = list(_flags(from_facts(aside, door.now()), given)) if aside else []
    if flags:
        click.echo(door.say("not_again", flags=" ".join(flags)), err=True)
    return from_facts(facts, door.now()) if facts else NoticeInput()


def _flags(typed: NoticeInput, given: Mapping[str, object]) -> Iterator[str]:
    if typed.who != "checking" and not given.get("who"):
        yield f"--who {typed.who}"
    if not given.get("workaround"):
        yield from (f"--workaround {one}" for one in typed.workarounds)
    if not given.get("answer"):
        yield from (f"--answer {question}={answer}" for question, answer in typed.answers.items())


def tell(
    door: CommandContext,
    world: Environment,
    typed: NoticeInput,
    notice: NoticeKind,
    place: NoticeTarget,
    sending: Sending,
    *,
    agreed: Callable[[], None] = lambda: None,
) -> int:
    """Shows the words, asks, publishes, and waits until it is known how it went. ``agreed`` is done after the yes."""
    shown = notices.preview(world, typed, notice=notice, place=place, now=door.now())
    if shown.problems:
        raise of_problems(door, shown.problems)
    _agree(door, world, shown, sending)
    agreed()
    outcome = notices.publish(world, typed, shown.token, by=sending.by, now=door.now(), to=sending.to)
    match outcome:
        case notices.Published(incident=incident, sequence=sequence):
            shared_status.write_status(world, now=door.now())
            return deliver(door, world, incident, sequence, words=texts_of(shown.words))
        case notices.AwaitingApproval(incident=incident, number=number):
            door.put({"incident": incident, "waits": number}, [door.say("waits_approval", incident=incident)])
            return 0
        case notices.Refused(problems=problems):
            raise of_problems(door, problems)
        case notices.Stale(code=code):
            raise Refusal(door.speech.say(f"problem.{code}"))
        case notices.Superseded(newer=newer):
            raise Refusal(door.say("superseded", by=newer.notice.by), *_body(newer.notice.words, door))


def _body(words: Mapping[str, object], door: CommandContext) -> tuple[str, ...]:
    said = words.get(door.speech.language) or next(iter(words.values()))
    return (getattr(said, "headline", ""),)


def _agree(door: CommandContext, world: Environment, shown: Preview, sending: Sending) -> None:
    """Somebody looks at the words before they go out; without a terminal, somebody must have said so beforehand."""
    agree(door, lines_of(door, world, shown), door.say(f"publish_{world.name}"), yes=sending.yes)


def agree(door: CommandContext, lines: Iterable[str], question: str, *, yes: bool) -> None:
    """Shows what is about to be done and asks; without a terminal, somebody must have said yes beforehand."""
    if not yes and not sys.stdin.isatty():
        raise Refusal(door.say("no_terminal"), code=WRONG_USE)
    for line in lines if not yes or not door.as_json else ():
        click.echo(line, err=door.as_json)
    if not yes:
        click.confirm(question, abort=True, err=door.as_json)


update = _following("update", NoticeKind.UPDATE, "ended")
partly = _following("partly", NoticeKind.PARTLY_RESTORED, "ended")
watch = _following("watch", NoticeKind.WATCHING, "ended", "estimate", "doing")
correct = _following("correct", NoticeKind.CORRECTION)
resolve = _following("resolve", NoticeKind.RESOLVED, "estimate", "next", "doing")
withdraw = _following("withdraw", NoticeKind.WITHDRAWAL, *FACTS)

VERBS = {found.name: found for found in (report, update, partly, watch, correct, resolve, withdraw)}
