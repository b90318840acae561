"""An instance's content lies over that of its starter and of the language packs: the upper layer wins, key by key."""

from __future__ import annotations

from pathlib import Path

import pytest

from statuspage.content import loading
from statuspage.domain import ContentError
from statuspage.domain.catalog import Catalog
from tests.support.content import DEMO
from tests.support.trial_company import write_company


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The demo company's own files, to be added to."""
    for file in DEMO.rglob("*"):
        if file.is_file():
            target = tmp_path / file.relative_to(DEMO)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(file.read_bytes())
    return tmp_path


def read(folder: Path) -> Catalog:
    catalog, errors = loading.read_content(folder)
    assert catalog is not None, errors
    return catalog


def errors_of(folder: Path) -> list[tuple[str, int, str]]:
    return [(error.file, error.line, error.key) for error in loading.read_content(folder)[1]]


def test_one_own_sentence_replaces_the_shipped_one_and_no_other(folder: Path):
    before = read(folder).packs["en"].phrases
    (folder / "en" / "phrases.toml").write_text('[no_change]\ntext = "Nothing has changed yet."\n', "utf-8")
    after = read(folder).packs["en"].phrases
    assert after == {**before, "no_change.text": "Nothing has changed yet."} != before


def test_an_error_is_told_where_the_value_comes_from(folder: Path):
    (folder / "incident_types.toml").write_text("[login]\n# own\ncadence_minutes = 0\n", "utf-8")
    assert errors_of(folder) == [("incident_types.toml", 3, "login.cadence_minutes")]


def test_a_service_that_the_starter_names_and_nobody_has_is_left_out(folder: Path):
    services = folder / "services.toml"
    services.write_text(services.read_text("utf-8").replace('id = "lock"', 'id = "lockers"'), "utf-8")
    for file in folder.glob("*/organisation.toml"):
        file.write_text(file.read_text("utf-8").replace("[services.lock]", "[services.lockers]"), "utf-8")
        file.write_text(file.read_text("utf-8").replace("[services.lock.", "[services.lockers."), "utf-8")
    assert "lock" not in {one.service for one in read(folder).incident_types["entry"].services}


def test_an_own_type_that_names_a_service_nobody_has_is_told(folder: Path):
    (folder / "incident_types.toml").write_text('[login]\nservices = ["lift:major"]\n', "utf-8")
    assert errors_of(folder) == [("incident_types.toml", 2, "login.services")]


def test_a_role_stands_for_every_service_that_has_it(folder: Path):
    services = folder / "services.toml"
    text = services.read_text("utf-8").replace('id = "booking"', 'id = "booking"\nrole = "login"')
    services.write_text(text, "utf-8")
    assert [one.service for one in read(folder).incident_types["login"].services] == ["login", "booking"]


def test_an_own_key_that_nothing_reads_is_named_with_the_nearest(folder: Path):
    (folder / "en" / "phrases.toml").write_text('[no_change]\ntextt = "Nothing yet."\n', "utf-8")
    (error,) = loading.read_content(folder)[1]
    assert (error.file, error.line, error.key) == ("en/phrases.toml", 2, "no_change.textt")
    assert "did you mean “no_change.text”?" in error.message


def test_sentences_of_an_own_incident_type_are_known(folder: Path):
    assert _stray(folder, "[incident_type.lift]\ntitle = 'x'\n", {"lift"}) == []
    assert [error.key for error in _stray(folder, "[incident_type.lift]\ntitle = 'x'\n", set())] == [
        "incident_type.lift.title"
    ]


def _stray(folder: Path, text: str, types: set[str]) -> list[ContentError]:
    from statuspage.content.loading.folder import ContentFolder
    from statuspage.content.loading.own_values import find_stray_keys

    (folder / "en" / "phrases.toml").write_text(text, "utf-8")
    return list(find_stray_keys(ContentFolder(folder).read_table("en/phrases.toml").source, types))


def test_a_starter_that_does_not_exist_is_named_with_the_nearest(folder: Path):
    site = folder / "site.toml"
    site.write_text(site.read_text("utf-8").replace('starter = "fitness"', 'starter = "fitnes"'), "utf-8")
    errors = loading.read_content(folder)[1]
    assert ("site.toml", "starter") in {(error.file, error.key) for error in errors}
    assert any("fitness" in error.message for error in errors if error.key == "starter")


def test_what_counts_is_told_with_what_it_replaces(folder: Path):
    (folder / "en" / "phrases.toml").write_text('[no_change]\ntext = "Nothing yet."\n', "utf-8")
    (values,) = loading.find_values(folder, "no_change.text", "en/phrases.toml")
    assert values[0].value == "Nothing yet."
    assert [value.file for value in values] == ["en/phrases.toml", "languages/en/phrases.toml"]
    own, shipped = next(pair for pair in loading.find_own_values(folder) if pair[0].file == "en/phrases.toml")
    assert (own.file, own.line, own.key, own.value) == ("en/phrases.toml", 2, "no_change.text", "Nothing yet.")
    assert shipped == values[1]


def test_an_own_value_equal_to_the_shipped_one_is_no_difference(folder: Path):
    (values,) = loading.find_values(folder, "no_change.text", "en/phrases.toml")
    (folder / "en" / "phrases.toml").write_text(f'[no_change]\ntext = "{values[0].value}"\n', "utf-8")
    assert "en/phrases.toml" not in {own.file for own, _ in loading.find_own_values(folder)}


def test_what_a_starter_says_otherwise_than_every_company_is_none_of_the_instances_own(folder: Path):
    assert {own.file for own, _ in loading.find_own_values(folder) if own.file.startswith("starters/")} == set()


def test_the_starters_words_for_a_service_count_under_its_names_only(tmp_path: Path):
    services = '[[service]]\nid = "payments"\nname = "Payments"\n\n[[service]]\nid = "returns"\nname = "PayPlus"\n'
    folder = write_company(tmp_path / "content", "shop", ["en", "zh-Hans"], services=services)
    assert nouns_of(folder) == {
        "en": {"payments": "payments", "returns": "PayPlus"},
        "zh-Hans": {"payments": "支付功能", "returns": "PayPlus"},
    }
    with (folder / "en" / "organisation.toml").open("a", encoding="utf-8") as file:
        file.write('[services.payments]\nname = "Basket"\n\n[services.returns]\nnoun = "the PayPlus desk"\n')
    assert nouns_of(folder) == {
        "en": {"payments": "Basket", "returns": "the PayPlus desk"},
        "zh-Hans": {"payments": "支付功能", "returns": "PayPlus"},
    }


def nouns_of(folder: Path) -> dict[str, dict[str, str]]:
    """What sentences call each service, by language."""
    packs = read(folder).packs.items()
    return {language: {id: words.noun for id, words in pack.services.items()} for language, pack in packs}
