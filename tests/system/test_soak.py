"""Three minutes of what ``make soak`` does for half an hour: nothing grows, is lost or is duplicated."""

from __future__ import annotations

from pathlib import Path

from tests.support.instance import home
from tools.soak import Found, Look, soak

__all__ = ["home"]

MINUTES = 3


def test_in_mixed_use_nothing_grows_and_nothing_is_lost_or_sent_twice(home: Path) -> None:
    result = soak(home, MINUTES)
    assert (result.growing(), result.lost, result.twice) == ([], [], []), result.summary()
    assert result.done["posts taken by X"] > 0


def test_what_grows_is_seen() -> None:
    leaking = Found([Look(200 + n * 2, 50 + n, 20, n) for n in range(90)])
    assert [line.split(":")[0] for line in leaking.growing()] == ["memory", "files", "waiting"]
    steady = Found([Look(200 + n % 7, 50 + n % 3, 20, n % 5) for n in range(90)])
    assert steady.growing() == []
