"""Edits of content change only the lines they are about: comments, order, blank lines and line ends stay."""

from __future__ import annotations

import difflib
import tomllib
from datetime import date
from pathlib import Path

import pytest

from statuspage.content.editing import (
    AppendTable,
    EditFailed,
    ReorderSections,
    ReorderTables,
    SetValue,
    Unset,
    apply_edits,
)
from tests.support.content import SHIPPED

FILE = """\
# What customers use.
# Two lines.

title = 'single'   # why

[[group]]           # groups are optional
id = "app"

# The old one, kept for partners.
[[service]]
id = "api"
name = "Payments API"   # as on the price list
group = "app"

[[service]]
id = "web"
options = { name = "Web", size = 2 }   # inline


# About words.
[words.api]
name = "API"
"""


def changed_lines(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [line for line in lines if line[0] in "+-" and line[:3] not in ("+++", "---")]


def edited(*edits, text: str = FILE) -> str:
    return apply_edits(text.encode(), edits).decode()


def test_a_value_is_replaced_and_its_comment_stays():
    after = edited(SetValue(("service", 0, "name"), "Pay"))
    assert changed_lines(FILE, after) == [
        '-name = "Payments API"   # as on the price list',
        '+name = "Pay"   # as on the price list',
    ]


def test_a_value_inside_an_inline_table_is_replaced_there():
    after = edited(SetValue(("service", 1, "options", "name"), "Site"))
    assert changed_lines(FILE, after)[1] == '+options = { name = "Site", size = 2 }   # inline'


def test_a_new_key_stands_at_the_end_of_its_own_table():
    after = edited(SetValue(("service", 0, "retired"), date(2026, 9, 30)))
    assert changed_lines(FILE, after) == ["+retired = 2026-09-30"]
    assert 'group = "app"\nretired = 2026-09-30\n\n[[service]]' in after


def test_a_new_key_of_the_file_itself_stands_before_its_tables():
    after = edited(SetValue(("numbers",), True))
    assert "title = 'single'   # why\nnumbers = true\n\n[[group]]" in after


def test_a_new_table_stands_behind_its_relatives_with_a_blank_line():
    after = edited(SetValue(("words", "web", "major", "now"), 'It is 「quoted」 "so"'))
    assert after.endswith('name = "API"\n\n[words.web.major]\nnow = "It is 「quoted」 \\"so\\""\n')
    assert after.startswith(FILE)


def test_a_table_is_added_to_the_end_of_its_list():
    after = edited(AppendTable("service", {"id": "new", "former_ids": ["a", "b"]}))
    assert changed_lines(FILE, after) == ["+[[service]]", '+id = "new"', '+former_ids = ["a", "b"]', "+"]
    assert tomllib.loads(after)["service"][2] == {"id": "new", "former_ids": ["a", "b"]}


def test_a_list_inside_a_table_gets_tables_whose_names_are_changed_on_one_line():
    link = {"address": "https://acme.example", "name": {"en": "Terms", "pt-BR": "Termos"}}
    file = '[brand]\naccent = "#00695c"   # green\n\n[contact]\nphone = "1"\n'
    added = edited(AppendTable("brand.link", link), text=file)
    assert changed_lines(file, added) == [
        *("+[[brand.link]]", '+address = "https://acme.example"', '+name = {en = "Terms", pt-BR = "Termos"}', "+")
    ]
    renamed = edited(SetValue(("brand", "link", 0, "name"), {"en": "Our terms"}), text=added)
    assert tomllib.loads(renamed)["brand"]["link"] == [{"address": "https://acme.example", "name": {"en": "Our terms"}}]
    assert tomllib.loads(edited(Unset(("brand", "link", 0)), text=renamed)) == tomllib.loads(file)


def test_tables_change_places_with_the_comment_above_them():
    after = edited(ReorderTables("service", (1, 0)))
    assert [each["id"] for each in tomllib.loads(after)["service"]] == ["web", "api"]
    assert '# The old one, kept for partners.\n[[service]]\nid = "api"' in after
    assert "\n\n\n# About words.\n[words.api]" in after
    assert edited(ReorderTables("service", (1, 0)), text=after) == FILE


def test_what_is_unset_goes_and_comments_stay():
    assert changed_lines(FILE, edited(Unset(("service", 0, "group")))) == ['-group = "app"']
    assert changed_lines(FILE, edited(Unset(("words", "api")))) == ["-[words.api]", '-name = "API"']
    assert edited(Unset(("words", "none"))) == FILE


def test_line_ends_of_another_system_and_the_byte_order_mark_stay():
    content = b"\xef\xbb\xbf" + FILE.replace("\n", "\r\n").encode()
    after = apply_edits(content, [SetValue(("service", 0, "name"), "Pay"), AppendTable("service", {"id": "new"})])
    assert after.startswith(b"\xef\xbb\xbf# What")
    assert after.count(b"\n") == after.count(b"\r\n")


def test_an_empty_file_gets_its_first_value():
    assert apply_edits(b"", [SetValue(("services", "api", "name"), "API")]) == b'[services.api]\nname = "API"\n'
    assert apply_edits(b"# mine\n", [SetValue(("status",), "draft")]) == b'# mine\nstatus = "draft"\n'


@pytest.mark.parametrize("content", [b"a = \n", b"\xff", b"a = 1\na = 2\n"])
def test_a_file_that_cannot_be_read_is_not_edited(content: bytes):
    with pytest.raises(EditFailed):
        apply_edits(content, [SetValue(("b",), "x")])


def test_a_path_through_a_value_is_refused():
    with pytest.raises(EditFailed):
        apply_edits(b"a = 1\n", [SetValue(("a", "b"), "x")])


def test_every_shipped_file_of_names_takes_a_changed_text():
    """A few texts of every file: each changes its own line only."""
    for path in sorted(Path(SHIPPED).rglob("organisation.toml")):
        text = path.read_text("utf-8")
        for way in _texts(tomllib.loads(text))[:: max(1, len(_texts(tomllib.loads(text))) // 3)]:
            assert len(changed_lines(text, edited(SetValue(way, "changed"), text=text))) == 2, (path, way)


def _texts(table: dict, way: tuple = ()) -> list[tuple]:
    found: list[tuple] = []
    for key, value in table.items():
        found += _texts(value, (*way, key)) if isinstance(value, dict) else [(*way, key)]
    return found


SECTIONS = """\
# Where notices go.

# For everybody.
[x]
type = "x"

[mail]   # partners
type = "mail"

[mail.extra]
a = 1

[hook]
type = "webhook"
"""


def test_sections_change_places_with_their_comments_and_inner_tables():
    after = edited(ReorderSections(("mail", "hook", "x")), text=SECTIONS)
    assert after.startswith(
        '# Where notices go.\n\n[mail]   # partners\ntype = "mail"\n\n[mail.extra]\na = 1\n\n[hook]'
    )
    assert after.rstrip().endswith('# For everybody.\n[x]\ntype = "x"')
    assert edited(ReorderSections(("x", "mail", "hook")), text=after) == SECTIONS


@pytest.mark.parametrize("order", [("x",), ("x", "mail", "none"), ("x", "x", "mail", "hook")])
def test_sections_that_are_not_those_of_the_file_are_refused(order: tuple[str, ...]):
    with pytest.raises(EditFailed):
        edited(ReorderSections(order), text=SECTIONS)
