"""``incident list``: the desk's list of incidents at the terminal."""

from __future__ import annotations

import csv
import io

import pytest

from tests.support.instance import Cli, cli, home

__all__ = ["cli", "home"]

REPORT = ("report", "--incident-type", "booking", "--start", "about:5m", "--yes", "--quiet")


@pytest.fixture
def published(cli: Cli) -> Cli:
    """An instance with one open incident of bookings."""
    assert cli(*REPORT).code == 0
    return cli


def test_an_incident_is_found_by_two_japanese_characters(published: Cli) -> None:
    (found,) = published("incident", "list", "予約", "--json").json
    assert (found["type"], found["is_over"], found["promises_made"]) == ("booking", False, 0)
    assert published("incident", "list", "津波", "--json").json == []


def test_the_file_has_the_columns_of_the_json(published: Cli) -> None:
    (found,) = published("incident", "list", "--group", "open", "--json").json
    header, row = csv.reader(io.StringIO(published("incident", "list", "--csv").out))
    assert header == [*found]
    assert row[0] == found["id"]


def test_an_unknown_cause_is_refused_with_those_there_are(published: Cli) -> None:
    refused = published("incident", "list", "--cause", "gremlins")
    assert refused.code == 2
    assert "machine" in refused.err
