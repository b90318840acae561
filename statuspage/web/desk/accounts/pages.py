"""The user's own account, and the audit log."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.domain import escape_control_characters
from statuspage.storage.accounts import Account
from statuspage.usecases import account_administration, accounts, audit_log
from statuspage.usecases.audit_log import COMMAND_LINE
from statuspage.usecases.identity import provider_sign_in
from statuspage.web.desk import request_context
from statuspage.web.desk.security import sign_in_cookie
from statuspage.web.desk.translations import Translator

pages = Blueprint("accounts", __name__)

LINES_PER_PAGE = 100
"""The number of lines on one page of the log."""


@dataclass(frozen=True, slots=True)
class SessionRow:
    """One session: its start, its last use, and whether it is the current one."""

    id: str
    started: str
    last_used: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the audit log. ``before`` and ``after`` are lines of text; none where there was or is nothing."""

    time: str
    actor: str
    action: str
    detail: str
    target: str = ""
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@pages.get("/account")
def show_own_sessions() -> Response:
    """The user's own account and sessions."""
    return _own_page()


@pages.post("/account")
def end_own_session() -> Response:
    """Ends one of the user's own sessions."""
    _end_sessions(request_context.signed_in_account())
    return redirect(url_for("accounts.show_own_sessions"), 303)


@pages.post("/account/password")
def set_own_password() -> Response:
    """Sets the user's own password; whoever has one types it first. Other sessions end."""
    account, database = request_context.signed_in_account(), request_context.env().databases.accounts
    translator, form = request_context.translator(), request.form
    if not accounts.is_own_password(
        database, account, form.get("old", ""), address=request_context.network_address(), now=request_context.now()
    ):
        return _own_page(str(translator.t("accounts.wrong_password")))
    try:
        accounts.set_password(
            database,
            account.id,
            form.get("new", ""),
            by=request_context.audit_actor(),
            kept_session=request.cookies.get(sign_in_cookie(), ""),
            now=request_context.now(),
        )
    except accounts.InvalidAccount:
        return _own_page(str(translator.t("accounts.password_hint")))
    flash(str(translator.t("accounts.password_set")))
    return redirect(url_for("accounts.show_own_sessions"), 303)


def _own_page(problem: str = "") -> Response:
    account, database = request_context.signed_in_account(), request_context.env().databases.accounts
    provider = request_context.desk().provider
    has_provider = provider is not None and provider.connection is not None
    page = render_template(
        "own_sessions.html",
        provider=provider.name if provider and has_provider else "",
        is_connected=provider is not None and provider_sign_in.is_connected(database, provider, account),
        section="account",
        sessions=list_sessions(account),
        has_password=accounts.has_password(database, account),
        problem=problem,
    )
    return make_response(page, 422 if problem else 200)


@pages.get("/audit-log")
def show_audit_log() -> str:
    """Shows the audit log, newest first."""
    translator = request_context.translator()
    page = audit_log.list_actions(request_context.env().databases.accounts, LINES_PER_PAGE, **_page_position())
    lines = [
        LogLine(
            time=_day_and_clock(row["at"], translator),
            actor=row["account_name"],
            action=_action_text(row, translator),
            target=row["target"],
            before=_value_lines(row["before"], translator),
            after=_value_lines(row["after"], translator),
            detail=translator.t("join").join(
                [
                    *(_detail_text(key, str(value), translator) for key, value in row["detail"].items()),
                    *filter(None, [_origin_text(row["origin"], translator)]),
                ]
            ),
        )
        for row in page.rows
    ]
    return render_template("audit_log.html", section="settings", lines=lines, page=page)


@pages.get("/audit-log/refused")
def show_refusals() -> str:
    """Shows refused sign-ins by hour, newest first."""
    translator, database = request_context.translator(), request_context.env().databases.accounts
    names = {each.account.id: each.account.name for each in account_administration.list_people(database)}
    page = audit_log.list_refusals(request_context.env().databases.accounts, LINES_PER_PAGE, **_page_position())
    lines = [
        LogLine(
            time=_day_and_clock(row["last_at"], translator),
            actor=names.get(row["account_id"], ""),
            action=translator.tn("audit.times", row["count"], what=_action_text(row, translator)),
            detail=translator.t("join").join(
                escape_control_characters(network) for network in reversed(row["networks"]) if network
            ),
        )
        for row in page.rows
    ]
    return render_template("audit_log.html", section="settings", lines=lines, page=page)


def _page_position() -> dict[str, int | None]:
    """The requested page of the log, as arguments of the query."""
    return {name: request.args.get(name, type=_row_number) for name in ("before", "after")}


def _row_number(text: str) -> int:
    """The number of a row, within the range of the column. Raises ValueError."""
    if (number := int(text)) >= 2**31:
        raise ValueError
    return number


def _action_text(row: Mapping[str, Any], translator: Translator) -> str:
    return translator.t(f"audit.{row['action'].replace('.', '_')}")


def _detail_text(key: str, value: str, translator: Translator) -> str:
    """A detail of an action, in the reader's language."""
    label_key = f"desk.role.{value}" if key == "role" else f"desk.audit.{key}.{value}"
    return translator.label(label_key) if label_key in translator.pack.labels else escape_control_characters(value)


def _origin_text(origin: str, translator: Translator) -> str:
    return translator.t("audit.command_line") if origin == COMMAND_LINE else escape_control_characters(origin)


def _value_lines(value: object, translator: Translator) -> tuple[str, ...]:
    """A value before or after a change: one line for each key, long ones in full."""
    if not isinstance(value, dict):
        return () if value is None else (escape_control_characters(str(value)),)
    return tuple(
        _detail_text(key, str(each), translator) if key in ("role", "language") else f"{key}: {_flat(each)}"
        for key, each in value.items()
    )


def _flat(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return escape_control_characters(text)


def _end_sessions(account: Account) -> None:
    was_ended = accounts.end_session(
        request_context.env().databases.accounts,
        account.id,
        request.form.get("session", ""),
        by=request_context.audit_actor(),
        now=request_context.now(),
    )
    flash(request_context.translator().t("accounts.session_ended" if was_ended else "accounts.session_gone"))


def list_sessions(account: Account) -> list[SessionRow]:
    """The open sessions of an account."""
    translator, now = request_context.translator(), request_context.now()
    current_name = accounts.session_name(request.cookies.get(sign_in_cookie(), ""))
    return [
        SessionRow(
            name,
            _day_and_clock(session.created, translator),
            _day_and_clock(session.last_seen, translator),
            name == current_name,
        )
        for name, session in accounts.list_sessions(request_context.env().databases.accounts, account.id, now=now)
    ]


def _day_and_clock(at: datetime, translator: Translator) -> str:
    return translator.times.format_day_time(at)
