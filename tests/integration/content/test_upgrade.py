"""New shipped content is listed and added; comments, order and the company's own texts are kept."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from statuspage import bundled
from statuspage.content import loading
from statuspage.content.loading.toml_source import iter_statements
from statuspage.content.upgrade.toml_insert import CannotInsert, insert_key, value_at
from statuspage.usecases.content import upgrade
from tests.support.instance import Cli, cli, home

__all__ = ["cli", "home"]

OURS = bundled.folder("content")


@pytest.fixture
def content_folder(tmp_path: Path) -> Path:
    """A content folder as an instance made with this version has it."""
    return Path(shutil.copytree(OURS, tmp_path / "content"))


def without(content_folder: Path, file: str, *keys: str) -> None:
    """The file as it was before these keys existed."""
    path = content_folder / file
    text = path.read_text("utf-8")
    for one in reversed(list(iter_statements(text))):
        if ".".join(map(str, one.path)) in keys or ".".join(map(str, one.table)) in keys:
            text = text[: one.start] + text[one.end :]
    path.write_text(text, "utf-8")


def names(content_folder: Path, *, needed: bool | None = None) -> list[str]:
    return [new.name for new in upgrade.find_missing(content_folder) if needed in (None, new.required)]


def test_content_of_today_lacks_nothing(content_folder: Path) -> None:
    assert upgrade.find_missing(content_folder) == ()
    assert upgrade.own_words(content_folder) == ()


@pytest.mark.slow
def test_a_sentence_is_taken_in_every_language_and_all_else_stays_to_the_letter(content_folder: Path) -> None:
    texts = {path: path.read_text("utf-8") for path in content_folder.rglob("*.toml")}
    for language in ("ja", "en", "ja-simple"):
        without(content_folder, f"{language}/phrases.toml", "zone.text", "zone")
    assert loading.read_content(content_folder)[1] != (), "the control: it is asked for"
    (new,) = upgrade.find_missing(content_folder)
    assert (new.name, new.required) == ("phrases.zone.text", True)
    assert set(upgrade.take_over(content_folder, [new])) == {f"{one}/phrases.toml" for one in ("ja", "en", "ja-simple")}
    assert loading.read_content(content_folder)[1] == ()
    for path, text in texts.items():
        assert tomllib.loads(path.read_text("utf-8")) == tomllib.loads(text)
        assert _comments(path.read_text("utf-8")) == _comments(text)
    assert upgrade.find_missing(content_folder) == ()


def _comments(text: str) -> list[str]:
    return re.findall(r"^#.*$", text, re.MULTILINE)


@pytest.mark.slow
def test_the_companys_own_words_are_shown_and_never_taken_away(cli: Cli, home: Path) -> None:
    file = home / "content" / "en" / "lists.toml"
    file.write_text(file.read_text("utf-8").replace('label = "Power cut"', 'label = "No power"  # ours'), "utf-8")
    mine = file.read_text("utf-8")
    assert "# ours" in mine, "the control: it was written"
    for language in ("ja", "en", "ja-simple"):
        without(home / "content", f"{language}/labels.toml", "site.own")
    result = cli("content", "diff", "--own")
    assert ("labels.site.own" in result.out, "+ No power" in result.out, "- Power cut" in result.out) == (
        True,
        True,
        True,
    )
    assert cli("content", "take", "--all").code == 0
    assert file.read_text("utf-8") == mine
    assert cli("check").code == 0


@pytest.mark.slow
def test_check_and_the_command_say_what_to_do(cli: Cli, home: Path) -> None:
    for language in ("ja", "en"):
        without(home / "content", f"{language}/desk.toml", "desk.nav.home")
    result = cli("check")
    assert result.code == 1
    assert "desk.nav.home" in result.err
    assert result.err.rstrip().endswith("To add them: statuspage content take --all")
    dry = cli("content", "take", "--all", "--dry-run", "--json").json
    assert dry == {"added": [], "files": [], "would_add": ["desk.desk.nav.home"]}
    assert cli("content", "take", "--all", "--json").json == {
        "added": ["desk.desk.nav.home"],
        "files": ["ja/desk.toml", "en/desk.toml"],
    }
    assert cli("check").out.count("\n") == 1
    assert cli("content", "take", "--all").out.startswith("Nothing to add")


@pytest.mark.slow
def test_scenarios_runbooks_lists_and_types_are_offered_and_taken_one_by_one(cli: Cli, home: Path) -> None:
    mine = home / "content"
    (mine / "scenarios" / "typhoon.toml").unlink()
    for language in ("ja", "en", "ja-simple"):
        without(mine, f"{language}/phrases.toml", *_under(mine / language / "phrases.toml", "incident_type.security"))
    without(mine, "incident_types.toml", "security", *_under(mine / "incident_types.toml", "security"))
    for language in ("ja", "en"):
        (mine / "runbooks" / f"security.{language}.md").unlink()
    file_names = ["runbooks/security.en.md", "runbooks/security.ja.md"]
    assert names(mine) == ["incident_types.security", *file_names, "scenarios/typhoon.toml"]
    assert names(mine, needed=True) == []
    assert cli("check").out.endswith("This version offers 4 more. To list them: statuspage content diff\n")
    (mine / "en" / "everyday.toml").unlink()
    assert "ja: " in cli("content", "diff").out
    assert cli("content", "take", "scenarios", "incident_types.security", "runbooks").code == 0
    assert names(mine) == ["en/everyday.toml"]
    assert cli("content", "take", "en/everyday.toml").code == 0
    assert cli("check").code == 0, cli("check").err


def _under(file: Path, key: str) -> list[str]:
    found = (".".join(map(str, one.path)) for one in iter_statements(file.read_text("utf-8")))
    return [name for name in found if name == key or name.startswith(f"{key}.")]


def test_which_ones_must_be_said_and_exist(cli: Cli) -> None:
    assert cli("content", "take").code == 2
    assert cli("content", "take", "--all", "labels").code == 2
    result = cli("content", "take", "labels.nothing")
    assert (result.code, "Unknown keys" in result.err) == (1, True)


@pytest.mark.parametrize(
    ("mine", "then"),
    [
        ("", 'c = "new"\n'),
        ("# only a remark", None),
        ("[a]\nb = 1\n# end", '[a]\nb = 1\nc = "new"\n# end'),
        ("a.b = 1\n", 'a.b = 1\na.c = "new"\n'),
        ("[a]\n\n[d]\nx = 1\n", '[a]\nc = "new"\n\n[d]\nx = 1\n'),
        ("[d]\nx = 1", '[d]\nx = 1\n\n[a]\nc = "new"\n'),
        ("[a.e]\nx = 1\n", '[a.e]\nx = 1\n\n[a]\nc = "new"\n'),
        ("[a.e]\nx = 1\n\n[a.f]\ny = 2\n", '[a.e]\nx = 1\n\n[a.f]\ny = 2\n\n[a]\nc = "new"\n'),
        ("[a]\r\nb = '''\r\n[a]\r\n'''\r\n", "[a]\r\nb = '''\r\n[a]\r\n'''\r\nc = \"new\"\r\n"),
    ],
)
def test_a_key_finds_its_place_in_whatever_way_a_company_writes(mine: str, then: str | None) -> None:
    source = '[a]\nb = 1\nc = "new"\nz = 3\n'
    found = insert_key(mine, source, ("a", "c"))
    assert tomllib.loads(found)["a"]["c"] == "new"
    if then is not None and mine:
        assert found == then


@pytest.mark.parametrize("mine", ["a = {b = 1}\n", 'a = "a word"\n', "[[a]]\nb = 1\n"])
def test_where_there_is_no_place_nothing_is_changed(mine: str) -> None:
    with pytest.raises(CannotInsert):
        insert_key(mine, '[a]\nb = 1\nc = "new"\n', ("a", "c"))


KEYS = [
    (file, one.path)
    for file in (
        "ja/phrases.toml",
        "en/desk.toml",
        "en/lists.toml",
        "media.toml",
        "incident_types.toml",
        "drill/ja.toml",
    )
    for one in iter_statements((OURS / file).read_text("utf-8"))
    if not any(isinstance(part, int) for part in one.path)
]


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(KEYS), min_size=1, max_size=5, unique=True))
def test_whatever_is_taken_out_comes_back_and_nothing_else_changes(gone: list[tuple[str, tuple[str, ...]]]) -> None:
    for file, path in gone:
        source = (OURS / file).read_text("utf-8")
        mine = source
        for one in reversed(list(iter_statements(source))):
            if one.path[: len(path)] == path:
                mine = mine[: one.start] + mine[one.end :]
        assert value_at(tomllib.loads(mine), path) is None
        assert tomllib.loads(insert_key(mine, source, path)) == tomllib.loads(source)
