"""The style sheets: one file per component in a layer, a token for every distance, no rule that nothing uses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from statuspage import bundled

FILES = sorted((bundled.folder("static") / "desk").glob("*.css"))

DISTANCE = re.compile(r"(?<![\w-])((?:margin|padding|gap)[a-z-]*): ([^;]+);")

COMPOSED = {"pv-mail", "pv-x", "pv-feed", "pv-staff", "is-alert", "is-real_alert", "is-guide"}
"""Class names that templates compose at run time."""


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_distance_is_a_token(file: Path):
    text = re.sub(r"/\*.*?\*/", "", file.read_text("utf-8"), flags=re.DOTALL)
    raw = [f"{name}: {value}" for name, value in DISTANCE.findall(text) if re.search(r"\d(px|rem)\b", value)]
    assert [line for line in raw if "calc(" not in line and not line.startswith("margin: 10mm")] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_rule_stands_in_a_layer(file: Path):
    text = re.sub(r"/\*.*?\*/", "", file.read_text("utf-8"), flags=re.DOTALL).strip()
    assert text.startswith("@layer ")
    depth, outside = 0, ""
    for character in text:
        depth += {"{": 1, "}": -1}.get(character, 0)
        outside += character if depth == 0 else ""
    assert re.sub(r"@layer [\w, ]+[;]?|[}\s]", "", outside) == ""


def test_the_layers_are_ordered_before_any_rule():
    css = re.sub(r"/\*.*?\*/", "", bundled.desk_css(), flags=re.DOTALL).strip()
    assert css.startswith("@layer tokens, base, shared, components, screens;")


def test_every_class_is_used():
    root = bundled.folder("templates")
    sources = [path.read_text("utf-8") for path in (root / "desk").rglob("*") if path.is_file()]
    sources += [path.read_text("utf-8") for path in Path(bundled.__file__).parent.rglob("*.py")]
    sources.append((bundled.folder("static") / "desk.js").read_text("utf-8"))
    words = set(re.findall(r"[a-zA-Z][\w-]*", " ".join(sources)))
    text = re.sub(r"/\*.*?\*/", "", "".join(file.read_text("utf-8") for file in FILES), flags=re.DOTALL)
    named = set(re.findall(r"\.([a-zA-Z][\w-]*)", text))
    assert named - words - COMPOSED == set()


def test_the_shared_sections_are_written_once():
    site = (bundled.folder("static") / "site.css").read_text("utf-8")
    shared = (bundled.folder("static") / "shared.css").read_text("utf-8")
    rule = re.compile(r"^(\.[^{@]+) \{", re.MULTILINE)
    assert set(rule.findall(site)) & set(rule.findall(shared)) == set()
