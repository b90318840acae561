"""The feeds: valid, byte-identical until something is published, and safe against any typed text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import feedparser
import pytest
from lxml import etree

from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import MediumText
from statuspage.domain.incident import Incident, Notice
from statuspage.rendering.site.feeds.notices import build_feeds, build_service_feeds
from tests.support.site import (
    DRILL,
    LANGUAGES,
    another,
    booking,
    drilled,
    maintenance,
    newest,
    only,
    over,
    site_context,
)
from tests.support.times import at

NAMES = [f"{language}/feed.{kind}" for language in LANGUAGES for kind in ("atom", "rss")]
ATOM = "{http://www.w3.org/2005/Atom}"


def written(incident: Incident, text: str) -> Incident:
    """The incident with this text, also as title, in every language."""
    entries = []
    for r in incident.entries:
        assert isinstance(r.entry, Notice)
        words = {
            language: replace(w, title=text, media={**w.media, "feed": MediumText(text, subject=text)})
            for language, w in r.entry.texts.items()
        }
        entries.append(replace(r, entry=replace(r.entry, texts=words)))
    return replace(incident, entries=tuple(entries))


@pytest.mark.parametrize("name", NAMES)
def test_a_feed_reader_finds_one_item_for_each_notice(catalog: Catalog, name: str):
    read = feedparser.parse(build_feeds(site_context(catalog), newest(over()))[name])
    assert read.bozo == 0
    language = name.partition("/")[0]
    assert [e.id for e in read.entries] == [f"tag:fitline.example,2026:k3m9p2q7x4ab/{n}/{language}" for n in (3, 2, 1)]
    assert read.entries[0].link == f"https://status.fitline.example/{language}/incidents/k3m9p2q7x4ab/#n-3"
    assert read.feed.link == f"https://status.fitline.example/{language}/"
    assert read.feed.language == language


def test_atom_names_its_author_and_every_date_has_a_zone(catalog: Catalog):
    root = etree.fromstring(build_feeds(site_context(catalog), newest(over()))["ja/feed.atom"])
    assert root.findtext(f"{ATOM}author/{ATOM}name") == "Fitline"
    assert root.findtext(f"{ATOM}updated") == "2026-07-04T04:15:00Z"
    assert {e.findtext(f"{ATOM}updated")[-1] for e in root.iter(f"{ATOM}entry")} == {"Z"}


def test_nothing_new_means_the_same_bytes(catalog: Catalog):
    assert build_feeds(site_context(catalog), newest(over())) == build_feeds(site_context(catalog), newest(over()))


@pytest.mark.parametrize("name", NAMES)
def test_a_feed_in_which_nothing_was_said_is_valid_and_stays_the_same(catalog: Catalog, name: str):
    first, second = (build_feeds(site_context(catalog), [])[name] for _ in range(2))
    assert first == second
    assert feedparser.parse(first).bozo == 0


@pytest.mark.parametrize("name", NAMES)
def test_dates_differ_and_decrease_even_when_notices_came_in_the_same_second(catalog: Catalog, name: str):
    began = at("12:00")
    burst = [another(f"i{n}", began + timedelta(microseconds=n), minutes=None) for n in range(6)]
    read = feedparser.parse(build_feeds(site_context(catalog), newest(*burst))[name])
    dates = [e.published_parsed for e in read.entries]
    assert dates == sorted(set(dates), reverse=True)
    assert len(dates) == 6


@pytest.mark.parametrize("name", NAMES)
def test_control_characters_cannot_break_a_feed(catalog: Catalog, name: str):
    feed_text = written(booking(), "a\x00b\x08c\x0bd\x1fe\ufffef\ud800g\x9fh <i>&amp; ]]>")
    read = feedparser.parse(build_feeds(site_context(catalog), newest(feed_text))[name])
    assert read.bozo == 0
    assert read.entries[0].title.startswith("abcdefgh")


def test_markup_in_a_text_stays_text(catalog: Catalog):
    root = etree.fromstring(
        build_feeds(site_context(catalog), newest(written(booking(), "<b>5 < 6</b>")))["en/feed.atom"]
    )
    assert root.findtext(f"{ATOM}entry/{ATOM}content") == "<p>&lt;b&gt;5 &lt; 6&lt;/b&gt;</p>"


@pytest.mark.parametrize(("minutes", "items"), [(1, 25), (5, 13), (90, 10)])
def test_a_feed_has_ten_items_and_at_most_25_if_they_are_of_the_last_hour(catalog: Catalog, minutes: int, items: int):
    began = at("00:00", "2026-07-01")
    many = [another(f"i{n}", began + timedelta(minutes=minutes * n), minutes=None) for n in range(40)]
    for data in build_feeds(site_context(catalog), newest(*many)).values():
        assert len(feedparser.parse(data).entries) == items


def test_a_feed_of_very_long_notices_has_fewer(catalog: Catalog):
    many = [written(another(f"i{n}", at("00:00") + timedelta(minutes=n)), "字" * 5_000) for n in range(8)]
    for data in build_feeds(site_context(catalog), newest(*many)).values():
        assert 0 < len(feedparser.parse(data).entries) < 8
        assert len(data) <= 50_000


def test_the_feed_of_a_service_has_a_name_of_its_own_and_the_same_items(catalog: Catalog):
    item = newest(over())
    own = feedparser.parse(build_service_feeds(site_context(catalog), "booking", item)["en/services/booking/feed.rss"])
    whole = feedparser.parse(build_feeds(site_context(catalog), item)["en/feed.rss"])
    assert own.bozo == 0
    assert own.feed.title == "Class booking: Fitline status"
    assert own.feed.link == "https://status.fitline.example/en/services/booking/"
    assert [(e.id, e.title, e.summary) for e in own.entries] == [(e.id, e.title, e.summary) for e in whole.entries]


def test_the_feed_of_a_service_has_its_newest_five_notices(catalog: Catalog):
    many = newest(*(another(f"i{n}", at("00:00") + timedelta(minutes=n), minutes=None) for n in range(9)))
    own = feedparser.parse(build_service_feeds(site_context(catalog), "gate", many)["en/services/gate/feed.rss"])
    assert [e.link.split("/")[-2] for e in own.entries] == ["i8", "i7", "i6", "i5", "i4"]


def test_rss_and_atom_have_the_same_items_at_the_same_times(catalog: Catalog):
    found = build_feeds(site_context(catalog), newest(over(), another("gate00000000", at("09:00"))))
    atom, rss = (feedparser.parse(found[f"en/feed.{kind}"]).entries for kind in ("atom", "rss"))
    assert [(e.id, e.title, e.link, e.published_parsed) for e in atom] == [
        (e.id, e.title, e.link, e.published_parsed) for e in rss
    ]
    assert [e.content[0].value for e in atom] == [e.summary for e in rss]


def test_planned_work_is_in_the_feed_with_each_of_its_notices(catalog: Catalog):
    work = maintenance(catalog, "announced", "started", "finished")
    read = feedparser.parse(build_feeds(site_context(catalog), newest(work))["en/feed.atom"])
    assert [e.title.partition(":")[0] for e in read.entries] == [
        "Maintenance finished",
        "Maintenance started",
        "Planned maintenance",
    ]


def test_an_item_in_another_language_alone_says_where_the_details_are(catalog: Catalog):
    read = feedparser.parse(build_feeds(site_context(catalog), newest(only(booking(), "ja")))["en/feed.atom"])
    assert len(read.entries) == 2
    assert "日本語" in read.entries[0].content[0].value


@pytest.mark.parametrize("name", NAMES)
def test_a_drill_is_marked_for_people_and_for_machines(catalog: Catalog, name: str):
    item = newest(booking(id="drill2026abc", marks=DRILL))
    read = feedparser.parse(build_feeds(site_context(drilled(catalog)), item)[name])
    live = feedparser.parse(build_feeds(site_context(catalog), newest(booking()))[name])
    start = DRILL[name.partition("/")[0]].start.strip()
    assert {tag.term for e in (read.feed, *read.entries) for tag in e.tags} == {"Exercise"}
    assert {tag.term for e in (live.feed, *live.entries) for tag in e.tags} == {"Actual"}
    assert all(title.startswith(start) for title in (read.feed.title, *(e.title for e in read.entries)))


def test_an_item_keeps_its_id_when_the_page_moves(catalog: Catalog):
    ids = [
        _ids(build_feeds(site_context(catalog, address=a), newest(over()))["ja/feed.atom"])
        for a in ("https://a.example", "")
    ]
    assert ids[0] == ids[1]


def _ids(data: bytes) -> Sequence[str]:
    return [e.id for e in feedparser.parse(data).entries]
