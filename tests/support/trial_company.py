"""A new company of a starter: the services that the starter proposes, and nothing of its own besides names."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.support.content import LANGUAGES, SHIPPED

STARTERS = SHIPPED / "starters"


def write_company(folder: Path, starter: str, languages: Sequence[str], *, services: Path | None = None) -> Path:
    """Its content folder. ``services``: a ``services.toml`` of its own instead of the proposed one."""
    source = services or STARTERS / starter / "services.toml"
    ids = [entry["id"] for entry in _read(source)["service"]]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "services.toml").write_bytes(source.read_bytes())
    (folder / "site.toml").write_text(_site(starter, languages), "utf-8")
    for language in languages:
        (folder / language).mkdir()
        words = "\n".join(_organisation(starter, language, ids))
        (folder / language / "organisation.toml").write_text(words, "utf-8")
    return folder


def _site(starter: str, languages: Sequence[str]) -> str:
    return (
        f"starter = {_quoted(starter)}\n"
        f"languages = [{', '.join(map(_quoted, languages))}]\n"
        'time_zone = "Europe/Berlin"\n'
        "notice_goal_minutes = 15\n"
        'address = ""\n'
    )


def _organisation(starter: str, language: str, ids: Sequence[str]) -> Iterator[str]:
    """Each service under its proposed name, else its id. It says what the type *unreachable* says of a group."""
    names = _read(STARTERS / starter / language / "organisation.toml").get("services", {})
    impact = _read(LANGUAGES / language / "phrases.toml")["incident_type"]["unreachable"]["impact"]
    yield 'site_name = "Acme"\ntagline = "status"\ndesk_name = "Desk"'
    for id in ids:
        name = names.get(id, {}).get("name", id)
        yield f"[services.{id}]\nname = {_quoted(name)}\nnoun = {_quoted(name)}\nnoun_capitalized = {_quoted(name)}"
        for state, clauses in impact.items():
            yield f"[services.{id}.{state}]"
            yield from (f"{form} = {_quoted(_named(clause, name))}" for form, clause in clauses.items())


def _named(clause: str, name: str) -> str:
    return clause.replace("{group}", name).replace("{group_capitalized}", name)


def _read(file: Path) -> Mapping[str, Any]:
    return tomllib.loads(file.read_text("utf-8")) if file.exists() else {}


def _quoted(text: str) -> str:
    return f'"{text}"'
