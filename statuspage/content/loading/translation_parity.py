"""Checks that a text exists in all languages, with the same slots, or in none."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Any

from statuspage.content.loading.language_pack import find_path
from statuspage.content.loading.table_reader import suggest
from statuspage.content.loading.toml_source import TomlSource
from statuspage.domain import IMPACT_STATES, ContentError, IncidentType

SLOT = re.compile(r"\{([a-z][a-z0-9_]*)\}")
"""A slot in a sentence: ``{start}``."""

SLOTS = frozenset(
    "again all all_negated as_of clock date day earliest emergency end eta facts group group_capitalized groups "
    "headline hours impact label latest length link missed_time new next_update noun noun_capitalized now number old "
    "or_phone phone posted services services_capitalized services_negated start still text title url zone".split()
)
"""All slots that phrases may have. The validation tries out which of them a sentence gets."""

NOT_COMPARED = ("locale_rules", "service_clauses")
"""Tables of the phrases that are as each language needs them."""


def language_texts(table: Mapping[str, Any]) -> dict[str, str]:
    """The texts of a language by dotted key, without the tables that are not comparable."""
    return _flatten_texts({key: value for key, value in table.items() if key not in NOT_COMPARED})


def _flatten_texts(table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Every text of nested tables under its dotted key; other values are checked elsewhere."""
    texts: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            texts.update(_flatten_texts(value, f"{prefix}{key}."))
        elif isinstance(value, str):
            texts[f"{prefix}{key}"] = value
    return texts


@dataclass(frozen=True, slots=True)
class LanguageFile:
    """The texts of one language in one file, by dotted key.

    ``own_file`` is the instance's file, in which a text is written that is missing, also where a layer below has one.
    """

    language: str
    source: TomlSource
    texts: Mapping[str, str]
    own_file: str

    def missing(self, key: str, message: str) -> ContentError:
        """An error about a text that is in no layer."""
        error = self.error_at(key, message)
        return error if self.source.name == self.own_file else replace(error, file=self.own_file, line=1)

    def error_at(self, key: str, message: str) -> ContentError:
        """An error at this key, or at the nearest table around it."""
        return replace(self.source.error_at(find_path(self.source.table, key), message), key=key)


def find_disagreements(
    files: tuple[LanguageFile, ...], required_keys: Collection[str] = (), known_slots: Collection[str] = ()
) -> Iterator[ContentError]:
    """Keys that a language lacks, and slots that differ from those of the leading language.

    ``required_keys`` must be in every language. ``known_slots`` are all existing slots, if known; a mistyped slot is
    then taken for the one that was meant.
    """
    readable = tuple(file for file in files if file.source.is_readable)
    typos = {file.language: _find_typos(file, readable, required_keys) for file in readable}
    for file in readable:
        for key, suggestion in typos[file.language].items():
            yield file.error_at(key, f"“{key}” is not known here; did you mean “{suggestion}”?")
        yield from _find_missing_keys(file, readable, required_keys, typos)
        yield from _find_stray_braces(file)
    for file in readable[1:]:
        yield from _find_slot_differences(file, readable[0], known_slots)


def _find_typos(file: LanguageFile, files: tuple[LanguageFile, ...], required_keys: Collection[str]) -> dict[str, str]:
    """Keys found only in this language that resemble one it lacks, mapped to that one."""
    leading = files[0]
    expected = {*required_keys, *(leading.texts if file is not leading else ())}
    other_keys = {key for other in files if other is not file for key in other.texts}
    missing = [key for key in expected if key not in file.texts]
    typos: dict[str, str] = {}
    for key in file.texts:
        if key not in expected and key not in other_keys:
            matches = get_close_matches(
                key,
                [candidate for candidate in missing if candidate not in typos.values()],
                n=1,
                cutoff=_KEY_SIMILARITY,
            )
            if matches:
                typos[key] = matches[0]
    return typos


_KEY_SIMILARITY = 0.85


def _find_missing_keys(
    file: LanguageFile,
    files: tuple[LanguageFile, ...],
    required_keys: Collection[str],
    typos: Mapping[str, Mapping[str, str]],
) -> Iterator[ContentError]:
    reasons = dict.fromkeys(required_keys, "the program needs it")
    for other in reversed(files):
        reasons.update({key: f"{other.language} has it" for key in other.texts if key not in typos[other.language]})
    for key, reason in reasons.items():
        if key not in file.texts and key not in typos[file.language].values():
            yield file.missing(key, f"“{key}” is missing here ({reason}); add it.")


def _find_stray_braces(file: LanguageFile) -> Iterator[ContentError]:
    for key, text in file.texts.items():
        remainder = SLOT.sub("", text)
        if "{" in remainder or "}" in remainder:
            yield file.error_at(key, "A curly bracket is unmatched here; write a slot like {start}.")


def _find_slot_differences(
    file: LanguageFile, leading: LanguageFile, known_slots: Collection[str]
) -> Iterator[ContentError]:
    """Slots that differ. An empty text is left out on purpose and lacks nothing. Slots for times may differ."""
    own_texts, leading_texts = _join_split_texts(file.texts), _join_split_texts(leading.texts)
    keys_by_stem = {_key_stem(full_key): full_key for full_key in [*file.texts][::-1]}
    for key, text in own_texts.items():
        leading_text = leading_texts.get(key, "")
        if not text or not leading_text or key.startswith("time."):
            continue
        error_key = keys_by_stem[key]
        slots, leading_slots = _slots_of(text, known_slots), _slots_of(leading_text, known_slots)
        for slot in sorted(leading_slots - slots):
            yield file.error_at(error_key, f"The slot {{{slot}}} is missing here ({leading.language} has it); add it.")
        for slot in sorted(slots - leading_slots):
            hint = suggest(slot, leading_slots) if leading_slots else "delete it."
            yield file.error_at(error_key, f"The slot {{{slot}}} is not in {leading.language}; {hint}")


def _join_split_texts(texts: Mapping[str, str]) -> dict[str, str]:
    """Texts by key. The texts before and after a large time are joined, because languages divide them differently."""
    wholes: dict[str, str] = {}
    for key, text in texts.items():
        wholes[_key_stem(key)] = wholes.get(_key_stem(key), "") + text
    return wholes


def _key_stem(key: str) -> str:
    return key.removesuffix(".before").removesuffix(".after")


def find_fixed_zones(
    phrase_files: Iterable[LanguageFile], label_files: Iterable[LanguageFile]
) -> Iterator[ContentError]:
    """Places where a language names a time zone itself, which would be wrong for another zone, and in summer time."""
    for file in phrase_files:
        if "time.zone" in file.texts:
            yield file.error_at("time.zone", "The zone's name follows from “time_zone” in site.toml; delete this line.")
    for file in label_files:
        for stem in _KEYS_WITH_ZONE:
            if not any("{zone}" in text for key, text in file.texts.items() if _key_stem(key) == stem):
                error_key = next((key for key in [*file.texts][::-1] if _key_stem(key) == stem), stem)
                yield file.error_at(error_key, "The zone is not named here; write {zone} where its name belongs.")


_KEYS_WITH_ZONE = ("site.as_of", "site.footer.zone")


def find_unknown_entries(files: tuple[LanguageFile, ...]) -> Iterator[ContentError]:
    """Entries that the leading language does not have. It may have more than the others."""
    readable = tuple(file for file in files if file.source.is_readable)
    for file in readable[1:]:
        for key in file.texts:
            if key not in readable[0].texts:
                yield file.error_at(key, f"“{key}” is not in {readable[0].language}; {suggest(key, readable[0].texts)}")


def find_unknown_slots(file: LanguageFile) -> Iterator[ContentError]:
    """Slots that no sentence ever has."""
    for key, text in file.texts.items():
        for slot in SLOT.findall(text):
            if slot not in SLOTS:
                yield file.error_at(key, f"The slot {{{slot}}} is not known; {suggest(slot, SLOTS)}")


def _slots_of(text: str, known_slots: Collection[str]) -> set[str]:
    """The known slots of a sentence; the form for its beginning or a negation is the same fact, and so is a mistyped
    one.
    """
    slots = (_correct_slot(slot, known_slots) for slot in SLOT.findall(text))
    slots = (slot for slot in slots if slot in known_slots or not known_slots)  # The others are reported as unknown.
    return {slot.removesuffix("_capitalized").removesuffix("_negated") for slot in slots}


def _correct_slot(slot: str, known_slots: Collection[str]) -> str:
    if slot in known_slots:
        return slot
    matches = get_close_matches(slot, known_slots, n=1, cutoff=_SLOT_SIMILARITY)
    return matches[0] if matches else slot


_SLOT_SIMILARITY = 0.75


def find_empty_texts(file: LanguageFile, keys: Collection[str]) -> Iterator[ContentError]:
    """Texts that must not be empty but are."""
    for key in keys:
        if file.texts.get(key, "x").strip() == "":
            yield file.error_at(key, "This is empty; write the text.")


def form_keys(incident_types: Mapping[str, IncidentType]) -> Iterator[str]:
    """The phrases that these incident types need in every language for the form and the first sentence; never empty."""
    for incident_type in incident_types.values():
        yield f"incident_type.{incident_type.id}.name"
        for question in incident_type.questions:
            yield f"incident_type.{incident_type.id}.question.{question.id}.prompt"
            yield from (
                f"incident_type.{incident_type.id}.question.{question.id}.answer.{answer}.label"
                for answer in question.answers
            )
        if incident_type.has_own_sentences:
            yield from (
                f"incident_type.{incident_type.id}.impact.{state}.{form}"
                for state in IMPACT_STATES
                for form in ("now", "still", "again")
            )


def answer_keys(incident_types: Mapping[str, IncidentType]) -> Iterator[str]:
    """The texts of answers, for open notices and for those that are over; empty if nothing is to be said."""
    for incident_type in incident_types.values():
        for question in incident_type.questions:
            prefix = f"incident_type.{incident_type.id}.question.{question.id}"
            answer_paths = ("checking", *(f"answer.{answer}" for answer in question.answers))
            yield from (
                f"{prefix}.{answer_path}.{part}" for answer_path in answer_paths for part in ("text", "resolved")
            )
