"""What the drill's user puts into the folder that both environments share."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

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
