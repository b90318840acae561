"""The keyboard shortcuts of the desk, as a list."""

from __future__ import annotations

from flask import Blueprint, render_template

from statuspage.web.desk import request_context

pages = Blueprint("keyboard_help", __name__)

KEYS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    (
        "form",
        (
            ("1 … 9", "incident_type"),
            ("Ctrl Enter", "publish"),
            ("F", "take_facts"),
            ("Q", "ask_engineers"),
            ("T", "tell_colleagues"),
        ),
    ),
    ("home", (("F", "write_first"), ("H", "placeholder"), ("N", "no_news"), ("T", "tell_colleagues"))),
    ("incident", (("H", "placeholder"), ("N", "no_news"), ("T", "tell_colleagues"))),
    ("everywhere", (("?", "list"),)),
)
"""By place: the keys and the labels of what they do (``desk.keyboard_help.WHAT``). The buttons define the same keys
themselves."""

DRILL_KEYS = ("everywhere", (("Esc", "suspend"),))
"""Additional keys on a drill's desk."""


@pages.get("/keyboard-help")
def show_keyboard_help() -> str:
    """Shows all keyboard shortcuts."""
    more = (DRILL_KEYS,) if request_context.env().live_status_path else ()
    return render_template("keyboard_help.html", section="keys", places=(*KEYS, *more))
