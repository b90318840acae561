"""Secrets that are planted, and where they are found."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import quote

from statuspage.content import loading
from statuspage.integrations import channels
from statuspage.usecases import logging_setup
from tests.support.paths import ROOT

SETTINGS_PAGE = ROOT / "docs" / "reference" / "settings.md"


PLAIN = {
    *logging_setup.NOT_SECRET,
    "STATUSPAGE_DRILL_ADDRESS",
    "STATUSPAGE_SECURE",
    "STATUSPAGE_DEBUG",
    "STATUSPAGE_X_API",
}
"""Settings that are not secret: locations and languages."""


def planted(home: Path) -> dict[str, str]:
    """A different secret in every setting that the channels need or the operator's page names."""
    catalog, faults = loading.read_content(home / "content")
    assert catalog is not None, faults
    names = {name for spec in catalog.channels.values() for name in channels.secret_settings(spec).values()}
    names |= set(re.findall(r"`(STATUSPAGE_[A-Z_]+[A-Z])`", SETTINGS_PAGE.read_text("utf-8")))
    kept = sorted(n for n in names if n not in PLAIN and not n.endswith(("_URL", "_FILE")))
    return {name: f"planted/{number}+{name.lower()}=" for number, name in enumerate(kept)}


def forms(secret: str) -> tuple[str, ...]:
    """The secret as texts and URLs may contain it."""
    return secret, quote(secret, safe="")


def found_in(text: str, secrets: dict[str, str]) -> list[str]:
    """The names of the secrets found in a text."""
    return [name for name, secret in secrets.items() if any(form in text for form in forms(secret))]
