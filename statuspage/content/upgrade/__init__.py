"""Compares a company's own content with that of a new program version."""

from statuspage.content.upgrade import diff, toml_insert
from statuspage.content.upgrade.diff import ContentKey, MissingContent, OwnContent, select_missing
from statuspage.content.upgrade.toml_insert import value_at

__all__ = ["ContentKey", "MissingContent", "OwnContent", "diff", "select_missing", "toml_insert", "value_at"]
