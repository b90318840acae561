"""A drill's whole site, from real notices in every state, and what its checks say. Run by itself for each mutant.

``python -m tests.marked_site HOME`` prints the number of each mutant and what became of it.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

PACKAGE = Path(__file__).resolve().parent.parent / "statuspage"
READS = re.compile(r"\bmarks\.(?:start|end|word|banner|machine|feed)\b")
MODULES = sorted(
    path
    for path in [*PACKAGE.glob("site/*.py"), *PACKAGE.glob("wording/*.py")]
    if path.name not in ("marked_pages.py", "marked_texts.py", "checks.py", "marked.py")
)
"""Where marks are put on; not where they are looked for."""


@dataclass(frozen=True)
class Mutant:
    """A module in which one place no longer reads its mark."""

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
        return f"{self.module}:{self.line}"


def mutants() -> Iterator[Mutant]:
    """Every place in the code that sets a mark, each without it."""
    for path in MODULES:
        source = path.read_text("utf-8")
        for found in re.finditer(rf"(?:[\w.]+(?:\([^()]*\))?\.)?{READS.pattern}", source):
            line = source.count("\n", 0, found.start()) + 1
            yield Mutant(path, line, f"{source[: found.start()]}str(){source[found.end() :]}")


class Instead:
    """Gives out the mutant where its module is imported."""

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
        """As ever."""

    def exec_module(self, module: ModuleType) -> None:
        """The changed source."""
        exec(compile(self.mutant.source, str(self.mutant.path), "exec"), module.__dict__)


def drilled(home: Path) -> Any:
    """A drill world in which customers have been told everything that can be told."""
    from statuspage import worlds
    from tests.times import at

    world = worlds.drill_world(home, home / "content", now=at("10:00"), address="https://drill.example")
    _tell(world, {"kind": "booking", "since": "about:09:50", "estimate": "13:30", "extra": {"ja": "窓口へどうぞ。"}})
    _tell(world, {"kind": "payment", "since": "about:09:40"}, {"ended": "10:05"}, then="resolved")
    _tell(world, {"kind": "login", "since": "about:09:45"}, {}, then="withdrawal")
    _tell(world, {"kind": "slow", "since": "about:09:30", "only": ("ja",), "reason": "急ぐ"})
    _tell(world, {"kind": "messages", "since": "about:09:30", "text": {"ja": "入館できません。"}, "reason": "急ぐ"})
    return world


def _tell(world: Any, first: Mapping[str, Any], more: Mapping[str, Any] | None = None, then: str = "update") -> None:
    from statuspage import desk
    from statuspage.facts import NoticeKind
    from statuspage.typed import Typed
    from tests.times import at

    place = desk.fresh(world, now=at("10:00"))
    for kind, change in (("first", {}), (then, {"estimate": "", "next": "", **(more or {})})):
        typed = Typed(**{**first, **change})
        shown = desk.preview(world, typed, notice=NoticeKind(kind), place=place, now=at("10:06"))
        done = desk.publish(world, typed, shown.token, by="Sato", now=at("10:06"))
        assert isinstance(done, desk.Published), (kind, shown.problems, done)
        place = desk.Place(done.incident, done.sequence)


def files_of(world: Any, out: Path) -> dict[str, str]:
    """Every text file of the whole site by its name, as a build lays it out; its pressed twins apart."""
    from statuspage import publishing
    from tests.times import at

    publishing.build(world, now=at("10:10"), out=out)
    names = sorted(path for path in out.rglob("*") if path.is_file() and path.suffix != ".gz")
    return {str(path.relative_to(out)): path.read_text("utf-8") for path in names}


def marks_in(texts: Mapping[str, str], catalog: Any) -> int:
    """How many marks these texts carry in all."""
    wanted = {w for b in catalog.books.values() for w in (b.marks.word, b.marks.end.strip(), b.marks.machine)}
    return sum(text.count(mark) for text in texts.values() for mark in wanted)


def verdict(home: Path) -> str:
    """*seen* when a check says so, else how many marks the site and the words of its notices carry."""
    from statuspage import publishing
    from statuspage.store import incidents
    from statuspage.wording.marked import unmarked

    try:
        world = drilled(home)
        files = files_of(world, home / "out")
    except publishing.Unfit as error:
        return f"seen: {error}"
    with world.store.read() as tx:
        said = [w for _, n in incidents.notices(tx, 50) for w in n.notice.words.values()]
    lacking = [place for w in said for place in unmarked(w, world.catalog.books[w.language].marks)]
    return f"seen: {lacking[0]}" if lacking else str(marks_in(files, world.catalog))


def of_mutant(mutant: Mutant | None, home: Path) -> str:
    """The verdict on this mutant, in a process of its own; on the code as it is without one."""
    here, there = os.pipe()
    if os.fork() == 0:
        if mutant is not None:
            sys.meta_path.insert(0, Instead(mutant))  # type: ignore[arg-type]
        try:
            said = verdict(home)
        except BaseException as error:  # a mutant that does not even run proves nothing
            said = f"broken: {error!r}"
        os.write(there, said.encode()[:4000])
        os._exit(0)
    os.close(there)
    with os.fdopen(here, "rb") as pipe:
        said = pipe.read().decode()
    os.wait()
    return said


def main() -> None:
    """All mutants, each with an instance of its own."""
    import shutil

    for heavy in ("alembic.config", "babel.dates", "feedgen.feed", "jinja2", "pydantic", "sqlalchemy", "requests"):
        importlib.import_module(heavy)
    made = Path(sys.argv[1])
    found = {}
    for number, mutant in enumerate([None, *mutants()]):
        home = Path(shutil.copytree(made, made.parent / f"mutant-{number}", symlinks=True))
        found[mutant.name + f" #{number}" if mutant else ""] = of_mutant(mutant, home)
        shutil.rmtree(home)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
