"""What a fresh company still lacks, for the administrator's home page while it is calm."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for

from statuspage.usecases import instance
from statuspage.usecases.diagnostics import SetupGap, find_setup_gaps
from statuspage.usecases.environment import Environment
from statuspage.web.desk.translations import Translator


@dataclass(frozen=True, slots=True)
class GapRow:
    """One thing that is missing: what, why it matters, and how to get it: in the settings (``setting`` names the entry,
    ``href`` is its page) or, where those do not have it, in words."""

    title: str
    reason: str
    how: str
    setting: str = ""
    href: str = ""


_SETTINGS = {
    SetupGap.ADDRESS: ("page", "page_settings.show_page"),
    SetupGap.CONTACT: ("page", "page_settings.show_page"),
    SetupGap.MAIL: ("channels", "channel_settings.show_channels"),
    SetupGap.MONITOR: ("monitors", "monitor_settings.show_monitors"),
    SetupGap.ON_CALL: ("on_call", "on_call_settings.show_on_call"),
}
"""The entry of the settings that has what is missing, and its endpoint."""


def gap_rows(env: Environment, translator: Translator) -> tuple[GapRow, ...]:
    """What is missing, the most useful first; nothing in a drill, or for the demo company."""
    if env.live_status_path or env.site.catalog.site.is_demo:
        return ()
    gaps = find_setup_gaps(env, has_address=bool(instance.public_address(env.home, env.site.address)))
    return tuple(_gap_row(gap, translator) for gap in gaps)


def _gap_row(gap: SetupGap, translator: Translator) -> GapRow:
    found, why, how = (translator.label(f"{gap.label_prefix}.{part}") for part in ("found", "why", "do"))
    setting, endpoint = _SETTINGS.get(gap, ("", ""))
    return GapRow(found, why, how, setting, url_for(endpoint) if endpoint else "")
