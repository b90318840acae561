"""Reads the content folder and collects every error in it."""

from statuspage.content.loading.folder import (
    STARTERS,
    ContentFolder,
    ShippedLanguage,
    describe_languages,
    desk_languages,
    shipped_languages,
    starters,
)
from statuspage.content.loading.loader import read_content
from statuspage.content.loading.own_values import LayerValue, find_own_values, find_values, known_keys
from statuspage.content.loading.queries import drill_marks, has_shipped_words, locate_errors, sample_alert
from statuspage.content.loading.service_words import is_called_otherwise
from statuspage.content.loading.table_reader import suggest
from statuspage.content.loading.toml_source import KeyPath, Statement, iter_statements

__all__ = [
    "STARTERS",
    "ContentFolder",
    "KeyPath",
    "LayerValue",
    "ShippedLanguage",
    "Statement",
    "describe_languages",
    "desk_languages",
    "drill_marks",
    "find_own_values",
    "find_values",
    "has_shipped_words",
    "is_called_otherwise",
    "iter_statements",
    "known_keys",
    "locate_errors",
    "read_content",
    "sample_alert",
    "shipped_languages",
    "starters",
    "suggest",
]
