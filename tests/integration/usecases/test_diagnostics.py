"""``doctor`` on a healthy instance, and on instances that are really broken."""

from __future__ import annotations

import json
import os
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from statuspage import settings
from statuspage.integrations.net import tls_probe
from statuspage.integrations.net.dns_lookup import DnsClient
from statuspage.storage import stats
from statuspage.storage.engine.database import Database
from statuspage.usecases.content import ContentFolders, active_content
from statuspage.usecases.diagnostics import local_checks, shared_infrastructure
from statuspage.usecases.diagnostics.findings import Level
from tests.support.fakes.mail_server import MailServer, mail_server
from tests.support.fakes.name_server import name_server, zone
from tests.support.fakes.x_server import Account, Server, x_server
from tests.support.file_server import served
from tests.support.hosts import free_port
from tests.support.instance import Answer, Cli, cli

__all__ = ["cli"]

PRODUCT = "app.product.example"
APART = {
    "localhost": zone(
        "localhost", "ns1.page-dns.example., ns2.page-dns.example.", "hostmaster.page", apex="192.0.2.10"
    ),
    "product.example": zone("product.example", "ns1.other-dns.example.", "admin.product", app="198.51.100.20"),
}
TOGETHER = {
    "localhost": zone("localhost", "ns1.dns.example.", "admin.product", apex="198.51.100.77"),
    "product.example": zone("product.example", "ns2.dns.example.", "admin.product", app="198.51.100.20"),
}


@pytest.fixture(scope="module")
def checked(made_instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance that names its product; its content has already been checked."""
    made = Path(shutil.copytree(made_instance, tmp_path_factory.mktemp("doctor") / "instance", symlinks=True))
    site = made / "content" / "site.toml"
    site.write_text(site.read_text("utf-8").replace("product_hosts = []", f'product_hosts = ["{PRODUCT}"]'), "utf-8")
    active_content.load_active(ContentFolders.of_live(made, made / "content"), marks=False, now=datetime.now(UTC))
    return made


@pytest.fixture
def home(checked: Path, tmp_path: Path) -> Path:
    """A copy of that instance."""
    return Path(shutil.copytree(checked, tmp_path / "instance", symlinks=True))


@pytest.fixture
def public(home: Path) -> Iterator[str]:
    """Where the page is served."""
    with served() as serve:
        yield serve(home / "site" / "current").replace("127.0.0.1", "localhost")


@pytest.fixture
def doctor(cli: Cli, home: Path, public: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Answer]]:
    """The command in a healthy instance: a page that is served, a worker, a product hosted elsewhere."""
    at_work(home)
    with name_server(APART) as resolver:
        monkeypatch.setenv("STATUSPAGE_ADDRESS", public)
        monkeypatch.setenv("STATUSPAGE_RESOLVER", resolver)
        yield lambda: cli("doctor", "--json")


def at_work(home: Path) -> None:
    """Records that a worker was just seen."""
    store = Database.for_environment(
        os.environ.get("STATUSPAGE_DATABASE_URL") or f"sqlite:///{home / 'environment.db'}"
    )
    with store.begin() as tx:
        stats.record_heartbeat(tx, "1-worker", datetime.now(UTC))
    store.close()


def found(result: Answer, level: str) -> dict[str, Any]:
    """The findings of this level by code; the last of each."""
    return {one["code"]: one for one in result.json["findings"] if one["level"] == level}


@pytest.mark.slow
def test_of_a_good_instance_nothing_has_to_be_mended(doctor: Callable[[], Answer], cli: Cli) -> None:
    findings = doctor()
    assert (findings.code, list(found(findings, "problem"))) == (0, [])
    well = found(findings, "ok")
    assert {"content", "database", "disk", "rights", "zone", "worker", "page", "clock"} <= set(well)
    assert {"shared_zone", "shared_servers", "shared_network", "shared_provider", "shared_contact"} <= set(well)
    assert {"registrar", "operator", "shared_issuer"} <= set(found(findings, "unknown"))
    assert {one["code"] for one in findings.json["findings"] if one["level"] == "info"} == {
        "drill_user_unknown", "unready", "sign_up", "no_host", "no_contact", "no_mail", "no_monitor",
    }  # fmt: skip


@pytest.mark.slow
def test_each_finding_that_is_wrong_says_why_it_matters_and_what_to_do(
    doctor: Callable[[], Answer], cli: Cli, home: Path
) -> None:
    (home / "secret").chmod(0o644)
    (one,) = found(doctor(), "problem").values()
    assert one["action"] == f"chmod 600 {home / 'secret'}"
    result = cli("doctor")
    assert result.code == 1
    assert (
        f"WRONG  Other users of this machine can read {home / 'secret'}.\n       Anyone who can read it" in result.out
    )
    assert result.out.endswith("\nProblems to fix: 1\n")


# really broken


def content(home: Path, patch: pytest.MonkeyPatch) -> None:
    (home / "content" / "incident_types.toml").write_text("[slow\n", "utf-8")


def damaged(home: Path, patch: pytest.MonkeyPatch) -> None:
    patch.delenv("STATUSPAGE_ACCOUNTS_DATABASE_URL", raising=False)
    (home / "shared" / "accounts.db").write_bytes(b"this is no database " * 400)


def closed(home: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("STATUSPAGE_ADDRESS", f"http://localhost:{free_port()}")


def homeless(home: Path, patch: pytest.MonkeyPatch) -> None:
    patch.delenv("STATUSPAGE_ADDRESS")


def behind(home: Path, patch: pytest.MonkeyPatch) -> None:
    old = home.with_name("old")
    shutil.copytree(home / "site" / "current", old, symlinks=False)
    (old / "ja" / "feed.rss").write_text("<rss/>")
    patch.setenv("STATUSPAGE_ADDRESS", patch.served(old).replace("127.0.0.1", "localhost"))


def idle(home: Path, patch: pytest.MonkeyPatch) -> None:
    store = Database.for_environment(
        os.environ.get("STATUSPAGE_DATABASE_URL") or f"sqlite:///{home / 'environment.db'}"
    )
    with store.begin() as tx:
        tx.exec_driver_sql("DELETE FROM worker_heartbeat")
    store.close()


def held(home: Path, patch: pytest.MonkeyPatch) -> None:
    (home / "last-sent").write_text("00000000000000099999\n")


def host(home: Path, patch: pytest.MonkeyPatch) -> None:
    place = f'[branch]\ntype = "git"\nrepository = "{home.with_name("nowhere.git")}"\nbranch = "pages"\n'
    (home / "content" / "hosts.toml").write_text(place, "utf-8")


def near(home: Path, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("STATUSPAGE_RESOLVER", patch.names)


BROKEN = {
    "content": (content, {"content"}),
    "damaged": (damaged, {"database"}),
    "closed": (closed, {"page"}),
    "homeless": (homeless, {"address"}),
    "behind": (behind, {"behind"}),
    "idle": (idle, {"worker"}),
    "held": (held, {"send_hold"}),
    "target": (host, {"host"}),
    "near": (near, {"shared_servers", "shared_network"}),
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", BROKEN)
def test_what_is_broken_is_found_and_nothing_else(
    fault: str, doctor: Callable[[], Answer], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaks, wanted = BROKEN[fault]
    with served() as serve, name_server(TOGETHER) as names:
        monkeypatch.served, monkeypatch.names = serve, names
        breaks(home, monkeypatch)
        findings = doctor()
    assert (findings.code, set(found(findings, "problem"))) == (1, wanted), findings.err
    assert all(one["message"] and one["reason"] and one["action"] for one in found(findings, "problem").values())


@pytest.mark.slow
def test_a_channel_whose_settings_no_longer_open_anything_is_found(
    doctor: Callable[[], Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    with x_server(Account()) as x:
        with_account(monkeypatch, x)
        assert "channel" in found(doctor(), "ok")
        x.state.accounts = ()
        (one,) = found(doctor(), "problem").values()
    assert (one["code"], one["details"]["name"]) == ("channel", "x-ja")


def with_account(patch: pytest.MonkeyPatch, x: Server) -> None:
    for name, value in {**Account().environ("x-ja"), "STATUSPAGE_X_API": x.address}.items():
        patch.setenv(name, value)


@pytest.mark.slow
def test_a_clock_that_is_off_is_found(
    doctor: Callable[[], Answer], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with slow_clock(home / "site" / "current") as address:
        monkeypatch.setenv("STATUSPAGE_ADDRESS", address)
        (one,) = found(doctor(), "problem").values()
    assert one["code"] == "clock"
    assert 3590 < int(one["details"]["seconds"]) < 3700


@contextmanager
def slow_clock(folder: Path) -> Iterator[str]:
    """A web server whose clock is an hour slow."""

    class Slow(SimpleHTTPRequestHandler):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args, directory=str(folder))

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string((datetime.now(UTC) - timedelta(hours=1)).timestamp())

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.system
def test_a_full_disk_is_found(tmp_path: Path) -> None:
    folder = tmp_path / "small"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=True)
    try:
        (one,) = local_checks.check_disk(settings.read_settings({}, home=str(folder)))
    finally:
        subprocess.run(["umount", folder], check=True)
    assert (one.code, one.level) == ("disk", Level.PROBLEM)


def test_a_file_of_credentials_that_others_read_is_found(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("let me in")
    token.chmod(0o640)
    (one,) = local_checks.check_permissions(
        settings.read_settings({}, home=str(tmp_path)), {"STATUSPAGE_PAGES_TOKEN_FILE": str(token)}
    )
    assert (one.level, one.slots["file"]) == (Level.PROBLEM, str(token))


# what page and product share


def shared(zones: Any, page: str, *product: str) -> dict[str, tuple[str, str]]:
    with name_server(zones) as resolver:
        answers = list(shared_infrastructure.check_shared(page, product, DnsClient(resolver)))
    return {one.code: (str(one.level), one.slots.get("same", one.slots.get("why", ""))) for one in answers}


def test_what_both_have_in_common_is_named() -> None:
    zones = {
        "shop.example": zone(
            "shop.example", "ns1.dns.co.jp.", "root.shop", app="lb.cloud.example.", status="edge.cloud.example."
        ),
        "cloud.example": zone("cloud.example", "ns9.cloud.example.", "noc.cloud", lb="203.0.113.5", edge="203.0.113.9"),
    }
    zones["shop.example"] |= {("app.shop.example", "A"): "203.0.113.5", ("status.shop.example", "A"): "203.0.113.9"}
    findings = shared(zones, "https://status.shop.example", "app.shop.example")
    assert findings["shared_zone"] == ("problem", "shop.example")
    assert findings["shared_servers"] == ("problem", "dns.co.jp")
    assert findings["shared_provider"] == ("problem", "cloud.example")
    assert findings["shared_network"] == ("problem", "203.0.113.0/24")
    assert findings["shared_contact"] == ("info", "root.shop")


@pytest.mark.slow
def test_what_cannot_be_looked_up_is_said_and_keeps_nothing_back() -> None:
    findings = shared(APART, "https://localhost", "nobody.knows.example", PRODUCT)
    assert findings["shared_zone"][0] == "ok"
    alone = shared(APART, "https://localhost", "nobody.knows.example")
    assert {alone[f"shared_{aspect}"][0] for aspect in shared_infrastructure.ASPECTS} == {"unknown"}
    assert "nobody.knows.example" in alone["shared_zone"][1]


def test_a_host_that_is_an_address_has_a_network_but_no_zone() -> None:
    findings = shared(APART, "https://198.51.100.9", PRODUCT)
    assert findings["shared_network"] == ("problem", "198.51.100.0/24")
    assert findings["shared_zone"][0] == "unknown"


@pytest.mark.parametrize(
    ("host", "name"),
    [("ns1.dns.example.com", "example.com"), ("ns.example.co.jp", "example.co.jp"), ("example.io", "example.io")],
)
def test_a_provider_is_known_by_the_name_it_registered(host: str, name: str) -> None:
    assert shared_infrastructure.registered_domain(host) == name


# certificates


def certified(folder: Path, days: int, organisation: str = "Sample CA") -> tuple[ssl.SSLContext, Path]:
    """A self-made certificate for ``localhost``: a server's context, and the file of authorities to trust."""
    made = folder / f"{organisation.replace(' ', '')}.pem"
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -addext subjectAltName=DNS:localhost"
    )
    names = ["-subj", f"/O={organisation}/CN=localhost", "-days", str(days)]
    subprocess.run(
        [*command.split(), *names, "-out", made, "-keyout", made.with_suffix(".key")], check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made, made.with_suffix(".key"))
    return context, made


@contextmanager
def secured(folder: Path, days: int, organisation: str = "Sample CA") -> Iterator[tuple[int, Path]]:
    """A server with such a certificate: its port, and the file of authorities to trust."""
    context, made = certified(folder, days, organisation)
    listener = context.wrap_socket(socket.create_server(("127.0.0.1", 0)), server_side=True)
    Thread(target=_greet, args=(listener,), daemon=True).start()
    yield listener.getsockname()[1], made
    listener.close()


def _greet(listener: ssl.SSLSocket) -> None:
    while True:
        try:
            line, _ = listener.accept()
            line.close()
        except ssl.SSLError:
            continue
        except OSError:
            return


@pytest.mark.system
def test_a_certificate_that_ends_soon_or_that_nobody_signed_is_found(
    tmp_path: Path, doctor: Callable[[], Answer], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with secured(tmp_path, 5) as (port, trusted):
        place = f'[bucket]\ntype = "s3"\nbucket = "status"\nendpoint = "https://localhost:{port}"\n'
        (home / "content" / "hosts.toml").write_text(place, "utf-8")
        unsigned = found(doctor(), "problem")["certificate"]
        assert "self-signed" in unsigned["message"] or "self signed" in unsigned["message"]
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        ending = found(doctor(), "problem")["ending"]
    assert (ending["details"]["name"], ending["details"]["issuer"]) == (f"localhost:{port}", "Sample CA")
    assert int(ending["details"]["days"]) in (4, 5)


@pytest.mark.system
@pytest.mark.parametrize("implicit", [True, False])
@pytest.mark.parametrize("channel", ["mail", "subscribers"])
def test_the_certificate_of_a_mail_server_is_looked_at_too(
    tmp_path: Path,
    doctor: Callable[[], Answer],
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    channel: str,
    implicit: bool,
) -> None:
    context, trusted = certified(tmp_path, 5)
    with mail_server(MailServer(tls=context, implicit=implicit)) as mail:
        with (home / "content" / "channels.toml").open("a", encoding="utf-8") as channels:
            channels.write(MAIL_CHANNEL.format(type=channel))
        for name, value in {**mail.settings, "server": mail.address.replace("127.0.0.1", "localhost")}.items():
            monkeypatch.setenv(f"STATUSPAGE_LETTERS_{name.upper()}", value)
        assert found(doctor(), "problem")["certificate"]["details"]["name"] == f"localhost:{mail.port}"
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        ending = found(doctor(), "problem")["ending"]
        assert (ending["details"]["name"], ending["details"]["issuer"]) == (f"localhost:{mail.port}", "Sample CA")


MAIL_CHANNEL = """
[letters]
type = "{type}"
language = "en"
medium = "mail"
account = "support@example.com"
sender = "status@example.com"
notices = ["all"]
"""


@pytest.mark.system
def test_a_mail_server_that_does_not_offer_tls_shows_no_certificate(tmp_path: Path) -> None:
    context, _ = certified(tmp_path, 5)
    with (
        mail_server(MailServer(tls=context, offers_tls=False)) as mail,
        pytest.raises(tls_probe.CertificateUnavailable) as raised,
    ):
        tls_probe.fetch_mail_certificate("localhost", mail.port, implicit_tls=False)
    assert "STARTTLS" in str(raised.value)


@pytest.mark.system
def test_one_authority_for_both_is_worth_knowing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with secured(tmp_path, 90) as (port, trusted):
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
        zones = {"localhost": zone("localhost", "ns.page.example.", "a.b", apex="127.0.0.1")}
        findings = shared(zones, f"https://localhost:{port}", f"localhost:{port}")
        assert findings["shared_issuer"] == ("info", "Sample CA")
        shown = tls_probe.fetch_certificate("localhost", port)
    assert timedelta(days=88) < shown.expires_at - datetime.now(UTC) < timedelta(days=91)


@pytest.mark.slow
def test_the_output_holds_no_secret(doctor: Callable[[], Answer], monkeypatch: pytest.MonkeyPatch, cli: Cli) -> None:
    planted = {"STATUSPAGE_INTAKE_SECRET": "planted-intake", "STATUSPAGE_METRICS_TOKEN": "planted-metrics"}
    for name, value in planted.items():
        monkeypatch.setenv(name, value)
    output = json.dumps(doctor().json) + cli("doctor").out
    assert not [value for value in planted.values() if value in output]
