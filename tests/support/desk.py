"""A desk to test: a real environment in a folder, a clock that stands still, a browser without a screen."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest
from flask import Flask
from lxml import html
from werkzeug.test import TestResponse

from statuspage.domain.catalog import Catalog
from statuspage.integrations import channels
from statuspage.integrations.hosting.folder import Folder
from statuspage.storage.accounts import Account
from statuspage.usecases import account_administration, accounts, delivery
from statuspage.usecases.accounts import Role
from statuspage.usecases.bootstrap import drill_id, live_id
from statuspage.usecases.environment.model import Databases, Environment, Senders
from statuspage.web.desk.app import create_app
from tests.support.content import drill_catalog
from tests.support.database import made
from tests.support.environments import environment_of, with_changes
from tests.support.site import sources
from tests.support.times import at

PASSWORD = "correct horse battery"
NOW = at("12:02:00")


class Clock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def later(self, **by: float) -> datetime:
        """Moves it, and returns its time."""
        self.now += timedelta(**by)
        return self.now


@pytest.fixture
def clock() -> Clock:
    """Two minutes past twelve, until it is moved."""
    return Clock()


@pytest.fixture
def env(tmp_path: Path, catalog: Catalog) -> Iterator[Environment]:
    """A live environment with the site and no other channel."""
    env = environment_in(tmp_path, catalog)
    yield env
    env.databases.environment.close()
    env.databases.accounts.close()


def environment_in(
    home: Path, catalog: Catalog, *, address: str = "", environ: Mapping[str, str] | None = None
) -> Environment:
    """A live environment of this content; its channels are those whose secrets are in ``environ``."""
    given = environ or {}
    ready = {id: spec for id, spec in catalog.channels.items() if not channels.missing_settings(spec, given)}
    databases = Databases(*(made(home / f"{name}.db", name) for name in ("environment", "accounts", "subscribers")))
    senders = Senders(
        {id: channels.open_live(spec, given) for id, spec in ready.items()},
        {id: "cli.unready.credentials" for id in catalog.channels if id not in ready},
    )
    env = environment_of(home, catalog, databases, sources(), senders, address=address)
    return replace(env, new_id=live_id)


def drill_environment_in(home: Path, *, address: str = "") -> Environment:
    """A drill environment beside the live one in ``home``; both share the accounts."""
    own = home / "drill"
    own.mkdir()
    catalog = drill_catalog()
    live = environment_in(home, catalog, address=address)
    return with_changes(
        live,
        name="drill",
        home=own,
        subscribers=None,
        environment=made(own / "environment.db", "environment"),
        site_folder=Folder(own / "site"),
        channels={id: channels.open_sandbox(spec, own / "outbox") for id, spec in catalog.channels.items()},
        unready_channels={},
        new_id=drill_id,
        live_status_path=home / "summary.json",
        follows_up_actions=False,
    )


def person_in(
    env: Environment,
    login: str = "sato",
    name: str = "佐藤",
    language: str = "ja",
    password: str = PASSWORD,
    role: Role = Role.REPORTER,
) -> Account:
    """An account, created if it does not exist."""
    known = accounts.find_by_login(env.databases.accounts, login)
    return known or accounts.add_account(
        env.databases.accounts, login, name, role=role, language=language, password=password, now=NOW
    )


@dataclass
class Browser:
    """Follows links and submits forms like a browser without scripts."""

    app: Flask
    page: TestResponse = None
    client: Any = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.app.test_client()

    def open(self, path: str) -> Browser:
        """Opens this path and follows redirects."""
        self.page = self.client.get(path, follow_redirects=True)
        return self

    def resume(self, path: str) -> Browser:
        """Opens the form at this path filled from its draft, as the page that describes the draft offers."""
        sign = "&" if "?" in path else "?"
        return self.open(f"{path}{sign}draft=open")

    @property
    def text(self) -> str:
        """The page's source."""
        return self.page.get_data(as_text=True)

    @property
    def tree(self) -> Any:
        """The page, parsed."""
        return html.fromstring(self.text)

    @property
    def words(self) -> str:
        """The text of the main part, with normalised spaces."""
        (main,) = self.tree.xpath("//main")
        return re.sub(r"\s+", " ", main.text_content())

    @property
    def path(self) -> str:
        """The current path."""
        return str(self.page.request.path)

    def form(self, action: str = "") -> Any:
        """The page's form with this action; by default the first in the main part."""
        elements = [f for f in self.tree.xpath("//main//form") if not action or f.get("action") == action]
        assert elements, f"no form {action} on {self.path}"
        return elements[0]

    def fields(self, action: str = "") -> dict[str, list[str]]:
        """What a browser would submit of this form, without its buttons."""
        form = self.form(action)
        kept: dict[str, list[str]] = {}
        own = form.xpath(".//input | .//select | .//textarea")
        outside = self.tree.xpath(f"//*[@form='{form.get('id')}']") if form.get("id") else []
        for element in [*own, *outside]:
            for value in values_of(element):
                kept.setdefault(element.get("name"), []).append(value)
        return kept

    def send(self, change: Mapping[str, object] | None = None, *, action: str = "", **more: object) -> Browser:
        """Submits the form with these fields changed: a list or a string each, None to omit one."""
        form = self.form(action)
        fields = self.fields(action)
        for name, value in {**(change or {}), **more}.items():
            fields.pop(name, None)
            if value is not None:
                fields[name] = [str(v) for v in value] if isinstance(value, list) else [str(value)]
        self.page = self.client.post(form.get("action") or self.path, data=fields, follow_redirects=True)
        return self

    def post(self, path: str, data: Mapping[str, object] | None = None, **more: Any) -> TestResponse:
        """A bare POST, without anything that a form would add."""
        answer: TestResponse = self.client.post(path, data=data, **more)
        return answer

    def sign_in(self, login: str = "sato", password: str = PASSWORD) -> Browser:
        """Signs in through the form."""
        self.open("/sign-in")
        return self.send(login=login, password=password)


def values_of(element: Any) -> list[str]:
    if element.get("name") is None or element.get("disabled") is not None:
        return []
    if element.tag == "textarea":
        return [str(element.value or "").removeprefix("\n")]
    if element.tag == "select":
        return [str(element.value)]
    if element.get("type") in ("checkbox", "radio"):
        return [element.get("value", "on")] if element.get("checked") is not None else []
    return [element.get("value", "")] if element.get("type") not in ("submit", "button") else []


def desk_of(env: Environment, clock: Clock, **more: Any) -> Flask:
    """The environment's desk."""
    return create_app(env, clock=clock, **more)


def signed_in(
    env: Environment, clock: Clock, login: str = "sato", name: str = "佐藤", language: str = "ja", **more: Any
) -> Browser:
    """A browser on the desk, signed in by a one-time link."""
    mine = person_in(env, login, name, language, password="")
    browser = Browser(desk_of(env, clock, **more))
    return browser.open(
        f"/sign-in/link/{accounts.create_sign_in_link(env.databases.accounts, mine.id, now=clock())}"
    ).send()


def alertmanager(starts_at: datetime, *, fingerprint: str = "f1", status: str = "firing", **labels: str) -> bytes:
    """A message of Alertmanager, version 4, with one alert about the booking service."""
    alert_labels = {"alertname": "BookingErrors", "service": "booking-api", "severity": "critical", **labels}
    alert = {
        "status": status,
        "labels": alert_labels,
        "annotations": {"summary": "予約の応答エラーが増えています（38%）", "description": "5xx"},
        "startsAt": starts_at.isoformat(),
        "endsAt": "0001-01-01T00:00:00Z" if status == "firing" else (starts_at + timedelta(minutes=9)).isoformat(),
        "generatorURL": "http://monitor.example/graph",
        "fingerprint": fingerprint,
    }
    message = {
        "version": "4", "groupKey": "{}:{}", "truncatedAlerts": 0, "status": status, "receiver": "desk",
        "groupLabels": {}, "commonLabels": alert_labels, "commonAnnotations": {}, "externalURL": "http://monitor.example",
        "alerts": [alert],
    }  # fmt: skip
    return json.dumps(message, ensure_ascii=False).encode()


def alert_arrives(browser: Browser, starts_at: datetime | None = None, **how: Any) -> TestResponse:
    """A monitor posts an alert to the desk."""
    body = alertmanager(starts_at or at("11:55"), **how)
    return browser.app.test_client().post("/intake/alertmanager", data=body, content_type="application/json")


def work(env: Environment, clock: Clock) -> None:
    """Lets the worker send what is queued."""
    delivery.drain(env, clock=clock)


@contextmanager
def working(env: Environment, clock: Clock) -> Iterator[None]:
    """Runs a worker during the block."""
    stop = Event()
    worker = Thread(target=delivery.run, args=(env,), kwargs={"clock": clock, "stop": stop})
    worker.start()
    try:
        yield
    finally:
        stop.set()
        worker.join()


def until(true: Callable[[], bool], patience: float = 20.0) -> None:
    """Waits until it is true."""
    end = time.monotonic() + patience
    while not true():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.05)


def as_role(env: Environment, clock: Clock, role: Role, app: Flask | None = None) -> Browser:
    """A signed-in user with this role."""
    mine = person_in(env, str(role), f"{role}さん", password="")
    account_administration.change_role(env.databases.accounts, mine.id, role, by=accounts.NOBODY, now=clock())
    browser = Browser(app or desk_of(env, clock))
    return browser.open(
        f"/sign-in/link/{accounts.create_sign_in_link(env.databases.accounts, mine.id, now=clock())}"
    ).send()
