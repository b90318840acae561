"""How fast the form responds to people who type while monitors send alerts. Each request is a preview in every
language."""

from __future__ import annotations

import random
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import requests

from bench.figures import Figures
from bench.intake import SECONDS, in_the_open
from statuspage.usecases import accounts
from statuspage.usecases.accounts import Role
from statuspage.usecases.environment.model import Environment
from statuspage.web.server.http_server import ServerThread, open_listener, port_of
from statuspage.web.server.run import desk_application

MONITORS, WORKERS = 45, 5
"""The number of clients of each kind. Each sends one request per second, whatever the previous responses."""

TYPED = {
    "incident_type": "booking",
    "service": "booking",
    "state-booking": "partial",
    "start": "5m",
    "precision": "about",
    "audience": "checking",
    "estimate": "unknown",
    "next_update": "30m",
    "do": "refresh",
    "has_changes": "1",
}
"""What the form submits while somebody types; a draft is stored each time."""


def report(env: Environment, figures: Figures) -> None:
    """Runs both kinds of clients, in a separate process, as an open loop."""
    now = datetime.now(UTC)
    links = [_link(env, number, now) for number in range(WORKERS)]
    print(f"The form, {WORKERS} people typing beside {MONITORS} monitors; every post is a preview and a kept draft")
    listener = open_listener("127.0.0.1", 0)
    with ServerThread(desk_application(env, clock=lambda: datetime.now(UTC)), listener):
        command = [sys.executable, "-m", "bench.forms", str(port_of(listener)), str(SECONDS), *links]
        printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for name, late in re.findall(r"open loop, (.+?): .*p99 (\d+|inf) ms", printed):
        figures.add(f"{name} beside each other, p99", float(late), "ms", 100)


def _link(env: Environment, number: int, now: datetime) -> str:
    person = accounts.add_account(
        env.databases.accounts, f"hand{number}", f"Hand {number}", role=Role.REPORTER, language="en", now=now
    )
    return accounts.create_sign_in_link(env.databases.accounts, person.id, now=now)


def _worker(address: str, link: str, number: int, seconds: int) -> list[float]:
    """The seconds that each request took, from when it was due."""
    line = requests.Session()
    _come_in(line, f"{address}/sign-in/link/{link}")
    page = line.get(f"{address}/incidents/new", timeout=60).text
    typed = {**TYPED, "csrf_token": _hidden(page, "csrf_token"), "target": _hidden(page, "target")}
    start, took = time.monotonic(), []
    for turn in range(seconds):
        due = start + random.Random(number).random() + turn
        time.sleep(max(0.0, due - time.monotonic()))
        line.post(f"{address}/incidents/new", {**typed, "extra-en": f"Words {turn}."}, timeout=60).raise_for_status()
        took.append(time.monotonic() - due)
    return took


def _come_in(line: requests.Session, address: str) -> None:
    token = _hidden(line.get(address, timeout=60).text, "csrf_token")
    line.post(address, {"csrf_token": token}, timeout=60).raise_for_status()


def _hidden(page: str, name: str) -> str:
    match = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert match, name
    return match[1]


def _main(port: int, seconds: int, links: list[str]) -> None:
    with ThreadPoolExecutor(MONITORS + WORKERS) as pool:
        workers = [pool.submit(_worker, f"http://127.0.0.1:{port}", link, n, seconds) for n, link in enumerate(links)]
        monitors = [pool.submit(in_the_open, port, number, seconds) for number in range(MONITORS)]
        for name, clients in (("form posts", workers), ("monitors", monitors)):
            took = sorted(seconds for client in clients for seconds in client.result())
            half, late = (took[int(len(took) * part)] * 1000 for part in (0.5, 0.99))
            print(f"  open loop, {name}: half within {half:.0f} ms, p99 {late:.0f} ms")


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
