"""RSS and Atom, one item for each notice: valid, and the same bytes as long as nothing was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from feedgen.feed import FeedGenerator
from markupsafe import escape

from statuspage.catalog import Book
from statuspage.site import Edition, paths
from statuspage.site.press import clean, label, packed
from statuspage.site.telling import words_of
from statuspage.timeline import Incident, RecordedNotice

WINDOW = 40
"""How many of the newest notices to pass in: some more than are shown, so that their dates do not depend on the cut."""

_SHOWN = 25
_LARGEST = 20_000  # bytes, compressed
_SCHEME = "urn:oasis:names:tc:emergency:cap:1.2"  # Common Alerting Protocol: its <status> says Actual or Exercise
_SILENCE = datetime(2000, 1, 1, tzinfo=UTC)  # date of a feed in which nothing was ever said
Said = tuple[Incident, RecordedNotice]


@dataclass(frozen=True, slots=True)
class _Item:
    id: str
    title: str
    html: str
    link: str
    at: datetime


def feeds(edition: Edition, newest: Sequence[Said]) -> dict[str, bytes]:
    """Both feeds in every language. ``newest`` are the newest notices of all incidents, newest first."""
    files: dict[str, bytes] = {}
    for language in edition.catalog.languages:
        items = _items(edition, language, newest)
        files |= _fitting(edition, edition.book(language), items)
    return files


def item_id(edition: Edition, language: str, incident: Incident, sequence: int) -> str:
    """The id of a notice in the feeds of one language; it never changes (RFC 4151)."""
    return f"tag:{edition.host},{incident.opened.year}:{incident.id}/{sequence}/{language}"


def _address(edition: Edition, place: str) -> str:
    """Where this is read. While nobody knows where the page is, the company's own site is better than nothing."""
    return f"{edition.address}/{place}" if edition.address else edition.catalog.site.home or "http://localhost/"


def _items(edition: Edition, language: str, newest: Sequence[Said]) -> list[_Item]:
    dates = _distinct([said.recorded for _, said in newest])
    return [_item(edition, language, incident, said, at) for (incident, said), at in zip(newest, dates, strict=True)][
        :_SHOWN
    ]


def _item(edition: Edition, language: str, incident: Incident, said: RecordedNotice, at: datetime) -> _Item:
    words = words_of(edition, language, incident, said)
    text = words.media["feed"]
    place = f"{paths.incident(language, incident.id)}#{paths.anchor(said.sequence)}"
    return _Item(
        id=item_id(edition, language, incident, said.sequence),
        title=clean(text.subject or words.title),
        html="".join(f"<p>{escape(line)}</p>" for line in clean(text.body).splitlines() if line.strip()),
        link=_address(edition, place),
        at=at,
    )


def _distinct(recorded: Sequence[datetime]) -> list[datetime]:
    """The same times to the whole second, newest first, each later than the next by at least a second."""
    dates: list[datetime] = []
    for at in reversed(recorded):
        whole = at.replace(microsecond=0)
        dates.append(max(whole, dates[-1] + timedelta(seconds=1)) if dates else whole)
    return dates[::-1]


def _fitting(edition: Edition, book: Book, items: list[_Item]) -> dict[str, bytes]:
    """Both feeds with as many of the newest items as fit the limit."""
    while True:
        files = _printed(edition, book, items)
        if len(items) <= 1 or all(len(packed(data)) <= _LARGEST for data in files.values()):
            return files
        items = items[: len(items) // 2]


def _printed(edition: Edition, book: Book, items: Sequence[_Item]) -> dict[str, bytes]:
    here = f"{book.language}/"
    atom, rss = (_feed(edition, book, items, name) for name in ("feed.atom", "feed.rss"))
    return {f"{here}feed.atom": atom.atom_str(pretty=True), f"{here}feed.rss": rss.rss_str(pretty=True)}


def _feed(edition: Edition, book: Book, items: Sequence[_Item], name: str) -> FeedGenerator:
    feed = FeedGenerator()
    here = f"{book.language}/"
    title = f"{book.marks.start}{book.site} {book.tagline}"
    feed.id(f"tag:{edition.host},2000:notices/{book.language}")
    feed.title(title)
    feed.description(book.marks.banner or label(book, "feed.about", site=book.site))
    feed.author(name=book.site)
    feed.language(book.language)
    feed.generator("statuspage")
    if edition.address:
        feed.link(href=_address(edition, f"{here}{name}"), rel="self")
    feed.link(href=_address(edition, here), rel="alternate")  # The last one becomes the channel's link in RSS.
    feed.category(term=book.marks.machine, scheme=_SCHEME)
    feed.updated(items[0].at if items else _SILENCE)
    feed.lastBuildDate(items[0].at if items else _SILENCE)
    for item in items:
        _add(feed, book, item)
    return feed


def _add(feed: FeedGenerator, book: Book, item: _Item) -> None:
    entry = feed.add_entry(order="append")
    entry.id(item.id)
    entry.guid(item.id, permalink=False)
    entry.title(item.title)
    entry.link(href=item.link)
    entry.content(item.html, type="html")
    entry.published(item.at)
    entry.updated(item.at)
    entry.category(term=book.marks.machine, scheme=_SCHEME)
