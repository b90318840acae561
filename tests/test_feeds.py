"""The feeds: readable by readers, the same bytes while nothing was said, and nothing typed can break them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import feedparser
import pytest
from lxml import etree

from statuspage.catalog import Catalog
from statuspage.facts import Text
from statuspage.site.feeds import feeds
from statuspage.site.press import packed
from statuspage.timeline import Incident, Notice
from tests.fixtures_site import DRILL, another, booking, drilled, edition, newest, only, over
from tests.times import at

NAMES = ["ja/feed.atom", "ja/feed.rss", "en/feed.atom", "en/feed.rss"]
ATOM = "{http://www.w3.org/2005/Atom}"


def written(incident: Incident, text: str) -> Incident:
    """The incident with this text, and as title, in every language."""
    entries = []
    for r in incident.entries:
        assert isinstance(r.entry, Notice)
        words = {
            language: replace(w, title=text, media={**w.media, "feed": Text(text, subject=text)})
            for language, w in r.entry.words.items()
        }
        entries.append(replace(r, entry=replace(r.entry, words=words)))
    return replace(incident, entries=tuple(entries))


@pytest.mark.parametrize("name", NAMES)
def test_a_feed_reader_finds_one_item_for_each_notice(catalog: Catalog, name: str):
    read = feedparser.parse(feeds(edition(catalog), newest(over()))[name])
    assert read.bozo == 0
    language = name[:2]
    assert [e.id for e in read.entries] == [f"tag:fitline.example,2026:k3m9p2q7x4ab/{n}/{language}" for n in (3, 2, 1)]
    assert read.entries[0].link == f"https://status.fitline.example/{language}/incidents/k3m9p2q7x4ab/#n-3"
    assert read.feed.link == f"https://status.fitline.example/{language}/"
    assert read.feed.language == language


def test_atom_names_its_author_and_every_date_has_a_zone(catalog: Catalog):
    root = etree.fromstring(feeds(edition(catalog), newest(over()))["ja/feed.atom"])
    assert root.findtext(f"{ATOM}author/{ATOM}name") == "Fitline"
    assert root.findtext(f"{ATOM}updated") == "2026-07-04T04:15:00+00:00"
    assert {e.findtext(f"{ATOM}updated")[-6:] for e in root.iter(f"{ATOM}entry")} == {"+00:00"}


def test_nothing_new_means_the_same_bytes(catalog: Catalog):
    assert feeds(edition(catalog), newest(over())) == feeds(edition(catalog), newest(over()))


@pytest.mark.parametrize("name", NAMES)
def test_a_feed_in_which_nothing_was_said_is_valid_and_stays_the_same(catalog: Catalog, name: str):
    first, second = (feeds(edition(catalog), [])[name] for _ in range(2))
    assert first == second
    assert feedparser.parse(first).bozo == 0


@pytest.mark.parametrize("name", NAMES)
def test_dates_differ_and_decrease_even_when_notices_came_in_the_same_second(catalog: Catalog, name: str):
    began = at("12:00")
    burst = [another(f"i{n}", began + timedelta(microseconds=n), minutes=None) for n in range(6)]
    read = feedparser.parse(feeds(edition(catalog), newest(*burst))[name])
    dates = [e.published_parsed for e in read.entries]
    assert dates == sorted(set(dates), reverse=True)
    assert len(dates) == 6


@pytest.mark.parametrize("name", NAMES)
def test_control_characters_cannot_break_a_feed(catalog: Catalog, name: str):
    told = written(booking(), "a\x00b\x08c\x0bd\x1fe\ufffef\ud800g\x9fh <i>&amp; ]]>")
    read = feedparser.parse(feeds(edition(catalog), newest(told))[name])
    assert read.bozo == 0
    assert read.entries[0].title.startswith("abcdefgh")


def test_markup_in_a_text_stays_text(catalog: Catalog):
    root = etree.fromstring(feeds(edition(catalog), newest(written(booking(), "<b>5 < 6</b>")))["en/feed.atom"])
    assert root.findtext(f"{ATOM}entry/{ATOM}content") == "<p>&lt;b&gt;5 &lt; 6&lt;/b&gt;</p>"


@pytest.mark.parametrize(("length", "items"), [(40, 25), (60_000, 1)])
def test_a_feed_has_at_most_25_items_and_stays_small(catalog: Catalog, length: int, items: int):
    text = "".join(chr(0x4E00 + (n * 7919) % 20_000) for n in range(length))
    many = [written(another(f"i{n}", at("00:00") + timedelta(minutes=9 * n)), text) for n in range(40)]
    for data in feeds(edition(catalog), newest(*many)).values():
        found = feedparser.parse(data).entries
        assert len(found) == items
        assert items == 1 or len(packed(data)) <= 20_000


def test_an_item_in_another_language_alone_says_where_the_details_are(catalog: Catalog):
    read = feedparser.parse(feeds(edition(catalog), newest(only(booking(), "ja")))["en/feed.atom"])
    assert len(read.entries) == 2
    assert "日本語" in read.entries[0].content[0].value


@pytest.mark.parametrize("name", NAMES)
def test_a_drill_is_marked_for_people_and_for_machines(catalog: Catalog, name: str):
    said = newest(booking(id="drill2026abc", marks=DRILL))
    read = feedparser.parse(feeds(edition(drilled(catalog)), said)[name])
    live = feedparser.parse(feeds(edition(catalog), newest(booking()))[name])
    start = DRILL[name[:2]].start.strip()
    assert {tag.term for e in (read.feed, *read.entries) for tag in e.tags} == {"Exercise"}
    assert {tag.term for e in (live.feed, *live.entries) for tag in e.tags} == {"Actual"}
    assert all(title.startswith(start) for title in (read.feed.title, *(e.title for e in read.entries)))


def test_an_item_keeps_its_id_when_the_page_moves(catalog: Catalog):
    ids = [_ids(feeds(edition(catalog, address=a), newest(over()))["ja/feed.atom"]) for a in ("https://a.example", "")]
    assert ids[0] == ids[1]


def _ids(data: bytes) -> Sequence[str]:
    return [e.id for e in feedparser.parse(data).entries]
