"""How fast alerts are received: from fifty monitors at one message per second each, and at full speed."""

from __future__ import annotations

import http.client
import json
import logging
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

from bench.figures import Figures
from statuspage.storage import alerts
from statuspage.usecases.environment.model import Environment
from statuspage.web.server.http_server import ServerThread, open_listener, port_of
from statuspage.web.server.run import desk_application

CLIENTS = 50
SECONDS = 20
HURRIED = 10

AGAIN = float("inf")
"""A time at which its monitor resent the message."""


logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # otherwise it logs the queue length at each message


def report(env: Environment, figures: Figures) -> None:
    """Runs both loops against the desk of this environment, with the clients in a separate process."""
    print(
        f"Alerts taken in over HTTP, {CLIENTS} monitors; every message another alert, each stored before it is answered"
    )
    listener = open_listener("127.0.0.1", 0)
    with ServerThread(desk_application(env, clock=lambda: datetime.now(UTC)), listener):
        for loop, seconds in (("open", SECONDS), ("closed", HURRIED)):
            command = [sys.executable, "-m", "bench.intake", str(port_of(listener)), loop, str(seconds)]
            printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
            print(printed, end="")
            if match := re.search(r"p99 (\d+|inf) ms", printed):
                figures.add(f"alerts, {loop} loop, p99", float(match[1]), "ms", 100 if loop == "open" else 0)
    with env.databases.environment.read() as tx:
        lines = alerts.open_alerts(tx)
        joined = sum(line.count for line in alerts.summarize_groups(tx, [one.id for one in lines]).values())
    print(f"  lines on the desk afterwards: {len(lines)}, with {joined:,} more alerts in them")


def in_the_open(port: int, number: int, seconds: float) -> list[float]:
    """One monitor at one message per second, whatever the previous responses: the seconds that each took."""
    return _client(port, number, "open", seconds)


def _client(port: int, number: int, loop: str, seconds: float) -> list[float]:
    """The seconds that each message took. In the open loop they count from when it was due, whatever the previous
    responses."""
    start = time.monotonic()
    line, took = http.client.HTTPConnection("127.0.0.1", port, timeout=60), []
    for due in _dues(number, loop, start, seconds):
        time.sleep(max(0.0, due - time.monotonic()))
        began = due if loop == "open" else time.monotonic()
        line.request("POST", "/intake/zabbix", _message(number, len(took)), {"Content-Type": "application/json"})
        answer = line.getresponse()
        answer.read()
        took.append(time.monotonic() - began if answer.status == 200 else AGAIN)
    return took


def _dues(number: int, loop: str, start: float, seconds: float) -> Iterator[float]:
    """The due times: one per second, each monitor at its own offset; or immediately, until the time is over."""
    if loop == "open":
        yield from (start + random.Random(number).random() + turn for turn in range(int(seconds)))
        return
    while time.monotonic() < start + seconds:
        yield time.monotonic()


def _message(number: int, turn: int) -> bytes:
    tags = [{"tag": "service", "value": "booking-api"}]
    event = {"event_id": f"{number}-{turn}-{time.monotonic_ns()}", "event_value": "1", "name": "Bookings fail"}
    return json.dumps({**event, "tags": tags}).encode()


def _main(port: int, loop: str, seconds: float) -> None:
    began = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as pool:
        clients = [pool.submit(_client, port, number, loop, seconds) for number in range(CLIENTS)]
        took = sorted(one for client in clients for one in client.result())
    rate = len(took) / (time.monotonic() - began)
    half, late = (took[int(len(took) * part)] * 1000 for part in (0.5, 0.99))
    again = sum(one == AGAIN for one in took)
    times = f"half within {half:.0f} ms, p99 {late:.0f} ms"
    print(f"  {loop} loop: {rate:5.0f} a second; {times}; told to send again: {again}")


if __name__ == "__main__":
    _main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
