"""Incidents stored without the desk, and the files of the resulting page."""

from __future__ import annotations

from pathlib import Path

from statuspage.domain.catalog import Catalog
from statuspage.domain.incident import Incident
from statuspage.storage import incidents
from statuspage.usecases.environment.model import Databases, Environment, Senders
from tests.support.database import made
from tests.support.environments import environment_of
from tests.support.site import ADDRESS, sources


def environment_in(
    home: Path, catalog: Catalog, *, address: str = ADDRESS, refused: tuple[str, ...] = ()
) -> Environment:
    store = made(home / "environment.db", "environment")
    return environment_of(home, catalog, Databases(store, store), sources(refused), Senders({}), address=address)


def store_incident(env: Environment, incident: Incident) -> None:
    """Stores the new entries of this incident."""
    with env.databases.environment.begin() as tx:
        known = incidents.load_incident(tx, incident.id)
        if known is None:
            incidents.open_incident(tx, incident.id, at=incident.opened, t0=incident.t0, t0_source=incident.t0_source)
        for r in incident.entries[len(known.entries) if known else 0 :]:
            incidents.append_entry(tx, incident.id, r.entry, happened=r.happened, recorded=r.recorded)


def site(env: Environment) -> dict[str, bytes]:
    folder = env.site_folder.current
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def changed(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def plain(names: set[str]) -> set[str]:
    return {name for name in names if not name.endswith(".gz")}
