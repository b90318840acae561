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
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, select

from bench.figures import Figures
from bench.history import batched, env
from statuspage.domain import MonitorAlert
from statuspage.storage import alerts
from statuspage.storage.tables import alert, alert_step
from statuspage.usecases.alerts import receive_alerts
from statuspage.usecases.environment.model import Environment
from statuspage.web.server.http_server import ServerThread, open_listener, port_of
from statuspage.web.server.run import desk_application

CLIENTS = 50
SECONDS = 20
HURRIED = 10
STORED = (1_000, 100_000)

AGAIN = float("inf")
"""A time at which its monitor resent the message."""


logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # otherwise it logs the queue length at each message


def report(changed_env: Environment, figures: Figures) -> None:
    """Runs both loops against the desk of this environment, with the clients in a separate process."""
    print(
        f"Alerts taken in over HTTP, {CLIENTS} monitors; every message another alert, each stored before it is answered"
    )
    with _desk(changed_env) as port:
        for loop, seconds in (("open", SECONDS), ("closed", HURRIED)):
            _, late = _looped(port, loop, seconds)
            figures.add(f"alerts, {loop} loop, p99", late, "ms", 100 if loop == "open" else 0)
    with changed_env.databases.environment.read() as tx:
        lines = alerts.open_alerts(tx)
        joined = sum(line.count for line in alerts.summarize_groups(tx, [group.id for group in lines]).values())
    print(f"  lines on the desk afterwards: {len(lines)}, with {joined:,} more alerts in them")


def growth(folder: Path, figures: Figures, sizes: tuple[int, int] = STORED) -> None:
    """Runs the closed loop with few and with many alerts stored before, on a desk of its own for each."""
    print(f"The closed loop with earlier alerts stored, all over, one for each minute before; {CLIENTS} monitors")
    found = []
    for size in sizes:
        changed_env = env(folder / f"stored-{size}", 1)
        _store(changed_env, size)
        with _desk(changed_env) as port:
            found.append(_looped(port, "closed", HURRIED))
        rate, late = found[-1]
        figures.add(f"alerts, closed loop, {size:,} stored, rate", rate, "a second")
        figures.add(f"alerts, closed loop, {size:,} stored, p99", late, "ms")
    (few, few_late), (many, many_late) = found
    few_to_many = f"{sizes[1]:,} stored to {sizes[0]:,}"
    figures.add(f"alerts, closed loop, rate, {few_to_many}", many / few, "times")
    figures.add(f"alerts, closed loop, p99, {few_to_many}", many_late / few_late, "times")


def _store(changed_env: Environment, size: int) -> None:
    """Stores one alert that is over as the program does, and copies it."""
    now = datetime.now(UTC) - timedelta(hours=1)
    signal = MonitorAlert("zabbix", "stored", "Bookings fail", "", {"service": "booking-api"}, now, ended_at=now)
    (pattern,) = receive_alerts(changed_env, [signal], now=now)
    with changed_env.databases.environment.begin() as tx:
        head, step = (
            dict(tx.execute(select(table).where(column == pattern.id)).mappings().one())
            for table, column in ((alert, alert.c.id), (alert_step, alert_step.c.alert))
        )
        for numbers in batched(range(1, size)):
            owns = [(f"stored{number:06d}", now - timedelta(minutes=number)) for number in numbers]
            times = [{"id": id, "identity": id, "fired_at": at, "ends_at": at, "received_at": at} for id, at in owns]
            tx.execute(insert(alert), [head | own for own in times])
            tx.execute(insert(alert_step), [step | {"alert": id, "at": at} for id, at in owns])


@contextmanager
def _desk(changed_env: Environment) -> Iterator[int]:
    listener = open_listener("127.0.0.1", 0)
    with ServerThread(desk_application(changed_env, clock=lambda: datetime.now(UTC)), listener):
        yield port_of(listener)


def _looped(port: int, loop: str, seconds: int) -> tuple[float, float]:
    """The messages a second, and within how many milliseconds 99 % of them were answered."""
    command = [sys.executable, "-m", "bench.intake", str(port), loop, str(seconds)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    print(printed, end="")
    match = re.search(r"loop: +(\d+) a second.*p99 (\d+|inf) ms", printed)
    assert match, printed
    return float(match[1]), float(match[2])


def in_the_open(port: int, number: int, seconds: float) -> list[float]:
    """One monitor at one message per second, whatever the previous responses: the seconds that each took."""
    return _client(port, number, "open", seconds)


def _client(port: int, number: int, loop: str, seconds: float) -> list[float]:
    """The seconds that each message took. In the open loop they count from when it was due, whatever the previous
    responses."""
    start = time.monotonic()
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    took: list[float] = []
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
        took = sorted(seconds for client in clients for seconds in client.result())
    rate = len(took) / (time.monotonic() - began)
    half, late = (took[int(len(took) * part)] * 1000 for part in (0.5, 0.99))
    again = sum(seconds == AGAIN for seconds in took)
    times = f"half within {half:.0f} ms, p99 {late:.0f} ms"
    print(f"  {loop} loop: {rate:5.0f} a second; {times}; told to send again: {again}")


if __name__ == "__main__":
    _main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]))
