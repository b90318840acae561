"""Plays an incident in separate namespaces: the only reachable address is a canary, which counts what it is sent.

Run as ``unshare --mount --net -- python -m tests.support.sealed HOME drill|live``; prints its observations as JSON. For
a drill, the live home is first hidden by mounts: only the content, read-only, and the drill's own folder remain.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import sleep
from typing import Any

import requests

from tests.support.instance import fresh_alert
from tests.support.playing import Player, block_of

NAMES, EVERYTHING_ELSE = "192.0.2.53", "192.0.2.1"  # RFC 5737: addresses that belong to nobody.
PORTS = (25, 80, 443, 465, 587, 5432, 8080, 8443)
"""The ports of vendors and mail servers. All addresses are routed here."""


@dataclass
class Canary:
    """Records what tries to leave: bytes, and DNS names."""

    received: int = 0
    names: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def listen(self) -> None:
        """From now on every name resolves, and every address has a listener."""
        name_server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        name_server.bind((NAMES, 53))
        threading.Thread(target=self._print_addresses, args=(name_server,), daemon=True).start()
        for port in PORTS:
            listener = socket.create_server(("0.0.0.0", port))
            threading.Thread(target=self._count, args=(listener,), daemon=True).start()

    def _print_addresses(self, name_server: socket.socket) -> None:
        while True:
            question, who = name_server.recvfrom(4096)
            with self.lock:
                self.received += len(question)
                self.names.append(asked(question))
            name_server.sendto(answer(question), who)

    def _count(self, listener: socket.socket) -> None:
        while True:
            connection, _ = listener.accept()
            with connection:
                read = heard(connection)
            with self.lock:
                self.received += read or 1  # A connection alone counts too.


def heard(connection: socket.socket) -> int:
    """How many bytes the client sends first; none from one that waits for a greeting, like a mail client."""
    connection.settimeout(1)
    with suppress(OSError):
        return len(connection.recv(65536))
    return 0


def asked(question: bytes) -> str:
    """The name in a DNS question (RFC 1035, 4.1.2)."""
    parts, at = [], 12
    while length := question[at]:
        parts.append(question[at + 1 : at + 1 + length].decode())
        at += length + 1
    return ".".join(parts)


def answer(question: bytes) -> bytes:
    """The same address for every name; none for IPv6 (RFC 1035, 4.1)."""
    end = question.index(b"\0", 12) + 5
    wants_ipv4 = question[end - 4 : end - 2] == b"\0\1"
    head = question[:2] + b"\x81\x80" + b"\0\1" + (b"\0\1" if wants_ipv4 else b"\0\0") + b"\0\0\0\0"
    found = b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + socket.inet_aton(EVERYTHING_ELSE) if wants_ipv4 else b""
    return head + question[12:end] + found


def run(*command: str | Path) -> None:
    """A system command that must succeed."""
    sbin = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"}
    subprocess.run([str(part) for part in command], check=True, env=sbin)


def lead_everything_here() -> None:
    """Routes every address of this network namespace, including the name server, to the canary."""
    run("ip", "link", "set", "lo", "up")
    run("ip", "route", "add", "local", "0.0.0.0/0", "dev", "lo")
    with tempfile.NamedTemporaryFile("w", suffix=".conf", delete=False) as file:
        file.write(f"nameserver {NAMES}\noptions timeout:2 attempts:1\n")
    run("mount", "--bind", file.name, Path("/etc/resolv.conf").resolve())


def mount_over(home: Path) -> None:
    """Hides the live environment behind an empty folder, with the content read-only and the drill's own folder."""
    kept = Path(tempfile.mkdtemp())
    for name in ("content", "drill"):
        (home / name).mkdir(exist_ok=True)
        (kept / name).mkdir()
        run("mount", "--bind", home / name, kept / name)
    run("mount", "-t", "tmpfs", "none", home)
    for name in ("content", "drill"):
        (home / name).mkdir()
        run("mount", "--bind", kept / name, home / name)
    run("mount", "-o", "remount,bind,ro", home / "content")


def play(player: Player, alert: str, *env: str) -> dict[str, object]:
    """An alert, its notices and its end, by the same commands in either environment; returns the result of each
    delivery and each staff notification."""
    player.ask("alert", "acknowledge", alert, "--by", "Sato", *env)
    incident = player.ask("alert", "confirm", alert, "--by", "Sato", *env)["incident"]
    player.ask("incident", "note", incident, "予約が使えません", *env)
    inside = among_colleagues(player, incident, *env)
    answers = [player.ask("report", "--alert", alert, "--yes", *env)]
    answers.append(
        player.ask("update", incident, "--estimate", "unknown", "--current-action", "restart", "--yes", *env)
    )
    answers.append(player.ask("resolve", incident, "--ended", "now", "--yes", *env))
    answers.append(by_two(player, *env))
    ends = [end for one in dict.fromkeys(answer["incident"] for answer in answers) for end in _ends(player, one, *env)]
    player.ask("build", *env)
    calls = [[notification["channel"], notification["status"]] for notification in inside]
    return {"incident": incident, "ends": ends, "calls": calls, "readable": [one["readable_at"] for one in answers]}


def _ends(player: Player, incident: str, *env: str) -> list[list[str]]:
    """The channel and result of each delivery of an incident, once none waits any more."""
    for _ in range(8):
        deliveries = player.ask("show", incident, *env)["deliveries"]
        if all(delivery["status"] != "waiting" for delivery in deliveries):
            break
        sleep(0.5)
    return [[delivery["channel"], delivery["status"]] for delivery in deliveries]


def among_colleagues(player: Player, incident: str, *env: str) -> list[dict[str, str]]:
    """Notifies staff and asks engineers; an answer comes. Returns the result of each notification."""
    notified = player.ask("incident", "note", incident, "受付で名前を聞いています", "--tell", *env)["notifications"]
    asked = player.ask("facts", "ask", incident, *env)["notifications"]
    player.ask("facts", "answer", incident, "--start", "about:9m", "--line", "予約サーバー", "--by", "Yamada", *env)
    player.ask("on-call", "show", *env)
    return [*notified, *asked]


def by_two(player: Player, *env: str) -> dict[str, Any]:
    """A first report that waits for a second person's approval."""
    listener = ("--incident-type", "entry", "--answer", "exit=free", "--start", "5m", "--alert", "none")
    waits = player.ask("report", *listener, "--by", "Sato", "--yes", *env)
    assert waits["awaiting_approval"], "nothing has gone out so far"
    approved: dict[str, Any] = player.ask("approval", "approve", waits["incident"], "--by", "Tanaka", "--yes", *env)
    return approved


def drill(player: Player) -> dict[str, object]:
    """A whole drill beside its own desk, page and worker."""
    with serving_drill(player) as at:
        begun = player.ask("drill", "start")
        played = play(player, begun["alert"], "--drill")
        page = requests.get(f"{at['site']}/ja/incidents/{played['incident']}/", timeout=10).text
        desk = requests.get(f"{at['desk']}/", timeout=10).status_code
        player.ask("drill", "end")
        took = player.ask("drill", "report")["incidents"][0]["seconds_to_notice"]
    seen = {"marked": "【訓練】" in page, "desk": desk, "took": took, "made": made_in(player.home)}
    return {**played, **seen, "sandbox": made_in(player.home / "drill" / "outbox")}


def made_in(folder: Path) -> list[str]:
    """The files created in a folder, such as in place of the live home."""
    return sorted(path.name for path in folder.iterdir())


@contextmanager
def serving_drill(player: Player) -> Iterator[dict[str, str]]:
    """``serve --drill``; the addresses of its desk and page."""
    process = player.start("serve", "--drill", "--json", "--drill-port", "0", "--drill-site-port", "0")
    try:
        yield json.loads(block_of(process, player))
    finally:
        process.terminate()
        process.communicate(timeout=30)


def live(player: Player) -> dict[str, object]:
    """The same in the live environment, with a subscriber."""
    consent = ("--who", "Sakura", "--when", "2026-04-01", "--how", "contract 4711")
    player.ask("subscriber", "add", "sakura@fitline.example", "--lang", "ja", *consent)
    sent = str(fresh_alert(player.home))
    return play(player, player.ask("alert", "receive", "alertmanager", sent)[0]["alert"])


def main() -> None:
    """Plays and prints."""
    home, env = Path(sys.argv[1]), sys.argv[2]
    lead_everything_here()
    if env == "drill":
        mount_over(home)
    canary = Canary()
    canary.listen()
    saw = {"drill": drill, "live": live}[env](Player(home, dict(os.environ)))
    print(json.dumps({**saw, "received": canary.received, "names": canary.names}))


if __name__ == "__main__":
    main()
