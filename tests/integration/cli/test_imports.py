"""What quick commands leave alone: a library takes as long to import as such a command has in all."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.playing import clean_environ

SCRIPT = """
import json, sys
from statuspage.cli.framework import run
code = run(sys.argv[1:])
print(json.dumps(sorted(sys.modules)))
sys.exit(code)
"""

FOR_SERVERS = (
    *("alembic", "authlib", "cryptography", "flask", "prometheus_client", "rich", "structlog", "tweepy", "waitress"),
    *("requests", "sqlalchemy.dialects.postgresql", "statuspage.web"),
    *("statuspage.usecases.delivery.worker", "statuspage.usecases.drills", "statuspage.usecases.retrospectives"),
    *("statuspage.usecases.subscribers.on_use", "statuspage.integrations.net.on_use"),
    *("statuspage.usecases.delivery.bulk_sender", "statuspage.usecases.subscribers.import_export"),
)
"""Modules that only a running server, PostgreSQL or other commands need."""

FOR_NOTICES = (
    *("feedgen", "jinja2", "lxml", "pydantic", "statuspage.content.loading", "statuspage.rendering.plain_language"),
    *("statuspage.usecases.delivery", "statuspage.usecases.notices", "statuspage.usecases.publishing"),
)
"""Modules that a notice needs as well."""

REPORT = (
    *("report", "--incident-type", "unreachable", "--service", "shop:major", "--start", "5m"),
    *("--estimate", "unknown", "--next-update", "30m", "--alert", "none", "--yes"),
)


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance with one service and no channel, whose content is checked and kept."""
    home = tmp_path_factory.mktemp("company") / "home"
    run_program("init", str(home), "--company", "Acme", "--language", "en", "--service", "Shop", "--no-input")
    run_program("show", "--home", str(home))
    return home


def run_program(*arguments: str) -> list[str]:
    """The modules that this command has imported; it must succeed."""
    environ = clean_environ(STATUSPAGE_LANGUAGE="en")
    command = [sys.executable, "-c", SCRIPT, *arguments]
    result = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    imported: list[str] = json.loads(result.stdout.splitlines()[-1])
    return imported


@pytest.mark.slow
@pytest.mark.parametrize(("command", "unneeded"), [(("show",), FOR_SERVERS + FOR_NOTICES), (REPORT, FOR_SERVERS)])
def test_a_quick_command_imports_only_what_it_needs(
    command: tuple[str, ...], unneeded: tuple[str, ...], company: Path
) -> None:
    imported = run_program(*command, "--home", str(company))
    assert "sqlalchemy" in imported, "the control"
    assert [name for name in unneeded if name in imported] == []
