"""Companies of several trades with content in given languages, and one notice of every kind of theirs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from statuspage.content.loading.loader import read_content
from statuspage.content.validation.sample_incidents import Trial, generate_sample_notices
from statuspage.domain.catalog import Catalog
from tests.support.content import DEMO
from tests.support.times import at
from tests.support.trial_company import CONTACT, write_company

COMPANIES = ("demo", "saas", "shop")


def company_catalog(company: str, folder: Path, languages: tuple[str, ...]) -> Catalog:
    """The content of this company in these languages, written into the folder."""
    catalog, errors = read_content(_content(company, folder, languages))
    assert catalog is not None, errors
    return catalog


def _content(company: str, folder: Path, languages: tuple[str, ...]) -> Path:
    if company != "demo":
        return write_company(folder, company, languages, contact=CONTACT)
    shutil.copytree(DEMO, folder)
    (folder / "channels.toml").unlink()  # The channels of the demo company speak its own languages.
    site = folder / "site.toml"
    spoken = ", ".join(f'"{language}"' for language in languages)
    site.write_text(re.sub(r"(?m)^languages = .*$", f"languages = [{spoken}]", site.read_text("utf-8")), "utf-8")
    return folder


def one_of_each_kind(catalog: Catalog) -> Iterator[Trial]:
    """One notice of every kind, of another type of incident each time."""
    trials = generate_sample_notices(catalog, at("00:00"), "https://status.example.com")
    by_kind = groupby(sorted(trials, key=lambda trial: trial.notice), key=lambda trial: trial.notice)
    for number, (_, group) in enumerate(by_kind):
        same_kind = list(group)
        yield same_kind[number % len(same_kind)]
