"""Finishes a redaction outside the database: rebuilds the site, deletes older copies, compacts the database file."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from statuspage.storage import incidents, redactions, send_hold
from statuspage.usecases.environment import Environment, shared_status
from statuspage.usecases.publishing import site_updates

_OLD_COPY_PATTERNS = ("environment.db.before-*", "environment.db.moved*")
"""Older copies of the database: from before an upgrade, or from before a move to another database."""


def finish_redactions(env: Environment, *, now: datetime) -> None:
    """Removes redacted text from everything else that is ours. Does nothing if that is already done, or during a send
    hold, because the published site is then newer than the database.

    What fails is repeated by the next worker. Raises Unwritable, DrillMarkError, DatabaseBusy.
    """
    with env.databases.environment.read() as tx:
        unfinished = () if send_hold.find_hold_start(tx) else redactions.unfinished_redactions(tx)
        public_ids = [
            incident.id
            for incident in incidents.load_incidents(tx, {item.incident for item in unfinished})
            if incident.notices
        ]
    if not unfinished:
        return
    for incident_id in public_ids:
        site_updates.publish_incident(env, incident_id, now=now)  # Its own pages first, before the full build.
    site_updates.build_site(env, now=now)
    env.site_folder.remove_old_builds()
    shared_status.write_status(env, now=now)
    for copy in old_copies(env.home):
        copy.unlink(missing_ok=True)
    env.databases.environment.scrub()
    env.databases.accounts.scrub()
    with env.databases.environment.begin() as tx:
        redactions.finish_redactions(tx, [item.id for item in unfinished], now)


def old_copies(home: Path) -> tuple[Path, ...]:
    """Older copies of the database beside it, which may contain text redacted since."""
    return tuple(sorted(path for pattern in _OLD_COPY_PATTERNS for path in home.glob(pattern)))
