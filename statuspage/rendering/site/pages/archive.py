"""The pages that list what was: a month, one of its older parts, a year with its months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from statuspage.domain.incident import Incident
from statuspage.rendering.site import Edition, urls
from statuspage.rendering.site.displayed_words import clock
from statuspage.rendering.site.pages.history_days import by_day
from statuspage.rendering.site.pages.month_paging import NEWEST, Part
from statuspage.rendering.site.templating import Sheet, label, page
from statuspage.rendering.wording.locale_format import one_or_many


@dataclass(frozen=True, slots=True)
class Year:
    """A year with how many incidents each of its months had, oldest first.

    ``earlier`` and ``later`` say whether the years beside it have pages.
    """

    number: int
    months: tuple[tuple[int, int], ...]
    earlier: bool
    later: bool


def months(edition: Edition, part: Part, found: Sequence[Incident], *, now: datetime) -> dict[str, bytes]:
    """A month's page, or one of its older parts, in every language."""
    return {
        f"{urls.month(language, *part.month, part.number)}index.html": _month(edition, language, part, found, now)
        for language in edition.catalog.languages
    }


def years(edition: Edition, year: Year) -> dict[str, bytes]:
    """A year's page in every language."""
    return {
        f"{urls.year(language, year.number)}index.html": _year(edition, language, year)
        for language in edition.catalog.languages
    }


def _month(edition: Edition, language: str, part: Part, found: Sequence[Incident], now: datetime) -> bytes:
    book = edition.book(language)
    path = urls.month(language, *part.month, part.number)
    title = label(book, "month.title", month=_named(edition, language, part.month, part.number))
    sheet = Sheet(language, path, path.removeprefix(f"{language}/"), "chk", title, title, ("lists",))
    view = {
        "days": by_day(edition, language, found, now),
        "earlier": _linked(edition, language, _before(part)),
        "later": _linked(edition, language, _after(part)),
        "year": (urls.year(language, part.month[0]), label(book, "year.title", year=part.month[0])),
    }
    return page(edition, sheet, "month.html", view)


def _year(edition: Edition, language: str, year: Year) -> bytes:
    book = edition.book(language)
    path = urls.year(language, year.number)
    title = label(book, "year.title", year=year.number)
    name_of = clock(edition, language).year
    sheet = Sheet(language, path, path.removeprefix(f"{language}/"), "chk", title, title, ("lists",))
    view = {
        "months": [
            (urls.month(language, year.number, number), clock(edition, language).month(year.number, number), said)
            for number, count in reversed(year.months)
            for said in [label(book, f"year.{one_or_many(count, book.writing)}", n=count) if count else ""]
        ],
        "earlier": (urls.year(language, year.number - 1), name_of(year.number - 1)) if year.earlier else None,
        "later": (urls.year(language, year.number + 1), name_of(year.number + 1)) if year.later else None,
    }
    return page(edition, sheet, "year.html", view)


Place = tuple[tuple[int, int], int]
"""A month and one of its parts."""


def _before(part: Part) -> Place | None:
    number = part.closed if part.number == NEWEST else part.number - 1
    if number > 0:
        return part.month, number
    return (urls.step(*part.month, -1), NEWEST) if part.earlier else None


def _after(part: Part) -> Place | None:
    if part.number != NEWEST:
        return part.month, part.number + 1 if part.number < part.closed else NEWEST
    return (urls.step(*part.month, 1), NEWEST) if part.later else None


def _linked(edition: Edition, language: str, place: Place | None) -> tuple[str, str] | None:
    if place is None:
        return None
    month, number = place
    return urls.month(language, *month, number), _named(edition, language, month, number)


def _named(edition: Edition, language: str, month: tuple[int, int], number: int) -> str:
    name = clock(edition, language).month(*month)
    return label(edition.book(language), "month.part", month=name, number=number) if number else name
