"""The keyboard shortcuts of the desk, as a list."""

from __future__ import annotations

from flask import Blueprint, render_template

from statuspage.web.desk import request_context

pages = Blueprint("keyboard_help", __name__)

KEYS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "form",
        (
            ("1 … 9 0", "incident_type"),
            ("1 … 4", "whats_new"),
            ("Ctrl Enter", "publish"),
            ("F", "take_facts"),
            ("Q", "ask_engineers"),
            ("T", "tell_colleagues"),
        ),
    ),
    ("home", (("F", "write_first"), ("H", "placeholder"), ("N", "no_news"), ("T", "tell_colleagues"))),
    ("incident", (("H", "placeholder"), ("N", "no_news"), ("T", "tell_colleagues"))),
    ("lists", (("J K", "down_and_up"), ("Enter", "open_row"), ("X", "tick"), ("A", "acknowledge"))),
    ("everywhere", (("/", "search"), ("Esc", "close_menu"), ("?", "list"))),
)
"""By place: the keys and the labels of what they do (``desk.keyboard_help.WHAT``). Buttons define their
keys themselves; ``desk.js`` those of lists, menus and the search."""

DRILL_KEYS = ("everywhere", (("Esc", "suspend"),))
"""Additional keys on a drill's desk."""


@pages.get("/keyboard-help")
def show_keyboard_help() -> str:
    """Shows all keyboard shortcuts."""
    more = (DRILL_KEYS,) if request_context.env().live_status_path else ()
    return render_template("keyboard_help.html", section="keys", places=(*KEYS, *more))
