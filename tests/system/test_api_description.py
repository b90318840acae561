"""The description of the API is what it does: every operation is tried by schemathesis, and spectral finds nothing."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import requests

from statuspage.domain.catalog import Catalog
from statuspage.usecases import drills
from statuspage.usecases.accounts import Role
from statuspage.usecases.api import Scope
from statuspage.usecases.environment.model import Environment
from statuspage.web.api import create_api
from statuspage.web.server import run
from statuspage.web.server.http_server import ServerThread, open_listener
from tests.support.api import FIRST, new_token
from tests.support.desk import alertmanager, drill_environment_in, environment_in
from tests.support.paths import ROOT

pytestmark = pytest.mark.slow

SECONDS = 45
"""How long schemathesis tries each environment."""

CONFIG = """
[checks.positive_data_acceptance]
# What has the right form may be refused all the same: 404 and 412 for what is not there, 409 and 422 by the rules.
expected-statuses = ["2xx", 403, 404, 409, 410, 412, 422]
[checks.missing_required_header]
expected-statuses = [400, 401, 428]
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 409, 412, 413, 415, 422, 428]
[parameters]
"""


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(params=["live", "drill"])
def served_env(request: pytest.FixtureRequest, tmp_path: Path, catalog: Catalog) -> Iterator[Environment]:
    """Both environments."""
    env = environment_in(tmp_path, catalog) if request.param == "live" else drill_environment_in(tmp_path)
    yield env
    env.databases.environment.close()
    env.databases.accounts.close()


@contextmanager
def served_api(env: Environment, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a served desk whose tokens may send as much as they want."""
    monkeypatch.setattr(run, "create_api", partial(create_api, requests_per_minute=10_000_000))
    with ServerThread(run.desk_application(env, clock=now), open_listener("127.0.0.1", 0)) as server:
        yield server.address


def known_ids(env: Environment, address: str, secret: str) -> Mapping[str, str]:
    """An incident, an alert, an action item and in a drill a drill, to be asked for."""
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "the-first-one"}
    if env.name == "drill":
        begun = drills.start_drill(env, title="練習", leader="中村", goal=timedelta(minutes=10), now=now())
        drills.end_drill(env, begun.drill.id, now=now())
    for number in range(12):
        body = alertmanager(now() - timedelta(minutes=number), fingerprint=f"f{number}", zone=f"{number}")
        requests.post(f"{address}/intake/alertmanager", data=body, timeout=10).raise_for_status()
    start = {"precision": "about", "time": (now() - timedelta(minutes=5)).isoformat()}
    report = {"facts": {**FIRST, "start": start}, "mode": "publish"}
    reported = requests.post(f"{address}/api/v1/incidents", json=report, headers=headers, timeout=10)
    incident = reported.json()["incident"]
    item = {"subject": incident, "text": "鍵を替える"}
    headers["Idempotency-Key"] = "the-second-one"
    requests.post(f"{address}/api/v1/action-items", json=item, headers=headers, timeout=10).raise_for_status()
    alerts = requests.get(f"{address}/api/v1/alerts", headers=headers, timeout=10).json()["items"]
    ids = {"incident": incident, "alert": alerts[0]["id"], "item": "1"}
    return {**ids, "drill": begun.drill.id} if env.name == "drill" else ids


def test_schemathesis_finds_nothing_in_any_operation(
    served_env: Environment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    secret = new_token(served_env, now, Scope.PUBLISH, Role.LEAD).secret
    with served_api(served_env, monkeypatch) as address:
        ids = known_ids(served_env, address, secret)
        config = tmp_path / "schemathesis.toml"
        config.write_text(CONFIG + "".join(f"{name} = {json.dumps(id)}\n" for name, id in ids.items()))
        command = [
            str(ROOT / ".fuzz/bin/st"), "--config-file", str(config), "run", f"{address}/api/v1/openapi.json",
            "--header", f"Authorization: Bearer {secret}", "--checks", "all", "--max-time", str(SECONDS),
            "--max-examples", "15", "--continue-on-failure", "--generation-deterministic", "--warnings", "off",
        ]  # fmt: skip
        tried = subprocess.run(command, capture_output=True, text=True, timeout=240, cwd=tmp_path, check=False)
    assert tried.returncode == 0, tried.stdout[-6000:] + tried.stderr
    operations = count_operations(served_env)
    assert f"Selected: {operations}/{operations}" in tried.stdout
    assert f"Tested: {operations}" in tried.stdout


def count_operations(env: Environment) -> int:
    """How many operations are described."""
    paths = create_api(env, clock=now).test_client().get("/api/v1/openapi.json").get_json()["paths"]
    return sum(len(methods) for methods in paths.values())


def test_spectral_finds_nothing(served_env: Environment, tmp_path: Path):
    document = tmp_path / "openapi.json"
    document.write_bytes(create_api(served_env, clock=now).test_client().get("/api/v1/openapi.json").data)
    ruleset = tmp_path / "ruleset.yaml"
    ruleset.write_text('extends: [["spectral:oas", "all"]]\nrules: {license-url: off, contact-properties: off}\n')
    command = [str(ROOT / "node_modules/.bin/spectral"), "lint", "--ruleset", str(ruleset), str(document)]
    linted = subprocess.run(
        [*command, "--fail-severity", "hint"], capture_output=True, text=True, timeout=120, cwd=tmp_path, check=False
    )
    assert linted.returncode == 0, linted.stdout + linted.stderr
    assert "No results with a severity of 'hint' or higher found!" in linted.stdout
