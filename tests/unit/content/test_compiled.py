"""What was read from the content is used again while its files are the same, and only if nobody else wrote it."""

from __future__ import annotations

import os
import pickle
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from statuspage import bundled
from statuspage.content import compiled, loading
from statuspage.content.compiled import (
    Lookups,
    Reading,
    catalogs,
    kept_values,
    load_content,
    load_drill_marks,
    private_file,
)
from tests.support.content import SHIPPED
from tests.support.trial_company import write_company

OWN_SERVICE = '[[service]]\nid = "lighthouse"\nname = "Lighthouse"\n'
LOGO = '<svg xmlns="http://www.w3.org/2000/svg"/>'


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the content that comes with the program."""
    return Path(shutil.copytree(SHIPPED, tmp_path_factory.mktemp("program") / "content"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, shipped: Path) -> Path:
    """An instance whose content was read once, over that copy."""
    home = tmp_path_factory.mktemp("instance")
    write_company(home / "content", "general", ["en"], services=OWN_SERVICE)
    with (home / "content" / "site.toml").open("a", encoding="utf-8") as file:
        file.write('[brand]\nlogo = "logo.svg"\n')
    (home / "content" / "logo.svg").write_text(LOGO, "utf-8")
    with pytest.MonkeyPatch.context() as patch:
        _use_shipped(patch, shipped)
        catalog, errors = load_content(Reading(home / "content"), home / "cache")
    assert (catalog is not None, errors) == (True, ())
    return home


@pytest.fixture
def home(made: Path, shipped: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that instance, and of the program's content (``program``), to be changed."""
    _use_shipped(monkeypatch, Path(shutil.copytree(shipped, tmp_path / "program")))
    return Path(shutil.copytree(made, tmp_path / "home"))


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The files may not be read."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("the files were read again")

    monkeypatch.setattr(loading, "read_content", refuse)


def _use_shipped(patch: pytest.MonkeyPatch, folder: Path) -> None:
    whole = bundled.folder
    patch.setattr(bundled, "folder", lambda name: folder if name == "content" else whole(name))


def _load(home: Path) -> catalogs.Result:
    return load_content(Reading(home / "content"), home / "cache")


def _kept_file(home: Path) -> Path:
    (file,) = (home / "cache").iterdir()
    return file


def test_what_is_kept_equals_what_is_read(home: Path):
    fresh = loading.read_content(home / "content")
    before = _kept_file(home).stat().st_mtime_ns
    assert _load(home) == fresh
    assert _kept_file(home).stat().st_mtime_ns == before


@pytest.mark.usefixtures("unread")
def test_unchanged_files_are_not_read_again_even_after_the_instance_was_moved(home: Path):
    moved = home.rename(home.with_name("moved"))
    catalog, _ = _load(moved)
    assert catalog is not None
    assert [*catalog.services] == ["lighthouse"]


def _append(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write("\n")


CHANGES: dict[str, Callable[[Path, Path], None]] = {
    "a file of the instance": lambda own, _: _append(own / "services.toml"),
    "a new file of the instance": lambda own, _: _append(own / "channels.toml"),
    "a new sentence of the instance": lambda own, _: _append(own / "en" / "phrases.toml"),
    "a file that nothing reads": lambda own, _: _append(own / "chanels.toml"),
    "the logo": lambda own, _: _append(own / "logo.svg"),
    "a deleted file": lambda own, _: (own / "logo.svg").unlink(),
    "a runbook of the instance": lambda own, _: _append(own / "runbooks" / "login.en.md"),
    "a scenario of the instance": lambda own, _: _append(own / "scenarios" / "own.toml"),
    "the on-call plan": lambda own, _: _append(own / "on_call.toml"),
    "another starter": lambda own, _: (own / "site.toml").write_text(
        (own / "site.toml").read_text("utf-8").replace("general", "saas"), "utf-8"
    ),
    "the starter": lambda _, program: _append(program / "starters" / "general" / "services.toml"),
    "a new file of the starter": lambda _, program: _append(program / "starters" / "general" / "alerts.toml"),
    "a scenario of the starter": lambda _, program: _append(program / "starters/general/scenarios/new.toml"),
    "a runbook of the program": lambda _, program: _append(next(program.glob("languages/runbooks/*.en.md"))),
    "a language pack": lambda _, program: _append(program / "languages" / "en" / "phrases.toml"),
    "a glossary": lambda _, program: _append(program / "languages" / "en" / "glossary.toml"),
    "the shared types": lambda _, program: _append(program / "languages" / "incident_types.toml"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_each_change_of_a_file_is_noticed(
    change: Callable[[Path, Path], None], home: Path, monkeypatch: pytest.MonkeyPatch
):
    change(home / "content", home.parent / "program")
    read_again = (None, ())
    monkeypatch.setattr(loading, "read_content", lambda *_, **__: read_again)
    assert _load(home) == read_again


def test_a_change_that_keeps_size_and_time_is_noticed(home: Path):
    services = home / "content" / "services.toml"
    status = services.stat()
    services.write_text(OWN_SERVICE.replace("Lighthouse", "Lifeguards"), "utf-8")
    os.utime(services, ns=(status.st_atime_ns, status.st_mtime_ns))
    catalog, _ = _load(home)
    assert catalog is not None
    assert catalog.services["lighthouse"].name == "Lifeguards"


def test_errors_are_kept_with_their_files_and_lines(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("time.sleep", lambda _: None)
    with (home / "content" / "services.toml").open("a", encoding="utf-8") as file:
        file.write('[[service]]\nid = "light house"\nnaem = "x"\n')
    fresh = loading.read_content(home / "content")
    assert {(error.file, error.line) for error in fresh[1]} >= {("services.toml", 5), ("services.toml", 6)}
    assert _load(home) == fresh
    monkeypatch.setattr(loading, "read_content", None)
    assert _load(home) == fresh


class _Harmful:
    def __reduce__(self) -> tuple[Callable[[str], object], tuple[str]]:
        return os.mkdir, ("harm",)


def _plant_code(file: Path) -> None:
    content = private_file.read_private_file(file)
    assert content is not None
    private_file.write_private_file(file, content.partition(b"\n")[0] + b"\n" + pickle.dumps(_Harmful()))


def _link(file: Path) -> None:
    file.symlink_to(file.rename(file.with_name("elsewhere")))


SPOILED: dict[str, Callable[[Path], object]] = {
    "torn": lambda file: os.truncate(file, 1000),
    "empty": lambda file: file.write_bytes(b""),
    "with another byte": lambda file: file.write_bytes(file.read_bytes()[:-9] + b"x" + file.read_bytes()[-8:]),
    "with code in it": _plant_code,
    "writable for the group": lambda file: file.chmod(0o620),
    "writable for all": lambda file: file.chmod(0o602),
    "in a folder writable for all": lambda file: file.parent.chmod(0o777),
    "a link": _link,
    "a folder": lambda file: (file.unlink(), file.mkdir()),
    "a pipe": lambda file: (file.unlink(), os.mkfifo(file)),
}


@pytest.mark.parametrize("spoil", SPOILED.values(), ids=SPOILED)
def test_a_kept_file_that_is_not_as_it_was_written_is_ignored(
    spoil: Callable[[Path], object], home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    spoil(_kept_file(home))
    monkeypatch.chdir(tmp_path)
    read_again = (None, ())
    monkeypatch.setattr(loading, "read_content", lambda *_, **__: read_again)
    assert _load(home) == read_again
    assert not (tmp_path / "harm").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_ignored(home: Path):
    os.chown(_kept_file(home), 12345, -1)
    assert private_file.read_private_file(_kept_file(home)) is None


def test_what_another_program_kept_is_read_again(home: Path, monkeypatch: pytest.MonkeyPatch):
    read_again = (None, ())
    monkeypatch.setattr(loading, "read_content", lambda *_, **__: read_again)
    monkeypatch.setattr(kept_values, "program_version", lambda: "another")
    assert _load(home) == read_again


def test_every_source_file_of_the_program_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    package = tmp_path / "statuspage" / "content" / "compiled"
    package.mkdir(parents=True)
    monkeypatch.setattr("statuspage.content.compiled.program.__file__", str(package / "program.py"))
    versions = set()
    for text in ("", "# longer"):
        (tmp_path / "statuspage" / "any.py").write_text(text, "utf-8")
        versions.add(compiled.program_version.__wrapped__())
    assert len(versions) == 2


@pytest.mark.usefixtures("unread")
def test_kept_content_is_private(home: Path):
    assert _kept_file(home).stat().st_mode & 0o777 == 0o600
    assert _kept_file(home).parent.stat().st_mode & 0o777 == 0o700


def test_a_reader_beside_two_writers_sees_one_of_their_files_whole(tmp_path: Path):
    file, contents = tmp_path / "cache" / "content", (b"a" * 300_000, b"b" * 200_000)

    def write(content: bytes) -> None:
        for _ in range(30):
            private_file.write_private_file(file, content)

    writers = [threading.Thread(target=write, args=(content,)) for content in contents]
    private_file.write_private_file(file, contents[0])
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        assert private_file.read_private_file(file) in contents
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_where_nothing_can_be_kept_content_is_read_and_nothing_is_made(home: Path):
    shutil.rmtree(home / "cache")
    (home / "cache").write_text("not a folder", "utf-8")
    assert _load(home)[1] == ()
    catalog, _ = load_content(Reading(home / "content"), home / "nowhere" / "cache")
    assert catalog is not None
    assert not (home / "nowhere").exists()


def test_a_file_that_is_being_written_is_read_again(home: Path, monkeypatch: pytest.MonkeyPatch):
    services = home / "content" / "services.toml"
    services.write_text(OWN_SERVICE[:30], "utf-8")
    monkeypatch.setattr(
        "time.sleep", lambda _: services.write_text(OWN_SERVICE + '[[service]]\nid = "pier"\nname = "Pier"\n')
    )
    catalog, errors = _load(home)
    assert errors == ()
    assert catalog is not None
    assert [*catalog.services] == ["lighthouse", "pier"]


def test_a_file_that_changes_all_the_time_is_used_and_not_kept(home: Path, monkeypatch: pytest.MonkeyPatch):
    shutil.rmtree(home / "cache")
    whole = loading.read_content

    def read_while_it_changes(folder: Path, **asked: object) -> catalogs.Result:
        _append(folder / "services.toml")
        result = whole(folder, **asked)
        _append(folder / "services.toml")
        return result

    monkeypatch.setattr(loading, "read_content", read_while_it_changes)
    assert _load(home)[0] is not None
    assert not (home / "cache").exists()


def test_the_marks_of_a_drill_are_kept_until_one_changes(home: Path, monkeypatch: pytest.MonkeyPatch):
    folder, cache = home / "content", home / "cache"
    marks = load_drill_marks(folder, cache)
    assert marks == loading.drill_marks(folder)
    monkeypatch.setattr(loading, "drill_marks", lambda *_: ("read again",))
    assert load_drill_marks(folder, cache) == marks
    (folder / "en" / "drill.toml").write_text('start_mark = "EXERCISE"\n', "utf-8")
    assert load_drill_marks(folder, cache) == ("read again",)


def test_only_a_few_results_are_kept(home: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(loading, "read_content", lambda *_, **__: (None, ()))
    for number in range(20):
        load_content(Reading(home / "content", left_out={("en/lists.toml", str(number))}), home / "cache")
    assert len(list((home / "cache").iterdir())) == kept_values.MOST_KEPT


def test_two_answers_about_one_file_never_hold(tmp_path: Path):
    file, lookups = tmp_path / "site.toml", Lookups(tmp_path)
    for text in ("a", "b"):
        file.write_text(text, "utf-8")
        lookups.read_bytes(file)
    assert not lookups.still_hold()
