"""A drill while it runs: what its script feeds in, by itself or by hand, and the leader's notes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from statuspage.domain import Inject, MonitorAlert, unreadable
from statuspage.integrations.monitors import monitors
from statuspage.storage import drill_injects
from statuspage.storage import drills as rows
from statuspage.storage.drill_injects import Fed, InjectState, Observation
from statuspage.storage.drills import Drill
from statuspage.storage.engine import Connection
from statuspage.usecases.alerts import receive
from statuspage.usecases.drills.lifecycle import NoSuchDrill, as_of, refuse_denials, wait_for_live
from statuspage.usecases.environment import Environment

NEXT = "next"
"""Names the inject that comes next, whichever that is."""

NOTE_LIMIT = 2000
"""Characters of one of the leader's notes."""


class NoSuchInject(Exception):
    """The drill that runs has no inject of this number or id, or none that is still to come."""


class Settled(Exception):
    """This inject was fired or skipped before."""

    def __init__(self, fed: Fed) -> None:
        super().__init__(fed.inject.id)
        self.fed = fed


class NoNote(Exception):
    """The note is empty, too long, or has characters in it that cannot be read."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A drill as it stands: its script, the leader's notes, and the pauses so far."""

    drill: Drill
    script: tuple[Fed, ...]
    observations: tuple[Observation, ...]
    pauses: tuple[drill_injects.Pause, ...]

    @property
    def coming(self) -> tuple[Fed, ...]:
        """What is still to come: by the minute first, then what comes by hand or after a stage."""
        waiting = [fed for fed in self.script if fed.state is InjectState.PLANNED]
        return tuple(
            sorted(waiting, key=lambda fed: (fed.planned is None, fed.planned or self.drill.started, fed.number))
        )

    @property
    def fired(self) -> tuple[Fed, ...]:
        """What was fed in, the newest first."""
        settled = [(fed.fired, fed.number, fed) for fed in self.script if fed.fired is not None]
        return tuple(fed for _, _, fed in sorted(settled, key=lambda one: one[:2], reverse=True))


def inject_status(world: Environment, drill_id: str = "") -> Standing:
    """How this drill stands, by default the one that runs. Raises NoSuchDrill."""
    with world.store.read() as tx:
        drill = rows.find_drill(tx, drill_id) if drill_id else rows.running(tx)
        if drill is None:
            raise NoSuchDrill
        return Standing(
            drill,
            drill_injects.injects_of(tx, drill.id),
            drill_injects.observed(tx, drill.id),
            drill_injects.paused(tx, drill.id),
        )


def fire(world: Environment, which: str, *, by: str, now: datetime) -> Fed:
    """Feeds an inject in at once: by number, by id, or the next.

    Raises NoSuchDrill, NoSuchInject, Settled, and LiveIncident while something real is going on.
    """
    found = _pick(inject_status(world), which)
    wait_for_live(world, now=now)
    return feed(world, inject_status(world).drill, found, by=by, now=now)


def skip(world: Environment, which: str, *, by: str, now: datetime) -> Fed:
    """Leaves an inject out. Raises NoSuchDrill, NoSuchInject, Settled."""
    found = _pick(inject_status(world), which)
    with world.store.begin() as tx:
        return _settle_inject(tx, found, InjectState.SKIPPED, by, now)


def _pick(stands: Standing, which: str) -> Fed:
    if which == NEXT:
        found = next(iter(stands.coming), None)
    else:
        found = next((fed for fed in stands.script if which in (str(fed.number), fed.inject.id)), None)
    if found is None:
        raise NoSuchInject(which)
    if found.state is not InjectState.PLANNED:
        raise Settled(found)
    return found


def feed(world: Environment, drill: Drill, fed: Fed, *, by: str, now: datetime) -> Fed:
    """Feeds one inject in. Raises Settled where somebody was quicker.

    An alert goes into the drill's own intake first, where the same one twice stays one.
    """
    signals = [as_of(signal, drill.id, now) for signal in _signals(world, drill, fed.inject, now)]
    taken = receive(world, signals, now=now)
    alert = taken[0].id if taken else ""
    with world.store.begin() as tx:
        done = _settle_inject(tx, fed, InjectState.FIRED, by, now, alert)
        if alert:
            rows.take_alert(tx, drill.id, alert)
    return done


def _settle_inject(tx: Connection, fed: Fed, state: InjectState, by: str, now: datetime, alert: str = "") -> Fed:
    if not drill_injects.settle_inject(tx, fed.drill, fed.number, state, at=now, by=by, alert=alert):
        raise Settled(fed)
    return replace(fed, state=state, settled=now, by=by, alert=alert)


def _signals(world: Environment, drill: Drill, inject: Inject, now: datetime) -> Sequence[MonitorAlert]:
    """What the inject's monitor sends; its titles carry the mark whoever wrote them."""
    if inject.payload:
        found = monitors(world.catalog.mapped)[inject.source].read(inject.payload.encode(), now)
        return [
            replace(one, identity=f"{inject.id} {one.identity}", title=_marked(world, drill, one.title))
            for one in found
        ]
    if not inject.labels:
        return []
    title, summary = (script_text(texts, drill.language) for texts in (inject.subject, inject.text))
    return [MonitorAlert(inject.source, inject.id, _marked(world, drill, title), summary, inject.labels, drill.started)]


def _marked(world: Environment, drill: Drill, title: str) -> str:
    book = world.catalog.books.get(drill.language, world.catalog.leading)
    mark = book.marks.start
    return title if title.startswith(mark.strip()) else f"{mark}{title}"


def script_text(texts: Mapping[str, str], language: str) -> str:
    """A script's text in this language, else in the first that it has."""
    return texts.get(language) or next(iter(texts.values()), "")


def pause_drill(world: Environment, *, now: datetime) -> Drill:
    """The drill stands still: nothing is fed in by itself. Doing so again changes nothing. Raises NoSuchDrill."""
    with world.store.begin() as tx:
        drill = _running(tx)
        if drill.paused is not None:
            return drill
        rows.stand_still(tx, drill.id, now, drill.ends)
        drill_injects.insert_pause(tx, drill.id, now)
        return replace(drill, paused=now)


def resume_drill(world: Environment, *, now: datetime) -> Drill:
    """The drill goes on; what is still to come, and its end, come later by as long as it stood still.

    Raises NoSuchDrill, and LiveIncident while something real is going on.
    """
    with world.store.begin() as tx:
        drill = _running(tx)
        if drill.paused is None:
            return drill
        wait_for_live(world, now=now)
        stood = now - drill.paused
        ends = drill.ends + stood if drill.ends else None
        rows.stand_still(tx, drill.id, None, ends)
        drill_injects.delay(tx, drill.id, stood)
        drill_injects.end_pause(tx, drill.id, now)
        return replace(drill, paused=None, ends=ends)


def observe(world: Environment, text: str, *, by: str, now: datetime) -> Observation:
    """Keeps what the leader saw. Raises NoSuchDrill, NoNote, Denies."""
    kept = text.strip()
    if not kept or len(kept) > NOTE_LIMIT or unreadable(kept.replace("\n", "").replace("\r", "")):
        raise NoNote
    refuse_denials(world, kept)
    with world.store.begin() as tx:
        return drill_injects.observe(tx, _running(tx).id, kept, by=by, at=now)


def _running(tx: Connection) -> Drill:
    drill = rows.running(tx)
    if drill is None:
        raise NoSuchDrill
    return drill


def left(drill: Drill, now: datetime) -> timedelta | None:
    """How long the drill still lasts; None where it has no planned end."""
    return drill.ends - (drill.paused or now) if drill.ends else None
