"""How long records are kept, as the desk sets it up."""

from __future__ import annotations

from collections.abc import Mapping

from statuspage.content.editing import SetValue
from statuspage.usecases.settings.content_files import ContentStore, FileChange

SITE_FILE = "site.toml"


def change_periods(typed: Mapping[str, int], present: Mapping[str, int], *, seen: str) -> FileChange:
    """Keeps the periods that were typed, in days."""
    changed = {kind: days for kind, days in typed.items() if days != present.get(kind)}
    edits = [SetValue(("retention", kind), days) for kind, days in changed.items()]
    before = {kind: present.get(kind) for kind in changed}
    return FileChange(*({SITE_FILE: edits}, (SITE_FILE,), seen, "retention.changed", ""), before=before, after=changed)


def seen_periods(store: ContentStore) -> str:
    """Changes with the file that has the periods."""
    return store.fingerprint((SITE_FILE,))
