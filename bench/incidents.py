"""How long the desk's pages of incidents take with a long history: the list, its filters, an incident, the figures."""

from __future__ import annotations

import re
import statistics
import time
from pathlib import Path

from flask.testing import FlaskClient

from bench import history
from bench.figures import Figures
from bench.history import ADDRESS, NOW, PATTERN
from statuspage.settings import read_settings
from statuspage.usecases import accounts, bootstrap
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from statuspage.web.desk import create_app

BUDGET = 100
"""Milliseconds of a processor for any page."""

TURNS = 7

PAGES = {
    "newest": "/incidents",
    "page 100": "/incidents?from_row=5000",
    "last page": "/incidents?from_row=9950",
    "found by two characters": "/incidents?q=予約",
    "found by two words": "/incidents?q=予約+変更",
    "nothing found": "/incidents?q=見つからない",
    "longest": "/incidents?order=longest",
    "slowest": "/incidents?order=slowest",
    "without retrospective": "/incidents?group=retrospective",
    "open questions": "/incidents?group=questions",
    "type, service, cause": "/incidents?type=booking&service=booking&cause=change",
    "a service that had none": "/incidents?service=gate",
    "since, until": "/incidents?since=2026-01-01&until=2026-03-31&order=oldest",
    "an incident": f"/incidents/{PATTERN}",
    "its retrospective": f"/retrospectives/{PATTERN}",
    "figures": "/figures",
    "figures of a year": "/figures?year=2025",
    "figures of a service": "/figures?service=booking",
    "home": "/",
}


def report(home: Path, size: int, figures: Figures) -> None:
    """Prints the median processor time of each page, and which exceed the budget."""
    env = _known_since_ever(history.env(home, size))
    print(f"The desk's pages of incidents, {size:,} incidents; median of {TURNS}, budget {BUDGET} ms of a processor")
    client = _signed_in(env)
    for name, address in PAGES.items():
        took = statistics.median(_cost(client, address) for _ in range(TURNS))
        figures.add(f"desk with {size:,} incidents: {name}, processor", took, "ms", BUDGET)


def _known_since_ever(env: Environment) -> Environment:
    """The same instance without a first day, so that the figures count all incidents."""
    site = env.home / "content" / "site.toml"
    site.write_text(re.sub("(?m)^history_start.*$", "", site.read_text("utf-8")), "utf-8")
    return bootstrap.live_environment(read_settings({"STATUSPAGE_ADDRESS": ADDRESS}, home=str(env.home)), now=NOW)


def _cost(client: FlaskClient, address: str) -> float:
    began = time.process_time()
    response = client.get(address)
    took = (time.process_time() - began) * 1000
    if response.status_code != 200:
        raise SystemExit(f"{address}: {response.status}")
    return took


def _signed_in(env: Environment) -> FlaskClient:
    person = accounts.add_account(env.databases.accounts, "aya", "Aya", role=Role.LEAD, language="ja", now=NOW)
    link = accounts.create_sign_in_link(env.databases.accounts, person.id, now=NOW)
    client = create_app(env, clock=lambda: NOW).test_client()
    address = f"/sign-in/link/{link}"
    token = client.get(address).get_data(as_text=True).partition('name="csrf_token" value="')[2].partition('"')[0]
    client.post(address, data={"csrf_token": token})
    return client
