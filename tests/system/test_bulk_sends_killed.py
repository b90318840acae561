"""A bulk send whose worker is really killed in the middle, on both databases; the receiving server counts.

``make soak`` runs the long form; its table is in docs/reference/faults.md.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.bulk_sends_killed import DATABASES_AND_WORKERS, databases, play
from tests.support.fakes.mail_sink import mail_sink


@pytest.mark.parametrize(("database", "workers"), DATABASES_AND_WORKERS)
def test_killed_in_the_middle_everybody_is_told_and_only_who_was_in_hand_may_be_told_twice(
    tmp_path: Path, database: str, workers: int
) -> None:
    with databases(tmp_path, database) as urls, mail_sink(tmp_path / "taken") as sink:
        report = play(tmp_path, sink, urls, subscribers=240, kills=2, workers=workers)
    assert report.lost == 0
    assert report.twice <= report.most
