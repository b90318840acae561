"""Drill scenarios: every error is found with its line and key, and the shipped ones have none."""

from __future__ import annotations

import re
import tomllib
from datetime import timedelta
from pathlib import Path

import pytest

from statuspage.content import loading
from statuspage.domain.catalog import Catalog
from statuspage.domain.drill_scenario import InjectKind
from tests.support.content import LANGUAGES
from tests.support.drill_scenarios import FILE, WHOLE, read
from tests.support.paths import ROOT
from tests.support.trial_company import write_company

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
    "an unknown need": ('scope = "support"', 'scope = "support"\nneeds = ["oncall"]', "did you mean “on_call”?"),
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
    folders = (FILE.parent, LANGUAGES / "scenarios")
    files = sorted({path.stem for folder in folders for path in folder.glob("*.toml")})
    assert list(catalog.scenarios) == files
    for scenario in catalog.scenarios.values():
        for texts in (scenario.title, scenario.briefing, scenario.leader_notes):
            assert set(catalog.desk_languages) <= set(texts)


SHARED = tuple(path.stem for path in (LANGUAGES / "scenarios").glob("*.toml"))
ONE_SERVICE = '[[service]]\nid = "old"\nname = "Old"\nretired = true\n\n[[service]]\nid = "pay"\nname = "Payouts"\n'


@pytest.mark.parametrize("starter", loading.starters())
def test_every_company_can_play_the_shared_scenarios_with_its_own_service(starter: str, tmp_path: Path):
    folder = write_company(tmp_path / "content", starter, ["en", "ja"], services=ONE_SERVICE)
    catalog, errors = loading.read_content(folder)
    assert errors == ()
    assert catalog is not None
    assert set(SHARED) <= set(catalog.scenarios)
    for scenario in catalog.scenarios.values():
        assert {affected.service for affected in scenario.services} == {"pay"}
        texts = [*scenario.briefing.values(), *(text for inject in scenario.injects for text in inject.text.values())]
        assert not [text for text in texts if "{" in text]
    assert "“Payouts”" in catalog.scenarios["tutorial"].briefing["en"]
    alert = catalog.scenarios["tutorial"].injects[0]
    assert alert.text["ja"].startswith("【訓練】Payoutsをご利用いただけません。")


def test_a_scenario_whose_services_the_company_does_not_have_is_left_out_and_named(tmp_path: Path):
    folder = write_company(tmp_path / "content", "fitness", ["en"], services=ONE_SERVICE)
    catalog, _ = loading.read_content(folder)
    assert catalog is not None
    assert "gate-closed" not in catalog.scenarios
    assert catalog.scenario_needs["gate-closed"] == ("gate",)
    assert "tutorial" not in catalog.scenario_needs


def test_what_a_company_has_to_prepare_first_is_named_until_it_has(tmp_path: Path):
    folder = write_company(tmp_path / "content", "general", ["en"])
    catalog, _ = loading.read_content(folder)
    assert catalog is not None
    assert catalog.scenario_gaps["unanswered-call"] == ("on_call",)
    assert catalog.scenario_gaps["restore-backup"] == ("runbook",)
    assert {*catalog.scenario_gaps} <= {*catalog.scenarios}
    (folder / "runbooks").mkdir()
    (folder / "runbooks" / "data.en.md").write_text("- [ ] Restore by the procedure\n", "utf-8")
    catalog, errors = loading.read_content(folder)
    assert errors == () and catalog is not None
    assert "restore-backup" not in catalog.scenario_gaps
    assert "unanswered-call" in catalog.scenario_gaps


def test_an_own_scenario_that_names_a_service_nobody_has_is_an_error(tmp_path: Path):
    folder = write_company(tmp_path / "content", "general", ["en", "ja"])
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "booking-phone.toml").write_text(WHOLE, "utf-8")
    keys = {(error.file, error.key) for error in loading.read_content(folder)[1]}
    assert ("scenarios/booking-phone.toml", "services") in keys


def test_an_unknown_slot_is_told():
    _, faults = read(WHOLE.replace('title.en = "', 'title.en = "{servce} ', 1))
    assert [fault.message for fault in faults] == ["The slot {servce} is not known; did you mean “service”?"]


SHIPPED = sorted((ROOT / "content").glob("**/scenarios/*.toml"))


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: f"{file.parent.parent.name}-{file.stem}")
def test_what_players_read_has_no_remark_for_the_leader(file: Path):
    scenario = tomllib.loads(file.read_text("utf-8"))
    told = [scenario[key] for key in ("title", "briefing") if key in scenario]
    told += [
        inject[key]
        for inject in scenario.get("inject", ())
        if inject.get("recipient_role", "all") != "leader"
        for key in ("sender", "subject", "text")
        if key in inject
    ]
    texts = [text for by_language in told for text in by_language.values()]
    for_leader = [
        text
        for table in (scenario, *scenario.get("inject", ()))
        for key in ("leader_notes", "preparation", "excluded_people", "expected_action")
        for text in table.get(key, {}).values()
    ]
    assert texts
    assert not [text for text in texts if REMARK.search(text)]
    assert not [(text, secret) for text in texts for secret in for_leader if secret in text]


REMARK = re.compile(r"[”」]\s*[(（]|\b[Ll]eader:|進行役は")
"""A bracket after what somebody says, or an address to the leader: what only the script may say."""


@pytest.mark.parametrize(
    "file", [file for file in SHIPPED if file.stem == "tutorial"], ids=lambda file: file.parent.parent.name
)
def test_the_tutorial_promises_no_length_that_is_not_its_own(file: Path):
    scenario = tomllib.loads(file.read_text("utf-8"))
    promised = [text for key in ("title", "briefing") for text in scenario[key].values()]
    assert not [text for text in promised if re.search(r"\d+分|\bminutes?\b", text)]
