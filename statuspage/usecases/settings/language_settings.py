"""Languages as the desk sets them up: which ones the page and the posts have, who has read each, and what speaks it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from statuspage.content import loading
from statuspage.content.editing import Edit, SetValue
from statuspage.domain import Catalog
from statuspage.usecases.settings.content_files import ContentStore, FileChange

SITE_FILE = "site.toml"


@dataclass(frozen=True, slots=True)
class OfferedLanguage:
    """A language that comes with the program and is not on. ``is_reviewed``: somebody has read its sentences."""

    id: str
    name: str
    is_reviewed: bool


def offered_languages(catalog: Catalog) -> tuple[OfferedLanguage, ...]:
    """The languages that can be switched on."""
    return tuple(
        OfferedLanguage(each.id, each.name, each.is_reviewed)
        for each in loading.describe_languages()
        if each.id not in catalog.languages
    )


def channels_in(catalog: Catalog, language: str) -> tuple[str, ...]:
    """The ids of the channels that post in this language, also of those that are switched off."""
    specs = (*catalog.channels.values(), *catalog.disabled_channels.values())
    return tuple(spec.id for spec in specs if spec.language == language)


def change_languages(store: ContentStore, catalog: Catalog, languages: Sequence[str], *, seen: str) -> FileChange:
    """The languages of the page, the leading one first. The desk keeps its own: if the file does not name them, it does
    from now on. A language that leads from now on keeps the page's name, unless it has one of its own."""
    edits: dict[str, list[Edit]] = {}
    site = store.read_values(SITE_FILE)
    if tuple(languages) != catalog.languages:
        edits[SITE_FILE] = [SetValue(("languages",), tuple(languages))]
        if "desk_languages" not in site:
            edits[SITE_FILE].append(SetValue(("desk_languages",), catalog.desk_languages))
    names = f"{languages[0]}/organisation.toml"
    if languages[0] != catalog.languages[0] and not site.get("company") and "site_name" not in store.read_values(names):
        edits[names] = [SetValue(("site_name",), catalog.leading_pack.site)]
    before, after = {"languages": list(catalog.languages)}, {"languages": list(languages)}
    return FileChange(edits, (SITE_FILE,), seen, "languages.changed", "", before, after)
