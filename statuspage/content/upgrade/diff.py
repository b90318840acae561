"""What the program's own content has that a house lacks, and where a house says something else."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any

from statuspage.content.loading import Path as Key
from statuspage.content.loading import dotted
from statuspage.content.upgrade.toml_insert import at
from statuspage.domain import OWN_MEDIA

SPOKEN = ("phrases", "labels", "lists", "desk")
WHOLE = ("scenarios", "runbooks")
"""Folders whose files are taken as they are."""

OPTIONAL = ("glossary", "everyday")
NEEDED = ("phrases", "labels", "desk", "drill")
"""Files in which the program asks for every key it has; entries of others are a choice of the house."""

LISTS_OF_KINDS = {"workarounds": "workaround", "doings": "doing", "causes": "cause"}
"""The lists whose entries a kind names."""


@dataclass(frozen=True, slots=True)
class ContentKey:
    """A key of a file, as ``ja/phrases.toml``; with no key the whole file."""

    file: str
    key: Key = ()

    @property
    def language(self) -> str:
        """Whose words these are; "" for files that say nothing."""
        folder, slash, name = self.file.rpartition("/")
        if folder == "drill":
            return name.removesuffix(".toml")
        return folder if slash and folder not in WHOLE else ""


@dataclass(frozen=True, slots=True)
class MissingContent:
    """Something to take over, in every language at once. ``needed``: the program asks for it."""

    name: str
    needed: bool
    places: tuple[ContentKey, ...]


@dataclass(frozen=True, slots=True)
class Own:
    """A place where the house says something else than the program's own content."""

    place: ContentKey
    ours: object
    theirs: object


@dataclass(frozen=True)
class Two:
    """The folder of a house, and that which comes with the program."""

    house: Path
    program: Path
    _read: dict[Path, Mapping[str, Any]] = field(default_factory=dict)

    def table(self, side: Path, file: str) -> Mapping[str, Any]:
        """One file of one side; empty where it is absent or cannot be read."""
        if (path := side / file) not in self._read:
            try:
                self._read[path] = tomllib.loads(path.read_text("utf-8-sig"))
            except (OSError, ValueError):
                self._read[path] = {}
        return self._read[path]

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Those the house speaks, on its page or on its desk, and the program too."""
        site = self.table(self.house, "site.toml")
        named = [one for key in ("languages", "desk") for one in site.get(key, ()) if isinstance(one, str)]
        return tuple(one for one in dict.fromkeys(named) if (self.program / one).is_dir())

    @cached_property
    def files(self) -> tuple[str, ...]:
        """Files whose keys are compared, the whole ones apart."""
        staff = self.table(self.house, "site.toml").get("desk", self.languages)
        spoken = [f"{one}/{name}.toml" for one in self.languages for name in SPOKEN if name != "desk" or one in staff]
        return ("kinds.toml", "media.toml", *spoken, *(f"drill/{one}.toml" for one in self.languages))


def news(house: Path, program: Path) -> tuple[MissingContent, ...]:
    """What a house lacks: first what the program asks for, then what it offers."""
    two = Two(house, program)
    found = sorted([*_keys(two), *_kinds(two), *_missing_files(two)], key=lambda new: (not new.needed, new.name))
    return tuple(_joined(tuple(same)) for _, same in groupby(found, key=lambda new: new.name))


def _joined(same: tuple[MissingContent, ...]) -> MissingContent:
    places = tuple(dict.fromkeys(place for one in same for place in one.places))
    return MissingContent(same[0].name, same[0].needed, places)


def _keys(two: Two) -> Iterator[MissingContent]:
    kinds = two.table(two.house, "kinds.toml")
    for file in (one for one in two.files if one != "kinds.toml" and (two.program / one).is_file()):
        stem = "drill" if file.startswith("drill/") else Path(file).stem
        if not (two.house / file).exists():
            yield MissingContent(file, needed=True, places=(ContentKey(file),))
            continue
        for key in _lacking(two.table(two.program, file), two.table(two.house, file), DEPTHS.get(stem, DEEP)):
            if stem == "phrases" and key[0] == "kind" and not _is_used(key, kinds):
                continue
            needed = (stem in NEEDED and key[0] != "kind") or (stem == "media" and key[0] in OWN_MEDIA)
            yield MissingContent(f"{stem}.{dotted(key)}", needed, (ContentKey(file, key),))


DEEP = 99
DEPTHS = {"lists": 2, "media": 1}
"""How deep a thing of its own lies in a file: an entry of a list, a medium; else each sentence is one."""


def _lacking(theirs: Mapping[str, Any], ours: Mapping[str, Any], depth: int, under: Key = ()) -> Iterator[Key]:
    for name, value in theirs.items():
        key = (*under, name)
        if isinstance(value, dict) and (name in ours or len(key) < depth):
            inner = ours.get(name, {})
            yield from _lacking(value, inner if isinstance(inner, dict) else value, depth, key)
        elif name not in ours:
            yield key


def _is_used(key: Key, kinds: Mapping[str, Any]) -> bool:
    """Whether the house has the kind, and the question of it, to which these words belong."""
    _, kind, what, question, *_ = (*map(str, key), "", "", "", "")
    questions = kinds.get(kind, {}).get("question", [])
    return kind in kinds and (what != "question" or any(one.get("id") == question for one in questions))


def _kinds(two: Two) -> Iterator[MissingContent]:
    """Kinds of trouble with their sentences and the entries of lists that they name."""
    theirs, ours = two.table(two.program, "kinds.toml"), two.table(two.house, "kinds.toml")
    for id in (one for one in theirs if ours and one not in ours):
        places = [ContentKey("kinds.toml", (id,))]
        for language in two.languages:
            places.append(ContentKey(f"{language}/phrases.toml", ("kind", id)))
            lists = two.table(two.house, f"{language}/lists.toml")
            named = [(name, entry) for key, name in LISTS_OF_KINDS.items() for entry in theirs[id].get(key, ())]
            places += [ContentKey(f"{language}/lists.toml", key) for key in named if at(lists, key) is None]
        yield MissingContent(f"kinds.{id}", needed=False, places=tuple(place for place in places if _says(two, place)))


def _says(two: Two, place: ContentKey) -> bool:
    return at(two.table(two.program, place.file), place.key) is not None


def _missing_files(two: Two) -> Iterator[MissingContent]:
    names = [f"{one}/{name}.toml" for one in two.languages for name in OPTIONAL]
    found = (path for folder in WHOLE for path in sorted((two.program / folder).rglob("*")) if path.is_file())
    for name in (*names, *(path.relative_to(two.program).as_posix() for path in found)):
        if (two.program / name).is_file() and not (two.house / name).exists():
            yield MissingContent(name, needed=False, places=(ContentKey(name),))


def own_words(house: Path, program: Path) -> tuple[Own, ...]:
    """Where a house has words of its own; what only a house has is its own business."""
    two = Two(house, program)
    return tuple(
        Own(ContentKey(file, key), ours, theirs)
        for file in two.files
        for key, ours, theirs in _other(two.table(two.house, file), two.table(two.program, file))
    )


def _other(ours: Mapping[str, Any], theirs: Mapping[str, Any], under: Key = ()) -> Iterator[tuple[Key, object, object]]:
    for name, value in theirs.items():
        if name in ours and isinstance(value, dict) and isinstance(ours[name], dict):
            yield from _other(ours[name], value, (*under, name))
        elif name in ours and ours[name] != value:
            yield (*under, name), ours[name], value


def chosen(
    found: Collection[MissingContent], names: Collection[str]
) -> tuple[tuple[MissingContent, ...], tuple[str, ...]]:
    """Those of these names, each also the beginning of several (``scenarios``, ``lists.cause``), and names of none."""
    picked = tuple(new for new in found if any(_fits(new.name, asked) for asked in names))
    return picked, tuple(asked for asked in names if not any(_fits(new.name, asked) for new in found))


def _fits(name: str, asked: str) -> bool:
    plain = asked.rstrip("/.")
    return name == plain or name.startswith((f"{plain}.", f"{plain}/"))
