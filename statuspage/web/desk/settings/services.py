"""Services in the settings: the list in the order of the page, and the words of one service in every language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import IMPACT_STATES, Catalog, ContentError, Service, State
from statuspage.rendering.wording import without_breaks
from statuspage.usecases.settings import FileChange, customer_groups, service_settings
from statuspage.web.desk import request_context
from statuspage.web.desk.settings.outcomes import Failure, FieldProblem, content_store, keep_change

pages = Blueprint("service_settings", __name__)


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """A service as it is listed."""

    id: str
    name: str
    retired: str
    is_retired: bool
    is_first: bool
    is_last: bool


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group with its services. ``leading_name``: its name in the site's first language, which can be changed."""

    id: str
    name: str
    leading_name: str
    services: list[ServiceRow]


@dataclass(frozen=True, slots=True)
class Sentence:
    """What customers read while the service is in a state, and once it works again."""

    state: str
    tone: str
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LanguageForm:
    """The fields of one language, what the program makes of empty ones, and the sentences that follow. ``present`` is
    what the file says now, where that is another question."""

    language: str
    name: str
    typed: service_settings.TypedWords
    made: dict[str, str]
    present: dict[str, str]
    sentences: list[Sentence]


TONES = {State.MAJOR: "down", State.PARTIAL: "part", State.DEGRADED: "part"}


@pages.get("/settings/services")
def show_services() -> str:
    """Lists the services."""
    return _render_list()


@pages.post("/settings/services")
def change_services() -> Response:
    """Adds, moves, groups or retires services."""
    try:
        change = _requested_change()
    except service_settings.UnknownService:
        abort(404)
    if isinstance(change, Failure):
        return make_response(_render_list(change), change.status)
    if failure := keep_change(change):
        return make_response(_render_list(failure), failure.status)
    return redirect(url_for("service_settings.show_services"), 303)


@pages.get("/settings/services/<service>")
def show_service(service: str) -> str:
    """Shows the words of one service."""
    return _render_words(_known_service(service), {})


@pages.post("/settings/services/<service>")
def change_service(service: str) -> Response:
    """Keeps the words of a service, or shows the sentences that they make."""
    found, typed = _known_service(service), _typed_words()
    if request.form.get("do") == "preview":
        return make_response(_render_words(found, typed))
    change = service_settings.change_words(content_store(), service, typed, seen=request.form.get("seen", ""))
    if failure := keep_change(change, lambda error: _field_of(error, service)):
        return make_response(_render_words(found, typed, failure), failure.status)
    return redirect(url_for("service_settings.show_services"), 303)


def _requested_change() -> FileChange | Failure:
    store, form = content_store(), request.form
    seen, service = form.get("seen", ""), form.get("service", "")
    match form.get("do"):
        case "add":
            today = request_context.now().astimezone(ZoneInfo(request_context.env().site.catalog.site.zone)).date()
            return service_settings.add_services(store, form.get("lines", ""), today=today, seen=seen)
        case "add_customers":
            return customer_groups.add_groups(store, _catalog(), form.get("customers", ""), seen=seen)
        case "up" | "down" as way:
            move = service_settings.move_group if "moved_group" in form else service_settings.move_service
            return move(store, form.get("moved_group", service), by=-1 if way == "up" else 1, seen=seen)
        case "rename_group":
            return service_settings.rename_group(
                store, form.get("moved_group", ""), form.get("name", "").strip()[:300], seen=seen
            )
        case "group":
            return service_settings.put_in_group(store, service, form.get("group", ""), seen=seen)
        case "offer":
            return service_settings.retire(store, service, None, seen=seen)
        case "retire":
            day = _typed_day()
            if day is None:
                return Failure((FieldProblem("day", request_context.translator().t("services.wrong_day")),))
            return service_settings.retire(store, service, day, seen=seen)
        case _:
            return abort(400)


def _typed_day() -> date | None:
    """The day on which a service ended, never in the future; None if there is none."""
    try:
        day = date.fromisoformat(request.form.get("day", ""))
    except ValueError:
        return None
    return day if day <= _today() else None


def _today() -> date:
    return request_context.now().astimezone(ZoneInfo(_catalog().site.zone)).date()


def _catalog() -> Catalog:
    return request_context.env().site.catalog


def _known_service(id: str) -> Service:
    return _catalog().services.get(id) or abort(404)


def _typed_words() -> dict[str, service_settings.TypedWords]:
    """The submitted fields by language: those of the page, in the languages of the page."""
    return {
        language: service_settings.TypedWords(
            {key: request.form.get(f"{language}.{key}", "")[:300] for key in service_settings.WORDS}
        )
        for language in _catalog().packs
        if f"{language}.name" in request.form
    }


def _field_of(error: ContentError, service: str) -> str:
    """The field of an error in ``LANG/organisation.toml``, or of the service's name."""
    language, _, file = error.file.rpartition("/")
    prefix = f"services.{service}."
    if file == "organisation.toml" and error.key.startswith(prefix):
        return f"{language}.{error.key.removeprefix(prefix)}"
    return (
        f"{_catalog().leading_pack.language}.name"
        if error.file == service_settings.FILE and error.key.endswith(".name")
        else ""
    )


def _render_list(failure: Failure | None = None) -> str:
    store, catalog = content_store(), _catalog()
    pack = catalog.packs[request_context.language()]
    groups = [
        GroupRow(
            group.id,
            pack.groups[group.id].name if group.id in pack.groups else group.id,
            catalog.leading_pack.groups[group.id].name if group.id in catalog.leading_pack.groups else group.id,
            [_service_row(id, number, len(group.services)) for number, id in enumerate(group.services)],
        )
        for group in service_settings.list_groups(store)
    ]
    return render_template(
        "settings/services.html",
        section="settings",
        groups=groups,
        count=sum(len(group.services) for group in groups),
        seen=store.fingerprint((service_settings.FILE,)),
        writable=store.is_writable(),
        today=_today().isoformat(),
        leading_language=catalog.leading_pack.language,
        customers=_customer_groups(),
        customers_seen=store.fingerprint((f"{catalog.leading_pack.language}/organisation.toml",)),
        customer_lines=request.form.get("customers", ""),
        lines=request.form.get("lines", ""),
        failure=failure,
    )


def _customer_groups() -> list[tuple[str, str]]:
    """The groups of customers that a notice can name: id, and the label that the form offers."""
    groups = _catalog().packs[request_context.language()].audience_groups
    return [(id, choice.label or choice.text) for id, choice in groups.items()]


def _service_row(id: str, number: int, count: int) -> ServiceRow:
    catalog, translator = _catalog(), request_context.translator()
    service, pack = catalog.services.get(id), catalog.packs[request_context.language()]
    name = pack.services[id].name if id in pack.services else id
    day = service.retired_on.isoformat() if service and service.retired_on else ""
    is_retired = service is not None and service.is_retired
    retired = translator.t("services.retired_on", day=day) if day else translator.t("services.retired")
    return ServiceRow(id, name, retired if is_retired else "", is_retired, number == 0, number == count - 1)


def _render_words(
    service: Service, typed: dict[str, service_settings.TypedWords], failure: Failure | None = None
) -> str:
    store, catalog = content_store(), _catalog()
    languages = tuple(catalog.packs)
    watched = service_settings.watched_files(languages)
    conflict = bool(failure and failure.conflict)
    forms = [_language_form(service.id, language, typed.get(language), conflict=conflict) for language in languages]
    name = catalog.packs[request_context.language()].services[service.id].name
    return render_template(
        "settings/service.html",
        section="settings",
        service=service,
        name=name,
        forms=forms,
        fields=_fields(),
        seen=store.fingerprint(watched) if failure or not typed else request.form.get("seen", ""),
        writable=store.is_writable(),
        failure=failure,
    )


def _fields() -> list[tuple[str, list[tuple[str, str]]]]:
    """The fields of own clauses: state, and the key and label of each."""
    translator = request_context.translator()
    return [
        (state, [(f"{state}.{form}", translator.t(f"services.{form}")) for form in service_settings.CLAUSES])
        for state in IMPACT_STATES
    ]


def _language_form(
    service: str, language: str, typed: service_settings.TypedWords | None, *, conflict: bool
) -> LanguageForm:
    store, catalog = content_store(), _catalog()
    own = service_settings.own_words(store, service, language)
    words = typed or own
    bare = service_settings.words_from(
        store, catalog, service, language, service_settings.TypedWords({"name": words.get("name")})
    )
    shown = service_settings.words_from(store, catalog, service, language, words)
    made = {"name": bare.name, "noun": bare.noun, "noun_capitalized": bare.noun_capitalized}
    made |= {
        f"{state}.{form}": getattr(bare.impact_clauses[State(state)], form)
        for state in IMPACT_STATES
        for form in service_settings.CLAUSES
    }
    stop = catalog.packs[language].locale_rules.full_stop
    sentences = [
        Sentence(
            state,
            TONES[State(state)],
            tuple(
                f"{without_breaks(getattr(shown.impact_clauses[State(state)], form))}{stop}"
                for form in service_settings.CLAUSES
            ),
        )
        for state in IMPACT_STATES
    ]
    present = {key: own.get(key) for key in service_settings.WORDS} if conflict else {}
    return LanguageForm(language, catalog.packs[language].name, words, made, present, sentences)
