"""Rosters in the settings: a calendar as a file, or one that is fetched from an address; tried before it is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.integrations import rosters
from statuspage.usecases.accounts import Role
from statuspage.usecases.settings import SecretOwner, kept_secrets, on_call_settings
from statuspage.web.desk import permissions, request_context
from statuspage.web.desk.panels import on_call as panel
from statuspage.web.desk.settings.outcomes import Failure, FieldProblem, content_store, keep_change
from statuspage.web.desk.settings.secret_states import SecretState, secret_state, store_problem

pages = Blueprint("roster_settings", __name__)

MOST_CALENDAR = 500_000
"""The maximum number of characters of a calendar that is kept as a file."""

SEALED = "roster-address"
"""For what an address that was tried is sealed until it is kept."""


@dataclass(frozen=True, slots=True)
class TypedRoster:
    """A roster as typed: its names, its calendar, the address from which one is fetched, and whether the kept address
    is to be deleted. ``is_address_lost``: one was tried, and the form holds it no longer."""

    names: Mapping[str, str] = field(default_factory=dict)
    calendar: str = ""
    address: str = field(default="", repr=False)
    is_address_deleted: bool = False
    is_address_lost: bool = False


@pages.get("/settings/on-call/rosters")
def show_new_roster() -> str:
    """Shows the empty form of a roster."""
    return _render_roster("", TypedRoster())


@pages.post("/settings/on-call/rosters")
def keep_new_roster() -> Response:
    """Tries or keeps a new roster."""
    return _act("")


@pages.get("/settings/on-call/rosters/<roster>")
def show_roster(roster: str) -> str:
    """Shows a roster."""
    store = content_store()
    table = on_call_settings.list_rosters(store).get(roster) or abort(404)
    return _render_roster(
        roster, TypedRoster(dict(table.get("name", {})), on_call_settings.read_calendar(store, roster))
    )


@pages.post("/settings/on-call/rosters/<roster>")
def keep_roster(roster: str) -> Response:
    """Tries or keeps a roster."""
    if roster not in on_call_settings.list_rosters(content_store()):
        abort(404)
    return _act(roster)


def _t(key: str) -> str:
    return request_context.translator().t(f"on_call_settings.{key}")


def _typed_roster() -> TypedRoster:
    form = request.form
    names = {
        language: form.get(f"name.{language}", "").strip()[:100]
        for language in request_context.env().site.catalog.desk_languages
    }
    upload = request.files.get("file")
    uploaded = upload.read(MOST_CALENDAR + 1).decode("utf-8", "replace") if upload and upload.filename else ""
    calendar = (uploaded or form.get("calendar", "")).replace("\r\n", "\n")
    address, is_lost = _typed_address()
    is_deleted = "delete" in form
    if address or is_deleted:
        permissions.require_role(request_context.signed_in_account().role, Role.ADMINISTRATOR)
    return TypedRoster(names, calendar if calendar.strip() else "", address, is_deleted, is_lost)


def _typed_address() -> tuple[str, bool]:
    """The address that was typed, now or when it was tried, and whether one that was tried is held no longer."""
    if typed := request.form.get("address", "").strip()[:2000]:
        return typed, False
    env, by, now = request_context.env(), request_context.audit_actor(), request_context.now()
    try:
        return kept_secrets.unseal(env, SEALED, request.form.get("sealed", ""), by=by, now=now), False
    except kept_secrets.SealBroken:
        return "", True


def _act(roster: str) -> Response:
    typed = _typed_roster()
    problems = [] if any(typed.names.values()) or roster else [FieldProblem("name", _t("needs_name"))]
    tried, problem = _try(roster, typed)
    problems += [problem] if problem else []
    if problems:
        return make_response(_render_roster(roster, typed, Failure(tuple(problems)), tried), 422)
    if request.form.get("do") == "try":
        return make_response(_render_roster(roster, typed, tried=tried))
    if failure := _keep(roster, typed):
        return make_response(_render_roster(roster, typed, failure, tried), failure.status)
    return redirect(url_for("on_call_settings.show_on_call"), 303)


def _keep(roster: str, typed: TypedRoster) -> Failure | None:
    """Keeps what goes into files, then the address, which is a secret; None if all is kept."""
    if typed.address and (problem := store_problem()):
        return Failure((FieldProblem("address", problem),))
    store, env = content_store(), request_context.env()
    id = roster or on_call_settings.new_roster_id(store, next(filter(None, typed.names.values())))
    seen = request.form.get("seen", "") if roster else _seen_of_new(id)
    change = on_call_settings.change_roster(
        store, id, typed.names, typed.calendar, is_fetched=_is_fetched(roster, typed), seen=seen
    )
    if failure := keep_change(change):
        return failure
    owner, setting = SecretOwner("roster", id), on_call_settings.address_setting(id)
    by, now = request_context.audit_actor(), request_context.now()
    if typed.address:
        kept_secrets.keep_secrets(env, owner, {setting: typed.address}, by=by, now=now)
        rosters.fetch.refresh_rosters(env.rosters_folder, {id: typed.address}, now=now)
        flash(request_context.translator().t("channel_settings.saved"))
    elif typed.is_address_deleted:
        kept_secrets.forget_secrets(env, owner, [setting], by=by, now=now)
    return None


def _is_fetched(roster: str, typed: TypedRoster) -> bool:
    """Whether a calendar is fetched from an address: a new one, or the one that there is and stays."""
    has_one = bool(roster) and on_call_settings.has_address(content_store(), roster)
    return bool(typed.address) or (has_one and not typed.is_address_deleted)


def _seen_of_new(roster: str) -> str:
    """What a new roster has seen: no calendar yet, and the file of the rosters as the form showed it."""
    store = content_store()
    shown = {on_call_settings.ON_CALL_FILE: request.form.get("seen", "")}
    return store.fingerprint(on_call_settings.watched_files(store, roster), seen=shown)


def _try(roster: str, typed: TypedRoster) -> tuple[rosters.OnCallPeriod | None, FieldProblem | None]:
    """Who is on call by what was typed. The address that is kept already is fetched only when it is tried."""
    address = typed.address
    if typed.is_address_lost:
        return None, FieldProblem("address", _t("address_lost"))
    if not address and _is_fetched(roster, typed) and request.form.get("do") == "try":
        address = kept_secrets.effective_value(request_context.env(), on_call_settings.address_setting(roster))
    if not typed.calendar and not address:
        is_fetched = _is_fetched(roster, typed)
        return None, None if is_fetched else FieldProblem("calendar", _t("needs_calendar"))
    if len(typed.calendar) > MOST_CALENDAR:
        return None, FieldProblem("calendar", _t("too_large"))
    try:
        fetched = rosters.fetch.fetch_calendar(address) if address else ""
        calendars = [each for each in (typed.calendar, fetched) if each]
        return on_call_settings.try_roster(request_context.env().site.catalog, calendars, request_context.now()), None
    except rosters.fetch.FetchFailed as failed:
        why = request_context.translator().t(f"on_call_settings.fetch.{failed.code}")
        return None, FieldProblem("address", str(why))
    except rosters.Unreadable as unreadable:
        return None, FieldProblem("address" if address else "calendar", str(unreadable), place="calendar")


def _seal(address: str) -> str:
    by, now = request_context.audit_actor(), request_context.now()
    return kept_secrets.seal(request_context.env(), SEALED, address, by=by, now=now)


def _render_roster(
    roster: str, typed: TypedRoster, failure: Failure | None = None, tried: rosters.OnCallPeriod | None = None
) -> str:
    store, translator = content_store(), request_context.translator()
    names = [
        (language, request_context.env().site.catalog.packs[language].name)
        for language in request_context.env().site.catalog.desk_languages
    ]
    is_open = "seen" in request.form and not failure
    seen = request.form["seen"] if is_open else store.fingerprint(on_call_settings.watched_files(store, roster))
    return render_template(
        "settings/roster.html",
        section="settings",
        roster=roster,
        title=on_call_settings.names_of(typed.names) or _t("new_roster"),
        names=[(language, name, typed.names.get(language, "")) for language, name in names],
        typed=typed,
        sealed=_seal(typed.address) if tried and typed.address else "",
        address=secret_state(on_call_settings.address_setting(roster)) if roster else SecretState("", "none"),
        tried=panel.tried_roster(tried, translator) if tried else None,
        seen=seen,
        writable=store.is_writable(),
        failure=failure,
    )
