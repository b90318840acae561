"""Blanks personal data that was published, in all words kept about an incident; shown first, then done and recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from statuspage.domain import (
    SITE,
    Delivery,
    DeliveryStatus,
    Hit,
    LanguagePack,
    RedactionMatcher,
    StepKind,
    TimelineEvent,
    call_place,
    sought,
    strip_invisible,
    too_short,
    unreadable,
)
from statuspage.storage import deliveries, incidents, redactions, send_hold
from statuspage.storage.engine import Connection
from statuspage.storage.redactions import Redaction, Stored
from statuspage.usecases.environment import Environment
from statuspage.usecases.incidents import NoSuchIncident, NotNow

LABEL, LABEL_OF_NONE = "site.redacted", "■■■"
"""What stands in place of the words: the language's own, or bars where its content is older than this."""

MANY = 2
"""Times that a name may stand in one text; what stands there more often and fills half of it is no name."""

_AGAIN = (DeliveryStatus.SENT, DeliveryStatus.SENDING, DeliveryStatus.LOOK)
"""Ends of a delivery whose message others may hold."""


@dataclass(frozen=True, slots=True)
class RedactionPlace:
    """Where the text stands: ``what`` of ``redactions.Stored`` or file, how often, and once with what is around it.

    ``number`` is the sequence of a notice, or 0; ``name`` an alert's id or a channel, where that tells something.
    """

    what: str
    number: int
    name: str
    language: str
    count: int
    hit: Hit


@dataclass(frozen=True, slots=True)
class RedactionPlaces:
    """Everywhere the text stands. ``carried`` are messages others hold, which only a person can delete there.

    ``called`` are the ways by which colleagues were told it. ``others`` are incidents, and alerts of none, in which it
    stands too and which are left as they are.
    """

    places: tuple[RedactionPlace, ...]
    carried: tuple[Delivery, ...]
    called: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def count(self) -> int:
        """How often it stands in all places together."""
        return sum(place.count for place in self.places)


@dataclass(frozen=True, slots=True)
class _Change:
    stored: Stored
    words: Any
    hits: tuple[Hit, ...]


def look(world: Environment, incident_id: str, text: str) -> RedactionPlaces:
    """Where this text stands. Changes nothing.

    Raises NoSuchIncident; NotNow where it is too short, stands in prepared sentences, or is most of what a notice says.
    """
    blanks = _blanks(world, text)
    with world.store.read() as tx:
        return _find_places(world, tx, incident_id, _changes(tx, incident_id, blanks), blanks, strip_invisible(text))


def redact(world: Environment, incident_id: str, text: str, *, reason: str, by: str, now: datetime) -> RedactionPlaces:
    """Blanks the text in all words kept about the incident and puts on record who did so, when and why.

    What is published follows with ``forgetting.finish``. Raises as ``look``, and NotNow where the text stands nowhere,
    where the reason is missing, holds the text or turns text around, and while the books are on hold.
    """
    blanks, reason = _blanks(world, text), strip_invisible(reason)
    if not reason:
        raise NotNow("redact.why")
    if unreadable(reason):
        raise NotNow("text.characters")
    if blanks.found(reason):
        raise NotNow("redact.reason")
    with world.store.begin() as tx:
        if send_hold.since(tx) is not None:
            raise NotNow("redact.hold")
        changes = _changes(tx, incident_id, blanks)
        found = _find_places(world, tx, incident_id, changes, blanks, strip_invisible(text))
        if not found.places:
            raise NotNow("redact.nowhere")
        number = redactions.begin_redaction(tx, incident_id, at=now, by=by, reason=reason)
        for change in changes:
            redactions.put(tx, change.stored, change.words, now)
        for path in _sandbox_files(world, tx, incident_id):
            _clean(path, blanks)
        redactions.seal(tx, number, places=found.count, carried=[one.id for one in found.carried])
        step = TimelineEvent(StepKind.REDACTED, by=by, text=reason)
        incidents.append(tx, incident_id, step, happened=now, recorded=now)
    return found


def done(world: Environment, incident_id: str) -> tuple[tuple[Redaction, tuple[Delivery, ...]], ...]:
    """What was blanked in this incident so far, each time with the messages that others may still hold."""
    with world.store.read() as tx:
        owed = {one.id: one for one in deliveries.for_incident(tx, incident_id)}
        found = redactions.redactions_of_incident(tx, incident_id)
    return tuple((one, tuple(owed[id] for id in one.carried if id in owed)) for one in found)


def _blanks(world: Environment, text: str) -> RedactionMatcher:
    text = strip_invisible(text)
    if too_short(text):
        raise NotNow("redact.short")
    labels = {language: book.labels.get(LABEL, LABEL_OF_NONE) for language, book in world.catalog.books.items()}
    blanks = RedactionMatcher(sought(text), labels, world.catalog.leading.labels.get(LABEL, LABEL_OF_NONE))
    if any(blanks.found(said) for book in world.catalog.books.values() for said in _prepared(book)):
        raise NotNow("redact.common")
    return blanks


def _prepared(book: LanguagePack) -> Iterator[Any]:
    """What stands in many notices, and around all of them in a drill."""
    yield list(book.phrases.values())
    yield [words.name for words in book.services.values()]
    marks = book.marks
    yield [book.site, marks.start, marks.end, marks.word, marks.banner, book.labels.get(LABEL, LABEL_OF_NONE)]


def _changes(tx: Connection, incident_id: str, blanks: RedactionMatcher) -> tuple[_Change, ...]:
    try:
        kept = tuple(redactions.words_of(tx, incident_id))
    except KeyError as error:
        raise NoSuchIncident from error
    swept = ((stored, *blanks.swept(stored.words)) for stored in kept)
    return tuple(_Change(stored, words, hits) for stored, words, hits in swept if hits)


def _find_places(
    world: Environment,
    tx: Connection,
    incident_id: str,
    changes: tuple[_Change, ...],
    blanks: RedactionMatcher,
    text: str,
) -> RedactionPlaces:
    for change in changes:
        _refuse_half(change, blanks)
    places = [place for change in changes for place in _places(change.stored, change.hits)]
    for path in _sandbox_files(world, tx, incident_id):
        hits = blanks.swept(_file_text(path))[1]
        places += _places(Stored("file", (), None, name=path.parent.name), hits)
    called = redactions.ways_told(tx, _touched(changes, "call"))
    return RedactionPlaces(
        tuple(places), _carried_messages(tx, incident_id, changes), called, redactions.others(tx, incident_id, text)
    )


def _places(stored: Stored, hits: tuple[Hit, ...]) -> Iterator[RedactionPlace]:
    for language, same in groupby(sorted(hits, key=lambda hit: hit.language), key=lambda hit: hit.language):
        found = tuple(same)
        yield RedactionPlace(stored.what, stored.number, stored.name, language, len(found), found[0])


def _refuse_half(change: _Change, blanks: RedactionMatcher) -> None:
    """Half a page of labels tells nobody anything; such a notice is withdrawn or corrected."""
    if change.stored.what != "notice":
        return
    for words in change.stored.words["words"].values():
        said = words["media"].get("page", {}).get("body", "")
        hits = blanks.swept(said)[1]
        if len(hits) > MANY and 2 * sum(len(hit.text) for hit in hits) > len(said):
            raise NotNow("redact.half")


def _carried_messages(tx: Connection, incident_id: str, changes: tuple[_Change, ...]) -> tuple[Delivery, ...]:
    """Messages with the text that have gone out, or may have."""
    touched = _touched(changes, "delivery")
    owed = (one for one in deliveries.for_incident(tx, incident_id) if one.id in touched and one.channel != SITE)
    return tuple(one for one in owed if one.end in _AGAIN or one.unsure)


def _touched(changes: tuple[_Change, ...], what: str) -> set[int]:
    return {change.stored.key[0] for change in changes if change.stored.what == what}


def _sandbox_files(world: Environment, tx: Connection, incident_id: str) -> tuple[Path, ...]:
    """What a drill wrote into files in place of sending it, to customers or to colleagues."""
    names = (f"*{incident_id}*", *(f"{call_place(number)}-*" for number in redactions.calls_of(tx, incident_id)))
    return tuple(sorted(path for name in names for path in (world.home / "outbox").glob(f"*/{name}")))


def _file_text(path: Path) -> Any:
    """What is in the file: of JSON its values, of anything else its text."""
    said = path.read_text("utf-8", "replace")
    return json.loads(said) if path.suffix == ".json" else said


def _clean(path: Path, blanks: RedactionMatcher) -> None:
    clean, hits = blanks.swept(_file_text(path))
    if hits:
        fresh = path.with_name(f".{path.name}.new")
        fresh.write_text(clean if isinstance(clean, str) else json.dumps(clean, ensure_ascii=False, indent=2), "utf-8")
        fresh.replace(path)
