"""Reads what one language says: names, phrases, closed lists, labels, and the marks of a drill."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from statuspage.content.loading.table_reader import Table
from statuspage.content.loading.toml_source import Path
from statuspage.domain import EFFECTS, Choice, EnvironmentMarks, ImpactClauses, LocaleRules, ServiceWords, State
from statuspage.rendering.wording import is_locale

LISTS = ("cause", "doing", "workaround")
"""The closed lists a notice is made from."""

STATUSES = ("draft", "reviewed")
"""Whether someone who speaks the language has read its phrases."""


@dataclass(frozen=True, slots=True)
class House:
    """The house's own names in one language."""

    site: str
    tagline: str
    desk: str
    groups: Mapping[str, str]
    services: Mapping[str, ServiceWords]
    people: Mapping[str, Choice]


def house(table: Table, groups: Collection[str], services: Collection[str], *, staff: bool) -> House:
    """``LANG/house.toml``. ``staff``: the desk speaks this language, so that the form needs labels in it."""
    found = House(
        site=table.text("site"),
        tagline=table.text("tagline"),
        desk=table.text("desk"),
        groups=_groups(table.table("group"), groups),
        services=_service_words(table.table("service"), services),
        people=read_choices(table.table("people", needed=False), staff=staff),
    )
    table.finish()
    return found


def _groups(table: Table, groups: Collection[str]) -> dict[str, str]:
    found = {name: table.text(name) for name in groups}
    _strangers(table, groups)
    return found


def _service_words(table: Table, services: Collection[str]) -> dict[str, ServiceWords]:
    found = {name: _service(table.table(name)) for name in services}
    _strangers(table, services)
    return found


def _strangers(table: Table, known: Collection[str]) -> None:
    for name in table.values:
        if known:
            table.known(name, known, name)


def _service(table: Table) -> ServiceWords:
    if not table.values:
        return ServiceWords("", "", "", {})
    words = ServiceWords(
        name=table.text("name"),
        noun=table.text("noun"),
        noun_cap=table.text("noun_cap"),
        effects={State(state): _effect(table.table(state)) for state in EFFECTS},
    )
    table.finish()
    return words


def _effect(table: Table) -> ImpactClauses:
    if not table.values:
        return ImpactClauses("", "", "")
    effect = ImpactClauses(table.text("now"), table.text("still"), table.text("again"))
    table.finish()
    return effect


def writing(table: Table) -> LocaleRules:
    """``[writing]`` of ``LANG/phrases.toml``."""
    if not table.values:
        return LocaleRules("en")
    found = LocaleRules(
        locale=_locale(table),
        spaces=table.flag("spaces"),
        stop=table.text("stop"),
        longest=int(table.number("longest", least=1)),
        count=table.choice("count", ("characters", "words")),
        under_a_minute=table.text("under_a_minute"),
        relative=table.texts("relative", default=None),
        sorry=table.text("sorry"),
        **{name: table.text(name, getattr(_PLAIN, name)) for name in _PATTERNS},
        stretch=_stretch(table),
        numbers=table.texts("numbers"),
    )
    table.finish()
    return found


_PLAIN = LocaleRules("en")
_PATTERNS = ("clock", "day", "long", "date", "year", "day_gap", "pair")


def _locale(table: Table) -> str:
    name = table.text("locale")
    if name and not is_locale(name):
        table.blame(f"“{name}” is no locale that we know; write it as in “en-GB” or “ja”.", "locale")
        return "en"
    return name or "en"


def _stretch(table: Table) -> tuple[str, ...]:
    patterns = table.texts("stretch")
    if len(patterns) not in (0, 2):
        table.blame("This should be two patterns: of the first day and of the last.", "stretch")
        return ()
    return patterns


def lists(table: Table, *, staff: bool) -> dict[str, dict[str, Choice]]:
    """``LANG/lists.toml``. ``staff``: the desk speaks this language, so that the form needs labels in it."""
    found = {name: read_choices(table.table(name), staff=staff) for name in LISTS}
    table.finish()
    return found


def read_choices(table: Table, *, staff: bool) -> dict[str, Choice]:
    """Tables with ``text``, and with ``label`` where staff choose among them."""
    return {name: _choice(one, staff=staff) for name, one in table.each()}


def _choice(table: Table, *, staff: bool) -> Choice:
    choice = Choice(table.text("label", None if staff else ""), table.text("text"))
    table.finish()
    return choice


def drill(table: Table) -> tuple[EnvironmentMarks, tuple[str, ...]]:
    """``drill/LANG.toml``: every mark is needed, for people and for machines; with what nobody may ever say."""
    found = EnvironmentMarks(
        start=table.text("start"),
        end=table.text("end"),
        word=table.text("word"),
        banner=table.text("banner"),
        machine=table.choice("machine", ("Exercise", "Test")),
    )
    for key in ("start", "end", "word", "banner"):
        if set(table.text(key)) & _WRITTEN_OTHERWISE:
            table.blame('A mark is looked for as it stands; leave out line breaks and & < > " \\.', key)
    never = table.texts("never", None)
    table.finish()
    return found, never


_WRITTEN_OTHERWISE = frozenset('&<>"\\\n\r')
"""Characters that pages, feeds or client files write in another way."""


def flat(table: Table, *, empty: bool) -> dict[str, str]:
    """Every text of nested tables under its dotted key. ``empty``: whether a text may be empty."""
    found: dict[str, str] = {}
    for path, holder, key in _leaves(table):
        found[".".join(path)] = holder.text(key, "" if empty else None)
    return found


def _leaves(table: Table, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Table, str]]:
    for key, value in table.values.items():
        if isinstance(value, dict):
            yield from _leaves(table.table(key), (*path, key))
        else:
            yield (*path, key), table, key


def place(values: Mapping[str, Any], key: str) -> Path:
    """The path of a dotted key in nested tables, as far as it goes."""
    path: Path = ()
    inside: Any = values
    for part in key.split("."):
        if not isinstance(inside, dict) or part not in inside:
            return path
        inside, path = inside[part], (*path, part)
    return path
