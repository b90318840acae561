"""The page as the desk sets it up: names, taglines, addresses, contact, colours and logos; seen before it is kept."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from statuspage.content import loading
from statuspage.content.editing import Edit, SetValue, Unset, apply_edits
from statuspage.domain import Catalog, ContentError
from statuspage.integrations.net import page_probe
from statuspage.usecases.environment import Environment
from statuspage.usecases.settings.content_files import ContentStore, FileChange, copy_content, value_at

SITE_FILE = "site.toml"

KEYS = (
    *("company", "homepage", "address"),
    *("contact.phone", "contact.url", "contact.hours", "contact.emergency"),
    *("brand.accent", "brand.accent_dark"),
)
"""The texts of ``site.toml`` that the form has, as keys."""

NAMES = ("site_name", "tagline")
"""The texts of ``LANG/organisation.toml`` that the form has."""

LOGOS = ("logo", "logo_dark")
"""The images of ``[brand]``."""

MAX_UPLOAD = 100_000
"""The maximum number of bytes of an uploaded logo that is looked at at all; the check names its own limit."""


@dataclass(frozen=True, slots=True)
class TypedPage:
    """The form as typed: texts by key, names by language and key, new logos by key (None: the present one goes)."""

    texts: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    logos: Mapping[str, bytes | None] = field(default_factory=dict)


def present(store: ContentStore, languages: tuple[str, ...]) -> TypedPage:
    """What the instance's own files say."""
    site = store.read_values(SITE_FILE)
    return TypedPage(
        {key: str(value_at(site, key) or "") for key in KEYS},
        {
            language: {key: str(store.read_values(_names_file(language)).get(key, "")) for key in NAMES}
            for language in languages
        },
    )


def is_editable(store: ContentStore, key: str) -> bool:
    """Whether this value is one text; opening hours by language are edited by hand."""
    return not isinstance(value_at(store.read_values(SITE_FILE), key), dict)


def watched_files(languages: tuple[str, ...]) -> tuple[str, ...]:
    """The files that the form shows."""
    return (SITE_FILE, *(_names_file(language) for language in languages))


def logo_file(store: ContentStore, key: str) -> str:
    """The file of the present logo; "" if there is none."""
    return str(value_at(store.read_values(SITE_FILE), f"brand.{key}") or "")


def change_page(store: ContentStore, typed: TypedPage, languages: tuple[str, ...], *, seen: str) -> FileChange:
    """Keeps what was typed; an empty text is removed."""
    own = present(store, languages)
    edits: dict[str, list[Edit]] = {}
    before: dict[str, str] = {}
    after: dict[str, str] = {}
    rows = [(SITE_FILE, key, own.texts[key], text) for key, text in typed.texts.items() if is_editable(store, key)]
    rows += [
        (_names_file(language), key, own.names[language][key], text)
        for language, names in typed.names.items()
        for key, text in names.items()
    ]
    for file, key, old, new in rows:
        if old != new:
            name = key if file == SITE_FILE else f"{file.partition('/')[0]}.{key}"
            before[name], after[name] = old, new
            edits.setdefault(file, []).append(_edit(key, new))
    contents: dict[str, bytes | None] = {}
    for key, content in typed.logos.items():
        old_file, new_file = logo_file(store, key), _new_logo_file(key, content)
        before[key], after[key] = old_file, new_file
        edits.setdefault(SITE_FILE, []).append(_edit(f"brand.{key}", new_file))
        contents |= {new_file: content} if new_file else {}
    return FileChange(
        *(edits, watched_files(languages), seen, "page.changed", ""), before=before, after=after, contents=contents
    )


def preview(store: ContentStore, change: FileChange) -> tuple[Catalog | None, tuple[ContentError, ...]]:
    """The content as it would be, kept nowhere; without the sentences being checked. Raises EditFailed."""
    with tempfile.TemporaryDirectory(prefix="statuspage-") as folder:
        copy = Path(folder) / "content"
        copy_content(store, copy)
        for file, edits in change.edits.items():
            path = copy / file
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(apply_edits(store.read(file) or b"", edits))
        for file, content in change.contents.items():
            (copy / file).write_bytes(content or b"")
        catalog, errors = loading.read_content(copy)
    return catalog, tuple(errors)


OTHER = "other"
"""Something is at the address, but not this page."""


def probe(env: Environment) -> str:
    """Why the page is not at its address, as one short technical text: ``OTHER`` if something else is there; "" if it
    is the page that was last written."""
    file = f"{env.site.catalog.leading_pack.language}/feed.rss"
    try:
        page = page_probe.fetch_page(f"{env.site.address}/{file}")
        return "" if page.body == (env.site_folder.current / file).read_bytes() else OTHER
    except page_probe.PageUnreadable as unreadable:
        return str(unreadable)
    except OSError:
        return OTHER


def _new_logo_file(key: str, content: bytes | None) -> str:
    if content is None:
        return ""
    extension = "png" if content.startswith(b"\x89PNG") else "svg"
    return f"{key.replace('_', '-')}.{extension}"


def _edit(key: str, text: str) -> Edit:
    path = tuple(key.split("."))
    return SetValue(path, text) if text else Unset(path)


def _names_file(language: str) -> str:
    return f"{language}/organisation.toml"
