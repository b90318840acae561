"""The content of the demo company, as it comes with the program, and copies of it to change."""

from __future__ import annotations

import shutil
from pathlib import Path

from statuspage import bundled

SHIPPED = bundled.folder("content")
DEMO = SHIPPED / "demo"
"""The demo company's own files."""

STARTER = SHIPPED / "starters" / "fitness"
LANGUAGES = SHIPPED / "languages"
SAMPLE_ALERT = STARTER / "sample_alert.json"


def whole_copy(folder: Path) -> Path:
    """An instance's content in which every file of every layer is its own, to be changed. Returns the folder."""
    for layer in (LANGUAGES, STARTER, DEMO):
        shutil.copytree(layer, folder, dirs_exist_ok=True)
    return folder
