"""Every mark of a drill is required: whichever one is missing, its site is not built."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from statuspage import settings
from statuspage.domain.catalog import EnvironmentMarks
from statuspage.rendering.site import drill_marks
from statuspage.rendering.site.context import SiteContext
from statuspage.storage import incidents
from statuspage.usecases.bootstrap import live_environment
from statuspage.usecases.environment.model import Environment
from statuspage.usecases.publishing import site_updates
from statuspage.usecases.publishing.full_build import DrillMarkError
from tests.support import marked_site
from tests.support.environments import with_changes
from tests.support.instance import home
from tests.support.paths import ROOT
from tests.support.times import at

__all__ = ["home"]

pytestmark = pytest.mark.slow

FRAMES = (
    'class="drill"',
    'class="dbar"',
    'class="dtag"',
    'class="dmark"',
    'class="dframe"',
    "noindex",
)
"""What marks a page besides the texts of its marks."""


@pytest.fixture(scope="module")
def drill(made_instance: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """A drill in which everything has been published."""
    own = tmp_path_factory.mktemp("marks") / "instance"
    env: Environment = marked_site.drilled(Path(shutil.copytree(made_instance, own, symlinks=True)))
    return env


@pytest.fixture(scope="module")
def files(drill: Environment, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Its whole site."""
    return marked_site.files_of(drill, tmp_path_factory.mktemp("out"))


def site_context(env: Environment) -> SiteContext:
    """The context of its pages."""
    return SiteContext(env.site.catalog, env.site.assets, env.site.address)


def faults(env: Environment, name: str, text: str) -> tuple[str, ...]:
    """What the check reports for one file."""
    return drill_marks.find_mark_faults(site_context(env), {name: text.encode()})


def marks_of(env: Environment, name: str) -> EnvironmentMarks:
    """The marks of the file's language."""
    return env.site.catalog.packs.get(name.partition("/")[0], env.site.catalog.leading_pack).marks


def outside_code(text: str) -> list[tuple[int, int]]:
    """The parts of a page that are neither style nor script."""
    cuts = [m.span() for m in re.finditer(r"<(style|script)\b.*?</\1>", text, re.DOTALL)]
    edges = [0, *(edge for cut in cuts for edge in cut), len(text)]
    return list(zip(edges[::2], edges[1::2], strict=True))


def places(env: Environment, name: str, text: str) -> Iterator[tuple[str, int]]:
    """Every mark in a file and its position."""
    marks = marks_of(env, name)
    wanted = {marks.start.strip(), marks.end.strip(), marks.word, marks.banner, marks.machine, *FRAMES}
    for start, end in outside_code(text):
        for mark in wanted:
            yield from ((mark, m.start()) for m in re.finditer(re.escape(mark), text[:end]) if m.start() >= start)
        yield from (("drill", m.end()) for m in re.finditer(r"incidents/(?=drill)", text[:end]) if m.start() >= start)


def test_the_site_of_a_drill_as_it_is_carries_every_mark(drill: Environment, files: dict[str, str]) -> None:
    assert [fault for name, text in files.items() for fault in faults(drill, name, text)] == []
    assert {name.rpartition(".")[2] for name in files} <= set(drill_marks.RULES)


def test_whichever_mark_is_taken_from_whichever_file_the_check_sees_it(
    drill: Environment, files: dict[str, str]
) -> None:
    found = 0
    unseen = []
    for name, text in files.items():
        for mark, at_ in places(drill, name, text):
            found += 1
            if not faults(drill, name, text[:at_] + text[at_ + len(mark) :]):
                unseen.append(f"{name}: {mark!r} after {text[max(0, at_ - 60) : at_]!r}")
    assert unseen == []
    assert found > 30 * len(files) / 2, "every file carries many of them"


def test_a_page_without_the_style_of_its_marks_is_refused(drill: Environment, files: dict[str, str]) -> None:
    for name, text in files.items():
        if name.endswith(".html") and not name.endswith("/embed.html"):  # the banner in another site's page
            for frame in (".dbar", ".dtag", ".dmark", ".dframe"):
                assert faults(drill, name, text.replace(frame, ".other"))


def template_mutants(env: Environment) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Every place in a template that sets a mark, each with that mark removed."""
    for name, text in env.site.assets.templates.items():
        for pattern, instead in (
            (r"\bpack\.marks\.\w+", '""'),
            (r"(?<![\w.\"])drilled\b(?! =)", '""'),
            (r"\{\{ marks\.(?:word|overlay)\([^)]*\) \}\}", ""),
            (r"marks\.(?:marked|whole)\(((?:[^()]|\([^()]*\))*)\)", r"\1"),
        ):
            for m in re.finditer(pattern, text):
                changed = text[: m.start()] + m.expand(instead) + text[m.end() :]
                yield f"{name}: {m[0]} at {m.start()}", name, {**env.site.assets.templates, name: changed}


def test_whichever_place_of_a_template_forgets_its_mark_the_drill_is_not_built(
    drill: Environment, files: dict[str, str], tmp_path: Path
) -> None:
    before, unseen, tried = marked_site.marks_in(files, drill.site.catalog), [], 0
    for where, _, templates in template_mutants(drill):
        tried += 1
        broken = with_changes(drill, assets=replace(drill.site.assets, templates=templates))
        try:
            made = marked_site.files_of(broken, tmp_path / str(tried))
        except DrillMarkError:
            continue
        if marked_site.marks_in(made, drill.site.catalog) < before:
            unseen.append(where)
    assert unseen == []
    assert tried > 20


@pytest.mark.system
def test_whichever_place_of_the_code_forgets_its_mark_somebody_says_so(home: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "tests.support.marked_site", str(home)], capture_output=True, text=True, timeout=5400,
        cwd=ROOT,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    whole = int(answer.pop(""))
    assert len(answer) == len(list(marked_site.mutants())) > 15
    assert [where for where, verdict in answer.items() if verdict.startswith("broken")] == []
    assert {
        where: verdict for where, verdict in answer.items() if not verdict.startswith("seen: ") and int(verdict) < whole
    } == {}
    noticed = {where.partition(":")[0] for where, verdict in answer.items() if verdict.startswith("seen: ")}
    assert {where.partition(":")[0] for where in answer} - noticed == set(), "modules of which nobody notices anything"


def test_a_file_of_a_type_without_a_rule_is_not_published_in_a_drill(drill: Environment) -> None:
    (fault,) = faults(drill, "ja/notices.docx", "【訓練】")
    assert "no rule says" in fault


@pytest.mark.parametrize("suffix", sorted(drill_marks.RULES))
def test_a_bare_file_of_any_type_is_refused_in_a_drill(drill: Environment, suffix: str) -> None:
    bare = {"json": "{}", "svg": "<svg><title>○</title></svg>"}.get(suffix, "予約ができません。")
    assert faults(drill, f"ja/new.{suffix}", bare)


@pytest.mark.parametrize("suffix", ["html", "atom", "rss", "json", "ics", "svg", "txt", "pdf"])
@pytest.mark.parametrize("mark", ["start", "end", "banner", "link"])
def test_a_live_file_of_any_type_with_an_exact_mark_of_a_drill_is_refused(
    home: Path, drill: Environment, suffix: str, mark: str
) -> None:
    live = live_in(home)
    text = {"link": "https://drill.example/ja/incidents/drillabcdefg/"}.get(mark) or getattr(
        marks_of(drill, "ja"), mark
    )
    carrying = json.dumps({"cap_status": "Actual", "name": text}) if suffix == "json" else f"x {text.strip()} x"
    if suffix == "ics":
        carrying = f"{carrying[:6]}\r\n {carrying[6:]}"
    faults = drill_marks.find_mark_faults(site_context(live), {f"ja/new.{suffix}": carrying.encode()})
    assert any("carries the mark" in fault for fault in faults)
    assert not any(
        "carries the mark" in f
        for f in drill_marks.find_mark_faults(site_context(live), {f"ja/new.{suffix}": "訓練".encode()})
    )


def live_in(home: Path) -> Environment:
    """The live environment of this instance."""
    return live_environment(settings.read_settings({}, home=str(home)), now=at("10:00"))


def test_an_incident_of_a_drill_in_the_live_databases_is_never_published(home: Path, drill: Environment) -> None:
    live = live_in(home)
    with drill.databases.environment.read() as tx:
        strayed = incidents.open_incidents(tx)[0]
    with live.databases.environment.begin() as tx:
        incidents.open_incident(tx, strayed.id, at=strayed.opened, t0=strayed.t0, t0_source="form")
        for r in strayed.entries:
            incidents.append_entry(tx, strayed.id, r.entry, happened=r.happened, recorded=r.recorded)
    with pytest.raises(DrillMarkError, match="of another environment"):
        site_updates.build_site(live, now=at("10:10"))
