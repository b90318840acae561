"""``queue``: what is stuck, and what a person does about it; and a second worker, which reports the first."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fakes.x_server import SECOND, Account, Server, x_server
from tests.support.instance import home
from tests.support.playing import Player, clean_environ, until

__all__ = ["home"]


@pytest.fixture
def x() -> Iterator[Server]:
    with x_server(Account(), SECOND) as server:
        yield server


@pytest.fixture
def player(home: Path, x: Server) -> Player:
    environ = {**Account().environ("x-ja"), **SECOND.environ("x-en"), "STATUSPAGE_X_API": x.address}
    return Player(home, clean_environ(**environ, STATUSPAGE_ADDRESS="http://127.0.0.1:1"))


def look_first(home: Path) -> None:
    """The content leaves posts with an unknown result to a person."""
    file = home / "content" / "channels.toml"
    file.write_text(
        file.read_text("utf-8").replace('type = "x"', 'type = "x"\non_unknown_delivery = "review"'), "utf-8"
    )


def report(player: Player, *to: str) -> None:
    channels = [part for channel in to for part in ("--to", channel)]
    result = player.run("report", "--incident-type", "booking", "--start", "about:20m", "--yes", "--anyway", *channels)
    assert result.code == 0, result.err


def the_post(player: Player) -> dict[str, object]:
    (found,) = (d for d in player.ask("queue", "list")["deliveries"] if d["channel"] == "x-ja")
    return dict(found)


def test_what_is_in_doubt_is_listed_and_marked_as_seen(player: Player, x: Server, home: Path) -> None:
    look_first(home)
    x.next("drop")
    report(player, "x-ja")
    assert the_post(player)["status"] == "needs_review"
    number = str(the_post(player)["id"])
    answer = player.ask("queue", "mark-delivered", number, "--url", "https://x.com/fitline_jp/status/1")
    assert (answer["status"], answer["receipt"]["url"]) == ("delivered", "https://x.com/fitline_jp/status/1")
    again_result = player.run("queue", "mark-delivered", number)
    assert (again_result.code, again_result.err) == (1, "This delivery does not need a review.\n")
    assert player.run("queue", "retry", number).code == 1
    assert len(x.posts) == 1


def test_what_was_not_there_is_sent_again(player: Player, x: Server, home: Path) -> None:
    look_first(home)
    x.next("cut")
    report(player, "x-ja")
    assert player.ask("queue", "retry", str(the_post(player)["id"]))["status"] == "waiting"
    worker = player.start("worker")
    try:
        assert until(lambda: x.posts)
    finally:
        worker.terminate()
        worker.communicate(timeout=30)


def test_a_channel_with_broken_credentials_waits_and_goes_on_when_somebody_says_so(player: Player, x: Server) -> None:
    good, x.state.accounts = x.state.accounts, ()
    report(player, "x-ja")
    listed = player.ask("queue", "list")
    assert [(channel["channel"], channel["reason"]) for channel in listed["channels"]] == [("x-ja", "credentials")]
    worker = player.start("worker")
    try:
        assert until(lambda: x.count("POST /2/tweets") == 2), "a worker that starts tries once"
        x.state.accounts = good
        assert player.ask("queue", "resume", "x-ja") == {"channel": "x-ja", "was_unhealthy": True}
        assert until(lambda: x.posts)
    finally:
        worker.terminate()
        worker.communicate(timeout=30)
    assert until(lambda: player.ask("queue", "list")["channels"] == [])
    assert player.ask("queue", "resume", "x-ja") == {"channel": "x-ja", "was_unhealthy": False}


@pytest.mark.parametrize("args", [("retry", "999"), ("mark-delivered", "999"), ("resume", "telegraph")], ids=" ".join)
def test_what_is_not_there_is_said(player: Player, args: tuple[str, ...]) -> None:
    assert player.run("queue", *args).code == 1


def test_a_second_worker_says_that_another_is_at_work_and_ends(player: Player) -> None:
    first = player.start("worker")
    try:
        assert until(lambda: "Processing the queue" in player.errors())
        second = player.run("worker")
        assert second.code == 1
        assert f"process {first.pid}" in second.err
    finally:
        first.terminate()
        first.communicate(timeout=30)


def test_told_to_wait_it_takes_over_when_the_first_is_killed(player: Player) -> None:
    first = player.start("worker")
    assert until(lambda: "Processing the queue" in player.errors())
    second = player.start("worker", "--wait")
    try:
        assert until(lambda: Path(f"/proc/{second.pid}/cmdline").read_bytes())
        first.send_signal(signal.SIGKILL)
        first.communicate(timeout=30)
        assert until(lambda: player.errors().count("Processing the queue") == 2)
    finally:
        second.terminate()
        second.communicate(timeout=30)
