"""The keys of the desk, as a list: what each of them does, and where."""

from __future__ import annotations

from flask import Blueprint, render_template

from statuspage.web.desk import request_context

pages = Blueprint("keyboard_help", __name__)

KEYS: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("form", (("1 … 9", "kind"), ("Ctrl Enter", "publish"), ("F", "facts"), ("Q", "ask"), ("T", "tell"))),
    ("home", (("H", "holding"), ("N", "no_news"), ("T", "tell"))),
    ("incident", (("H", "holding"), ("N", "no_news"), ("T", "tell"))),
    ("everywhere", (("?", "list"),)),
)
"""By place: the keys and the labels of what they do (``desk.keys.WHAT``). The buttons name the same keys themselves."""

DRILL_KEYS = ("everywhere", (("Esc", "break_off"),))
"""Additional keys on a drill's desk."""


@pages.get("/keyboard-help")
def show_keyboard_help() -> str:
    """All keys."""
    more = (DRILL_KEYS,) if request_context.env().live_status_path else ()
    return render_template("keyboard_help.html", section="keys", places=(*KEYS, *more))
