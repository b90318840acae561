"""Whether all languages say the same things with the same slots: all of them or none."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from statuspage.content.loading.language_pack import place
from statuspage.content.loading.table_reader import meant
from statuspage.content.loading.toml_source import Source
from statuspage.domain import EFFECTS, ContentError, IncidentType

SLOT = re.compile(r"\{([a-z][a-z0-9_]*)\}")
"""A place in a sentence that a fact fills: ``{start}``."""

SLOTS = frozenset(
    "again all asof clock date day earliest effect end eta headline label latest length link new next noun noun_cap "
    "now number old still place place_cap posted services services_cap start text title was what who zone".split()
)
"""All slots that phrases may have. Which of them a sentence is given is tried out by ``checking``."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one language says in one file, by dotted key. ``root`` is the table of the file it stands under."""

    language: str
    source: Source
    texts: Mapping[str, str]

    def fault(self, key: str, message: str) -> ContentError:
        """A fault at this key, or at the nearest table around it."""
        return ContentError(self.source.name, self.source.line(place(self.source.table, key)), key, message)


def disagreements(
    all_said: tuple[Said, ...], needed: Collection[str] = (), slots: Collection[str] = ()
) -> Iterator[ContentError]:
    """Keys that one language lacks, and slots in which it differs from the leading language.

    ``needed`` are keys that must be there in every language, whoever else has them. ``slots``: all there are, if
    that is known; a slot mistyped is then taken for the one that was meant.
    """
    readable = tuple(said for said in all_said if said.source.readable)
    typos = {said.language: _typos(said, readable, needed) for said in readable}
    for said in readable:
        for key, right in typos[said.language].items():
            yield said.fault(key, f"“{key}” is not known here; did you mean “{right}”?")
        yield from _gaps(said, readable, needed, typos)
        yield from _braces(said)
    for said in readable[1:]:
        yield from _slots(said, readable[0], slots)


def _typos(said: Said, everybody: tuple[Said, ...], needed: Collection[str]) -> dict[str, str]:
    """Keys of this language alone that look like one it lacks, with that one."""
    leading = everybody[0]
    expected = {*needed, *(leading.texts if said is not leading else ())}
    others = {key for other in everybody if other is not said for key in other.texts}
    lacking = [key for key in expected if key not in said.texts]
    found: dict[str, str] = {}
    for key in said.texts:
        if key not in expected and key not in others:
            near = get_close_matches(key, [one for one in lacking if one not in found.values()], n=1, cutoff=_NEAR)
            if near:
                found[key] = near[0]
    return found


_NEAR = 0.85


def _gaps(
    said: Said, everybody: tuple[Said, ...], needed: Collection[str], typos: Mapping[str, Mapping[str, str]]
) -> Iterator[ContentError]:
    has = dict.fromkeys(needed, "the program needs it")
    for other in reversed(everybody):
        has.update({key: f"{other.language} has it" for key in other.texts if key not in typos[other.language]})
    for key, why in has.items():
        if key not in said.texts and key not in typos[said.language].values():
            yield said.fault(key, f"“{key}” is missing here ({why}); add it.")


def _braces(said: Said) -> Iterator[ContentError]:
    for key, text in said.texts.items():
        rest = SLOT.sub("", text)
        if "{" in rest or "}" in rest:
            yield said.fault(key, "A curly bracket stands alone here; a slot is written as in {start}.")


def _slots(said: Said, leading: Said, known: Collection[str]) -> Iterator[ContentError]:
    """An empty text is one that this language does not say; it lacks nothing. How times are put is each one's own."""
    ours, theirs = _wholes(said.texts), _wholes(leading.texts)
    places = {_stem(one): one for one in [*said.texts][::-1]}
    for key, text in ours.items():
        other = theirs.get(key, "")
        if not text or not other or key.startswith("time."):
            continue
        at = places[key]
        here, there = _slots_of(text, known), _slots_of(other, known)
        for slot in sorted(there - here):
            yield said.fault(at, f"The slot {{{slot}}} is missing here ({leading.language} has it); add it.")
        for slot in sorted(here - there):
            hint = meant(slot, there) if there else "delete it."
            yield said.fault(at, f"The slot {{{slot}}} is not in {leading.language}; {hint}")


def _wholes(texts: Mapping[str, str]) -> dict[str, str]:
    """Texts by key, where what stands before and after a large time is one text: languages divide it differently."""
    wholes: dict[str, str] = {}
    for key, text in texts.items():
        wholes[_stem(key)] = wholes.get(_stem(key), "") + text
    return wholes


def _stem(key: str) -> str:
    return key.removesuffix(".before").removesuffix(".after")


def own_zones(phrases: Iterable[Said], labels: Iterable[Said]) -> Iterator[ContentError]:
    """Where a language names a zone itself: that would be false for another zone, and in summer time."""
    for said in phrases:
        if "time.zone" in said.texts:
            yield said.fault("time.zone", "The zone's name follows from “zone” in site.toml; delete this line.")
    for said in labels:
        for stem in _ZONED:
            if not any("{zone}" in text for key, text in said.texts.items() if _stem(key) == stem):
                at = next((key for key in [*said.texts][::-1] if _stem(key) == stem), stem)
                yield said.fault(at, "The zone is not named here; write {zone} where its name belongs.")


_ZONED = ("site.as_of", "site.foot.zone")


def unknown_slots(said: Said) -> Iterator[ContentError]:
    """Slots that no sentence is ever given."""
    for key, text in said.texts.items():
        for slot in SLOT.findall(text):
            if slot not in SLOTS:
                yield said.fault(key, f"The slot {{{slot}}} is not known; {meant(slot, SLOTS)}")


def _slots_of(text: str, known: Collection[str]) -> set[str]:
    """The slots of a sentence; the form for the beginning of a sentence is the same fact, and so is one mistyped."""
    return {_right(slot, known).removesuffix("_cap") for slot in SLOT.findall(text)}


def _right(slot: str, known: Collection[str]) -> str:
    if slot in known:
        return slot
    near = get_close_matches(slot, known, n=1, cutoff=_NEAR_SLOT)
    return near[0] if near else slot


_NEAR_SLOT = 0.75


def silent(said: Said, keys: Collection[str]) -> Iterator[ContentError]:
    """Texts that may not be empty, and are."""
    for key in keys:
        if said.texts.get(key, "x").strip() == "":
            yield said.fault(key, "This is empty; write the text.")


def form_keys(kinds: Mapping[str, IncidentType]) -> Iterator[str]:
    """The phrases that these kinds need in every language for the form and the first sentence; never empty."""
    for kind in kinds.values():
        yield f"kind.{kind.id}.name"
        for question in kind.questions:
            yield f"kind.{kind.id}.question.{question.id}.ask"
            yield from (f"kind.{kind.id}.question.{question.id}.answer.{a}.label" for a in question.answers)
        if kind.own:
            yield from (f"kind.{kind.id}.effect.{s}.{form}" for s in EFFECTS for form in ("now", "still", "again"))


def answer_keys(kinds: Mapping[str, IncidentType]) -> Iterator[str]:
    """What the kinds' answers say in open notices and once it is over; empty where nothing is said."""
    for kind in kinds.values():
        for question in kind.questions:
            at = f"kind.{kind.id}.question.{question.id}"
            said = ("checking", *(f"answer.{answer}" for answer in question.answers))
            yield from (f"{at}.{one}.{part}" for one in said for part in ("text", "resolved"))
