"""The sentences on which the plain-language check is measured are those that were written before it was worked on."""

from __future__ import annotations

import hashlib
from pathlib import Path

SENTENCES = Path(__file__).resolve().parents[2] / "plain" / "sentences.tsv"

SHA256 = "29b8ae9fb4cdd623392f2b451c23d15181f6e5d0c34c83a17b6cf91c21c6101e"
"""Committed before the lists and rules that are measured with it; see tests/plain/README.md."""


def test_the_measured_sentences_are_unchanged() -> None:
    assert hashlib.sha256(SENTENCES.read_bytes()).hexdigest() == SHA256
