"""The pages of the public site, each as a named file in every language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from urllib.parse import urlsplit

from statuspage.facts import State
from statuspage.site import Edition, paths
from statuspage.site.days import last_days, month_days
from statuspage.site.parts import NEWEST, Part
from statuspage.site.press import Sheet, label, page
from statuspage.site.standing import groups, overall, running, standing, still
from statuspage.site.telling import broken, clock
from statuspage.site.views import ending, told
from statuspage.timeline import Incident


def fronts(
    edition: Edition, incidents: Sequence[Incident], *, counts: Mapping[date, int], now: datetime
) -> dict[str, bytes]:
    """The front in every language, then the root in the leading one.

    ``incidents`` are the open ones and the newest of each of the last days, ``counts`` how many each day had in all.
    """
    files: dict[str, bytes] = {}
    for language in edition.catalog.languages:
        path = f"{language}/"
        files[f"{path}index.html"] = _front(edition, language, path, incidents, counts, now)
    return {**files, "index.html": _front(edition, edition.catalog.languages[0], "", incidents, counts, now)}


def incidents(edition: Edition, incident: Incident, *, now: datetime) -> dict[str, bytes]:
    """The page of one incident in every language."""
    return {
        f"{paths.incident(language, incident.id)}index.html": _incident(edition, language, incident, now)
        for language in edition.catalog.languages
    }


def months(edition: Edition, part: Part, found: Sequence[Incident], *, now: datetime) -> dict[str, bytes]:
    """A month's page, or one of its older parts, in every language."""
    return {
        f"{paths.month(language, *part.month, part.number)}index.html": _month(edition, language, part, found, now)
        for language in edition.catalog.languages
    }


def missing(edition: Edition) -> dict[str, bytes]:
    """The page for an address that does not exist, in all languages on one page."""
    book = edition.catalog.leading
    sheet = Sheet(
        language=book.language,
        path="404.html",
        tail="",
        state="chk",
        title=label(book, "missing.title").replace("|", ""),
        description=label(book, "missing.text"),
        kept=False,
        base=urlsplit(edition.address).path.rstrip("/") + "/",
    )
    books = [edition.book(language) for language in edition.catalog.languages]
    said = [(b, broken(label(b, "missing.title")), label(b, "missing.text"), label(b, "missing.home")) for b in books]
    return {"404.html": page(edition, sheet, "missing.html", {"said": said})}


def _front(
    edition: Edition, language: str, path: str, found: Sequence[Incident], counts: Mapping[date, int], now: datetime
) -> bytes:
    book, time = edition.book(language), clock(edition, language)
    open_now = running(found)
    states = standing(edition.catalog, open_now)
    cards = [told(edition, language, incident, now=now, beside=True) for incident in open_now]
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
        "well": broken(label(book, "well.headline")),
        "more": len(cards) - 1,
        "still": still(edition, language, states),
        "groups": groups(edition, language, states),
        "key": [
            state for state in ("ok", "part", "down", "chk") if state != "chk" or State.CHECKING in states.values()
        ],
        "days": last_days(edition, language, found, counts, now),
        "month": paths.month(language, *paths.month_of(now, edition.catalog.site.zone)),
        "as_of": (time.iso(now), time.day_clock(now)),
    }
    return page(edition, sheet, "front.html", view)


def _incident(edition: Edition, language: str, incident: Incident, now: datetime) -> bytes:
    shown = told(edition, language, incident, now=now, beside=False)
    over = ending(edition, language, incident)
    path = paths.incident(language, incident.id)
    sheet = Sheet(
        language=language,
        path=path,
        tail=path.removeprefix(f"{language}/"),
        state="ok" if incident.told_over else shown.state,
        title=shown.title,
        description=shown.description,
        sections=("incident", "own", "story") if incident.told_over else ("incident", "own"),
    )
    template = "over.html" if incident.told_over else "incident.html"
    return page(edition, sheet, template, {"incident": shown, "ending": over})


def _month(edition: Edition, language: str, part: Part, found: Sequence[Incident], now: datetime) -> bytes:
    book = edition.book(language)
    path = paths.month(language, *part.month, part.number)
    title = label(book, "month.title", month=_named(edition, language, part.month, part.number))
    sheet = Sheet(language, path, path.removeprefix(f"{language}/"), "chk", title, title)
    view = {
        "days": month_days(edition, language, found, now),
        "earlier": _linked(edition, language, _before(part)),
        "later": _linked(edition, language, _after(part)),
    }
    return page(edition, sheet, "month.html", view)


Place = tuple[tuple[int, int], int]
"""A month and one of its parts."""


def _before(part: Part) -> Place | None:
    number = part.closed if part.number == NEWEST else part.number - 1
    if number > 0:
        return part.month, number
    return (paths.step(*part.month, -1), NEWEST) if part.earlier else None


def _after(part: Part) -> Place | None:
    if part.number != NEWEST:
        return part.month, part.number + 1 if part.number < part.closed else NEWEST
    return (paths.step(*part.month, 1), NEWEST) if part.later else None


def _linked(edition: Edition, language: str, place: Place | None) -> tuple[str, str] | None:
    if place is None:
        return None
    month, number = place
    return paths.month(language, *month, number), _named(edition, language, month, number)


def _named(edition: Edition, language: str, month: tuple[int, int], number: int) -> str:
    name = clock(edition, language).month(*month)
    return label(edition.book(language), "month.part", month=name, number=number) if number else name
