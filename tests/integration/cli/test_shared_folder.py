"""What the drill's user puts into the folder that both environments share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.support.instance import Cli, cli, home, made_instance

__all__ = ["cli", "home", "made_instance"]

PLANTED: dict[str, Callable[[Path], None]] = {
    "a link to a secret": lambda file: file.symlink_to("../secret-key"),
    "a link to nothing": lambda file: file.symlink_to("../new-file"),
    "a pipe": lambda file: os.mkfifo(file),
    "a folder": lambda file: file.mkdir(),
}


@pytest.mark.parametrize("what", PLANTED)
def test_only_a_plain_file_is_opened_as_a_database(cli: Cli, home: Path, what: str) -> None:
    assert cli("account", "list").code == 0, "the control"
    secret, file = home / "secret-key", home / "shared" / "accounts.db"
    secret.write_text("0" * 64)
    secret.chmod(0o600)
    file.parent.chmod(0o2770)
    file.rename(file.with_name("kept.db"))
    PLANTED[what](file)
    answer = cli("account", "list")
    assert (answer.code, "must be a plain file" in answer.err) == (1, True), answer.err
    assert secret.stat().st_mode & 0o777 == 0o600
    assert not (home / "new-file").exists()


def test_links_in_the_drills_folder_lead_nothing_of_live_into_a_backup(cli: Cli, home: Path, tmp_path: Path) -> None:
    secret, drill = home / "secret-key", home / "drill"
    secret.write_text("f" * 64)
    (drill / "outbox").mkdir(parents=True, exist_ok=True)
    (drill / "outbox" / "mail.txt").write_text("a drill's own")
    (drill / "outbox" / "file.txt").symlink_to(secret)
    (drill / "elsewhere").symlink_to(home)
    (drill / "last-sent").unlink(missing_ok=True)
    (drill / "last-sent").symlink_to("../secret-key")
    (drill / "content-passed").rename(drill / "kept") if (drill / "content-passed").exists() else None
    (drill / "content-passed").symlink_to(home)
    os.mkfifo(drill / "secret") if not (drill / "secret").exists() else None
    assert cli("backup", "create", str(tmp_path / "one.zip")).code == 0
    with ZipFile(tmp_path / "one.zip") as archive:
        held = {name: archive.read(name) for name in archive.namelist()}
    assert held["drill/outbox/mail.txt"] == b"a drill's own"
    assert not [name for name, content in held.items() if content == secret.read_bytes()]
    assert "drill/content-passed/content/site.toml" not in held


def test_what_a_restore_writes_is_private_except_the_content(cli: Cli, home: Path, tmp_path: Path) -> None:
    (home / "content-passed").mkdir(exist_ok=True)
    (home / "content-passed" / "site.toml").write_text("x")
    assert cli("backup", "create", str(tmp_path / "one.zip")).code == 0
    to = tmp_path / "restored"
    assert cli("backup", "restore", str(tmp_path / "one.zip"), str(to)).code == 0
    modes = {path.relative_to(to).as_posix(): path.stat().st_mode & 0o777 for path in to.rglob("*") if path.is_file()}
    for name, mode in modes.items() - {("last-sent", 0o644), ("drill/last-sent", 0o644)}:
        allowed = 0o666 if name.startswith("content/") else 0o660 if "content-passed/" in name else 0o600
        assert mode & ~allowed == 0, name
    assert modes["content/site.toml"] & 0o004


@pytest.mark.parametrize("name", ["one.zip.lock", "one.zip.new", "one.zip.erased.part", "one.zip.erased"])
def test_a_link_where_a_backup_writes_changes_nothing_elsewhere(
    cli: Cli, home: Path, tmp_path: Path, name: str
) -> None:
    target = tmp_path / "target"
    (tmp_path / name).symlink_to(target)
    answer = cli("backup", "create", str(tmp_path / "one.zip"))
    assert not target.exists()
    assert (answer.code == 0) is (name.startswith("one.zip.erased")), answer.err
    if answer.code == 0:
        assert (tmp_path / "one.zip.erased").stat().st_mode & 0o777 == 0o600
