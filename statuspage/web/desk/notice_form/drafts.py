"""Keeps what somebody types until it is published; one draft for each form and account."""

from __future__ import annotations

import re
from datetime import datetime

from flask import request
from werkzeug.datastructures import MultiDict

from statuspage.rendering.plain_language import CATEGORIES
from statuspage.storage import drafts
from statuspage.web.desk import request_context

Fields = dict[str, list[str]]
"""A form as it was submitted: each name with its values in order."""


def value_of(fields: Fields, name: str) -> str:
    """The single value of a field, "" if it was not submitted."""
    values = fields.get(name) or [""]
    return values[-1]


WARNING_CLASSES = "warning_classes"
"""Key, beside the fields of a draft: the classes of its plain-language warnings when it had most of them."""

NOT_TYPED = (
    "csrf_token",
    "token",
    "do",
    "was_submitted",
    "pv-language",
    "pv-tab",
    "saved_form",
    "return_path",
    WARNING_CLASSES,
)
"""Form fields that are not typed by a person."""

OPENED = "open"
"""The value of ``?draft=`` with which a form is filled from its draft; without it, the draft is only described."""

_FORM_PATHS = re.compile(
    r"/incidents/new|/maintenance/new"
    r"|/incidents/(?P<id>[a-z0-9]{1,32})(?:/notices/new/(?P<notice>[a-z_]{1,16})|(?P<note>/note)?)"
)


def typed_fields(form: MultiDict[str, str]) -> Fields:
    """The fields to keep."""
    return {name: values for name, values in form.lists() if name not in NOT_TYPED}


def owner_of(path: str) -> str:
    """The key of the draft of the form at this path: new, maintenance, or the incident's with its notice.

    Empty if the form has no draft.
    """
    match = _FORM_PATHS.fullmatch(path.partition("?")[0])
    if match is None:
        return ""
    if not match["id"]:
        return "maintenance" if path.startswith("/maintenance/new") else "new"
    return f"{match['id']}:{match['notice'] or 'note'}"[:32]


def page_of(path: str) -> str:
    """The page of the form that is submitted to this path; "" if it has no page of its own."""
    match = _FORM_PATHS.fullmatch(path)
    if match is None:
        return ""
    return f"/incidents/{match['id']}" if match["note"] else path


def save_draft(owner: str, fields: Fields, warning_classes: tuple[str, ...] = ()) -> None:
    """Stores these fields for the signed-in account, with the longer of ``warning_classes`` and those stored before."""
    with request_context.env().databases.environment.begin() as tx:
        most = max(
            _warning_classes_in(drafts.find_draft(tx, owner, request_context.signed_in_account().id)),
            warning_classes,
            key=len,
        )
        drafts.save_draft(
            tx,
            owner,
            request_context.signed_in_account().id,
            {**fields, **({WARNING_CLASSES: [*most]} if most else {})},
            request_context.now(),
        )


def find_own_draft(owner: str) -> Fields | None:
    """The account's earlier draft for this form."""
    with request_context.env().databases.environment.read() as tx:
        draft = drafts.find_draft(tx, owner, request_context.signed_in_account().id)
    return (
        {name: values for name, values in draft.items() if name != WARNING_CLASSES} if isinstance(draft, dict) else None
    )


def find_saved_at(owner: str) -> datetime | None:
    """When the account's draft for this form was last saved; None if there is none."""
    with request_context.env().databases.environment.read() as tx:
        return drafts.find_saved_at(tx, owner, request_context.signed_in_account().id)


def is_opened() -> bool:
    """Whether the request asks for the draft itself: somebody has seen whose it is, when it was saved and what it is
    about, or the page renews itself."""
    return request.args.get("draft") == OPENED or "X-Renewal" in request.headers


def warning_classes_of(owner: str) -> tuple[str, ...]:
    """The classes of this draft's plain-language warnings when it had most of them."""
    with request_context.env().databases.environment.read() as tx:
        return _warning_classes_in(drafts.find_draft(tx, owner, request_context.signed_in_account().id))


def keep_warning_classes(owner: str, classes: tuple[str, ...]) -> None:
    """Stores these warning classes with the draft, if there is one."""
    if (
        len(classes) > len(warning_classes_of(owner) if classes else ())
        and (fields := find_own_draft(owner)) is not None
    ):
        save_draft(owner, fields, classes)


def drop_draft(owner: str) -> None:
    """Deletes the draft after it was published or discarded."""
    with request_context.env().databases.environment.begin() as tx:
        drafts.delete_draft(tx, owner, request_context.signed_in_account().id)


def _warning_classes_in(draft: object) -> tuple[str, ...]:
    """The valid classes in a stored draft; what a redaction removed is ignored."""
    classes = draft.get(WARNING_CLASSES, ()) if isinstance(draft, dict) else ()
    return tuple(word_class for word_class in classes if word_class in CATEGORIES)
