"""The page in the settings: names, addresses, contact, colours and logos, shown as readers would see it first."""

from __future__ import annotations

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
            failure = Failure(tuple(_problem(error) for error in errors))
            return make_response(_render(typed, failure), failure.status)
    except EditFailed as error:
        return make_response(_render(typed, Failure((FieldProblem("", str(error)),))), 422)
    if failed := keep_change(change, _field_of):
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
    return page_settings.TypedPage(texts, names, logos)


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


def _problem(error: ContentError) -> FieldProblem:
    return FieldProblem(_field_of(error), error.message, f"{error.file}:{error.line} {error.key}")


def _field_of(error: ContentError) -> str:
    """The field of an error: those of ``site.toml`` by their key, names with their language."""
    if error.file == page_settings.SITE_FILE:
        key = error.key.removeprefix("brand.")
        known = (*page_settings.KEYS, *page_settings.LOGOS)
        return error.key if error.key in known else key if key in known else ""
    language, _, file = error.file.partition("/")
    return f"{language}.{error.key}" if file == "organisation.toml" and error.key in page_settings.NAMES else ""


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
        logos={key: page_settings.logo_file(store, key) for key in page_settings.LOGOS},
        is_address_outside=public not in ("", present.texts["address"].rstrip("/")),
        address=env.site.address,
        probed=probed,
        seen=request.form["seen"] if is_open else store.fingerprint(watched),
        writable=store.is_writable(),
        failure=failure,
    )
