"""Tries out all prepared words before they are needed: fail before, not during."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from statuspage.content.validation import plain_language_check
from statuspage.content.validation.generated_cases import OPEN_NOTICES, trials
from statuspage.content.validation.sample_incidents import Trial
from statuspage.content.validation.text_check import oddities, silence
from statuspage.domain import (
    Catalog,
    ContentError,
    LanguagePack,
    Medium,
    NoticeKind,
    NoticeText,
    find_forbidden_phrase,
    notices_of,
)
from statuspage.rendering.wording import BadPhrase, DoesNotFit, WordingContext, compose, sentences, unmarked

__all__ = ["OPEN_NOTICES", "check_wording"]


def check_wording(catalog: Catalog, *, now: datetime) -> tuple[ContentError, ...]:
    """Every fault that shows when words are made, in every language, kind, notice and medium.

    A catalog with the marks of a drill is the harder trial: the marks take room and are never given up. Faults
    carry no line; ``content.placed`` finds it.
    """
    found: dict[tuple[str, str], ContentError] = {}
    unsaid = _wanted_sentences(catalog)
    for language in catalog.languages:
        alone = replace(catalog, site=replace(catalog.site, languages=(language,)))
        brief = replace(alone, media=_telling(catalog.media))
        for trial in trials(alone, now):
            tried = alone if trial.fullest else brief
            for fault in _faults(trial, tried):
                found.setdefault((fault.file, fault.key), fault)
            if unsaid:
                with suppress(Exception):  # what cannot be worded has been told above
                    unsaid -= _said_sentences(trial, tried)
    by_itself = (
        *_not_yet(catalog, now),
        *_never_said(catalog, unsaid),
        *_denials(catalog),
        *plain_language_check.faults(catalog),
    )
    return (*found.values(), *by_itself)


def _not_yet(catalog: Catalog, now: datetime) -> Iterator[ContentError]:
    """Services that are said to have ended on a day to come: customers would lose them today."""
    today = now.astimezone(ZoneInfo(catalog.site.zone)).date()
    for place, one in enumerate(catalog.services.values(), 1):
        if one.ended and one.ended > today:
            said = f"“{one.id}” is still in use until {one.ended}; write this on the day it ends."
            yield ContentError("services.toml", 1, f"service.{place}.retired", said)


ROOMY = 1000
"""A medium with more room than this can be overfull only when as much as can be said is said at once."""


def _telling(media: Mapping[str, Medium]) -> dict[str, Medium]:
    """The media that show something the ones before them do not: other sentences, or little room of their own."""
    kept: dict[str, Medium] = {}
    said: set[str] = set()
    for medium in media.values():
        names = {name for sentences in medium.sentences.values() for name in sentences}
        narrow = 0 < medium.limit <= ROOMY and not any(_harder(one, medium) for one in kept.values())
        if narrow or not names <= said:
            kept[medium.id] = medium
            said |= names
    return kept


def _harder(one: Medium, other: Medium) -> bool:
    """Whether what fits ``one`` fits ``other``: it has as much room for the same sentences, or for fewer of them."""
    return replace(other, id=one.id, sentences=one.sentences, give_up=one.give_up) == one and all(
        [name for name in one.sentences.get(notice, ()) if name in names] == list(names)
        and [name for name in one.give_up.get(notice, ()) if name in names] == list(other.give_up.get(notice, ()))
        for notice, names in other.sentences.items()
    )


def _faults(trial: Trial, catalog: Catalog) -> Iterator[ContentError]:
    book = catalog.leading
    try:
        words = compose(trial.notice, trial.facts, catalog=catalog, story=trial.story, now=trial.now)[book.language]
    except BadPhrase as bad:
        yield _bad_phrase(bad, book)
    except DoesNotFit as long:
        yield _too_long(long, trial, book)
    except Exception as error:  # whatever prepared content makes the program trip over is a fault to be told
        yield ContentError(
            f"{book.language}/phrases.toml", 1, trial.facts.kind, _where(trial, f"cannot be worded ({error!r})")
        )
    else:
        yield from _of_words(words, trial, catalog)


def _bad_phrase(bad: BadPhrase, book: LanguagePack) -> ContentError:
    name = "labels" if bad.key in book.labels or bad.key.split(".")[0] in _LABELS else "phrases"
    message = (
        f"The slot {{{bad.slot}}} is not filled in this sentence; take it out."
        if bad.slot
        else f"“{bad.key}” is missing; add it."
    )
    return ContentError(f"{book.language}/{name}.toml", 1, bad.key, message)


_LABELS = ("notice", "numbered", "row", "state", "status")
"""Tables of the labels from which notices take words."""


def _too_long(long: DoesNotFit, trial: Trial, book: LanguagePack) -> ContentError:
    over = f"is too long for “{long.medium.id}” in {book.language}: {long.length} of {long.limit} at most"
    message = _where(trial, f"{over}; shorten its sentences, or let the medium give up one more")
    return ContentError("media.toml", 1, f"{long.medium.id}.give_up.{trial.notice}", message)


def _where(trial: Trial, what: str) -> str:
    return f"A notice “{trial.notice}” of the kind “{trial.facts.kind}” {what}."


def _of_words(words: NoticeText, trial: Trial, catalog: Catalog) -> Iterator[ContentError]:
    book = catalog.books[words.language]
    phrases = f"{words.language}/phrases.toml"
    for name, wrong in oddities(words, book):
        key = f"{name}.{trial.notice}" if name in ("title", "headline", "label", "status") else name
        yield ContentError(phrases, 1, key, _where(trial, wrong))
    for medium in catalog.media.values():
        wrong = silence(words, medium, book) if medium.sentences.get(trial.notice) != () else ""
        if wrong:
            yield ContentError("media.toml", 1, f"{medium.id}.sentences.{trial.notice}", _where(trial, wrong))
    for place in unmarked(words, book.marks):
        yield ContentError(f"drill/{words.language}.toml", 1, "start", _where(trial, f"lacks a mark: {place}"))


def _wanted_sentences(catalog: Catalog) -> set[str]:
    """All sentences that media ask for, but answers: those of a kind that a house has no use for do no harm."""
    tried = _tried(catalog)
    every = (
        names for medium in catalog.media.values() for notice, names in medium.sentences.items() if notice in tried
    )
    return (
        {name for names in every for name in names if not name.startswith(("answer.", "answer_"))}
        - _INSIDE
        - _unspoken(catalog)
    )


def _unspoken(catalog: Catalog) -> set[str]:
    """Sentences that no language of this site says: their text is empty in each."""
    empty = [
        {key.removesuffix(".text") for key, text in catalog.books[language].phrases.items() if not text}
        for language in catalog.languages
    ]
    return set.intersection(*empty) if empty else set()


def _tried(catalog: Catalog) -> set[NoticeKind]:
    """The notices that the kinds of this house have."""
    return {notice for kind in catalog.kinds for notice in notices_of(kind)}


def _said_sentences(trial: Trial, catalog: Catalog) -> set[str]:
    """The sentences that a notice has, of those that its media ask for."""
    case = WordingContext(trial.notice, trial.facts, catalog, trial.story, trial.now, catalog.leading)
    asked = {name for medium in catalog.media.values() for name in medium.sentences.get(trial.notice, ())}
    return {sentence.name for sentence in sentences(case, asked)}


def _denials(catalog: Catalog) -> Iterator[ContentError]:
    """Prepared texts that say that this is not a drill."""
    for language, book in catalog.books.items():
        texts = {("phrases", key): text for key, text in book.phrases.items()}
        texts |= {("labels", key): text for key, text in book.labels.items()}
        texts |= {("lists", f"{n}.{id}"): c.text for n, some in book.lists.items() for id, c in some.items()}
        for (name, key), text in texts.items():
            if said := find_forbidden_phrase(text, catalog.never):
                file = "desk" if name == "labels" and key.split(".")[0] in _STAFF else name
                yield ContentError(
                    f"{language}/{file}.toml", 1, key, f"Nobody may say “{said}”, in a drill or outside one."
                )


_STAFF = ("problem", "cli", "receipt", "desk")
"""Tables of the labels that only staff read."""


def _never_said(catalog: Catalog, unsaid: set[str]) -> Iterator[ContentError]:
    """Names in the media that no notice ever has: a name typed wrong leaves its sentence out in silence."""
    tried = _tried(catalog)
    for medium in catalog.media.values():
        for notice, names in medium.sentences.items():
            for name in unsaid.intersection(names) if notice in tried else ():
                key = f"{medium.id}.sentences.{notice}"
                yield ContentError("media.toml", 1, key, f"No notice has a sentence “{name}”; correct the name.")


_INSIDE = frozenset("inside_head inside_facts inside_unknown inside_told headline sections zone_note latest".split())
"""Sentences for colleagues and for letters, which are made from the finished ones."""
