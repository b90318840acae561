"""The files that ship with the program: templates, styles, scripts and sample content."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

Shipped = Literal["templates", "static", "content"]

_PACKAGE = Path(__file__).resolve().parent


def folder(name: Shipped) -> Path:
    """The path of a shipped folder: ``bundled_files/`` inside an installed package, beside the package in a checkout.

    Raises FileNotFoundError when neither exists because the program was copied without its files.
    """
    for candidate in (_PACKAGE / "bundled_files" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"The folder {name}/ of statuspage is missing. Reinstall the program.")


def site_css() -> str:
    """The style sheet of the public pages, in named sections: tokens and what the desk has too, then their own."""
    static = folder("static")
    return "".join((static / name).read_text("utf-8") for name in ("tokens.css", "shared.css", "site.css"))


def desk_css() -> str:
    """The style sheet of the desk: its files joined, each in its layer. The first file states the layers' order."""
    static = folder("static")
    layers = {"tokens": "tokens.css", "shared": "shared.css"}
    shared = [f"@layer {layer} {{\n{(static / name).read_text('utf-8')}}}\n" for layer, name in layers.items()]
    first, *components = [path.read_text("utf-8") for path in sorted((static / "desk").glob("*.css"))]
    return "".join([first, *shared, *components])


def templates(folder: Path) -> Mapping[str, str]:
    """All templates below a folder, by relative name (``site/index.html``)."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in files}
