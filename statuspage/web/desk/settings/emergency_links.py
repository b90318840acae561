"""Emergency links in the settings: who has some, made and printed, revoked."""

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
from statuspage.usecases.identity import emergency_links
from statuspage.web.desk import request_context

pages = Blueprint("emergency_link_settings", __name__)


@dataclass(frozen=True, slots=True)
class EmergencyLinkRow:
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


@pages.get("/settings/emergency-links")
def show_emergency_links() -> str:
    """Lists the links with their state."""
    people = [each.account for each in _people()]
    return render_template(
        "settings/emergency_links.html",
        section="settings",
        rows=_rows(),
        people=people,
        provider=request_context.desk().provider,
        days=emergency_links.VALID_FOR_DAYS,
        most=emergency_links.MAX_LINKS,
    )


@pages.post("/settings/emergency-links")
def make_emergency_links() -> Response:
    """Makes links and shows them once, to be printed."""
    account = next((each.account for each in _people() if each.account.id == request.form.get("account")), None)
    count, days = request.form.get("count", type=int), request.form.get("days", type=int)
    if account is None or count is None or days is None:
        abort(400)
    now = request_context.now()
    made = emergency_links.create(
        request_context.env().databases.accounts,
        account.id,
        count=count,
        days=days,
        by=request_context.audit_actor(),
        now=now,
    )
    until = now + timedelta(days=min(max(days, 1), emergency_links.VALID_FOR_DAYS[1]))
    page = render_template(
        "settings/emergency_sheet.html",
        section="settings",
        person=account,
        links=[_printed(link) for link in made],
        address=_address(),
        until=request_context.translator().times.format_date(until, now=now),
    )
    return make_response(page)


@pages.post("/settings/emergency-links/<int:number>")
def revoke_emergency_link(number: int) -> Response:
    """Makes an unused link void."""
    was_revoked = number < 2**31 and emergency_links.revoke(
        request_context.env().databases.accounts,
        number,
        by=request_context.audit_actor(),
        now=request_context.now(),
    )
    key = "emergency.revoked_now" if was_revoked else "emergency.gone"
    flash(request_context.translator().t(key, number=number))
    return redirect(url_for("emergency_link_settings.show_emergency_links"), 303)


def _people() -> list[Person]:
    """Whose accounts can get links: enabled ones that may do more than read."""
    people = account_administration.list_people(request_context.env().databases.accounts)
    return [each for each in people if each.disabled is None and each.account.role != Role.VIEWER]


def _rows() -> list[EmergencyLinkRow]:
    translator, now = request_context.translator(), request_context.now()
    times, rows = translator.times, []
    for link in emergency_links.list_links(request_context.env().databases.accounts):
        at = link.used_at or link.revoked_at or link.expires
        slots = {"time": times.format_day_time(at), "day": times.format_date(at, now=now), "origin": link.used_from}
        state = translator.t(f"emergency.state.{link.state(now)}", **slots)
        rows.append(EmergencyLinkRow(link.number, link.person, state, link.is_usable(now)))
    return rows


def _printed(link: emergency_links.NewEmergencyLink) -> PrintedLink:
    address = f"{_address()}#code={link.code}"
    title = request_context.translator().t("emergency.number", number=link.number)
    return PrintedLink(link.number, link.code, address, draw_qr_code(address, title))


def _address() -> str:
    base = request_context.desk_address() or request.host_url.rstrip("/")
    return f"{base}{url_for('emergency_links.show_code_form')}"
