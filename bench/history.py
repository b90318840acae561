"""A world of the sample company with a long history, made in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from statuspage import instance, worlds
from statuspage.facts import Affected, Facts, Known, NoticeKind, Precision, Started, State, Words
from statuspage.settings import read
from statuspage.store import Connection, incidents
from statuspage.timeline import Notice, Step, StepKind
from statuspage.wording import Story, compose
from statuspage.world import World

NOW = datetime(2026, 7, 4, 3, 3, tzinfo=UTC)
ADDRESS = "https://status.fitline.example"
THIS_MONTH = 1_000
"""How many incidents of a long history fall into the present month."""


def world(home: Path, size: int) -> World:
    """A live world with ``size`` incidents that are over, a thousand of them in this month."""
    instance.fill(home)
    made = worlds.live_world(read({"STATUSPAGE_ADDRESS": ADDRESS}, home=str(home)), now=NOW)
    first, resolved = _notice(made, NoticeKind.FIRST, _facts(NOW)), _notice(made, NoticeKind.RESOLVED, _over(NOW))
    with made.store.begin() as tx:
        for number in range(size):
            _one(tx, f"past{number:08d}", _when(number), first, resolved)
    return made


def tell(made: World, id: str, now: datetime) -> None:
    """A new incident with its first notice, stored but not yet published."""
    with made.store.begin() as tx:
        _open(tx, id, now)
        notice = _notice(made, NoticeKind.FIRST, _facts(now), id)
        incidents.append(tx, id, notice, happened=now, recorded=now, after=0)


def _when(number: int) -> datetime:
    """The newest thousand within the last three days, the others every three hours before that."""
    if number < THIS_MONTH:
        return NOW - timedelta(hours=1, minutes=number * 4)
    return NOW - timedelta(days=4, hours=3 * (number - THIS_MONTH))


def _one(tx: Connection, id: str, at: datetime, first: Notice, resolved: Notice) -> None:
    _open(tx, id, at)
    incidents.append(tx, id, first, happened=at, recorded=at)
    end = at + timedelta(minutes=30)
    incidents.append(tx, id, resolved, happened=end, recorded=end)


def _open(tx: Connection, id: str, at: datetime) -> None:
    incidents.open_incident(tx, id, at=at, t0=at, t0_source="alert")
    incidents.append(tx, id, Step(StepKind.CONFIRMED, by="bench"), happened=at, recorded=at)


def _facts(now: datetime) -> Facts:
    return Facts(
        kind="booking",
        affected=(Affected("booking", State.MAJOR), Affected("desk-booking", State.DEGRADED)),
        started=Started(Precision.ABOUT, now - timedelta(minutes=8)),
        estimate=Known(now + timedelta(hours=1)),
        workarounds=("front-desk",),
        next_update=now + timedelta(minutes=30),
    )


def _over(now: datetime) -> Facts:
    return replace(_facts(now), ended=now, next_update=None, workarounds=(), cause="change")


def _notice(made: World, kind: NoticeKind, facts: Facts, id: str = "past00000000") -> Notice:
    story = Story(incident=id, address=ADDRESS)
    words: Mapping[str, Words] = compose(kind, facts, catalog=made.catalog, story=story, now=NOW)
    return Notice(kind, facts, words, by="bench")
