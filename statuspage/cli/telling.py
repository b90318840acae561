"""Tells customers: first report, update, correction, resolved."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass

import click

from statuspage import desk, summary
from statuspage.cli.alerts import by
from statuspage.cli.carried import fact_flags, from_alert, from_facts, typed_over
from statuspage.cli.door import Door, person
from statuspage.cli.program import Flag, Verb, verb
from statuspage.cli.receipts import deliver
from statuspage.cli.refusals import Refusal, of_problems
from statuspage.cli.saying import lines_of, texts_of
from statuspage.desk import Place, Preview
from statuspage.desk.alerts import NoSuchAlert
from statuspage.desk.incidents import NoSuchIncident
from statuspage.facts import NoticeKind
from statuspage.store import alerts, incidents
from statuspage.timeline import Incident
from statuspage.typed import Typed
from statuspage.world import World


@dataclass(frozen=True, slots=True)
class Sending:
    """How it goes out: to these channels (None: all that carry it), asked for again or not, by whom."""

    to: tuple[str, ...] | None
    yes: bool
    by: str


def sending_flags() -> list[click.Parameter]:
    """The flags that say how a notice goes out."""
    return [
        Flag(["--quiet"], is_flag=True),
        Flag(["--to"], multiple=True, metavar="CHANNEL"),
        Flag(["--yes"], is_flag=True),
        by(),
    ]


def taken_sending(world: World, door: Door, given: dict[str, object]) -> Sending:
    """Takes those flags out of what was given. Refuses a channel that is not there."""
    quiet, to, yes, name = (given.pop(key) for key in ("quiet", "to", "yes", "by"))
    named = tuple(str(one) for one in to) if isinstance(to, tuple) else ()
    unknown = [one for one in named if one not in world.channels]
    if unknown:
        ready = ", ".join(world.channels) or "-"
        raise Refusal(*(door.say("no_channel", channel=one, ready=ready) for one in unknown))
    return Sending(() if quiet else named or None, bool(yes), person(str(name or "")))


@verb("report", *fact_flags("cause", "ended"), Flag(["--alert"], metavar="ID"), *sending_flags())
def report(door: Door, alert: str | None, **given: object) -> int:
    """The first report. With an alert, that is acknowledged and confirmed, and its clock counts."""
    world = door.world()
    sending = taken_sending(world, door, given)
    if alert is None:
        return tell(
            door, world, typed_over(Typed(), given), NoticeKind.FIRST, desk.fresh(world, now=door.now()), sending
        )
    typed = typed_over(_proposed(world, alert), given)
    _refuse_wrong(door, world, typed)
    incident = desk.confirm(world, alert, by=sending.by, now=door.now())
    place = desk.begin(world, incident.id, by=sending.by, now=door.now())
    if place is None:
        raise NoSuchIncident
    return tell(door, world, typed, NoticeKind.FIRST, place, sending)


def _proposed(world: World, alert_id: str) -> Typed:
    with world.store.read() as tx:
        alert = alerts.get(tx, alert_id)
    if alert is None:
        raise NoSuchAlert
    return from_alert(alert)


def _refuse_wrong(door: Door, world: World, typed: Typed) -> None:
    """Before an alert is confirmed, so that a slip of the finger opens no incident."""
    now = door.now()
    shown = desk.preview(world, typed, notice=NoticeKind.FIRST, place=desk.fresh(world, now=now), now=now)
    if shown.problems:
        raise of_problems(door, shown.problems)


def _following(name: str, notice: NoticeKind, *left_out: str) -> Verb:
    """A notice about an incident on record; what no flag says stays as customers were told last."""

    @verb(name, click.Argument(["incident"], metavar="ID"), *fact_flags(*left_out), *sending_flags())
    def follow(door: Door, incident: str, **given: object) -> int:
        world = door.world()
        sending = taken_sending(world, door, given)
        place = desk.begin(world, incident, by=sending.by, now=door.now())
        known = _load(world, incident)
        if place is None or known is None:
            raise NoSuchIncident
        kind = NoticeKind.FIRST if known.latest is None and notice is NoticeKind.UPDATE else notice
        return tell(door, world, typed_over(_last_told(known, door), given), kind, place, sending)

    return follow


def _load(world: World, incident_id: str) -> Incident | None:
    with world.store.read() as tx:
        return incidents.load(tx, incident_id)


def _last_told(incident: Incident, door: Door) -> Typed:
    return from_facts(incident.standing, door.now()) if incident.standing else Typed()


def tell(door: Door, world: World, typed: Typed, notice: NoticeKind, place: Place, sending: Sending) -> int:
    """Shows the words, asks, publishes, and waits until it is known how it went."""
    shown = desk.preview(world, typed, notice=notice, place=place, now=door.now())
    if shown.problems:
        raise of_problems(door, shown.problems)
    _agree(door, world, shown, sending)
    outcome = desk.publish(world, typed, shown.token, by=sending.by, now=door.now(), to=sending.to)
    match outcome:
        case desk.Published(incident=incident, sequence=sequence):
            summary.write(world, now=door.now())
            return deliver(door, world, incident, sequence, words=texts_of(shown.words))
        case desk.Refused(problems=problems):
            raise of_problems(door, problems)
        case desk.Stale(code=code):
            raise Refusal(door.speech.say(f"problem.{code}"))
        case desk.Superseded(newer=newer):
            raise Refusal(door.say("superseded", by=newer.notice.by), *_body(newer.notice.words, door))


def _body(words: Mapping[str, object], door: Door) -> tuple[str, ...]:
    said = words.get(door.speech.language) or next(iter(words.values()))
    return (getattr(said, "headline", ""),)


def _agree(door: Door, world: World, shown: Preview, sending: Sending) -> None:
    """On a terminal somebody looks at the words before they go out."""
    if door.as_json:
        return
    for line in lines_of(door, world, shown):
        click.echo(line)
    if sys.stdin.isatty() and not sending.yes:
        click.confirm(door.say(f"publish_{world.name}"), abort=True)


update = _following("update", NoticeKind.UPDATE, "ended")
correct = _following("correct", NoticeKind.CORRECTION)
resolve = _following("resolve", NoticeKind.RESOLVED, "estimate", "next", "doing", "workaround")

VERBS = {found.name: found for found in (report, update, correct, resolve)}
