"""Accounts in the settings: who may sign in, invitations, roles, languages, sessions."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from statuspage.storage.accounts import Person
from statuspage.usecases import account_administration, accounts, second_factor
from statuspage.usecases.account_administration import AccountRefused
from statuspage.usecases.accounts import InvalidAccount, Role
from statuspage.web.desk import request_context
from statuspage.web.desk.accounts.pages import SessionRow, list_sessions

pages = Blueprint("account_settings", __name__)


@dataclass(frozen=True, slots=True)
class PersonRow:
    """An account as it is listed."""

    person: Person
    last_seen: str
    is_own: bool
    has_factor: bool
    sessions: list[SessionRow]


@dataclass(frozen=True, slots=True)
class NewLink:
    """A sign-in link to pass on: shown once. ``mail`` opens it in the reader's own mail program."""

    name: str
    address: str
    mail: str


@pages.get("/settings/accounts")
def show_accounts() -> str:
    """Shows every account, its role and its sessions."""
    return _render()


@pages.post("/settings/accounts")
def invite() -> Response:
    """Invites somebody: an account, and a link that works once."""
    form, role = request.form, request.form.get("role", "")
    if role not in list(Role):
        abort(400)
    try:
        invitation = account_administration.invite(
            request_context.env().databases.accounts,
            form.get("name", ""),
            login=form.get("login", "").strip(),
            role=Role(role),
            language=_language(),
            by=request_context.audit_actor(),
            now=request_context.now(),
        )
    except InvalidAccount as error:
        return make_response(_render(problem=str(error)), 422)
    return make_response(_render(link=_new_link(invitation.account.name, invitation.token)))


@pages.post("/settings/accounts/<account>")
def change_account(account: str) -> Response:
    """Changes a role or a language, ends sessions, disables, enables or resets an account. Nobody takes away their own
    rights."""
    person = _person(account)
    is_own = account == request_context.signed_in_account().id
    if is_own and request.form.get("do") in ("role", "disable", "reset", "reset_factors"):
        return make_response(_render(problem=request_context.translator().t("accounts.not_yourself")), 422)
    try:
        link = _change(person)
    except AccountRefused as refused:
        text = request_context.translator().t(f"accounts.refusal.{refused.reason}")
        return make_response(_render(problem=text), 409)
    if link:
        return make_response(_render(link=link))
    return redirect(url_for("account_settings.show_accounts"), 303)


def _change(person: Person) -> NewLink | None:
    database, translator = request_context.env().databases.accounts, request_context.translator()
    account, by, now = person.account, request_context.audit_actor(), request_context.now()
    match request.form.get("do"):
        case "role":
            if (role := request.form.get("role", "")) not in list(Role):
                abort(400)
            account_administration.change_role(database, account.id, Role(role), by=by, now=now)
            flash(translator.t("accounts.changed", name=account.name))
        case "language":
            account_administration.change_language(database, account.id, _language(), by=by, now=now)
            flash(translator.t("accounts.language_changed", name=account.name))
        case "end":
            ended = accounts.end_session(database, account.id, request.form.get("session", ""), by=by, now=now)
            flash(translator.t("accounts.session_ended" if ended else "accounts.session_gone"))
        case "end_all":
            accounts.sign_out_everywhere(database, account.id, by=by, now=now)
            flash(translator.t("accounts.sessions_ended", name=account.name))
        case "disable":
            account_administration.disable(database, account.id, by=by, now=now)
            flash(translator.t("accounts.disabled", name=account.name))
        case "enable":
            account_administration.enable(database, account.id, by=by, now=now)
            flash(translator.t("accounts.enabled", name=account.name))
        case "reset_factors":
            second_factor.reset(database, request_context.env().secret_store, account, by=by, now=now)
            flash(translator.t("second_factor.reset_done", name=account.name))
        case "reset":
            return _new_link(account.name, account_administration.reset(database, account.id, by=by, now=now))
        case _:
            abort(400)
    return None


def _person(account: str) -> Person:
    people = account_administration.list_people(request_context.env().databases.accounts)
    return next((each for each in people if each.account.id == account), None) or abort(404)


def _language() -> str:
    """The chosen language; "" is that of the browser."""
    language = request.form.get("language", "")
    return language if language in request_context.env().site.catalog.desk_languages else ""


def _new_link(name: str, token: str) -> NewLink:
    """The link at the desk's own address; without one, at the address under which it is open here."""
    base = request_context.desk_address() or request.host_url.rstrip("/")
    address = f"{base}{url_for('sign_in.show_link', token=token)}"
    translator = request_context.translator()
    subject = str(translator.t("accounts.mail_subject", site=translator.pack.site)).replace("&amp;", "&")
    body = f"{translator.pack.labels['desk.accounts.mail_text']}\n\n{address}\n"
    return NewLink(name, address, f"mailto:?subject={quote(subject)}&body={quote(body)}")


def _render(*, link: NewLink | None = None, problem: str = "") -> str:
    translator, own = request_context.translator(), request_context.signed_in_account().id
    having = second_factor.list_accounts_with_factors(request_context.env().databases.accounts)
    rows = [
        PersonRow(
            person,
            translator.times.format_day_time(person.last_seen) if person.last_seen else "",
            person.account.id == own,
            person.account.id in having,
            list_sessions(person.account),
        )
        for person in account_administration.list_people(request_context.env().databases.accounts)
    ]
    roles = [(str(role), translator.t(f"role.{role}"), translator.t(f"role_text.{role}")) for role in accounts.RANKS]
    return render_template(
        "settings/accounts.html", section="settings", rows=rows, roles=roles, link=link, problem=problem
    )
