"""Looks an instance over: what is wrong, what is worth knowing, and what could not be found out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime

from statuspage.afar.names import Names
from statuspage.doctor import fate, here, outside
from statuspage.doctor.findings import Finding, Level, unknown
from statuspage.prepared import Unusable
from statuspage.settings import Settings
from statuspage.store import Broken, Busy, NotADatabase
from statuspage.world import World
from statuspage.worlds import live_world

__all__ = ["Finding", "Level", "examined"]


def examined(settings: Settings, environ: Mapping[str, str], clock: Callable[[], datetime]) -> Iterator[Finding]:
    """Everything there is to say, as it is found. Nothing of the instance is changed, and nobody is told anything.

    Raises settings.SharedDatabase.
    """
    yield from here.books(settings)
    yield from here.disk(settings)
    yield from here.rights(settings, environ)
    try:
        world = live_world(settings, now=clock())
    except Unusable as error:
        yield here.content(error.faults)
        yield unknown("rest", why="")
        return
    except (Broken, Busy, NotADatabase, OSError) as error:
        yield unknown("rest", why=type(error).__name__)
        return
    with ExitStack() as opened:
        for books in filter(None, (world.store, world.people, world.subscribers)):
            opened.callback(books.close)
        yield from _of_world(world, settings, clock)


def _of_world(world: World, settings: Settings, clock: Callable[[], datetime]) -> Iterator[Finding]:
    yield here.content(world.faults)
    yield from here.names(world)
    yield from here.zone(world)
    yield from here.worker(world, clock())
    yield from outside.page(world, clock)
    yield from outside.targets(world)
    yield from outside.ways(world)
    yield from outside.certificates_on_the_way(world, settings, clock())
    names = Names(settings.secrets.get("STATUSPAGE_RESOLVER", ""))
    yield from fate.shared(world.address, world.catalog.site.product, names)
