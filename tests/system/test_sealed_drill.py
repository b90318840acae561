"""A whole drill without access to the live environment, and with a canary as the only reachable address."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from statuspage.cli import framework
from tests.support.content import languages_count_as_checked
from tests.support.drill_isolation import everything_in
from tests.support.fakes.x_server import SECOND, Account
from tests.support.instance import home
from tests.support.paths import ROOT
from tests.support.playing import clean_environ

__all__ = ["home"]

CREDENTIALS = {
    **Account().environ("x-ja"),
    **SECOND.environ("x-en"),
    "STATUSPAGE_ADDRESS": "https://status.example.com",
    "STATUSPAGE_PUBLIC_ADDRESS": "https://subscribe.example.com",
    "STATUSPAGE_SUBSCRIBERS_JA_SERVER": "smtps://many.example.com",
    "STATUSPAGE_ON_CALL_CHAT_URL": "https://hooks.slack.com/services/T0/B0/planted",
    "STATUSPAGE_ON_CALL_MAIL_SERVER": "smtp://colleagues.example.com",
}
TO_MANY = """
[subscribers-ja]
type = "subscribers"
language = "ja"
medium = "mail"
sender = "status@example.com"
notices = ["all"]
"""
NAMESPACES = ["unshare", "--mount", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--"]


@pytest.fixture
def sealed_home(home: Path) -> Path:
    """A company that emails subscribers, and whose notices about doors need approval."""
    content = home / "content"
    with (content / "channels.toml").open("a", encoding="utf-8") as channels:
        channels.write(TO_MANY)
    incident_types = (content / "incident_types.toml").read_text("utf-8")
    (content / "incident_types.toml").write_text(
        incident_types.replace("[entry]\n", "[entry]\nneeds_approval = true\n"), "utf-8"
    )
    with languages_count_as_checked():
        assert framework.run(["check", "--home", str(home)]) == 0
    return home


def played(home: Path, env: str) -> dict[str, Any]:
    """The output of this environment, played inside its own namespaces."""
    result = subprocess.run(
        [*NAMESPACES, sys.executable, "-m", "tests.support.sealed", str(home), env],
        capture_output=True, text=True, timeout=900, cwd=ROOT, env=clean_environ(**CREDENTIALS),
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_a_whole_drill_passes_without_the_live_environment_and_not_one_byte_leaves(sealed_home: Path) -> None:
    before = everything_in(sealed_home, but="drill")
    saw = played(sealed_home, "drill")
    assert saw["incident"].startswith("drill")
    assert {end for _, end in saw["ends"]} == {"delivered"}
    assert {channel for channel, _ in saw["ends"]} == {"site", "x-ja", "x-en", "subscribers-ja"}
    assert {(channel, end) for channel, end in saw["calls"]} == {("chat", "delivered"), ("mail", "delivered")}
    assert saw["sandbox"] == ["on-call-chat", "on-call-mail", "subscribers-ja", "x-en", "x-ja"]
    assert all(saw["readable"]), "the drill's page was read back over the loopback"
    assert (saw["marked"], saw["desk"]) == (True, 200)
    assert saw["took"] is not None
    assert saw["made"] == ["cache", "content", "drill", "shared"], "all a drill makes where live would be"
    assert (saw["received"], saw["names"]) == (0, [])
    assert everything_in(sealed_home, but="drill") == before


def test_the_same_verbs_in_the_live_environment_do_reach_the_canary(sealed_home: Path) -> None:
    saw = played(sealed_home, "live")
    assert not saw["incident"].startswith("drill")
    assert saw["received"] > 0
    assert {"api.x.com", "status.example.com", "many.example.com"} <= set(saw["names"])
    assert {"hooks.slack.com", "colleagues.example.com"} <= set(saw["names"]), "colleagues and engineers"
    assert "delivered" not in {end for _, end in saw["calls"]}
    assert "delivered" not in {end for channel, end in saw["ends"] if channel != "site"}, "a canary answers nobody"
