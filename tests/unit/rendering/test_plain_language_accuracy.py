"""The sentences on which the plain-language check is measured are those that were written before it was worked on."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from bench.plain import count_sentences
from statuspage.domain.catalog import Catalog

SENTENCES = Path(__file__).resolve().parents[2] / "plain"

SHA256 = {
    "sentences.tsv": "29b8ae9fb4cdd623392f2b451c23d15181f6e5d0c34c83a17b6cf91c21c6101e",
    "sentences2.tsv": "9bc9552a9838651db52c3280719cf03c73c2f83f163a77312083a911cd2beac3",
}
"""Committed before the lists and rules that are measured with them; see tests/plain/README.md."""


@pytest.mark.parametrize("name", SHA256)
def test_the_measured_sentences_are_unchanged(name: str) -> None:
    assert hashlib.sha256((SENTENCES / name).read_bytes()).hexdigest() == SHA256[name]


@pytest.mark.parametrize(("name", "false"), [("sentences", 0.06), ("sentences2", 0.04)])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_no_fewer_engineers_words_are_found_and_no_more_plain_sentences_than_were_measured(
    catalog: Catalog, language: str, name: str, false: float
) -> None:
    """The figures of docs/reference/plain-language.md: a change may not make them worse. A better figure is no claim,
    because it needs sentences that have not been measured with."""
    counts = count_sentences(catalog, name)
    assert counts[language, "all", "found"] >= 0.92 * counts[language, "all", "words"]
    assert counts[language, "all", "false"] <= false * counts[language, "all", "plain"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_plain_sentences_that_were_looked_at_have_no_finding_above_a_hint(catalog: Catalog, language: str) -> None:
    """No measure of accuracy: rules were changed while these were read."""
    counts = count_sentences(catalog, "seen")
    assert counts[language, "all", "plain"] == 50
    assert counts[language, "all", "false"] == 0
