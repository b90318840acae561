"""The settings: links to everything that is set up in the browser, each with what it is for."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, current_app, g, render_template, url_for

from statuspage.web.desk import permissions

pages = Blueprint("settings", __name__)

ENTRIES = (
    ("connections", "connections.show_connections"),
    ("subscribers", "subscribers.show_subscribers"),
    ("accounts", "accounts.show_accounts"),
    ("audit_log", "accounts.show_audit_log"),
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


@pages.get("/settings")
def show_settings() -> str:
    """Lists the settings that this desk has and this account may see."""
    links = [
        SettingsLink(name, url_for(endpoint))
        for name, endpoint in ENTRIES
        if endpoint in current_app.view_functions and permissions.is_allowed(g.account.role, endpoint)
    ]
    return render_template("settings.html", section="settings", links=links)
