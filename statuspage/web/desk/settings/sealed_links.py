"""Sealed links in the settings: who has some, made and printed, revoked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, abort, flash, make_response, redirect, render_template, request, url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from statuspage.rendering.site import draw_qr_code
from statuspage.storage.accounts import Person
from statuspage.usecases import account_administration
from statuspage.usecases.accounts import Role
from statuspage.usecases.identity import sealed
from statuspage.web.desk import request_context

pages = Blueprint("sealed_link_settings", __name__)


@dataclass(frozen=True, slots=True)
class SealedRow:
    """One link as it is listed."""

    number: int
    person: str
    state: str
    is_usable: bool


@dataclass(frozen=True, slots=True)
class PrintedLink:
    """One link as it is printed."""

    number: int
    code: str
    address: str
    picture: Markup


@pages.get("/settings/sealed-links")
def show_sealed_links() -> str:
    """Lists the links with their state."""
    people = [each.account for each in _people()]
    return render_template(
        "settings/sealed_links.html",
        section="settings",
        rows=_rows(),
        people=people,
        provider=request_context.desk().provider,
        days=sealed.SEALED_FOR_DAYS,
        most=sealed.MAX_LINKS,
    )


@pages.post("/settings/sealed-links")
def make_sealed_links() -> Response:
    """Makes links and shows them once, to be printed."""
    account = next((each.account for each in _people() if each.account.id == request.form.get("account")), None)
    count, days = request.form.get("count", type=int), request.form.get("days", type=int)
    if account is None or count is None or days is None:
        abort(400)
    now = request_context.now()
    made = sealed.seal(
        request_context.env().databases.accounts,
        account.id,
        count=count,
        days=days,
        by=request_context.audit_actor(),
        now=now,
    )
    until = now + timedelta(days=min(max(days, 1), sealed.SEALED_FOR_DAYS[1]))
    page = render_template(
        "settings/sealed_sheet.html",
        section="settings",
        person=account,
        links=[_printed(link) for link in made],
        address=_address(),
        until=request_context.translator().times.format_date(until, now=now),
    )
    return make_response(page)


@pages.post("/settings/sealed-links/<int:number>")
def revoke_sealed_link(number: int) -> Response:
    """Makes an unused link void."""
    was_revoked = number < 2**31 and sealed.revoke(
        request_context.env().databases.accounts,
        number,
        by=request_context.audit_actor(),
        now=request_context.now(),
    )
    key = "sealed.revoked_now" if was_revoked else "sealed.gone"
    flash(str(request_context.translator().t(key, number=number)))
    return redirect(url_for("sealed_link_settings.show_sealed_links"), 303)


def _people() -> list[Person]:
    """Whose accounts can get links: enabled ones that may do more than read."""
    people = account_administration.list_people(request_context.env().databases.accounts)
    return [each for each in people if each.disabled is None and each.account.role != Role.VIEWER]


def _rows() -> list[SealedRow]:
    translator, now = request_context.translator(), request_context.now()
    times, rows = translator.times, []
    for link in sealed.list_links(request_context.env().databases.accounts):
        at = link.used_at or link.revoked_at or link.expires
        slots = {"time": times.format_day_time(at), "day": times.format_date(at, now=now), "origin": link.used_from}
        state = str(translator.t(f"sealed.state.{link.state(now)}", **slots))
        rows.append(SealedRow(link.number, link.person, state, link.is_usable(now)))
    return rows


def _printed(link: sealed.NewSealedLink) -> PrintedLink:
    address = f"{_address()}?code={link.code}"
    title = str(request_context.translator().t("sealed.number", number=link.number))
    return PrintedLink(link.number, link.code, address, draw_qr_code(address, title))


def _address() -> str:
    base = request_context.desk_address() or request.host_url.rstrip("/")
    return f"{base}{url_for('sealed_links.show_code_form')}"
