"""Exact texts of one notice of every kind in five Asian languages, for three companies. Whoever changes one reads it
as a native reader of the language.

With ``GOLDEN=write`` in the environment they are rewritten.
"""

from __future__ import annotations

import os

import pytest

from statuspage.domain import NoticeText
from statuspage.domain.catalog import Catalog
from statuspage.rendering.wording import compose
from tests.support.golden_companies import COMPANIES, company_catalog, one_of_each_kind
from tests.support.paths import ROOT

GOLDEN = ROOT / "tests" / "golden" / "asian"
LANGUAGES = ("ja", "ja-simple", "ko", "vi", "zh-Hans")
MEDIA = ("page", "mail", "x", "short")


@pytest.fixture(scope="module", params=COMPANIES)
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Catalog]:
    folder = tmp_path_factory.mktemp("company") / "content"
    return request.param, company_catalog(request.param, folder, LANGUAGES)


def _printed(words: NoticeText) -> str:
    bodies = (f"-- {medium}\n{words.media[medium].body}" for medium in MEDIA)
    return "\n".join((f"{words.label} | {words.status}", words.title, words.headline, *bodies)) + "\n"


def test_the_words_of_every_language_are_those_that_were_read(company: tuple[str, Catalog]):
    name, catalog = company
    texts: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for trial in one_of_each_kind(catalog):
        words = compose(trial.notice, trial.facts, catalog=catalog, incident=trial.context, now=trial.now)
        for language, text in words.items():
            texts[language].append(f"===== {trial.facts.incident_type}, {trial.notice}\n{_printed(text)}")
    for language, parts in texts.items():
        file, whole = GOLDEN / f"{name}.{language}.txt", "\n".join(parts)
        if os.environ.get("GOLDEN") == "write":
            file.parent.mkdir(exist_ok=True)
            file.write_text(whole, "utf-8")
        assert whole == file.read_text("utf-8")
