"""Lists the services that a language of the page calls as another one does."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from statuspage.content import loading
from statuspage.domain import Catalog


def services_without_names(folder: Path, catalog: Catalog) -> Mapping[str, tuple[str, ...]]:
    """The names of the services to which nobody has given one in a language, by this language. A name that is written
    counts, also if it is the same in every language."""
    content, leading = loading.ContentFolder(folder), catalog.leading_pack
    missing: dict[str, tuple[str, ...]] = {}
    for language in catalog.languages[1:]:
        words, pack = (
            content.read_table(f"{language}/organisation.toml", required=False).values,
            catalog.packs[language],
        )
        written = {id: str(entry.get("name", "")) for id, entry in words.get("services", {}).items()}
        missing[language] = tuple(
            leading.services[id].name
            for id, service in catalog.services.items()
            if not service.is_retired and pack.services[id].name == leading.services[id].name != written.get(id)
        )
    return {language: names for language, names in missing.items() if names}
