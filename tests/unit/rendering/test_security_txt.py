"""``security.txt`` names the company's contact, and ends by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from statuspage.domain.catalog import Catalog
from statuspage.rendering.site import urls
from statuspage.rendering.site.pages.security_txt import security_files
from tests.support.site import drilled, site_context
from tests.support.times import at


def with_contact(catalog: Catalog, contact: str = "mailto:security@example.com") -> Catalog:
    return replace(catalog, site=replace(catalog.site, security_contact=contact))


def fields(files: dict[str, bytes]) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in files[urls.SECURITY_TXT].decode("ascii").splitlines())


def test_it_is_there_only_with_a_contact_and_never_in_a_drill(catalog: Catalog):
    assert security_files(site_context(catalog), at("12:00")) == {}
    assert security_files(site_context(with_contact(drilled(catalog))), at("12:00")) == {}
    given = fields(security_files(site_context(with_contact(catalog)), at("12:00")))
    assert given["Contact"] == "mailto:security@example.com"
    assert "ja" in given["Preferred-Languages"].split(", ")


def test_it_always_ends_half_a_year_ahead_and_changes_only_with_the_month(catalog: Catalog):
    site, now, seen = site_context(with_contact(catalog)), at("12:00"), set()
    for day in range(800):
        moment = now + timedelta(days=day)
        ends = datetime.fromisoformat(fields(security_files(site, moment))["Expires"])
        assert timedelta(days=180) < ends - moment < timedelta(days=216)
        seen.add((moment.year, moment.month, ends))
    assert len(seen) == len({(year, month) for year, month, _ in seen})
