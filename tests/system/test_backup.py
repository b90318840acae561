"""A backup is one complete file, made while the instance runs; a restored instance is on hold and sends nothing
twice."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from zipfile import ZipFile

import pytest

from statuspage.settings import read_settings
from statuspage.storage.engine import migrate, transfer
from statuspage.storage.engine.database import Database
from tests.support.database import DATABASES
from tests.support.fakes.x_server import SECOND, Account, x_server
from tests.support.instance import Cli, cli, home, settings_of
from tests.support.planted_secrets import found_in, planted
from tests.support.playing import Player, clean_environ, serving, until
from tests.support.postgres import Postgres
from tests.support.second_revision import second_revision

__all__ = ["cli", "home"]

DATABASE_NAMES = ("live", "drill", "accounts", "subscribers")


def player_at(home: Path, **more: str) -> Player:
    """A user whose databases are where this test keeps them."""
    return Player(home, clean_environ(**settings_of(home), **more))


@pytest.fixture(scope="module")
def own_words(made_instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance with a text of the company's own, to be copied; checked once for all tests."""
    home = Path(shutil.copytree(made_instance, tmp_path_factory.mktemp("own") / "instance", symlinks=True))
    with (home / "content" / "runbooks" / "app.ja.md").open("a", encoding="utf-8") as runbook:
        runbook.write("\n- この行は、この家のものです。\n")
    Player(home).ask("show")
    return home


@pytest.fixture
def published(own_words: Path, tmp_path: Path) -> Player:
    """A user who has published something, looked at the drill and created an account."""
    player = player_at(Path(shutil.copytree(own_words, tmp_path / "instance", symlinks=True)))
    player.ask("drill", "start", "--title", "Before the storm", "--no-alert")
    player.ask("report", "--incident-type", "booking", "--start", "10m", "--yes")
    player.ask("account", "add", "sato", "--name", "佐藤")
    return player


ALIVE = ("site", "worker_heartbeat", "sign_in_link")
"""Tables that a running server writes by itself, or that a restore empties."""


def rows(player: Player) -> dict[str, Mapping[str, transfer.TableChecksum]]:
    """The content of the databases of an instance, without workers' heartbeats and without secrets, whose database is
    made when the first is kept."""
    found = {}
    urls = read_settings({**player.environ, "STATUSPAGE_HOME": str(player.home)}).database_urls
    for url in (url for url in urls if url.name != "secrets"):
        store = Database(url.current_url, url.schema)
        with store.read() as tx:
            found[url.name] = {k: v for k, v in transfer.table_checksums(tx, url.schema).items() if k not in ALIVE}
        store.close()
    return found


def names_in(file: Path) -> list[str]:
    with ZipFile(file) as packed:
        assert packed.testzip() is None
        return packed.namelist()


def restored(file: Path, player: Player) -> Player:
    """The instance restored from it."""
    result = player.run("backup", "restore", str(file), str(player.home))
    assert result.code == 0, result.err
    return player


def bulky(player: Player, megabytes: int = 24) -> None:
    """Enough data in the drill's sandbox that a backup and a restore can be interrupted."""
    folder = player.home / "drill" / "outbox"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "much.txt").write_bytes(os.urandom(megabytes << 20))


def test_from_files_onto_a_server_all_comes_back_on_hold(
    published: Player, tmp_path: Path, postgresql: Postgres
) -> None:
    before, file = rows(published), tmp_path / "kept" / "one.backup"
    file.parent.mkdir()
    backup = published.ask("backup", "create", str(file))
    assert (set(backup["databases"]), file.stat().st_mode & 0o777) == (set(DATABASE_NAMES), 0o600)
    assert {path.name for path in file.parent.iterdir()} == {"one.backup", "one.backup.erased"}
    assert not [name for name in names_in(file) if name.startswith("site/")]
    DATABASES.use(postgresql)
    try:
        other = restored(file, player_at(tmp_path / "other"))
        assert {name: found for name, found in rows(other).items() if found} == before
        looked = other.run("show")
        assert looked.err.startswith("Sending is on hold: "), "the control: the first start"
        assert other.run("build").code == 1
        published_for = other.run("update", other.ask("show")[0]["id"], "--next-update", "30m", "--yes")
        assert "on hold" in (published_for.out + published_for.err).lower()
        other.ask("queue", "release")
        assert other.run("show").err == ""
        _same_content(published.home, other.home)
    finally:
        DATABASES.use(None)


def _same_content(one: Path, other: Path) -> None:
    for path in (one / "content").rglob("*"):
        if path.is_file():
            assert (other / "content" / path.relative_to(one / "content")).read_bytes() == path.read_bytes()
    assert (other / "secret").read_bytes() == (one / "secret").read_bytes()


def test_from_a_server_into_files_all_comes_back(published: Player, tmp_path: Path, postgresql: Postgres) -> None:
    DATABASES.use(postgresql)
    try:
        on_server = player_at(published.home)
        on_server.ask("db", "move")
        before, file = rows(on_server), tmp_path / "one.backup"
        on_server.ask("backup", "create", str(file))
    finally:
        DATABASES.use(None)
    assert rows(restored(file, player_at(tmp_path / "other"))) == before


def test_what_went_out_after_the_backup_is_not_sent_again(home: Path, tmp_path: Path) -> None:
    with x_server(Account(), SECOND) as x:
        channel_environ = {**Account().environ("x-ja"), **SECOND.environ("x-en"), "STATUSPAGE_X_API": x.address}
        player, file = (
            player_at(home, **channel_environ, STATUSPAGE_ADDRESS="http://127.0.0.1:1"),
            tmp_path / "one.backup",
        )
        good, x.state.accounts = x.state.accounts, ()
        player.ask("report", "--incident-type", "booking", "--start", "10m", "--to", "x-ja", "--yes")
        assert (player.run("backup", "create", str(file)).code, len(x.posts)) == (0, 0)
        x.state.accounts = good
        player.ask("queue", "resume", "x-ja")
        with _working(player):
            assert until(lambda: len(x.posts) == 1)
        shutil.copytree(home / "site", tmp_path / "kept", symlinks=True)
        other = restored(file, Player(tmp_path / "other", player.environ))
        assert {d["status"] for d in other.ask("queue", "list")["deliveries"] if d["channel"] == "x-ja"} == {
            "needs_review"
        }
        other.ask("queue", "release")
        with _working(other):
            assert until(lambda: (other.home / "site" / "current").exists())
            time.sleep(1)
        assert len(x.posts) == 1


@contextmanager
def _working(player: Player) -> Iterator[None]:
    """Runs a worker during the block."""
    process = player.start("worker")
    yield
    process.terminate()
    process.communicate(timeout=30)


@pytest.mark.usefixtures("database")
def test_while_people_publish_every_backup_is_one_state_of_it_and_a_killed_one_leaves_the_old(
    published: Player, tmp_path: Path
) -> None:
    bulky(published)
    file = tmp_path / "one.backup"
    with serving(published):
        ending = Thread(target=lambda: [_publish(published) for _ in range(3)])
        ending.start()
        published.ask("backup", "create", str(file))
        old = file.read_bytes()
        process = published.start("backup", "create", str(file))
        assert until(lambda: _size(tmp_path / "one.backup.new" / "backup") > 1 << 20, 60)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        assert process.returncode == -signal.SIGKILL
        assert file.read_bytes() == old
        ending.join()
        backup = published.ask("backup", "create", str(file))
    assert {path.name for path in tmp_path.glob("one.backup*")} == {"one.backup", "one.backup.erased"}
    assert backup["files"] == len(names_in(file)) - 1
    assert rows(restored(file, player_at(tmp_path / "other")))["live"] == rows(published)["live"]


def _publish(player: Player) -> None:
    player.ask("report", "--incident-type", "login", "--start", "5m", "--yes", "--anyway")


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def killed_while_it_unpacks(player: Player, file: Path) -> bool:
    """Whether a restore was interrupted; on a busy machine it may already be over."""
    process = player.start("backup", "restore", str(file), str(player.home))
    much = player.home / "restored.new" / "drill" / "outbox" / "much.txt"
    while process.poll() is None and _size(much) <= 1 << 20:
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return process.returncode == -signal.SIGKILL and not (player.home / "content").exists()


@pytest.mark.usefixtures("database")
def test_a_killed_restore_is_no_instance_and_the_next_one_makes_it_whole(published: Player, tmp_path: Path) -> None:
    bulky(published)
    before, file = rows(published), tmp_path / "one.backup"
    published.ask("backup", "create", str(file))
    attempts = (player_at(tmp_path / f"other{number}") for number in range(5))
    other = next(each for each in attempts if killed_while_it_unpacks(each, file))
    assert other.run("show").code != 0, "it is no instance"
    assert rows(restored(file, other)) == before


@pytest.fixture(scope="module")
def kept(made_instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good backup, to be damaged."""
    folder = tmp_path_factory.mktemp("kept")
    home = Path(shutil.copytree(made_instance, folder / "instance", symlinks=True))
    Player(home).ask("backup", "create", str(folder / "good"))
    return folder / "good"


def parts_of(file: Path) -> dict[str, bytes]:
    with ZipFile(file) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def packed(parts: Mapping[str, bytes], to: Path) -> Path:
    with ZipFile(to, "w") as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return to


def with_file(parts: dict[str, bytes], name: str, content: bytes) -> dict[str, bytes]:
    """The same with one more file, correctly listed."""
    answer = json.loads(parts["manifest.json"])
    answer["files"][name] = {"size": len(content), "digest": hashlib.sha256(content).hexdigest()}
    return {**parts, name: content, "manifest.json": json.dumps(answer).encode()}


def saying(parts: dict[str, bytes], **changed: object) -> dict[str, bytes]:
    return {**parts, "manifest.json": json.dumps({**json.loads(parts["manifest.json"]), **changed}).encode()}


def other_databases(parts: dict[str, bytes], **changed: object) -> dict[str, bytes]:
    databases = json.loads(parts["manifest.json"])["databases"]
    return saying(parts, databases={**databases, "live": {**databases["live"], **changed}})


def emptied_databases(parts: dict[str, bytes]) -> dict[str, bytes]:
    return with_file(parts, "environment.db", b"no database at all" * 100)


SPOILT: Mapping[str, tuple[Callable[[dict[str, bytes]], dict[str, bytes]], str]] = {
    "a path that leads out": (lambda p: with_file(p, "content/../../evil", b"x"), "contains an unexpected file"),
    "an absolute path": (lambda p: with_file(p, "/tmp/evil", b"x"), "contains an unexpected file"),
    "backslashes": (lambda p: with_file(p, "content\\..\\evil", b"x"), "contains an unexpected file"),
    "a page": (lambda p: with_file(p, "site/current", b"x"), "contains an unexpected file"),
    "books under another name": (lambda p: other_databases(p, file="secret"), "contains an unexpected file"),
    "an unlisted file": (lambda p: {**p, "content/more.toml": b"x"}, "damaged"),
    "a file that is missing": (lambda p: {n: c for n, c in p.items() if n != "content/site.toml"}, "damaged"),
    "one changed letter": (lambda p: {**p, "content/site.toml": p["content/site.toml"] + b"#"}, "damaged"),
    "no database": (emptied_databases, "damaged"),
    "another revision than it says": (
        lambda p: other_databases(p, kind="accounts", revision="accounts0001"),
        "damaged",
    ),
    "more than there is room for": (
        lambda p: saying(
            p, files={**json.loads(p["manifest.json"])["files"], "content/site.toml": {"size": 1 << 60, "digest": ""}}
        ),
        "not enough disk space",
    ),
    "a newer format": (lambda p: saying(p, format=99, program_version="9.9"), "newer version of the program (9.9)"),
    "newer tables": (lambda p: other_databases(p, revision="environment9999"), "newer version of the program"),
    "other tables": (lambda p: other_databases(p, kind="../accounts"), "newer version of the program"),
    "a manifest of another shape": (lambda p: {**p, "manifest.json": b'{"format": "one"}'}, "not a backup"),
    "no manifest": (lambda p: {n: c for n, c in p.items() if n != "manifest.json"}, "not a backup"),
}


@pytest.mark.parametrize("what", SPOILT)
def test_a_spoilt_backup_is_refused_in_one_sentence_and_makes_no_instance(
    cli: Cli, kept: Path, tmp_path: Path, what: str
) -> None:
    spoil, message = SPOILT[what]
    file = packed(spoil(parts_of(kept)), tmp_path / "spoilt")
    answer = cli("backup", "restore", str(file), str(tmp_path / "other"))
    assert (answer.code, message in answer.err) == (1, True), answer.err
    assert not (tmp_path / "other" / "content").exists()
    assert not (tmp_path / "evil").exists()
    assert cli("backup", "restore", str(kept), str(tmp_path / "other")).code == 0, "a good one goes there afterwards"


def test_what_is_no_zip_or_cut_off_is_refused(cli: Cli, kept: Path, tmp_path: Path) -> None:
    for content in (b"", b"anything", kept.read_bytes()[:-200], kept.read_bytes()[: 1 << 16]):
        (tmp_path / "spoilt").write_bytes(content)
        answer = cli("backup", "restore", str(tmp_path / "spoilt"), str(tmp_path / "other"))
        assert (answer.code, "not a backup" in answer.err) == (1, True)


def test_an_instance_is_never_written_over(cli: Cli, kept: Path, home: Path) -> None:
    before = (home / "environment.db").read_bytes()
    assert cli("backup", "restore", str(kept), str(home)).code == 1
    assert (home / "environment.db").read_bytes() == before


def test_no_secret_of_the_environment_is_in_it_only_its_name(
    cli: Cli, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = planted(home)
    for name, secret in secrets.items():
        monkeypatch.setenv(name, secret)
    (home / "content" / "note.txt").write_text("control", "utf-8")
    result = cli("backup", "create", str(tmp_path / "one"))
    assert result.code == 0, result.err
    parts = parts_of(tmp_path / "one")
    assert parts["content/note.txt"] == b"control"
    for name, content in parts.items():
        assert found_in(content.decode("utf-8", "replace"), secrets) == [], name
    assert set(secrets) <= set(json.loads(parts["manifest.json"])["settings"])
    assert all(name in result.out for name in secrets)


def test_two_backups_into_one_file_wait_for_nobody(cli: Cli, tmp_path: Path) -> None:
    with (tmp_path / "one.lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        result = cli("backup", "create", str(tmp_path / "one"))
    assert (result.code, "Another process is writing a backup" in result.err) == (1, True)


def test_what_was_deleted_from_the_database_is_not_in_the_file(cli: Cli, home: Path, tmp_path: Path) -> None:
    with closing(sqlite3.connect(home / "shared" / "accounts.db")) as raw:
        raw.execute("PRAGMA secure_delete=OFF")
        raw.execute("CREATE TABLE left_over (word TEXT)")
        raw.execute("INSERT INTO left_over VALUES ('an old name')")
        raw.commit()
        raw.execute("DROP TABLE left_over")
        raw.commit()
    assert b"an old name" in (home / "shared" / "accounts.db").read_bytes(), "the control: it was there"
    assert cli("backup", "create", str(tmp_path / "one")).code == 0
    assert b"an old name" not in parts_of(tmp_path / "one")["shared/accounts.db"]


def test_a_backup_made_before_an_upgrade_is_brought_up_to_date_when_it_is_restored(
    cli: Cli, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrate, "MIGRATIONS", second_revision(tmp_path))
    other = tmp_path / "other"
    assert cli("backup", "restore", str(kept), str(other)).code == 0
    with closing(sqlite3.connect(other / "environment.db")) as raw:
        assert raw.execute("SELECT version_num FROM alembic_version").fetchall() == [("environment0002",)]
    assert not list(other.glob("*.before-*"))
