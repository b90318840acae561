"""Reads the content folder, with every fault in it."""

from statuspage.content.loading.catalog import placed, read_content
from statuspage.content.loading.loader import Reading
from statuspage.content.loading.table_reader import meant
from statuspage.content.loading.toml_source import Path, Statement, dotted, statements

__all__ = ["Path", "Reading", "Statement", "dotted", "meant", "placed", "read_content", "statements"]
