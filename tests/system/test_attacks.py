"""Floods from one sender: the desk and the subscription form stay open to everybody else, and memory stays flat."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.support.instance import with_every_channel
from tests.support.playing import Player, Serving, clean_environ, serving

pytestmark = pytest.mark.slow

SIGN_INS = 10_000
SUBSCRIPTIONS = 2_000
MORE_MEMORY = 60_000
"""Kilobytes by which an attack may raise the memory of the process: two hashes of 64 MB at once are given back."""


ATTACK_LINES = 30
"""Lines of log that one attack may be: two kinds of refusal, at first and once a minute, on a slow machine."""


@pytest.fixture(scope="module")
def served(made_instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """An instance behind a proxy on this machine, which says who asks."""
    folder = tmp_path_factory.mktemp("attacks") / "instance"
    shutil.copytree(made_instance, folder, symlinks=True)
    with_every_channel(folder / "content")
    environ = {
        "STATUSPAGE_ADDRESS": "https://status.example.com",
        "STATUSPAGE_SUBSCRIBERS_JA_SERVER": "smtp-plain://127.0.0.1:9",
        "STATUSPAGE_PROXIES": "127.0.0.1",
    }
    with serving(Player(folder, clean_environ(**environ)), "--signup-port", "0") as found:
        yield found


def memory(served: Serving) -> int:
    """Kilobytes of the live process in memory."""
    status = Path(f"/proc/{served.process.pid}/status").read_text("ascii")
    match = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert match is not None
    return int(match[1])


def lines(served: Serving, event: str) -> int:
    """How many lines of the log say this."""
    return served.errors().count(f'"event": "{event}"')


def token_in(page: str) -> str:
    match = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert match is not None
    return match[1]


def try_sign_ins(desk: str, numbers: range) -> Counter[int]:
    """Wrong passwords for many logins, each from another address of one /64. Returns the statuses."""
    with requests.Session() as session:
        token = token_in(session.get(f"{desk}/sign-in", timeout=60).text)
        return Counter(
            session.post(
                f"{desk}/sign-in",
                data={"csrf_token": token, "login": f"login-{number}", "password": "wrong words here"},
                headers={"X-Forwarded-For": f"2001:db8::{number:x}"},
                timeout=60,
            ).status_code
            for number in numbers
        )


def test_ten_thousand_bad_sign_ins_of_one_network_are_hardly_any_work(served: Serving) -> None:
    before, share = memory(served), SIGN_INS // 4
    with ThreadPoolExecutor(4) as pool:
        parts = [
            pool.submit(try_sign_ins, served["desk"], range(start, start + share))
            for start in range(0, SIGN_INS, share)
        ]
        other = {"X-Forwarded-For": "192.0.2.7"}
        meanwhile = [requests.get(f"{served['desk']}/sign-in", headers=other, timeout=6).status_code for _ in range(20)]
        statuses = sum((part.result() for part in parts), Counter[int]())
    assert meanwhile == [200] * 20
    assert statuses.total() == SIGN_INS
    assert set(statuses) <= {403, 429}
    assert statuses[403] < 100, "more passwords than that were looked at"
    assert try_sign_ins(served["desk"], range(1))[429] == 1, "that network still waits"
    assert memory(served) - before < MORE_MEMORY


def ask_to_subscribe(form: str, sender: str, number: int) -> int:
    data = {"address": f"reader-{number}@example.com", "scope": "all"}
    return requests.post(form, data=data, headers={"X-Forwarded-For": sender}, timeout=60).status_code


def test_two_thousand_subscriptions_of_one_address_close_the_form_for_nobody_else(served: Serving) -> None:
    before, form = memory(served), f"{served['signup']}/ja/subscribe"
    with ThreadPoolExecutor(4) as pool:
        statuses = Counter(pool.map(lambda number: ask_to_subscribe(form, "192.0.2.9", number), range(SUBSCRIPTIONS)))
    assert set(statuses) == {200, 429}
    assert statuses[429] > SUBSCRIPTIONS * 0.9
    assert ask_to_subscribe(form, "192.0.2.77", 1) == 200
    assert memory(served) - before < MORE_MEMORY


def test_a_flood_of_guessed_secrets_is_refused_in_a_line_of_log_a_minute(served: Serving) -> None:
    desk = served["desk"]
    guess = {"X-Forwarded-For": "192.0.2.9", "Authorization": "Bearer guess"}
    statuses = Counter(
        requests.post(f"{desk}/intake/alertmanager", data=b"{}", headers=guess, timeout=60).status_code
        for _ in range(500)
    )
    assert statuses == {401: 500}
    assert requests.get(f"{desk}/readyz", timeout=6).status_code == 200
    assert lines(served, "alert refused") <= ATTACK_LINES


def test_the_log_of_all_that_is_short_and_says_nothing_that_was_typed(served: Serving) -> None:
    assert "started" in served.errors()
    assert lines(served, "sign-in refused") <= ATTACK_LINES
    for typed in ("wrong words", "login-1", "reader-1", "Bearer", "guess"):
        assert typed not in served.errors()
