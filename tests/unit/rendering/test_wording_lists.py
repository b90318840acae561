"""The closed lists: rich enough for real incidents, each entry used by an incident type, each a whole plain
sentence."""

from __future__ import annotations

import pytest

from statuspage.domain.catalog import Catalog, LanguagePack

LEAST = {"cause": 40, "current_action": 25, "workaround": 40}
OFFERED = {"cause": "causes", "current_action": "current_actions", "workaround": "workarounds"}


@pytest.fixture(params=("ja", "en"))
def pack(request: pytest.FixtureRequest, catalog: Catalog) -> LanguagePack:
    return catalog.packs[request.param]


@pytest.mark.parametrize("name", LEAST)
def test_each_list_is_long_enough_and_each_entry_is_offered_by_an_incident_type(catalog: Catalog, name: str):
    offered = {
        entry for incident_type in catalog.incident_types.values() for entry in getattr(incident_type, OFFERED[name])
    }
    assert offered == set(catalog.leading_pack.lists[name])
    assert len(offered) >= LEAST[name]


def test_every_incident_type_has_something_for_when_it_works_again(catalog: Catalog):
    for incident_type in catalog.unplanned_types.values():
        assert any(entry.startswith("after-") for entry in incident_type.workarounds), incident_type.id


@pytest.mark.parametrize("name", LEAST)
def test_every_text_is_a_whole_sentence_and_no_two_are_the_same(pack: LanguagePack, name: str):
    choices = pack.lists[name].values()
    for choice in choices:
        assert choice.text.endswith(pack.locale_rules.full_stop), choice
        assert not choice.label.endswith(pack.locale_rules.full_stop), choice
    assert len({choice.text for choice in choices}) == len(choices)
    assert len({choice.label for choice in choices}) == len(choices)


def test_every_cause_begins_in_the_same_way_so_that_its_row_can_leave_that_out(pack: LanguagePack):
    lead = pack.phrases["cause.lead"]
    assert all(choice.text.startswith(lead) for choice in pack.lists["cause"].values())


def test_labels_are_short_enough_for_a_button(pack: LanguagePack):
    longest = {"characters": 16, "words": 6}[pack.locale_rules.length_unit]
    for name in LEAST:
        for choice in pack.lists[name].values():
            size = len(choice.label.split()) if pack.locale_rules.length_unit == "words" else len(choice.label)
            assert size <= longest, choice
