"""The settings: links to everything that is set up in the browser, each with what it is for."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, current_app, g, render_template, request, url_for

from statuspage.web.desk import permissions

pages = Blueprint("settings", __name__)

ENTRIES = (
    ("page", "page_settings.show_page"),
    ("services", "service_settings.show_services"),
    ("words", "word_settings.show_words"),
    ("languages", "language_settings.show_languages"),
    ("channels", "channel_settings.show_channels"),
    ("monitors", "monitor_settings.show_monitors"),
    ("on_call", "on_call_settings.show_on_call"),
    ("subscribers", "subscribers.show_subscribers"),
    ("accounts", "account_settings.show_accounts"),
    ("security", "security_settings.show_security"),
    ("tokens", "api_tokens.show_tokens"),
    ("retention", "retention_settings.show_retention"),
    ("audit_log", "audit_log.show_log"),
    ("changes", "setting_changes.show_changes"),
    ("own", "accounts.show_own_sessions"),
    ("keyboard", "keyboard_help.show_keyboard_help"),
    ("components", "components.show_components"),
)
"""By label (``desk.settings.NAME`` and ``desk.settings.about.NAME``): the endpoint."""


@dataclass(frozen=True, slots=True)
class SettingsLink:
    """One entry of the settings."""

    name: str
    href: str
    is_current: bool


@pages.get("/settings")
def show_settings() -> str:
    """Lists the settings that this desk has and this account may see."""
    return render_template("settings.html", section="settings", links=settings_links())


def settings_links() -> list[SettingsLink]:
    """The settings that this desk has and this account may see; on a page of one of them, that one is current."""
    whole = _PARTS.get(request.blueprint or "", request.blueprint)
    return [
        SettingsLink(
            name,
            url_for(endpoint),
            request.endpoint == endpoint or (endpoint.partition(".")[0] == whole and whole in _WHOLE),
        )
        for name, endpoint in ENTRIES
        if endpoint in current_app.view_functions and permissions.is_allowed(g.account.role, endpoint)
    ]


_WHOLE = (
    "account_settings",
    "channel_settings",
    "service_settings",
    "word_settings",
    "language_settings",
    "monitor_settings",
    "on_call_settings",
    "page_settings",
    "security_settings",
    "retention_settings",
    "setting_changes",
    "subscribers",
)
"""Blueprints all of whose pages belong to one entry."""

_PARTS = {
    "json_mappings": "monitor_settings",
    "roster_settings": "on_call_settings",
    "emergency_link_settings": "security_settings",
    "customer_group_settings": "service_settings",
}
"""Blueprints whose pages belong to the entry of another one."""
