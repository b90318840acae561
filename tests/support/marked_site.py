"""A drill's whole site and all its messages, from real notices in every state, and the check of their marks. Run
separately for each mutant.

``python -m tests.support.marked_site HOME`` prints the number of each mutant and its result; the log goes to standard
error.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partialmethod
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import jinja2

from tests.support import marked_messages
from tests.support.instance import with_every_channel
from tests.support.paths import PACKAGE

DRILL_FILES = tuple((PACKAGE.parent / "content" / "languages").glob("*/drill.toml"))
"""The marks of a drill by language, as the content has them."""

READS = re.compile(r"\bmarks\.(?:start|end|word|banner|machine|feed_namespace)\b")
LOOKS = {
    "rendering/site/drill_marks/__init__.py",
    "rendering/site/drill_marks/html.py",
    "rendering/site/drill_marks/text_files.py",
    "rendering/wording/drill_marks.py",
    "content/validation/text_check.py",
    "cli/instance/build.py",
    "usecases/redaction/redact.py",
    "usecases/on_call/briefing.py",
    "usecases/drills/scorecard.py",
    "usecases/content/template_trials.py",
    "usecases/publishing/site_files.py",
    "rendering/site/pages/security_txt.py",
    "web/desk/drills/leader_console.py",
}
"""Code that checks for marks, or removes them again."""

ON_THE_DESK = {
    "web/desk/app.py",
    "web/desk/home.py",
    "usecases/incident_list.py",
    "web/desk/incidents/ended_rows.py",
    "web/desk/incidents/list_filters.py",
    "web/desk/incidents/page_content.py",
    "web/desk/notice_form/form_view.py",
    "web/desk/receipts/messages.py",
    "web/desk/notice_form/preview.py",
    "web/desk/notice_form/channel_picker.py",
}
"""Code for the desk's drill badge, and for prices: checked by tests/e2e/test_drill.py and
tests/integration/web/test_drills.py."""

NOT_OF_A_DRILL = {
    "usecases/subscribers/emails.py",
    "usecases/program_events.py",
    "cli/drills/scenarios.py",
    "usecases/demo_data/player.py",
}
"""Code for subscriber emails and events for programs, which a drill does not send, for marks with which an imported
script is read, and for alerts of the demo's drills, which no reader of a page gets."""

MODULES = sorted(
    path
    for path in PACKAGE.rglob("*.py")
    if READS.search(path.read_text("utf-8"))
    and path.relative_to(PACKAGE).as_posix() not in LOOKS | ON_THE_DESK | NOT_OF_A_DRILL
)
"""Code that adds marks."""

EMAIL_MODULE = PACKAGE.parent / "templates" / "email" / "notice.html"
"""The template of an email, which is not part of the site."""


@dataclass(frozen=True)
class Mutant:
    """A module, or an email template, in which one place no longer reads its mark."""

    path: Path
    line: int
    source: str

    @property
    def module(self) -> str:
        """Its name."""
        return "statuspage." + ".".join(self.path.relative_to(PACKAGE).with_suffix("").parts).removesuffix(".__init__")

    @property
    def name(self) -> str:
        """Where it is."""
        return f"{self.path.relative_to(PACKAGE.parent)}:{self.line}"


def mutants() -> Iterator[Mutant]:
    """Every place in the code that sets a mark, each with that mark removed."""
    for path in MODULES:
        source = path.read_text("utf-8")
        for found in re.finditer(rf"(?:[\w.]+(?:\([^()]*\))?\.)?{READS.pattern}", source):
            line = source.count("\n", 0, found.start()) + 1
            yield Mutant(path, line, f"{source[: found.start()]}str(){source[found.end() :]}")
    email = EMAIL_MODULE.read_text("utf-8")
    for found in re.finditer(rf"\bpack\.{READS.pattern}", email):
        line = email.count("\n", 0, found.start()) + 1
        yield Mutant(EMAIL_MODULE, line, f'{email[: found.start()]}""{email[found.end() :]}')


class Instead:
    """An import hook that returns the mutant in place of its module."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(self, name: str, path: object = None, target: object = None) -> ModuleSpec | None:
        """The mutant's, by its name."""
        if name != self.mutant.module:
            return None
        place = [str(self.mutant.path.parent)] if self.mutant.path.name == "__init__.py" else None
        return importlib.util.spec_from_file_location(
            name, self.mutant.path, loader=self, submodule_search_locations=place
        )

    def create_module(self, spec: ModuleSpec) -> None:
        """The default."""

    def exec_module(self, module: ModuleType) -> None:
        """Executes the changed source."""
        exec(compile(self.mutant.source, str(self.mutant.path), "exec"), module.__dict__)


def drilled(home: Path) -> Any:
    """A drill environment in which everything possible has been published, each at a minute of its own: among equal
    times the order would be that of random ids, and with it what the front shows in full."""
    from statuspage.usecases import bootstrap
    from tests.support.times import at

    env = bootstrap.drill_environment(home, home / "content", now=at("10:00"), address="https://drill.example")
    _publish(
        env,
        at("10:05"),
        {"incident_type": "booking", "start": "about:09:50", "estimate": "13:30", "extra": {"ja": "窓口へどうぞ。"}},
    )
    report = {"postmortem": dict.fromkeys(env.site.catalog.languages, "## 経過\n\n設定の誤りでした。")}
    _publish(
        env,
        at("10:06"),
        {"incident_type": "payment", "start": "about:09:40"},
        {"ended": "10:05"},
        then="resolved",
        account=report,
    )
    _publish(env, at("10:07"), {"incident_type": "login", "start": "about:09:45"}, {}, then="withdrawal")
    _publish(env, at("10:08"), {"incident_type": "slow", "start": "about:09:30", "only": ("ja",), "reason": "急ぐ"})
    _publish(
        env,
        at("10:09"),
        {"incident_type": "messages", "start": "about:09:30", "text": {"ja": "入館できません。"}, "reason": "急ぐ"},
    )
    return env


def _publish(
    env: Any,
    now: datetime,
    first: Mapping[str, Any],
    more: Mapping[str, Any] | None = None,
    then: str = "update",
    account: Mapping[str, Any] | None = None,
) -> None:
    from statuspage.domain.facts import NoticeKind
    from statuspage.usecases import notices
    from tests.support.times import at
    from tests.support.typed import typed_input

    target = notices.new_incident_target(env, now=at("10:00"))
    after = {"estimate": "", "next_update": "", **(more or {})}
    last = [("postmortem", {**after, **account})] if account else []
    for notice_kind, change in (("first", {}), (then, after), *last):
        notice_input = typed_input(**{**first, **change})
        preview = notices.preview_notice(env, notice_input, notice_kind=NoticeKind(notice_kind), target=target, now=now)
        published = notices.publish_notice(env, notice_input, preview.token, actor="Sato", now=now)
        assert isinstance(published, notices.Published), (notice_kind, preview.problems, published)
        target = notices.NoticeTarget(published.incident_id, published.sequence)


def files_of(env: Any, out: Path) -> dict[str, str]:
    """Every text file of the whole site by name, as a build writes it, without gzip copies."""
    from statuspage.usecases.publishing import site_updates
    from tests.support.times import at

    site_updates.build_site(env, now=at("10:10"), output_folder=out)
    names = sorted(path for path in out.rglob("*") if path.is_file() and path.suffix != ".gz")
    return {str(path.relative_to(out)): path.read_text("utf-8") for path in names}


def marks_in(texts: Mapping[str, str], catalog: Any) -> int:
    """How many marks these texts have in total."""
    wanted = {w for b in catalog.packs.values() for w in (b.marks.word, b.marks.end.strip(), b.marks.machine)}
    return sum(text.count(mark) for text in texts.values() for mark in wanted)


def verdict(home: Path) -> str:
    """*seen* if a check reports it, else how many marks the site contains; a message without its mark is always
    seen."""
    from statuspage.rendering.wording.drill_marks import missing_marks
    from statuspage.storage import incidents
    from statuspage.usecases.publishing import DrillMarkError

    try:
        env = drilled(home)
        files = files_of(env, home / "out")
    except DrillMarkError as error:
        return f"seen: {error}"
    with env.databases.environment.read() as tx:
        texts = [w for _, n in incidents.latest_notices(tx, 50) for w in n.notice.texts.values()]
    lacking = [place for w in texts for place in missing_marks(w, env.site.catalog.packs[w.language].marks)]
    other = marked_messages.notify_staff(env)
    handed = marked_messages.handed_over(env)
    every = {one.parent.name: tomllib.loads(one.read_text("utf-8")) for one in DRILL_FILES}
    assert every
    lacking += marked_messages.lacking(other, handed, every)
    return f"seen: {lacking[0]}" if lacking else str(marks_in(files, env.site.catalog))


def put_in(mutant: Mutant) -> None:
    """Installs the mutant in this process."""
    if mutant.path != EMAIL_MODULE:
        sys.meta_path.insert(0, Instead(mutant))
        return
    from statuspage.integrations.channels import email

    others = email._templates()
    email._templates = lambda: {**others, EMAIL_MODULE.name: mutant.source}


def of_mutant(mutant: Mutant | None, home: Path) -> str:
    """The verdict on this mutant, in its own process; without a mutant, on the unchanged code."""
    here, there = os.pipe()
    if os.fork() == 0:
        if mutant is not None:
            put_in(mutant)
        try:
            result = verdict(home)
        except BaseException as error:  # A mutant that does not even run proves nothing.
            result = f"broken: {error!r}"
        os.write(there, result.encode()[:4000])
        os._exit(0)
    os.close(there)
    with os.fdopen(here, "rb") as pipe:
        result = pipe.read().decode()
    os.wait()
    return result


BELOW = ("statuspage.domain", "statuspage.storage")
"""Layers in which there is no mutant, and which import nothing from those in which there are some."""


def prepare(home: Path) -> None:
    """Prepares the instance with every channel type and checked content. Third-party modules and the layers below are
    imported once, templates compiled once; each mutant imports the rest of ours itself."""
    _keep_compiled_templates(home.parent / "compiled-templates")
    for name in (
        "usecases.drills.calendar",
        "usecases.drills",
        "usecases.delivery.staff_sender",
        "usecases.publishing.site_updates",
        "usecases.bootstrap",
    ):
        importlib.import_module(f"statuspage.{name}")
    from statuspage.usecases import bootstrap
    from tests.support.times import at

    with_every_channel(home / "content")
    (home / "drill").mkdir()  # So that the result of the check is kept.
    bootstrap.drill_environment(home, home / "content", now=at("10:00"))
    for name in [one for one in sys.modules if one.partition(".")[0] == "statuspage" and not one.startswith(BELOW)]:
        del sys.modules[name]


def _keep_compiled_templates(folder: Path) -> None:
    """Every mutant finds the templates compiled; a changed one is compiled anew, because its source is compared. Their
    environments are made inside the program, so their class is changed; mypy allows no assignment to a method."""
    folder.mkdir()
    begin, cache = jinja2.Environment.__init__, jinja2.FileSystemBytecodeCache(str(folder))
    jinja2.Environment.__init__ = partialmethod(begin, bytecode_cache=cache)  # type: ignore[method-assign, assignment]


def main() -> None:
    """Runs all mutants, each with its own instance."""
    import shutil

    made = Path(sys.argv[1])
    prepare(made)
    found = {}
    for number, mutant in enumerate([None, *mutants()]):
        home = Path(shutil.copytree(made, made.parent / f"mutant-{number}", symlinks=True))
        found[mutant.name + f" #{number}" if mutant else ""] = of_mutant(mutant, home)
        shutil.rmtree(home)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
