"""Live and the drill as the units and the guide have them: two users, and the drill's cannot open what is live's."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import requests

from tests.support.as_user import prefix_for
from tests.support.drill_isolation import environ_of, holds
from tests.support.paths import ROOT
from tests.support.playing import Player, block_of, clean_environ, until_answered

pytestmark = pytest.mark.slow

UIDS = {"statuspage": 61_001, "statuspage-drill": 61_002}
GUIDE = ROOT / "docs" / "guides" / "quick-start.md"
UNITS = ROOT / "docs" / "examples" / "systemd"

IN_ENVIRONMENT, ON_DESK = "canary-in-the-environment-91c2", "canary-on-the-desk-7d0e"
LIVE_ONLY = ("environment.db", "subscribers.db", "secrets.db", "secret-key", "secret", "intake-secret")
FOR_THE_DRILL = {"content", "content-passed", "rosters", "site", "summary.json", "serving.json", "shared", "drill"}
HARMLESS = {"last-sent"}
"""What the drill's user may read in the instance: what it needs, the public page, and a number. No lock: who can read
one can keep it, and live would send nothing."""

KEEP = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from statuspage.settings import read_settings
from statuspage.usecases.secret_store import SecretStore
from statuspage.integrations.rosters import fetch
store = SecretStore(read_settings({}, home=sys.argv[1]))
store.change({"STATUSPAGE_MASTODON_EN_TOKEN": sys.argv[2]}, by="Sato", now=datetime.now(UTC))
fetch.refresh_rosters(Path(sys.argv[1]) / "rosters", {"front": "ftp://nowhere.example"}, now=datetime.now(UTC))
"""
OPEN = """
import sys
from contextlib import suppress
for path in sys.stdin.read().splitlines():
    with suppress(OSError):
        with open(path, "rb") as file:
            file.read(1)
        print(path)
"""


@dataclass(frozen=True)
class Two:
    """An instance with its two users, both served: their desks, and the ids of their processes."""

    home: Path
    live: Player
    drill: Player
    desks: Mapping[str, str]
    pids: Mapping[str, int]

    def opened_by_drill(self, *paths: Path) -> list[str]:
        """Those of these files that the drill's user can open."""
        given = "\n".join(map(str, paths))
        return run_as(self.drill, OPEN, given=given).splitlines()


def run_as(player: Player, script: str, *args: str, given: str = "") -> str:
    """What a script prints that runs with this user's rights."""
    command = [sys.executable, "-P", "-c", script, *args]
    how: dict[str, Any] = {"capture_output": True, "text": True, "timeout": 60, "env": player.environ}
    done = subprocess.run([*player.prefix, *command], input=given, **how)
    assert done.returncode == 0, done.stderr
    return str(done.stdout)


def unit(name: str) -> dict[str, str]:
    """The fields of a shipped unit."""
    lines = (UNITS / name).read_text("utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def user_of(unit_fields: Mapping[str, str]) -> tuple[str, ...]:
    """What runs a command as the unit's user; live's is in the drill's group, as ``useradd`` of the guide says."""
    uid = UIDS[unit_fields["User"]]
    more = [UIDS["statuspage-drill"]] if uid == UIDS["statuspage"] else []
    return prefix_for(uid, more, unit_fields.get("UMask", "0022"))


def make_folders(home: Path) -> None:
    """Makes the folders of the guide by its own commands."""
    lines = re.findall(r"^install -d -o (\S+) -g (\S+) -m (\d+) /var/lib/statuspage/(\S+)$", GUIDE.read_text(), re.M)
    assert {name for *_, name in lines} == {"shared", "rosters", "drill"}
    for owner, group, mode, name in lines:
        run = ("install", "-d", "-o", str(UIDS[owner]), "-g", str(UIDS[group]), "-m", mode, str(home / name))
        subprocess.run(run, check=True)


@contextmanager
def served(player: Player, unit_fields: Mapping[str, str], *more: str) -> Iterator[tuple[Mapping[str, str], int]]:
    """What the unit starts, on free ports: its addresses, and the id of its process."""
    args = unit_fields["ExecStart"].split()[1:]
    process = player.start(*args, *more, "--json")
    try:
        addresses = json.loads(block_of(process, player))
        until_answered(addresses["desk"])
        yield addresses, process.pid
    finally:
        process.terminate()
        process.communicate(timeout=60)


@pytest.fixture(scope="module")
def two() -> Iterator[Two]:
    """A new instance as in the guide, served as the units say, with canaries among live's secrets."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        open_way_to(Path(folder))
        home = Path(folder) / "instance"
        units = {"live": unit("statuspage.service"), "drill": unit("statuspage-drill.service")}
        live = Player(home, clean_environ(STATUSPAGE_X_JA_TOKEN=IN_ENVIRONMENT), user_of(units["live"]))
        drill = Player(home, clean_environ(), user_of(units["drill"]))
        home.mkdir()
        os.chown(home, UIDS["statuspage"], UIDS["statuspage"])
        about = ("--company", "Example", "--starter", "shop", "--language", "en", "--no-input")
        assert live.run("init", str(home), *about).code == 0
        make_folders(home)
        run_as(live, KEEP, str(home), ON_DESK)
        free = ("--port", "0", "--site-port", "0", "--signup-port", "0")
        live_at, live_pid = stack.enter_context(served(live, units["live"], *free))
        drill_free = ("--drill-port", "0", "--drill-site-port", "0")
        drill_at, drill_pid = stack.enter_context(served(drill, units["drill"], *drill_free))
        desks, pids = {"live": live_at["desk"], "drill": drill_at["desk"]}, {"live": live_pid, "drill": drill_pid}
        yield Two(home, live, drill, desks, pids)


def open_way_to(folder: Path) -> None:
    """Lets other users into the folders above."""
    folder.chmod(0o755)
    if not folder.parent.stat().st_mode & stat.S_IXOTH:
        folder.parent.chmod(0o711)


def sign_in(two: Two, env: str) -> requests.Session:
    """Somebody who has signed in at this desk."""
    said = two.live.run("account", "link", "desk").out
    link, browser = re.search(r"/sign-in/link/\S+", said), requests.Session()
    assert link, said
    page = browser.get(two.desks[env] + link[0], timeout=60).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert token, page[:500]
    inside = browser.post(two.desks[env] + link[0], data={"csrf_token": token[1]}, timeout=60)
    assert (inside.status_code, "/sign-in" in inside.url) == (200, False)
    return browser


def test_each_runs_as_its_own_user_and_the_drill_is_given_no_secret(two: Two) -> None:
    owners = {name: Path(f"/proc/{pid}").stat().st_uid for name, pid in two.pids.items()}
    assert owners == {"live": UIDS["statuspage"], "drill": UIDS["statuspage-drill"]}
    assert environ_of(two.pids["live"])["STATUSPAGE_X_JA_TOKEN"] == IN_ENVIRONMENT
    for canary in (IN_ENVIRONMENT, ON_DESK):
        assert holds(two.pids["live"], canary.encode()), "the control: live holds it"
        assert not holds(two.pids["drill"], canary.encode())


def test_the_drills_user_opens_nothing_of_the_instance_but_what_it_needs(two: Two) -> None:
    files = [path for path in two.home.rglob("*") if path.is_file()]
    assert {name for name in LIVE_ONLY if (two.home / name).exists()} == set(LIVE_ONLY)
    opened = {Path(path).relative_to(two.home).parts[0] for path in two.opened_by_drill(*files)}
    assert opened <= FOR_THE_DRILL | HARMLESS
    assert {"content", "rosters", "shared", "drill", "summary.json"} <= opened, "the control: it can read what it needs"
    locks = [path for path in files if path.name.endswith("lock") and "drill" not in path.relative_to(two.home).parts]
    assert {"worker.lock", "lock"} <= {path.name for path in locks}
    assert two.opened_by_drill(*locks) == [], "who can open a lock can keep it"


def test_the_drills_user_opens_neither_lives_environment_nor_its_memory(two: Two) -> None:
    for pid, is_own in ((two.pids["live"], False), (two.pids["drill"], True)):
        paths = [Path(f"/proc/{pid}/environ"), Path(f"/proc/{pid}/maps")]
        assert bool(two.opened_by_drill(*paths)) == is_own
    assert two.opened_by_drill(Path(f"/proc/{two.pids['live']}/mem")) == []


def test_a_drill_is_played_from_sign_in_to_scorecard_by_its_own_user(two: Two) -> None:
    drill, live_before = two.drill, (two.home / "environment.db").stat().st_uid
    assert sign_in(two, "drill").get(two.desks["drill"] + "/incidents/new", timeout=60).status_code == 200
    alert = drill.ask("drill", "start", "--alert", "alertmanager")["alert"]
    answer = drill.ask("report", "--alert", alert, "--yes", "--wait", "--drill")
    assert {delivery["status"] for delivery in answer["deliveries"]} == {"delivered"}
    drill.ask("resolve", answer["incident"], "--ended", "now", "--yes", "--drill")
    drill.ask("drill", "end")
    assert drill.ask("drill", "report")["incidents"][0]["seconds_to_notice"] is not None
    assert sign_in(two, "live").get(two.desks["live"] + "/incidents/new", timeout=60).status_code == 200
    assert (two.home / "environment.db").stat().st_uid == live_before


def test_both_write_to_the_accounts_and_nobody_else_reads_them(two: Two) -> None:
    files = [path for path in (two.home / "shared").iterdir() if path.name.startswith("accounts.db")]
    assert len(files) >= 2, "with the log of WAL mode"
    for file in files:
        status = file.stat()
        assert (stat.S_IMODE(status.st_mode), status.st_gid) == (0o660, UIDS["statuspage-drill"]), file.name


def test_doctor_says_that_the_drill_has_a_user_of_its_own(two: Two) -> None:
    said = two.live.run("doctor").out
    assert f"The drill runs as a user of its own ({UIDS['statuspage-drill']})" in said
    assert "can be read by others" not in said


def test_a_drill_command_of_another_user_is_refused_before_it_leaves_files_behind(two: Two) -> None:
    before = sorted((two.home / "drill").iterdir())
    result = two.live.run("drill", "list")
    assert result.code == 1
    assert f"Run this command as {UIDS['statuspage-drill']}." in result.err
    assert sorted((two.home / "drill").iterdir()) == before


def test_lives_user_backs_up_both_and_the_drills_user_cannot(two: Two) -> None:
    folder = two.home.parent / "backups"
    folder.mkdir(mode=0o777)
    folder.chmod(0o777)
    two.live.ask("backup", "create", str(folder / "live.zip"))
    with ZipFile(folder / "live.zip") as archive:
        assert {"environment.db", "shared/accounts.db", "drill/environment.db", "drill/secret"} <= {*archive.namelist()}
    assert two.drill.run("backup", "create", str(folder / "drill.zip")).code != 0
    assert not (folder / "drill.zip").exists()
    restored = Player(two.home.parent / "restored", two.live.environ, two.live.prefix)
    shutil.rmtree(restored.home, ignore_errors=True)
    restored.home.mkdir()
    os.chown(restored.home, UIDS["statuspage"], UIDS["statuspage"])
    assert restored.run("backup", "restore", str(folder / "live.zip"), str(restored.home)).code == 0
    assert [each["login"] for each in restored.ask("account", "list")] == ["desk"]
