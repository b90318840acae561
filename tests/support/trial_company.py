"""A new company of a starter: the services that the starter proposes, and nothing of its own but its name."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.support.content import SHIPPED

STARTERS = SHIPPED / "starters"

ORGANISATION = 'site_name = "Acme"\ntagline = "status"\ndesk_name = "Desk"\n'


CONTACT = '\n[contact]\nurl = "https://acme.example/help"\nphone = "+49 30 5550100"\n'
"""A way to reach the company, without which some sentences cannot be chosen."""


def write_company(
    folder: Path, starter: str, languages: Sequence[str], *, services: str = "", contact: str = ""
) -> Path:
    """Its content folder. ``services``: a ``services.toml`` of its own instead of the proposed one. ``contact``: the
    end of its ``site.toml``."""
    folder.mkdir(parents=True, exist_ok=True)
    proposed = (STARTERS / starter / "services.toml").read_text("utf-8")
    (folder / "services.toml").write_text(services or proposed, "utf-8")
    (folder / "site.toml").write_text(_site(starter, languages) + contact, "utf-8")
    for language in languages:
        (folder / language).mkdir()
        (folder / language / "organisation.toml").write_text(ORGANISATION, "utf-8")
    return folder


def _site(starter: str, languages: Sequence[str]) -> str:
    spoken = ", ".join(f'"{language}"' for language in languages)
    return (
        f'starter = "{starter}"\n'
        f"languages = [{spoken}]\n"
        'time_zone = "Europe/Berlin"\n'
        "notice_goal_minutes = 15\n"
        'address = ""\n'
    )
