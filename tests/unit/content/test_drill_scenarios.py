"""Drill scenarios: every error is found with its line and key, and the shipped ones have none."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from statuspage.domain.catalog import Catalog
from statuspage.domain.drill_scenario import InjectKind
from tests.support.drill_scenarios import FILE, WHOLE, read

BREAKS = {
    "a forbidden sentence": ("[DRILL] Four", "[DRILL] This is NOT a drill. Four", "is not allowed"),
    "a forbidden sentence for the leader": (
        'leader_notes.ja = "', 'leader_notes.ja = "訓練では ありません。', "is not allowed"
    ),
    "an unmarked text": ('text.ja = "【訓練】予約の', 'text.ja = "予約の', "begin it with “【訓練】”"),
    "a mark of another language": ('subject.en = "[DRILL] Booking', 'subject.en = "【訓練】Booking', "with “[DRILL]”"),
    "a text in one language": ('briefing.en = "A', 'briefings.en = "A', "“en” is missing"),
    "an empty text": ('expected_action.ja = "アラートを受け', 'expected_action.ja = "" #', "This is empty"),
    "minutes out of order": ("at_minute = 5\n", "at_minute = 2\n", "sort them by minute"),
    "a minute after the end": ("at_minute = 25\n", "at_minute = 30\n", "over by then"),
    "a minute before the start": ("at_minute = 0\n", "at_minute = -1\n", "too small"),
    "a drill without an end": ("duration_minutes = 30\n", "duration_minutes = 300\n", "ends automatically after 240"),
    "no length": ("duration_minutes = 30\n", "", "“duration_minutes” is missing"),
    "an unknown incident type": ('incident_type = "booking"', 'incident_type = "bookings"', "did you mean “booking”?"),
    "an unknown service": ('"booking:major"', '"boking:major"', "did you mean “booking”?"),
    "an unknown scope": ('scope = "support"', 'scope = "everybody"', "choose one of"),
    "an unknown role": ('roles = ["leader"', 'roles = ["boss"', "is not known here"),
    "an unknown kind of inject": ('kind = "call"', 'kind = "phone"', "is not known here"),
    "an unknown receiver": ('recipient_role = "all"', 'recipient_role = "al"', "did you mean “all”?"),
    "an unknown measure": ('measure = "plain"', 'measure = "plane"', "did you mean “plain”?"),
    "a stage without minutes": ("within_minutes = 3\n", "", "“within_minutes” is missing"),
    "minutes without a stage": ('measure = "plain"', 'measure = "plain"\nwithin_minutes = 3', "not a stage"),
    "facts that are not named": ('facts = ["scope", "start", "next_update"]\n', "", "Name the facts"),
    "an unknown fact": ('"start", "next_update"]', '"strat", "next_update"]', "did you mean “start”?"),
    "an id taken twice": ('id = "jargon"', 'id = "call"', "already taken"),
    "an alert without labels": ("labels = {", "label = {", "[inject.1.labels] is missing"),
    "a call with labels": ('kind = "call"', 'kind = "call"\nlabels = { a = "b" }', "Only an alert"),
    "a payload that is none": ('at_minute = 0\n', 'at_minute = 0\npayload = "{}"\n', "cannot be read as an alert"),
    "a correction of nothing": ('kind = "post"', 'kind = "correction"', "“corrects” is missing"),
    "a minute and a stage": ("at_minute = 5\n", 'at_minute = 5\nafter_stage = "published"\n', "not both"),
    "an unknown key": ('recipient_role = "all"', 'recipient_roll = "all"', "did you mean “recipient_role”?"),
}  # fmt: skip


def test_a_script_without_mistakes_has_no_faults():
    scenario, faults = read(WHOLE)
    assert faults == []
    assert scenario.duration == timedelta(minutes=30)
    assert [i.kind for i in scenario.injects][:2] == [InjectKind.ALERT, InjectKind.CALL]


@pytest.mark.parametrize("name", BREAKS)
def test_a_mistake_is_found_on_its_line(name: str):
    old, new, says = BREAKS[name]
    assert old in WHOLE, name
    at = WHOLE.index(old)
    _, faults = read(WHOLE[:at] + new + WHOLE[at + len(old) :])
    found = [fault for fault in faults if says in fault.message]
    assert found, faults
    line = WHOLE.count("\n", 0, at) + 1
    assert any(fault.line == 1 or abs(fault.line - line) <= 8 for fault in found), (line, found)
    assert all(fault.file == "scenarios/booking-phone.toml" and fault.key for fault in found)


def test_a_forbidden_sentence_stands_on_its_own_line_with_its_key():
    at = WHOLE.index("[DRILL] Four in ten")
    _, (fault,) = read(WHOLE[:at] + "[DRILL] This is not a drill. " + WHOLE[at:])
    assert (fault.line, fault.key) == (WHOLE.count("\n", 0, at) + 1, "inject.1.text.en")


def test_every_shipped_script_is_in_the_catalog_in_every_language_of_the_desk(catalog: Catalog):
    files = sorted(path.stem for path in Path(FILE.parent).glob("*.toml"))
    assert list(catalog.scenarios) == files
    for scenario in catalog.scenarios.values():
        for texts in (scenario.title, scenario.briefing, scenario.leader_notes):
            assert set(catalog.desk_languages) <= set(texts)
