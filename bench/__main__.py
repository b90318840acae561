"""``make bench``: the budgets of docs/reference/benchmarks.md, as ratios within one run.

``SIZE=full`` adds a history of 100,000 incidents; ``SHORT=1`` measures only a part, and keeps nothing."""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path

import structlog

from bench import (
    building,
    commands,
    forms,
    incidents,
    intake,
    lighthouse,
    mailing,
    notice,
    painting,
    peers,
    plain,
    serving,
    storm,
    webhooks,
    writing,
)
from bench.figures import Figures, machine
from bench.history import NOW, env, store_first_report
from statuspage.rendering.site import urls
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.publishing import site_updates

SHORT = 100
SIZES = {"short": (100, 400), "": (100, 1_000, 10_000), "full": (100, 1_000, 10_000, 100_000)}
GETS = 50_000
MANY = 10_000


def main(size: str) -> None:
    """Runs all benchmarks, from the quickest to the slowest."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    print(machine())
    sizes, figures = SIZES[size], Figures()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        commands.report(folder / "commands", figures, short=size == "short")
        notice.report({each: env(folder / f"notice{each}", each) for each in sizes}, figures)
        _sizes(env(folder / "front", SHORT), figures)
        building.report(folder, sizes, figures)
        if size != "short":
            _slower(folder, figures)
    figures.summarize()
    if size != "short":
        figures.keep()


def _slower(folder: Path, figures: Figures) -> None:
    """What takes minutes."""
    peers.report(folder / "peers", figures)
    plain.speed(plain.prepared())
    writing.report(env(folder / "written", SHORT), figures)
    intake.report(env(folder / "alarmed", 1), figures)
    intake.growth(folder, figures)
    incidents.report(folder / "incidents", MANY, figures)
    storm.report(folder / "storm", MANY, figures)
    forms.report(env(folder / "form", 1), figures)
    serving.report(env(folder / "read", SHORT), folder, GETS, figures)
    _judgement(env(folder / "judged", SHORT), figures)
    mailing.report(folder / "emails", figures)
    webhooks.report(folder / "webhooks", figures)


def _sizes(changed_env: Environment, figures: Figures) -> None:
    print("Compressed bytes of the front, as they are served")
    site_updates.build_site(changed_env, now=NOW)
    well = _fronts(changed_env)
    store_first_report(changed_env, "new000000000", NOW)
    site_updates.publish_incident(changed_env, "new000000000", now=NOW)
    for language, size in _fronts(changed_env).items():
        figures.add(f"front in {language}, all well", well[language], "B", 6_000)
        figures.add(f"front in {language}, one open incident", size, "B", 8_000)


def _judgement(changed_env: Environment, figures: Figures) -> None:
    site_updates.build_site(changed_env, now=NOW)
    store_first_report(changed_env, "new000000000", NOW)
    site_updates.publish_incident(changed_env, "new000000000", now=NOW)
    leading = changed_env.site.catalog.languages[0]
    addresses = {"the front": f"{leading}/", "an incident": urls.incident_folder(leading, "new000000000")}
    painting.report(changed_env.site_folder.current, changed_env.home / "painting", f"{leading}/", figures)
    print("Lighthouse, of 100")
    for line in lighthouse.scores(changed_env.site_folder.current, addresses):
        print(line)


def _fronts(changed_env: Environment) -> dict[str, int]:
    pages = {
        language: changed_env.site_folder.current / language / "index.html"
        for language in changed_env.site.catalog.languages
    }
    return {language: page.with_suffix(".html.gz").stat().st_size for language, page in pages.items()}


if __name__ == "__main__":
    main("short" if os.environ.get("SHORT") else os.environ.get("SIZE", ""))
