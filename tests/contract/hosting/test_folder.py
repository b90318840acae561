"""The folder of the site: whole files, whole builds, and a plain sentence if it cannot be written."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from statuspage.integrations.hosting.folder import Folder, StaleWriteError, Unwritable


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    made = Folder(tmp_path / "site")
    fill(made, 1, {"index.html": b"first"})
    return made


def replaced(folder: Folder, files: dict[str, bytes], fence: int) -> list[str]:
    changed = folder.changed_files(files)
    folder.write_files(changed, fence=fence)
    return list(changed)


def fill(folder: Folder, fence: int, files: dict[str, bytes]) -> None:
    with folder.build_lock(), folder.write_lock(), folder.new_build(fence) as build:
        build.write_files(files)
        folder.switch(build, fence=fence)


def small_disk(path: Path, options: str) -> Iterator[Path]:
    path.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)], check=True)
    yield path
    subprocess.run(["umount", "-l", str(path)], check=True)


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    yield from small_disk(tmp_path / "readonly", "ro")


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    yield from small_disk(tmp_path / "tiny", "size=64k")


def test_files_are_replaced_whole_and_unchanged_ones_left_alone(folder: Folder):
    with folder.write_lock():
        assert replaced(folder, {"a/b.html": b"one", "index.html": b"second"}, fence=2) == ["a/b.html", "index.html"]
    before = (folder.current / "a/b.html").stat()
    with folder.write_lock():
        assert replaced(folder, {"a/b.html": b"one", "index.html": b"third"}, fence=3) == ["index.html"]
    after = (folder.current / "a/b.html").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)
    assert (folder.current / "index.html").read_bytes() == b"third"


def test_an_older_front_never_replaces_a_newer_one(folder: Folder):
    with folder.write_lock():
        folder.write_files({"index.html": b"newer"}, fence=7)
        with pytest.raises(StaleWriteError):
            folder.write_files({"index.html": b"older"}, fence=6)
    assert (folder.current / "index.html").read_bytes() == b"newer"


def test_a_build_takes_its_place_by_one_rename_and_three_releases_stay(folder: Folder):
    for fence in range(2, 7):
        fill(folder, fence, {"index.html": str(fence).encode()})
        assert (folder.current / "index.html").read_text() == str(fence)
    assert [p.name[-1] for p in sorted((folder.root / "releases").iterdir())] == ["4", "5", "6"]


def test_what_an_interrupted_writer_left_is_cleared_away(folder: Folder):
    (folder.root / "stage").mkdir(exist_ok=True)
    (folder.root / "stage" / "half").write_bytes(b"torn")
    with folder.new_build(9) as half:
        half.write_files({"index.html": b"half"})
    with folder.write_lock():
        folder.write_files({"index.html": b"whole"}, fence=8)
    fill(folder, 9, {"other.html": b"whole"})
    assert not list((folder.root / "stage").iterdir())
    assert [p.name for p in folder.current.iterdir()] == ["other.html"]


def test_after_a_writer_was_interrupted_nothing_passes_for_unchanged(folder: Folder):
    same = {"a/b.html": b"as it was"}
    fill(folder, 2, same)
    with folder.write_lock():
        assert folder.changed_files(same) == {}
        (folder.root / "stage").mkdir(exist_ok=True)
        (folder.root / "stage" / "7").write_bytes(b"torn")
        assert folder.changed_files(same) == same
        folder.write_files(same, fence=3)
        assert folder.changed_files(same) == {}


def test_what_is_published_during_a_build_is_remembered_for_it(folder: Folder):
    with folder.build_lock():
        with folder.write_lock():
            folder.write_files({"index.html": b"a"}, fence=2, subject="one")
            folder.write_files({"index.html": b"b"}, fence=3, subject="two")
            folder.write_files({"index.html": b"c"}, fence=4, subject="one")
        assert folder.changed_during_build() == ("one", "two")
    with folder.build_lock():
        assert folder.changed_during_build() == ()


@pytest.mark.slow
def test_readers_never_meet_a_torn_or_missing_file(folder: Folder):
    stop = threading.Event()
    seen: set[bytes] = set()
    wrong: list[Exception] = []

    def read() -> None:
        while not stop.is_set():
            try:
                data = (folder.current / "index.html").read_bytes()
            except OSError as error:
                wrong.append(error)
                return
            if len(set(data)) != 1 or len(data) != 200_000:
                seen.add(data[:10])

    fill(folder, 10, {"index.html": b"a" * 200_000})
    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for fence in range(11, 60):
        data = {"index.html": bytes([97 + fence % 26]) * 200_000}
        if fence % 10 == 0:
            fill(folder, fence, data)
            continue
        with folder.write_lock():
            folder.write_files(data, fence=fence)
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []
    assert seen == set()


@pytest.mark.system
def test_a_read_only_folder_is_said_in_one_sentence(read_only: Path):
    with pytest.raises(Unwritable, match="read-only file system") as refused, Folder(read_only).write_lock():
        pass
    assert refused.value.code == "read_only"


@pytest.mark.system
def test_a_full_disk_is_said_and_nothing_is_replaced(tiny: Path):
    folder = Folder(tiny)
    fill(folder, 1, {"index.html": b"before", "other.html": b"before"})
    with folder.write_lock(), pytest.raises(Unwritable, match="full") as refused:
        folder.write_files({"index.html": b"after", "other.html": b"x" * 500_000}, fence=2)
    assert refused.value.code == "full"
    assert (folder.current / "index.html").read_bytes() == b"before"


@pytest.mark.system
def test_a_folder_that_came_back_can_be_written_again(tmp_path: Path):
    mount = tmp_path / "site"
    disk = small_disk(mount, "rw")
    folder = Folder(next(disk))
    fill(folder, 1, {"index.html": b"before"})
    subprocess.run(["mount", "-o", "remount,ro", str(mount)], check=True)
    with pytest.raises(Unwritable), folder.write_lock():
        folder.write_files({"index.html": b"after"}, fence=2)
    subprocess.run(["mount", "-o", "remount,rw", str(mount)], check=True)
    with folder.write_lock():
        folder.write_files({"index.html": b"after"}, fence=2)
    assert (folder.current / "index.html").read_bytes() == b"after"
    next(disk, None)


def test_a_name_written_twice_in_a_build_leaves_the_published_file_whole(folder: Folder):
    with folder.build_lock(), folder.new_build(2) as build:
        build.write_files({"index.html": b"first"})
        assert (build.path / "index.html").samefile(folder.current / "index.html"), "the control: it is a link"
        build.write_files({"index.html": b"again"})
        assert (folder.current / "index.html").read_bytes() == b"first"
        assert (build.path / "index.html").read_bytes() == b"again"
