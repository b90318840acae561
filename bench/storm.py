"""How long the desk takes while much is going on: the home page in a storm of alerts, a long incident, the form."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from werkzeug.test import TestResponse

from bench import history
from bench.figures import Figures
from bench.forms import TYPED
from bench.history import NOW
from bench.incidents import known_since_ever, signed_in
from statuspage.domain import MonitorAlert
from statuspage.domain.facts import NoticeKind
from statuspage.storage import incidents
from statuspage.usecases.alerts import receive_alerts
from statuspage.usecases.environment.model import Environment

INCIDENTS, ALERTS, NOTICES = 20, 1_000, 50
"""How many incidents are open, how many alerts wait, and how many notices the longest incident has."""

LONG = "long00000000"
TURNS = 21
BUDGETS = {"home": 30, "an incident with 50 notices": 30, "the form": 15, "the form's answer": 15}
"""Milliseconds of a processor."""


def report(home: Path, size: int, figures: Figures) -> None:
    """Prints the median processor time of each page in a storm, with ``size`` incidents behind it."""
    env = known_since_ever(history.env(home, size))
    _raise_storm(env)
    client = signed_in(env)
    print(f"The desk with {INCIDENTS} open incidents, {ALERTS:,} alerts, {size:,} incidents before; median of {TURNS}")
    form = client.get("/incidents/new").get_data(as_text=True)
    typed = TYPED | {name: _hidden(form, name) for name in ("csrf_token", "target")}
    pages: Mapping[str, Callable[[int], TestResponse]] = {
        "home": lambda _: client.get("/"),
        "an incident with 50 notices": lambda _: client.get(f"/incidents/{LONG}"),
        "the form": lambda _: client.get("/incidents/new"),
        "the form's answer": lambda turn: client.post("/incidents/new", data=typed | {"extra-en": f"Words {turn}."}),
    }
    for name, ask in pages.items():
        took = statistics.median(_cost(ask, turn) for turn in range(TURNS))
        figures.add(f"desk in a storm: {name}, processor", took, "ms", BUDGETS[name])


def _cost(ask: Callable[[int], TestResponse], turn: int) -> float:
    began = time.process_time()
    response = ask(turn)
    took = (time.process_time() - began) * 1000
    if response.status_code != 200:
        raise SystemExit(f"{response.request.path}: {response.status}")
    return took


def _raise_storm(env: Environment) -> None:
    for number in range(INCIDENTS - 1):
        history.store_first_report(env, f"storm{number:07d}", NOW - timedelta(minutes=number))
    history.store_first_report(env, LONG, NOW - timedelta(hours=30))
    with env.databases.environment.begin() as tx:
        for number in range(1, NOTICES):
            at = NOW - timedelta(hours=30) + timedelta(minutes=30 * number)
            notice = history.notice_of(env, NoticeKind.UPDATE, history.facts_at(at), LONG)
            incidents.append_entry(tx, LONG, notice, happened=at, recorded=at)
    for number in range(ALERTS):
        labels = {"instance": f"host{number}"}
        signal = MonitorAlert(
            "", f"alert {number}", f"HTTP 503 on host{number}", "", labels, NOW - timedelta(minutes=5)
        )
        receive_alerts(env, [signal], now=NOW - timedelta(seconds=number % 240))


def _hidden(page: str, name: str) -> str:
    match = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert match, name
    return match[1]
