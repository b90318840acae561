"""Renders all prepared texts in advance, so that errors show before an incident."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from statuspage.content.validation import fixed_facts, plain_language_check
from statuspage.content.validation.generated_cases import generate_trials
from statuspage.content.validation.sample_incidents import Trial
from statuspage.content.validation.text_check import find_oddities, find_silence
from statuspage.domain import (
    Catalog,
    ContentError,
    GroupingRules,
    LanguagePack,
    Medium,
    NoticeText,
    OnCallPolicy,
    find_forbidden_phrase,
)
from statuspage.rendering.wording import SENTENCE_NAMES, BadPhrase, DoesNotFit, compose, missing_marks

Recall = Callable[[Catalog, Callable[[], tuple[ContentError, ...]]], tuple[ContentError, ...]]
"""Runs the check of a part of the content, or recalls what it found in an equal part."""


def _run_always(_part: Catalog, check: Callable[[], tuple[ContentError, ...]]) -> tuple[ContentError, ...]:
    return check()


def check_wording(catalog: Catalog, *, now: datetime, recall: Recall = _run_always) -> tuple[ContentError, ...]:
    """Every error that occurs when notices are composed, in every language, incident type, notice and medium.

    A catalog with drill marks is the harder test, because the marks take up room and are never dropped. Errors have no
    line number; ``content.locate_errors`` adds it.
    """
    errors: dict[tuple[str, str], ContentError] = {}
    for language in dict.fromkeys((*catalog.languages, *catalog.packs)):
        part = _part_of_language(catalog, language)
        for error in recall(part, partial(_check_language, part, now)):
            errors.setdefault((error.file, error.key), error)
    general_errors = (
        *_future_retirements(catalog, now),
        *_unknown_sentence_errors(catalog),
        *_forbidden_phrase_errors(catalog),
    )
    return (*errors.values(), *general_errors)


def _part_of_language(catalog: Catalog, language: str) -> Catalog:
    """All that sentences of this language are made from: without the others, and what no sentence depends on."""
    spoken = tuple(each for each in catalog.languages if each == language)
    return replace(
        catalog,
        version="",
        wording_version="",
        site=replace(catalog.site, languages=spoken),
        packs={language: catalog.packs[language]},
        channels={},
        disabled_channels={},
        hosts={},
        on_call=OnCallPolicy(),
        notification_channels={},
        alert_rules=(),
        grouping=GroupingRules(),
        json_mappings={},
        runbooks={},
        scenarios={},
        scenario_needs={},
        scenario_gaps={},
    )


def _check_language(part: Catalog, now: datetime) -> tuple[ContentError, ...]:
    """The errors in one language; the sentences are tried if it is one of the page."""
    errors: dict[tuple[str, str], ContentError] = {}
    demanding = replace(part, media=_demanding_media(part.media))
    for trial in generate_trials(part, now) if part.languages else ():
        for error in _trial_errors(trial, part if trial.is_fullest else demanding):
            errors.setdefault((error.file, error.key), error)
    return (*errors.values(), *fixed_facts.find_errors(part), *plain_language_check.find_errors(part))


def _future_retirements(catalog: Catalog, now: datetime) -> Iterator[ContentError]:
    """Services with a retirement day in the future, which would disappear for customers today."""
    today = now.astimezone(ZoneInfo(catalog.site.zone)).date()
    for position, service in enumerate(catalog.services.values(), 1):
        if service.retired_on and service.retired_on > today:
            message = f"“{service.id}” is still in use until {service.retired_on}; write this on the day it ends."
            yield ContentError("services.toml", 1, f"service.{position}.retired", message)


ROOMY_LIMIT = 1000
"""A medium with more room than this can only overflow if everything possible is said at once."""


def _demanding_media(media: Mapping[str, Medium]) -> dict[str, Medium]:
    """The media that test something the earlier ones do not: other sentences, or less room."""
    chosen: dict[str, Medium] = {}
    seen: set[str] = set()
    for medium in media.values():
        names = {name for sentences in medium.sentences.values() for name in sentences}
        is_narrow = 0 < medium.limit <= ROOMY_LIMIT and not any(_is_harder(other, medium) for other in chosen.values())
        if is_narrow or not names <= seen:
            chosen[medium.id] = medium
            seen |= names
    return chosen


def _is_harder(medium: Medium, other: Medium) -> bool:
    """Whether everything that fits this medium also fits ``other``: it has as much room for the same or fewer
    sentences."""
    return replace(other, id=medium.id, sentences=medium.sentences, drop_order=medium.drop_order) == medium and all(
        [name for name in medium.sentences.get(notice, ()) if name in names] == list(names)
        and [name for name in medium.drop_order.get(notice, ()) if name in names]
        == list(other.drop_order.get(notice, ()))
        for notice, names in other.sentences.items()
    )


def _trial_errors(trial: Trial, catalog: Catalog) -> Iterator[ContentError]:
    pack = catalog.leading_pack
    try:
        notice_text = compose(trial.notice, trial.facts, catalog=catalog, incident=trial.context, now=trial.now)[
            pack.language
        ]
    except BadPhrase as bad_phrase:
        yield _bad_phrase_error(bad_phrase, pack)
    except DoesNotFit as overflow:
        yield _too_long_error(overflow, trial, pack)
    except Exception as error:  # any exception caused by prepared content is reported as an error
        yield ContentError(
            f"{pack.language}/phrases.toml",
            1,
            trial.facts.incident_type,
            _describe_problem(trial, f"cannot be worded ({error!r})"),
        )
    else:
        yield from _text_errors(notice_text, trial, catalog)


def _bad_phrase_error(error: BadPhrase, pack: LanguagePack) -> ContentError:
    table, entry = (*error.key.split("."), "")[:2]
    name = "labels" if error.key in pack.labels or table in _NOTICE_LABEL_TABLES else "phrases"
    if entry in pack.lists.get(table, ()):
        name = "lists"
    message = (
        f"The slot {{{error.slot}}} is not filled in this sentence; delete it."
        if error.slot
        else f"“{error.key}” is missing; add it."
    )
    return ContentError(f"{pack.language}/{name}.toml", 1, error.key, message)


_NOTICE_LABEL_TABLES = ("notice", "numbered", "row", "state", "status")
"""Tables of the labels used in notices."""


def _too_long_error(overflow: DoesNotFit, trial: Trial, pack: LanguagePack) -> ContentError:
    description = (
        f"is too long for “{overflow.medium.id}” in {pack.language}: {overflow.length} of {overflow.limit} at most"
    )
    remedy = "shorten its sentences, or let the medium drop one more"
    if trial.facts.audience.groups:
        remedy = f"shorten the labels of your groups of customers ({pack.language}/organisation.toml)"
    message = _describe_problem(trial, f"{description}; {remedy}")
    return ContentError("media.toml", 1, f"{overflow.medium.id}.drop_order.{trial.notice}", message)


def _describe_problem(trial: Trial, problem: str) -> str:
    return f"A notice “{trial.notice}” for the incident type “{trial.facts.incident_type}” {problem}."


def _text_errors(notice_text: NoticeText, trial: Trial, catalog: Catalog) -> Iterator[ContentError]:
    pack = catalog.packs[notice_text.language]
    phrases = f"{notice_text.language}/phrases.toml"
    for name, problem in find_oddities(notice_text, pack):
        key = f"{name}.{trial.notice}" if name in ("title", "headline", "label", "status") else name
        yield ContentError(phrases, 1, key, _describe_problem(trial, problem))
    for medium in catalog.media.values():
        problem = find_silence(notice_text, medium, pack) if medium.sentences.get(trial.notice) != () else ""
        if problem:
            yield ContentError(
                "media.toml", 1, f"{medium.id}.sentences.{trial.notice}", _describe_problem(trial, problem)
            )
    for location in missing_marks(notice_text, pack.marks):
        yield ContentError(
            f"drill/{notice_text.language}.toml",
            1,
            "start_mark",
            _describe_problem(trial, f"lacks a mark: {location}"),
        )


def _forbidden_phrase_errors(catalog: Catalog) -> Iterator[ContentError]:
    """Prepared texts that claim that this is not a drill."""
    for language, pack in catalog.packs.items():
        texts = {("phrases", key): text for key, text in pack.phrases.items()}
        texts |= {("labels", key): text for key, text in pack.labels.items()}
        texts |= {
            ("lists", f"{n}.{id}"): choice.text for n, choices in pack.lists.items() for id, choice in choices.items()
        }
        for (name, key), text in texts.items():
            if phrase := find_forbidden_phrase(text, catalog.forbidden_phrases):
                file = "desk" if name == "labels" and key.split(".")[0] in _STAFF_TABLES else name
                yield ContentError(f"{language}/{file}.toml", 1, key, f"“{phrase}” is not allowed, live or in a drill.")


_STAFF_TABLES = ("problem", "cli", "receipt", "desk")
"""Tables of the labels that only staff read."""


def _unknown_sentence_errors(catalog: Catalog) -> Iterator[ContentError]:
    """Names in media that no sentence has. A mistyped name would silently leave out its sentence.

    Those of answers are not checked: an incident type that is not used does no harm.
    """
    known = SENTENCE_NAMES | _STAFF_SENTENCES
    for medium in catalog.media.values():
        for notice, names in medium.sentences.items():
            for name in names:
                if name not in known and not name.startswith(("answer.", "answer_short.")):
                    key = f"{medium.id}.sentences.{notice}"
                    yield ContentError("media.toml", 1, key, f"No notice has a sentence “{name}”; correct the name.")


_STAFF_SENTENCES = frozenset(
    "staff_head staff_facts staff_unknown staff_customer_text headline sections zone_note latest".split()
)
"""Sentences for staff and for emails, which are made from the other sentences."""
