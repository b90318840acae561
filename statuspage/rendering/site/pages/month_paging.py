"""Splits a month with very many incidents, so that a notice never rewrites an ever-growing page.

Incidents of a month are counted in the order of their first notices. The newest 20 to 39 are on the month's own page;
the others are split into parts of 20, counted from 1, whose pages keep their number and order.
"""

from __future__ import annotations

from dataclasses import dataclass

SIZE = 20
"""The number of incidents in one part."""

NEWEST_PAGE = 0
"""The number of the month's own page."""


@dataclass(frozen=True, slots=True)
class ArchivePage:
    """One page of a month, with what it needs to link to its neighbours.

    ``closed_count`` is the number of older parts. ``has_earlier`` and ``has_later`` say whether the neighbouring months
    have pages.
    """

    month: tuple[int, int]
    page_number: int
    closed_count: int
    has_earlier: bool
    has_later: bool


def count_closed_pages(count: int) -> int:
    """How many older parts a month with this many incidents has."""
    return max(0, count // SIZE - 1)


def page_slice(page_number: int, count: int) -> tuple[int, int]:
    """The incidents of this part: how many to skip, and how many to take."""
    if page_number == NEWEST_PAGE:
        skipped = count_closed_pages(count) * SIZE
        return skipped, count - skipped
    return (page_number - 1) * SIZE, SIZE


def pages_to_rebuild(position: int, count: int) -> list[int]:
    """The parts to rebuild after a notice of the incident at this position in its month."""
    closed_count = count_closed_pages(count)
    pages = {NEWEST_PAGE, position // SIZE + 1 if position < closed_count * SIZE else NEWEST_PAGE}
    if position == count - 1 and count % SIZE == 0:  # A part was completed; the one before it links to it.
        pages |= {page_number for page_number in (closed_count - 1, closed_count) if page_number > 0}
    return sorted(pages, reverse=True)
