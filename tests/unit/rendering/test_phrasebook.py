"""The phrase book and the printed stories match the content."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import NoticeKind
from tools import phrasebook, stories, trade_stories


def test_it_shows_every_incident_type_in_every_language(catalog: Catalog):
    printed = phrasebook.text()
    for incident_type in catalog.incident_types:
        for pack in catalog.packs.values():
            assert pack.phrases[f"incident_type.{incident_type}.name"] in printed


def test_incidents_of_six_types_are_told_to_the_end(catalog: Catalog):
    counts = Counter(incident.first.incident_type for incident in stories.INCIDENTS)
    assert (len(counts), counts["payment"] + counts["fees"]) == (6, 3)
    assert len(stories.INCIDENTS) == 15
    assert all(incident.later[-1].notice is NoticeKind.RESOLVED for incident in stories.INCIDENTS)
    printed = stories.text()
    for pack in catalog.packs.values():
        assert printed.count(f"**{pack.labels['notice.resolved']}**") >= 15


def test_a_sample_incident_uses_what_its_type_offers(catalog: Catalog):
    for incident in stories.INCIDENTS:
        incident_type = catalog.incident_types[incident.first.incident_type]
        assert set(incident.first.workarounds) <= set(incident_type.workarounds)
        for notice in incident.later:
            assert set(notice.changed.get("workarounds", ())) <= set(incident_type.workarounds)
            chosen = {notice.changed.get("cause"), notice.changed.get("current_action")}
            assert chosen <= {None, *incident_type.causes, *incident_type.current_actions}


@pytest.mark.slow
def test_twelve_incidents_of_three_trades_are_told_to_the_end_in_four_languages(tmp_path: Path):
    assert [len(incidents) for incidents in trade_stories.TRADES.values()] == [4, 4, 4]
    printed = trade_stories.text()
    headings = [line for line in printed.splitlines() if line.startswith("### ")]
    assert len(set(headings)) == len(headings) == 4 * 3 * 4
    for starter, incidents in trade_stories.TRADES.items():
        catalog = trade_stories.read_trade(starter, tmp_path)
        assert tuple(catalog.packs) == ("ja", "en", "de", "ko")
        for incident in incidents:
            assert incident.later[-1].notice is NoticeKind.RESOLVED
            *_, last = trade_stories.notices(incident, catalog)
            assert all(words.media["page"].body.split("\n")[0] in printed for words in last.values())
