"""The pages that list what was: a month, one of its older parts, a year with its months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from statuspage.domain import Incident
from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import site_clock
from statuspage.rendering.site.pages.history_days import by_day
from statuspage.rendering.site.pages.month_paging import NEWEST_PAGE, Part
from statuspage.rendering.site.templating import PageLayout, page, site_label
from statuspage.rendering.wording import one_or_many


@dataclass(frozen=True, slots=True)
class Year:
    """A year with how many incidents each of its months had, oldest first.

    ``earlier`` and ``later`` say whether the years beside it have pages.
    """

    number: int
    months: tuple[tuple[int, int], ...]
    earlier: bool
    later: bool


def months(edition: SiteContext, part: Part, found: Sequence[Incident], *, now: datetime) -> dict[str, bytes]:
    """A month's page, or one of its older parts, in every language."""
    return {
        f"{urls.month(language, *part.month, part.number)}index.html": _month(edition, language, part, found, now)
        for language in edition.catalog.languages
    }


def years(edition: SiteContext, year: Year) -> dict[str, bytes]:
    """A year's page in every language."""
    return {
        f"{urls.year(language, year.number)}index.html": _year(edition, language, year)
        for language in edition.catalog.languages
    }


def _month(edition: SiteContext, language: str, part: Part, found: Sequence[Incident], now: datetime) -> bytes:
    book = edition.book(language)
    path = urls.month(language, *part.month, part.number)
    title = site_label(book, "month.title", month=_page_title(edition, language, part.month, part.number))
    sheet = PageLayout(language, path, path.removeprefix(f"{language}/"), "chk", title, title, ("lists",))
    view = {
        "days": by_day(edition, language, found, now),
        "earlier": _linked(edition, language, _before(part)),
        "later": _linked(edition, language, _after(part)),
        "year": (urls.year(language, part.month[0]), site_label(book, "year.title", year=part.month[0])),
    }
    return page(edition, sheet, "month.html", view)


def _year(edition: SiteContext, language: str, year: Year) -> bytes:
    book = edition.book(language)
    path = urls.year(language, year.number)
    title = site_label(book, "year.title", year=year.number)
    name_of = site_clock(edition, language).year
    sheet = PageLayout(language, path, path.removeprefix(f"{language}/"), "chk", title, title, ("lists",))
    view = {
        "months": [
            (urls.month(language, year.number, number), site_clock(edition, language).month(year.number, number), said)
            for number, count in reversed(year.months)
            for said in [site_label(book, f"year.{one_or_many(count, book.writing)}", n=count) if count else ""]
        ],
        "earlier": (urls.year(language, year.number - 1), name_of(year.number - 1)) if year.earlier else None,
        "later": (urls.year(language, year.number + 1), name_of(year.number + 1)) if year.later else None,
    }
    return page(edition, sheet, "year.html", view)


PageNumber = tuple[tuple[int, int], int]
"""A month and one of its parts."""


def _before(part: Part) -> PageNumber | None:
    number = part.closed if part.number == NEWEST_PAGE else part.number - 1
    if number > 0:
        return part.month, number
    return (urls.step(*part.month, -1), NEWEST_PAGE) if part.earlier else None


def _after(part: Part) -> PageNumber | None:
    if part.number != NEWEST_PAGE:
        return part.month, part.number + 1 if part.number < part.closed else NEWEST_PAGE
    return (urls.step(*part.month, 1), NEWEST_PAGE) if part.later else None


def _linked(edition: SiteContext, language: str, place: PageNumber | None) -> tuple[str, str] | None:
    if place is None:
        return None
    month, number = place
    return urls.month(language, *month, number), _page_title(edition, language, month, number)


def _page_title(edition: SiteContext, language: str, month: tuple[int, int], number: int) -> str:
    name = site_clock(edition, language).month(*month)
    return site_label(edition.book(language), "month.part", month=name, number=number) if number else name
