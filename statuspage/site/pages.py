"""The pages of the public site, each as a named file in every language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from statuspage.site import Edition, paths
from statuspage.site.days import last_days, month_days
from statuspage.site.press import Sheet, label, page
from statuspage.site.standing import groups, overall, running, standing, still
from statuspage.site.telling import clock
from statuspage.site.views import ending, told
from statuspage.timeline import Incident


def fronts(
    edition: Edition, incidents: Sequence[Incident], *, months: Mapping[str, str], now: datetime
) -> dict[str, bytes]:
    """The front in every language, then the root in the leading one.

    ``incidents`` are the open ones and those of the last days; ``months`` maps a language to its newest month's folder.
    """
    files: dict[str, bytes] = {}
    for language in edition.catalog.languages:
        path = f"{language}/"
        files[f"{path}index.html"] = _front(edition, language, path, incidents, months[language], now)
    leading = edition.catalog.languages[0]
    return {**files, "index.html": _front(edition, leading, "", incidents, months[leading], now)}


def incidents(edition: Edition, incident: Incident, *, now: datetime) -> dict[str, bytes]:
    """The page of one incident in every language."""
    return {
        f"{paths.incident(language, incident.id)}index.html": _incident(edition, language, incident, now)
        for language in edition.catalog.languages
    }


def months(
    edition: Edition,
    month: tuple[int, int],
    found: Sequence[Incident],
    *,
    earlier: bool,
    later: bool,
    now: datetime,
) -> dict[str, bytes]:
    """The page of one month in every language; ``earlier`` and ``later`` say whether its neighbours have pages."""
    files: dict[str, bytes] = {}
    for language in edition.catalog.languages:
        files[f"{paths.month(language, *month)}index.html"] = _month(
            edition, language, month, found, earlier=earlier, later=later, now=now
        )
    return files


def missing(edition: Edition) -> dict[str, bytes]:
    """The page for an address that does not exist, in all languages on one page."""
    book = edition.catalog.leading
    sheet = Sheet(
        language=book.language,
        path="404.html",
        tail="",
        state="chk",
        title=label(book, "missing.title"),
        description=label(book, "missing.text"),
        kept=False,
        base=urlsplit(edition.address).path.rstrip("/") + "/",
    )
    books = [edition.book(language) for language in edition.catalog.languages]
    said = [(b, label(b, "missing.title"), label(b, "missing.text"), label(b, "missing.home")) for b in books]
    return {"404.html": page(edition, sheet, "missing.html", {"said": said})}


def _front(edition: Edition, language: str, path: str, found: Sequence[Incident], month: str, now: datetime) -> bytes:
    book, time = edition.book(language), clock(edition, language)
    open_now = running(found)
    states = standing(edition.catalog, open_now)
    cards = [told(edition, language, incident, now=now, today=True) for incident in open_now]
    well = label(book, "well.title")
    sheet = Sheet(
        language=language,
        path=path,
        tail="",
        state=overall(states, open_now),
        title=cards[0].plain if cards else well,
        description=cards[0].description if cards else label(book, "well.description", site=book.site),
        sections=("incident",) if cards else (),
    )
    view = {
        "cards": cards,
        "more": len(cards) - 1,
        "still": still(edition, language, states),
        "groups": groups(edition, language, states),
        "days": last_days(edition, language, found, now),
        "month": month,
        "as_of": (time.iso(now), time.day_clock(now)),
    }
    return page(edition, sheet, "front.html", view)


def _incident(edition: Edition, language: str, incident: Incident, now: datetime) -> bytes:
    shown = told(edition, language, incident, now=now, today=False)
    over = ending(edition, language, incident)
    path = paths.incident(language, incident.id)
    sheet = Sheet(
        language=language,
        path=path,
        tail=path.removeprefix(f"{language}/"),
        state="ok" if incident.told_over else shown.state,
        title=shown.title,
        description=shown.description,
        sections=("incident", "story") if incident.told_over else ("incident",),
    )
    template = "over.html" if incident.told_over else "incident.html"
    return page(edition, sheet, template, {"incident": shown, "ending": over})


def _month(
    edition: Edition,
    language: str,
    month: tuple[int, int],
    found: Sequence[Incident],
    *,
    earlier: bool,
    later: bool,
    now: datetime,
) -> bytes:
    book, time = edition.book(language), clock(edition, language)
    path = paths.month(language, *month)
    title = label(book, "month.title", month=time.month(*month))
    sheet = Sheet(language, path, path.removeprefix(f"{language}/"), "chk", title, title)
    view = {
        "days": month_days(edition, language, found, now),
        "earlier": _neighbour(edition, language, month, -1) if earlier else None,
        "later": _neighbour(edition, language, month, 1) if later else None,
    }
    return page(edition, sheet, "month.html", view)


def _neighbour(edition: Edition, language: str, month: tuple[int, int], by: int) -> tuple[str, str]:
    there = paths.step(*month, by)
    return paths.month(language, *there), clock(edition, language).month(*there)
