"""Hosts follow the site's folder: nothing is forgotten, and no host delays anything else."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from statuspage import settings
from statuspage.content.loading.loader import ContentReader, read_content
from statuspage.domain.catalog import Catalog
from statuspage.domain.delivery import SITE
from statuspage.domain.queue_item import DeliveryStatus
from statuspage.integrations.hosting.base import Difference, UploadBatch, UploadFailed
from statuspage.integrations.hosting.sync_state import ALL_FILES, SyncState
from statuspage.storage import send_hold
from statuspage.usecases import delivery
from statuspage.usecases.bootstrap import drill_environment, live_environment
from statuspage.usecases.delivery.dispatcher import WorkerRun
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.publishing import site_updates, sync
from tests.support.content import whole_copy
from tests.support.deliveries import (
    FIRST,
    SERVE,
    accounts,
    clock,
    deliveries_by_channel,
    enqueue_notice,
    environment_in,
    wait_for,
    x,
)
from tests.support.desk import Clock
from tests.support.environments import with_changes
from tests.support.fakes.x_server import Server
from tests.support.hosts import git
from tests.support.instance import Cli, cli, publish_report
from tests.support.on_call import OnCallSetup, on_call_setup
from tests.support.playing import PROGRAM

__all__ = ["cli", "clock", "on_call_setup", "x"]


@dataclass
class HostFolder:
    """A host in a folder, for what no server can be made to do."""

    folder: Path
    gzip_copies: bool = False
    renewal_interval: timedelta = timedelta(0)
    wrong: str = ""
    open: Event = field(default_factory=Event)
    loads: list[UploadBatch] = field(default_factory=list)
    compared: int = 0

    def __post_init__(self) -> None:
        self.folder.mkdir()
        self.open.set()

    def compare(self, files: Mapping[str, Path]) -> Difference:
        self.compared += 1
        there = {path.relative_to(self.folder).as_posix() for path in self.folder.rglob("*") if path.is_file()}
        same = {n for n in there & files.keys() if (self.folder / n).read_bytes() == files[n].read_bytes()}
        changed = tuple(sorted(there & files.keys() - same))
        return Difference(tuple(sorted(files.keys() - there)), changed, tuple(sorted(there - files.keys())))

    def upload(self, batch: UploadBatch) -> int:
        self.open.wait(30)
        if self.wrong:
            raise UploadFailed(self.wrong, "said the other side")
        self.loads.append(replace(batch, files=dict(batch.files)))
        for name, path in batch.files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, self.folder / name)
        for name in batch.removed:
            (self.folder / name).unlink()
        return len(batch.files) + len(batch.removed)


@pytest.fixture
def host(tmp_path: Path) -> HostFolder:
    return HostFolder(tmp_path / "nas")


@pytest.fixture
def env(tmp_path: Path, catalog: Catalog, x: Server, host: HostFolder, static_server: SERVE) -> Iterator[Environment]:
    """Customers read what is on the host, not the local folder."""
    (tmp_path / "home").mkdir()
    env = environment_in(tmp_path / "home", catalog, static_server(host.folder), accounts(x))
    env = with_changes(env, hosts={"nas": host})
    env.site_folder.sync_state.set_hosts(env.senders.hosts)
    yield env
    env.databases.environment.close()


@contextmanager
def at_work(env: Environment, clock: Callable[[], datetime]) -> Iterator[None]:
    """Runs a worker during the block."""
    stop = Event()
    worker = threading.Thread(
        target=delivery.run, args=(env,), kwargs={"clock": clock, "stop": stop, "jitter": lambda: 0.0}
    )
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join()


def is_read(env: Environment) -> Callable[[], bool]:
    return lambda: deliveries_by_channel(env, 1)[SITE].status is DeliveryStatus.DELIVERED


def test_a_notice_is_carried_to_the_host_and_read_back_there(
    env: Environment, host: HostFolder, clock: Clock, x: Server
):
    enqueue_notice(env, FIRST, clock, "x-ja")
    with at_work(env, clock):
        wait_for(is_read(env))
        wait_for(lambda: bool(x.posts))
    assert set(deliveries_by_channel(env, 1)[SITE].receipt.checked_at) >= {"written", "page.ja", "feed.en"}
    assert "https://" in x.posts[0].text
    assert sync.compare_host(env, "nas") == Difference()
    assert not [name for load in host.loads for name in load.files if name.endswith(".gz")]


def test_a_notice_carries_only_what_it_changed_and_never_compares_all(env: Environment, host: HostFolder, clock: Clock):
    site_updates.build_site(env, now=clock())
    sync.sync_pending(env, "nas", now=clock(), jitter=0)
    enqueue_notice(env, FIRST, clock)
    site_updates.publish_incident(env, FIRST.id, now=clock())
    assert sync.sync_pending(env, "nas", now=clock(), jitter=0).changed == len(host.loads[1].files)
    assert host.compared == 1
    assert "ja/incidents/k3m9p2q7x4ab/index.html" in host.loads[1].files
    assert 2 * len(host.loads[1].files) < len(host.loads[0].files)
    assert sync.compare_host(env, "nas") == Difference()


def test_a_host_that_hangs_holds_up_neither_another_nor_the_posts(
    env: Environment, host: HostFolder, clock: Clock, x: Server, tmp_path: Path
):
    slow = HostFolder(tmp_path / "slow")
    slow.open.clear()
    both = with_changes(env, hosts={"slow": slow, "nas": host})
    both.site_folder.sync_state.set_hosts(both.senders.hosts)
    enqueue_notice(both, FIRST, clock, "x-ja")
    with at_work(both, clock):
        wait_for(is_read(both))
        wait_for(lambda: bool(x.posts))
        assert slow.loads == []
        slow.open.set()
        wait_for(lambda: bool(slow.loads))


def test_what_could_not_be_carried_is_kept_and_tried_again_after_a_pause(
    env: Environment, host: HostFolder, clock: Clock
):
    host.wrong = "unreachable"
    site_updates.build_site(env, now=clock())
    assert sync.sync_pending(env, "nas", now=clock(), jitter=1).code == "unreachable"
    faring = sync.sync_statuses(env)["nas"]
    assert (faring.failures, faring.code, faring.detail) == (1, "unreachable", "said the other side")
    assert list(sync.due_hosts(env, clock())) == []
    assert list(sync.due_hosts(env, clock.later(seconds=6))) == ["nas"]
    again = replace(env, site_folder=type(env.site_folder)(env.site_folder.root))  # another process
    host.wrong = ""
    sync.sync_pending(again, "nas", now=clock(), jitter=1)
    faring = sync.sync_statuses(env)["nas"]
    assert (faring.failures, faring.code, faring.uploaded_at) == (0, "", clock())
    assert sync.compare_host(again, "nas") == Difference()
    assert list(sync.due_hosts(again, clock())) == []


def test_pauses_grow_to_five_minutes_and_a_clock_that_was_set_back_lengthens_none(
    env: Environment, host: HostFolder, clock: Clock
):
    host.wrong = "denied"
    site_updates.build_site(env, now=clock())
    for _ in range(12):
        sync.sync_pending(env, "nas", now=clock(), jitter=1)
    until = sync.sync_statuses(env)["nas"].retry_at
    assert until is not None
    assert until - clock() == timedelta(minutes=5)
    assert list(sync.due_hosts(env, clock.later(hours=-2))) == ["nas"]


def test_the_renewed_time_of_the_front_alone_may_wait_where_the_host_says_so(
    env: Environment, host: HostFolder, clock: Clock
):
    host.renewal_interval = timedelta(hours=1)
    site_updates.build_site(env, now=clock())
    sync.sync_pending(env, "nas", now=clock(), jitter=0)
    site_updates.refresh_front(env, now=clock.later(minutes=5))
    assert list(sync.due_hosts(env, clock())) == []
    assert list(sync.due_hosts(env, clock.later(minutes=55))) == ["nas"]
    clock.later(minutes=-55)
    enqueue_notice(env, FIRST, clock)
    site_updates.publish_incident(env, FIRST.id, now=clock())
    assert list(sync.due_hosts(env, clock())) == ["nas"], "a notice does not wait"


def test_what_changes_while_something_is_being_carried_is_carried_next(
    env: Environment, host: HostFolder, clock: Clock
):
    site_updates.build_site(env, now=clock())
    sync.sync_pending(env, "nas", now=clock(), jitter=0)
    site_updates.refresh_front(env, now=clock.later(minutes=5))
    before = (env.site_folder.current / "ja/index.html").read_bytes()
    host.open.clear()
    carrying = threading.Thread(target=sync.sync_pending, args=(env, "nas"), kwargs={"now": clock(), "jitter": 0})
    carrying.start()
    wait_for(lambda: any((env.site_folder.root / "targets" / "nas" / "stage").glob("*")))
    assert sync.sync_pending(env, "nas", now=clock(), jitter=0).busy
    site_updates.refresh_front(env, now=clock.later(minutes=5))
    host.open.set()
    carrying.join()
    assert (host.folder / "ja/index.html").read_bytes() == before, "as it was when it was taken up"
    assert list(sync.due_hosts(env, clock())) == ["nas"]
    sync.sync_pending(env, "nas", now=clock(), jitter=0)
    assert sync.compare_host(env, "nas") == Difference()


def test_a_new_build_that_comes_while_all_is_compared_is_still_owed(env: Environment, host: HostFolder, clock: Clock):
    site_updates.build_site(env, now=clock())
    compare = host.compare

    def built_meanwhile(files: Mapping[str, Path]) -> Difference:
        site_updates.build_site(env, now=clock.later(minutes=1))
        return compare(files)

    host.compare = built_meanwhile
    sync.sync_pending(env, "nas", now=clock(), jitter=0)
    assert ALL_FILES in env.site_folder.sync_state.pending_files("nas")[0]
    host.compare = compare
    sync.sync_pending(env, "nas", now=clock(), jitter=0)
    assert sync.compare_host(env, "nas") == Difference()


def test_what_is_no_more_here_goes_there_too(env: Environment, host: HostFolder, clock: Clock):
    site_updates.build_site(env, now=clock())
    sync.sync_pending(env, "nas", now=clock(), jitter=0)
    (host.folder / "ja" / "services" / "old.html").write_text("retired")
    site_updates.build_site(env, now=clock())
    sync.sync_pending(env, "nas", now=clock(), jitter=0)
    assert host.loads[-1].removed == ("ja/services/old.html",)
    assert sync.compare_host(env, "nas") == Difference()


def test_nothing_is_uploaded_during_a_send_hold(env: Environment, host: HostFolder, clock: Clock):
    site_updates.build_site(env, now=clock())
    with env.databases.environment.begin() as tx:
        send_hold.begin_hold(tx, clock())
    assert sync.sync_pending(env, "nas", now=clock(), jitter=0).code == "send_hold"
    assert host.loads == []


def test_a_host_that_is_no_more_is_forgotten_and_a_new_one_is_owed_everything(tmp_path: Path):
    following = SyncState(tmp_path)
    following.set_hosts(["one"])
    following.mark_changed(["a"])
    following.set_hosts(["two"])
    assert [following.pending_files(name)[0] for name in ("one", "two")] == [frozenset(), {ALL_FILES}]
    assert [path.name for path in (tmp_path / "targets").iterdir()] == ["two"]


def test_content_names_what_is_wrong_with_a_host(tmp_path: Path):
    content = whole_copy(tmp_path / "content")
    (content / "hosts.toml").write_text(
        '[a]\ntype = "ftp"\n[b]\ntype = "rsync"\nhost = "-oProxyCommand=touch x"\npath = "srv"\n'
        '[c]\ntype = "git"\nrepository = "https://user:token@git.example/x"\nbranch = "-f"\nkeep = ["../x"]\n'
    )
    _, faults = read_content(content)
    assert [(fault.file, fault.key) for fault in faults] == [
        ("hosts.toml", "a.type"),
        ("hosts.toml", "b.host"),
        ("hosts.toml", "b.path"),
        ("hosts.toml", "c.repository"),
        ("hosts.toml", "c.branch"),
        ("hosts.toml", "c.keep"),
    ]
    assert ContentReader(content).read_catalog(with_marks=False).hosts == {}, "in need, what cannot be used is left out"


# By hand, in one instance, whose content is checked once


KEYS = {"STATUSPAGE_BUCKET_ACCESS_KEY": "k", "STATUSPAGE_BUCKET_SECRET_KEY": "s"}


@pytest.fixture(scope="module")
def folder(made_instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an instance whose page goes to a branch and a bucket, and the branch's repository."""
    at = tmp_path_factory.mktemp("place")
    shutil.copytree(made_instance, at / "instance", symlinks=True)
    git(at, "init", "--quiet", "--bare", str(at / "published.git"))
    pages = f'[pages]\ntype = "git"\nrepository = "{at}/published.git"\n'
    bucket = '[bucket]\ntype = "s3"\nbucket = "status.example"\n'
    (at / "instance" / "content" / "hosts.toml").write_text(f"{pages}\n{bucket}")
    return at


@pytest.fixture
def home(folder: Path) -> Path:
    return folder / "instance"


def test_publish_lists_what_would_change_and_then_carries_it_over(cli: Cli, folder: Path):
    repository = folder / "published.git"
    would = cli("publish", "--target", "pages", "--dry-run", "--json")
    assert would.code == 0, would.err
    new = would.json["hosts"]["pages"]["new"]
    assert "ja/index.html" in new
    assert git(repository, "branch") == "", "nothing was changed"
    result = cli("publish", "--target", "pages")
    assert (result.code, result.out) == (0, f"pages: uploaded. Files changed: {len(new)}\n")
    assert set(git(repository, "ls-tree", "-r", "--name-only", "gh-pages").split()) >= set(new)
    same = cli("publish", "--target", "pages", "--dry-run")
    assert same.out == "pages: up to date.\n"
    answer = publish_report(cli)
    incident = answer["incident"]
    assert {name: one["code"] for name, one in answer["hosts"].items()} == {"pages": "", "bucket": "credentials"}
    assert f"Incident {incident}" in git(repository, "log", "--format=%s", "gh-pages"), "the command carried it over"


def test_killed_while_a_notice_is_carried_the_old_page_stays_there_and_the_next_time_all_arrives(
    cli: Cli, folder: Path, home: Path, tmp_path: Path
):
    repository, murderer = folder / "published.git", tmp_path / "git"
    assert cli("publish", "--target", "pages").code == 0
    before = git(repository, "rev-parse", "gh-pages")
    murderer.write_text(
        f'#!/bin/sh\ncase "$*" in *push*) kill -9 $PPID; exit 1;; esac\nexec {shutil.which("git")} "$@"\n'
    )
    murderer.chmod(0o755)
    report = [*PROGRAM, "report", "--incident-type", "booking", "--start", "about:20m", "--yes", "--anyway"]
    report += ["--home", str(home)]
    killed = subprocess.run(report, capture_output=True, env={**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"})
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert git(repository, "rev-parse", "gh-pages") == before
    assert cli("publish", "--target", "pages").code == 0
    assert cli("publish", "--target", "pages", "--dry-run").out == "pages: up to date.\n"
    assert "/incidents/" in git(repository, "diff", "--name-only", before.strip(), "gh-pages")


def test_publish_says_what_is_missing_and_carries_to_the_others(cli: Cli):
    both = cli("publish", "--json")
    assert both.code == 3
    found = both.json["hosts"]
    assert found["pages"]["code"] == ""
    assert (found["bucket"]["code"], found["bucket"]["detail"].split(", ")) == ("credentials", [*KEYS])
    assert cli("publish", "--target", "web").code == 1


def test_a_drill_has_no_host_whatever_the_content_and_the_environment_say(home: Path, clock: Clock):
    live = live_environment(settings.read_settings({"STATUSPAGE_HOME": str(home), **KEYS}), now=clock())
    assert list(live.senders.hosts) == ["pages", "bucket"], "the control"
    drill = drill_environment(home, home / "content", now=clock())
    assert drill.senders.hosts == {}
    site_updates.build_site(drill, now=clock())
    assert not (drill.site_folder.root / "targets").exists()
    assert json.loads((drill.site_folder.current / "api/v2/status.json").read_text())["cap_status"] == "Exercise"
    for each in (
        live.databases.environment,
        live.databases.accounts,
        drill.databases.environment,
        drill.databases.accounts,
    ):
        each.close()


@pytest.mark.usefixtures("on_postgresql")
def test_a_slow_host_holds_up_no_notification_after_a_cut_and_is_waited_for_at_the_end(
    on_call_setup: OnCallSetup, host: HostFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    env, began, ended = with_changes(on_call_setup.env, hosts={"nas": host}), time.monotonic(), Event()
    site_updates.build_site(env, now=on_call_setup.clock())
    env.site_folder.sync_state.set_hosts(env.senders.hosts)
    host.open.clear()

    def cut_once(env: Environment, *, now: datetime) -> None:
        """The server cuts a channel's connection during an upload in the first worker run."""
        wait_for(lambda: host.compared == 1)
        if not ended.is_set():
            with env.databases.environment.read() as tx:
                tx.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")

    def end(worker_run: WorkerRun) -> None:
        ended.set()
        whole_end(worker_run)

    whole_end = WorkerRun.finish
    monkeypatch.setattr(WorkerRun, "finish", end)
    monkeypatch.setattr("statuspage.usecases.delivery.worker.refresh_front", cut_once)
    try:
        with at_work(env, lambda: on_call_setup.clock() + timedelta(seconds=time.monotonic() - began)):
            assert ended.wait(30)
            on_call_setup.alert()
            wait_for(lambda: on_call_setup.heard() == (1, 0, 0))
            assert (host.compared, host.loads) == (1, []), "it is still at its one load"
            threading.Timer(2, host.open.set).start()
        assert (host.open.is_set(), len(host.loads)) == (True, 1)
    finally:
        host.open.set()
