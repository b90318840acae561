"""Pages that change only with the content: ways to be told, how to read the others, and the one for a lost reader."""

from __future__ import annotations

from urllib.parse import urlsplit

from statuspage.domain import Kind, Wish
from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import broken
from statuspage.rendering.site.pages import qr_poster
from statuspage.rendering.site.pages.subscriber import origin, service_choices
from statuspage.rendering.site.templating import PageLayout, page, site_label


def guides(edition: SiteContext) -> dict[str, bytes]:
    """All of them in every language."""
    files: dict[str, bytes] = {}
    for language in edition.catalog.languages:
        for path, name in ((urls.subscribe(language), "subscribe"), (urls.reading(language), "reading")):
            files[f"{path}index.html"] = _guide(edition, language, path, name)
    return files | qr_poster.poster_files(edition) | missing(edition) | {"robots.txt": _robots(edition)}


def ways(edition: SiteContext) -> dict[str, bytes]:
    """The ways to be told in every language: where mail is asked for may change from one start to the next."""
    there = [(language, urls.subscribe(language)) for language in edition.catalog.languages]
    return {f"{path}index.html": _guide(edition, language, path, "subscribe") for language, path in there}


def missing(edition: SiteContext) -> dict[str, bytes]:
    """The page for an address that does not exist, in all languages on one page."""
    book = edition.catalog.leading
    sheet = PageLayout(
        language=book.language,
        path="404.html",
        tail="",
        state="chk",
        title=site_label(book, "missing.title").replace("|", ""),
        description=site_label(book, "missing.text"),
        kept=False,
        base=urlsplit(edition.address).path.rstrip("/") + "/",
    )
    books = [edition.book(language) for language in edition.catalog.languages]
    said = [
        (b, broken(site_label(b, "missing.title")), site_label(b, "missing.text"), site_label(b, "missing.home"))
        for b in books
    ]
    return {"404.html": page(edition, sheet, "missing.html", {"said": said})}


def _robots(edition: SiteContext) -> bytes:
    """What search engines may read: everything, and nothing of a drill."""
    return f"User-agent: *\nDisallow:{' /' if edition.catalog.leading.marks.word else ''}\n".encode()


def _guide(edition: SiteContext, language: str, path: str, name: str) -> bytes:
    book, offers = edition.book(language), edition.offered(language) if name == "subscribe" else frozenset[Kind]()
    own = edition.own_pages if offers else ""
    sheet = PageLayout(
        language=language,
        path=path,
        tail=path.removeprefix(f"{language}/"),
        state="chk",
        title=site_label(book, f"{name}.title"),
        description=site_label(book, f"{name}.lead"),
        sections=("services", "guide", *(("code",) if name == "subscribe" else ()), *(("form",) if own else ())),
        form=origin(own),
    )
    view = {"services": service_choices(edition, language), "own": own, "offers": offers, "wish": Wish(language)}
    return page(edition, sheet, f"{name}.html", {**view, "problems": (), "code": qr_poster.code(edition, language)})
