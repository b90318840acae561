"""What a fresh company still lacks, for the administrator's home page while it is calm."""

from __future__ import annotations

from dataclasses import dataclass

from statuspage.usecases import instance
from statuspage.usecases.diagnostics import find_setup_gaps
from statuspage.usecases.environment import Environment
from statuspage.web.desk.translations import Translator


@dataclass(frozen=True, slots=True)
class GapRow:
    """One thing that is missing: what, why it matters, and how to get it."""

    title: str
    reason: str
    how: str


def gap_rows(env: Environment, translator: Translator) -> tuple[GapRow, ...]:
    """What is missing, the most useful first; nothing in a drill, or for the demo company."""
    if env.live_status_path or env.site.catalog.site.is_demo:
        return ()
    gaps = find_setup_gaps(env, has_address=bool(instance.public_address(env.home, env.site.address)))
    return tuple(
        GapRow(*(translator.label(f"{gap.label_prefix}.{part}") for part in ("found", "why", "do"))) for gap in gaps
    )
