"""Exact texts of one story for every kind of notice, in each language that the demo company does not speak, and of the
trades that it is not. A changed one is read by somebody who speaks the language.

With ``GOLDEN=write`` in the environment they are rewritten.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

import pytest

from statuspage.content.loading.loader import read_content
from statuspage.content.validation.sample_incidents import Trial, generate_sample_notices
from statuspage.domain import NoticeText
from statuspage.domain.catalog import Catalog
from statuspage.rendering.wording import compose
from tests.support.content import DEMO
from tests.support.golden_stories import printed
from tests.support.paths import ROOT
from tests.support.times import at
from tests.support.trial_company import CONTACT, write_company

GOLDEN = ROOT / "tests" / "golden" / "translations"
COMPANIES = ("demo", "saas", "shop")
LANGUAGES = ("en", "de", "es", "fr", "pt-BR")


def _content(company: str, folder: Path) -> Path:
    if company != "demo":
        return write_company(folder, company, LANGUAGES, contact=CONTACT)
    shutil.copytree(DEMO, folder)
    (folder / "channels.toml").unlink()  # The channels of the demo company speak its own languages.
    site = folder / "site.toml"
    spoken = ", ".join(f'"{language}"' for language in LANGUAGES)
    site.write_text(re.sub(r"(?m)^languages = .*$", f"languages = [{spoken}]", site.read_text("utf-8")), "utf-8")
    return folder


@pytest.fixture(scope="module", params=COMPANIES)
def company(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Catalog]:
    folder = _content(request.param, tmp_path_factory.mktemp("company") / "content")
    catalog, errors = read_content(folder)
    assert catalog is not None, errors
    return request.param, catalog


def _one_of_each_kind(catalog: Catalog) -> Iterator[Trial]:
    """One notice of every kind, of another type of incident each time."""
    trials = sorted(
        generate_sample_notices(catalog, at("00:00"), "https://status.example.com"), key=lambda trial: trial.notice
    )
    for number, (_, group) in enumerate(groupby(trials, key=lambda trial: trial.notice)):
        same_kind = list(group)
        yield same_kind[number % len(same_kind)]


def _briefly(words: NoticeText) -> str:
    """Title, page, post and what is read out on the phone: all sentences, in their three lengths."""
    bodies = [words.media[medium].body for medium in ("page", "x", "short")]
    return "\n".join([f"{words.label} | {words.title}", words.headline, *(f"\n{body}" for body in bodies)]) + "\n"


def test_the_words_of_every_language_and_trade_are_those_that_were_read(company: tuple[str, Catalog]):
    name, catalog = company
    told: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for trial in _one_of_each_kind(catalog):
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
