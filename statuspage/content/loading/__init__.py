"""Reads the content folder and collects every error in it."""

from statuspage.content.loading.loader import ContentReader, locate_errors, read_content
from statuspage.content.loading.table_reader import suggest
from statuspage.content.loading.toml_source import KeyPath, Statement, dotted_key, iter_statements

__all__ = [
    "ContentReader",
    "KeyPath",
    "Statement",
    "dotted_key",
    "iter_statements",
    "locate_errors",
    "read_content",
    "suggest",
]
