"""Keeps what somebody types until it is published, one draft for each place and person."""

from __future__ import annotations

import re

from werkzeug.datastructures import MultiDict

from statuspage.rendering.plain_language import CLASSES
from statuspage.storage import drafts
from statuspage.web.desk import request_context

Fields = dict[str, list[str]]
"""A form as it was sent: each name with its values in order."""

MET = "met"
"""Beside the fields of a draft: the classes of the hard words that stood in it when it had most of them."""

NOT_TYPED = ("csrf_token", "token", "do", "tried", "pv-language", "pv-tab", "kept", "back", MET)
"""What a form carries that nobody typed."""

_PLACES = re.compile(
    r"/report|/plan|/incidents/(?P<id>[a-z0-9]{1,32})(?:/write/(?P<notice>[a-z_]{1,16})|(?P<note>/note)?)"
)


def typed_in(form: MultiDict[str, str]) -> Fields:
    """The fields worth keeping."""
    return {name: values for name, values in form.lists() if name not in NOT_TYPED}


def owner_of(path: str) -> str:
    """Whose draft the form at this path is: new, plan, or the incident's with its notice; "" when it keeps none."""
    match = _PLACES.fullmatch(path.partition("?")[0])
    if match is None:
        return ""
    if not match["id"]:
        return "plan" if path.startswith("/plan") else "new"
    return f"{match['id']}:{match['notice'] or 'note'}"[:32]


def page_of(path: str) -> str:
    """The page on which what was sent to this path is typed; "" when it is not a page of its own."""
    match = _PLACES.fullmatch(path)
    if match is None:
        return ""
    return f"/incidents/{match['id']}" if match["note"] else path


def save_draft(owner: str, fields: Fields, warning_classes: tuple[str, ...] = ()) -> None:
    """Keeps these fields for the person who is signed in, and of ``met`` and what was met here before the longer."""
    with request_context.world().database.begin() as tx:
        most = max(_met(drafts.find_draft(tx, owner, request_context.who().id)), warning_classes, key=len)
        drafts.save_draft(
            tx, owner, request_context.who().id, {**fields, **({MET: [*most]} if most else {})}, request_context.now()
        )


def kept(owner: str) -> Fields | None:
    """What this person had typed here before."""
    with request_context.world().database.read() as tx:
        draft = drafts.find_draft(tx, owner, request_context.who().id)
    return {name: values for name, values in draft.items() if name != MET} if isinstance(draft, dict) else None


def met(owner: str) -> tuple[str, ...]:
    """The classes of the hard words that stood in this draft when it had most of them."""
    with request_context.world().database.read() as tx:
        return _met(drafts.find_draft(tx, owner, request_context.who().id))


def met_more(owner: str, classes: tuple[str, ...]) -> None:
    """Keeps beside the draft, if there is one, that so many hard words stood in it."""
    if len(classes) > len(met(owner) if classes else ()) and (fields := kept(owner)) is not None:
        save_draft(owner, fields, classes)


def drop(owner: str) -> None:
    """Published, or thrown away by hand."""
    with request_context.world().database.begin() as tx:
        drafts.drop(tx, owner, request_context.who().id)


def _met(draft: object) -> tuple[str, ...]:
    """Classes alone, whatever stands there: what was taken out by a redaction is none."""
    classes = draft.get(MET, ()) if isinstance(draft, dict) else ()
    return tuple(word_class for word_class in classes if word_class in CLASSES)
