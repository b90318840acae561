"""Redacts published personal data in all texts of an incident: first shown, then done and recorded."""

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
    Catalog,
    Delivery,
    DeliveryStatus,
    EventKind,
    Hit,
    LanguagePack,
    RedactionMatcher,
    TimelineEvent,
    has_unreadable_characters,
    is_too_short,
    notification_thread_key,
    search_pattern,
    strip_invisible,
)
from statuspage.storage import deliveries, incidents, redactions, send_hold
from statuspage.storage.api import requests as api_requests
from statuspage.storage.engine import Connection, Database
from statuspage.storage.post_incident import action_items
from statuspage.storage.redactions import Redaction, StoredText
from statuspage.usecases.environment import Environment
from statuspage.usecases.incidents import ActionRefused, NoSuchIncident

LABEL_KEY, FALLBACK_LABEL = "site.redacted", "■■■"
"""The replacement text: the language's own, or bars if the content is older than this feature."""

ACTION = "action"
"""The type of record of an action item."""

MAX_OCCURRENCES = 2
"""The maximum occurrences of a name in one text; what occurs more often and fills half of it is not a name."""

_SENT_STATUSES = (DeliveryStatus.DELIVERED, DeliveryStatus.SENDING, DeliveryStatus.NEEDS_REVIEW)
"""States of a delivery whose message others may hold."""


@dataclass(frozen=True, slots=True)
class RedactionPlace:
    """A place of the text: the type of record or file, the number of occurrences, and one with its context.

    ``sequence`` is that of a notice, or 0; ``name`` an alert's id or a channel, where useful.
    """

    record_type: str
    sequence: int
    name: str
    language: str
    count: int
    hit: Hit


@dataclass(frozen=True, slots=True)
class RedactionPlaces:
    """All places of the text. ``sent_deliveries`` are messages held by others, which only a person can delete there.

    ``staff_channels`` are those through which staff received it. ``other_ids`` are incidents, and alerts without an
    incident, that also contain it and are not changed.
    """

    places: tuple[RedactionPlace, ...]
    sent_deliveries: tuple[Delivery, ...]
    staff_channels: tuple[str, ...]
    other_ids: tuple[str, ...]

    @property
    def count(self) -> int:
        """The total number of occurrences."""
        return sum(place.count for place in self.places)


@dataclass(frozen=True, slots=True)
class _Change:
    stored: StoredText
    redacted_words: Any
    hits: tuple[Hit, ...]


def find_text(env: Environment, incident_id: str, text: str) -> RedactionPlaces:
    """The places of this text. Changes nothing.

    Raises NoSuchIncident, or ActionRefused if it is too short, is part of prepared sentences, or is most of a notice.
    """
    matcher = _build_matcher(env.site.catalog, text)
    with env.databases.environment.read() as tx:
        return _find_places(
            env.home, tx, incident_id, _find_changes(env, tx, incident_id, matcher), matcher, strip_invisible(text)
        )


def redact_text(
    env: Environment, incident_id: str, text: str, *, reason: str, actor: str, now: datetime
) -> RedactionPlaces:
    """Redacts the text in everything stored about the incident and records who did so, when and why.

    ``finish_redactions`` then updates what is published. Raises the errors of ``find_text``, and ActionRefused if the
    text is not found, if the reason is missing, contains the text or reverses text, and during a send hold.
    """
    matcher, reason = _build_matcher(env.site.catalog, text), strip_invisible(reason)
    if not reason:
        raise ActionRefused("redaction.reason_missing")
    if has_unreadable_characters(reason):
        raise ActionRefused("text.characters")
    if matcher.is_found_in(reason):
        raise ActionRefused("redaction.reason_repeats")
    with env.databases.environment.begin() as tx:
        if send_hold.find_hold_start(tx) is not None:
            raise ActionRefused("redaction.hold")
        changes = _find_changes(env, tx, incident_id, matcher)
        places = _find_places(env.home, tx, incident_id, changes, matcher, strip_invisible(text))
        if not places.places:
            raise ActionRefused("redaction.not_found")
        redaction_id = redactions.begin_redaction(tx, incident_id, at=now, actor=actor, reason=reason)
        for change in changes:
            redactions.replace_text(tx, change.stored, change.redacted_words, now)
        _redact_actions(env, changes)
        for path in _sandbox_files(env.home, tx, incident_id):
            _redact_file(path, matcher)
        redactions.seal_redaction(
            tx,
            redaction_id,
            replacements=places.count,
            external_deliveries=[delivery.id for delivery in places.sent_deliveries],
        )
        api_requests.forget_bodies(tx, incident_id)
        event = TimelineEvent(EventKind.REDACTED, actor=actor, text=reason)
        incidents.append_entry(tx, incident_id, event, happened=now, recorded=now)
    return places


def _redact_actions(env: Environment, changes: tuple[_Change, ...]) -> None:
    """Redacts action items, which are in the database that both desks share, before the rest commits."""
    with env.databases.accounts.begin() as tx:
        for change in changes:
            if change.stored.record_type == ACTION:
                action_items.replace_texts(tx, change.stored.key[0], change.redacted_words)


def past_redactions(database: Database, incident_id: str) -> tuple[tuple[Redaction, tuple[Delivery, ...]], ...]:
    """The redactions of this incident so far, each with the messages that others may still hold."""
    with database.read() as tx:
        by_id = {delivery.id: delivery for delivery in deliveries.deliveries_of_incident(tx, incident_id)}
        recorded = redactions.redactions_of_incident(tx, incident_id)
    return tuple(
        (redaction, tuple(by_id[id] for id in redaction.external_deliveries if id in by_id)) for redaction in recorded
    )


def _build_matcher(catalog: Catalog, text: str) -> RedactionMatcher:
    text = strip_invisible(text)
    if is_too_short(text):
        raise ActionRefused("redaction.short")
    labels = {language: pack.labels.get(LABEL_KEY, FALLBACK_LABEL) for language, pack in catalog.packs.items()}
    matcher = RedactionMatcher(search_pattern(text), labels, catalog.leading_pack.labels.get(LABEL_KEY, FALLBACK_LABEL))
    if any(matcher.is_found_in(prepared) for pack in catalog.packs.values() for prepared in _prepared_texts(pack)):
        raise ActionRefused("redaction.common")
    return matcher


def _prepared_texts(pack: LanguagePack) -> Iterator[Any]:
    """Prepared texts, which occur in many notices, and the drill marks, which surround all notices of a drill."""
    yield list(pack.phrases.values())
    yield [service.name for service in pack.services.values()]
    marks = pack.marks
    yield [pack.site, marks.start, marks.end, marks.word, marks.banner, pack.labels.get(LABEL_KEY, FALLBACK_LABEL)]


def _find_changes(env: Environment, tx: Connection, incident_id: str, matcher: RedactionMatcher) -> tuple[_Change, ...]:
    try:
        stored_words = [*redactions.stored_texts_of(tx, incident_id)]
    except KeyError as error:
        raise NoSuchIncident from error
    drill_ids = [stored.name for stored in stored_words if stored.record_type == "drill"]
    with env.databases.accounts.read() as accounts_tx:
        items = action_items.texts_of(accounts_tx, env.name, [incident_id, *drill_ids])
    stored_words += [StoredText(ACTION, (id,), texts, name=str(id)) for id, texts in items]
    swept = ((stored, *matcher.redact(stored.content)) for stored in stored_words)
    return tuple(_Change(stored, redacted_words, hits) for stored, redacted_words, hits in swept if hits)


def _find_places(
    home: Path,
    tx: Connection,
    incident_id: str,
    changes: tuple[_Change, ...],
    matcher: RedactionMatcher,
    text: str,
) -> RedactionPlaces:
    for change in changes:
        _refuse_mostly_redacted(change, matcher)
    places = [place for change in changes for place in _places(change.stored, change.hits)]
    for path in _sandbox_files(home, tx, incident_id):
        hits = matcher.redact(_file_text(path))[1]
        places += _places(StoredText("file", (), None, name=path.parent.name), hits)
    staff_channels = redactions.channels_used(tx, _changed_keys(changes, "call"))
    return RedactionPlaces(
        tuple(places),
        _carried_messages(tx, incident_id, changes),
        staff_channels,
        redactions.find_other_mentions(tx, incident_id, text),
    )


def _places(stored: StoredText, hits: tuple[Hit, ...]) -> Iterator[RedactionPlace]:
    for language, language_hits in groupby(sorted(hits, key=lambda hit: hit.language), key=lambda hit: hit.language):
        group = tuple(language_hits)
        yield RedactionPlace(stored.record_type, stored.number, stored.name, language, len(group), group[0])


def _refuse_mostly_redacted(change: _Change, matcher: RedactionMatcher) -> None:
    """Refuses a notice that would consist mostly of replacements; it should be withdrawn or corrected instead."""
    if change.stored.record_type != "notice":
        return
    for notice_text in change.stored.content["texts"].values():
        page_text = notice_text["media"].get("page", {}).get("body", "")
        hits = matcher.redact(page_text)[1]
        if len(hits) > MAX_OCCURRENCES and 2 * sum(len(hit.text) for hit in hits) > len(page_text):
            raise ActionRefused("redaction.too_much")


def _carried_messages(tx: Connection, incident_id: str, changes: tuple[_Change, ...]) -> tuple[Delivery, ...]:
    """Messages with the text that have been sent, or may have been."""
    touched = _changed_keys(changes, "delivery")
    candidates = (
        delivery
        for delivery in deliveries.deliveries_of_incident(tx, incident_id)
        if delivery.id in touched and delivery.channel != SITE
    )
    return tuple(delivery for delivery in candidates if delivery.status in _SENT_STATUSES or delivery.maybe_sent)


def _changed_keys(changes: tuple[_Change, ...], record_type: str) -> set[int]:
    return {change.stored.key[0] for change in changes if change.stored.record_type == record_type}


def _sandbox_files(home: Path, tx: Connection, incident_id: str) -> tuple[Path, ...]:
    """Files that a drill wrote instead of sending messages to customers or staff."""
    names = (
        f"*{incident_id}*",
        *(
            f"{notification_thread_key(notification_id)}-*"
            for notification_id in redactions.notification_ids_of(tx, incident_id)
        ),
    )
    return tuple(sorted(path for name in names for path in (home / "outbox").glob(f"*/{name}")))


def _file_text(path: Path) -> Any:
    """The content of the file: the values of JSON, otherwise the text."""
    text = path.read_text("utf-8", "replace")
    return json.loads(text) if path.suffix == ".json" else text


def _redact_file(path: Path, matcher: RedactionMatcher) -> None:
    redacted, hits = matcher.redact(_file_text(path))
    if hits:
        temporary = path.with_name(f".{path.name}.new")
        temporary.write_text(
            redacted if isinstance(redacted, str) else json.dumps(redacted, ensure_ascii=False, indent=2), "utf-8"
        )
        temporary.replace(path)
