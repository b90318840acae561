"""An instance's own templates. Each is tried on every type of page; one that fails is replaced by the shipped one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from statuspage import bundled
from statuspage.domain import Catalog, ContentError
from statuspage.rendering.site import SiteAssets

FOLDER = "templates/site"
"""Relative to the content folder."""


def apply_custom_templates(
    folder: Path, catalog: Catalog, shipped: SiteAssets, *, now: datetime
) -> tuple[SiteAssets, tuple[ContentError, ...]]:
    """The assets with those custom templates that work, and the errors of the others."""
    if not any((folder / FOLDER).glob("*.html")):  # Trials load much that most commands do not need.
        return shipped, ()
    from statuspage.usecases.content.template_trials import render_errors, with_templates

    custom, content_errors = _read_custom(folder, shipped)
    combined_errors = render_errors(catalog, shipped, custom, now) if custom else ()
    if not combined_errors:
        return (with_templates(shipped, custom) if custom else shipped), content_errors
    errors_by_name = {name: render_errors(catalog, shipped, {name: text}, now) for name, text in custom.items()}
    usable = {name: text for name, text in custom.items() if not errors_by_name[name]}
    individual_errors = tuple(content_error for errors in errors_by_name.values() for content_error in errors)
    if not individual_errors or (usable and render_errors(catalog, shipped, usable, now)):
        return shipped, (
            *content_errors,
            *(individual_errors or combined_errors),
        )  # Each works alone, but not together.
    return (with_templates(shipped, usable) if usable else shipped), (*content_errors, *individual_errors)


def _read_custom(folder: Path, shipped: SiteAssets) -> tuple[dict[str, str], tuple[ContentError, ...]]:
    """Custom templates that have the name of a shipped one, and errors for the others."""
    from statuspage.content.loading import suggest
    from statuspage.usecases.content.template_trials import template_error

    custom: dict[str, str] = {}
    content_errors = []
    for path in sorted((folder / FOLDER).glob("*.html")):
        try:
            text = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            content_errors.append(template_error(path.name, 1, "it cannot be read as UTF-8 text"))
            continue
        if path.name in shipped.templates:
            custom[path.name] = text
        else:
            message = f"no template has this name; {suggest(path.name, shipped.templates)}"
            content_errors.append(ContentError(f"{FOLDER}/{path.name}", 1, "", f"This file is not used: {message}"))
    return custom, tuple(content_errors)


def bundled_assets(forbidden: tuple[str, ...]) -> SiteAssets:
    """The shipped templates, style and script."""
    static = bundled.folder("static")
    return SiteAssets(
        templates=bundled.templates(bundled.folder("templates") / "site"),
        css=bundled.site_css(),
        script=(static / "site.js").read_text("utf-8"),
        forbidden_marks=forbidden,
    )


def custom_template_errors(folder: Path, catalog: Catalog, *, now: datetime) -> tuple[ContentError, ...]:
    """Why custom templates cannot be used."""
    return apply_custom_templates(folder, catalog, bundled_assets(()), now=now)[1]
