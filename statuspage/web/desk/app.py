"""The desk: the web interface of support staff, one application per environment."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from flask import Blueprint, Flask, g, get_flashed_messages, request, url_for
from flask_wtf.csrf import generate_csrf
from jinja2 import StrictUndefined
from markupsafe import Markup

from statuspage import bundled
from statuspage.domain import NoticeText, TimeText
from statuspage.rendering.site import strip_marks
from statuspage.rendering.wording import format_inline, lay_out_time
from statuspage.storage import incidents
from statuspage.storage.engine import Database, DatabaseBroken, DatabaseBusy
from statuspage.usecases.accounts import Role
from statuspage.usecases.alerts import IntakeCounter
from statuspage.usecases.environment import Environment, restore_guard
from statuspage.usecases.identity import SignInProvider
from statuspage.web.desk import (
    action_items,
    audit_trail,
    components,
    errors,
    home,
    keyboard_help,
    monitoring,
    permissions,
    request_context,
    request_log,
    security,
    stylesheet,
    subscribers,
)
from statuspage.web.desk.accounts import emergency_links, log_pages, provider_pages, second_step, sign_in
from statuspage.web.desk.accounts import pages as account_pages
from statuspage.web.desk.accounts import second_factor as second_factor_pages
from statuspage.web.desk.alerts import groups, test_alerts, webhooks
from statuspage.web.desk.alerts import pages as alert_pages
from statuspage.web.desk.drills import inbox, leader_console, notes, sandbox_view, scorecard, setup
from statuspage.web.desk.drills import pages as drill_pages
from statuspage.web.desk.fact_requests import answer_page, panel
from statuspage.web.desk.figures import pages as figure_pages
from statuspage.web.desk.incident_reports import pages as incident_report_pages
from statuspage.web.desk.incidents import approvals, email_preview, lists
from statuspage.web.desk.incidents import pages as incident_pages
from statuspage.web.desk.notice_form import pages as form_pages
from statuspage.web.desk.panels import monitors
from statuspage.web.desk.receipts import pages as receipt_pages
from statuspage.web.desk.redaction import pages as redaction_pages
from statuspage.web.desk.request_context import DeskContext, Intake
from statuspage.web.desk.retrospectives import pages as retrospective_pages
from statuspage.web.desk.settings import accounts as account_settings
from statuspage.web.desk.settings import changes as setting_changes
from statuspage.web.desk.settings import channels as channel_settings
from statuspage.web.desk.settings import customer_groups, json_mappings
from statuspage.web.desk.settings import emergency_links as emergency_link_settings
from statuspage.web.desk.settings import languages as language_settings
from statuspage.web.desk.settings import monitors as monitor_settings
from statuspage.web.desk.settings import on_call as on_call_settings
from statuspage.web.desk.settings import page as page_settings
from statuspage.web.desk.settings import pages as setting_pages
from statuspage.web.desk.settings import retention as retention_settings
from statuspage.web.desk.settings import rosters as roster_settings
from statuspage.web.desk.settings import security as security_settings
from statuspage.web.desk.settings import services as service_settings
from statuspage.web.desk.settings import tokens as token_settings
from statuspage.web.desk.settings import words as word_settings

FORM_MODULES = (
    sign_in,
    provider_pages,
    home,
    alert_pages,
    form_pages,
    receipt_pages,
    email_preview,
    incident_pages,
    lists,
)
"""The pages from sign-in to a notice and its receipts."""

OTHER_MODULES = (
    action_items,
    approvals,
    groups,
    panel,
    answer_page,
    redaction_pages,
    retrospective_pages,
    incident_report_pages,
    account_pages,
    second_step,
    second_factor_pages,
    log_pages,
    keyboard_help,
    webhooks,
    test_alerts,
    monitors,
    monitoring,
    stylesheet,
    setting_pages,
    account_settings,
    token_settings,
)
"""All other pages."""

ENVIRONMENT_BLUEPRINTS: Mapping[str, tuple[Blueprint, ...]] = {
    "live": (
        subscribers.pages,
        service_settings.pages,
        customer_groups.pages,
        word_settings.pages,
        language_settings.pages,
        channel_settings.pages,
        monitor_settings.pages,
        json_mappings.pages,
        on_call_settings.pages,
        roster_settings.pages,
        page_settings.pages,
        security_settings.pages,
        emergency_link_settings.pages,
        emergency_links.pages,
        retention_settings.pages,
        setting_changes.pages,
        figure_pages.pages,
    ),
    "drill": (
        drill_pages.pages,
        scorecard.pages,
        leader_console.pages,
        notes.pages,
        inbox.pages,
        setup.pages,
        sandbox_view.pages,
        components.pages,
    ),
}
"""Pages that only the desk of this environment has."""


def create_app(
    env: Environment,
    *,
    clock: Callable[[], datetime],
    siblings: Mapping[str, str] | None = None,
    believes: Intake | None = None,
    metrics_token: str = "",
    secure: bool = False,
    provider: SignInProvider | None = None,
) -> Flask:
    """The desk of this environment.

    ``clock`` returns the current time (aware, UTC). ``siblings`` maps live and drill to the address of that
    environment's desk, where known. ``believes`` says how monitors authenticate; the metrics require ``metrics_token``.
    ``secure``: served over HTTPS. ``provider``: the identity provider through which people sign in.
    """
    templates = bundled.folder("templates") / "desk"
    app = Flask("statuspage.web.desk.app", static_folder=bundled.folder("static"), template_folder=templates)
    app.secret_key = hashlib.sha256(b"desk " + env.name.encode() + env.secret).digest()
    app.extensions["statuspage"] = DeskContext(
        env,
        clock,
        siblings or {},
        IntakeCounter(env.databases.environment),
        secure=secure,
        intake=believes or Intake(),
        metrics_token=metrics_token,
        provider=provider,
    )
    _set_up_templates(app)
    request_log.follow_requests(app, app.extensions["statuspage"].http_metrics)
    security.protect(app, secure=secure, name=env.name)
    app.before_request(sign_in.authenticate_request)
    audit_trail.follow_changes(app)
    for page_module in (*FORM_MODULES, *OTHER_MODULES):
        app.register_blueprint(page_module.pages)
    for blueprint in ENVIRONMENT_BLUEPRINTS.get(env.name, ()):
        app.register_blueprint(blueprint)
    errors.register_error_handlers(app)
    return app


def _set_up_templates(app: Flask) -> None:
    """A field that no page gives is an error; what every page may use is there."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.context_processor(_template_context)
    app.jinja_env.globals["asset"] = _asset_urls()
    app.jinja_env.globals["lay_out_time"], app.jinja_env.globals["plain_time"] = lay_out_time, _plain_time
    app.jinja_env.globals["headline_of"], app.jinja_env.globals["report_of"] = _headline, _report


def _plain_time(time: TimeText, language: str) -> str:
    """A time within a line of text, in the style of the language."""
    return format_inline(time, request_context.desk().env.site.catalog.packs[language].locale_rules)


def _template_context() -> dict[str, Any]:
    """The names available to every page."""
    desk, translator = request_context.desk(), request_context.translator()
    packs = desk.env.site.catalog.packs
    blueprints = ENVIRONMENT_BLUEPRINTS.get(desk.env.name, ())
    return {
        "translator": translator,
        "pack": translator.pack,
        "t": translator.t,
        "tn": translator.tn,
        "marks": translator.pack.marks,
        "languages": [(language, packs[language].name) for language in desk.env.site.catalog.desk_languages],
        "siblings": request_context.siblings(),
        "features": {
            "drills": drill_pages.pages in blueprints,
            "subscribers": subscribers.pages in blueprints,
            "channels": channel_settings.pages in blueprints,
            "figures": figure_pages.pages in blueprints,
        },
        **_account_context(desk.env),
        **_live_context(desk.env),
        "section": "",
        "site_address": desk.env.site.address,
        "return_path": _return_path(),
        "is_demo": desk.env.site.catalog.site.is_demo,
        "unreviewed": {language for language, pack in packs.items() if not pack.is_reviewed},
        "flashes": get_flashed_messages(),
        "csrf": _csrf_field,
        "settings_links": setting_pages.settings_links,
    }


def _account_context(env: Environment) -> Mapping[str, object]:
    """Who has signed in, what they may do, and the state of the instance, which nobody else sees."""
    is_signed_in = bool(g.get("account"))
    return {
        "account": g.get("account"),
        "is_left_out": g.get("is_left_out", False),
        "may_release_hold": _has_role(Role.LEAD),
        "may_write": _has_role(Role.REPORTER),
        "may_lead": _has_role(Role.LEAD),
        "may_administer": _has_role(Role.ADMINISTRATOR),
        "other_drill_since": drill_pages.drill_running_since() if is_signed_in else "",
        "open_count": _open_count(env.databases.environment) if is_signed_in else 0,
        "content_errors": (env.content.errors or env.content_source.check()) if is_signed_in else (),
        "template_errors": _template_errors(env) if is_signed_in else (),
        "send_hold_start": _send_hold_start(env.databases.environment) if is_signed_in else None,
    }


def _live_context(env: Environment) -> Mapping[str, object]:
    """Live alerts and incidents, shown beside a drill. Engineers who answer questions through a link see only those."""
    if drill_pages.pages not in ENVIRONMENT_BLUEPRINTS.get(env.name, ()) or not (
        g.get("account") or "answer_token" in g
    ):
        return {**drill_pages.EMPTY_CONTEXT, "live_banner_url": ""}
    if g.get("account") and not g.get("is_left_out"):
        return {**drill_pages.drill_context(), "live_banner_url": url_for("drills.live_banner")}
    banner = (
        ("fact_answers.live_banner", {"token": g.answer_token}) if "answer_token" in g else ("drills.live_banner", {})
    )
    return {
        **drill_pages.EMPTY_CONTEXT,
        "live_events": drill_pages.live_events(),
        "live_banner_url": url_for(banner[0], **banner[1]),
    }


def _has_role(role: Role) -> bool:
    account = g.get("account")
    return account is not None and permissions.has_at_least(account.role, role)


def _template_errors(env: Environment) -> list[str]:
    """Custom templates that are not used, with the reason given by the check or by a page."""
    problems = [f"{fault.file}:{fault.line}: {fault.message}" for fault in env.content.template_errors]
    return [*problems, *(f"{name}: {reason}" for name, reason in env.site.assets.template_errors.items())]


def _send_hold_start(database: Database) -> datetime | None:
    """Since when sending is on hold; None also if the database is broken."""
    with suppress(DatabaseBusy, DatabaseBroken):
        return restore_guard.held_since(database)
    return None


def _open_count(database: Database) -> int:
    """How many incidents are open; 0 also if the database is broken."""
    with suppress(DatabaseBusy, DatabaseBroken), database.read() as tx:
        return len(incidents.open_incident_ids(tx))
    return 0


def _report(notice_text: NoticeText) -> Markup:
    """A postmortem's own text as pages show it."""
    return Markup(notice_text.postmortem)  # noqa: S704 - cleaned when it was composed


def _headline(notice_text: NoticeText) -> Markup:
    """The headline as pages show it: with the environment's mark as a badge before it, instead of text around it."""
    pack = request_context.desk().env.site.catalog.packs[notice_text.language]
    badge = Markup('<span class="dtag">{}</span> ').format(pack.marks.word) if pack.marks.word else Markup()
    return badge + Markup(strip_marks(pack, notice_text.headline_html))  # noqa: S704 - escaped when it was composed


def _return_path() -> str:
    """The path to which a change of language returns."""
    if "return_path" in g:
        return str(g.return_path)
    query = request.query_string.decode("ascii", "ignore")
    return f"{request.path}?{query}" if query and request.method == "GET" else request.path


def _csrf_field() -> Markup:
    return Markup('<input type="hidden" name="csrf_token" value="{}">').format(generate_csrf())


def _asset_urls() -> Callable[[str], str]:
    """URLs of our own static files that change with their content, so that browsers can cache them."""
    folder = bundled.folder("static")
    files = [path for path in folder.iterdir() if path.is_file()]
    marks = {path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:12] for path in files}
    marks["desk.css"] = stylesheet.fingerprint()
    return lambda name: url_for("static", filename=name, v=marks[name])
