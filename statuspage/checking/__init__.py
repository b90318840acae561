"""Tries out all prepared words before they are needed: fail before, not during."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from statuspage.catalog import Book, Catalog, Fault
from statuspage.checking.cases import OPEN, Trial, trials
from statuspage.facts import NoticeKind, Words, notices_of
from statuspage.media import DoesNotFit
from statuspage.wording import BadPhrase, compose
from statuspage.wording.case import Case
from statuspage.wording.sentences import sentences

__all__ = ["OPEN", "check"]


def check(catalog: Catalog, *, now: datetime) -> tuple[Fault, ...]:
    """Every fault that shows when words are made, in every language, kind, notice and medium.

    A catalog with the marks of a drill is the harder trial: the marks take room and are never given up. Faults
    carry no line; ``content.placed`` finds it.
    """
    found: dict[tuple[str, str], Fault] = {}
    unsaid = _names(catalog)
    for language in catalog.languages:
        alone = replace(catalog, site=replace(catalog.site, languages=(language,)))
        for trial in trials(alone, now):
            faults = tuple(_faults(trial, alone))
            for fault in faults:
                found.setdefault((fault.file, fault.key), fault)
            if unsaid and not faults:
                unsaid -= _said(trial, alone)
    return (*found.values(), *_never_said(catalog, unsaid))


def _faults(trial: Trial, catalog: Catalog) -> Iterator[Fault]:
    book = catalog.leading
    try:
        words = compose(trial.notice, trial.facts, catalog=catalog, story=trial.story, now=trial.now)[book.language]
    except BadPhrase as bad:
        yield _bad_phrase(bad, book)
    except DoesNotFit as long:
        yield _too_long(long, trial, book)
    except Exception as error:  # whatever prepared content makes the program trip over is a fault to be told
        yield Fault(
            f"{book.language}/phrases.toml", 1, trial.facts.kind, _where(trial, f"cannot be worded ({error!r})")
        )
    else:
        yield from _of_words(words, trial, catalog)


def _bad_phrase(bad: BadPhrase, book: Book) -> Fault:
    name = "labels" if bad.key in book.labels or bad.key.split(".")[0] in _LABELS else "phrases"
    message = (
        f"The slot {{{bad.slot}}} is not filled in this sentence; take it out."
        if bad.slot
        else f"“{bad.key}” is missing; add it."
    )
    return Fault(f"{book.language}/{name}.toml", 1, bad.key, message)


_LABELS = ("notice", "row", "state", "status")
"""Tables of the labels from which notices take words."""


def _too_long(long: DoesNotFit, trial: Trial, book: Book) -> Fault:
    over = f"is too long for “{long.medium.id}” in {book.language}: {long.length} of {long.medium.limit} at most"
    message = _where(trial, f"{over}; shorten its sentences, or let the medium give up one more")
    return Fault("media.toml", 1, f"{long.medium.id}.give_up.{trial.notice}", message)


def _where(trial: Trial, what: str) -> str:
    return f"A notice “{trial.notice}” of the kind “{trial.facts.kind}” {what}."


def _of_words(words: Words, trial: Trial, catalog: Catalog) -> Iterator[Fault]:
    """What is empty, unfilled, unmarked or badly joined in finished words."""
    book = catalog.books[words.language]
    phrases = f"{words.language}/phrases.toml"
    for name in ("title", "headline", "label", "status"):
        if not getattr(words, name).strip():
            yield Fault(phrases, 1, f"{name}.{trial.notice}", _where(trial, f"has an empty {name}"))
    for medium, text in words.media.items():
        wanted = catalog.media[medium].sentences.get(trial.notice)
        body = text.body.removeprefix(book.marks.start.strip()).removesuffix(book.marks.end.strip()).strip()
        if not body and wanted != ():
            yield Fault(
                "media.toml", 1, f"{medium}.sentences.{trial.notice}", _where(trial, f"says nothing on {medium}")
            )
        elif body and not _marked(text.body, book):
            yield Fault(f"drill/{words.language}.toml", 1, "start", _where(trial, f"lacks a mark on {medium}"))
    for sentence in words.sentences:
        odd = _ODD.search(sentence.text)
        if odd and sentence.name != "extra":
            yield Fault(phrases, 1, sentence.name, _where(trial, f"reads badly at “{odd[0]}”: {sentence.text}"))


def _marked(body: str, book: Book) -> bool:
    return body.startswith(book.marks.start.strip()) and body.endswith(book.marks.end.strip())


_ODD = re.compile(r"[{}|]|  |。。|、、|。、|、。|(?<!\.)\.\.(?!\.)|,,| [,.;:!?]|[,;:]\.|\.,|「」|（）|\(\)|“”")
"""What no finished sentence has: slots, breaks of the headline, doubled or lone punctuation, empty brackets."""


def _names(catalog: Catalog) -> set[str]:
    """All sentences that media ask for, but answers: those of a kind that a house has no use for do no harm."""
    tried = _tried(catalog)
    every = (
        names for medium in catalog.media.values() for notice, names in medium.sentences.items() if notice in tried
    )
    return {name for names in every for name in names if not name.startswith(("answer.", "answer_"))} - _INSIDE


def _tried(catalog: Catalog) -> set[NoticeKind]:
    """The notices that the kinds of this house have."""
    return {notice for kind in catalog.kinds for notice in notices_of(kind)}


def _said(trial: Trial, catalog: Catalog) -> set[str]:
    """The sentences that a notice has."""
    case = Case(trial.notice, trial.facts, catalog, trial.story, trial.now, catalog.leading)
    return {sentence.name for sentence in sentences(case)}


def _never_said(catalog: Catalog, unsaid: set[str]) -> Iterator[Fault]:
    """Names in the media that no notice ever has: a name typed wrong leaves its sentence out in silence."""
    tried = _tried(catalog)
    for medium in catalog.media.values():
        for notice, names in medium.sentences.items():
            for name in unsaid.intersection(names) if notice in tried else ():
                key = f"{medium.id}.sentences.{notice}"
                yield Fault("media.toml", 1, key, f"No notice has a sentence “{name}”; correct the name.")


_INSIDE = frozenset(("inside_head", "inside_facts", "inside_unknown", "inside_told"))
"""Sentences for colleagues, which are made from the finished ones."""
