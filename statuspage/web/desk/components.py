"""Every component of the desk in every state and in both directions of writing, for those who change the screens."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from flask import Blueprint, render_template

from statuspage.web.desk import request_context
from statuspage.web.desk.panels import response_clock

pages = Blueprint("components", __name__)

TONES = ("ok", "part", "down", "maint", "unk")
"""The marks, each with its colour."""


@pages.get("/components")
def show_components() -> str:
    """Shows the components. Nothing on this page does anything."""
    translator, now = request_context.translator(), request_context.now()
    goal = timedelta(minutes=10)
    clocks = [
        replace(
            response_clock.form_clock(now - timedelta(minutes=minutes, seconds=32), goal, translator, now),
            name=translator.t("clock.name_running") + f" {minutes}",
        )
        for minutes in (3, 12)
    ]
    return render_template("components.html", section="settings", tones=TONES, clocks=clocks)
