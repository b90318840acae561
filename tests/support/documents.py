"""What the documents refer to: tests, modules and other documents."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from tests.support.paths import ROOT

DOCS = ROOT / "docs"

NAMED = re.compile(r"`(?:tests/)?([a-z0-9_]+/[a-z0-9_/]*test_\w+)(?:\.py)?(?:::(test_\w+)(…?))?`")
"""A test file below ``tests/``, and one of its tests by name or prefix."""

LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")
"""A link to a file of the repository, with an optional heading."""

PATH = re.compile(r"`((?:domain|rendering|content|storage|integrations|usecases|web|cli)/[a-z0-9_/]*(?:\.py)?)`")
"""A module or package below ``statuspage/``, with or without its suffix."""

COMMAND = re.compile(
    r"(?:`|^|root  /usr/local/bin/)statuspage(?: --(?:drill|json|home [^ `]+))* ([a-z][a-z-]*(?: [a-z][a-z-]*)?)",
    re.MULTILINE,
)
"""A command in a code span, at the beginning of a line, or after the user name in a crontab."""


def documents() -> tuple[str, ...]:
    """Every page, by its path below ``docs/``."""
    pages = (*DOCS.rglob("*.md"), *ROOT.glob("*.md"))
    return tuple(sorted(_name(page) for page in pages))


def named_tests(page: str) -> tuple[tuple[str, str, str], ...]:
    """File, test and, if only a prefix is given, ``…``, for each test that this page of ``docs/`` names."""
    return tuple(NAMED.findall(_text(page)))


def missing_tests(page: str) -> list[str]:
    """Tests named by this page of ``docs/`` that do not exist."""
    return [f"{file}::{test}" for file, test, begins in named_tests(page) if not _exists(file, test, bool(begins))]


def broken_links(page: str) -> list[str]:
    """Links on this page to missing files or headings."""
    return [f"{path}#{heading}" for path, heading in LINK.findall(_text(page)) if not _leads(page, path, heading)]


def missing_paths(page: str) -> list[str]:
    """Modules and packages named on this page that do not exist."""
    named = (ROOT / "statuspage" / path for path in PATH.findall(_text(page)))
    return [str(path) for path in named if not path.exists() and not path.with_suffix(".py").exists()]


def named_commands(page: str) -> list[tuple[str, ...]]:
    """The first two words of each command on this page, without flags."""
    return [tuple(word for word in words.split() if word) for words in COMMAND.findall(_text(page))]


def _name(page: Path) -> str:
    return str(page.relative_to(DOCS)) if page.is_relative_to(DOCS) else f"../{page.name}"


@cache
def _text(page: str) -> str:
    return (DOCS / page).read_text("utf-8")


def _leads(page: str, path: str, heading: str) -> bool:
    target = (DOCS / page).parent / path if path else DOCS / page
    return target.exists() and (not heading or heading in _anchors(target))


def _anchors(target: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def _exists(file: str, test: str, begins: bool) -> bool:
    names = _functions(file)
    return any(name.startswith(test) for name in names) if begins or not test else test in names


@cache
def _functions(file: str) -> frozenset[str]:
    path = ROOT / "tests" / f"{file}.py"
    if not path.exists():
        return frozenset()
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))
