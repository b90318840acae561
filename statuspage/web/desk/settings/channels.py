"""Channels in the settings: where notices go, what each needs, and a test of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.content.editing import EditFailed
from statuspage.domain import ChannelSpec, ContentError
from statuspage.integrations import channels
from statuspage.usecases.accounts import Role
from statuspage.usecases.secret_store import KeptSecret
from statuspage.usecases.settings import FileChange, Kept, channel_fields, channel_settings, keep
from statuspage.web.desk import permissions, request_context
from statuspage.web.desk.settings import channel_rows
from statuspage.web.desk.settings.channel_rows import ChannelRow, DrillCopy, SecretField
from statuspage.web.desk.settings.outcomes import Failure, FieldProblem, content_store, failure_of, keep_change
from statuspage.web.desk.settings.secret_states import store_problem

pages = Blueprint("channel_settings", __name__)


@dataclass(frozen=True, slots=True)
class OpenForm:
    """The form that is open beneath a row, or for a new channel (``id`` is "")."""

    id: str
    type: str
    action: str
    language: str
    values: Mapping[str, str]
    notices: str
    secrets: tuple[SecretField, ...]
    fields: tuple[channel_fields.Field, ...] = ()
    is_staff: bool = False
    drill_copy: DrillCopy | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a page shows besides the list."""

    form: OpenForm | None = None
    failure: Failure | None = None
    answers: Mapping[str, channel_settings.ProbeAnswer] = field(default_factory=dict)
    chooses_type: bool = False


@pages.get("/settings/channels")
def show_channels() -> str:
    """Lists the channels and their states."""
    return _render_channels(Shown())


@pages.get("/settings/new-channel")
def choose_type() -> str:
    """Lists the types of which one can be added."""
    return _render_channels(Shown(chooses_type=True))


@pages.get("/settings/new-channel/<type>")
def show_new(type: str) -> str:
    """Shows the empty form of a type."""
    return _render_channels(Shown(_new_form(_known_type(type), None)))


@pages.post("/settings/new-channel/<type>")
def add_channel(type: str) -> Response:
    """Adds a channel, and tests it."""
    typed, env = _typed(_known_type(type)), request_context.env()
    failure = _find_failure("", type, typed)
    if failure is None:
        taken = {*env.site.catalog.notification_channels, *env.site.catalog.hosts}
        id, change = channel_settings.add_channel(content_store(), type, typed, seen=_seen(), taken=taken)
        failure = _keep(change, typed, id)
        if failure is None:
            return _finish(id, type, typed)
    return make_response(_render_channels(Shown(_new_form(type, typed), failure)), failure.status)


@pages.get("/settings/channels/<channel>")
def show_channel(channel: str) -> str:
    """Shows the form of one channel beneath its row."""
    return _render_channels(Shown(_form(_entry(channel), None)))


@pages.post("/settings/channels/<channel>")
def change_channel(channel: str) -> Response:
    """Changes, moves, switches, tests or removes a channel."""
    entry = _entry(channel)
    if request.form.get("do") == "save":
        return _save(entry)
    if request.form.get("do") == "test":
        return make_response(_render_channels(Shown(answers={channel: _test(channel)})))
    if failure := keep_change(_requested_change(entry)):
        return make_response(_render_channels(Shown(failure=failure)), failure.status)
    if request.form.get("do") == "remove" and entry.type in channels.TYPES:
        channel_settings.forget_secrets(
            request_context.env(), channel, entry.type, by=request_context.audit_actor(), now=request_context.now()
        )
    return redirect(url_for("channel_settings.show_channels"), 303)


@pages.get("/settings/staff-channels/<channel>")
def show_staff_channel(channel: str) -> str:
    """Shows the secrets of a channel to colleagues beneath its row."""
    return _render_channels(Shown(_staff_form(_staff_spec(channel))))


@pages.post("/settings/staff-channels/<channel>")
def change_staff_channel(channel: str) -> Response:
    """Keeps the secrets of a channel to colleagues, or tests it."""
    spec = _staff_spec(channel)
    if request.form.get("do") == "test":
        return make_response(_render_channels(Shown(answers={channel: _test(channel)})))
    typed = channel_settings.TypedChannel(
        request_context.env().site.catalog.site.languages[0], {}, secrets=_typed_secrets(spec.type)
    )
    required = dict(channel_fields.secret_names(spec.type))
    problems = {name: problem for name, problem in _problems(channel, spec.type, typed).items() if name in required}
    failure = _store_failure(typed) or _failure(problems)
    if failure is not None:
        return make_response(_render_channels(Shown(_staff_form(spec), failure)), failure.status)
    return _finish(channel, spec.type, typed)


def _save(entry: channel_settings.ChannelEntry) -> Response:
    typed = _typed(entry.type)
    failure = _find_failure(entry.id, entry.type, typed)
    if failure is None:
        change = channel_settings.change_channel(content_store(), entry.id, typed, seen=_seen())
        failure = _keep(change, typed, entry.id)
        if failure is None:
            return _finish(entry.id, entry.type, typed)
    return make_response(_render_channels(Shown(_form(entry, typed), failure)), failure.status)


def _keep(change: FileChange, typed: channel_settings.TypedChannel, id: str) -> Failure | None:
    """Keeps what goes into the file, and says so; None if it is kept."""
    try:
        outcome = keep(content_store(), change, by=request_context.audit_actor(), now=request_context.now())
    except EditFailed as error:
        return Failure((FieldProblem("", str(error)),))
    if not isinstance(outcome, Kept):
        return failure_of(outcome, lambda error: _field_of(error, id))
    is_different = outcome.id or any(typed.secrets.values()) or request.form.getlist("delete")
    flash(request_context.translator().t("channel_settings.saved" if is_different else "settings.unchanged"))
    return None


def _requested_change(entry: channel_settings.ChannelEntry) -> FileChange:
    store, seen = content_store(), _seen()
    match request.form.get("do"):
        case "up" | "down" as way:
            return channel_settings.move_channel(store, entry.id, by=-1 if way == "up" else 1, seen=seen)
        case "on" | "off" as state:
            return channel_settings.switch_channel(store, entry.id, on=state == "on", seen=seen)
        case "remove":
            return channel_settings.remove_channel(store, entry.id, seen=seen)
        case _:
            return abort(400)


def _finish(id: str, type: str, typed: channel_settings.TypedChannel) -> Response:
    """Keeps the secrets, then tests the channel and shows its answer."""
    env, by, now = request_context.env(), request_context.audit_actor(), request_context.now()
    channel_settings.keep_secrets(env, id, type, typed.secrets, by=by, now=now)
    deleted = [name for name in request.form.getlist("delete") if (name, False) in channel_fields.secret_names(type)]
    if deleted and type in channels.TYPES:
        channel_settings.forget_secrets(env, id, type, only=deleted, by=by, now=now)
    return make_response(_render_channels(Shown(answers={id: _test(id)})))


def _test(id: str) -> channel_settings.ProbeAnswer:
    env, now = request_context.env(), request_context.now()
    spec = channel_settings.current_spec(env, content_store(), id) or abort(404)
    return channel_settings.probe_channel(env, spec, by=request_context.audit_actor(), now=now)


def _find_failure(id: str, type: str, typed: channel_settings.TypedChannel) -> Failure | None:
    return _store_failure(typed) or _failure(_problems(id, type, typed))


def _problems(id: str, type: str, typed: channel_settings.TypedChannel) -> dict[str, str]:
    states = _states()
    secrets = channel_rows.secret_fields(states, id, type, _kept_secrets())
    return channel_settings.find_problems(
        type,
        typed,
        request_context.env().site.catalog.site.languages,
        kept=frozenset(each.name for each in secrets if each.state in ("kept", "outside")),
        required={each.name: each.is_required for each in secrets},
    )


def _failure(problems: Mapping[str, str]) -> Failure | None:
    t = request_context.translator().t
    found = tuple(FieldProblem(key, t(f"channel_settings.wrong.{code}")) for key, code in problems.items())
    return Failure(found) if found else None


def _store_failure(typed: channel_settings.TypedChannel) -> Failure | None:
    """Why no secret can be kept here, if one was typed."""
    problem = store_problem() if any(typed.secrets.values()) else ""
    return Failure((FieldProblem("", problem),)) if problem else None


def _typed(type: str) -> channel_settings.TypedChannel:
    form = request.form
    fields = channel_fields.FORMS[type].fields if type in channel_fields.FORMS else ()
    values = {each.key: form.get(each.key, "") for each in fields}
    flags = {each.key: "true" if form.get(each.key) == "true" else "false" for each in fields if each.kind == "flag"}
    return channel_settings.TypedChannel(
        form.get("language", ""), values | flags, form.get("notices", ""), _typed_secrets(type)
    )


def _typed_secrets(type: str) -> dict[str, str]:
    if type not in channels.TYPES:
        return {}
    names = (name for name, _ in channel_fields.secret_names(type))
    return {name: request.form.get(f"secret.{name}", "").strip() for name in names}


def _field_of(error: ContentError, id: str) -> str:
    """The field that an error of the content check is about."""
    channel, _, key = error.key.partition(".")
    return key if error.file == channel_settings.CHANNELS_FILE and channel == id else ""


def _known_type(type: str) -> str:
    return type if type in channel_fields.FORMS else abort(404)


def _entry(id: str) -> channel_settings.ChannelEntry:
    try:
        return channel_settings.find_channel(content_store(), id)
    except channel_settings.UnknownChannel:
        abort(404)


def _staff_spec(id: str) -> ChannelSpec:
    return request_context.env().site.catalog.notification_channels.get(id) or abort(404)


def _seen() -> str:
    return request.form.get("seen", "")


def _kept_secrets() -> Mapping[str, KeptSecret]:
    store = request_context.env().secret_store
    return store.list_kept() if store else {}


def _states() -> channel_rows.ChannelStates:
    return channel_rows.read_states(request_context.env(), request_context.translator(), request_context.now())


def _new_form(type: str, typed: channel_settings.TypedChannel | None) -> OpenForm:
    form = channel_fields.FORMS[type]
    languages = request_context.env().site.catalog.site.languages
    values = typed.values if typed else {each.key: each.default for each in form.fields}
    notices = next(name for name, kinds in channel_fields.NOTICE_CHOICES.items() if kinds == form.notices)
    return OpenForm(
        "",
        type,
        url_for("channel_settings.add_channel", type=type),
        typed.language if typed else languages[0],
        values,
        typed.notices if typed else notices,
        channel_rows.secret_fields(_states(), "", type, {}),
        form.fields,
    )


def _form(entry: channel_settings.ChannelEntry, typed: channel_settings.TypedChannel | None) -> OpenForm:
    fields = channel_fields.FORMS[entry.type].fields if entry.type in channel_fields.FORMS else ()
    present = tuple(entry.values.get("notices", ()))
    notices = next((name for name, kinds in channel_fields.NOTICE_CHOICES.items() if kinds == present), "")
    states = _states()
    return OpenForm(
        entry.id,
        entry.type,
        url_for("channel_settings.change_channel", channel=entry.id),
        typed.language if typed else str(entry.values.get("language", "")),
        typed.values if typed else {each.key: entry.text_of(each) for each in fields},
        typed.notices if typed else notices,
        channel_rows.secret_fields(states, entry.id, entry.type, _kept_secrets()),
        fields,
        drill_copy=channel_rows.drill_copy(states, entry.id, entry.type),
    )


def _staff_form(spec: ChannelSpec) -> OpenForm:
    action, states = url_for("channel_settings.change_staff_channel", channel=spec.id), _states()
    secrets = channel_rows.secret_fields(states, spec.id, spec.type, _kept_secrets())
    copy = channel_rows.drill_copy(states, spec.id, spec.type)
    return OpenForm(spec.id, spec.type, action, "", {}, "", secrets, is_staff=True, drill_copy=copy)


def _render_channels(shown: Shown) -> str:
    env, store = request_context.env(), content_store()
    entries, states = channel_settings.list_channels(store), _states()
    rows = [channel_rows.channel_row(states, entry, place, len(entries)) for place, entry in enumerate(entries)]
    staff = [channel_rows.staff_row(states, spec) for spec in env.site.catalog.notification_channels.values()]
    may_change = permissions.has_at_least(request_context.signed_in_account().role, Role.LEAD)
    return render_template(
        "settings/channels.html",
        section="settings",
        page_row=channel_rows.page_row(states),
        rows=rows,
        staff=staff,
        shown=shown,
        failure=shown.failure,
        may_change=may_change,
        site_languages=[(each, env.site.catalog.packs[each].name) for each in env.site.catalog.site.languages],
        notice_choices=tuple(channel_fields.NOTICE_CHOICES),
        types=tuple(channel_fields.FORMS),
        seen=store.fingerprint((channel_settings.CHANNELS_FILE,)),
        writable=store.is_writable(),
        ready_count=_ready_count([channel_rows.page_row(states), *rows]),
        staff_ready_count=_ready_count(staff),
    )


def _ready_count(rows: list[ChannelRow]) -> int:
    return sum(row.tone == "ok" for row in rows)
