"""Runbooks: what staff check for an incident type, as a checklist and text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

_ITEM = re.compile(r"^[-*] \[ \] (.+)$", re.MULTILINE)
_PHONE = re.compile(r"(?<![\w\[/:.-])\+\d[\d ()-]{6,20}\d(?![\w\]-])")


@dataclass(frozen=True, slots=True)
class Runbook:
    """The runbook of one incident type in one language. ``items`` is the checklist, in order; ``text`` is the rest, as
    Markdown."""

    items: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Tick:
    """Somebody has ticked the item with this ``text``, or unticked it if not ``done``."""

    text: str
    done: bool
    actor: str
    at: datetime


def parse_runbook(text: str) -> Runbook:
    """Takes the lines ``- [ ] …`` as items, and drops headings that are left without content."""
    items = tuple(item.strip() for item in _ITEM.findall(text))
    return Runbook(items, _without_empty(_ITEM.sub("", text)))


def link_phone_numbers(text: str) -> str:
    """The Markdown with its phone numbers (``+81 3-…``) as ``tel:`` links."""
    return _PHONE.sub(lambda phone: f"[{phone[0]}](tel:{re.sub(r'[^+0-9]', '', phone[0])})", text)


def _without_empty(text: str) -> str:
    blocks = [block for block in re.split(r"\n{2,}", text.strip()) if block.strip()]
    following_blocks = [*blocks[1:], "#"]
    kept_blocks = [
        block
        for block, next_block in zip(blocks, following_blocks, strict=False)
        if not (_is_heading(block) and next_block.startswith("#"))
    ]
    return "\n\n".join(kept_blocks)


def _is_heading(block: str) -> bool:
    return block.startswith("#") and "\n" not in block.strip()
