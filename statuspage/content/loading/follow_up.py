"""Reads from ``site.toml`` what is for the time after incidents: targets of the figures, where issues are made."""

from __future__ import annotations

import re
from dataclasses import asdict

from statuspage.content.loading.table_reader import Table
from statuspage.domain import MAX_RETENTION_DAYS, SHORTEST_RETENTION, IssueRepository, Retention, Targets

REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}")
"""OWNER/NAME, as GitHub allows them. Nothing in it changes the path of a request."""

MAX_LABEL_LENGTH = 50
"""Maximum characters of a label at GitHub."""


def read_targets(table: Table) -> Targets:
    """``[targets]``: whole minutes in a month, and a share from 1 to 100 percent."""
    major = _read_whole(table, "major_minutes", 0, 31 * 24 * 60)
    percent = _read_whole(table, "promises_percent", 1, 100)
    table.reject_unknown_keys()
    return Targets(major, percent)


def read_issues(table: Table) -> IssueRepository | None:
    """``[issues]``: the repository at GitHub and labels. None without the table."""
    if not table.values:
        return None
    name, labels = table.get_text("github"), table.get_texts("labels")
    if name and not REPOSITORY.fullmatch(name):
        table.add_error(f"“{name}” is not a repository; write it like “acme/operations”.", "github")
    for label in labels:
        if not 0 < len(label) <= MAX_LABEL_LENGTH:
            table.add_error(f"A label has 1 to {MAX_LABEL_LENGTH} characters.", "labels")
    table.reject_unknown_keys()
    return IssueRepository(name, labels) if REPOSITORY.fullmatch(name) else None


def read_retention(table: Table) -> Retention:
    """``[retention]``: for how many days each kind of record is kept."""
    days = {
        name: _read_whole(table, name, SHORTEST_RETENTION.get(name, 1), MAX_RETENTION_DAYS) or default
        for name, default in asdict(Retention()).items()
    }
    table.reject_unknown_keys()
    return Retention(**days)


def _read_whole(table: Table, key: str, lowest: int, highest: int) -> int | None:
    if key not in table.values:
        return None
    number = table.get_number(key, lowest, minimum=lowest)
    if number > highest or number != int(number):
        table.add_error(f"Write a whole number from {lowest} to {highest}.", key)
        return None
    return int(number)
