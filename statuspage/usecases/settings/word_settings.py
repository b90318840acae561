"""Sentences as the desk sets them up: found by their text or their notice, said otherwise, and read by somebody."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from statuspage.content import loading, validation
from statuspage.content.editing import AppendTable, Edit, SetValue, Unset
from statuspage.content.validation import Trial
from statuspage.domain import Catalog, LanguagePack, NoticeKind
from statuspage.rendering.wording import BadPhrase, DoesNotFit, compose
from statuspage.usecases.settings.content_files import ContentStore, FileChange, value_at

LISTS = ("cause", "current_action", "workaround", "prevention")
"""The closed lists, whose sentences are chosen on the form."""

START, END = "\ue000", "\ue001"
"""What stands around a sentence where it is said: characters that no text has."""

MOST_FOUND = 60
"""The maximum number of sentences listed."""


@dataclass(frozen=True, slots=True)
class Use:
    """A notice that says a sentence: its text for each medium that says it, with ``START`` and ``END`` around it."""

    notice: NoticeKind
    texts: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reading:
    """Somebody read all sentences of a language on this day. ``is_current``: none has changed since."""

    by: str
    day: date
    is_current: bool


@dataclass(frozen=True, slots=True)
class LanguageReview:
    """Who has read a language. ``is_supplied_reviewed``: somebody did so before it came with the program."""

    language: str
    name: str
    is_supplied_reviewed: bool
    readings: tuple[Reading, ...]

    @property
    def is_unreviewed(self) -> bool:
        """Whether nobody is known to have read it."""
        return not self.is_supplied_reviewed and not self.readings


def texts_of(pack: LanguagePack) -> dict[str, str]:
    """Every sentence of a language by its key; those of the closed lists as ``cause.ID.text``."""
    listed = {f"{name}.{id}.text": choice.text for name in LISTS for id, choice in pack.lists.get(name, {}).items()}
    return {**pack.phrases, **listed}


def search(catalog: Catalog, language: str, query: str, notice: NoticeKind | None) -> tuple[str, ...]:
    """The keys of the sentences that contain these words in any language, or that this notice can say, in the order of
    the files."""
    folded = query.strip().casefold()
    texts = [texts_of(catalog.packs[each]) for each in dict.fromkeys((language, *catalog.packs))]
    used = None if notice is None else keys_used(catalog)[notice]
    keys = (key for key, text in texts[0].items() if text or any(each.get(key) for each in texts))
    return tuple(
        key
        for key in keys
        if (used is None or key in used)
        and (not folded or folded in key or any(folded in _unbroken(each.get(key, "")).casefold() for each in texts))
    )


def _unbroken(text: str) -> str:
    return text.replace("|", "")


@dataclass(frozen=True, eq=False)
class _ByVersion:
    """A catalog as an argument of a cached function; the same version is the same catalog."""

    catalog: Catalog

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByVersion) and other.catalog.version == self.catalog.version

    def __hash__(self) -> int:
        return hash(self.catalog.version)


@lru_cache(maxsize=2)
def _samples(holder: _ByVersion) -> tuple[tuple[Trial, frozenset[str]], ...]:
    return tuple(_record_samples(holder.catalog))


def _trials(catalog: Catalog) -> tuple[tuple[Trial, frozenset[str]], ...]:
    """The sample notices, made once for each version of the content."""
    return _samples(_ByVersion(catalog))


def keys_used(catalog: Catalog) -> Mapping[NoticeKind, frozenset[str]]:
    """The sentences that each kind of notice uses in the samples of all incident types."""
    used: dict[NoticeKind, frozenset[str]] = dict.fromkeys(NoticeKind, frozenset())
    for trial, keys in _trials(catalog):
        used[trial.notice] |= keys
    return used


def _record_samples(catalog: Catalog) -> Iterator[tuple[Trial, frozenset[str]]]:
    """Every sample notice, with the keys that were looked up for its words in the site's first language."""
    language = catalog.site.languages[0]
    for trial in _sample_notices(catalog):
        phrases = _Recorder(catalog.packs[language].phrases)
        with suppress(BadPhrase, DoesNotFit, LookupError):
            _compose_one(catalog, replace(catalog.packs[language], phrases=phrases), trial)
        chosen = {
            f"{name}.{id}.text"
            for name, ids in (
                ("cause", [trial.facts.cause]),
                ("current_action", [trial.facts.current_action]),
                ("workaround", trial.facts.workarounds),
                ("prevention", trial.facts.preventions),
            )
            for id in ids
            if id
        }
        yield trial, frozenset(phrases.used | chosen)


def _sample_notices(catalog: Catalog) -> Iterator[Trial]:
    """The samples of the check, and after each update one in which nothing is new."""
    for trial in validation.generate_sample_notices(catalog, _MIDNIGHT, "https://status.example"):
        yield trial
        if trial.notice is NoticeKind.UPDATE:
            later, context = trial.now + timedelta(minutes=25), replace(trial.context, previous_facts=trial.facts)
            facts = replace(trial.facts, next_update=later + timedelta(minutes=30))
            yield replace(trial, facts=facts, context=context, now=later)


_MIDNIGHT = datetime.fromisoformat("2026-07-04T00:00+00:00")
"""The day of the samples."""


class _Recorder(dict[str, str]):
    """Texts that remember which of them were asked for."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        super().__init__(texts)
        self.used: set[str] = set()

    def __getitem__(self, key: str) -> str:
        text = super().__getitem__(key)
        self.used.add(key)
        return text

    def get(self, key: str, default: Any = None) -> Any:
        """The text, remembered if there is one."""
        if key in self:
            return self[key]
        return default


def _compose_one(catalog: Catalog, pack: LanguagePack, trial: Trial) -> Mapping[str, str]:
    """A notice in one language: its text by medium."""
    site = replace(catalog.site, languages=(pack.language,))
    alone = replace(catalog, site=site, packs={pack.language: pack})
    texts = compose(trial.notice, trial.facts, catalog=alone, incident=trial.context, now=trial.now)
    return {name: medium.body for name, medium in texts[pack.language].media.items()}


def find_uses(catalog: Catalog, language: str, key: str, text: str = "") -> tuple[Use, ...]:
    """Where this sentence is said in this language: one sample for each kind of notice. ``text`` is what it says; ""
    for the one in use."""
    pack = catalog.packs[language]
    marked = _with_text(pack, key, f"{START}{text or texts_of(pack).get(key, '')}{END}")
    uses: dict[NoticeKind, Use] = {}
    for trial, keys in _trials(catalog):
        if key not in keys or trial.notice in uses:
            continue
        with suppress(BadPhrase, DoesNotFit, LookupError, ValueError):
            bodies = _distinct(
                {name: body for name, body in _compose_one(catalog, marked, trial).items() if START in body}
            )
            if bodies:
                uses[trial.notice] = Use(trial.notice, bodies)
    return tuple(uses.values())


def _distinct(bodies: Mapping[str, str]) -> Mapping[str, str]:
    """The texts without variants that differ only by an address, or by the chat of colleagues."""
    return {
        name: body
        for name, body in bodies.items()
        if not name.startswith("colleagues_") and (name.removesuffix("_nolink") == name or name[:-7] not in bodies)
    }


def _with_text(pack: LanguagePack, key: str, text: str) -> LanguagePack:
    if key in pack.phrases:
        return replace(pack, phrases={**pack.phrases, key: text})
    name, id = key.split(".")[:2]
    choices = pack.lists[name]
    return replace(pack, lists={**pack.lists, name: {**choices, id: replace(choices[id], text=text)}})


def own_text(store: ContentStore, language: str, key: str) -> str:
    """What the instance itself says here; "" where it takes the supplied sentence."""
    text = value_at(store.read_values(file_of(language, key)), key)
    return text if isinstance(text, str) else ""


def supplied_text(store: ContentStore, language: str, key: str) -> str:
    """What the program says here; "" if this sentence is the instance's own."""
    file = file_of(language, key)
    tables = loading.ContentFolder(store.folders.current, [(file, key)]).read_table(file, required=False).values
    text = value_at(tables, key)
    return text if isinstance(text, str) else ""


def file_of(language: str, key: str) -> str:
    """The file of a sentence."""
    return f"{language}/{'lists' if key.split('.')[0] in LISTS and key.count('.') == 2 else 'phrases'}.toml"


def change_text(store: ContentStore, key: str, texts: Mapping[str, str], *, seen: str) -> FileChange:
    """Says a sentence otherwise, by language; an empty text, or the supplied one, gives the supplied one back."""
    edits: dict[str, Sequence[Edit]] = {}
    before, after = {}, {}
    path = tuple(key.split("."))
    for language, typed in texts.items():
        text, own = typed.strip(), own_text(store, language, key)
        supplied = supplied_text(store, language, key)
        wanted = "" if text == supplied else text
        if wanted != own:
            before[language], after[language] = own or supplied, wanted or supplied
            edits[file_of(language, key)] = [SetValue(path, wanted) if wanted else Unset(path)]
    return FileChange(edits, watched_files(texts, key), seen, "words.changed", key, before, after)


def watched_files(languages: Sequence[str] | Mapping[str, object], key: str) -> tuple[str, ...]:
    """The files that the form of a sentence shows."""
    return tuple(file_of(language, key) for language in languages)


def reviews(store: ContentStore, catalog: Catalog) -> tuple[LanguageReview, ...]:
    """For each language of the page, who has read it."""
    shipped = {each.id: each.is_reviewed for each in loading.describe_languages()}
    return tuple(
        LanguageReview(
            language,
            catalog.packs[language].name,
            shipped.get(language, False),
            tuple(_readings(store, catalog.packs[language])),
        )
        for language in catalog.site.languages
    )


def _readings(store: ContentStore, pack: LanguagePack) -> Iterator[Reading]:
    for each in store.read_values(_review_file(pack.language)).get("read", []):
        yield Reading(str(each["by"]), each["on"], each.get("sentences") == fingerprint_of(pack))


def fingerprint_of(pack: LanguagePack) -> str:
    """Changes with any sentence of the language."""
    lines = "\0".join(f"{key}\0{text}" for key, text in sorted(texts_of(pack).items()))
    return hashlib.sha256(lines.encode()).hexdigest()[:16]


def record_reading(store: ContentStore, catalog: Catalog, language: str, *, by: str, day: date) -> FileChange:
    """Somebody has read all sentences of a language as they are."""
    file, pack = _review_file(language), catalog.packs[language]
    edit = AppendTable("read", {"by": by, "on": day, "sentences": fingerprint_of(pack)})
    seen = store.fingerprint((file,))
    return FileChange(
        {file: [edit]}, (file,), seen, "language.read", pack.name, None, {"by": by, "on": day.isoformat()}
    )


def _review_file(language: str) -> str:
    return f"{language}/review.toml"


def sentences_csv(catalog: Catalog, language: str) -> str:
    """All sentences of a language as CSV, for somebody who reads them elsewhere and writes remarks beside them."""
    rows = io.StringIO()
    writer = csv.writer(rows)
    writer.writerow(("key", catalog.packs[language].name, "remark"))
    writer.writerows((key, text, "") for key, text in texts_of(catalog.packs[language]).items() if text)
    return rows.getvalue()
