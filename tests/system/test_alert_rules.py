"""The examples for operators: alert rules as promtool reads them, units as systemd does."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from statuspage.usecases import metrics
from statuspage.usecases.environment.model import Environment
from statuspage.web.desk.request_log import HttpMetrics
from tests.support.desk import Clock, clock, env
from tests.support.paths import ROOT
from tools import operate

__all__ = ["clock", "env"]

RULES = ROOT / "docs" / "examples" / "prometheus"
UNITS = sorted((ROOT / "docs" / "examples" / "systemd").glob("*.service"))
MAX_EXPOSURE = 30
"""In tenths, of 100 for an unrestricted unit."""

needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="Debian's promtool is not installed")


def run(*command: str, given: str = "", cwd: Path = RULES) -> str:
    result = subprocess.run(command, input=given, cwd=cwd, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def exposition(env: Environment, clock: Clock) -> str:
    http_metrics = HttpMetrics()
    http_metrics.observe("/", "GET", 200, 0.01)
    return metrics.render_metrics(env, now=clock(), others=http_metrics.collect())


def test_every_metric_of_the_rules_and_of_the_guide_exists(env: Environment, clock: Clock) -> None:
    families = text_string_to_metric_families(exposition(env, clock))
    known = {name for family in families for name in (family.name, f"{family.name}_total")}
    rules = (RULES / "statuspage.rules.yml").read_text("utf-8")
    expressions = " ".join(re.findall(r"expr: (.+)", rules))
    named = set(re.findall(r"statuspage_\w+", expressions))
    described = set(re.findall(r"`(statuspage_\w+)", (ROOT / "docs" / "guides" / "operate.md").read_text("utf-8")))
    assert len(named) >= 10
    assert named - known == set()
    assert {name for name in described if not name.startswith("statuspage_desk")} - known == set()


@needs_promtool
def test_promtool_reads_the_rules_and_their_stories_end_as_told() -> None:
    assert "SUCCESS: 12 rules found" in run("promtool", "check", "rules", "statuspage.rules.yml")
    assert "SUCCESS" in run("promtool", "test", "rules", "statuspage.rules.test.yml")


@needs_promtool
def test_promtool_finds_no_fault_in_the_metrics(env: Environment, clock: Clock) -> None:
    run("promtool", "check", "metrics", given=exposition(env, clock))


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_each_unit_can_do_little_harm(unit: Path) -> None:
    command = ("systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={MAX_EXPOSURE}")
    assert "Overall exposure level" in run(*command, str(unit))


def test_the_units_of_the_guides_are_those_of_the_examples() -> None:
    units = [unit for guide in operate.GUIDES for unit in units_of(guide.read_text("utf-8"))]
    folder = ROOT / "docs" / "examples" / "systemd"
    assert units == [(folder / f"{name}.service").read_text("utf-8") for name in ("statuspage", "statuspage-drill")] * 2


def units_of(guide: str) -> list[str]:
    return [step.text for step in operate.steps(guide) if step.more.endswith(".service")]
