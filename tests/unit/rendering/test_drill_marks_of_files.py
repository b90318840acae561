"""A drill's machine-readable files are not published if a single mark is missing."""

from __future__ import annotations

import pytest

from statuspage.domain.catalog import Catalog
from statuspage.integrations.history import archive
from statuspage.rendering.site import drill_marks
from statuspage.rendering.site.api import v2
from statuspage.rendering.site.feeds import calendar, history
from statuspage.rendering.site.widgets import badges, embed
from tests.support.recent_incidents import recent
from tests.support.site import DRILL, booking, drilled, maintenance, site_context


@pytest.fixture
def files(catalog: Catalog) -> dict[str, bytes]:
    """All of one drill."""
    here = site_context(drilled(catalog))
    work = maintenance(drilled(catalog), "announced", id="drillplan000")
    incidents = recent(booking(id="drillp2q7x4a", marks=DRILL), work)
    july = (2026, 7)
    return {
        **v2.api_files(here, incidents),
        **history.history_feed_files(here, incidents),
        **badges.badge_files(here, incidents),
        **embed.embed_files(here, incidents),
        **calendar.calendar_files(here, [work]),
        **archive.index_file(here, [july]),
        **archive.month_file(here, july, 2),
        **archive.archive_file(here, july, 1, [*incidents.incidents, *incidents.maintenances]),
    }


def test_they_have_all_their_marks(catalog: Catalog, files: dict[str, bytes]):
    assert len(files) > 20
    assert drill_marks.find_mark_faults(site_context(drilled(catalog)), files) == ()


@pytest.mark.parametrize(
    ("name", "mark", "instead", "lacking"),
    [
        ("api/v2/summary.json", '"cap_status":"Exercise"', '"cap_status":"Actual"', "cap_status"),
        ("api/v2/status.json", '"description":"【訓練】', '"description":"', "description"),
        ("history.rss", "<item><title>【訓練】", "<item><title>", "title"),
        ("history.atom", ":exercise/history", ":/history", "id of the feed"),
        ("en/embed.js", 'textContent="[DRILL] ', 'textContent="', "line"),
        ("en/embed.js", "/* [DRILL] ", "/* ", "head"),
        ("ja/embed.html", "<p>これは訓練です。</p>", "", "line"),
        ("ja/embed.html", "<title>【訓練】", "<title>", "title"),
        ("ja/badge.svg", ">訓練 ", ">", "text"),
        ("en/calendar.ics", "X-CAP-STATUS:Exercise", "X-CAP-STATUS:Actual", "X-CAP-STATUS"),
        ("history/2026-07-1.json", "[DRILL] Since about", "Since about", "text of a notice in en"),
        ("history/2026-07-1.json", '"id":"drill', '"id":"real', "id of an incident"),
        ("history/index.json", '"site":"【訓練】', '"site":"', "name of the site"),
    ],
)
def test_a_missing_mark_is_seen(
    catalog: Catalog, files: dict[str, bytes], name: str, mark: str, instead: str, lacking: str
):
    text = files[name].decode()
    assert mark in text
    broken = {name: text.replace(mark, instead).encode()}
    assert any(lacking in fault for fault in drill_marks.find_mark_faults(site_context(drilled(catalog)), broken))
