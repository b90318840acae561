"""What a desk changes counts in every process of the instance, on PostgreSQL, without a restart; and a secret that it
keeps is found nowhere else."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import requests

from statuspage.usecases.secret_store import new_key
from tests.support.drill_isolation import environ_of, holds
from tests.support.instance import home, settings_of
from tests.support.paths import ROOT
from tests.support.playing import Player, clean_environ, serving, until
from tests.support.postgres import Postgres

__all__ = ["home"]

CANARY = "canary-7c40-of-two-processes"
MAPPING = {
    "name": "backup",
    "message": '{"check": {"id": 7, "name": "Bookings fail"}}',
    "id": "check.id",
    "title": "check.name",
    "do": "keep",
}
SECOND_DESK = """
import time
from statuspage import wsgi
from statuspage.web.server.http_server import ServerThread, open_listener
with ServerThread(wsgi.desk(), open_listener("127.0.0.1", 0)) as server:
    print(server.address, flush=True)
    time.sleep(3600)
"""


@pytest.fixture
def player(home: Path, on_postgresql: Postgres) -> Player:
    """A user with an instance whose databases, that of the secrets included, are on PostgreSQL."""
    secrets = on_postgresql.url(on_postgresql.create(owner="live"), "live")
    more = {"STATUSPAGE_SECRETS_DATABASE_URL": secrets, "STATUSPAGE_SECRET_KEY": new_key()}
    return Player(home, clean_environ(**settings_of(home), **more))


@contextmanager
def second_desk(player: Player) -> Iterator[str]:
    """The live desk in another process, as a web server would run it; its address."""
    environ = {**player.environ, "STATUSPAGE_HOME": str(player.home)}
    with (player.home.parent / "second.txt").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", SECOND_DESK], stdout=subprocess.PIPE, stderr=log, env=environ, cwd=ROOT
        )
        try:
            assert process.stdout is not None
            yield process.stdout.readline().decode().strip()
        finally:
            process.terminate()
            process.communicate(timeout=30)


def signed_in(player: Player) -> requests.Session:
    """A browser in which an administrator is signed in."""
    browser = requests.Session()
    browser.headers["Accept-Language"] = "en"
    post(browser, player.ask("account", "link", "desk")["link"], {})
    return browser


def post(browser: requests.Session, address: str, data: Mapping[str, str], *, to: str = "") -> requests.Response:
    """Opens a page and submits a form of it with these fields."""
    page = browser.get(address, timeout=60).text
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    sent = browser.post(to or address, data={**hidden, **data}, timeout=200)
    assert sent.status_code == 200, sent.text
    return sent


def pagerduty(desk: str, secret: str) -> int:
    event = {"id": "1", "event_type": "incident.triggered", "occurred_at": datetime.now(UTC).isoformat()}
    body = json.dumps({"event": {**event, "data": {"id": "P1", "title": "Try"}}}).encode()
    signature = f"v1={hmac.digest(secret.encode(), body, hashlib.sha256).hex()}"
    headers = {"X-PagerDuty-Signature": signature}
    return requests.post(f"{desk}/intake/pagerduty/test", data=body, headers=headers, timeout=60).status_code


def is_refused(desk: str) -> bool:
    """Whether another secret than that of PagerDuty is refused."""
    return pagerduty(desk, "another-secret") == 401


def is_taken(address: str) -> bool:
    """Whether a message of the mapped monitor is."""
    return requests.post(address, data=MAPPING["message"], timeout=60).status_code == 200


@pytest.mark.slow
def test_two_processes_take_up_a_change_and_a_secret_and_nobody_else_has_the_secret(player: Player) -> None:
    with serving(player) as served, second_desk(player) as other:
        browser, desks = signed_in(player), (served["desk"], other)
        wrong = [pagerduty(desk, "another-secret") for desk in desks]
        post(browser, f"{other}/settings/monitor-mapping", MAPPING)
        for desk in desks:
            assert until(partial(is_taken, f"{desk}/intake/backup")), desk
        page = f"{served['desk']}/settings/monitors/pagerduty"
        post(browser, page, {"value": CANARY, "do": "keep"}, to=f"{page}/own-secret")
        for desk in desks:
            assert until(partial(is_refused, desk)), desk
            assert pagerduty(desk, CANARY) == 200
        assert wrong == [200, 200], "the control: without a secret, this machine's programs are heard"
        pages = [browser.get(f"{desk}{path}", timeout=60).text for desk in desks for path in PAGES]
        live, drill = served.process.pid, served.child()
        requests.get(served["drill"], timeout=60)
        assert holds(live, CANARY.encode()), "the control: live holds it"
        assert not holds(drill, CANARY.encode())
        assert CANARY not in str(environ_of(drill))
        assert not {"STATUSPAGE_SECRETS_DATABASE_URL", "STATUSPAGE_SECRET_KEY"} & set(environ_of(drill))
    assert player.run("backup", "create", str(player.home.parent / "copy.zip")).code == 0
    written = [path for path in player.home.parent.rglob("*") if path.is_file()]
    assert (player.home.parent / "copy.zip") in written
    assert [path for path in written if CANARY.encode() in path.read_bytes()] == []
    assert CANARY not in "".join(pages)


PAGES = ("/settings/monitors/pagerduty", "/settings/security", "/settings/changes", "/audit-log")
"""Pages that say something of a secret."""
