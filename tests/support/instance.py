"""Fresh instances for tests of the command line. Import the fixtures you need by name; ``made_instance`` is there."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from statuspage.cli import framework
from tests.support.content import languages_count_as_checked, whole_copy
from tests.support.database import DATABASES, url_of


@dataclass(frozen=True)
class Answer:
    """The output of a command, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Its output, with --json."""
        return json.loads(self.out)


Cli = Callable[..., Answer]


@pytest.fixture(scope="session")
def made_instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance as ``init`` leaves it, but each file of its content its own; made once for all processes."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    home = shared / "made-instance"
    with (shared / "made-instance.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not home.exists():
            with pytest.MonkeyPatch.context() as patch, languages_count_as_checked():
                patch.setenv("STATUSPAGE_LANGUAGE", "en")
                patch.delenv("STATUSPAGE_HOME", raising=False)
                assert framework.run(["init", "--demo", str(home)]) == 0
                whole_copy(home / "content")
                (home / "intake-secret").unlink()  # Without one, monitors on this machine are heard.
                assert framework.run(["build", "--home", str(home)]) == 0
    return home


@pytest.fixture
def home(made_instance: Path, tmp_path: Path) -> Path:
    """A copy of the instance."""
    return Path(shutil.copytree(made_instance, tmp_path / "instance", symlinks=True))


def with_every_channel(content: Path) -> None:
    """Uncomments all types of channel in this content."""
    file = content / "channels.toml"
    file.write_text(re.sub(r"^#(?=\[|[a-z_]+ = )", "", file.read_text("utf-8"), flags=re.MULTILINE), "utf-8")


OWN = "Acme Payments"


def with_own_name(content: Path) -> None:
    """Gives the company of this content its own name, so that it is no longer the sample."""
    for file in content.glob("*/organisation.toml"):
        file.write_text(file.read_text("utf-8").replace('site_name = "Fitline"', f'site_name = "{OWN}"'), "utf-8")


def settings_of(home: Path) -> dict[str, str]:
    """The settings of the instance's databases; on PostgreSQL each database has its own role."""
    if DATABASES.server is None:
        return {}
    files = {"": (home / "environment.db", "live"), "DRILL_": (home / "drill" / "environment.db", "drill")}
    files["ACCOUNTS_"] = (home / "shared" / "accounts.db", "accounts")
    files["SUBSCRIBERS_"] = (home / "subscribers.db", "subscribers")
    return {f"STATUSPAGE_{name}DATABASE_URL": url_of(file, role=role) for name, (file, role) in files.items()}


@pytest.fixture
def cli(home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """Runs a command in that instance, in this process, in English."""
    for name, value in {**settings_of(home), "STATUSPAGE_HOME": str(home)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("STATUSPAGE_LANGUAGE", "en")
    capsys.readouterr()

    def run(*args: str) -> Answer:
        code = framework.run(args)
        output = capsys.readouterr()
        return Answer(code, output.out, output.err)

    return run


def publish_report(cli: Cli, *more: str) -> dict[str, Any]:
    """A first report that must succeed; its output."""
    result = cli("report", "--incident-type", "booking", "--start", "about:20m", "--yes", "--json", *more)
    assert result.code == 0, result.err
    answer: dict[str, Any] = result.json
    return answer


def fresh_alert(home: Path) -> Path:
    """What the sample monitor sends, about something that began five minutes ago; the same each time."""
    file = home / "fresh_alert.json"
    if not file.exists():
        sample, began = (home / "content" / "sample_alert.json").read_text("utf-8"), datetime.now(UTC) - FIVE_MINUTES
        file.write_text(sample.replace(SAMPLE_START, f"{began:%Y-%m-%dT%H:%M:%SZ}"), "utf-8")
    return file


SAMPLE_START, FIVE_MINUTES = "2026-07-04T02:57:10Z", timedelta(minutes=5)


def alerted(cli: Cli, home: Path) -> str:
    """The id of an alert that the sample monitor sent."""
    result = cli("alert", "receive", "alertmanager", str(fresh_alert(home)), "--json")
    assert result.code == 0, result.err
    return str(result.json[0]["alert"])
