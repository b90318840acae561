"""The incidents whose texts were read and approved."""

from __future__ import annotations

from dataclasses import replace

from statuspage.content.loading.loader import read_content
from statuspage.content.validation.sample_incidents import generate_sample_notices
from statuspage.domain.catalog import Catalog
from tests.support.content import DEMO
from tests.support.times import at

ORDER = tuple(
    "unreachable login slow payment booking messages data entry provider app security other fees maintenance".split()
)
"""The facts of a story vary with the place of its incident type, which is another one in each layer."""


def _catalog() -> Catalog:
    catalog, faults = read_content(DEMO)
    assert catalog is not None, faults
    assert set(catalog.incident_types) == set(ORDER)
    return replace(catalog, incident_types={name: catalog.incident_types[name] for name in ORDER})


CATALOG = _catalog()


SAMPLE_NOTICES = tuple(generate_sample_notices(CATALOG, at("00:00"), "https://status.fitline.example"))
