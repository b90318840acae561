"""Reads ``contact_needs.toml``: prepared sentences that send readers to the company, and what they need for that."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from statuspage.content.loading.folder import ContentFolder
from statuspage.domain import ContactNeed

NOTHING = "nothing"


def read_contact_needs(folder: ContentFolder, lists: Mapping[str, Collection[str]]) -> dict[str, ContactNeed]:
    """What each choice such as ``workaround.phone`` needs. ``lists`` are the ids of the closed lists."""
    table = folder.read_table("contact_needs.toml", required=False)
    needs: dict[str, ContactNeed] = {}
    for kind, ids in lists.items():
        entry = table.get_table(kind, required=False)
        for id in entry.values:
            need = entry.get_choice(id, [*ContactNeed, NOTHING], NOTHING)
            if entry.check_known(id, ids, id) and need != NOTHING:
                needs[f"{kind}.{id}"] = ContactNeed(need)
    table.reject_unknown_keys()
    return needs
