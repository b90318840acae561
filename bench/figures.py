"""The figures of a run, each with its budget: printed, kept for the last five runs, written into the documentation."""

from __future__ import annotations

import csv
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path

RUNS_KEPT = 5
ROOT = Path(__file__).parent.parent
KEPT = ROOT / "docs" / "reference" / "benchmarks.csv"
PAGE = ROOT / "docs" / "reference" / "benchmarks.md"
_TABLE = re.compile("(?<=<!-- latest run -->\n).*?(?=<!-- end of latest run -->)", re.DOTALL)


@dataclass(frozen=True)
class Figure:
    """One measured figure. ``budget`` is the most it may be, or the least if it is a ``floor``; 0 for none."""

    run: str
    figure: str
    value: float
    unit: str
    budget: float = 0
    floor: bool = False

    @property
    def ratio(self) -> float:
        """Of the budget: up to 1 is within it."""
        return (self.budget / self.value if self.floor else self.value / self.budget) if self.value else 0

    def __str__(self) -> str:
        measured = f"{self.figure}: {_number(self.value)} {self.unit}".rstrip()
        if not self.budget:
            return measured
        kind = "at least" if self.floor else "budget"
        return (
            f"{measured} ({kind} {_number(self.budget)}, ratio {self.ratio:.2f}{', MISSED' if self.ratio > 1 else ''})"
        )


class Figures:
    """Collects the figures of this run."""

    def __init__(self) -> None:
        self.run = datetime.now(UTC).isoformat(timespec="seconds")
        self.taken: list[Figure] = []

    def add(self, figure: str, value: float, unit: str, budget: float = 0, *, floor: bool = False) -> None:
        """Prints and keeps one figure."""
        taken = Figure(self.run, figure, round(value, 3), unit, budget, floor)
        self.taken.append(taken)
        print(f"  {taken}", flush=True)

    def summarize(self) -> None:
        """Prints every figure that has a budget, with those of earlier runs."""
        earlier = list(_kept())
        print(f"\n{machine()}\n")
        for figure in (figure for figure in self.taken if figure.budget):
            before = [_number(past.value) for past in earlier if past.figure == figure.figure]
            print(figure, f"before: {', '.join(before)}" if before else "", sep="; " if before else "")

    def keep(self) -> None:
        """Writes them beside those of the last runs, and into the documentation."""
        figures = [*_kept(), *self.taken]
        runs = sorted({figure.run for figure in figures})[-RUNS_KEPT:]
        with KEPT.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([field.name for field in fields(Figure)])
            writer.writerows(
                [figure.run, figure.figure, figure.value, figure.unit, figure.budget, int(figure.floor)]
                for figure in figures
                if figure.run in runs
            )
        PAGE.write_text(_TABLE.sub(lambda _: self._table(), PAGE.read_text("utf-8")), "utf-8")

    def _table(self) -> str:
        rows = ["| figure | measured | budget | ratio |", "|---|---|---|---|"]
        for figure in self.taken:
            limit = f"{'at least ' if figure.floor else ''}{_number(figure.budget)}" if figure.budget else ""
            ratio = f"{figure.ratio:.2f}{' **missed**' if figure.ratio > 1 else ''}" if figure.budget else ""
            rows.append(f"| {figure.figure} | {_number(figure.value)} {figure.unit} | {limit} | {ratio} |")
        return f"\n`make bench`, {self.run[:10]}. {machine()}\n\n" + "\n".join(rows) + "\n\n"


def _kept() -> Iterator[Figure]:
    if not KEPT.exists():
        return
    with KEPT.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            floor = row["floor"] == "1"
            yield Figure(row["run"], row["figure"], float(row["value"]), row["unit"], float(row["budget"]), floor)


def machine() -> str:
    """The machine, the versions, and how busy others keep it."""
    model = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text("utf-8"), re.MULTILINE)
    processors = f"{len(os.sched_getaffinity(0))} processors ({model[1] if model else platform.machine()})"
    versions = ", ".join(["Python " + platform.python_version(), *_versions()])
    return f"{platform.system()} {platform.release()}, {processors}, load {os.getloadavg()[0]:.1f}; {versions}."


def _versions() -> Iterator[str]:
    for name, arguments in (("hugo", ["version"]), ("/usr/sbin/nginx", ["-v"])):
        if path := shutil.which(name):
            result = subprocess.run([path, *arguments], capture_output=True, text=True, check=False)
            if match := re.search(r"\d+\.\d+(\.\d+)?", result.stdout + result.stderr):
                yield f"{Path(name).name} {match[0]}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == round(value) else f"{value:,.2f}"
