"""Every label used by the code exists, and every existing label is used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest

from statuspage import bundled
from statuspage.content.loading.language_pack import IN_DRILL
from statuspage.domain import Catalog

PACKAGE = Path(bundled.__file__).parent
TEMPLATES = bundled.folder("templates")

LOOKUPS = {"t": "desk.", "tn": "desk.", "label": "", "site_label": "site.", "staff_label": "staff_notification."}
"""Functions that look up a label by a literal key, and the prefix they add."""

LOOKUP = re.compile(rf"\b(?:{'|'.join(LOOKUPS)})\(")

FOLDERS = {"site/": "site.", "email/": "site.", "documents/": "desk.incident_report.document.", "": "desk."}
"""The prefix that ``t`` adds in the templates of a folder."""

PREFIXES = ("", "desk.", "site.", "problem.", "cli.", "cli.flag.", "receipt.", "staff_notification.", "plain.")
"""The prefix of a key that is given by its last part."""

BEGINNING = re.compile(r"[a-z]{2}")
WHOLE_NAMESPACE = re.compile(r"(?:desk|site|problem|cli|staff_notification)\\\.(?:\[\\w-\]\*)+")
"""Prefixes that a lookup function adds to any key, and that identify none."""

TEMPLATE_CALL = re.compile(r"""\b(tn?)\(\s*(["'])([\w.-]+)\2\s*[,)]""")
TEMPLATE_BEGINNING = re.compile(r"""(["'])([\w.-]+)\1\s*~""")
TEMPLATE_TEXT = re.compile(r"""(["'])([\w.-]+)\1""")

FROM_PARTS = (
    "desk.actions.issue_reason.",  # why an issue is not made
    "desk.next_update.",  # the choices of a form
    "plain.why.",  # the code of a finding
    "problem.current_action.con",  # what contradicts another choice
    "problem.next_update.unreadable",  # a time that cannot be read
    "site.reading.",  # a section of the guide
    "site.subscribe.",  # a way to subscribe
    "staff_notification.update_",  # a deadline
)
"""Keys that are composed of more than one part."""


def sources(having: re.Pattern[str] | None = None) -> Iterator[tuple[str, ast.Module]]:
    """Every module, or those that have this; parsing all takes seconds."""
    for path in sorted(PACKAGE.rglob("*.py")):
        text = path.read_text("utf-8")
        if having is None or having.search(text):
            yield path.relative_to(PACKAGE).as_posix(), ast.parse(text)


def templates() -> Iterator[tuple[str, str]]:
    for path in sorted(TEMPLATES.rglob("*.html")):
        yield path.relative_to(TEMPLATES).as_posix(), path.read_text("utf-8")


@cache
def literal_lookups() -> Sequence[tuple[str, str]]:
    """Where a label is looked up by a literal, with its whole key."""
    return [*_lookups()]


def _lookups() -> Iterator[tuple[str, str]]:
    for file, tree in sources(having=LOOKUP):
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            position = 1 if name in ("site_label", "staff_label") else 0
            if name not in LOOKUPS or len(node.args) <= position:
                continue
            for key in _texts_of(node.args[position]):
                if "." in key:
                    yield f"{file}:{node.lineno}", LOOKUPS[name] + key
    for file, text in templates():
        for call in TEMPLATE_CALL.finditer(text):
            yield file, next(prefix for folder, prefix in FOLDERS.items() if file.startswith(folder)) + call[3]


def _texts_of(node: ast.expr) -> Iterator[str]:
    """The literals that an expression may be, from either branch of a condition."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _texts_of(node.body)
        yield from _texts_of(node.orelse)


def named_keys() -> tuple[set[str], list[re.Pattern[str]]]:
    """Every string in the code that may be a key, and a pattern for each key composed at run time."""
    literals, patterns = set[str](), set[str]()
    for _, tree in sources():
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = [re.escape(p.value) if isinstance(p, ast.Constant) else r"[\w-]*" for p in node.values]
                patterns.add("".join(parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                literals |= set(node.value.split())
    for _, text in templates():
        literals |= {match[2] for match in TEMPLATE_TEXT.finditer(text)}
        patterns |= {re.escape(match[2]) + r"[\w-]*" for match in TEMPLATE_BEGINNING.finditer(text)}
    patterns |= {re.escape(text) + r"[\w-]*" for text in literals if text.endswith((".", "_"))}
    telling = [pattern for pattern in patterns if BEGINNING.match(pattern) and not WHOLE_NAMESPACE.fullmatch(pattern)]
    return literals, [re.compile(pattern) for pattern in telling]


def is_named(key: str, literals: set[str], patterns: list[re.Pattern[str]]) -> bool:
    tails = [key.removeprefix(prefix) for prefix in PREFIXES if key.startswith(prefix)]
    tails += [tail.removesuffix(form) for tail in tails for form in (".one", ".many") if tail.endswith(form)]
    return any(tail in literals for tail in tails) or any(p.fullmatch(tail) for tail in tails for p in patterns)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_label_that_is_looked_up_is_there(catalog: Catalog, language: str) -> None:
    labels = catalog.packs[language].labels
    known = {*labels, *(key.removesuffix(".one").removesuffix(".many") for key in labels)}
    lookups = literal_lookups()
    assert len(lookups) > 500
    assert [f"{place}: {key}" for place, key in lookups if key not in known and not _is_phrase(key, catalog)] == []


def _is_phrase(key: str, catalog: Catalog) -> bool:
    return key in catalog.packs["en"].phrases


@pytest.mark.slow
def test_every_label_is_looked_up_somewhere(catalog: Catalog) -> None:
    literals, patterns = named_keys()
    keys = [key.removeprefix(IN_DRILL) for key in catalog.packs["en"].labels if not key.startswith(FROM_PARTS)]
    assert [key for key in keys if not is_named(key, literals, patterns)] == []


def test_every_label_of_a_drill_replaces_one(catalog: Catalog) -> None:
    keys = catalog.packs["en"].labels
    drill_keys = [key for key in keys if key.startswith(IN_DRILL)]
    assert len(drill_keys) > 10
    assert [key for key in drill_keys if key.removeprefix(IN_DRILL) not in keys] == []
