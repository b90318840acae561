"""A first report in English has at most 60 words on the page, with every question left at *checking*."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from statuspage.content import loading
from statuspage.domain import MAINTENANCE, Catalog
from statuspage.domain.catalog import IncidentType
from statuspage.domain.facts import Affected, AffectedAudience, Audience, Facts, NoticeKind, Precision, StartTime
from statuspage.rendering.wording.composition import compose
from statuspage.rendering.wording.context import IncidentContext
from tests.support.times import at
from tests.support.trial_company import CONTACT, write_company

MOST = 60
ZONE = "Asia/Tokyo"
"""A zone whose name is two words; how long that name is belongs to the company."""


def opening_facts(catalog: Catalog, incident_type: IncidentType, extent: AffectedAudience) -> Facts:
    """The least that a first report says of such an incident; a required question has its first answer."""
    proposed = incident_type.services[:1]
    if not proposed and incident_type.names_services:
        proposed = (Affected(next(iter(catalog.services)), incident_type.state),)
    return Facts(
        incident_type.id,
        proposed,
        Audience(extent),
        StartTime(Precision.ABOUT, at("11:55")),
        next_update=at("12:35"),
        answers={question.id: question.answers[0] for question in incident_type.questions if question.is_required},
    )


@pytest.mark.parametrize("starter", ["general", "saas", "shop", "fitness"])
def test_a_first_report_without_optional_facts_is_short(tmp_path: Path, starter: str):
    catalog, errors = loading.read_content(write_company(tmp_path / "content", starter, ["en"], contact=CONTACT))
    assert catalog is not None, errors
    catalog = replace(catalog, site=replace(catalog.site, zone=ZONE))
    incident = IncidentContext("k7m2p9xa4tq8", "https://status.example")
    lengths = {}
    for incident_type in catalog.incident_types.values():
        for extent in (AffectedAudience.ALL, AffectedAudience.CHECKING):
            if incident_type.id == MAINTENANCE:
                continue
            facts = opening_facts(catalog, incident_type, extent)
            text = compose(NoticeKind.FIRST, facts, catalog=catalog, incident=incident, now=at("12:03"))["en"]
            lengths[incident_type.id, extent] = len(text.media["page"].body.split())
    assert lengths
    assert {name: words for name, words in lengths.items() if words > MOST} == {}


CHECKED = {
    ("saas", "api-errors", "processed"): "lost requests",
    ("saas", "processing-late", "received"): "lost data",
    ("shop", "order", "made"): "whether orders were lost",
    ("shop", "prices-stock", "orders"): "what happens to affected orders",
    ("fitness", "fees", "twice"): "repeated charges",
    ("fitness", "booking", "made"): "if bookings are valid",
}


@pytest.mark.parametrize(("starter", "incident_type", "question"), CHECKED)
def test_short_as_it_is_it_says_what_is_being_checked(tmp_path: Path, starter: str, incident_type: str, question: str):
    catalog, errors = loading.read_content(write_company(tmp_path / "content", starter, ["en"], contact=CONTACT))
    assert catalog is not None, errors
    facts = opening_facts(catalog, catalog.incident_types[incident_type], AffectedAudience.ALL)
    incident = IncidentContext("k7m2p9xa4tq8", "https://status.example")
    text = compose(NoticeKind.FIRST, facts, catalog=catalog, incident=incident, now=at("12:03"))["en"]
    assert CHECKED[starter, incident_type, question] in text.media["page"].body
