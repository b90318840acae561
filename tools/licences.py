"""``make licences`` writes docs/reference/licences.md: the licences of all packages in the lock file."""

from __future__ import annotations

import re
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "licences.md"

ELSEWHERE = {"brotlicffi": "MIT", "colorama": "BSD-3-Clause", "psycopg-binary": "LGPL-3.0-only", "pyrage": "MIT"}
"""Packages in the lock file that are only for other machines, or do not name their licence where Python looks for it,
with the licence given by their publisher."""

HEAD = """# Licences

The program is under the MIT licence ([LICENSE](../../LICENSE)). It uses the packages below, extras included, in the
versions that `constraints.txt` locks. Each has its own terms, as its publisher states them. `make licences` writes this
page, and a test compares it.

| package | version | licence |
|---|---|---|
"""


def locked(file: Path = ROOT / "constraints.txt") -> dict[str, str]:
    """Name → version of everything in the lock file."""
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", file.read_text("utf-8"), re.MULTILINE))


def licence_of(name: str) -> str:
    """The licence in its publisher's shortest form. Raises LookupError if none is given."""
    try:
        fields = metadata(name)
    except PackageNotFoundError:
        return ELSEWHERE[name]
    kept = " ".join((fields["License"] or "").split())
    short = kept if kept and len(kept) < 40 and not kept.startswith(("Copyright", "Dual")) else ""
    classed = [
        line.rpartition(" :: ")[2] for line in fields.get_all("Classifier") or () if line.startswith("License ::")
    ]
    classed = [name for name in classed if name != "OSI Approved"]
    found = fields["License-Expression"] or short or ", ".join(classed) or ELSEWHERE.get(name)
    if not found:
        raise LookupError(name)
    return found


def page() -> str:
    """The text of the page."""
    rows = (f"| {name} | {version} | {licence_of(name)} |" for name, version in sorted(locked().items()))
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
