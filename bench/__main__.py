"""``make bench``, ``SIZE=full make bench``: the budgets of docs/reference/benchmarks.md, as ratios within one run."""

from __future__ import annotations

import gzip
import os
import platform
import statistics
import sys
import tempfile
from pathlib import Path

from bench import building, forms, incidents, intake, lighthouse, mailing, notice, plain, serving, storm, writing
from bench.costs import measured
from bench.history import NOW, env, store_first_report
from statuspage.rendering.site import urls
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.publishing import site_updates

SHORT = 100
TURNS = 11


SIZES = {"": (100, 1_000, 10_000), "full": (100, 1_000, 10_000, 100_000)}
GETS = 50_000
MANY = 10_000


def main(size: str) -> None:
    """Runs all benchmarks, from the quickest to the slowest."""
    print(f"{platform.platform()}, Python {platform.python_version()}, {len(os.sched_getaffinity(0))} processors;")
    print(f"others have kept {os.getloadavg()[0]:.1f} of them busy in the last minute")
    sizes = SIZES[size]
    plain.speed(plain.prepared())
    with tempfile.TemporaryDirectory() as folder:
        _command(Path(folder, "command"))
        writing.report(env(Path(folder, "written"), SHORT))
        notice.report({each: env(Path(folder, f"notice{each}"), each) for each in sorted({SHORT, *sizes})})
        _sizes(env(Path(folder, "front"), SHORT))
        building.report(Path(folder), sizes)
        intake.report(env(Path(folder, "alarmed"), 1))
        incidents.report(Path(folder, "incidents"), MANY)
        storm.report(Path(folder, "storm"), MANY)
        forms.report(env(Path(folder, "form"), 1))
        serving.report(env(Path(folder, "read"), SHORT), Path(folder), GETS)
        _judgement(env(Path(folder, "judged"), SHORT))
        mailing.report(Path(folder, "emails"))


def _command(home: Path) -> None:
    print(f"The command line from nothing; median of {TURNS}")
    changed_env = env(home, 1)
    for arguments in (["--help"], ["show", "--home", str(changed_env.home)]):
        command = [str(Path(sys.executable).with_name("statuspage")), *arguments]
        costs = [measured(command) for _ in range(TURNS)]
        seconds = statistics.median(cost.seconds for cost in costs)
        used = statistics.median(cost.processor for cost in costs)
        print(f"  statuspage {arguments[0]}: {seconds:.2f} s, {used:.2f} s of a processor")


def _sizes(changed_env: Environment) -> None:
    print("Compressed bytes of the front (budgets: 6,000 when all is well, 8,000 with one open incident)")
    site_updates.build_site(changed_env, now=NOW)
    well = _fronts(changed_env)
    store_first_report(changed_env, "new000000000", NOW)
    site_updates.publish_incident(changed_env, "new000000000", now=NOW)
    for language, size in _fronts(changed_env).items():
        print(f"  {language}: {well[language]:,} B well, {size:,} B with one open incident")


def _judgement(changed_env: Environment) -> None:
    print("Lighthouse, of 100")
    site_updates.build_site(changed_env, now=NOW)
    store_first_report(changed_env, "new000000000", NOW)
    site_updates.publish_incident(changed_env, "new000000000", now=NOW)
    leading = changed_env.site.catalog.languages[0]
    addresses = {"the front": f"{leading}/", "an incident": urls.incident_folder(leading, "new000000000")}
    for line in lighthouse.scores(changed_env.site_folder.current, addresses):
        print(line)


def _fronts(changed_env: Environment) -> dict[str, int]:
    pages = {
        language: changed_env.site_folder.current / language / "index.html"
        for language in changed_env.site.catalog.languages
    }
    return {language: len(gzip.compress(page.read_bytes(), 9)) for language, page in pages.items()}


if __name__ == "__main__":
    main(os.environ.get("SIZE", ""))
