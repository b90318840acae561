"""A group of customers in the settings: its words in every language, and what a notice that names it says."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, abort, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import Catalog, ContentError
from statuspage.storage import incidents
from statuspage.usecases.settings import customer_groups
from statuspage.web.desk import request_context
from statuspage.web.desk.settings.outcomes import Failure, FieldProblem, content_store, keep_change

pages = Blueprint("customer_group_settings", __name__)

LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class LanguageForm:
    """The fields of one language, the label that an empty one stands for, and what customers read. ``present`` is what
    the file says now, where that is another question."""

    language: str
    name: str
    words: dict[str, str]
    inherited: str
    present: dict[str, str]
    said: customer_groups.SaidOfGroup | None


@pages.get("/settings/customers/<group>")
def show_group(group: str) -> str:
    """Shows the words of one group."""
    return _show_groups(_known_group(group), {})


@pages.post("/settings/customers/<group>")
def change_group(group: str) -> Response:
    """Keeps the words of a group, shows what they say, or removes the group."""
    store, catalog, found, typed = content_store(), _present_catalog(), _known_group(group), _typed_groups()
    do, seen = request.form.get("do", ""), request.form.get("seen", "")
    if do == "preview":
        return make_response(_show_groups(found, typed))
    if do == "remove":
        if _is_named_now(found):
            problem = FieldProblem("", request_context.translator().t("services.customers_named"))
            return make_response(_show_groups(found, typed, Failure((problem,))), 422)
        change = customer_groups.remove_group(store, catalog, found, seen=seen)
    else:
        change = customer_groups.change_words(store, catalog, found, typed, seen=seen)
    if failure := keep_change(change, lambda error: _faulty_field(error, found)):
        return make_response(_show_groups(found, typed, failure), failure.status)
    return redirect(url_for("service_settings.show_services"), 303)


def _present_catalog() -> Catalog:
    return request_context.env().site.catalog


def _known_group(id: str) -> str:
    return id if id in _present_catalog().leading_pack.audience_groups else abort(404)


def _is_named_now(group: str) -> bool:
    """Whether an open incident names this group; its next notice would have to name it again."""
    with request_context.env().databases.environment.read() as tx:
        facts = [incident.current_facts for incident in incidents.open_incidents(tx)]
    return any(group in each.audience.groups for each in facts if each)


def _typed_groups() -> dict[str, dict[str, str]]:
    return {
        language: {
            key: request.form.get(f"{language}.{key}", "").strip()[:LONGEST_NAME] for key in customer_groups.WORDS
        }
        for language in _present_catalog().packs
        if f"{language}.label" in request.form
    }


def _faulty_field(error: ContentError, group: str) -> str:
    """The field of an error in ``LANG/organisation.toml``."""
    language, _, file = error.file.rpartition("/")
    prefix = f"audience_groups.{group}"
    if file != "organisation.toml" or not error.key.startswith(prefix):
        return ""
    return f"{language}.{error.key.removeprefix(prefix).removeprefix('.') or 'label'}"


def _show_groups(group: str, typed: dict[str, dict[str, str]], failure: Failure | None = None) -> str:
    store, catalog = content_store(), _present_catalog()
    own = {language: customer_groups.own_words(store, group, language) for language in catalog.packs}
    words = {**own, **typed}
    said = customer_groups.say_group(catalog, group, words, now=request_context.now())
    leading, is_conflict = catalog.leading_pack, bool(failure and failure.conflict)
    forms = [
        LanguageForm(
            language,
            pack.name,
            words[language],
            "" if pack is leading else words[leading.language]["label"] or words[leading.language]["text"],
            own[language] if is_conflict else {},
            said.get(language),
        )
        for language, pack in catalog.packs.items()
    ]
    return render_template(
        "settings/customer_group.html",
        section="settings",
        name=catalog.packs[request_context.language()].audience_groups[group].label,
        forms=forms,
        seen=store.fingerprint(customer_groups.files_of_names(catalog))
        if failure or not typed
        else request.form.get("seen", ""),
        writable=store.is_writable(),
        failure=failure,
    )
