"""``channel``: which channels exist, and whether their settings work; neither sends anything to customers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.fakes.x_server import SECOND, Account, Server, x_server
from tests.support.instance import home
from tests.support.playing import Player, clean_environ

__all__ = ["home"]


@pytest.fixture
def x() -> Iterator[Server]:
    with x_server(Account(), SECOND) as server:
        yield server


@pytest.fixture
def player(home: Path, x: Server) -> Player:
    """One account is connected, the other is not; the page has no address yet."""
    return Player(home, clean_environ(**Account().environ("x-ja"), STATUSPAGE_X_API=x.address))


def test_the_settings_of_a_channel_are_tried_and_nothing_is_sent(player: Player, x: Server) -> None:
    result = player.run("channel", "test", "x-ja")
    works, address = result.out.splitlines()
    assert (result.code, works) == (0, "x-ja works: the settings give access to @fitline_jp. No notice was sent.")
    assert "until the page has an address" in address
    x.state.accounts = ()
    result = player.run("channel", "test", "x-ja")
    assert (result.code, result.err) == (
        1,
        "x-ja: the settings were rejected. Correct them, then try again. Answer: 401 Unauthorized\n",
    )
    assert x.posts == []


def test_what_is_missing_is_named(player: Player, x: Server) -> None:
    result = player.run("channel", "test", "x-en")
    assert result.code == 1
    assert "STATUSPAGE_X_EN_CONSUMER_KEY, STATUSPAGE_X_EN_CONSUMER_SECRET" in result.err
    listed = {one["id"]: (one["connected"], one["reason"]) for one in player.ask("channel", "list")}
    assert listed == {"x-ja": (False, "no_address"), "x-en": (False, "credentials")}
    assert "x-en" in player.run("channel", "test", "mastodon").err
    assert x.requests == []


def test_in_a_drill_nobody_is_asked(player: Player, x: Server) -> None:
    answer = player.ask("channel", "test", "x-ja", "--drill")
    assert (answer, x.requests) == ({"channel": "x-ja", "account": "@fitline_jp"}, [])
