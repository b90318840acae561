"""Pages that change only with the content: how to subscribe, how to read the other pages, and *not found*."""

from __future__ import annotations

from urllib.parse import urlsplit

from statuspage.domain import Preferences, SubscriberType
from statuspage.rendering.site import urls
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import with_line_breaks
from statuspage.rendering.site.pages import qr_poster
from statuspage.rendering.site.pages.subscriber import service_choices, url_origin
from statuspage.rendering.site.templating import PageLayout, render_page, site_label


def guide_pages(site: SiteContext) -> dict[str, bytes]:
    """All of these pages in every language."""
    files: dict[str, bytes] = {}
    for language in site.catalog.languages:
        for path, name in ((urls.subscribe(language), "subscribe"), (urls.reading(language), "reading")):
            files[f"{path}index.html"] = _guide(site, language, path, name)
    return files | qr_poster.poster_files(site) | not_found_page(site) | {"robots.txt": _robots(site)}


def subscribe_pages(site: SiteContext) -> dict[str, bytes]:
    """The subscribe page in every language. Built separately, because the address of the sign-up may change at a
    restart."""
    paths = [(language, urls.subscribe(language)) for language in site.catalog.languages]
    return {f"{path}index.html": _guide(site, language, path, "subscribe") for language, path in paths}


def not_found_page(site: SiteContext) -> dict[str, bytes]:
    """The page for addresses that do not exist, with all languages on one page."""
    leading_pack = site.catalog.leading_pack
    layout = PageLayout(
        language=leading_pack.language,
        path="404.html",
        tail="",
        state="chk",
        title=site_label(leading_pack, "missing.title").replace("|", ""),
        description=site_label(leading_pack, "missing.text"),
        is_indexable=False,
        base_url=urlsplit(site.address).path.rstrip("/") + "/",
    )
    packs = [site.language_pack(language) for language in site.catalog.languages]
    sections = [
        (
            pack,
            with_line_breaks(site_label(pack, "missing.title")),
            site_label(pack, "missing.text"),
            site_label(pack, "missing.home"),
        )
        for pack in packs
    ]
    return {"404.html": render_page(site, layout, "not_found.html", {"sections": sections})}


def _robots(site: SiteContext) -> bytes:
    """``robots.txt``: search engines may index everything, but nothing of a drill."""
    return f"User-agent: *\nDisallow:{' /' if site.catalog.leading_pack.marks.word else ''}\n".encode()


def _guide(site: SiteContext, language: str, path: str, name: str) -> bytes:
    pack = site.language_pack(language)
    offered_kinds = site.kinds_offered_in(language) if name == "subscribe" else frozenset[SubscriberType]()
    signup_url = site.signup_url if offered_kinds else ""
    layout = PageLayout(
        language=language,
        path=path,
        tail=path.removeprefix(f"{language}/"),
        state="chk",
        title=site_label(pack, f"{name}.title"),
        description=site_label(pack, f"{name}.lead"),
        sections=("services", "guide", *(("code",) if name == "subscribe" else ()), *(("form",) if signup_url else ())),
        form_target=url_origin(signup_url),
    )
    view = {
        "services": service_choices(site, language),
        "signup_url": signup_url,
        "offered_kinds": offered_kinds,
        "preferences": Preferences(language),
    }
    return render_page(
        site, layout, f"{name}.html", {**view, "problems": (), "code": qr_poster.render_qr_code(site, language)}
    )
