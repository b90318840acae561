"""Reads what a published page consists of: its name, its zone, its components and their groups."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from statuspage.integrations.history import instatus
from statuspage.integrations.history.fetch import FileMissing, Source
from statuspage.integrations.history.html_to_text import html_to_text

MAX_COMPONENTS = 500
MAX_NAME_LENGTH = 60


@dataclass(frozen=True, slots=True)
class PublishedPage:
    """A page of another product. ``zone`` is "" if it does not say one. ``components`` are names with the name of their
    group ("" without), in the page's order; a name that several groups have is followed by its group.
    """

    name: str
    zone: str
    components: tuple[tuple[str, str], ...]


def read_page(source: Source) -> PublishedPage | None:
    """The page, from ``api/v2/summary.json`` or ``components.json``, or from the files of Instatus; None if it has none
    of them. Raises UnreadablePage."""
    for name in ("summary", "components"):
        try:
            body = source.read_json(f"api/v2/{name}.json")
        except FileMissing:
            continue
        if isinstance(body, dict) and isinstance(body.get("components"), list):
            return _page(body)
    body = instatus.read_as_api(source).get("summary")
    return _page(body) if body else None


def _page(body: Mapping[str, Any]) -> PublishedPage:
    about = body["page"] if isinstance(body.get("page"), dict) else {}
    zone = about.get("time_zone")
    return PublishedPage(
        html_to_text(about.get("name"), MAX_NAME_LENGTH),
        zone if isinstance(zone, str) else "",
        tuple(_with_unique_names(tuple(_components(body["components"])))),
    )


def _components(items: list[Any]) -> Iterator[tuple[str, str]]:
    known = [item for item in items[:MAX_COMPONENTS] if isinstance(item, dict)]
    groups = {
        str(item.get("id")): html_to_text(item.get("name"), MAX_NAME_LENGTH) for item in known if item.get("group")
    }
    for item in known:
        name = html_to_text(item.get("name"), MAX_NAME_LENGTH)
        if name and not item.get("group"):
            yield name, groups.get(str(item.get("group_id")), "")


def _with_unique_names(components: tuple[tuple[str, str], ...]) -> Iterator[tuple[str, str]]:
    names = [name.casefold() for name, _ in components]
    for name, group in components:
        is_shared = names.count(name.casefold()) > 1 and group
        yield (f"{name} ({group})"[:MAX_NAME_LENGTH] if is_shared else name), group
