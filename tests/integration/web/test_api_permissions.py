"""The API: every address × role × scope × environment, generated from the map of addresses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from statuspage.usecases.accounts import RANKS
from statuspage.usecases.api import Scope
from statuspage.usecases.environment.model import Environment
from statuspage.web.api import create_api, operations_of
from tests.support.api import Program, new_token
from tests.support.desk import Clock, clock, drill_environment_in, environment_in
from tests.support.paths import ROOT

__all__ = ["clock"]

OPEN = {"openapi", "reference"}
"""Addresses without a token: the description and its page, which say nothing about the instance."""

SCOPES = list(Scope)
ROW = re.compile(r"^\| `(\w+) (\S+)` \| (\w+) \| (\w+) \| ([\w, ]+) \|", re.MULTILINE)


@pytest.fixture(params=["live", "drill"])
def each_env(request: pytest.FixtureRequest, tmp_path: Path, catalog):
    env = environment_in(tmp_path, catalog) if request.param == "live" else drill_environment_in(tmp_path)
    yield env
    env.databases.environment.close()
    env.databases.accounts.close()


def documented() -> dict[tuple[str, str], tuple[str, str, str]]:
    """Scope, role and environments by method and path, as the reference says."""
    text = (ROOT / "docs/reference/api.md").read_text(encoding="utf-8")
    return {(method, path): (scope, role, where) for method, path, scope, role, where in ROW.findall(text)}


def test_every_address_stands_in_the_reference_and_the_reference_names_no_other(each_env: Environment, clock: Clock):
    app = create_api(each_env, clock=clock)
    served = {
        (method, re.sub(r"<(\w+)>", r"{\1}", rule.rule.removeprefix("/api/v1")))
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in OPEN
        for method in (rule.methods or set()) - {"HEAD"}
    }
    here = {key for key, (_, _, where) in documented().items() if each_env.name in where.split(", ")}
    assert served == here
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == OPEN | {
        each.id for each in operations_of(each_env.name)
    }


@pytest.mark.slow
def test_each_token_gets_as_far_as_its_scope_its_owners_role_and_its_environment(each_env: Environment, clock: Clock):
    app = create_api(each_env, clock=clock, requests_per_minute=100_000)
    other = "drill" if each_env.name == "live" else "live"
    table = {key: row for key, row in documented().items() if each_env.name in row[2].split(", ")}
    for role in RANKS:
        for scope in SCOPES:
            here = Program(app, new_token(each_env, clock, scope, role).secret)
            elsewhere = Program(app, new_token(each_env, clock, scope, role, environment=other).secret)
            for (method, path), (needed_scope, needed_role, _) in table.items():
                address = path.replace("{item}", "1").replace("{", "").replace("}", "")
                here.send(method, address)
                is_allowed = SCOPES.index(scope) >= SCOPES.index(Scope(needed_scope)) and rank(role) >= rank(
                    needed_role
                )
                # What is allowed fails later, for lack of a body or of what it is about.
                assert (here.status == 403) != is_allowed, (role, scope, method, path, here.status)
                assert here.status not in (401, 405, 500)
                elsewhere.send(method, address)
                assert elsewhere.status == 401, (role, scope, method, path)


def rank(role: str) -> int:
    """How far the rights of this role go."""
    return [str(each) for each in RANKS].index(role)


def test_without_a_token_nothing_but_the_description_is_answered(each_env: Environment, clock: Clock):
    stranger = create_api(each_env, clock=clock).test_client()
    for method, path in documented():
        answer = stranger.open(f"/api/v1{path.replace('{item}', '1')}".replace("{", "").replace("}", ""), method=method)
        assert answer.status_code in (401, 404), (method, path)
    page = stranger.get("/api/v1")
    assert "<script" not in page.get_data(as_text=True)
    assert stranger.get("/api/v1/openapi.json").get_json()["openapi"].startswith("3.1")
