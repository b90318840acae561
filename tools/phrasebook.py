"""Writes build/phrasebook.md: the texts of the shipped content as customers read them. Run by ``make phrasebook``."""

from __future__ import annotations

from pathlib import Path

from statuspage import bundled
from statuspage.content.loading.loader import read_content
from statuspage.content.validation.phrasebook import render_phrasebook
from tests.support.times import at

FILE = Path(__file__).resolve().parent.parent / "build" / "phrasebook.md"

HEAD = """# Phrase book

Every notice of every kind, as the sample company's customers get it: on the page, in a post, and read out on the phone.
Made from `content/` by `make phrasebook`; `statuspage preview --all` prints that of an instance.

"""


def text() -> str:
    """The whole file."""
    catalog, faults = read_content(bundled.folder("content") / "demo")
    assert catalog is not None, faults
    address = "https://status.fitline.example"
    return HEAD + render_phrasebook(catalog, catalog.languages, midnight=at("00:00"), address=address)


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text(), "utf-8")
