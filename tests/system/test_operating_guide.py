"""Runs the guides for operators as written, in the short form; ``make operate`` also installs the wheel."""

from __future__ import annotations

import subprocess
import sys

import pytest
import yaml

from tests.support.paths import ROOT
from tools import image, operate

COMPOSE = ROOT / "docs" / "examples" / "compose" / "compose.yaml"


@pytest.fixture(scope="module")
def guide() -> str:
    return operate.GUIDES[1].read_text("utf-8")


def test_the_first_hour_is_there_to_be_carried_out(guide: str) -> None:
    found = operate.steps(guide)
    assert len(found) >= 15
    assert {step.more for step in found if step.language == "sh"} >= {"install", "caddy", "laptop", "findings"}
    assert {step.more for step in found if step.more.startswith("/etc")} == {
        "/etc/statuspage/environment",
        "/etc/statuspage/drill-environment",
        "/etc/systemd/system/statuspage.service",
        "/etc/systemd/system/statuspage-drill.service",
        "/etc/nginx/sites-available/statuspage-desks",
        "/etc/caddy/desks",
    }


def test_the_compose_file_gives_the_container_little_to_do_harm_with() -> None:
    (service,) = yaml.safe_load(COMPOSE.read_text("utf-8"))["services"].values()
    assert service["image"] == image.NAME
    assert (service["read_only"], service["cap_drop"]) == (True, ["ALL"])
    assert "no-new-privileges:true" in service["security_opt"]
    assert [f"127.0.0.1:{port}:{port}" for port in image.PORTS] == service["ports"], "for this machine alone"
    assert f"statuspage:{image.HOME}" in service["volumes"]


def test_the_unit_gives_the_program_little_to_do_harm_with(guide: str) -> None:
    live, drill = [one.text for one in operate.steps(guide) if one.more.endswith(".service")]
    for unit in (live, drill):
        for wanted in ("NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet=\n"):
            assert wanted in unit
    assert "User=statuspage\n" in live
    assert "User=statuspage-drill\n" in drill


def test_every_step_works_on_a_machine_that_knows_nothing_of_them() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "tools.operate", "--short", "--only", "first-hour"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-2000:]
    assert "site    " in result.stdout
    assert "  readable\n" in result.stdout, "the page was not read at its public address"
    assert "https://desk.example.com/sign-in/link/" in result.stdout
    assert "no address" not in result.stdout


def test_the_quick_start_works_on_a_bare_machine() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "tools.operate", "--short", "--only", "quick-start"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-2000:]
    assert "https://desk.example.com/sign-in/link/" in result.stdout
