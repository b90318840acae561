"""What a network lacks for a while: name servers that answer, certificate authorities that can be read."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.certificates import certificate, server_context
from tests.support.fakes.mail_server import MailServer, mail_server
from tests.support.fakes.name_server import name_server, zone
from tests.support.fakes.x_server import Account, Server, running
from tests.support.playing import Player, clean_environ, serving, until

NAME_SERVER = ("127.0.53.53", 53)
ZONE = "faults.example"
RESOLVES_WITH = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /etc/resolv.conf && exec "$@"']
PATIENCE = 120.0
"""Seconds after which something is assumed not to happen."""

OPEN = ("waiting", "sending")
"""A delivery that waits, or is tried again just now."""

CHANNEL = """
[mail-team]
type = "mail"
language = "ja"
medium = "mail"
account = "desk@example.com"
sender = "status@example.com"
notices = ["all"]
"""
REPORT = ["report", "--incident-type", "booking", "--start", "about:20m", "--yes", "--to", "x-ja", "--to", "mail-team"]


@pytest.fixture
def player(made_instance: Path, tmp_path: Path) -> Player:
    """A user of an instance with a mail channel. Nothing waits for its page."""
    home = Path(shutil.copytree(made_instance, tmp_path / "instance", symlinks=True))
    with (home / "content" / "channels.toml").open("a", encoding="utf-8") as file:
        file.write(CHANNEL)
    return Player(home, clean_environ(**Account().environ("x-ja"), STATUSPAGE_ADDRESS="http://127.0.0.1:1"))


def reaching(player: Player, x: Server, mail: MailServer, **more: str) -> Player:
    """The user, with these servers in the settings."""
    named = {f"STATUSPAGE_MAIL_TEAM_{name.upper()}": value for name, value in mail.settings.items()}
    return replace(player, environ={**player.environ, "STATUSPAGE_X_API": x.address, **named, **more})


def deliveries(player: Player) -> dict[str, dict[str, Any]]:
    """The deliveries of the only incident, by channel."""
    (incident,) = player.ask("show")
    return {found["channel"]: found for found in player.ask("show", incident["id"])["deliveries"]}


def is_on_the_page(player: Player) -> bool:
    (incident,) = player.ask("show")
    return (player.home / "site" / "current" / "ja" / "incidents" / incident["id"] / "index.html").is_file()


@contextmanager
def silent_name_server() -> Iterator[None]:
    """A name server that hears everything and answers nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as deaf:
        deaf.bind(NAME_SERVER)
        yield


def test_with_dead_name_servers_only_what_needs_a_name_waits_and_goes_out_once_when_they_answer(
    player: Player, tmp_path: Path
) -> None:
    assert os.geteuid() == 0, "This test mounts a file, and for that it must be run as root."
    settings = tmp_path / "resolv.conf"
    settings.write_text(f"nameserver {NAME_SERVER[0]}\n")
    with running(Server()) as x, mail_server() as mail:
        player = reaching(player, x, mail, STATUSPAGE_X_API=f"http://x.{ZONE}:{x.server_port}")
        player = replace(player, prefix=[*RESOLVES_WITH, str(settings)])
        with ExitStack() as silence:
            silence.enter_context(silent_name_server())
            with serving(player) as served:
                assert player.run(*REPORT).code == 0
                assert until(lambda: deliveries(player)["x-ja"]["reason"] == "no_connection", PATIENCE)
                found = deliveries(player)
                assert requests.get(f"{served['desk']}/readyz", timeout=30).status_code == 200
                assert (is_on_the_page(player), found["mail-team"]["status"]) == (True, "delivered")
                assert found["x-ja"]["status"] in OPEN
                assert found["x-ja"]["detail"] == "the name leads to no address"
                assert (len(mail.received), x.posts) == (1, [])
                silence.close()
                with name_server({ZONE: zone(ZONE, f"ns.{ZONE}.", f"admin.{ZONE}", x="127.0.0.1")}, NAME_SERVER):
                    assert until(lambda: x.posts, PATIENCE), player.errors()
        assert (len(x.posts), len(mail.received)) == (1, 1)


def test_without_authorities_nothing_goes_to_a_server_that_nobody_vouches_for_and_all_of_it_once_they_are_back(
    player: Player, tmp_path: Path
) -> None:
    file, trusted = certificate(tmp_path), tmp_path / "authorities.pem"
    with running(Server()) as x, mail_server(MailServer(tls=server_context(file))) as mail:
        x.use_tls(server_context(file))
        player = reaching(player, x, mail, REQUESTS_CA_BUNDLE=str(trusted), SSL_CERT_FILE=str(trusted))
        worker = player.start("worker")
        try:
            assert until(lambda: "Processing the queue" in player.errors(), PATIENCE), player.errors()
            assert player.run(*REPORT).code == 0
            assert until(lambda: deliveries(player)["x-ja"]["reason"] == "no_connection", PATIENCE)
            found = deliveries(player)
            assert is_on_the_page(player)
            assert (found["x-ja"]["status"] in OPEN, found["mail-team"]["reason"]) == (True, "no_tls")
            assert (x.requests, mail.signed, mail.received) == ([], [], [])
            trusted.write_bytes(file.read_bytes())
            assert player.ask("queue", "resume", "mail-team")["was_unhealthy"]
            assert until(lambda: x.posts and mail.received, PATIENCE), player.errors()
        finally:
            worker.terminate()
            worker.communicate(timeout=PATIENCE)
        assert (len(x.posts), len(mail.received), mail.safe) == (1, 1, [True])
        assert "Traceback" not in player.errors()
