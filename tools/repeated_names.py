"""Prints the names that stand for the most things in the package: one word should have one meaning.

Counts module-level functions, classes and constants, and methods. A method that fills a Protocol or overrides a base
class of ours counts once with all other implementations of it. Dunders and Alembic's ``upgrade`` are left out.

    python -m tools.repeated_names [--limit 4] [--places] [--tree PATH]

Ends with 1 when a name stands for more than ``--limit`` things; without ``--limit`` it only prints.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent / "statuspage"
SHOWN = 30
FILLS_A_REGISTRY = {
    "pages": "web/desk",  # each module's Flask blueprint
    "COMMANDS": "cli",  # the commands each module offers
    "CHANNEL": "integrations/channels",  # the type of channel each module is
    "SOURCE": "integrations/monitors",  # the name of the monitor each module parses
    "MONITOR": "integrations/monitors",
    "HOST_TYPE": "integrations/hosting",
    "_log": "",  # a module's logger, by convention
    "log": "",
}
"""Names that every module of a folder must have because of a registry or a convention."""


@dataclass(frozen=True)
class Definition:
    """A definition: where it is, and what it implements ("" if nothing)."""

    name: str
    place: str
    fills: str


def definitions(package: Path) -> Iterator[Definition]:
    """All definitions in the package."""
    trees = {path: ast.parse(path.read_text("utf-8")) for path in sorted(package.rglob("*.py"))}
    bases = _bases(trees)
    for path, tree in trees.items():
        where = path.relative_to(package).as_posix()
        if "/migrations/" not in where:
            yield from _of_module(where, tree, bases)


def _bases(trees: Mapping[Path, ast.Module]) -> Mapping[str, set[str]]:
    """Our classes from which others inherit, and our protocols, by name, with their methods."""
    classes = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    inherited = {_last(base) for node in classes for base in node.bases}
    return {
        node.name: {part.name for part in node.body if isinstance(part, ast.FunctionDef)}
        for node in classes
        if node.name in inherited or any(_last(base) == "Protocol" for base in node.bases)
    }


def _last(base: ast.expr) -> str:
    match base:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.Subscript(value=ast.Name(id=name)):
            return name
    return ""


def _of_module(where: str, tree: ast.Module, bases: Mapping[str, set[str]]) -> Iterator[Definition]:
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield _defined(name, where, "")
            case ast.Assign(value=ast.Call(func=ast.Name(id="TypeVar"))):
                continue  # the T of a generic function, by convention
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                yield _defined(name, where, "")
        if isinstance(node, ast.ClassDef):
            yield from _of_class(where, node, bases)


def _of_class(where: str, node: ast.ClassDef, bases: Mapping[str, set[str]]) -> Iterator[Definition]:
    for part in node.body:
        if isinstance(part, ast.FunctionDef) and not part.name.startswith("__"):
            filled = next((base for base in sorted(bases) if part.name in bases[base]), "")
            yield _defined(part.name, f"{where} {node.name}", filled)


def _defined(name: str, place: str, fills: str) -> Definition:
    folder = FILLS_A_REGISTRY.get(name)
    if folder is not None and place.startswith(folder):
        fills = f"every module of {folder or 'the package'}"
    return Definition(name, place, fills)


def meanings(package: Path = PACKAGE) -> Mapping[str, list[Definition]]:
    """By name, one definition for each distinct thing with that name."""
    by_name: dict[str, dict[str, Definition]] = defaultdict(dict)
    for definition in definitions(package):
        if not (definition.name.startswith("__") or definition.name == "upgrade"):
            by_name[definition.name][definition.fills or definition.place] = definition
    return {name: list(things.values()) for name, things in by_name.items()}


def main() -> int:
    """Prints the table; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--limit", type=int)
    parser.add_argument("--places", action="store_true", help="say where each stands")
    parser.add_argument("--tree", type=Path, default=PACKAGE, help="the package to look through")
    asked = parser.parse_args()
    ranked = sorted(meanings(asked.tree).items(), key=lambda item: (-len(item[1]), item[0]))
    shown = [item for item in ranked if len(item[1]) > asked.limit] if asked.limit is not None else ranked[:SHOWN]
    for name, things in shown:
        print(f"{len(things):4} {name}")
        if asked.places:
            print("".join(f"       {thing.place}\n" for thing in things), end="")
    return 1 if asked.limit is not None and shown else 0


if __name__ == "__main__":
    sys.exit(main())
