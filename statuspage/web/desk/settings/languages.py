"""Languages in the settings: which the page and the posts have, who has read each, and a sheet to read."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import SubscriberStatus, SubscriberType
from statuspage.storage import incidents
from statuspage.usecases.settings import language_settings, word_settings
from statuspage.usecases.subscribers import admin, offered_channels
from statuspage.web.desk import request_context
from statuspage.web.desk.notice_form import channel_picker
from statuspage.web.desk.settings.outcomes import Failure, FieldProblem, content_store, keep_change

pages = Blueprint("language_settings", __name__)


@dataclass(frozen=True, slots=True)
class LanguageRow:
    """A language that is on. ``uses``: the channels that post in it, and how many get email in it."""

    review: word_settings.LanguageReview
    uses: str
    is_ticked: bool


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as typed: the languages, the leading one, and whether one may go although incidents are open in it or
    subscribers read it."""

    languages: tuple[str, ...]
    leading: str
    is_confirmed: bool = False

    @property
    def ordered(self) -> list[str]:
        """The languages, the leading one first."""
        return sorted(self.languages, key=lambda language: language != self.leading)


@pages.get("/settings/languages")
def show_languages() -> str:
    """Shows the languages and who has read them."""
    return _render_languages()


@pages.post("/settings/languages")
def change_languages() -> Response:
    """Switches languages on and off, and sets the one that leads."""
    typed, catalog = _typed(), request_context.env().site.catalog
    problems = _problems(typed)
    gone = _gone(typed)
    if problems or (gone and (_open_count() or _reader_count(gone)) and not typed.is_confirmed):
        return make_response(_render_languages(typed, Failure(tuple(problems)) if problems else None), 422)
    seen = request.form.get("seen", "")
    change = language_settings.change_languages(content_store(), catalog, typed.ordered, seen=seen)
    if failure := keep_change(change):
        return make_response(_render_languages(typed, failure), failure.status)
    if gone and _reader_count(gone) and (language := _next_language(typed)):
        env, by, now = request_context.env(), request_context.audit_actor(), request_context.now()
        admin.change_language(env, gone, language, actor=by, now=now)
    return redirect(url_for("language_settings.show_languages"), 303)


@pages.post("/settings/languages/read")
def record_reading() -> Response:
    """Records that the signed-in account has read all sentences of a language."""
    language, catalog = request.form.get("language", ""), request_context.env().site.catalog
    if language not in catalog.languages:
        abort(400)
    day = request_context.now().astimezone(ZoneInfo(catalog.site.zone)).date()
    change = word_settings.record_reading(content_store(), catalog, language, by=request_context.actor(), day=day)
    if failure := keep_change(change):
        return make_response(_render_languages(failure=failure), failure.status)
    return redirect(url_for("language_settings.show_languages"), 303)


@pages.get("/settings/languages/<language>.csv")
def download_sheet(language: str) -> Response:
    """All sentences of a language, for a reader outside."""
    catalog = request_context.env().site.catalog
    if language not in catalog.packs:
        abort(404)
    response = make_response("\ufeff" + word_settings.sentences_csv(catalog, language))
    response.headers["Content-Type"] = "text/csv; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="sentences-{language}.csv"'
    return response


def _typed() -> Typed:
    """What was chosen, in the present order; new languages come last."""
    catalog, chosen = request_context.env().site.catalog, request.form.getlist("language")
    known = (*catalog.languages, *(each.id for each in language_settings.offered_languages(catalog)))
    languages = tuple(language for language in known if language in chosen)
    leading = request.form.get("leading", "")
    return Typed(languages, leading, "confirmed" in request.form)


def _gone(typed: Typed) -> list[str]:
    return [each for each in request_context.env().site.catalog.languages if each not in typed.languages]


def _problems(typed: Typed) -> list[FieldProblem]:
    t, catalog = request_context.translator().t, request_context.env().site.catalog
    problems = []
    for language in _gone(typed):
        if names := _channel_names(language):
            text = t("languages.channels_left", name=catalog.packs[language].name, channels=names)
            problems.append(FieldProblem(f"language.{language}", str(text)))
    if typed.leading not in typed.languages:
        problems.append(FieldProblem("leading", t("languages.leading_is_off")))
    return problems


def _channel_names(language: str) -> str:
    catalog, translator = request_context.env().site.catalog, request_context.translator()
    names = [
        " ".join(filter(None, channel_picker.channel_name(catalog, id, translator)))
        for id in language_settings.channels_in(catalog, language)
    ]
    return str(translator.format_list(names))


def _open_count() -> int:
    with request_context.env().databases.environment.read() as tx:
        return len(incidents.open_incident_ids(tx))


def _reader_count(languages: list[str]) -> int:
    readers = _readers()
    return sum(readers.get(language, 0) for language in languages)


def _next_language(typed: Typed) -> str:
    """The language that subscribers of one that goes get instead; "" if none that stays has email."""
    catalog = request_context.env().site.catalog
    return next((each for each in typed.ordered if offered_channels.has_email(catalog, each)), "")


def _readers() -> dict[str, int]:
    """How many subscribers get email in each language. A webhook gets all languages."""
    found: dict[str, int] = {}
    if request_context.env().databases.subscribers is not None:
        for row in admin.subscriber_counts(request_context.env()):
            if row.status is SubscriberStatus.ACTIVE and row.kind is SubscriberType.EMAIL:
                found[row.language] = found.get(row.language, 0) + row.count
    return found


def _render_languages(typed: Typed | None = None, failure: Failure | None = None) -> str:
    env, store, translator = request_context.env(), content_store(), request_context.translator()
    catalog, readers = env.site.catalog, _readers()
    chosen = typed or Typed(catalog.languages, catalog.languages[0])
    gone = _gone(chosen)
    rows = [_language_row(each, readers, chosen) for each in word_settings.reviews(store, catalog)]
    offered = language_settings.offered_languages(catalog)
    names = {**{each.review.language: each.review.name for each in rows}, **{each.id: each.name for each in offered}}
    return render_template(
        "settings/languages.html",
        section="settings",
        rows=rows,
        offered=offered,
        chosen=chosen,
        names=names,
        gone=translator.format_list([names[each] for each in gone]),
        open_incidents=_open_count() if gone else 0,
        readers=_reader_count(gone) if gone else 0,
        next_language=names.get(_next_language(chosen), ""),
        seen=request.form["seen"] if "seen" in request.form and not failure else store.fingerprint(_watched()),
        writable=store.is_writable(),
        failure=failure,
    )


def _watched() -> tuple[str, ...]:
    return (language_settings.SITE_FILE,)


def _language_row(review: word_settings.LanguageReview, readers: dict[str, int], chosen: Typed) -> LanguageRow:
    translator = request_context.translator()
    count = readers.get(review.language, 0)
    uses = [_channel_names(review.language), translator.tn("languages.readers", count) if count else ""]
    return LanguageRow(review, translator.t("join").join(filter(None, uses)), review.language in chosen.languages)
