"""A published page for other programs to read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from statuspage.domain.catalog import Catalog
from statuspage.usecases.publishing import site_updates
from tests.support.publishing import environment_in, store_incident
from tests.support.site import another, booking, maintenance, over
from tests.support.times import at


@pytest.fixture
def address(tmp_path: Path, catalog: Catalog, static_server: Callable[[Path], str]) -> str:
    """A page with an open incident, one that is over, and current and upcoming maintenance, with English first."""
    english = replace(catalog, site=replace(catalog.site, languages=("en", "ja")))
    env = environment_in(tmp_path, english)
    for incident in (
        booking(),
        over(id="k3m9p2q7x4ac"),
        another("gatepast0000", at("09:00")),
        maintenance(catalog, "announced", id="plannedwork0"),
        maintenance(catalog, "announced", "started", id="runningwork0", service="lock"),
    ):
        store_incident(env, incident)
    site_updates.build_site(env, now=at("12:30"))
    return static_server(env.site_folder.current)
