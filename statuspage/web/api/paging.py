"""Lists in pages: a page is followed by the one after its last entry, whatever was added meanwhile."""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Sequence
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from statuspage.web.api.problems import FieldError, Problem

Item = TypeVar("Item")

PAGE_SIZE, MAX_PAGE_SIZE = 50, 200


def _whole_number(value: object) -> object:
    """Only what is written as a number: pydantic would also take " 1.0 "."""
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]{1,9}", value):
        raise ValueError("not a whole number")
    return value


Limit = Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE), BeforeValidator(_whole_number)]
Year = Annotated[int, Field(ge=1970, le=9999), BeforeValidator(_whole_number)]


class Query(BaseModel):
    """Parameters in an address. Unknown ones are refused."""

    model_config = ConfigDict(extra="forbid")


class Page(Query):
    """Which part of a list."""

    limit: Limit = Field(PAGE_SIZE, description="How many entries at most.")
    cursor: str = Field(
        "", max_length=200, pattern="^[A-Za-z0-9_-]*$", description="The value of next of the page before."
    )


def page_of(items: Sequence[Item], id_of: Callable[[Item], str], page: Page) -> tuple[Sequence[Item], str | None]:
    """The entries of this page, and the cursor of the next one. Raises Problem."""
    start = 0
    if page.cursor:
        after = read_cursor(page.cursor)
        start = next((number for number, item in enumerate(items, 1) if id_of(item) == after), -1)
        if start < 0:
            raise bad_cursor()
    chosen = items[start : start + page.limit]
    is_last = start + page.limit >= len(items)
    return chosen, None if is_last else make_cursor(id_of(chosen[-1]))


def make_cursor(text: str) -> str:
    """The cursor of what follows the entry that this text names."""
    return urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> str:
    """The text of a cursor. Raises Problem."""
    try:
        return urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    except ValueError:
        raise bad_cursor() from None


def bad_cursor() -> Problem:
    """The problem of a cursor that belongs to no list, or whose entry is gone."""
    return Problem("refused", errors=(FieldError(field="cursor", code="cursor", message="Begin without a cursor."),))
