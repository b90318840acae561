"""Faults of disk, locks, processes and network around the site and its worker, each really produced.

The numbers are those of docs/reference/faults.md. Mounts and network namespaces need root; without it, the tests are
skipped with a message.
"""

from __future__ import annotations

import fcntl
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from statuspage.domain.delivery import SITE
from statuspage.domain.queue_item import DeliveryStatus
from statuspage.integrations.hosting.folder import Folder, Unwritable
from statuspage.storage import incidents
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.publishing import site_updates
from tests.support.deliveries import (
    FIRST,
    ID,
    SECOND_NOTICE,
    clock,
    deliveries_by_channel,
    ends,
    enqueue_notice,
    env,
    work,
    x,
)
from tests.support.desk import Clock
from tests.support.environments import with_changes
from tests.support.fakes.x_server import SECOND, Account, Server, x_server
from tests.support.instance import home
from tests.support.killing import look_at
from tests.support.playing import PROGRAM, Player, clean_environ, until
from tests.support.times import at

__all__ = ["clock", "env", "home", "x"]


PATIENCE = 120.0
"""Seconds after which something is assumed not to happen."""


def at_work(player: Player) -> subprocess.Popen[bytes]:
    """A worker that holds the queue."""
    worker = player.start("worker")
    assert until(lambda: "Processing the queue" in player.errors(), PATIENCE), player.errors()
    return worker


def stop_at_rest(worker: subprocess.Popen[bytes], home: Path) -> None:
    """Stops it where it holds none of the databases, which would be another fault."""
    for _ in range(100):
        worker.send_signal(signal.SIGSTOP)
        if all(is_free(path) for path in home.rglob("*.db")):
            return
        worker.send_signal(signal.SIGCONT)
        time.sleep(0.2)
    raise AssertionError("it never rests")


def is_free(database: Path) -> bool:
    """Whether it can be written now."""
    with closing(sqlite3.connect(database, timeout=0.5, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        except sqlite3.OperationalError:
            return False
    return True


def ended(process: subprocess.Popen[bytes]) -> int:
    """Its exit code."""
    process.communicate(timeout=PATIENCE)
    return process.returncode


@contextmanager
def disk(path: Path, options: str) -> Iterator[Path]:
    """A separate disk mounted at this path, with these options of ``mount``."""
    assert os.geteuid() == 0, "This test mounts a disk, and for that it must be run as root."
    path.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(path)], check=True)
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def whole(env: Environment) -> int:
    """Checks that every published file is complete; returns their number."""
    files = [path for path in env.site_folder.current.resolve().rglob("*") if path.is_file()]
    for file in files:
        look_at(file)
    return len(files)


@pytest.fixture
def published_env(env: Environment, clock: Clock) -> Environment:
    """An environment whose first report is published, on the page and on X."""
    enqueue_notice(env, FIRST, clock, "x-ja")
    work(env, clock)
    assert set(ends(env, 1).values()) == {DeliveryStatus.DELIVERED}
    return env


def test_fault_05_asked_to_stop_while_sending_it_finishes_records_and_ends_with_0(home: Path) -> None:
    with x_server(Account(), SECOND) as x:
        environ = {
            **Account().environ("x-ja"),
            "STATUSPAGE_X_API": x.address,
            "STATUSPAGE_ADDRESS": "http://127.0.0.1:1",
        }
        player = Player(home, clean_environ(**environ))
        x.next("slow")
        worker = at_work(player)
        report = player.start("report", "--incident-type", "booking", "--start", "about:20m", "--yes")
        assert until(lambda: x.posts, PATIENCE), player.errors()
        worker.send_signal(signal.SIGTERM)
        assert worker.poll() is None
        x.state.patience.set()
        assert ended(worker) == 0
        report.communicate(timeout=PATIENCE)
        (post,) = [d for d in player.ask("show", player.ask("show")[0]["id"])["deliveries"] if d["channel"] == "x-ja"]
        assert (post["status"], len(x.posts)) == ("delivered", 1)


def test_fault_06_on_a_full_disk_the_old_page_stays_whole_the_post_goes_out_and_space_lets_it_go_on(
    published_env: Environment, x: Server, clock: Clock
) -> None:
    with full(published_env) as free:
        sequence = enqueue_notice(published_env, SECOND_NOTICE, clock, "x-ja")
        work(published_env, clock)
        clock.later(seconds=16)
        work(published_env, clock)
        late = deliveries_by_channel(published_env, sequence)
        assert (late[SITE].status, late[SITE].reason) == (DeliveryStatus.WAITING, "site_full")
        assert (late["x-ja"].status, late["x-ja"].receipt.note_key, len(x.posts)) == (
            DeliveryStatus.DELIVERED,
            "no_link",
            2,
        )
        assert whole(published_env) > 20
        assert not (published_env.site_folder.root / "stage").exists(), (
            "what could not be finished must not fill the disk"
        )
        free()
        clock.later(minutes=1)
        work(published_env, clock)
        assert ends(published_env, sequence)[SITE] is DeliveryStatus.DELIVERED
        assert whole(published_env) > 20


def test_fault_06_a_build_on_a_full_disk_leaves_nothing_behind_and_the_old_build_in_place(
    published_env: Environment,
) -> None:
    with full(published_env):
        before = sorted(path.name for path in (published_env.site_folder.root / "releases").iterdir())
        with pytest.raises(Unwritable, match="full"):
            site_updates.build_site(published_env, now=at("12:10"))
        assert sorted(path.name for path in (published_env.site_folder.root / "releases").iterdir()) == before
        assert whole(published_env) > 20


@contextmanager
def full(env: Environment):
    """The site on a full disk; yields a function that frees space."""
    kept = shutil.copytree(env.site_folder.root, env.home / "kept", symlinks=True)
    with disk(env.site_folder.root, "size=4m") as folder:
        shutil.copytree(kept, folder, symlinks=True, dirs_exist_ok=True)
        ballast = folder / "ballast"
        with pytest.raises(OSError, match="No space left"), ballast.open("wb", 0) as file:
            while True:
                file.write(b"x" * 1024)
        yield ballast.unlink


def test_fault_08_a_read_only_disk_is_named_and_the_other_channels_go_on(
    published_env: Environment, x: Server, clock: Clock
) -> None:
    kept = shutil.copytree(published_env.site_folder.root, published_env.home / "kept", symlinks=True)
    with disk(published_env.site_folder.root, "size=8m") as folder:
        shutil.copytree(kept, folder, symlinks=True, dirs_exist_ok=True)
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
        sequence = enqueue_notice(published_env, SECOND_NOTICE, clock, "x-ja")
        work(published_env, clock)
        clock.later(seconds=16)
        work(published_env, clock)
        late = deliveries_by_channel(published_env, sequence)
        assert (late[SITE].reason, late["x-ja"].status) == ("site_read_only", DeliveryStatus.DELIVERED)
        assert "read-only" in late[SITE].detail
        assert whole(published_env) > 20


def test_fault_09_a_file_cut_off_in_the_middle_is_never_seen(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "site")
    with folder.build_lock(), folder.write_lock(), folder.new_build(1) as build:
        build.write_files({"index.html": b"<html>old</html>", "more.html": b"<html>old</html>"})
        folder.switch(build, fence=1)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    try:
        with folder.write_lock(), pytest.raises(Unwritable):
            folder.write_files({"more.html": b"<html>new</html>", "index.html": b"<html>" + b"n" * 9000}, fence=2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert {path.read_bytes() for path in folder.current.iterdir()} == {b"<html>old</html>"}
    assert not (folder.root / "stage").exists()


def test_fault_11_every_file_is_on_the_disk_before_it_takes_its_place_and_its_folder_after(
    published_env: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened: list[tuple[str, str]] = []
    fsync, put = os.fsync, Path.replace

    def synced(descriptor: int) -> None:
        fsync(descriptor)
        happened.append(("sync", str(Path(f"/proc/self/fd/{descriptor}").readlink())))

    def moved(source: Path, target: Path) -> Path:
        happened.append(("move", f"{source} {target}"))
        return put(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "replace", moved)
    site_updates.refresh_front(published_env, now=at("13:30"))
    moves = [n for n, (what, about) in enumerate(happened) if what == "move" and "/stage/" in about]
    assert len(moves) >= 4
    for n in moves:
        source, target = happened[n][1].split()
        assert ("sync", str(Path(source).resolve())) in happened[:n]
        assert ("sync", str(Path(target).parent.resolve())) in happened[n:]


def test_fault_26_with_the_clock_set_back_or_forward_the_page_goes_on_in_the_order_of_the_notices(
    published_env: Environment, clock: Clock
) -> None:
    for hours in (-1, 2, -3):
        clock.later(hours=hours)
        sequence = enqueue_notice(published_env, SECOND_NOTICE, clock)
        work(published_env, clock)
        assert ends(published_env, sequence)[SITE] is DeliveryStatus.DELIVERED
        site_updates.refresh_front(published_env, now=clock())
    page = (published_env.site_folder.current / "ja" / "incidents" / ID / "index.html").read_text("utf-8")
    with published_env.databases.environment.read() as tx:
        incident = incidents.load_incident(tx, ID)
    assert incident is not None
    positions = [page.index(f'id="n-{notice.sequence}"') for notice in incident.notices]
    assert positions in (sorted(positions), sorted(positions, reverse=True))
    assert whole(published_env) > 20


def test_fault_26_the_hour_that_comes_twice_is_told_in_its_order(published_env: Environment, clock: Clock) -> None:
    london = with_changes(
        published_env,
        catalog=replace(
            published_env.site.catalog, site=replace(published_env.site.catalog.site, zone="Europe/London")
        ),
    )
    clock.now = clock.now.replace(month=10, day=25, hour=0, minute=50)  # 01:50, and an hour later 01:50 again
    numbers = []
    for _ in range(3):
        numbers.append(enqueue_notice(london, SECOND_NOTICE, clock))
        work(london, clock)
        clock.later(minutes=30)
    assert {ends(london, number)[SITE] for number in numbers} == {DeliveryStatus.DELIVERED}
    feed = (london.site_folder.current / "en" / "feed.atom").read_text("utf-8")
    positions = [feed.index(f"n-{number}") for number in reversed(numbers)]
    assert positions == sorted(positions)


def test_fault_held_lock_while_another_writes_the_site_the_post_does_not_wait(
    published_env: Environment, x: Server, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("statuspage.integrations.hosting.folder._LOCK_TIMEOUT", 0.2)
    sequence = enqueue_notice(published_env, SECOND_NOTICE, clock, "x-ja")
    with (published_env.site_folder.root / "lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        work(published_env, clock)
        clock.later(seconds=16)
        work(published_env, clock)
    assert (deliveries_by_channel(published_env, sequence)[SITE].reason, len(x.posts)) == ("site_busy", 2)
    clock.later(minutes=1)
    work(published_env, clock)
    assert ends(published_env, sequence)[SITE] is DeliveryStatus.DELIVERED


def test_fault_stopped_worker_a_command_does_not_wait_for_ever_and_nothing_is_sent_twice(home: Path) -> None:
    with x_server(Account(), SECOND) as x:
        environ = {
            **Account().environ("x-ja"),
            "STATUSPAGE_X_API": x.address,
            "STATUSPAGE_ADDRESS": "http://127.0.0.1:1",
        }
        player = Player(home, clean_environ(**environ))
        worker = at_work(player)
        stop_at_rest(worker, home)
        result = player.run("report", "--incident-type", "booking", "--start", "about:20m", "--yes", "--json")
        assert result.code == 3, "stored, and the page is not written yet"
        assert {d["status"] for d in result.json["deliveries"]} == {"waiting"}
        worker.send_signal(signal.SIGCONT)
        assert until(lambda: x.posts, PATIENCE)
        worker.terminate()
        assert ended(worker) == 0
        assert len(x.posts) == 1


def test_fault_44_without_any_network_the_notice_is_kept_and_written_here_and_goes_out_later(home: Path) -> None:
    assert os.geteuid() == 0, "This test makes a network of its own, and for that it must be run as root."
    with x_server(Account(), SECOND) as x:
        environ = {
            **Account().environ("x-ja"),
            "STATUSPAGE_X_API": x.address,
            "STATUSPAGE_ADDRESS": "http://127.0.0.1:1",
        }
        player = Player(home, clean_environ(**environ))
        alone = [
            "unshare",
            "--net",
            *PROGRAM,
            "report",
            "--incident-type",
            "booking",
            "--start",
            "about:20m",
            "--yes",
            "--json",
        ]
        result = subprocess.run(
            alone, env={**player.environ, "STATUSPAGE_HOME": str(home)}, capture_output=True, text=True, timeout=120
        )
        assert result.returncode == 0, result.stderr
        shown = player.ask("show")[0]["id"]
        assert (home / "site" / "current" / "ja" / "incidents" / shown / "index.html").is_file()
        post = next(d for d in player.ask("show", shown)["deliveries"] if d["channel"] == "x-ja")
        assert (post["status"], post["reason"], x.posts) == ("waiting", "no_connection", [])
        worker = player.start("worker")
        assert until(lambda: x.posts, PATIENCE)
        worker.terminate()
        worker.communicate(timeout=PATIENCE)
        assert len(x.posts) == 1


def test_fault_a_site_that_somebody_deleted_is_built_again_with_everything(
    published_env: Environment, clock: Clock
) -> None:
    shutil.rmtree(published_env.site_folder.root)
    clock.later(minutes=6)
    site_updates.refresh_front(published_env, now=clock())
    assert (published_env.site_folder.current / "ja" / "incidents" / ID / "index.html").is_file()
    assert whole(published_env) > 20
    assert clock() - at("12:03") == timedelta(minutes=6)
