"""Exact texts of one notice of every kind in five Asian languages, for three companies. Whoever changes one reads it
as a native reader of the language.

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
from tests.support.paths import ROOT
from tests.support.times import at
from tests.support.trial_company import CONTACT, write_company

GOLDEN = ROOT / "tests" / "golden" / "asian"
COMPANIES = ("demo", "saas", "shop")
LANGUAGES = ("ja", "ja-simple", "ko", "vi", "zh-Hans")
MEDIA = ("page", "mail", "x", "short")


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
    catalog, errors = read_content(_content(request.param, tmp_path_factory.mktemp("company") / "content"))
    assert catalog is not None, errors
    return request.param, catalog


def _one_of_each_kind(catalog: Catalog) -> Iterator[Trial]:
    """One notice of every kind, of another type of incident each time."""
    trials = generate_sample_notices(catalog, at("00:00"), "https://status.example.com")
    by_kind = groupby(sorted(trials, key=lambda trial: trial.notice), key=lambda trial: trial.notice)
    for number, (_, group) in enumerate(by_kind):
        same_kind = list(group)
        yield same_kind[number % len(same_kind)]


def _printed(words: NoticeText) -> str:
    bodies = (f"-- {medium}\n{words.media[medium].body}" for medium in MEDIA)
    return "\n".join((f"{words.label} | {words.status}", words.title, words.headline, *bodies)) + "\n"


def test_the_words_of_every_language_are_those_that_were_read(company: tuple[str, Catalog]):
    name, catalog = company
    texts: dict[str, list[str]] = {language: [] for language in LANGUAGES}
    for trial in _one_of_each_kind(catalog):
        words = compose(trial.notice, trial.facts, catalog=catalog, incident=trial.context, now=trial.now)
        for language, text in words.items():
            texts[language].append(f"===== {trial.facts.incident_type}, {trial.notice}\n{_printed(text)}")
    for language, parts in texts.items():
        file, whole = GOLDEN / f"{name}.{language}.txt", "\n".join(parts)
        if os.environ.get("GOLDEN") == "write":
            file.parent.mkdir(exist_ok=True)
            file.write_text(whole, "utf-8")
        assert whole == file.read_text("utf-8")
