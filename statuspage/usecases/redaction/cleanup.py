"""Finishes a redaction outside the books: the site made afresh, older copies gone, the database's file written anew."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from statuspage.storage import incidents, redactions, send_hold
from statuspage.usecases.environment import Environment, shared_status
from statuspage.usecases.publishing import site_updates

_COPIES = ("world.db.before-*", "world.db.moved*")
"""Older states of the books: from before an upgrade, from before a move to another database."""


def finish(world: Environment, *, now: datetime) -> None:
    """Makes what was blanked unreadable everywhere else that is ours; does nothing when it is, or while the books are
    on hold: what is published is newer than they are.

    What could not be done is done by the next worker. Raises Unwritable, Unfit, Busy.
    """
    with world.store.read() as tx:
        left = () if send_hold.since(tx) else redactions.unfinished(tx)
        told = [story.id for story in incidents.some(tx, {one.incident for one in left}) if story.notices]
    if not left:
        return
    for incident_id in told:
        site_updates.publish(world, incident_id, now=now)  # its own pages at once, before everything is made afresh
    site_updates.build(world, now=now)
    world.target.forget()
    shared_status.write_status(world, now=now)
    for copy in copies(world):
        copy.unlink(missing_ok=True)
    world.store.scrub()
    with world.store.begin() as tx:
        redactions.finish(tx, [one.id for one in left], now)


def copies(world: Environment) -> tuple[Path, ...]:
    """Older states of the books that lie beside them, and may hold what was blanked since."""
    return tuple(sorted(path for pattern in _COPIES for path in world.home.glob(pattern)))
