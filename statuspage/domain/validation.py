"""Problems with the facts of a notice, as values beside their fields."""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from statuspage.domain.catalog import Catalog
from statuspage.domain.facts import (
    IMPACT_STATES,
    MAINTENANCE,
    MAINTENANCE_NOTICES,
    NOTICES_AFTER_END,
    AffectedAudience,
    Facts,
    Known,
    MaintenanceWindow,
    MissedEstimate,
    NotBefore,
    NoticeKind,
    Range,
    State,
    Unknown,
)

EXTRA_LIMIT = 1000
"""Maximum characters of free text per language. A notice is read on a phone by someone who is worried."""

POSTMORTEM_LIMIT = 50_000
"""Maximum characters of a postmortem per language."""

PROMISE_LIMIT = timedelta(days=7)
"""How far ahead the next update may be promised."""

CLOCK_TOLERANCE = timedelta(minutes=2)
"""How far a clock may be ahead of ours before a time is reported as in the future."""


@dataclass(frozen=True, slots=True)
class ValidationError:
    """A problem with one field. ``code`` is the last part of a label key (``problem.CODE``), ``args`` are its slots."""

    field: str
    code: str
    args: Mapping[str, str] = dataclasses.field(default_factory=dict)


def validate_facts(
    facts: Facts, notice: NoticeKind, catalog: Catalog, *, now: datetime, previous: Facts | None = None
) -> tuple[ValidationError, ...]:
    """Every problem with these facts for this kind of notice, in the form's order."""
    if notice in MAINTENANCE_NOTICES:
        return tuple(_maintenance_problems(facts, notice, catalog, now, previous))
    rules: tuple[Callable[[], Iterator[ValidationError]], ...] = (
        lambda: _incident_type_problems(facts, catalog),
        lambda: _scope_problems(facts, catalog),
        lambda: _start_problems(facts, now),
        lambda: _end_problems(facts, notice, now),
        lambda: _estimate_problems(facts, notice, catalog, now),
        lambda: _answer_problems(facts, catalog),
        lambda: _choice_problems(facts, notice, catalog),
        lambda: _contact_problems(facts, previous, catalog),
        lambda: _promise_problems(facts, notice, now),
        lambda: _extra_problems(facts, catalog),
    )
    return tuple(problem for rule in rules for problem in rule())


def has_minimum_facts(facts: Facts, catalog: Catalog) -> bool:
    """Whether impact and start time are known: enough to publish; the rest can follow."""
    has_impact = bool(facts.affected) or not _needs_services(facts, catalog)
    return bool(facts.incident_type and has_impact and (facts.start or facts.maintenance_window))


def _needs_services(facts: Facts, catalog: Catalog) -> bool:
    incident_type = catalog.incident_types.get(facts.incident_type)
    return incident_type is None or incident_type.names_services


def _maintenance_problems(
    facts: Facts, notice: NoticeKind, catalog: Catalog, now: datetime, previous: Facts | None
) -> Iterator[ValidationError]:
    yield from _scope_problems(facts, catalog)
    yield from _window_problems(facts, notice, now, previous.maintenance_window if previous else None)
    if notice is NoticeKind.STARTED and facts.start and facts.start.at > now + CLOCK_TOLERANCE:
        yield ValidationError("start", "start.future")
    if notice is NoticeKind.FINISHED:
        yield from _end_problems(facts, NoticeKind.RESOLVED, now)
    yield from _choice_problems(facts, notice, catalog)
    yield from _contact_problems(facts, previous, catalog)
    yield from _extra_problems(facts, catalog)


def _window_problems(
    facts: Facts, notice: NoticeKind, now: datetime, previous_window: MaintenanceWindow | None
) -> Iterator[ValidationError]:
    window = facts.maintenance_window
    if window is None:
        yield ValidationError("begins", "window.missing")
    elif window.end <= window.start:
        yield ValidationError("ends", "window.order")
    elif notice is NoticeKind.EXTENDED and previous_window is not None and window.end == previous_window.end:
        yield ValidationError("ends", "window.same")
    elif notice is NoticeKind.ANNOUNCED and window.start <= now:
        yield ValidationError("begins", "window.past")
    elif notice in (NoticeKind.STARTED, NoticeKind.EXTENDED) and window.end <= now:
        yield ValidationError("ends", "window.over")
    elif window.remind_at is not None and notice is NoticeKind.ANNOUNCED and window.remind_at <= now:
        yield ValidationError("remind", "remind.past")


def _incident_type_problems(facts: Facts, catalog: Catalog) -> Iterator[ValidationError]:
    if not facts.incident_type:
        yield ValidationError("incident_type", "incident_type.missing")
    elif facts.incident_type not in catalog.incident_types or facts.incident_type == MAINTENANCE:
        yield ValidationError("incident_type", "incident_type.unknown", {"value": facts.incident_type})


def _scope_problems(facts: Facts, catalog: Catalog) -> Iterator[ValidationError]:
    if not facts.affected and _needs_services(facts, catalog):
        yield ValidationError("services", "services.missing")
    for affected in facts.named_services:
        if affected.service not in catalog.services:
            yield ValidationError("services", "services.unknown", {"value": affected.service})
        elif affected.state not in (*IMPACT_STATES, State.OPERATIONAL):
            yield ValidationError("services", "services.state", {"value": affected.state})
    if facts.audience.extent is AffectedAudience.GROUPS and not facts.audience.groups:
        yield ValidationError("audience", "audience.missing")
    for group in facts.audience.groups:
        if group not in catalog.leading_pack.audience_groups:
            yield ValidationError("audience", "audience.unknown", {"value": group})


def _start_problems(facts: Facts, now: datetime) -> Iterator[ValidationError]:
    if facts.start is None:
        yield ValidationError("start", "start.missing")
    elif facts.start.at > now + CLOCK_TOLERANCE:
        yield ValidationError("start", "start.future")


def _end_problems(facts: Facts, notice: NoticeKind, now: datetime) -> Iterator[ValidationError]:
    if notice is not NoticeKind.RESOLVED and not (notice is NoticeKind.CORRECTION and facts.ended_at):
        return
    if facts.ended_at is None:
        yield ValidationError("ended", "ended.missing")
    elif facts.ended_at > now + CLOCK_TOLERANCE:
        yield ValidationError("ended", "ended.future")
    elif facts.start and facts.ended_at < facts.start.at:
        yield ValidationError("ended", "ended.before_start")


def _estimate_problems(facts: Facts, notice: NoticeKind, catalog: Catalog, now: datetime) -> Iterator[ValidationError]:
    if _is_over(facts, notice):
        return
    estimate = facts.estimate.current if isinstance(facts.estimate, MissedEstimate) else facts.estimate
    incident_type = catalog.incident_types.get(facts.incident_type)
    match estimate:
        case Unknown():
            return
        case _ if incident_type and not incident_type.gives_estimate:
            yield ValidationError("estimate", "estimate.not_given")
        case Range(earliest=earliest, latest=latest) if latest <= earliest:
            yield ValidationError("estimate", "estimate.order")
        case Known(at=at) | NotBefore(at=at) | Range(latest=at):
            if facts.start and at <= facts.start.at:
                yield ValidationError("estimate", "estimate.before_start")
            elif at <= now:
                yield ValidationError("estimate", "estimate.past")


def _is_over(facts: Facts, notice: NoticeKind) -> bool:
    """Whether the notice is about an incident that is over: what was expected before the end binds nobody any more."""
    is_corrected = notice is NoticeKind.CORRECTION and facts.ended_at is not None
    return notice is NoticeKind.RESOLVED or notice in NOTICES_AFTER_END or is_corrected


def _answer_problems(facts: Facts, catalog: Catalog) -> Iterator[ValidationError]:
    incident_type = catalog.incident_types.get(facts.incident_type)
    for question in incident_type.questions if incident_type else ():
        answer = facts.answers.get(question.id, "checking")
        if answer == "checking" and question.is_required:
            yield ValidationError(f"answer.{question.id}", "answer.required")
        elif answer in question.unavailable:
            yield ValidationError(f"answer.{question.id}", "contact.contact", {"value": answer})
        elif answer != "checking" and answer not in question.answers:
            yield ValidationError(f"answer.{question.id}", "answer.unknown", {"value": answer})
        if any(answer == own and facts.answers.get(other) == others for own, other, others in question.against):
            yield ValidationError(f"answer.{question.id}", "answer.against")
    question_ids = {question.id for question in incident_type.questions} if incident_type else set()
    for stray in facts.answers.keys() - question_ids if incident_type else ():
        yield ValidationError(f"answer.{stray}", "answer.unasked", {"value": stray})


def _choice_problems(facts: Facts, notice: NoticeKind, catalog: Catalog) -> Iterator[ValidationError]:
    lists = catalog.leading_pack.lists
    for chosen in facts.workarounds:
        if chosen not in lists["workaround"]:
            yield ValidationError("workaround", "workaround.unknown", {"value": chosen})
    yield from _contradiction_problems(facts, catalog)
    if facts.current_action is not None and facts.current_action not in lists["current_action"]:
        yield ValidationError("current_action", "current_action.unknown", {"value": facts.current_action})
    if facts.cause is not None and notice is NoticeKind.FIRST:
        yield ValidationError("cause", "cause.first")
    elif facts.cause is not None and facts.cause not in lists["cause"]:
        yield ValidationError("cause", "cause.unknown", {"value": facts.cause})


def _contact_problems(facts: Facts, previous: Facts | None, catalog: Catalog) -> Iterator[ValidationError]:
    """Choices that send readers to a company that does not say how to reach it. What an earlier notice said may be
    repeated, so that nothing that was approved fails to go out.
    """
    for choice in sorted(_chosen_ids(facts) - (_chosen_ids(previous) if previous else frozenset())):
        if need := catalog.lacking_contact(choice):
            value = _choice_label(choice, catalog)
            yield ValidationError(choice.partition(".")[0], f"contact.{need}", {"value": value})


def _contradiction_problems(facts: Facts, catalog: Catalog) -> Iterator[ValidationError]:
    """One problem for each field with a choice that contradicts another one."""
    fields: set[str] = set()
    for first, second in _find_contradictions(facts, catalog):
        field = second.partition(".")[0]
        if field not in fields:
            fields.add(field)
            if first.startswith("answer."):
                yield ValidationError(field, f"{field}.conflict")
            else:
                yield ValidationError(field, f"{field}.contradiction", {"value": _choice_label(first, catalog)})


def _choice_label(choice: str, catalog: Catalog) -> str:
    """The label of ``cause.bank`` on the form."""
    kind, _, id = choice.partition(".")
    pack = catalog.packs.get(catalog.desk_languages[0] if catalog.desk_languages else "", catalog.leading_pack)
    entry = pack.lists.get(kind, {}).get(id)
    return (entry.label if entry else "") or id


def _promise_problems(facts: Facts, notice: NoticeKind, now: datetime) -> Iterator[ValidationError]:
    if facts.next_update is None or _is_over(facts, notice):
        return
    if facts.next_update <= now:
        yield ValidationError("next_update", "next_update.past")
    elif facts.next_update > now + PROMISE_LIMIT:
        yield ValidationError("next_update", "next_update.far")


def _extra_problems(facts: Facts, catalog: Catalog) -> Iterator[ValidationError]:
    for language, text in facts.extra.items():
        if language not in catalog.languages:
            yield ValidationError(f"extra.{language}", "language.unknown", {"value": language})
        else:
            yield from text_problems(f"extra.{language}", text)


def text_problems(field: str, text: str, limit: int = EXTRA_LIMIT) -> Iterator[ValidationError]:
    """Problems with free text: longer than ``limit`` characters, or with characters that cannot be displayed."""
    if len(text) > limit:
        yield ValidationError(field, "text.long", {"count": str(len(text)), "limit": str(limit)})
    elif has_unreadable_characters(text):
        yield ValidationError(field, "text.characters")


def has_unreadable_characters(text: str) -> bool:
    """Whether it contains characters that break a feed or reverse text: controls, bidi overrides, lone surrogates.

    The list follows the XML of RFC 4287 and Unicode TR 9 (U+202A to U+202E, U+2066 to U+2069).
    """
    return _BREAKS.search(text) is not None


def escape_control_characters(text: str) -> str:
    """The text with a symbol in place of each such character, to quote safely what somebody typed."""
    return _BREAKS.sub("\N{REPLACEMENT CHARACTER}", text)


_BREAKS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


def find_forbidden_phrase(text: str, phrases: Iterable[str]) -> str:
    """The first of ``phrases`` that the text contains, regardless of spacing, punctuation and case; "" if none."""
    bare = _bare_text(text)
    return next((phrase for phrase in phrases if _cached_bare_text(phrase) in bare), "")


@lru_cache(maxsize=256)
def _cached_bare_text(phrase: str) -> str:
    return _bare_text(phrase)


def _bare_text(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKC", text).casefold() if char.isalnum())


def _find_contradictions(facts: Facts, catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Pairs of choices that contradict each other, such as ``answer.retry`` and ``workaround.wait``."""
    chosen = _chosen_ids(facts)
    incident_type = catalog.incident_types.get(facts.incident_type)
    for question in incident_type.questions if incident_type else ():
        given_answer = facts.answers.get(question.id, "checking")
        for answer, choice in question.conflicts:
            if answer == given_answer and choice in chosen:
                yield f"answer.{question.id}", choice
    yield from (pair for pair in catalog.contradictions if chosen.issuperset(pair))


def _chosen_ids(facts: Facts) -> frozenset[str]:
    """Everything chosen from the closed lists, and whether everyone is affected."""
    single = {"cause": facts.cause, "current_action": facts.current_action}
    return frozenset(
        {
            *(f"{kind}.{id}" for kind, id in single.items() if id),
            *(f"workaround.{workaround}" for workaround in facts.workarounds),
            f"audience.{facts.audience.extent}",
        }
    )
