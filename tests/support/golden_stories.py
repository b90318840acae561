"""The incidents whose texts were read and approved."""

from __future__ import annotations

from statuspage.content.loading.loader import read_content
from statuspage.content.validation.sample_incidents import generate_sample_notices
from statuspage.domain.catalog import Catalog
from tests.support.content import DEMO
from tests.support.times import at


def _catalog() -> Catalog:
    catalog, faults = read_content(DEMO)
    assert catalog is not None, faults
    return catalog


CATALOG = _catalog()


SAMPLE_NOTICES = tuple(generate_sample_notices(CATALOG, at("00:00"), "https://status.fitline.example"))
