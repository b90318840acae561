"""The API of a served desk: the reference's example works as written, and of equal requests at once one counts."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from statuspage.domain.catalog import Catalog
from statuspage.storage import incidents
from statuspage.usecases.accounts import Role
from statuspage.usecases.api import Scope
from statuspage.usecases.environment.model import Environment
from statuspage.web.server import run
from statuspage.web.server.http_server import ServerThread, open_listener
from tests.support.api import FIRST, new_token
from tests.support.desk import environment_in
from tests.support.paths import ROOT

pytestmark = pytest.mark.slow


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
def served(tmp_path: Path, catalog: Catalog) -> Iterator[tuple[Environment, str, str]]:
    """A served desk, its address, and a token that publishes."""
    env = environment_in(tmp_path, catalog)
    secret = new_token(env, now, Scope.PUBLISH, Role.REPORTER).secret
    with ServerThread(run.desk_application(env, clock=now), open_listener("127.0.0.1", 0)) as server:
        yield env, server.address, secret
    env.databases.environment.close()
    env.databases.accounts.close()


def test_the_example_of_the_reference_works_as_written(served: tuple[Environment, str, str]):
    _, address, secret = served
    (example,) = re.findall(r"```sh\n(.*?)```", (ROOT / "docs/reference/api.md").read_text("utf-8"), re.DOTALL)
    start = (now() - timedelta(minutes=5)).isoformat()
    environ = {**os.environ, "DESK": address, "TOKEN": secret, "START": start}
    done = subprocess.run(
        ["/bin/sh", "-c", example], env=environ, capture_output=True, text=True, timeout=60, check=True
    )
    assert json.loads(done.stdout)["status"] == "waiting"


def test_of_equal_requests_at_once_one_is_carried_out_and_all_get_its_answer(served: tuple[Environment, str, str]):
    env, address, secret = served
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "all-at-once"}
    start = {"precision": "about", "time": (now() - timedelta(minutes=5)).isoformat()}
    body = {"facts": {**FIRST, "start": start}, "mode": "publish"}

    def send(_: int) -> requests.Response:
        return requests.post(f"{address}/api/v1/incidents", json=body, headers=headers, timeout=30)

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(6)))
    assert {answer.status_code for answer in answers} <= {200, 409}
    published = send(0)
    assert published.status_code == 200
    assert {answer.text for answer in answers if answer.status_code == 200} == {published.text}
    with env.databases.environment.read() as tx:
        assert len(incidents.open_incident_ids(tx)) == 1


def test_a_cookie_opens_nothing(served: tuple[Environment, str, str]):
    _, address, secret = served
    answer = requests.get(f"{address}/api/v1/incidents", cookies={"desk": secret}, timeout=10)
    assert answer.status_code == 401
    assert "Set-Cookie" not in answer.headers
    refused = requests.post(f"{address}/api/v1/incidents", data=b"x" * 400_000, timeout=10)
    assert refused.status_code == 401


def test_proposals_at_once_are_no_more_than_one_by_one(served: tuple[Environment, str, str]):
    env, address, _ = served
    secret = new_token(env, now, Scope.PROPOSE, Role.REPORTER, name="at once").secret
    body = {"facts": {**FIRST, "start": {"precision": "about", "time": (now() - timedelta(minutes=5)).isoformat()}}}

    def propose(number: int) -> int:
        headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": f"at-once-{number}"}
        return requests.post(f"{address}/api/v1/incidents", json=body, headers=headers, timeout=60).status_code

    with ThreadPoolExecutor(12) as pool:
        statuses = sorted(pool.map(propose, range(12)))
    assert statuses == [200] * 5 + [409] * 7
    with env.databases.environment.read() as tx:
        assert len(incidents.open_incident_ids(tx)) == 5
