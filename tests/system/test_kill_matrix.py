"""The kill matrix, short form: a real SIGKILL at each point, three rounds; nothing lost, nothing twice.

``make soak`` runs the long form; its table is in docs/reference/faults.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.killing import DATABASES, POINT_NAMES, Ground, Round, copied, ground, rounds

ROUNDS = 3


@pytest.fixture(scope="module", params=DATABASES)
def killing(
    request: pytest.FixtureRequest, made_instance: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    with ground(copied(made_instance, tmp_path_factory.mktemp("killing")), request.param) as found:
        yield found


@pytest.mark.parametrize("point", POINT_NAMES)
def test_nothing_is_lost_and_nothing_arrives_twice_when_it_is_killed(point: str, killing: Ground) -> None:
    total = rounds(killing, point, ROUNDS)
    assert total == Round(point, owed=2 * ROUNDS, lost=0, doubled=0, looked=total.looked, kills=ROUNDS)
