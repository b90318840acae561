"""Reads ``contradictions.toml``: prepared sentences that one notice must not say together."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from statuspage.content.loading.folder import ContentFolder
from statuspage.content.loading.table_reader import Table


def read_contradictions(folder: ContentFolder, lists: Mapping[str, Collection[str]]) -> tuple[tuple[str, str], ...]:
    """Pairs such as ``cause.bank`` and ``current_action.fix-program``. ``lists`` are the ids of the closed lists."""
    table = folder.read_table("contradictions.toml", required=False)
    pairs: list[tuple[str, str]] = []
    for kind in lists:
        for id, entry in table.get_table(kind, required=False).iter_tables():
            choice = f"{kind}.{id}"
            check_choice(entry, choice, lists, "excludes")
            excluded = entry.get_texts("excludes", default=None)
            pairs += [(choice, other) for other in excluded if check_choice(entry, other, lists, "excludes")]
            entry.reject_unknown_keys()
    table.reject_unknown_keys()
    return tuple(pairs)


def check_choice(table: Table, choice: str, lists: Mapping[str, Collection[str]], key: str) -> bool:
    """Whether a choice such as ``cause.provider`` exists; reports it at this key if not."""
    kind, _, id = choice.partition(".")
    return table.check_known(kind, lists, key) and table.check_known(id, lists[kind], key)
