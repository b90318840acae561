"""The kill matrix, long form: ``python -m tests.support.kill_matrix`` prints the table of docs/reference/faults.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from statuspage.cli import framework
from tests.support.killing import DATABASES, POINT_NAMES, Round, copied, ground, rounds

HEAD = ("killed at", "database", "kills", "posts due", "lost", "duplicated", "needed review")


def play(count: int, points: tuple[str, ...], databases: tuple[str, ...]) -> list[Round]:
    """Runs all rounds on every database; prints each result as it comes."""
    found = []
    with tempfile.TemporaryDirectory() as root_folder:
        made = Path(root_folder) / "made"
        assert framework.run(["init", "--demo", str(made)]) == 0
        _say(*HEAD)
        _say(*["---"] * len(HEAD))
        for database in databases:
            folder = Path(root_folder) / database
            folder.mkdir()
            with ground(copied(made, folder), database) as killing:
                for point in points:
                    total = rounds(killing, point, count)
                    found.append(total)
                    _say(point, database, total.kills, total.owed, total.lost, total.doubled, total.looked)
    return found


def _say(*cells: object) -> None:
    print(f"| {' | '.join(map(str, cells))} |", flush=True)


def main() -> None:
    """Exits with 1 if anything was lost or arrived twice."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rounds", type=int, default=20)
    options.add_argument("--point", action="append", choices=POINT_NAMES)
    options.add_argument("--database", action="append", choices=DATABASES)
    given = options.parse_args()
    report = play(given.rounds, tuple(given.point or POINT_NAMES), tuple(given.database or DATABASES))
    sys.exit(any(total.lost or total.doubled for total in report))


if __name__ == "__main__":
    main()
