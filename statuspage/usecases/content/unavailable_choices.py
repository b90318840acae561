"""Lists what nobody may choose, because the company does not say how to reach it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from statuspage.domain import Catalog, ContactNeed


def unavailable_choices(folder: Path, catalog: Catalog) -> Mapping[ContactNeed, tuple[str, ...]]:
    """The choices (``workaround.phone``) and answers (``payment.refund.contact``) by what they need; the company's own
    ones with their file and line."""
    choices = {need: tuple(_choices_lacking(folder, catalog, need)) for need in ContactNeed}
    return {need: names for need, names in choices.items() if names}


def _choices_lacking(folder: Path, catalog: Catalog, need: ContactNeed) -> Iterator[str]:
    from statuspage.content import loading

    lists = loading.ContentFolder(folder).read_table(f"{catalog.languages[0]}/lists.toml").source
    for choice in catalog.contact_needs:
        if catalog.lacking_contact(choice) is need:
            path = (*choice.split("."), "text")
            holder = lists.holder_of(path)
            yield choice if holder.is_shipped else f"{choice} ({holder.name}:{holder.find_line(path)})"
    if need is ContactNeed.CONTACT:
        for type in catalog.incident_types.values():
            yield from (
                f"{type.id}.{question.id}.{answer}" for question in type.questions for answer in question.unavailable
            )
