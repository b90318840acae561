"""Accounts on the desk: one's own sessions, everybody's for administrators, and the trail of what was done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import escape_control_characters
from statuspage.storage.accounts import Person
from statuspage.usecases import accounts, audit_log
from statuspage.usecases.accounts import Role
from statuspage.web.desk import request_context
from statuspage.web.desk.security import sign_in_cookie
from statuspage.web.desk.translations import Translator

pages = Blueprint("accounts", __name__)

LINES = 100
"""Lines on one page of the log."""


@dataclass(frozen=True, slots=True)
class Row:
    """One session: since when, when it was last used, and whether it is the one that asks."""

    id: str
    begun: str
    seen: str
    this: bool


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody's account with its sessions."""

    person: Person
    sessions: list[Row]


@dataclass(frozen=True, slots=True)
class Done:
    """One line of the trail."""

    time: str
    who: str
    what: str
    detail: str


@pages.get("/account")
def mine() -> str:
    """One's own account: where one is signed in."""
    return render_template("account.html", here="account", sessions=_sessions(request_context.who()))


@pages.post("/account")
def end_mine() -> Response:
    """One of one's own sessions is over."""
    _end_sessions(request_context.who())
    return redirect(url_for("accounts.mine"), 303)


@pages.get("/people")
def everybody() -> str:
    """Every account, what it may do, and where it is signed in."""
    found = [Account(one, _sessions(one)) for one in accounts.all_accounts(request_context.world().people)]
    roles = [(str(role), request_context.voice().t(f"role.{role}")) for role in accounts.RANKS]
    return render_template("people.html", here="account", accounts=found, roles=roles)


@pages.post("/people/<login>")
def change(login: str) -> Response:
    """Another role, or a session that is over. Nobody takes the rights to do this from themselves."""
    store, now = request_context.world().people, request_context.now()
    person = next((one for one in accounts.all_accounts(store) if one.login == login), None) or abort(404)
    role = request.form.get("role", "")
    if request.form.get("do") == "end":
        _end_sessions(person)
    elif role in list(Role) and person.id != request_context.who().id:
        accounts.promote(store, person.id, Role(role), by=request_context.who().id, now=now)
        flash(request_context.voice().t("accounts.changed", name=person.name))
    else:
        flash(request_context.voice().t("accounts.not_yourself"))
    return redirect(url_for("accounts.everybody"), 303)


@pages.get("/audit")
def trail() -> str:
    """What was done with accounts, newest first."""
    voice, names = request_context.voice(), accounts.names(request_context.world().people)
    found = audit_log.actions(request_context.world().people, LINES, **_turned())
    lines = [
        Done(
            time=_at(row["at"], voice),
            who=names.get(row["person"] or "", ""),
            what=_what(row, voice),
            detail=voice.t("join").join(
                _detail_text(key, str(value), names, voice) for key, value in row["detail"].items()
            ),
        )
        for row in found.rows
    ]
    return render_template("audit.html", here="account", lines=lines, page=found)


@pages.get("/audit/refused")
def refused() -> str:
    """How often strangers were refused, by the hour, newest first."""
    voice, names = request_context.voice(), accounts.names(request_context.world().people)
    found = audit_log.refusals(request_context.world().people, LINES, **_turned())
    lines = [
        Done(
            time=_at(row["last"], voice),
            who=names.get(row["account"], ""),
            what=voice.tn("audit.times", row["count"], what=_what(row, voice)),
            detail=voice.t("join").join(escape_control_characters(one) for one in reversed(row["networks"]) if one),
        )
        for row in found.rows
    ]
    return render_template("audit.html", here="account", lines=lines, page=found)


def _turned() -> dict[str, int | None]:
    """To which page of the log somebody has turned."""
    return {name: request.args.get(name, type=_row) for name in ("before", "after")}


def _row(text: str) -> int:
    """The number of a row, which fits into the column. Raises ValueError."""
    if (number := int(text)) >= 2**31:
        raise ValueError
    return number


def _what(row: Mapping[str, Any], voice: Translator) -> str:
    return voice.t(f"audit.{row['what'].replace('.', '_')}")


def _detail_text(key: str, value: str, names: Mapping[str, str], voice: Translator) -> str:
    """A detail of what was done, in the reader's words."""
    if key == "of":
        return names.get(value, value)
    said = f"desk.role.{value}" if key == "role" else f"desk.audit.{key}.{value}"
    return voice.label(said) if said in voice.book.labels else escape_control_characters(value)


def _end_sessions(person: Person) -> None:
    ended = accounts.end_session(
        request_context.world().people,
        person.id,
        request.form.get("session", ""),
        by=request_context.who().id,
        now=request_context.now(),
    )
    flash(request_context.voice().t("accounts.session_ended" if ended else "accounts.session_gone"))


def _sessions(person: Person) -> list[Row]:
    voice, now = request_context.voice(), request_context.now()
    this = accounts.session_name(request.cookies.get(sign_in_cookie(), ""))
    return [
        Row(name, _at(session.created, voice), _at(session.seen, voice), name == this)
        for name, session in accounts.sessions(request_context.world().people, person.id, now=now)
    ]


def _at(at: datetime, voice: Translator) -> str:
    return voice.times.day_clock(at)
