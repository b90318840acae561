"""Keeps what somebody types until it is published, one draft for each place and person."""

from __future__ import annotations

import re

from werkzeug.datastructures import MultiDict

from statuspage.store import drafts
from statuspage.web import here

Fields = dict[str, list[str]]
"""A form as it was sent: each name with its values in order."""

NOT_TYPED = ("csrf_token", "token", "do", "tried", "pv-language", "pv-tab", "kept", "back")
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


def keep(owner: str, fields: Fields) -> None:
    """Keeps these fields for the person who is signed in."""
    with here.world().store.begin() as tx:
        drafts.keep(tx, owner, here.who().id, fields, here.now())


def kept(owner: str) -> Fields | None:
    """What this person had typed here before."""
    with here.world().store.read() as tx:
        found = drafts.get(tx, owner, here.who().id)
    return found if isinstance(found, dict) else None


def drop(owner: str) -> None:
    """Published, or thrown away by hand."""
    with here.world().store.begin() as tx:
        drafts.drop(tx, owner, here.who().id)
