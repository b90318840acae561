"""``serve`` from outside: four ports, occupied ports, a second start, stopping, and a drill that dies."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from statuspage.usecases import instance
from statuspage.usecases.environment import shared_status
from tests.support.instance import OWN, home, with_own_name
from tests.support.playing import PROGRAM, Player, Serving, clean_environ, serving, until

__all__ = ["home"]

SAMPLE = Path("content") / "sample_alert.json"


@pytest.fixture(scope="module")
def player(made_instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Player:
    """A user with an instance shared by the tests of this module."""
    folder = tmp_path_factory.mktemp("serving") / "instance"
    shutil.copytree(made_instance, folder, symlinks=True)
    return Player(folder)


@pytest.fixture(scope="module")
def served(player: Player) -> Iterator[Serving]:
    """That instance, served."""
    with serving(player) as served:
        yield served


def test_all_four_servers_answer_and_the_drills_say_what_they_are(served: Serving) -> None:
    pages = {name: requests.get(served[name], timeout=10) for name in ("desk", "site", "drill", "drill_site")}
    assert {name: page.status_code for name, page in pages.items()} == dict.fromkeys(pages, 200)
    assert "訓練" in pages["drill_site"].text
    assert "訓練のページです" not in pages["site"].text


def test_a_link_to_sign_in_is_shown_at_a_terminal_only_and_only_until_somebody_has_signed_in(home: Path) -> None:
    player = Player(home)
    with serving(player) as logged:
        assert logged["link"] is None, "what is no terminal may be a log that others read"
    with _at_a_terminal(player) as output:
        link = re.search(r"http://\S+/sign-in/link/\S+", output)
        assert link, output
        _sign_in_once(link[0])
    with _at_a_terminal(player) as output:
        assert "/sign-in/link/" not in output
        assert "statuspage account link desk" in output


@contextmanager
def _at_a_terminal(player: Player) -> Iterator[str]:
    """``serve`` with a terminal for its output, up to the sign-in link."""
    ours, its = os.openpty()
    ports = [part for flag in ("", "site-", "drill-", "drill-site-", "signup-") for part in (f"--{flag}port", "0")]
    environ = {**player.environ, "STATUSPAGE_HOME": str(player.home)}
    process = subprocess.Popen([*PROGRAM, "serve", *ports], stdout=its, stderr=its, stdin=its, env=environ)
    os.close(its)
    try:
        output = ""
        while not re.search(r"(sign-in/link/|account link )\S+\r?\n", output):
            output += os.read(ours, 4096).decode()
        yield output
    finally:
        process.terminate()
        process.wait(timeout=30)
        os.close(ours)


def _sign_in_once(link: str) -> None:
    with requests.Session() as browser:
        page = browser.get(link, timeout=10)
        inside = browser.post(link, data={"csrf_token": _token(page.text)}, timeout=10)
        assert inside.status_code == 200
        assert "/sign-in" not in inside.url
        assert browser.get(inside.url.rstrip("/") + "/incidents/new", timeout=10).status_code == 200
    with requests.Session() as other:
        page = other.get(link, timeout=10)
        again = other.post(link, data={"csrf_token": _token(page.text)}, timeout=10)
        assert again.status_code == 403


def _token(page: str) -> str:
    match = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert match, page[:500]
    return match[1]


def test_a_monitor_posts_and_a_command_reads_its_alert(served: Serving, player: Player) -> None:
    answer = requests.post(
        f"{served['desk']}/intake/alertmanager", data=(player.home / SAMPLE).read_bytes(), timeout=10
    )
    assert answer.status_code == 200
    alert = answer.json()["alerts"][0]["id"]
    assert alert in [a["id"] for a in player.ask("alert", "list")]


def test_a_command_beside_the_server_is_read_back_within_seconds(served: Serving, player: Player) -> None:
    answer = player.ask("report", "--incident-type", "slow", "--start", "about:10m", "--alert", "none", "--yes")
    assert answer["readable_at"] is not None
    page = requests.get(f"{served['site']}/en/incidents/{answer['incident']}/", timeout=10)
    assert f'id="n-{answer["sequence"]}"' in page.text
    player.ask("resolve", answer["incident"], "--ended", "1m", "--yes")


def test_what_is_pressed_on_the_desk_is_in_the_summary_at_once(served: Serving, player: Player) -> None:
    alert = requests.post(
        f"{served['desk']}/intake/alertmanager", data=(player.home / SAMPLE).read_bytes(), timeout=10
    ).json()["alerts"][0]["id"]
    incident = player.ask("alert", "confirm", alert)["incident"]
    known = shared_status.read_status(player.home / "summary.json")
    assert known is not None
    assert incident in [one.id for one in known.open_incidents]
    refused = player.run("drill", "start", "--alert", "alertmanager")
    assert (refused.code, "A real incident has been open for" in refused.err) == (1, True)
    player.ask("incident", "close", incident)


def test_a_second_server_for_the_same_instance_says_so(served: Serving, player: Player) -> None:
    result = player.run("serve", "--port", "0", "--site-port", "0", "--drill-port", "0", "--drill-site-port", "0")
    assert result.code == 1
    assert served["desk"] in result.err


def test_a_sign_in_link_from_the_command_line_leads_to_the_desk_that_is_served(served: Serving, player: Player) -> None:
    link = player.ask("account", "link", "desk")["link"]
    assert link.startswith(f"{served['desk']}/sign-in/link/")
    assert requests.get(link, timeout=10).status_code == 200


def with_faulty_services(content: Path) -> str:
    """Puts an id with a space into the services of a company of its own name; the sound file."""
    services = content / "services.toml"
    sound = services.read_text("utf-8")
    with_own_name(content)
    services.write_text(sound.replace('id = "login"', 'id = "API Login"', 1), "utf-8")
    return sound


FAULT = "services.toml:18: service.1.id: “API Login” is not an ID"


def test_faulty_services_leave_the_page_as_it_was_until_they_pass(home: Path) -> None:
    sound = with_faulty_services(home / "content")
    with serving(Player(home)) as served:
        for site in ("site", "drill_site"):
            page = requests.get(f"{served[site]}/en/", timeout=10)
            assert (page.status_code, "Fitline" in page.text, OWN in page.text) == (200, True, False)
        assert "The content has errors" in served.errors()
        (home / "content" / "services.toml").write_text(sound, "utf-8")
        page = until(lambda: _own_page(served["site"]), 120.0)
        assert page, "never published"
        assert "Fitline" not in page


def test_services_that_never_passed_are_nobodys_page(home: Path) -> None:
    for made in ("site", "content-passed"):
        shutil.rmtree(home / made)
    with_faulty_services(home / "content")
    ended = Player(home).run("serve", "--port", "0", "--site-port", "0", "--drill-port", "0", "--drill-site-port", "0")
    assert (ended.code, FAULT in ended.err) == (1, True)
    assert not (home / "site" / "current").exists()


def _own_page(site: str) -> str:
    answer = requests.get(f"{site}/en/", timeout=10)
    return answer.text if OWN in answer.text else ""


def test_a_taken_port_is_said_plainly_and_the_next_one_taken(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with serving(Player(home), "--port", str(port)) as served:
            assert served["desk"] != f"http://127.0.0.1:{port}"
            assert requests.get(served["desk"], timeout=10).status_code == 200
        assert f"Port {port} is taken" in served.errors()


@pytest.mark.parametrize("verb", ["serve", "signup"])
def test_ports_that_others_reach_without_a_web_server_in_front_are_warned_of(home: Path, verb: str) -> None:
    """A documentation address (RFC 5737), which no machine has: the warning comes before any port is opened."""
    warned = "STATUSPAGE_PROXIES names no web server in front"
    alone = Player(home).run(verb, "--host", "192.0.2.1")
    assert (alone.code, warned in alone.err, "cannot be opened" in alone.err) == (1, True, True)
    behind = Player(home, clean_environ(STATUSPAGE_PROXIES="192.0.2.2")).run(verb, "--host", "192.0.2.1")
    assert (behind.code, warned in behind.err, "cannot be opened" in behind.err) == (1, False, True)


def test_ports_of_this_machine_alone_are_not_warned_of(served: Serving) -> None:
    assert "STATUSPAGE_PROXIES" not in served.errors()


def test_a_second_start_keeps_what_was_there(home: Path) -> None:
    player = Player(home)
    with serving(player) as served:
        incident = player.ask("report", "--incident-type", "slow", "--start", "about:10m", "--yes")["incident"]
        assert requests.get(f"{served['site']}/ja/incidents/{incident}/", timeout=10).status_code == 200
    checked = (home / "content-passed" / "verdict.json").stat().st_mtime_ns
    began = time.monotonic()
    with serving(player) as served:
        print(f"second start: {time.monotonic() - began:.1f} s")
        assert (home / "content-passed" / "verdict.json").stat().st_mtime_ns == checked, "the long check ran again"
        assert [i["id"] for i in player.ask("show")] == [incident]
        assert requests.get(f"{served['site']}/ja/incidents/{incident}/", timeout=10).status_code == 200
        assert len(player.ask("account", "list")) == 1


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_it_ends_cleanly_with_its_drill(home: Path, number: signal.Signals) -> None:
    with serving(Player(home)) as served:
        child = served.child()
        served.process.send_signal(number)
        assert served.process.wait(timeout=30) == 0
    assert until(lambda: not _runs(child))
    assert instance.served_addresses(home) == {}


def test_killed_outright_it_takes_its_drill_along(home: Path) -> None:
    with serving(Player(home)) as served:
        child = served.child()
        served.process.kill()
        served.process.wait(timeout=30)
        assert until(lambda: not _runs(child))


def test_when_the_drill_dies_it_says_so_and_goes_on(home: Path) -> None:
    with serving(Player(home)) as served:
        os.kill(served.child(), signal.SIGKILL)
        assert until(lambda: "drill process has stopped" in served.errors())
        assert requests.get(served["desk"], timeout=10).status_code == 200
        assert requests.get(served["site"], timeout=10).status_code == 200


def test_the_worker_alone_carries_out_what_a_command_left(home: Path) -> None:
    player = Player(home, clean_environ())
    worker = player.start("worker")
    try:
        assert until(lambda: "Processing the queue" in player.errors())
        answer = player.ask("report", "--incident-type", "slow", "--start", "about:10m", "--alert", "none", "--yes")
        assert [d["status"] for d in answer["deliveries"]] == ["delivered"]
    finally:
        worker.terminate()
        worker.communicate(timeout=30)
    assert worker.returncode == 0


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
