"""The page as the desk sets it up: names, addresses, contact, colours, logos and links; seen before it is kept."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from statuspage.content import loading
from statuspage.content.editing import AppendTable, Edit, SetValue, Unset, apply_edits
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

NAMES = ("site_name", "tagline", "footer")
"""The texts of ``LANG/organisation.toml`` that the form has."""

LOGOS = ("logo", "logo_dark")
"""The images of ``[brand]``."""

MAX_UPLOAD = 100_000
"""The maximum number of bytes of an uploaded logo that is looked at at all; the check names its own limit."""


MOST_LINKS = 8
"""Links of the company's own in the footer."""


@dataclass(frozen=True, slots=True)
class TypedLink:
    """A link in the footer, with its text by language; without an address there is none."""

    address: str = ""
    names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TypedPage:
    """The form as typed: texts by key, names by language and key, new logos by key (None: the present one goes), and
    the links, first the present ones in their order (None: they stay as they are)."""

    texts: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    logos: Mapping[str, bytes | None] = field(default_factory=dict)
    links: tuple[TypedLink, ...] | None = None


def present(store: ContentStore, languages: tuple[str, ...]) -> TypedPage:
    """What the instance's own files say."""
    site = store.read_values(SITE_FILE)
    return TypedPage(
        {key: str(value_at(site, key) or "") for key in KEYS},
        {
            language: {key: str(store.read_values(_names_file(language)).get(key, "")) for key in NAMES}
            for language in languages
        },
        links=_present_links(store),
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
    if typed.links is not None and (link_edits := list(_link_edits(store, typed.links))):
        before["links"], after["links"] = _said_links(_present_links(store)), _said_links(typed.links)
        edits.setdefault(SITE_FILE, []).extend(link_edits)
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


def _present_links(store: ContentStore) -> tuple[TypedLink, ...]:
    tables = value_at(store.read_values(SITE_FILE), "brand.link")
    found = [each for each in tables if isinstance(each, dict)] if isinstance(tables, list) else []
    return tuple(TypedLink(str(each.get("address", "")), _texts(each.get("name"))) for each in found)


def _texts(table: object) -> dict[str, str]:
    return {str(key): str(text) for key, text in table.items()} if isinstance(table, dict) else {}


def _link_edits(store: ContentStore, typed: Sequence[TypedLink]) -> Iterator[Edit]:
    """What makes the present links those that were typed. Names in other languages than the form's stay."""
    old_links = _present_links(store)
    for number, (old, new) in enumerate(zip(old_links, typed, strict=False)):
        path, names = ("brand", "link", number), _named({**old.names, **new.names})
        if new.address not in ("", old.address):
            yield SetValue((*path, "address"), new.address)
        if new.address and names != old.names:
            yield SetValue((*path, "name"), names)
    for number in reversed(range(len(old_links))):
        if number < len(typed) and not typed[number].address:
            yield Unset(("brand", "link", number))
    for new in typed[len(old_links) :]:
        if new.address or _named(new.names):
            yield AppendTable("brand.link", {"address": new.address, "name": _named(new.names)})


def _named(names: Mapping[str, str]) -> dict[str, str]:
    return {language: text for language, text in names.items() if text}


def _said_links(links: Sequence[TypedLink]) -> str:
    """The links as the audit log has them."""
    return ", ".join(f"{next(iter(_named(each.names).values()), '')} {each.address}" for each in links if each.address)


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
