"""Words in the settings: find a sentence, see where it is said, say it otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from statuspage.domain import Catalog, ContentError, NoticeKind
from statuspage.usecases.settings import word_settings
from statuspage.web.desk import request_context
from statuspage.web.desk.settings.outcomes import Failure, content_store, keep_change

pages = Blueprint("word_settings", __name__)

MOST_TEXT = 1000
"""The maximum number of characters of a sentence; longer ones are cut off before they are checked."""


FIRST_MEDIA = ("page", "x", "short")
"""The media that are shown at once; the others are folded."""


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A sentence that was found: its text with the words searched for, and what it is about."""

    key: str
    text: Markup
    is_own: bool


@dataclass(frozen=True, slots=True)
class LanguageText:
    """The sentence in one language, as typed or as it is, and what the program supplies."""

    language: str
    name: str
    text: str
    supplied: str
    present: str
    state: str


@dataclass(frozen=True, slots=True)
class Example:
    """Where a sentence is said: the notice, and for each medium the text with the sentence marked. ``others``
    are the media that are read after those of ``FIRST_MEDIA``."""

    notice: str
    texts: list[tuple[str, Markup]]
    others: list[tuple[str, Markup]]


@pages.get("/settings/words")
def show_words() -> str:
    """Finds sentences."""
    catalog, query = _catalog(), request.args.get("q", "")[:200]
    notice = _notice(request.args.get("notice", ""))
    keys = word_settings.search(catalog, request_context.language(), query, notice) if query or notice else ()
    return _render_list(query, notice, keys)


@pages.get("/settings/words/sentence/<key>")
def show_sentence(key: str) -> str:
    """Shows one sentence in every language, and where it is said."""
    return _render_sentence(_known_key(key), {})


@pages.post("/settings/words/sentence/<key>")
def change_sentence(key: str) -> Response:
    """Keeps a sentence, or shows where what was typed would be said."""
    key, store = _known_key(key), content_store()
    typed = {
        language: request.form[f"text.{language}"].replace("\r\n", "\n")[:MOST_TEXT]
        for language in _catalog().site.languages
        if f"text.{language}" in request.form
    }
    match request.form.get("do"):
        case "preview":
            return make_response(_render_sentence(key, typed))
        case "supplied":
            typed = dict.fromkeys(typed, "")
    change = word_settings.change_text(store, key, typed, seen=request.form.get("seen", ""))
    if failure := keep_change(change, lambda error: _field_of(error, key)):
        return make_response(_render_sentence(key, typed, failure), failure.status)
    return redirect(url_for("word_settings.show_sentence", key=key), 303)


def _catalog() -> Catalog:
    return request_context.env().site.catalog


def _notice(name: str) -> NoticeKind | None:
    return NoticeKind(name) if name in list(NoticeKind) else None


def _known_key(key: str) -> str:
    known = word_settings.texts_of(_catalog().leading_pack)
    return key if key in known else abort(404)


def _field_of(error: ContentError, key: str) -> str:
    language, _, _ = error.file.rpartition("/")
    return f"text.{language}" if error.key == key and language in _catalog().packs else ""


def _render_list(query: str, notice: NoticeKind | None, keys: tuple[str, ...]) -> str:
    store, catalog, language = content_store(), _catalog(), request_context.language()
    texts = word_settings.texts_of(catalog.packs[language])
    rows = [
        FoundRow(key, _with_marks(texts.get(key, ""), query), bool(word_settings.own_text(store, language, key)))
        for key in keys[: word_settings.MOST_FOUND]
    ]
    return render_template(
        "settings/words.html",
        section="settings",
        query=query,
        notice=notice,
        notices=list(NoticeKind),
        rows=rows,
        count=len(keys),
        writable=store.is_writable(),
    )


def _render_sentence(key: str, typed: dict[str, str], failure: Failure | None = None) -> str:
    store, catalog, language = content_store(), _catalog(), request_context.language()
    watched = word_settings.watched_files(catalog.site.languages, key)
    forms = [_language_text(key, each, typed.get(each), failure) for each in catalog.site.languages]
    shown = language if language in catalog.site.languages else catalog.site.languages[0]
    shown = request.values.get("shown", "") if request.values.get("shown") in catalog.site.languages else shown
    own = [each for each in forms if each.state == "own"]
    return render_template(
        "settings/sentence.html",
        section="settings",
        key=key,
        text=word_settings.texts_of(catalog.packs[language]).get(key, "").replace("|", ""),
        forms=forms,
        missing=[each.name for each in forms if each.state != "own"] if own else [],
        uses=[_example_of(use) for use in word_settings.find_uses(catalog, shown, key, typed.get(shown, "").strip())],
        shown=shown,
        seen=store.fingerprint(watched) if failure or not typed else request.form.get("seen", ""),
        writable=store.is_writable(),
        failure=failure,
    )


def _language_text(key: str, language: str, typed: str | None, failure: Failure | None) -> LanguageText:
    store, pack = content_store(), _catalog().packs[language]
    own, supplied = word_settings.own_text(store, language, key), word_settings.supplied_text(store, language, key)
    text = (own or supplied) if typed is None else typed
    state = "own" if text.strip() not in ("", supplied) else "supplied" if pack.is_reviewed else "unreviewed"
    present = own or supplied
    is_conflict = bool(failure and failure.conflict and present != text)
    return LanguageText(language, pack.name, text, supplied, present if is_conflict else "", state)


def _example_of(use: word_settings.Use) -> Example:
    translator = request_context.translator()
    return Example(
        translator.t(f"words.notice.{use.notice}"),
        [(_medium_name(medium), _marked(use.texts[medium])) for medium in FIRST_MEDIA if medium in use.texts],
        [(_medium_name(medium), _marked(text)) for medium, text in use.texts.items() if medium not in FIRST_MEDIA],
    )


def _medium_name(medium: str) -> str:
    translator = request_context.translator()
    key = f"desk.medium.{medium}"
    return (
        translator.label(key)
        if key in translator.pack.labels
        else medium.removesuffix("_nolink").replace("_", " ").capitalize()
    )


def _marked(text: str) -> Markup:
    marked = escape(text).replace(word_settings.START, Markup("<mark>")).replace(word_settings.END, Markup("</mark>"))
    return Markup(marked)  # noqa: S704 - escaped above


def _with_marks(text: str, query: str) -> Markup:
    """The sentence with the words that were searched for marked, if this language has them."""
    plain, folded = text.replace("|", ""), query.strip().casefold()
    start = plain.casefold().find(folded) if folded else -1
    if start < 0 or len(plain.casefold()) != len(plain):
        return escape(plain)
    end = start + len(folded)
    return Markup("{}<mark>{}</mark>{}").format(plain[:start], plain[start:end], plain[end:])
