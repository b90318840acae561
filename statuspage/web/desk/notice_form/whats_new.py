"""*What is new?*: the four kinds of notice that an open incident may get, one of which the form is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from flask import redirect, url_for
from werkzeug.wrappers import Response

from statuspage.domain import NoticeKind
from statuspage.web.desk.notice_form import drafts, form_state
from statuspage.web.desk.notice_form.drafts import Fields, value_of
from statuspage.web.desk.notice_form.fact_rows import ROW_FIELDS
from statuspage.web.desk.notice_form.fields import CHOICE_BOXES, chosen_value, conflict_problems
from statuspage.web.desk.notice_form.form_state import FormSession
from statuspage.web.desk.translations import Translator

CHOOSE_KIND, UNDO = "as", "undo"
"""The buttons' actions: ``as resolved`` goes on with another kind of notice, ``undo estimate`` takes a change back."""

KINDS = {
    NoticeKind.UPDATE: "unk",
    NoticeKind.PARTLY_RESTORED: "part",
    NoticeKind.MONITORING: "chk",
    NoticeKind.RESOLVED: "ok",
}
"""The choices in their order, each with its mark."""


@dataclass(frozen=True, slots=True)
class KindChoice:
    """One of the four choices. ``key`` presses it."""

    notice: str
    mark: str
    label: str
    text: str
    key: str
    is_chosen: bool


def kind_choices(notice: NoticeKind, translator: Translator, change_count: int) -> list[KindChoice]:
    """The choices beside this form; none for a kind that is not among them."""
    if notice not in KINDS:
        return []
    return [
        KindChoice(
            str(kind),
            mark,
            _label(kind, notice, translator, change_count),
            _text(kind, notice, translator, change_count),
            str(number),
            kind is notice,
        )
        for number, (kind, mark) in enumerate(KINDS.items(), 1)
    ]


def _label(kind: NoticeKind, notice: NoticeKind, translator: Translator, change_count: int) -> str:
    is_changed_update = kind is NoticeKind.UPDATE and notice is kind and change_count > 0
    return translator.t("report.new.update_changed" if is_changed_update else f"report.new.{kind}")


def _text(kind: NoticeKind, notice: NoticeKind, translator: Translator, change_count: int) -> str:
    if kind is NoticeKind.UPDATE and notice is kind and change_count > 0:
        return translator.tn("report.changes_below", change_count)
    return translator.t(f"report.new.{kind}_text")


def may_go_on(form_session: FormSession, action: str) -> bool:
    """Whether this action goes on with another kind of notice: not while one question has two answers."""
    return action.partition(" ")[0] == CHOOSE_KIND and not conflict_problems(form_session.fields)


def go_on_as(form_session: FormSession, action: str) -> Response:
    """Goes on with another kind of notice. What was changed here is changed there; an unfinished notice of that kind
    comes first, and this one is then kept as its draft."""
    incident, name = form_session.incident, action.partition(" ")[2]
    if incident is None or name not in KINDS:
        return redirect(form_session.path, 303)
    path = url_for("notice_form.show_notice", incident_id=incident.id, notice=name)
    changed = changed_fields(form_session)
    if not changed:
        drafts.drop_draft(form_session.owner)
        return redirect(path, 303)
    if drafts.find_own_draft(drafts.owner_of(path)) is not None:
        drafts.save_draft(form_session.owner, form_session.fields)
        return redirect(path, 303)
    opening = form_state.opening_fields(incident, form_session.alert, NoticeKind(name))
    carried = {name: values for name, values in form_session.fields.items() if name == "target"}
    drafts.save_draft(drafts.owner_of(path), as_shown({**opening, **changed, **carried}))
    drafts.drop_draft(form_session.owner)
    return redirect(f"{path}?draft={drafts.OPENED}", 303)


def as_shown(fields: Fields) -> Fields:
    """The fields as a form that shows them would send them: no box has been filled in since."""
    boxes = {box for choices in CHOICE_BOXES.values() for names in choices.values() for box in names}
    return {**fields, **{f"was-{name}": [value_of(fields, name)] for name in (*boxes, *CHOICE_BOXES)}}


def changed_fields(form_session: FormSession, opening: Fields | None = None) -> Fields:
    """The fields that say something else than the form opened with, each time with the moment it is pinned to.
    ``opening``: what it opened with, if that is not what a form would open with now."""
    incident = form_session.incident
    if incident is None:
        return {}
    counted = {name: [chosen_value(form_session.fields, name)] for name in CHOICE_BOXES if name in form_session.fields}
    form_session = replace(form_session, fields={**form_session.fields, **counted})
    opening = opening or form_state.opening_fields(incident, form_session.alert, form_session.notice)
    patterns = [pattern for row in ROW_FIELDS.values() for pattern in row]
    names = [
        name
        for name in {**opening, **form_session.fields}
        if any(fnmatchcase(name, pattern) for pattern in patterns)
        and not name.startswith("state-")
        and _field_texts(form_session.fields, name) != _field_texts(opening, name)
    ]
    states = _changed_states(form_session.fields, opening)
    pins = {name: values for name, values in form_session.fields.items() if name.removeprefix("pin-") in names}
    services = {"service": form_session.fields.get("service", [])} if states else {}
    return {**services, **states, **pins, **{name: form_session.fields.get(name, []) for name in names}}


def _changed_states(fields: Fields, opening: Fields) -> Fields:
    """The states of ticked services; a service that is not ticked has none."""
    return {
        f"state-{service}": fields[f"state-{service}"]
        for service in fields.get("service", ())
        if f"state-{service}" in fields
        and _field_texts(fields, f"state-{service}") != _field_texts(opening, f"state-{service}")
    }


def _field_texts(fields: Fields, name: str) -> list[str]:
    return [value.strip() for value in fields.get(name, ()) if value.strip()]
