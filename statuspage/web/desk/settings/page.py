"""The page in the settings: names, addresses, contact, look and links, shown as readers would see it first."""

from __future__ import annotations

import re
from functools import partial

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.content.editing import EditFailed
from statuspage.domain import Catalog, ContentError
from statuspage.usecases import instance
from statuspage.usecases.company_preview import CompanyPreview
from statuspage.usecases.settings import page_settings
from statuspage.web.desk import request_context
from statuspage.web.desk.settings.outcomes import Failure, FieldProblem, content_store, keep_change

pages = Blueprint("page_settings", __name__)

MOST_TEXT = 300

PREVIEW_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'none'"
"""The preview is a page as readers get it, without its scripts: it may not act on the desk."""


@pages.get("/settings/page")
def show_page() -> str:
    """Shows what the page is called, where it is and how it looks."""
    return _render(page_settings.present(content_store(), _languages()))


@pages.post("/settings/page")
def change_page() -> Response:
    """Keeps what was typed, shows the page with it, or looks whether the page is at its address."""
    store, typed = content_store(), _typed()
    do = request.form.get("do", "")
    if do == "probe":
        return make_response(_render(typed, probed=_probe()))
    try:
        change = page_settings.change_page(store, typed, _languages(), seen=request.form.get("seen", ""))
        if do in ("preview", "preview_incident"):
            catalog, errors = page_settings.preview(store, change)
            if catalog is not None and not errors:
                return _preview(catalog, in_incident=do == "preview_incident")
            failure = Failure(tuple(_problem(typed, error) for error in errors))
            return make_response(_render(typed, failure), failure.status)
    except EditFailed as error:
        return make_response(_render(typed, Failure((FieldProblem("", str(error)),))), 422)
    if failed := keep_change(change, partial(_field_of, typed)):
        return make_response(_render(typed, failed), failed.status)
    return redirect(url_for("page_settings.show_page"), 303)


def _languages() -> tuple[str, ...]:
    return _catalog().site.languages


def _catalog() -> Catalog:
    return request_context.env().site.catalog


def _typed() -> page_settings.TypedPage:
    form = request.form
    names = {
        language: {key: form.get(f"{language}.{key}", "").strip()[:MOST_TEXT] for key in page_settings.NAMES}
        for language in _languages()
        if f"{language}.site_name" in form
    }
    texts = {key: form[key].strip()[:MOST_TEXT] for key in page_settings.KEYS if key in form}
    logos: dict[str, bytes | None] = {}
    for key in page_settings.LOGOS:
        upload = request.files.get(key)
        if upload and upload.filename:
            logos[key] = upload.read(page_settings.MAX_UPLOAD)
        elif f"{key}.remove" in form:
            logos[key] = None
    return page_settings.TypedPage(texts, names, logos, _typed_links())


def _typed_links() -> tuple[page_settings.TypedLink, ...] | None:
    """The rows of links as typed; None where the form had none."""
    form = request.form
    links = [
        page_settings.TypedLink(
            form[f"link.{number}.address"].strip()[:MOST_TEXT],
            {each: form.get(f"link.{number}.name.{each}", "").strip()[:MOST_TEXT] for each in _languages()},
        )
        for number in range(page_settings.MOST_LINKS + 1)
        if f"link.{number}.address" in form
    ]
    return tuple(links) or None


def _preview(catalog: Catalog, *, in_incident: bool) -> Response:
    files = CompanyPreview(catalog, request_context.now()).front_pages(in_incident=in_incident)
    language = request_context.language() if request_context.language() in catalog.site.languages else ""
    response = make_response(files[f"{language or catalog.site.languages[0]}/index.html"])
    response.headers["Content-Type"] = "text/html; charset=utf-8"
    response.headers["Content-Security-Policy"] = PREVIEW_POLICY
    return response


def _probe() -> str:
    """Whether the page is at the address that is in force, as a sentence."""
    env, translator = request_context.env(), request_context.translator()
    if not env.site.address:
        return translator.t("page_settings.no_address")
    problem = page_settings.probe(env)
    key = "there" if not problem else "other" if problem == page_settings.OTHER else "not_there"
    return translator.t(f"page_settings.{key}", address=env.site.address, reason=problem)


def _problem(typed: page_settings.TypedPage, error: ContentError) -> FieldProblem:
    return FieldProblem(_field_of(typed, error), error.message, f"{error.file}:{error.line} {error.key}")


def _field_of(typed: page_settings.TypedPage, error: ContentError) -> str:
    """The field of an error: those of ``site.toml`` by their key, names with their language."""
    if link := _LINK.fullmatch(error.key):
        rows = [number for number, each in enumerate(typed.links or ()) if each.address or any(each.names.values())]
        number = int(link[1]) - 1
        part = link[2] if link[2] != "name" else f"name.{_languages()[0]}"
        return f"link.{rows[number]}.{part or 'address'}" if number < len(rows) else ""
    if error.file == page_settings.SITE_FILE:
        key = error.key.removeprefix("brand.")
        known = (*page_settings.KEYS, *page_settings.LOGOS)
        return error.key if error.key in known else key if key in known else ""
    language, _, file = error.file.partition("/")
    return f"{language}.{error.key}" if file == "organisation.toml" and error.key in page_settings.NAMES else ""


_LINK = re.compile(r"brand\.link\.(\d+)(?:\.(address|name|name\..+))?")
"""The key of an error about a link."""


def _rows_of_links(links: tuple[page_settings.TypedLink, ...]) -> list[page_settings.TypedLink]:
    """The links, and an empty row for one more."""
    empty = [] if len(links) >= page_settings.MOST_LINKS else [page_settings.TypedLink()]
    return [*(each for each in links if each.address or any(each.names.values())), *empty]


def _render(typed: page_settings.TypedPage, failure: Failure | None = None, *, probed: str = "") -> str:
    env, store, catalog = request_context.env(), content_store(), _catalog()
    present = page_settings.present(store, _languages())
    is_open = "seen" in request.form and not failure
    public = instance.public_address(env.home, env.site.address)
    watched = page_settings.watched_files(_languages())
    return render_template(
        "settings/page.html",
        section="settings",
        texts={**present.texts, **typed.texts},
        present=present if failure and failure.conflict else None,
        editable={key: page_settings.is_editable(store, key) for key in page_settings.KEYS},
        names=[
            (language, catalog.packs[language].name, {**present.names[language], **typed.names.get(language, {})})
            for language in _languages()
        ],
        made={language: catalog.packs[language].site for language in _languages()},
        links=_rows_of_links((present.links if typed.links is None else typed.links) or ()),
        languages=[(language, catalog.packs[language].name) for language in _languages()],
        logos={key: page_settings.logo_file(store, key) for key in page_settings.LOGOS},
        is_address_outside=public not in ("", present.texts["address"].rstrip("/")),
        address=env.site.address,
        probed=probed,
        seen=request.form["seen"] if is_open else store.fingerprint(watched),
        writable=store.is_writable(),
        failure=failure,
    )
