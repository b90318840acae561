"""What `doctor` last saw of the hosting: whether the page is apart from the product. The page may say so only then."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

FILE = "hosting-check.json"
"""In the instance's folder."""


def save_check(home: Path, address: str, product_hosts: tuple[str, ...], *, is_apart: bool) -> None:
    """Keeps the result for this address and these hosts of the product; a folder that cannot be written keeps the
    earlier one."""
    note = {"address": address, "product_hosts": list(product_hosts), "is_apart": is_apart}
    if _read_result(home) == note:
        return
    temporary = home / f"{FILE}.{os.getpid()}"
    with suppress(OSError):
        temporary.write_text(json.dumps(note, ensure_ascii=False), "utf-8")
        temporary.replace(home / FILE)


def is_seen_apart(home: Path, address: str, product_hosts: tuple[str, ...]) -> bool:
    """Whether the page at this address was last seen in other networks, and with other providers, than all of these
    hosts."""
    note = {"address": address, "product_hosts": list(product_hosts), "is_apart": True}
    return bool(product_hosts) and _read_result(home) == note


def _read_result(home: Path) -> object:
    try:
        return json.loads((home / FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return None
