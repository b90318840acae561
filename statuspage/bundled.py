"""Where the files lie that come with the program: templates, styles and scripts, sample content."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

Shipped = Literal["templates", "static", "content"]

_PACKAGE = Path(__file__).resolve().parent


def folder(name: Shipped) -> Path:
    """That folder: in ``carried/`` inside the package when installed from a wheel, beside the package in a checkout.

    Raises FileNotFoundError when neither is there: the program was copied without its files.
    """
    for candidate in (_PACKAGE / "carried" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"The folder {name}/ that comes with statuspage is missing. Install the program again.")


def templates(folder: Path) -> Mapping[str, str]:
    """Every template below a folder by its name there, ``site/index.html``."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}
