"""The objects of the API: page, components, incidents with their updates."""

from __future__ import annotations

import hashlib
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from statuspage.domain import (
    Incident,
    LanguagePack,
    NoticeKind,
    RecordedNotice,
    State,
    StepKind,
    TimelineEntry,
    TimelineEvent,
)
from statuspage.rendering.site import urls
from statuspage.rendering.site.api import BEGINNING, Recent, changed
from statuspage.rendering.site.api.status_codes import CODES, impact, of_group
from statuspage.rendering.site.context import SiteContext
from statuspage.rendering.site.displayed_words import bare, site_clock, words_of
from statuspage.rendering.site.pages.current_status import current_states
from statuspage.rendering.site.pages.incident_view import displayed_state
from statuspage.rendering.site.templating import clean

Json = dict[str, Any]
_LETTERS = string.digits + string.ascii_lowercase
_OVER = ("resolved", "postmortem", "completed")


def moment(at: datetime) -> str:
    """A time as clients take it: UTC, with thousandths of a second."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def key(edition: SiteContext, *parts: str) -> str:
    """An id of twelve letters and digits; another for another world, and the same for ever after."""
    return _key("\0".join((edition.host, edition.catalog.leading.marks.feed, *parts)))


@lru_cache(maxsize=4096)
def _key(seed: str) -> str:
    number, letters = int.from_bytes(hashlib.sha256(seed.encode()).digest()), ""
    for _ in range(12):
        number, letter = divmod(number, 36)
        letters += _LETTERS[letter]
    return letters


def marked(book: LanguagePack, text: str) -> str:
    """The text between the marks of its world, once."""
    return clean(f"{book.marks.start}{bare(book, text)}{book.marks.end}")


def name_of(edition: SiteContext, incident: Incident) -> str:
    """The frozen title, as the newest notice has it."""
    book = edition.catalog.leading
    return marked(book, words_of(edition, book.language, incident, incident.notices[-1]).title)


def text_of(edition: SiteContext, incident: Incident, said: RecordedNotice) -> str:
    """What a notice said, as the feeds have it: with the zone its times are in."""
    return clean(words_of(edition, edition.catalog.leading.language, incident, said).media["feed"].body)


def incident_link(edition: SiteContext, incident: Incident) -> str:
    """The incident's own page."""
    return edition.reach(urls.incident_folder(edition.catalog.leading.language, incident.id))


def page(edition: SiteContext, recent: Recent) -> Json:
    """The page itself. ``updated_at`` moves when something is said, not when the front is renewed."""
    book = edition.catalog.leading
    return {
        "id": key(edition, "page"),
        "name": f"{book.marks.start}{book.site}",
        "url": edition.reach(""),
        "time_zone": edition.catalog.site.zone,
        "updated_at": moment(recent.updated),
    }


@dataclass(frozen=True, slots=True)
class Components:
    """All components: the list in its order, groups before their members; and each by its service's id."""

    listed: tuple[Json, ...]
    by_service: Mapping[str, Json]

    def codes(self) -> list[str]:
        """The states that count: those of services, not of groups."""
        return [str(one["status"]) for one in self.listed if not one["group"]]


def components(edition: SiteContext, recent: Recent) -> Components:
    """Every service in use with its present state, in its group; retired ones only for incidents that name them."""
    states = current_states(edition.catalog, recent.open)
    found: list[Json] = []
    known: dict[str, Json] = {}
    number = 0
    for group in edition.catalog.groups:
        members = [s for s in edition.catalog.services.values() if s.group == group and s.id in states]
        own = [
            _component(edition, recent, s.id, states[s.id], position=n, group=group) for n, s in enumerate(members, 1)
        ]
        known |= {service.id: one for service, one in zip(members, own, strict=True)}
        if own:
            number += 1
            found += [_group(edition, recent, group, own, number), *own]
    for service in edition.catalog.services.values():
        if service.id not in known:
            known[service.id] = _component(
                edition, recent, service.id, State.OPERATIONAL, position=0, group=service.group
            )
    return Components(tuple(found), known)


def _component(edition: SiteContext, recent: Recent, service: str, state: State, *, position: int, group: str) -> Json:
    first = recent.first or BEGINNING
    shown = edition.catalog.services[service]
    return {
        "id": key(edition, "service", shown.first_id),
        "name": edition.catalog.leading.services[service].name,
        "status": CODES[state],
        "created_at": moment(first),
        "updated_at": moment(recent.changed.get(service, first)),
        "position": position,
        "description": None,
        "showcase": not shown.retired,
        "start_date": _iso_day(edition, recent.first) if not shown.retired else None,
        "group_id": key(edition, "group", group),
        "page_id": key(edition, "page"),
        "group": False,
        "only_show_if_degraded": False,
    }


def _group(edition: SiteContext, recent: Recent, group: str, members: Sequence[Json], position: int) -> Json:
    return {
        "id": key(edition, "group", group),
        "name": edition.catalog.leading.groups[group],
        "status": of_group(str(member["status"]) for member in members),
        "created_at": moment(recent.first or BEGINNING),
        "updated_at": max(member["updated_at"] for member in members),
        "position": position,
        "description": None,
        "showcase": False,
        "start_date": None,
        "group_id": None,
        "page_id": key(edition, "page"),
        "group": True,
        "only_show_if_degraded": False,
        "components": [member["id"] for member in members],
    }


def _iso_day(edition: SiteContext, at: datetime | None) -> str | None:
    return site_clock(edition, edition.catalog.leading.language).on(at).isoformat() if at else None


def incident_object(edition: SiteContext, story: Incident, found: Components) -> Json:
    """An incident, or planned work, with its updates."""
    known = [found.by_service[s] for s in story.touched if s in found.by_service]
    told, status = story.notices, story.status
    watched = [n.recorded for n in told if n.notice.notice is NoticeKind.WATCHING]
    began = told[-1].notice.facts.started
    created = told[0].recorded
    body: Json = {
        "id": story.id,
        "name": name_of(edition, story),
        "status": status,
        "created_at": moment(created),
        "started_at": moment(min(created, began.at) if began and not story.maintenance else created),
        "updated_at": moment(_resolved_at(story) or changed(story)),
        "monitoring_at": moment(watched[-1]) if watched else None,
        "resolved_at": moment(_resolved_at(story) or changed(story)) if status in _OVER else None,
        "impact": impact(story),
        "shortlink": incident_link(edition, story),
        "page_id": key(edition, "page"),
        "incident_updates": _updates(edition, story)[::-1],
        "components": known,
    }
    plan = story.planned
    if not story.maintenance or plan is None:
        return {**body, "reminder_intervals": None}
    return {**body, "scheduled_for": moment(plan.start), "scheduled_until": moment(plan.end)}


def _resolved_at(story: Incident) -> datetime | None:
    """When it was closed without a word to customers, or told over; None while it goes on."""
    if story.shut:
        return max(r.recorded for r in story.entries if _closes(r))
    ends = (NoticeKind.RESOLVED, NoticeKind.WITHDRAWAL, NoticeKind.FINISHED, NoticeKind.CANCELLED)
    return (
        max((n.recorded for n in story.notices if n.notice.notice in ends), default=None) if story.told_over else None
    )


def _closes(recorded: TimelineEntry) -> bool:
    return isinstance(recorded.entry, TimelineEvent) and recorded.entry.step is StepKind.CLOSED


def at_each(story: Incident) -> list[Incident]:
    """The story as it was when each notice was published, oldest first."""
    sequences = [n.sequence for n in story.notices]
    return [replace(story, entries=tuple(r for r in story.entries if r.sequence <= last)) for last in sequences]


def _updates(edition: SiteContext, story: Incident) -> list[Json]:
    found: list[Json] = []
    before: Mapping[str, State] = {}
    for then, said in zip(at_each(story), story.notices, strict=True):
        after = {a.service: displayed_state(then, a.state) for a in then.affected}
        found.append(_update(edition, then, said, _turned(edition, before, after)))
        before = after
    return found


def _update(edition: SiteContext, then: Incident, said: RecordedNotice, turned: list[Json]) -> Json:
    return {
        "id": key(edition, "update", then.id, str(said.sequence)),
        "incident_id": then.id,
        "status": then.status,
        "body": text_of(edition, then, said),
        "created_at": moment(said.recorded),
        "updated_at": moment(said.recorded),
        "display_at": moment(said.happened),
        "affected_components": turned or None,
        "deliver_notifications": True,
        "custom_tweet": None,
        "tweet_id": None,
    }


def _turned(edition: SiteContext, before: Mapping[str, State], after: Mapping[str, State]) -> list[Json]:
    book, services = edition.catalog.leading, edition.catalog.services
    return [
        {
            "code": key(edition, "service", services[one].first_id),
            "name": f"{book.groups[services[one].group]} - {book.services[one].name}",
            "old_status": CODES[before.get(one, State.OPERATIONAL)],
            "new_status": CODES[after.get(one, State.OPERATIONAL)],
        }
        for one in dict.fromkeys((*before, *after))
        if one in services
    ]
