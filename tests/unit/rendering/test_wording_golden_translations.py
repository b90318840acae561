"""Exact texts of one story for every kind of notice, in each language that the demo company does not speak, and of the
trades that it is not. A changed one is read by somebody who speaks the language.

With ``GOLDEN=write`` in the environment they are rewritten.
"""

from __future__ import annotations

import os

import pytest

from statuspage.domain import NoticeText
from statuspage.domain.catalog import Catalog
from statuspage.rendering.wording import compose
from tests.support.golden_companies import COMPANIES, company_catalog, one_of_each_kind
from tests.support.golden_stories import printed
from tests.support.paths import ROOT

GOLDEN = ROOT / "tests" / "golden" / "translations"
LANGUAGES = ("en", "de", "es", "fr", "pt-BR")


@pytest.fixture(scope="module", params=COMPANIES)
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Catalog]:
    folder = tmp_path_factory.mktemp("company") / "content"
    return request.param, company_catalog(request.param, folder, LANGUAGES)


def _briefly(words: NoticeText) -> str:
    """Title, page, post and what is read out on the phone: all sentences, in their three lengths."""
    bodies = [words.media[medium].body for medium in ("page", "x", "short")]
    return "\n".join([f"{words.label} | {words.title}", words.headline, *(f"\n{body}" for body in bodies)]) + "\n"


def test_the_words_of_every_language_and_trade_are_those_that_were_read(company: tuple[str, Catalog]):
    name, catalog = company
    told: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for trial in one_of_each_kind(catalog):
        words = compose(trial.notice, trial.facts, catalog=catalog, incident=trial.context, now=trial.now)
        for language, text in words.items():
            shown = printed(text) if name == "demo" else _briefly(text)
            told[language].append(f"===== {trial.facts.incident_type}, {trial.notice}\n{shown}")
    for language, texts in told.items():
        file, text = GOLDEN / f"{name}.{language}.txt", "\n".join(texts)
        if os.environ.get("GOLDEN") == "write":
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, "utf-8")
        assert text == file.read_text("utf-8")


def test_no_approved_text_is_left_over_from_a_language_that_is_gone():
    expected = {f"{company}.{language}.txt" for company in COMPANIES for language in LANGUAGES}
    assert {file.name for file in GOLDEN.glob("*")} == expected
