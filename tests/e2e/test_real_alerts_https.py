"""A real alert in the middle of a drill, with both desks under names of their own over HTTPS, in two browsers."""

from __future__ import annotations

import re
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from socketserver import ThreadingMixIn
from threading import Thread
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import WSGIApplication

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from statuspage.storage import incidents
from statuspage.usecases import accounts, drills
from statuspage.usecases.drills.lifecycle import Setup
from statuspage.usecases.environment import shared_status
from statuspage.usecases.environment.model import Environment
from statuspage.web.server import run
from statuspage.web.server.run import DeskAccess
from tests.support.desk import alertmanager, person_in, working
from tests.support.real_alerts import Both
from tests.support.real_alerts import both as both
from tests.support.served_desk import now, press_key

NAMES = ("live", "drill", "elsewhere")
"""Names under localhost, which a browser finds on this machine."""


class Quiet(WSGIRequestHandler):
    """Prints no requests."""

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


class ManyAtOnce(ThreadingMixIn, WSGIServer):
    """A thread for each request: a browser keeps several connections."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Nothing: Chromium breaks off its first connection, and comes again without trust in the certificate."""


@dataclass
class Origins:
    """Three origins, and what reached the third."""

    live: str
    drill: str
    elsewhere: str
    reached_elsewhere: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that nobody but the test trusts."""
    path = tmp_path_factory.mktemp("tls") / "desk.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    names = ",".join(f"DNS:{name}.localhost" for name in NAMES)
    more = [
        "-addext",
        f"subjectAltName={names},IP:127.0.0.1",
        "-keyout",
        str(path.with_suffix(".key")),
        "-out",
        str(path),
    ]
    subprocess.run([*command.split(), *more], check=True, capture_output=True)
    return path


def listening(certificate: Path) -> WSGIServer:
    """An HTTPS server without an application yet."""
    server = make_server("127.0.0.1", 0, _nothing, server_class=ManyAtOnce, handler_class=Quiet)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.base_environ["HTTPS"] = "on"
    return server


def _nothing(environ: dict[str, object], start_response: object) -> list[bytes]:
    raise AssertionError("served before there was anything to serve")


@contextmanager
def three_origins(both: Both, certificate: Path) -> Iterator[Origins]:
    """The live desk, the drill desk and a stranger's site."""
    servers = {name: listening(certificate) for name in NAMES}
    origins = Origins(*(f"https://{name}.localhost:{servers[name].server_port}" for name in NAMES))
    siblings = {"live": origins.live, "drill": origins.drill}
    live = replace(both.live, desk_url=origins.live, drill_status_path=both.drill.home / "summary.json")
    applications = {name: _desk(env, siblings) for name, env in (("live", live), ("drill", both.drill))}
    applications["elsewhere"] = _stranger(origins)
    with ExitStack() as stack:
        for name, server in servers.items():
            server.set_app(applications[name])
            Thread(target=server.serve_forever, daemon=True).start()
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
        for env in (live, both.drill):
            stack.enter_context(working(env, now))
        yield origins


def _desk(env: Environment, siblings: dict[str, str]) -> WSGIApplication:
    return run.desk_application(env, clock=now, siblings=siblings, desk_access=DeskAccess(secure=True))


def _stranger(origins: Origins) -> WSGIApplication:
    def serve(environ: dict[str, object], start_response: object) -> list[bytes]:
        origins.reached_elsewhere.append(str(environ["PATH_INFO"]))
        start_response("200 OK", [("Content-Type", "text/html")])
        return [b"<title>elsewhere</title>"]

    return serve


@contextmanager
def somebody(browser: Browser, both: Both, origins: Origins, login: str, name: str) -> Iterator[Page]:
    """Somebody in a browser of their own, signed in to both desks: each host has its own cookie."""
    person = person_in(both.drill, login, name, password="")
    context = browser.new_context(locale="ja", ignore_https_errors=True, viewport={"width": 1280, "height": 900})
    page = context.new_page()
    for desk in (origins.live, origins.drill):
        page.goto(
            f"{desk}/sign-in/link/{accounts.create_sign_in_link(both.drill.databases.accounts, person.id, now=now())}"
        )
        page.click("main button")
        page.wait_for_url(f"{desk}/")
    yield page
    context.close()


def arrive(origins: Origins, certificate: Path) -> None:
    """A real monitor on this machine sends a real alert to the live desk."""
    intake = f"https://127.0.0.1:{urlsplit(origins.live).port}/intake/alertmanager"
    requests.post(intake, data=alertmanager(now()), timeout=10, verify=str(certificate)).raise_for_status()


BLOCKED = """address => new Promise(told => {
  document.addEventListener("securitypolicyviolation", event => told(`${event.violatedDirective} ${event.blockedURI}`));
  setTimeout(() => told("nothing was blocked"), 5000);
  const form = document.createElement("form");
  form.method = "post"; form.action = address; document.body.append(form); form.submit();
})"""
"""Sends a form to this address. Returns what the page's policy says."""


def test_breaking_off_lands_on_the_live_desk_where_the_player_writes_the_real_first_report(
    browser: Browser, both: Both, certificate: Path
):
    shared_status.write_status(both.live, now=now())
    setup = Setup(both.drill.site.catalog.scenarios["booking-phone"], "ja")
    with (
        three_origins(both, certificate) as origins,
        somebody(browser, both, origins, "nakamura", "中村") as leads,
        somebody(browser, both, origins, "kimura", "木村") as plays,
    ):
        drills.start_drill(
            both.drill,
            title="予約できない",
            leader="中村",
            goal=setup.scenario.duration,
            setup=setup,
            now=now(),
        )
        drills.advance_drill(both.drill, now=now())
        leads.goto(f"{origins.drill}/drills/console")
        plays.goto(f"{origins.drill}/")
        plays.click("button[value=write]")
        plays.wait_for_selector("#publish")
        for page in (leads, plays):
            expect(page.locator("#live-banner [role=alert]")).to_have_count(0)
        arrive(origins, certificate)
        for page in (leads, plays):
            assert page.locator("#live-banner").get_attribute("data-every") == "1000", "each screen asks every second"
            expect(page.locator("#live-banner [role=alert]")).to_contain_text("予約の応答エラー", timeout=10_000)
            expect(page.locator("#live-banner a").first).to_have_attribute("href", f"{origins.live}/")
        expect(leads.locator("button[value='fire:2']")).to_be_disabled(timeout=10_000)
        press_key(plays, "Escape")
        plays.wait_for_url(re.compile(rf"^{re.escape(origins.live)}/"))
        assert drills.running_drill(both.drill.databases.environment) is None
        expect(plays.locator("[role=status]").first).to_contain_text("訓練を中止しました")
        expect(plays.locator(".alerts")).to_contain_text("予約の応答エラー")
        plays.locator("main button[value=write]").first.click()
        plays.wait_for_selector("#publish")
        expect(plays.locator("body.drill")).to_have_count(0)
        plays.click("#publish")
        plays.wait_for_url(re.compile(rf"^{re.escape(origins.live)}/incidents/[^/]+/notices/\d+$"))
        with both.live.databases.environment.read() as tx:
            (incident,) = incidents.open_incidents(tx)
        text = incident.notices[0].notice.texts["ja"]
        assert incident.notices[0].notice.actor == "木村" and "訓練" not in text.title
        leads.goto(f"{origins.drill}/")
        expect(leads.locator("#live-banner [role=alert]")).to_contain_text("本番")
        expect(leads.locator("h1")).to_have_text("本番の対応を優先してください。")


def test_a_form_of_a_drill_may_lead_to_the_live_desk_and_to_no_other_origin(
    browser: Browser, both: Both, certificate: Path
):
    shared_status.write_status(both.live, now=now())
    with three_origins(both, certificate) as origins, somebody(browser, both, origins, "kimura", "木村") as plays:
        policy = plays.goto(f"{origins.drill}/drills").header_value("content-security-policy")
        assert policy is not None and f"form-action 'self' {origins.live};" in policy
        told = plays.evaluate(BLOCKED, f"{origins.elsewhere}/steal")
        assert told.startswith("form-action") and origins.elsewhere in told
        policy = plays.goto(f"{origins.live}/").header_value("content-security-policy")
        assert policy is not None and "form-action 'self';" in policy, "live leads to no other origin"
        assert plays.evaluate(BLOCKED, f"{origins.drill}/drills/suspend").startswith("form-action")
        assert origins.reached_elsewhere == []
        plays.goto(f"{origins.elsewhere}/")
        plays.evaluate(
            "address => { const form = document.createElement('form'); form.method = 'post'; form.action = address;"
            " document.body.append(form); form.submit(); }",
            f"{origins.drill}/drills/suspend",
        )
        plays.wait_for_url(re.compile(re.escape(origins.drill)))
        assert plays.evaluate("performance.getEntriesByType('navigation')[0].responseStatus") in (401, 403)
