"""Runs the guide for operators as written, in the short form; ``make operate`` also installs the wheel."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.paths import ROOT
from tools import operate


@pytest.fixture(scope="module")
def guide() -> str:
    return operate.GUIDE.read_text("utf-8")


def test_the_first_week_is_there_to_be_carried_out(guide: str) -> None:
    found = operate.steps(guide)
    assert len(found) >= 15
    assert {step.more for step in found if step.language == "sh"} >= {"install", "caddy", "laptop", "findings"}
    assert {step.more for step in found if step.more.startswith("/etc")} == {
        "/etc/statuspage/environment",
        "/etc/systemd/system/statuspage.service",
        "/etc/nginx/sites-available/statuspage-desks",
        "/etc/caddy/desks",
    }


def test_the_container_does_what_was_tried_step_by_step(guide: str) -> None:
    """Without a container engine it cannot be built; its commands are those of the steps."""
    (file,) = [one.text for one in operate.fences(guide) if one.language == "dockerfile"]
    tried = " ".join(step.text for step in operate.steps(guide))
    for words in ("useradd --system", "python3 -m venv /opt/statuspage", "--require-hashes", "--no-deps"):
        assert words in file
        assert words in tried
    assert "USER statuspage" in file
    assert not [line for line in file.splitlines() if "SECRET" in line or "TOKEN" in line]


def test_the_unit_gives_the_program_little_to_do_harm_with(guide: str) -> None:
    (unit,) = [one.text for one in operate.steps(guide) if one.more.endswith(".service")]
    for wanted in ("User=statuspage", "NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=\n"):
        assert wanted in unit


def test_every_step_works_on_a_machine_that_knows_nothing_of_them() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "tools.operate", "--short"], cwd=ROOT, capture_output=True, text=True, timeout=900
    )
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-2000:]
    assert "site    " in result.stdout
    assert "  readable\n" in result.stdout, "the page was not read at its public address"
    assert "https://desk.example.com/sign-in/link/" in result.stdout
    assert "no address" not in result.stdout
