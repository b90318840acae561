"""The kill matrix, short form: a real SIGKILL at each point, three rounds; nothing lost, nothing twice.

``make soak`` plays the long form; its table is in docs/faults.md.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import reduce
from operator import add
from pathlib import Path

import pytest

from tests.conftest import served
from tests.fixtures_instance import made_instance
from tests.killing import POINT_NAMES, Ground, Round, ground, seed_of

__all__ = ["made_instance"]

ROUNDS = 3


@pytest.fixture(scope="module")
def killing(made_instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    home = Path(shutil.copytree(made_instance, tmp_path_factory.mktemp("killing") / "instance", symlinks=True))
    with served() as serve, ground(home, serve) as found:
        yield found


@pytest.mark.parametrize("point", POINT_NAMES)
def test_nothing_is_lost_and_nothing_arrives_twice_when_it_is_killed(point: str, killing: Ground) -> None:
    total = reduce(add, (killing.round(point, seed_of(point, number)) for number in range(ROUNDS)))
    assert total == Round(point, owed=2 * ROUNDS, lost=0, doubled=0, looked=total.looked, kills=ROUNDS)
