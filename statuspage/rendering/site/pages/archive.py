"""The archive pages: a month, an older part of a month, and a year with its months."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from statuspage.domain import Incident
from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import site_clock
from statuspage.rendering.site.pages.history_days import list_days
from statuspage.rendering.site.pages.month_paging import NEWEST_PAGE, ArchivePage
from statuspage.rendering.site.templating import PageLayout, render_page, site_label
from statuspage.rendering.wording import plural_form


@dataclass(frozen=True, slots=True)
class YearSummary:
    """A year with the number of incidents in each month, oldest first; None for the present month, so that a notice
    does not change the page.

    ``has_earlier`` and ``has_later`` say whether the neighbouring years have pages.
    """

    year: int
    months: tuple[tuple[int, int | None], ...]
    has_earlier: bool
    has_later: bool


def month_pages(
    site: SiteContext, archive_page: ArchivePage, incidents: Sequence[Incident], *, now: datetime
) -> dict[str, bytes]:
    """The page of a month, or of one of its older parts, in every language."""
    return {
        f"{urls.month(language, *archive_page.month, archive_page.page_number)}index.html": _month(
            site, language, archive_page, incidents, now
        )
        for language in site.catalog.languages
    }


def year_pages(site: SiteContext, year: YearSummary) -> dict[str, bytes]:
    """A year's page in every language."""
    return {
        f"{urls.year(language, year.year)}index.html": _year(site, language, year)
        for language in site.catalog.languages
    }


def _month(
    site: SiteContext, language: str, archive_page: ArchivePage, incidents: Sequence[Incident], now: datetime
) -> bytes:
    pack = site.language_pack(language)
    path = urls.month(language, *archive_page.month, archive_page.page_number)
    title = site_label(
        pack, "month.title", month=_page_title(site, language, archive_page.month, archive_page.page_number)
    )
    layout = PageLayout(language, path, path.removeprefix(f"{language}/"), "chk", title, title, ("lists",))
    view = {
        "days": list_days(site, language, incidents, now),
        "since": _record_start(site, language, archive_page.month),
        "earlier": _month_link(site, language, _before(archive_page)),
        "later": _month_link(site, language, _after(archive_page)),
        "year": (
            urls.year(language, archive_page.month[0]),
            site_label(pack, "year.title", year=archive_page.month[0]),
        ),
    }
    return render_page(site, layout, "month.html", view)


def _record_start(site: SiteContext, language: str, month: tuple[int, int]) -> str:
    """The first day on record, if it is in this month; "" otherwise."""
    day = site.catalog.site.history_start
    return site_clock(site, language).format_short_date(day) if day and (day.year, day.month) == month else ""


def _year(site: SiteContext, language: str, year: YearSummary) -> bytes:
    pack = site.language_pack(language)
    path = urls.year(language, year.year)
    title = site_label(pack, "year.title", year=year.year)
    format_year = site_clock(site, language).format_year
    layout = PageLayout(language, path, path.removeprefix(f"{language}/"), "chk", title, title, ("lists",))
    view = {
        "months": [
            (
                urls.month(language, year.year, month) if count != 0 else "",
                site_clock(site, language).format_month(year.year, month),
                site_label(pack, f"year.{plural_form(count, pack.locale_rules)}", n=count) if count else "",
            )
            for month, count in reversed(year.months)
        ],
        "earlier": (urls.year(language, year.year - 1), format_year(year.year - 1)) if year.has_earlier else None,
        "later": (urls.year(language, year.year + 1), format_year(year.year + 1)) if year.has_later else None,
    }
    return render_page(site, layout, "year.html", view)


PageNumber = tuple[tuple[int, int], int]
"""A month and one of its parts."""


def _before(archive_page: ArchivePage) -> PageNumber | None:
    page_number = archive_page.closed_count if archive_page.page_number == NEWEST_PAGE else archive_page.page_number - 1
    if page_number > 0:
        return archive_page.month, page_number
    return (urls.add_months(*archive_page.month, -1), NEWEST_PAGE) if archive_page.has_earlier else None


def _after(archive_page: ArchivePage) -> PageNumber | None:
    if archive_page.page_number != NEWEST_PAGE:
        return (
            archive_page.month,
            archive_page.page_number + 1 if archive_page.page_number < archive_page.closed_count else NEWEST_PAGE,
        )
    return (urls.add_months(*archive_page.month, 1), NEWEST_PAGE) if archive_page.has_later else None


def _month_link(site: SiteContext, language: str, target: PageNumber | None) -> tuple[str, str] | None:
    if target is None:
        return None
    month, page_number = target
    return urls.month(language, *month, page_number), _page_title(site, language, month, page_number)


def _page_title(site: SiteContext, language: str, month: tuple[int, int], page_number: int) -> str:
    name = site_clock(site, language).format_month(*month)
    return (
        site_label(site.language_pack(language), "month.part", month=name, number=page_number) if page_number else name
    )
