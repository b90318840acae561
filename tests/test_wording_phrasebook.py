"""The printed phrase book is what the content says."""

from __future__ import annotations

from statuspage.catalog import Catalog
from tests import phrasebook


def test_the_phrase_book_is_up_to_date():
    assert phrasebook.FILE.read_text("utf-8") == phrasebook.text(), "run `make phrasebook`"


def test_it_shows_every_kind_in_every_language(catalog: Catalog):
    printed = phrasebook.text()
    for kind in catalog.kinds:
        for book in catalog.books.values():
            assert book.phrases[f"kind.{kind}.name"] in printed
