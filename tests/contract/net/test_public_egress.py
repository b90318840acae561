"""Requests to addresses given by strangers: only the public internet, by one lookup whose addresses are all checked."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address

import pytest

from statuspage.integrations.channels.base import DeliveryUnknown, Unreachable
from statuspage.integrations.channels.public_egress import Egress, NotAllowed, is_public
from tests.support.paths import ROOT
from tests.support.public_egress import Stranger, egress, stranger

__all__ = ["egress", "stranger"]

INSIDE = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.8.8.8 169.254.0.1
169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.192 192.0.2.1 192.88.99.1 192.168.0.1
198.18.0.1 198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 168.63.129.16
192.31.196.1 192.52.193.1 192.175.48.1 2620:4f:8000::1
:: ::1 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0:127.0.0.1
64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b::10.0.0.1 64:ff9b:1::1 64:ff9b:1::808:808 64:ff9b:1:7f00::
2002:7f00:1:: 2002:a00:1::1 2002:a9fe:a9fe:: 2001:0:7f00:1::1 2001::1 2001:0:808:808:0:0:f7f7:f7f7 2001:db8::1
2001:10::1 2001:20::1 3fff::1 5f00::1 100::1 fc00::1 fd00:ec2::254 fd20:ce::254 fe80::1 fec0::1 ff02::1 ff0e::1 4000::1
2a00:1450::5efe:10.0.0.1 2a00:1450::200:5efe:127.0.0.1
""".split()

OUTSIDE = """
8.8.8.8 1.1.1.1 93.184.215.14 100.63.255.255 100.128.0.1 172.15.0.1 172.32.0.1 192.0.1.1 223.255.255.255 168.63.129.17
2606:4700::1111 2a00:1450:4001::200e 2001:4860:4860::8888 ::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808::1
::ffff:0:8.8.8.8
""".split()


@pytest.mark.parametrize("address", INSIDE)
def test_nothing_inside_is_gone_to_whatever_it_is_wrapped_in(address: str) -> None:
    assert not is_public(ip_address(address))


def test_the_page_on_threats_says_how_many_are_tried() -> None:
    text = (ROOT / "docs" / "reference" / "security.md").read_text("utf-8")
    assert f"tried by `contract/net/test_public_egress`, {len(INSIDE) + len(OUTSIDE)} addresses in all." in text


@pytest.mark.parametrize("address", OUTSIDE)
def test_the_internet_is(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://hooks.example/notices?key=1", ""),
        ("https://hooks.example:443/", ""),
        ("http://hooks.example/", "https"),
        ("ftp://hooks.example/", "https"),
        ("file:///etc/passwd", "https"),
        ("https://hooks.example:8443/", "port"),
        ("https://hooks.example:22/", "port"),
        ("https://name:word@hooks.example/", "user"),
        ("https://hooks.example@127.0.0.1/", "user"),
        ("https://", "no_address"),
        ("https:///path", "no_address"),
        ("https://[::1", "no_address"),
        ("https://[fe80::1%25eth0]/", "no_address"),
        ("https://hooks.example:port/", "no_address"),
        ("https://hooks.example/\r\nHost: inside", "no_address"),
        ("https://hooks.example\\@127.0.0.1/", "no_address"),
        ("https://hööks.example/", "no_address"),
        ("https://hooks.example/" + "x" * 2000, "no_address"),
    ],
)
def test_an_address_is_one_of_the_web_over_tls_without_any_trick(url: str, problem: str) -> None:
    assert Egress().url_problem(url) == problem


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.1", "0x7f.1", "2130706433", "localhost", "[::1]", "[::ffff:7f00:1]"]
)
def test_however_this_machine_is_written_it_is_not_asked(host: str) -> None:
    with pytest.raises(NotAllowed) as raised:
        Egress().post(f"https://{host}/", b"{}", {})
    assert raised.value.reason == "inside"


# Over a real connection


@pytest.mark.system
def test_the_address_looked_at_is_the_one_asked_under_the_name_that_was_given(
    stranger: Stranger, egress: Egress
) -> None:
    answer = egress.post("https://hooks.example/notices?key=1", b'{"a": 1}', {"Content-Type": "application/json"})
    assert answer.status == 204
    assert stranger.names == ["hooks.example"]
    assert stranger.asked == [("/notices?key=1", f"hooks.example:{stranger.port}", b'{"a": 1}')]


@pytest.mark.system
def test_no_proxy_is_asked(stranger: Stranger, egress: Egress, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert egress.post("https://hooks.example/", b"{}", {}).status == 204


@pytest.mark.system
def test_a_certificate_of_another_name_is_none(stranger: Stranger, egress: Egress) -> None:
    with pytest.raises(Unreachable) as raised:
        egress.post("https://other.example/", b"{}", {})
    assert (raised.value.reason, stranger.asked) == ("no_tls", [])


@pytest.mark.system
def test_a_name_is_looked_up_once_and_one_address_inside_spoils_all(stranger: Stranger, egress: Egress) -> None:
    looked: list[str] = []

    def mixed(host: str) -> Sequence[str]:
        looked.append(host)
        return ["8.8.8.8", "127.0.0.1"]

    with pytest.raises(NotAllowed):
        replace(egress, is_allowed=is_public, resolve=mixed).post("https://hooks.example/", b"{}", {})
    assert (looked, stranger.names) == (["hooks.example"], [])


@pytest.mark.system
def test_no_redirect_is_followed(stranger: Stranger, egress: Egress) -> None:
    def elsewhere(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(307)
        handler.send_header("Location", f"https://hooks.example:{stranger.port}/inside")
        handler.end_headers()

    stranger.answer = elsewhere
    assert egress.post("https://hooks.example/", b"{}", {}).status == 307
    assert [path for path, _, _ in stranger.asked] == ["/"]


def _endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(40):
        handler.wfile.write(b"x" * 16384)


def _drip(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    for _ in range(40):
        handler.wfile.write(b"x")
        threading.Event().wait(0.2)


def _slow_head(handler: BaseHTTPRequestHandler) -> None:
    for _ in range(40):
        handler.wfile.write(b"H")
        threading.Event().wait(0.2)


def _silent(handler: BaseHTTPRequestHandler) -> None:
    threading.Event().wait(4)


@pytest.mark.system
@pytest.mark.parametrize("answer", [_endless, _drip, _slow_head, _silent])
def test_an_answer_without_end_or_without_haste_is_left(
    stranger: Stranger, egress: Egress, answer: Callable[[BaseHTTPRequestHandler], None]
) -> None:
    stranger.answer = answer
    with pytest.raises(DeliveryUnknown) as raised:
        egress.post("https://hooks.example/", b"{}", {})
    assert raised.value.reason == "no_response"


@pytest.mark.system
def test_where_nobody_listens_nothing_has_left(egress: Egress) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(Unreachable):
        replace(egress, port=port).post("https://hooks.example/", b"{}", {})


NAMESPACES = ["unshare", "--mount", "--net", *([] if os.geteuid() == 0 else ["--map-root-user"]), "--"]


@pytest.mark.system
def test_a_name_that_leads_elsewhere_the_second_time_it_is_asked_for_gains_nothing() -> None:
    """DNS rebinding: the machine's resolver asks a name server of ours whose answers change."""
    result = subprocess.run(
        [*NAMESPACES, sys.executable, "-m", "tests.support.dns_rebinding"],
        capture_output=True, text=True, check=True, timeout=60, cwd=ROOT,
    )  # fmt: skip
    seen = json.loads(result.stdout)
    assert seen["first_outside"] == {"reached": ["93.184.215.14"], "questions": 1}
    assert seen["first_inside"] == {"reached": [], "questions": 1}
