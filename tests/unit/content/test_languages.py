"""Every shipped language is complete: only data, and all its sentences can be used."""

from __future__ import annotations

from dataclasses import replace

import pytest

from statuspage.content import loading
from statuspage.content.validation.wording_check import check_wording
from statuspage.domain.catalog import Catalog
from tests.support.content import LANGUAGES, whole_copy
from tests.support.times import at

NOW = at("12:00")
SHIPPED = sorted(path.parent.name for path in LANGUAGES.glob("*/phrases.toml"))
MORE = [language for language in SHIPPED if language not in ("ja", "en")]


@pytest.fixture(scope="module")
def worldwide(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """The sample company in every language, with drill marks."""
    folder = whole_copy(tmp_path_factory.mktemp("worldwide") / "content")
    site = folder / "site.toml"
    lines = site.read_text(encoding="utf-8").splitlines()
    spoken = ", ".join(f'"{language}"' for language in SHIPPED)
    lines = [f"languages = [{spoken}]" if line.startswith("languages = ") else line for line in lines]
    site.write_text("\n".join(lines), encoding="utf-8")
    catalog, faults = loading.read_content(folder, with_marks=True)
    assert faults == ()
    assert catalog is not None
    return catalog


def test_these_languages_come_with_the_program():
    assert SHIPPED == ["de", "en", "es", "fr", "ja", "ja-simple", "ko", "pt-BR", "vi", "zh-Hans"]


def test_every_language_names_itself_and_says_whether_somebody_has_read_it(worldwide: Catalog):
    packs = worldwide.packs
    assert len({pack.name for pack in packs.values()}) == len(SHIPPED)
    assert {language for language in SHIPPED if packs[language].status == "reviewed"} == {"ja", "en", "ja-simple"}


@pytest.mark.slow
@pytest.mark.parametrize("language", MORE)
def test_every_sentence_of_a_language_can_be_said_and_fits(worldwide: Catalog, language: str):
    alone = replace(worldwide, site=replace(worldwide.site, languages=(language,)))
    assert [f"{fault.file} {fault.key}: {fault.message}" for fault in check_wording(alone, now=NOW)] == []


@pytest.mark.parametrize("language", MORE)
def test_a_language_only_the_page_speaks_has_no_words_for_staff(language: str):
    assert not (LANGUAGES / language / "desk.toml").exists()
