"""The texts of a language by their dotted keys, to be compared with those of the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def language_texts(table: Mapping[str, Any]) -> dict[str, str]:
    """The texts of a language, without the tables that are not comparable."""
    return _flatten_texts({key: value for key, value in table.items() if key not in NOT_COMPARED})


NOT_COMPARED = ("locale_rules", "service_clauses")
"""Tables of the phrases that are as each language needs them."""


def _flatten_texts(table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Every text of nested tables under its dotted key; other values are checked elsewhere."""
    texts: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            texts.update(_flatten_texts(value, f"{prefix}{key}."))
        elif isinstance(value, str):
            texts[f"{prefix}{key}"] = value
    return texts
